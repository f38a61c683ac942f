//! What has become of supervisors' findings.

use chrono::NaiveDate;
use dudao_platform::carry::Carry as _;
use dudao_platform::document::between;
use dudao_platform::error::Violations;
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, rpcs};
use dudao_proto::accountability::v1 as proto;
use proto::supervisor_closure_service_server::SupervisorClosureService;

use crate::api::Accountability;
use crate::domain::case::Case;

rpcs! { impl SupervisorClosureService for Accountability, in proto;
    get_supervisor_closure(GetSupervisorClosureRequest) -> SupervisorClosure = |me, caller, request| me.closure(caller, request);
}

impl Accountability {
    async fn closure(
        &self,
        caller: &Principal,
        asked: &proto::GetSupervisorClosureRequest,
    ) -> Result<proto::SupervisorClosure> {
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
        let cases =
            between::<Case>(&mut tx, &county, &from.to_string(), &until.to_string()).await?;
        let own = cases
            .iter()
            .filter(|case| case.content.team.contains(&asked.supervisor));
        let findings: Vec<_> = own.flat_map(|case| &case.content.findings).collect();
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(proto::SupervisorClosure {
            findings: count(findings.len()),
            closed: count(findings.iter().filter(|one| one.is_settled()).count()),
            overdue: count(findings.iter().filter(|one| one.is_late(today)).count()),
        })
    }
}
