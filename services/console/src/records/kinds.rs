//! Which kinds of records there are, and the RPCs of each, found in the contract.

use std::sync::LazyLock;

use dudao_platform::contract::{methods, roles};
use prost_reflect::{Kind as Shape, MessageDescriptor, MethodDescriptor};

use super::form::{self, Input};
use super::words;
use crate::frame::Frame;

/// Kinds that stand together on a page.
pub struct Group {
    pub zh: &'static str,
    pub en: &'static str,
    /// Their collections.
    pub kinds: &'static [&'static str],
}

/// Every kind, by what it is about.
pub const GROUPS: [Group; 5] = [
    Group {
        zh: "机构与制度",
        en: "Committee and rules",
        kinds: &[
            "committee",
            "memberUnits",
            "meetings",
            "progressReports",
            "rulesets",
            "calendars",
        ],
    },
    Group {
        zh: "学校与乡镇",
        en: "Schools and towns",
        kinds: &["schools", "towns", "plaques"],
    },
    Group {
        zh: "督学队伍",
        en: "Supervisors",
        kinds: &[
            "supervisors",
            "admissions",
            "trainings",
            "relations",
            "assessments",
        ],
    },
    Group {
        zh: "督导业务",
        en: "Inspection",
        kinds: &[
            "directives",
            "indicatorSets",
            "balanceReports",
            "objections",
            "filedReports",
        ],
    },
    Group {
        zh: "经费与表扬",
        en: "Money and praise",
        kinds: &[
            "budgetLines",
            "claims",
            "assessors",
            "contracts",
            "commendations",
        ],
    },
];

/// Collections whose records have a page of their own; here they are made and changed.
pub const OWN_PAGES: [&str; 10] = [
    "schools",
    "supervisors",
    "visits",
    "cases",
    "campaigns",
    "accountabilityDecisions",
    "complaints",
    "evaluations",
    "draws",
    "balanceReports",
];

/// Which service has a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Registry,
    Inspection,
    Accountability,
}

const PACKAGES: [(Service, &str); 3] = [
    (Service::Registry, "dudao.registry.v1"),
    (Service::Inspection, "dudao.inspection.v1"),
    (Service::Accountability, "dudao.accountability.v1"),
];

/// A kind of record.
#[derive(Clone, Debug)]
pub struct Collection {
    /// As names have it: `memberUnits`.
    pub id: &'static str,
    pub service: Service,
    pub message: MessageDescriptor,
    pub get: MethodDescriptor,
    /// None where a county has just one.
    pub list: Option<MethodDescriptor>,
    pub create: Option<MethodDescriptor>,
    pub update: Option<MethodDescriptor>,
    /// What takes a record further.
    pub steps: Vec<MethodDescriptor>,
}

impl Collection {
    /// The kind of a collection.
    pub fn named(collection: &str) -> Option<&'static Self> {
        static KNOWN: LazyLock<Vec<Collection>> = LazyLock::new(|| {
            let kinds = GROUPS.iter().flat_map(|group| group.kinds);
            kinds
                .filter_map(|kind| Collection::described(kind))
                .collect()
        });
        KNOWN.iter().find(|known| known.id == collection)
    }

    /// What the contract says of it.
    fn described(collection: &'static str) -> Option<Self> {
        let of = singular(collection);
        PACKAGES.into_iter().find_map(|(service, package)| {
            let methods = methods(package);
            let verb = |verb: &str| {
                let name = format!("{verb}{of}");
                methods.iter().find(|method| method.name() == name).cloned()
            };
            let get = verb("Get")?;
            let message = get.output();
            let own = methods.iter().filter(|method| method.output() == message);
            let has = |method: &MethodDescriptor, field| {
                method.input().get_field_by_name(field).is_some()
            };
            Some(Self {
                id: collection,
                service,
                list: methods
                    .iter()
                    .find(|method| lists(method, &message))
                    .cloned(),
                create: own.clone().find(|method| has(method, "parent")).cloned(),
                update: own
                    .clone()
                    .find(|method| has(method, "update_mask"))
                    .cloned(),
                steps: own
                    .filter(|method| has(method, "name") && **method != get)
                    .cloned()
                    .collect(),
                message,
                get,
            })
        })
    }

    /// What it is called.
    pub fn word(&self, t: &Frame) -> &'static str {
        words::kind(self.id, t)
    }

    /// Whether the visitor may look at records of it.
    pub fn may_read(&self, t: &Frame) -> bool {
        may(self.list.as_ref().unwrap_or(&self.get), t)
    }

    /// Where its records are, without the slash in front of a link.
    pub fn address(&self, county: &str) -> String {
        format!("{county}/records/{}", self.id)
    }

    /// The name of a record.
    pub fn name(&self, county: &str, code: &str) -> String {
        if self.list.is_none() {
            format!("{county}/{}", self.id)
        } else {
            format!("{county}/{}/{code}", self.id)
        }
    }

    /// The field of a request that holds a whole record.
    pub fn held(&self, method: &MethodDescriptor) -> Option<String> {
        method.input().fields().find_map(|field| {
            let holds = matches!(field.kind(), Shape::Message(message) if message == self.message);
            holds.then(|| field.name().to_owned())
        })
    }

    /// What of a record may be written.
    pub fn inputs(&self) -> Vec<Input> {
        let held = self.update.as_ref().or(self.create.as_ref());
        let held = held
            .and_then(|method| self.held(method))
            .unwrap_or_default();
        form::of_message(&self.message, &held)
    }

    /// What is asked for a new one: its code, where it may be chosen, and its fields.
    pub fn inputs_of_create(&self) -> Vec<Input> {
        let Some(method) = &self.create else {
            return Vec::new();
        };
        let held = self.held(method).unwrap_or_default();
        let request = method.input();
        let code = request.get_field_by_name(&format!("{held}_id"));
        let mut inputs: Vec<_> = code.map(|field| Input::code(&field)).into_iter().collect();
        inputs.extend(form::of_message(&self.message, &held));
        inputs
    }
}

/// Whether an RPC lists records of a message page by page.
fn lists(method: &MethodDescriptor, message: &MessageDescriptor) -> bool {
    let answer = method.output();
    answer.get_field_by_name("next_page_token").is_some()
        && answer
            .fields()
            .any(|field| matches!(field.kind(), Shape::Message(of) if of == *message))
        && method.input().get_field_by_name("parent").is_some()
}

/// Whether one of the visitor's roles may call an RPC.
pub fn may(method: &MethodDescriptor, t: &Frame) -> bool {
    t.has(&roles(method))
}

/// `memberUnits` as the contract's messages have it: `MemberUnit`.
fn singular(collection: &str) -> String {
    let one = collection.strip_suffix('s').unwrap_or(collection);
    let mut letters = one.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_has_every_kind_that_is_offered() {
        for name in GROUPS.iter().flat_map(|group| group.kinds) {
            let kind = Collection::named(name).unwrap_or_else(|| panic!("{name}"));
            assert!(kind.list.is_some() || *name == "committee", "{name}");
        }
    }
}
