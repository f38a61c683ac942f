//! What the inspection knows of a county's year.

use chrono::NaiveDate;
use dudao_platform::document::{Record, all, between, year_of};
use dudao_platform::error::Violations;
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{Result, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::inspection_year_service_server::InspectionYearService;

use super::Inspection;
use crate::domain::balance_report::BalanceReport;
use crate::domain::budget_line::BudgetLine;
use crate::domain::claim::Claim;
use crate::domain::evaluation::Evaluation;
use crate::domain::visit::Visit;
use crate::domain::year::{Dated, VisitsOfYear};

rpcs! { impl InspectionYearService for Inspection, in proto;
    get_inspection_year(GetInspectionYearRequest) -> InspectionYear = |me, caller, request| me.year(caller, request);
}

impl Inspection {
    async fn year(
        &self,
        caller: &Principal,
        asked: &proto::GetInspectionYearRequest,
    ) -> Result<proto::InspectionYear> {
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
        let law = self.registry.law(&county, None, today).await?;
        let (from, until) = year_of(asked.year);
        let mut tx = self.desk.context.db.begin_read().await?;
        let visits: Vec<_> = between::<Visit>(&mut tx, &county, &from, &until)
            .await?
            .into_iter()
            .map(|record| (record.name(), record.content))
            .collect();
        let evaluations = between::<Evaluation>(&mut tx, &county, &from, &until).await?;
        let reports = between::<BalanceReport>(&mut tx, &county, &from, &until).await?;
        let concluded = evaluations
            .iter()
            .filter_map(|one| Some((one.name(), one.content.conclude_date?)));
        let finished = reports
            .iter()
            .filter_map(|one| Some((one.name(), one.content.final_date?)));
        let mut monitoring: Vec<Dated> = concluded.chain(finished).collect();
        monitoring.sort_by_key(|(_, day)| *day);
        let lines = between::<BudgetLine>(&mut tx, &county, &from, &until).await?;
        let claims = all::<Claim>(&mut tx, &county).await?;
        let VisitsOfYear {
            comprehensive,
            government,
            joined_units,
            routine,
            random,
            unreported,
            unpublished,
            published,
        } = VisitsOfYear::of(&visits, &law);
        Ok(proto::InspectionYear {
            year: asked.year,
            comprehensive: dated(comprehensive),
            government: dated(government),
            joined_units: joined_units.into_iter().collect(),
            routine: routine
                .into_iter()
                .map(|(school, count)| proto::SchoolCount { school, count })
                .collect(),
            random: random.into_iter().collect(),
            unreported: unreported
                .into_iter()
                .map(|(visit, due)| proto::DueVisit {
                    visit,
                    due_date: due.as_ref().map(NaiveDate::to_string).unwrap_or_default(),
                })
                .collect(),
            unpublished,
            published: dated(published),
            monitoring: dated(monitoring),
            budget_lines: lines.iter().map(Record::name).collect(),
            open_claims: claims
                .iter()
                .filter(|claim| claim.content.is_open_in(asked.year))
                .map(Record::name)
                .collect(),
        })
    }
}

fn dated(all: Vec<Dated>) -> Vec<proto::Dated> {
    all.into_iter()
        .map(|(resource, day)| proto::Dated {
            resource,
            date: day.to_string(),
        })
        .collect()
}
