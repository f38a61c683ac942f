//! Many who read at once: each gets the own answer, and sees what was acknowledged before, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, House};
use futures::future::join_all;
use registry::school_service_client::SchoolServiceClient;
use tonic::{Code, Status};

fn schools(house: &House) -> SchoolServiceClient<Link> {
    limited!(SchoolServiceClient::new(house.link.clone()))
}

async fn read(house: &House, code: &str) -> Result<registry::School, Status> {
    let request = registry::GetSchoolRequest {
        name: format!("{COUNTY}/schools/{code}"),
    };
    let answer = schools(house).get_school(request).await;
    answer.map(tonic::Response::into_inner)
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn of_many_reads_at_once_each_gets_its_own(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        for n in 2..30 {
            let school = registry::School {
                display_name: format!("第{n}小学"),
                stage: registry::Stage::Primary.into(),
                place: Some(registry::Place { longitude: 112.8, latitude: 35.6 }),
                ..Default::default()
            };
            let request = registry::CreateSchoolRequest { parent: COUNTY.to_owned(), school_id: format!("S{n}"), school: Some(school), ..Default::default() };
            schools(house).create_school(request).await.unwrap();
        }
        // More than one statement takes, the same ones again and again, and some that do not exist.
        let codes: Vec<_> = (0..400).map(|at| format!("S{}", at * 7 % 37)).collect();
        let answers = join_all(codes.iter().map(|code| read(house, code))).await;
        for (code, answer) in codes.iter().zip(answers) {
            let n: u32 = code[1..].parse().unwrap();
            match answer {
                Ok(school) => assert_eq!(school.name, format!("{COUNTY}/schools/{code}")),
                Err(status) => assert!(status.code() == Code::NotFound && !(1..30).contains(&n), "{code}: {status}"),
            }
        }
    }

    async fn a_read_sees_what_was_acknowledged_before_it(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let noise = async {
            loop {
                join_all((0..40).map(|_| read(house, "S1"))).await;
            }
        };
        let writing = async {
            for pupils in 1..60 {
                let school = registry::School { name: format!("{COUNTY}/schools/S1"), pupils: Some(pupils), ..Default::default() };
                let request = registry::UpdateSchoolRequest { school: Some(school), ..Default::default() };
                schools(house).update_school(request).await.unwrap();
                assert_eq!(read(house, "S1").await.unwrap().pupils, Some(pupils));
            }
        };
        tokio::select! { () = noise => {}, () = writing => {} }
    }
}
