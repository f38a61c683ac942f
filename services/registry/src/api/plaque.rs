//! Plaques, and how they follow zones, people and schools.

use std::collections::BTreeMap;

use dudao_platform::error::{Result, Violations};
use dudao_platform::page;
use dudao_platform::request;
use dudao_platform::resource::{Resource as _, Stepped};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, call, clock, mirror, payload, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::plaque_service_server::PlaqueService;

use super::{Change, Registry, parse_county, parse_name, parse_parent};
use crate::domain::plaque::{Plaque, Wanted, follow};
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::zone::Zone;
use crate::store::{self, Filter, Record};

/// The most plaques of one print run.
const MAX_PRINTED: usize = 1_000;

mirror!(Plaque => proto::Plaque { } out {
    school, school_name, zone, supervisor, supervisor_name, phone, photo_uri, matters, edition, printed_edition, reprint_due,
    print_date, post_date, taken_down,
});

dudao_platform::resource!(Plaque => proto::Plaque, plaque, "plaque_id"; edit { };
    Created => proto::PlaqueIssued, Updated => proto::PlaqueChanged);

rpcs! { impl PlaqueService for Registry, in proto;
    get_plaque(GetPlaqueRequest) -> Plaque = |me, caller, request| me.desk.get::<Plaque>(caller, &request.name);
    list_plaques(ListPlaquesRequest) -> ListPlaquesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            subject: &request.supervisor,
            kinds: if request.reprint_due { ",待印制,".into() } else { "".into() },
            ..Filter::default()
        };
        let (plaques, next_page_token) = me.desk.list::<Plaque>(caller, &page, filter).await?;
        Ok(proto::ListPlaquesResponse { plaques, next_page_token })
    };
    post_plaque(PostPlaqueRequest) -> Plaque = |me, caller, request|
        me.desk.step::<Plaque, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let content = before.content.post(clock::day_of(tx.now_us())).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::PlaqueChanged, plaque, Plaque::to_message(after)))] })
        });
    print_plaques(PrintPlaquesRequest) -> PrintPlaquesResponse = |me, caller, request| me.print(caller, request);
}

impl Registry {
    /// Records that plaques were printed: those that are named, or all that are due.
    async fn print(
        &self,
        caller: &Principal,
        asked: &proto::PrintPlaquesRequest,
    ) -> Result<proto::PrintPlaquesResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let mut wrong = Violations::new();
        wrong.check(
            asked.names.len() <= MAX_PRINTED,
            "names",
            "一次最多 1000 块",
            "must be at most 1000",
        );
        wrong.into_result()?;
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let today = clock::day_of(tx.now_us());
                let chosen = if asked.names.is_empty() {
                    let all = store::all::<Plaque>(tx, &county).await?;
                    all.into_iter()
                        .filter(|one| one.content.reprint_due)
                        .collect()
                } else {
                    let mut chosen = Vec::with_capacity(asked.names.len());
                    for (at, name) in asked.names.iter().enumerate() {
                        let (of, code) =
                            parse_name::<Plaque>(caller, &format!("names[{at}]"), name)?;
                        if of != county {
                            return Err(dudao_platform::Error::not_found(name));
                        }
                        chosen.push(store::get::<Plaque>(tx, &county, &code).await?);
                    }
                    chosen
                };
                let mut printed = Vec::with_capacity(chosen.len());
                for record in chosen {
                    let content = record
                        .content
                        .print(today)
                        .map_err(|refusal| refusal.about(&record.name()))?;
                    printed.push(record.changed(tx, content));
                }
                let plaques = super::write(tx, caller.actor(), Change::Updated, &printed).await?;
                Ok(proto::PrintPlaquesResponse { plaques })
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }
}

/// The schools and supervisors of a county as they are about to be.
pub(crate) struct Faces {
    county: String,
    schools: BTreeMap<String, School>,
    supervisors: BTreeMap<String, Supervisor>,
}

impl Faces {
    /// As they are.
    pub(crate) async fn of(tx: &mut Tx, county: &str) -> Result<Self> {
        let schools = store::all::<School>(tx, county).await?;
        let supervisors = store::all::<Supervisor>(tx, county).await?;
        Ok(Self {
            county: county.to_owned(),
            schools: schools
                .into_iter()
                .map(|one| (one.code, one.content))
                .collect(),
            supervisors: supervisors
                .into_iter()
                .map(|one| (one.code, one.content))
                .collect(),
        })
    }

    /// With a school as it is about to be.
    #[must_use]
    pub(crate) fn with_school(mut self, school: &School) -> Self {
        self.schools.insert(school.code.to_string(), school.clone());
        self
    }

    /// With a supervisor as it is about to be.
    #[must_use]
    pub(crate) fn with_supervisor(mut self, supervisor: &Supervisor) -> Self {
        self.supervisors
            .insert(supervisor.code.to_string(), supervisor.clone());
        self
    }

    /// Lets every plaque of the county say what holds (arts. 五, 十七): new ones are issued, changed ones are to be printed
    /// again, those without a responsible supervisor are taken down.
    pub(crate) async fn renew_plaques(self, tx: &mut Tx, actor: &str) -> Result<()> {
        let Self {
            county,
            schools,
            supervisors,
        } = self;
        let mut hanging: BTreeMap<String, Record<Plaque>> = store::all::<Plaque>(tx, &county)
            .await?
            .into_iter()
            .map(|record| (record.code.clone(), record))
            .collect();
        let (mut issued, mut changed) = (Vec::new(), Vec::new());
        for (code, school) in &schools {
            let responsibility = school
                .responsibility
                .as_ref()
                .filter(|one| one.until.is_none() && school.is_open());
            let wanted = responsibility.and_then(|one| {
                let supervisor = supervisors
                    .get(&one.supervisor)
                    .filter(|one| one.is_in_office())?;
                Some(Wanted {
                    school_name: store::name::<School>(&county, code),
                    school,
                    zone: store::name::<Zone>(&county, &one.zone),
                    supervisor_name: store::name::<Supervisor>(&county, &one.supervisor),
                    supervisor,
                })
            });
            let before = hanging.remove(code);
            let Some(content) = follow(before.as_ref().map(|one| &one.content), wanted) else {
                continue;
            };
            match before {
                Some(record) => changed.push(record.changed(tx, content)),
                None => issued.push(Record::new(tx, &county, code, content)),
            }
        }
        super::write(tx, actor, Change::Created, &issued).await?;
        super::write(tx, actor, Change::Updated, &changed).await?;
        Ok(())
    }
}
