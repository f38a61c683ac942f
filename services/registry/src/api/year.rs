//! What the registry knows of a county's year.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use dudao_platform::document::year_of;
use dudao_platform::error::{Result, Violations};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::registry_year_service_server::RegistryYearService;

use super::supervisor::{staffing, staffing_message};
use super::{Registry, law, parse_county};
use crate::domain::assessment::Assessment;
use crate::domain::calendar::Calendar;
use crate::domain::committee::Committee;
use crate::domain::county::County;
use crate::domain::meeting::Meeting;
use crate::domain::member_unit::MemberUnit;
use crate::domain::plaque::Plaque;
use crate::domain::progress_report::ProgressReport;
use crate::domain::school::{School, Stage};
use crate::domain::supervisor::Supervisor;
use crate::domain::training::Training;
use crate::domain::year::{
    hangs, is_hearing, is_of_year, is_plenary, is_to_leading_group, is_trained, vacant_posts,
};
use crate::store::{self, Document, Record};

rpcs! { impl RegistryYearService for Registry, in proto;
    get_registry_year(GetRegistryYearRequest) -> RegistryYear = |me, caller, request| me.year(caller, request);
}

impl Registry {
    async fn year(
        &self,
        caller: &Principal,
        asked: &proto::GetRegistryYearRequest,
    ) -> Result<proto::RegistryYear> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let mut wrong = Violations::new();
        wrong.check(
            (2000..2100).contains(&asked.year),
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        );
        wrong.into_result()?;
        let today = self.desk.context.clock.today();
        let mut tx = self.desk.context.db.begin_read().await?;
        store::get::<County>(&mut tx, &county, &county).await?;
        gather(&mut tx, &county, asked.year, today).await
    }
}

async fn gather(
    tx: &mut Tx,
    county: &str,
    year: i32,
    today: NaiveDate,
) -> Result<proto::RegistryYear> {
    let calendar = store::find::<Calendar>(tx, county, &year.to_string()).await?;
    let committee = store::find::<Committee>(tx, county, Committee::COLLECTION)
        .await?
        .map_or_else(Committee::vacant, |record| record.content);
    let units: Vec<Record<MemberUnit>> = store::all::<MemberUnit>(tx, county)
        .await?
        .into_iter()
        .filter(|unit| unit.content.withdrawn_us.is_none())
        .collect();
    let meetings = of_year::<Meeting>(tx, county, year).await?;
    let reports = of_year::<ProgressReport>(tx, county, year).await?;
    let trainings = of_year::<Training>(tx, county, year).await?;
    let assessments = of_year::<Assessment>(tx, county, year).await?;
    let rules = law(tx, county, today).await?.rules;
    let required = rules.number("supervisor.training_hours")?;
    let plaques = store::all::<Plaque>(tx, county).await?;
    let schools = store::all::<School>(tx, county).await?;
    let people = store::all::<Supervisor>(tx, county).await?;
    let mut training: BTreeMap<&str, Vec<&Training>> = BTreeMap::new();
    for one in &trainings {
        training
            .entry(&one.content.supervisor)
            .or_default()
            .push(&one.content);
    }
    let assessed: BTreeSet<&str> = assessments
        .iter()
        .filter(|one| is_of_year(&one.content, year))
        .map(|one| one.content.supervisor.as_str())
        .collect();
    // Who took office after the year has no duties of it.
    let serving: Vec<String> = people
        .iter()
        .filter(|one| one.content.is_in_office() && one.content.term_start_date.year() <= year)
        .map(Record::name)
        .collect();
    let untrained = |name: &&String| {
        let mine = training.get(name.as_str()).into_iter().flatten().copied();
        !is_trained(mine, year, required)
    };
    Ok(proto::RegistryYear {
        year,
        vacant_posts: vacant_posts(&committee),
        working_rules: !committee.working_rules.trim().is_empty(),
        units: units.iter().map(Record::name).collect(),
        units_without_liaison: units
            .iter()
            .filter(|unit| unit.content.liaison.trim().is_empty())
            .map(Record::name)
            .collect(),
        plenaries: dated(&meetings, |one| is_plenary(one).then_some(one.date)),
        hearings: dated(&meetings, |one| is_hearing(one).then_some(one.date)),
        progress_reports: dated(&reports, |one| is_to_leading_group(one).then_some(one.date)),
        schools: schools
            .iter()
            .filter(|school| school.content.is_open())
            .map(|school| proto::OpenSchool {
                school: school.name(),
                kindergarten: school.content.stage == Stage::Kindergarten,
            })
            .collect(),
        staffing: Some(staffing_message(
            county,
            &staffing(&schools, &people, &rules, today)?,
        )),
        plaques_due: plaques
            .iter()
            .filter(|plaque| !hangs(&plaque.content))
            .map(Record::name)
            .collect(),
        untrained: serving.iter().filter(untrained).cloned().collect(),
        unassessed: serving
            .iter()
            .filter(|name| !assessed.contains(name.as_str()))
            .cloned()
            .collect(),
        supervisors: serving,
        teaching_months: calendar.map_or(0, |calendar| calendar.content.teaching_months() as i32),
    })
}

async fn of_year<T: Document>(tx: &mut Tx, county: &str, year: i32) -> Result<Vec<Record<T>>> {
    let (from, until) = year_of(year);
    let mut found = store::between::<T>(tx, county, &from, &until).await?;
    found.sort_by_key(|record| record.content.day());
    Ok(found)
}

fn dated<T: Document>(
    records: &[Record<T>],
    day: impl Fn(&T) -> Option<NaiveDate>,
) -> Vec<proto::Dated> {
    let chosen = records.iter().filter_map(|record| {
        let date = day(&record.content)?.to_string();
        Some(proto::Dated {
            resource: record.name(),
            date,
        })
    });
    chosen.collect()
}
