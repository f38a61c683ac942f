//! Points of risk by school.

use std::collections::HashMap;

use accountability::FindingState;
use accountability::ledger_service_client::LedgerServiceClient;
use chrono::{Months, NaiveDate};
use dudao_inquiry::refused;
use dudao_law::{Violations, Word as _};
use dudao_platform::document::all;
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, limited, page, rpcs};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use proto::risk_service_server::RiskService;
use registry::school_service_client::SchoolServiceClient;
use tonic::{Code, Status};

use super::Inspection;
use crate::domain::complaint::Complaint;
use crate::domain::evaluation::Evaluation;
use crate::domain::risk::{Facts, Risk, Weights, risk};
use crate::domain::visit::Visit;
use crate::domain::words::InspectionKind;

const PAGE: i32 = 1_000;
/// The states of the ledger in which a finding is not closed out.
const UNRESOLVED: [FindingState; 7] = [
    FindingState::Open,
    FindingState::Decided,
    FindingState::Reported,
    FindingState::Insufficient,
    FindingState::Passed,
    FindingState::Published,
    FindingState::Reopened,
];

rpcs! { impl RiskService for Inspection, in proto;
    get_risk(GetRiskRequest) -> Risk = |me, caller, request| async {
        let school = request.name.split_once("/risks/").map(|(county, code)| format!("{county}/schools/{code}"));
        let school = school.ok_or_else(|| Error::invalid("name", "名称须形如 counties/140525/risks/…", "must look like counties/140525/risks/…"))?;
        let parent = request.name.split("/risks/").next().unwrap_or_default();
        let ranked = me.ranked(caller, ("name", parent), &request.date).await?;
        ranked.into_iter().find(|one| one.school == school).ok_or_else(|| Error::not_found(&request.name))
    };
    list_risks(ListRisksRequest) -> ListRisksResponse = |me, caller, request| me.list_risks(caller, request);
}

/// Where a school stands in the list: the highest points first, in thousandths, then by name.
fn place(risk: &proto::Risk) -> (i64, String) {
    (-(risk.points * 1_000.0).round() as i64, risk.name.clone())
}

impl Inspection {
    async fn list_risks(
        &self,
        caller: &Principal,
        asked: &proto::ListRisksRequest,
    ) -> Result<proto::ListRisksResponse> {
        let page = page!(asked)?;
        let ranked = self
            .ranked(caller, ("parent", &asked.parent), &asked.date)
            .await?;
        let rows = ranked
            .into_iter()
            .filter(|risk| asked.town.is_empty() || risk.town == asked.town)
            .filter(|risk| page.after().is_none_or(|after| place(risk) > *after))
            .take(page.limit() as usize)
            .collect();
        let (risks, next_page_token) = page.cut(rows, place);
        Ok(proto::ListRisksResponse {
            risks,
            next_page_token,
        })
    }

    /// Every open school of a county that the caller sees, with its points, the highest first.
    async fn ranked(
        &self,
        caller: &Principal,
        (field, parent): (&str, &str),
        date: &str,
    ) -> Result<Vec<proto::Risk>> {
        let county = parse_county(caller, field, parent)?;
        let sight = self.desk.sight(caller).await?;
        let mut wrong = Violations::new();
        let today = self.desk.context.clock.today();
        let on = dudao_law::day(&mut wrong, "date", date).unwrap_or(today);
        wrong.into_result()?;
        self.registry.known_county(parent).await?;
        let law = self.registry.law(&county, None, today.max(on)).await?;
        let weights = Weights::of(&law.rules);
        let schools = self.schools(parent).await?;
        let mut known = self.ledger(parent).await?;
        self.of_our_own(&county, today, &weights, &mut known)
            .await?;
        let mut ranked: Vec<_> = schools
            .into_iter()
            .filter(|school| sight.sees_name(&school.name))
            .map(|school| {
                let mut facts = known.remove(&school.name).unwrap_or_default();
                let last: Option<NaiveDate> = school.last_inspection_date.parse().ok();
                facts.last_comprehensive = facts.last_comprehensive.max(last);
                facts.last_visit = facts.last_visit.max(last);
                // What a team has scored stands before the grade of the school list.
                facts.result = facts.result.or_else(|| share(school.last_grade()));
                message(school, &facts, risk(&facts, &weights, on), &weights, on)
            })
            .collect();
        ranked.sort_by_key(place);
        Ok(ranked)
    }

    async fn schools(&self, parent: &str) -> Result<Vec<registry::School>> {
        let mut client = limited!(SchoolServiceClient::new(self.registry.link.clone()));
        let mut schools = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = registry::ListSchoolsRequest {
                parent: parent.to_owned(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            };
            let page = client
                .list_schools(request)
                .await
                .map_err(|status| refused(status, parent))?
                .into_inner();
            schools.extend(
                page.schools
                    .into_iter()
                    .filter(|one| one.close_time.is_none()),
            );
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(schools);
            }
        }
    }

    /// What the accountability knows of findings by unit: pages of those not closed out, never a call for each school.
    async fn ledger(&self, parent: &str) -> Result<HashMap<String, Facts>> {
        let mut client = limited!(LedgerServiceClient::new(self.accountability.clone()));
        let mut known: HashMap<String, Facts> = HashMap::new();
        for state in UNRESOLVED {
            let mut page_token = String::new();
            loop {
                let request = accountability::ListLedgerRequest {
                    parent: parent.to_owned(),
                    page_size: PAGE,
                    page_token,
                    state: state.into(),
                    ..Default::default()
                };
                let page = client
                    .list_ledger(request)
                    .await
                    .map_err(away)?
                    .into_inner();
                for row in page.rows {
                    let facts = known.entry(row.unit).or_default();
                    facts.open += 1;
                    facts.overdue += u32::from(row.overdue_days > 0);
                    facts.reopened += u32::from(state == FindingState::Reopened);
                }
                page_token = page.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
        }
        Ok(known)
    }

    /// What this service knows: visits that were made, evaluations that were concluded, and complaints that count.
    async fn of_our_own(
        &self,
        county: &str,
        today: NaiveDate,
        weights: &Weights,
        known: &mut HashMap<String, Facts>,
    ) -> Result<()> {
        let since = today
            .checked_sub_months(Months::new(weights.complaint_months))
            .unwrap_or(today);
        let mut tx = self.desk.context.db.begin_read().await?;
        for visit in all::<Visit>(&mut tx, county).await? {
            let visit = visit.content;
            if !visit.is_made() {
                continue;
            }
            let day = Some(visit.last_day());
            let facts = known.entry(visit.target).or_default();
            facts.last_visit = facts.last_visit.max(day);
            if visit.kind == InspectionKind::Comprehensive {
                facts.last_comprehensive = facts.last_comprehensive.max(day);
            }
        }
        let mut evaluations: Vec<_> = all::<Evaluation>(&mut tx, county).await?;
        evaluations.sort_by_key(|one| one.content.conclude_date);
        for evaluation in evaluations {
            // The last one that the team has concluded stands.
            if let Some(result) = evaluation.content.share() {
                known.entry(evaluation.content.target).or_default().result = Some(result);
            }
        }
        for complaint in all::<Complaint>(&mut tx, county).await? {
            let complaint = complaint.content;
            if complaint.weighs() && complaint.file_date >= since {
                known.entry(complaint.target).or_default().complaints += 1;
            }
        }
        Ok(())
    }
}

/// The share of the best that a grade stands for.
fn share(grade: registry::Grade) -> Option<f64> {
    match grade {
        registry::Grade::Unspecified => None,
        registry::Grade::Excellent => Some(1.0),
        registry::Grade::Good => Some(2.0 / 3.0),
        registry::Grade::Pass => Some(1.0 / 3.0),
        registry::Grade::Fail => Some(0.0),
    }
}

fn message(
    school: registry::School,
    facts: &Facts,
    risk: Risk,
    weights: &Weights,
    on: NaiveDate,
) -> proto::Risk {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let code = school.name.rsplit('/').next().unwrap_or_default();
    let county = school.name.split("/schools/").next().unwrap_or_default();
    proto::Risk {
        name: format!("{county}/risks/{code}"),
        display_name: school.display_name.clone(),
        town: school.town.clone(),
        points: risk.points,
        ceiling: weights.ceiling(),
        factors: risk
            .factors
            .into_iter()
            .map(|factor| proto::RiskFactor {
                kind: factor.kind.number(),
                value: factor.value,
                weight: factor.weight,
                points: factor.points,
                words: factor.words,
                parameter: factor.parameter.to_owned(),
            })
            .collect(),
        last_visit_date: day(facts.last_visit),
        last_comprehensive_date: day(facts.last_comprehensive),
        date: on.to_string(),
        school: school.name,
    }
}

/// What a refusal of the accountability means: risk without findings would be wrong, so there is none.
fn away(status: Status) -> Error {
    if matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
    ) {
        Error::unavailable("the accountability can't be reached")
    } else {
        Error::internal(status)
    }
}
