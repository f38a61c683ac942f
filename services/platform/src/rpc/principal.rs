//! Who is calling, and what of the data is theirs.

use std::collections::BTreeSet;
use std::sync::Arc;

use dudao_proto::auth::v1::Role;

use super::act::Act;
use crate::document::Concerns;
use crate::error::{Error, Result};

/// Who somebody is: proven by a token, a certificate, or by having the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// As events name it; "" for nobody known.
    pub subject: String,
    /// What it may do.
    pub roles: Vec<Role>,
    /// It reaches counties whose code begins with this; "" is all of them.
    pub county_prefix: String,
    /// Full names of what is its own: its school, unit, town, or itself as a supervisor.
    pub own: Vec<String>,
    /// Until when it is proven, in microseconds since 1970.
    pub expires_us: Option<i64>,
}

impl Identity {
    /// Nobody known.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Who has the machine has every role.
    pub fn local() -> Self {
        Self {
            subject: "local".to_owned(),
            roles: (1..).map_while(|role| Role::try_from(role).ok()).collect(),
            ..Self::default()
        }
    }

    /// A service of the platform.
    pub fn service(name: &str) -> Self {
        Self {
            subject: format!("service/{name}"),
            roles: vec![Role::Service],
            ..Self::default()
        }
    }

    /// Whether it is a service of the platform, or has the machine: its calls are not counted.
    pub(super) fn is_inside(&self) -> bool {
        self.roles.contains(&Role::Service)
    }
}

/// Whether a role sees only what concerns its own, not the whole of its counties.
pub(super) fn is_narrow(role: Role) -> bool {
    matches!(
        role,
        Role::Supervisor | Role::UnitLiaison | Role::School | Role::Town
    )
}

/// Whether a name is one that a holder of a role may call its own. Who is both a supervisor and a school's head is the one
/// or the other, as the RPC says: nobody checks the own school.
fn is_of(role: Role, name: &str) -> bool {
    let its: &[&str] = match role {
        Role::Supervisor => &["supervisors"],
        Role::UnitLiaison => &["memberUnits"],
        // Supervised units that are no schools too.
        Role::School => &["schools", "memberUnits"],
        Role::Town => &["towns"],
        Role::Unspecified
        | Role::Planner
        | Role::ChiefSupervisor
        | Role::SuperiorReader
        | Role::SuperiorIssuer
        | Role::Auditor
        | Role::Operator
        | Role::Public
        | Role::Service => &[],
    };
    its.contains(&name.split('/').nth(2).unwrap_or_default())
}

/// How much of a county a call sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// All of it.
    Whole,
    /// What concerns the caller's own, as a holder of these roles.
    Own(Vec<Role>),
    /// What is for everyone: the RPC is, whoever calls it.
    Public,
}

/// Who is calling an RPC that admits them: the layer puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct Principal {
    identity: Arc<Identity>,
    /// For whom a service calls; "" for itself.
    on_behalf_of: String,
    width: Width,
}

impl Principal {
    pub(super) fn new(identity: Arc<Identity>, on_behalf_of: String, width: Width) -> Self {
        Self {
            identity,
            on_behalf_of,
            width,
        }
    }

    /// Who has the machine, calling without the layer.
    pub fn local() -> Self {
        Self::new(Arc::new(Identity::local()), String::new(), Width::Whole)
    }

    /// Who is calling this RPC.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self> {
        request
            .extensions()
            .get()
            .cloned()
            .ok_or_else(|| Error::internal("a call did not pass through the stack"))
    }

    /// As events name it.
    pub fn actor(&self) -> &str {
        &self.identity.subject
    }

    /// For whom the actor calls; "" for itself.
    pub fn on_behalf_of(&self) -> &str {
        &self.on_behalf_of
    }

    /// Who it is.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// The caller reaches counties whose code begins with this; "" is all of them.
    pub fn county_prefix(&self) -> &str {
        match &self.width {
            Width::Public => "",
            Width::Whole | Width::Own(_) => &self.identity.county_prefix,
        }
    }

    /// Refuses a county out of the caller's reach, as if it did not exist.
    pub fn reach(&self, county: &str) -> Result<()> {
        if county.starts_with(self.county_prefix()) {
            Ok(())
        } else {
            Act::note_out_of_reach();
            Err(Error::not_found(format!("counties/{county}")))
        }
    }

    /// What the caller sees of a county before its [`Territory`] is known.
    pub(crate) fn width(&self) -> Sight {
        match &self.width {
            Width::Whole => Sight::Whole,
            Width::Public => Sight::Public,
            Width::Own(roles) => {
                let own = self.identity.own.iter();
                let held = own.filter(|name| roles.iter().any(|role| is_of(*role, name)));
                Sight::Own(held.cloned().collect())
            }
        }
    }

    /// Whether it sees whole counties by this RPC.
    pub fn sees_all(&self) -> bool {
        self.width == Width::Whole
    }

    /// Whether it needs the personal data of those whom it may see: the office, and services for their work.
    pub fn needs_personal_data(&self) -> bool {
        let needing = [Role::Planner, Role::ChiefSupervisor, Role::Service];
        self.sees_all()
            && needing
                .iter()
                .any(|role| self.identity.roles.contains(role))
    }

    /// Whether it may speak for the school, town, unit or supervisor of this name: it is its own, not only in its territory.
    pub fn speaks_for(&self, name: &str) -> bool {
        self.width().sees_name(name)
    }

    /// Refuses who may not speak for the owner of this name.
    pub fn check_speaks_for(&self, name: &str) -> Result<()> {
        if self.speaks_for(name) {
            Ok(())
        } else {
            Err(Error::NotOwn {
                resource: name.to_owned(),
            })
        }
    }
}

/// What belongs to somebody beyond its own name: the schools of a town, those of a supervisor's zone.
#[tonic::async_trait]
pub trait Territory: Send + Sync + std::fmt::Debug {
    /// Full names of what belongs to the owner of this name.
    async fn of(&self, own: &str) -> Result<Vec<String>>;
}

/// What a caller sees of the counties in its reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of them.
    Whole,
    /// What concerns one of these names.
    Own(BTreeSet<String>),
    /// What is for everyone.
    Public,
}

impl Sight {
    /// Whether it sees what concerns these.
    pub fn sees(&self, concerns: &Concerns) -> bool {
        match (self, concerns) {
            (Self::Whole, _) | (_, Concerns::Public) | (Self::Own(_), Concerns::County) => true,
            (Self::Own(own), Concerns::Only(names)) => names.iter().any(|name| own.contains(name)),
            (Self::Public, Concerns::Office | Concerns::County | Concerns::Only(_))
            | (Self::Own(_), Concerns::Office) => false,
        }
    }

    /// Whether it sees what concerns this name.
    pub fn sees_name(&self, name: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Own(own) => own.contains(name),
            Self::Public => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUPERVISOR: &str = "counties/140525/supervisors/A";
    const SCHOOL: &str = "counties/140525/schools/S1";

    /// Who supervises, and heads a school besides.
    fn head_and_supervisor(width: Width) -> Principal {
        let identity = Identity {
            subject: "wang".to_owned(),
            roles: vec![Role::Supervisor, Role::School],
            county_prefix: "140525".to_owned(),
            own: vec![SUPERVISOR.to_owned(), SCHOOL.to_owned()],
            expires_us: None,
        };
        Principal::new(Arc::new(identity), String::new(), width)
    }

    #[test]
    fn nobody_checks_the_own_school_as_a_supervisor() {
        let caller = head_and_supervisor(Width::Own(vec![Role::Supervisor]));
        assert!(caller.speaks_for(SUPERVISOR));
        assert!(!caller.speaks_for(SCHOOL));
        let caller = head_and_supervisor(Width::Own(vec![Role::School]));
        assert!(caller.speaks_for(SCHOOL));
        assert!(!caller.speaks_for(SUPERVISOR));
        assert!(matches!(
            caller.check_speaks_for(SUPERVISOR),
            Err(Error::NotOwn { .. })
        ));
    }

    #[test]
    fn what_is_for_everyone_shows_the_own_no_more_than_others() {
        let caller = head_and_supervisor(Width::Public);
        assert!(!caller.speaks_for(SCHOOL) && !caller.sees_all());
        let sight = caller.width();
        assert!(sight.sees(&Concerns::Public));
        assert!(!sight.sees(&Concerns::Only(vec![SCHOOL.to_owned()])));
        assert!(!sight.sees(&Concerns::County));
    }

    #[test]
    fn the_own_is_seen_beside_what_is_for_the_county_but_not_the_office() {
        let sight = head_and_supervisor(Width::Own(vec![Role::School])).width();
        let other = "counties/140525/schools/S2".to_owned();
        assert!(sight.sees(&Concerns::Only(vec![other.clone(), SCHOOL.to_owned()])));
        assert!(!sight.sees(&Concerns::Only(vec![other])));
        assert!(!sight.sees(&Concerns::Only(Vec::new())));
        assert!(sight.sees(&Concerns::County));
        assert!(!sight.sees(&Concerns::Office));
        assert!(Sight::Whole.sees(&Concerns::Office));
    }
}
