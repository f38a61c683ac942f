//! A year's compliance from empty to complete, and what does not count.
#![allow(clippy::unwrap_used, reason = "tests")]

use accountability::DutyState;
use accountability::compliance_service_client::ComplianceServiceClient;
use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::accountability::v1 as accountability;
use dudao_tests::{COUNTY, House};

async fn clock(house: &House, year: i32) -> accountability::Compliance {
    let request = accountability::GetComplianceRequest {
        parent: COUNTY.to_owned(),
        year,
    };
    let mut client: ComplianceServiceClient<Link> =
        limited!(ComplianceServiceClient::new(house.link.clone()));
    client.get_compliance(request).await.unwrap().into_inner()
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn an_empty_year_shows_every_duty_as_due_or_overdue(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let year = clock(house, 2026).await;
        let overdue: Vec<_> = year.duties.iter().filter(|duty| duty.state() == DutyState::Overdue).map(|duty| duty.key.as_str()).collect();
        assert_eq!(overdue, ["committee.posts", "zones.coverage"], "the four supervisors suffice for one school");
        let commendation = year.duties.iter().find(|duty| duty.key == "commendation").unwrap();
        assert_eq!((commendation.state(), commendation.due_date.as_str()), (DutyState::Due, "2026-09-10"));
        house.on_day("2026-09-11");
        let year = clock(house, 0).await;
        let commendation = year.duties.iter().find(|duty| duty.key == "commendation").unwrap();
        assert_eq!(commendation.state(), DutyState::Overdue);
    }
}
