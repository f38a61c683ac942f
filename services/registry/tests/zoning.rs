//! Zones follow the scheduler's events.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::time::Duration;

use common::{COUNTY, House, new_school};
use dudao_platform::events::{Audit, verify};
use dudao_platform::on_both_databases;
use dudao_proto::registry::v1::zone_service_client::ZoneServiceClient;
use dudao_proto::registry::v1::{GetSchoolRequest, ListZonesRequest, School, Zone};
use dudao_proto::scheduler::v1::{
    PlannedSchool, PlannedSupervisor, PlannedZone, ZoningPlan, ZoningPlanActivated,
    ZoningPlanSuperseded,
};
use dudao_registry::MIGRATIONS;

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
