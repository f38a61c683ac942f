//! The compliance clock: gathers what the services have recorded of a year, and lets the domain judge it.

use chrono::{Datelike as _, NaiveDate};
use dudao_inquiry::refused;
use dudao_law::{Violations, Word as _};
use dudao_platform::carry::Carry as _;
use dudao_platform::document::{self, Filter, between, year_of};
use dudao_platform::error::{Error, Result};
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{limited, rpcs};
use dudao_proto::accountability::v1 as proto;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use inspection::inspection_year_service_client::InspectionYearServiceClient;
use proto::compliance_service_server::ComplianceService;
use registry::registry_year_service_client::RegistryYearServiceClient;

use super::Accountability;
use crate::domain::case::Case;
use crate::domain::commendation::Commendation;
use crate::domain::compliance::{Dated, Duty, DutyState, YearFacts, duties};

/// The most names of one list of an answer.
const MAX_NAMES: usize = 50;
/// The most cases of earlier years that are looked at.
const MAX_CASES: i64 = 100_000;

rpcs! { impl ComplianceService for Accountability, in proto;
    get_compliance(GetComplianceRequest) -> Compliance = |me, caller, request| me.compliance(caller, request);
}

impl Accountability {
    async fn compliance(
        &self,
        caller: &Principal,
        asked: &proto::GetComplianceRequest,
    ) -> Result<proto::Compliance> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let today = self.desk.context.clock.today();
        let year = if asked.year == 0 {
            today.year()
        } else {
            asked.year
        };
        let duties = self.duties(&county, year, today).await?;
        let count = |state| duties.iter().filter(|duty| duty.state == state).count() as i32;
        Ok(proto::Compliance {
            year,
            date: today.to_string(),
            done: count(DutyState::Done),
            due: count(DutyState::Due),
            overdue: count(DutyState::Overdue),
            duties: duties.into_iter().map(message).collect(),
        })
    }

    /// The duties of a county's year as of a day.
    pub(super) async fn duties(
        &self,
        county: &str,
        year: i32,
        today: NaiveDate,
    ) -> Result<Vec<Duty>> {
        let law = self.registry.law(county, None, today).await?;
        let parent = format!("counties/{county}");
        let mut facts = self.recorded_elsewhere(&parent, year).await?;
        self.recorded_here(county, year, today, &mut facts).await?;
        Ok(duties(year, &facts, &law, today)?)
    }

    /// What the registry and the inspection have recorded.
    async fn recorded_elsewhere(&self, parent: &str, year: i32) -> Result<YearFacts> {
        let people = limited!(RegistryYearServiceClient::new(self.registry.link.clone()))
            .get_registry_year(registry::GetRegistryYearRequest {
                parent: parent.to_owned(),
                year,
            })
            .await
            .map_err(|status| refused(status, parent))?
            .into_inner();
        let work = limited!(InspectionYearServiceClient::new(self.inspection.clone()))
            .get_inspection_year(inspection::GetInspectionYearRequest {
                parent: parent.to_owned(),
                year,
            })
            .await
            .map_err(|status| refused(status, parent))?
            .into_inner();
        let mut wrong = Violations::new();
        let mut on = |resource: String, date: String| Dated {
            resource,
            date: NaiveDate::take(date, &mut wrong, "date"),
        };
        let (kindergartens, schools): (Vec<_>, Vec<_>) =
            people.schools.into_iter().partition(|one| one.kindergarten);
        let staffing = people.staffing.unwrap_or_default();
        let mut of_registry = |all: Vec<registry::Dated>| -> Vec<Dated> {
            all.into_iter()
                .map(|one| on(one.resource, one.date))
                .collect()
        };
        let (plenaries, hearings, progress_reports) = (
            of_registry(people.plenaries),
            of_registry(people.hearings),
            of_registry(people.progress_reports),
        );
        let mut of_inspection = |all: Vec<inspection::Dated>| -> Vec<Dated> {
            all.into_iter()
                .map(|one| on(one.resource, one.date))
                .collect()
        };
        let facts = YearFacts {
            vacant_posts: people.vacant_posts,
            working_rules: people.working_rules,
            units: people.units,
            units_without_liaison: people.units_without_liaison,
            plenaries,
            hearings,
            progress_reports,
            schools: schools.into_iter().map(|one| one.school).collect(),
            kindergartens: kindergartens.into_iter().map(|one| one.school).collect(),
            teaching_months: people.teaching_months.unsigned_abs(),
            supervisors_required: staffing.required.unsigned_abs(),
            supervisors_missing: staffing.missing.unsigned_abs(),
            uncovered: staffing.uncovered_schools,
            plaques_due: people.plaques_due,
            supervisors: people.supervisors,
            untrained: people.untrained,
            unassessed: people.unassessed,
            comprehensive: of_inspection(work.comprehensive),
            government: of_inspection(work.government),
            joined_units: work.joined_units,
            routine: work
                .routine
                .into_iter()
                .map(|one| (one.school, one.count.unsigned_abs()))
                .collect(),
            random: work.random,
            unreported: work
                .unreported
                .into_iter()
                .map(|one| (one.visit, one.due_date.parse().ok()))
                .collect(),
            unpublished: work.unpublished,
            published: of_inspection(work.published),
            monitoring: of_inspection(work.monitoring),
            budget_lines: work.budget_lines,
            open_claims: work.open_claims,
            ..YearFacts::default()
        };
        wrong
            .into_result()
            .map_err(|wrong| Error::internal(wrong.to_string()))?;
        Ok(facts)
    }

    /// What is recorded here: the cases of the year, those from before that are still open, and the commendation.
    async fn recorded_here(
        &self,
        county: &str,
        year: i32,
        today: NaiveDate,
        facts: &mut YearFacts,
    ) -> Result<()> {
        let (from, until) = year_of(year);
        let mut tx = self.desk.context.db.begin_read().await?;
        let mut cases = between::<Case>(&mut tx, county, &from, &until).await?;
        // What earlier years have left open is this year's to do.
        let before = Filter {
            county,
            until: &last_day_before(year),
            limit: MAX_CASES,
            ..Filter::default()
        };
        cases.extend(document::list::<Case>(&mut tx, &before).await?);
        for record in cases {
            let (name, case) = (record.name(), &record.content);
            if case.lacks_decision() {
                facts.undecided.push(name.clone());
            }
            if let Some(proposal) = case.proposal(today) {
                facts.proposed.push((proposal.step.article(), name.clone()));
            }
            if case.lacks_look_back() {
                facts.not_looked_back.push(name.clone());
            }
            if case.interviews.iter().any(|one| one.filings.is_empty()) {
                facts.unfiled_interviews.push(name.clone());
            }
            facts.cases.push(name);
        }
        let round = document::find::<Commendation>(&mut tx, county, &year.to_string()).await?;
        facts.commendation = round.and_then(|round| {
            let decision = round.content.decision.as_ref()?;
            Some(Dated {
                resource: round.name(),
                date: decision.date,
            })
        });
        Ok(())
    }
}

/// The last day before a year, as lists choose by.
fn last_day_before(year: i32) -> String {
    format!("{:04}-12-31", year - 1)
}

fn message(duty: Duty) -> proto::Duty {
    let Duty {
        key,
        article,
        zh,
        en,
        state,
        due_date,
        done_date,
        done,
        required,
        mut evidence,
        mut missing,
    } = duty;
    evidence.truncate(MAX_NAMES);
    missing.truncate(MAX_NAMES);
    proto::Duty {
        key: key.to_owned(),
        article: article.to_owned(),
        title: zh,
        title_en: en,
        state: state.number(),
        due_date: due_date.to_string(),
        done_date: done_date.carry(),
        done: done as i32,
        required: required as i32,
        evidence,
        missing,
    }
}
