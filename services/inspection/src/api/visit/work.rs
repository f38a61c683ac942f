//! What supervisors have done.

use chrono::NaiveDate;
use dudao_platform::carry::Carry as _;
use dudao_platform::error::Violations;
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::supervisor_work_service_server::SupervisorWorkService;

use super::in_days;
use crate::api::Inspection;
use crate::domain::finding::Finding;
use crate::domain::visit::work;

rpcs! { impl SupervisorWorkService for Inspection, in proto;
    get_supervisor_work(GetSupervisorWorkRequest) -> SupervisorWork = |me, caller, request| me.work(caller, request);
}

impl Inspection {
    async fn work(
        &self,
        caller: &Principal,
        asked: &proto::GetSupervisorWorkRequest,
    ) -> Result<proto::SupervisorWork> {
        let Some((parent, _)) = asked.supervisor.split_once("/supervisors/") else {
            return Err(Error::invalid(
                "supervisor",
                "名称须形如 counties/140525/supervisors/…",
                "must look like counties/140525/supervisors/…",
            ));
        };
        let county = parse_county(caller, "supervisor", parent)?;
        let mut wrong = Violations::new();
        let from = NaiveDate::take(asked.start_date.clone(), &mut wrong, "start_date");
        let until = NaiveDate::take(asked.end_date.clone(), &mut wrong, "end_date");
        wrong.into_result()?;
        let today = self.desk.context.clock.today();
        let mut tx = self.desk.context.db.begin_read().await?;
        let visits = in_days(&mut tx, &county, from, until).await?;
        let visits: Vec<_> = visits.into_iter().map(|visit| visit.content).collect();
        let done = work(&visits, &asked.supervisor, today);
        let findings = dudao_platform::document::all::<Finding>(&mut tx, &county).await?;
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(proto::SupervisorWork {
            visits_due: count(done.visits_due),
            visits_made: count(done.visits_made),
            reports_due: count(done.reports_due),
            reports_on_time: count(done.reports_on_time),
            findings: count(
                findings
                    .iter()
                    .filter(|finding| finding.content.recorded_by == asked.supervisor)
                    .count(),
            ),
        })
    }
}
