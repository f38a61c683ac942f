//! Relations, and who must avoid whom.

use dudao_law::check_past;
use dudao_platform::error::{Error, Result, Violations};
use dudao_platform::page;
use dudao_platform::resource::{self, Resource as _, Stepped};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, call, clock, mirror, payload, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::relation_service_server::RelationService;

use super::{Registry, in_known_county, law, parse_county, parse_parent};
use crate::domain::member_unit::MemberUnit;
use crate::domain::relation::{ARTICLE, Avoided, Relation, Unit, avoided};
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::store::{self, Document, Filter, Record};

/// The most supervisors of one question.
const MAX_ASKED: usize = 1_000;

mirror!(Relation => proto::Relation {
    supervisor, unit, kind as word, person, end_date, declared_by, declare_date, note,
} out { ended, end_reason });

dudao_platform::resource!(Relation => proto::Relation, relation, "relation_id"; edit { };
    Created => proto::RelationDeclared, Updated => proto::RelationDeclared, Ended => proto::RelationEnded);

rpcs! { impl RelationService for Registry, in proto;
    create_relation(CreateRelationRequest) -> Relation = |me, caller, request|
        me.desk.create_one::<Relation, _>(call!(caller, request), &request.parent, &request.relation_id, request.relation.as_ref(), async |tx: &mut Tx, records: &mut [Record<Relation>]| {
            in_known_county(tx, records).await?;
            for record in records {
                admit(tx, &record.county, &record.content).await?;
            }
            Ok(())
        });
    get_relation(GetRelationRequest) -> Relation = |me, caller, request| me.desk.get::<Relation>(caller, &request.name);
    list_relations(ListRelationsRequest) -> ListRelationsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            subject: &request.supervisor,
            place: &request.unit,
            ended: request.show_ended,
            ..Filter::default()
        };
        let (relations, next_page_token) = me.desk.list::<Relation>(caller, &page, filter).await?;
        Ok(proto::ListRelationsResponse { relations, next_page_token })
    };
    end_relation(EndRelationRequest) -> Relation = |me, caller, request|
        me.desk.step::<Relation, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().end(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::RelationEnded, relation, Relation::to_message(after)))] })
        });
    check_avoidance(CheckAvoidanceRequest) -> CheckAvoidanceResponse = |me, caller, request| me.avoidance(caller, request);
}

/// Refuses a relation of people and units that the county doesn't know, and days ahead.
async fn admit(tx: &mut Tx, county: &str, relation: &Relation) -> Result<()> {
    let today = clock::day_of(tx.now_us());
    let mut wrong = Violations::new();
    known_supervisor(tx, &mut wrong, "supervisor", county, &relation.supervisor).await?;
    let unit = &relation.unit;
    let known = is::<School>(tx, county, unit).await?
        || is::<Town>(tx, county, unit).await?
        || is::<MemberUnit>(tx, county, unit).await?;
    wrong.check(
        known,
        "unit",
        "本县没有这一学校、乡镇或成员单位",
        "must be a school, town or member unit of the county",
    );
    check_past(&mut wrong, "declare_date", relation.declare_date, today);
    if let Some(left) = relation.end_date {
        check_past(&mut wrong, "end_date", left, today);
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(resource::inside(wrong, "relation.", Relation::ID, ""))
    }
}

/// Whether a name is that of a resource of the county.
async fn is<T: Document>(tx: &mut Tx, county: &str, name: &str) -> Result<bool> {
    let code = name
        .strip_prefix(&store::name::<T>(county, ""))
        .filter(|code| !code.is_empty());
    Ok(match code {
        Some(code) => store::find::<T>(tx, county, code).await?.is_some(),
        None => false,
    })
}

/// Adds a violation unless a name is that of a supervisor of the county.
pub(super) async fn known_supervisor(
    tx: &mut Tx,
    wrong: &mut Violations,
    field: &str,
    county: &str,
    name: &str,
) -> Result<()> {
    let known = is::<Supervisor>(tx, county, name).await?;
    wrong.check(
        known,
        field,
        "本县没有这位督学",
        "must be a supervisor of the county",
    );
    Ok(())
}

impl Registry {
    async fn avoidance(
        &self,
        caller: &Principal,
        asked: &proto::CheckAvoidanceRequest,
    ) -> Result<proto::CheckAvoidanceResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let mut wrong = Violations::new();
        wrong.check(
            (1..=MAX_ASKED).contains(&asked.supervisors.len()),
            "supervisors",
            "须为 1 至 1000 人",
            "must be 1 to 1000",
        );
        let on = dudao_law::day(&mut wrong, "date", &asked.date);
        wrong.into_result()?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let on = on.unwrap_or_else(|| self.desk.context.clock.today());
        let law = law(&mut tx, &county, on).await?;
        let units = units(&mut tx, &county).await?;
        let relations = store::all::<Relation>(&mut tx, &county).await?;
        let mut avoidances = Vec::new();
        for name in &asked.supervisors {
            let code = name
                .strip_prefix(&store::name::<Supervisor>(&county, ""))
                .unwrap_or_default();
            // Whom colleagues must avoid is nobody's but theirs.
            let found = store::find::<Supervisor>(&mut tx, &county, code).await?;
            let Some(person) = found.filter(|_| caller.speaks_for(name)) else {
                return Err(Error::not_found(name));
            };
            let declared = relations
                .iter()
                .filter(|relation| relation.content.supervisor == *name)
                .map(|relation| (relation.name(), &relation.content));
            let all = avoided(&person.content, declared, &units, on, &law);
            avoidances.extend(
                all.into_iter()
                    .filter(|one| asked.units.is_empty() || asked.units.contains(&one.unit))
                    .map(|one| message(name, one)),
            );
        }
        Ok(proto::CheckAvoidanceResponse { avoidances })
    }
}

fn message(supervisor: &str, avoided: Avoided) -> proto::Avoidance {
    proto::Avoidance {
        supervisor: supervisor.to_owned(),
        unit: avoided.unit,
        kind: dudao_law::Word::number(avoided.kind),
        relation: avoided.relation,
        reason: avoided.zh,
        reason_en: avoided.en,
        article: ARTICLE.to_owned(),
    }
}

/// Every unit that people may have to avoid.
async fn units(tx: &mut Tx, county: &str) -> Result<Vec<Unit>> {
    let schools = store::all::<School>(tx, county)
        .await?
        .into_iter()
        .map(|school| Unit {
            name: school.name(),
            code: school.code,
            display_name: school.content.display_name,
        });
    let members = store::all::<MemberUnit>(tx, county)
        .await?
        .into_iter()
        .map(|unit| Unit {
            name: unit.name(),
            code: String::new(),
            display_name: unit.content.display_name,
        });
    Ok(schools.chain(members).collect())
}
