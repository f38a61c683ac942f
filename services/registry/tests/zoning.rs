//! Zones follow the scheduler's events.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::time::Duration;

use common::{COUNTY, House, new_school};
use dudao_platform::events::{Audit, verify};
use dudao_platform::on_both_databases;
use dudao_proto::registry::v1::plaque_service_client::PlaqueServiceClient;
use dudao_proto::registry::v1::zone_service_client::ZoneServiceClient;
use dudao_proto::registry::v1::{
    CreateSupervisorRequest, DismissSupervisorRequest, Employment, GetPlaqueRequest,
    GetSchoolRequest, ListPlaquesRequest, ListZonesRequest, Place, PostPlaqueRequest,
    PrintPlaquesRequest, School, Stage, Supervisor, UpdateSupervisorRequest, Zone,
};
use dudao_proto::scheduler::v1::{
    PlannedSchool, PlannedSupervisor, PlannedZone, ZoningPlan, ZoningPlanActivated,
    ZoningPlanSuperseded,
};
use dudao_registry::MIGRATIONS;
use tonic::Code;

/// A plan of one zone: each school with its supervisor.
fn plan(name: &str, schools: &[(&str, &str)]) -> ZoningPlan {
    let zone = PlannedZone {
        zone_id: "z1".to_owned(),
        display_name: "第1督学责任区".to_owned(),
        supervisors: vec![PlannedSupervisor {
            supervisor: format!("{COUNTY}/supervisors/D1"),
            ..Default::default()
        }],
        schools: schools
            .iter()
            .map(|(school, supervisor)| PlannedSchool {
                school: format!("{COUNTY}/schools/{school}"),
                supervisor: format!("{COUNTY}/supervisors/{supervisor}"),
                ..Default::default()
            })
            .collect(),
    };
    ZoningPlan {
        name: format!("{COUNTY}/zoningPlans/{name}"),
        zones: vec![zone],
        ..Default::default()
    }
}

fn activated(plan: ZoningPlan) -> ZoningPlanActivated {
    ZoningPlanActivated {
        zoning_plan: Some(plan),
    }
}

fn superseded(plan: ZoningPlan) -> ZoningPlanSuperseded {
    ZoningPlanSuperseded {
        zoning_plan: Some(ZoningPlan {
            zones: vec![],
            ..plan
        }),
    }
}

impl House {
    async fn zones(&self) -> Vec<Zone> {
        let request = ListZonesRequest {
            parent: COUNTY.to_owned(),
            ..Default::default()
        };
        ZoneServiceClient::new(self.link.clone())
            .list_zones(request)
            .await
            .unwrap()
            .into_inner()
            .zones
    }

    async fn school(&self, code: &str) -> School {
        self.schools()
            .get_school(GetSchoolRequest {
                name: format!("{COUNTY}/schools/{code}"),
            })
            .await
            .unwrap()
            .into_inner()
    }

    /// Waits until the zones are those of this plan; "" waits until there are none.
    async fn adopted(&self, plan: &str) {
        for _ in 0..500 {
            let zones = self.zones().await;
            if zones
                .first()
                .map_or("", |zone| zone.plan.rsplit('/').next().unwrap())
                == plan
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the zones of {plan:?} were not adopted");
    }
}

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

on_both_databases! { "registry", &MIGRATIONS;
    async fn an_active_plan_becomes_the_zones_and_an_unchanged_supervisor_keeps_the_day(scratch) {
        let house = House::with_county(&scratch).await;
        for code in ["1", "2", "3"] {
            house.schools().create_school(new_school(code)).await.unwrap();
        }
        let first = plan("p1", &[("1", "D1"), ("2", "D2")]);
        house.scheduled(&activated(first.clone())).await;
        house.adopted("p1").await;
        let school = house.school("1").await;
        assert_eq!(school.zone, "counties/140525/zones/z1");
        assert_eq!(school.responsible_supervisor, "counties/140525/supervisors/D1");
        assert_eq!(school.responsible_since, "2026-09-01");
        assert_eq!(house.school("3").await.zone, "");
        assert_eq!(house.zones().await[0].schools.len(), 2);

        // The next plan, ten days later: school 1 keeps its supervisor, school 2 changes, school 3 is new.
        house.scheduler.clock.advance(10 * DAY_US);
        house.scheduled(&superseded(first)).await;
        let second = plan("p2", &[("1", "D1"), ("2", "D1"), ("3", "D2")]);
        house.scheduled(&activated(second.clone())).await;
        house.adopted("p2").await;
        assert_eq!(house.school("1").await.responsible_since, "2026-09-01");
        assert_eq!(house.school("2").await.responsible_since, "2026-09-11");
        assert_eq!(house.school("3").await.responsible_since, "2026-09-11");

        // Out of force without another: nobody is responsible, and after a break the day starts anew.
        house.scheduled(&superseded(second)).await;
        house.adopted("").await;
        let school = house.school("1").await;
        assert_eq!((school.zone.as_str(), school.responsible_supervisor.as_str(), school.responsible_since.as_str()), ("", "", ""));
        house.scheduler.clock.advance(30 * DAY_US);
        house.scheduled(&activated(plan("p3", &[("1", "D1")]))).await;
        house.adopted("p3").await;
        assert_eq!(house.school("1").await.responsible_since, "2026-10-11");
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Whole { .. }));
    }

    async fn article_17_plaques_follow_the_zones_and_are_printed_again_when_the_supervisor_or_the_phone_changes(scratch) {
        let house = House::with_county(&scratch).await;
        house.schools().create_school(new_school("1")).await.unwrap();
        for (code, who) in [("D1", "张督学"), ("D2", "李督学")] {
            let person = Supervisor {
                display_name: who.to_owned(),
                employment: Employment::FullTime.into(),
                stages: vec![Stage::Primary.into()],
                base: Some(Place { longitude: 112.9, latitude: 35.5 }),
                term_start_date: "2025-09-01".to_owned(),
                phone: "0356-1".to_owned(),
                ..Default::default()
            };
            let request = CreateSupervisorRequest { parent: COUNTY.to_owned(), supervisor_id: code.to_owned(), supervisor: Some(person), ..Default::default() };
            house.supervisors().create_supervisor(request).await.unwrap();
        }
        let mut plaques = PlaqueServiceClient::new(house.link.clone());
        let name = format!("{COUNTY}/plaques/1");
        let first = plan("p1", &[("1", "D1")]);
        house.scheduled(&activated(first.clone())).await;
        house.adopted("p1").await;
        let issued = plaques.get_plaque(GetPlaqueRequest { name: name.clone() }).await.unwrap().into_inner();
        assert_eq!((issued.supervisor_name.as_str(), issued.phone.as_str(), issued.edition, issued.reprint_due), ("张督学", "0356-1", 1, true));
        assert_eq!(issued.matters.len(), 8);
        let post = || PostPlaqueRequest { name: name.clone(), ..Default::default() };
        assert_eq!(plaques.post_plaque(post()).await.unwrap_err().code(), Code::FailedPrecondition);
        let print = |id: &str| PrintPlaquesRequest { parent: COUNTY.to_owned(), request_id: id.to_owned(), ..Default::default() };
        assert_eq!(plaques.print_plaques(print("r1")).await.unwrap().into_inner().plaques.len(), 1);
        assert_eq!(plaques.print_plaques(print("r1")).await.unwrap().into_inner().plaques.len(), 1, "a retry gets the same answer");
        assert!(plaques.print_plaques(print("r2")).await.unwrap().into_inner().plaques.is_empty());
        plaques.post_plaque(post()).await.unwrap();

        let moved = Supervisor { name: format!("{COUNTY}/supervisors/D1"), phone: "0356-2".to_owned(), ..Default::default() };
        house.supervisors().update_supervisor(UpdateSupervisorRequest { supervisor: Some(moved), ..Default::default() }).await.unwrap();
        let due = ListPlaquesRequest { parent: COUNTY.to_owned(), reprint_due: true, ..Default::default() };
        let listed = plaques.list_plaques(due).await.unwrap().into_inner().plaques;
        assert_eq!((listed[0].phone.as_str(), listed[0].edition, listed[0].printed_edition), ("0356-2", 2, 1));

        let second = plan("p2", &[("1", "D2")]);
        house.scheduled(&superseded(first)).await;
        house.scheduled(&activated(second.clone())).await;
        house.adopted("p2").await;
        let handed = plaques.get_plaque(GetPlaqueRequest { name: name.clone() }).await.unwrap().into_inner();
        assert_eq!((handed.supervisor_name.as_str(), handed.taken_down), ("李督学", false));
        house.supervisors().dismiss_supervisor(DismissSupervisorRequest { name: format!("{COUNTY}/supervisors/D2"), reason: "调离".to_owned(), ..Default::default() }).await.unwrap();
        let down = plaques.get_plaque(GetPlaqueRequest { name: name.clone() }).await.unwrap().into_inner();
        assert!(down.taken_down && !down.reprint_due);
        assert_eq!(plaques.post_plaque(post()).await.unwrap_err().code(), Code::FailedPrecondition);
    }

    async fn a_plan_of_an_unknown_county_does_not_hold_up_the_next(scratch) {
        let house = House::empty(&scratch).await;
        house.scheduled(&activated(plan("p0", &[]))).await;
        // A plan that is not in force goes out of force: nothing happens.
        house.scheduled(&superseded(plan("p9", &[]))).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.counties().create_county(common::county("140525", "")).await.unwrap();
        house.schools().create_school(new_school("1")).await.unwrap();
        house.scheduled(&activated(plan("p1", &[("1", "D1")]))).await;
        house.adopted("p1").await;
    }
}
