//! A random draw over gRPC on both databases, checked by a second implementation.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

use dudao_inspection::domain::draw::record::commitment;
use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::inspection::v1 as proto;
use dudao_tests::{COUNTY, House, reasons};
use proto::DrawState;
use proto::draw_service_client::DrawServiceClient;

const PARTIES: [(&str, &str); 2] = [
    ("县督导办", "东风夜放花千树"),
    ("县市场监管局", "更吹落星如雨"),
];

fn draws(house: &House) -> DrawServiceClient<Link> {
    limited!(DrawServiceClient::new(house.link.clone()))
}

async fn record(house: &House) -> Result<proto::DrawRecord, tonic::Status> {
    let name = format!("{COUNTY}/draws/d1");
    let answer = draws(house)
        .get_draw_record(proto::GetDrawRecordRequest { name })
        .await?;
    Ok(answer.into_inner())
}

/// A step of the draw `d1`.
macro_rules! step {
    ($house:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        draws($house).$rpc(proto::$request { name: format!("{COUNTY}/draws/d1"), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

async fn announce(house: &House) {
    house.on_day("2026-09-01");
    let draw = proto::Draw {
        display_name: "2026年秋季随机督导".to_owned(),
        parties: PARTIES
            .map(|(party, _)| proto::DrawParty {
                party: party.to_owned(),
                ..Default::default()
            })
            .to_vec(),
        strata: vec![proto::DrawStratum {
            stratum: "学校".to_owned(),
            stages: vec!["小学".to_owned()],
            share: 0.05,
            count: 1,
        }],
        officers_per_object: 2,
        rotation_years: 1,
        reveal_due_date: "2026-09-10".to_owned(),
        ..Default::default()
    };
    let request = proto::CreateDrawRequest {
        parent: COUNTY.to_owned(),
        draw_id: "d1".to_owned(),
        draw: Some(draw),
        ..Default::default()
    };
    draws(house).create_draw(request).await.unwrap();
    for (party, secret) in PARTIES {
        step!(
            house,
            commit_secret,
            CommitSecretRequest {
                party: party.to_owned(),
                commitment: commitment(secret)
            }
        )
        .unwrap();
    }
}

/// Runs the second implementation on a record.
fn verify(record: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.json");
    std::fs::write(&file, record).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_draw.py");
    Command::new("python3")
        .arg(script)
        .arg(file)
        .status()
        .unwrap()
        .success()
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_21_a_random_draw_is_verified_by_a_second_implementation(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let avoiding = dudao_proto::registry::v1::Supervisor { name: format!("{COUNTY}/supervisors/A"), avoid_schools: vec!["S1".to_owned()], ..Default::default() };
        house.supervisors().update_supervisor(dudao_proto::registry::v1::UpdateSupervisorRequest { supervisor: Some(avoiding), ..Default::default() }).await.unwrap();
        announce(house).await;
        let frozen = step!(house, freeze_pools, FreezePoolsRequest { officers: vec!["市监局王五".to_owned()] }).unwrap();
        assert_eq!(frozen.pool_hash.len(), 64);
        let hidden = record(house).await.unwrap_err();
        assert_eq!(hidden.code(), tonic::Code::NotFound);
        for (party, secret) in PARTIES {
            step!(house, reveal_secret, RevealSecretRequest { party: party.to_owned(), secret: secret.to_owned() }).unwrap();
        }
        let published = step!(house, publish_draw, PublishDrawRequest {}).unwrap();
        assert_eq!(published.state(), DrawState::Published);
        let record = record(house).await.unwrap().record;
        assert!(verify(&record));
        let parsed: serde_json::Value = serde_json::from_str(&record).unwrap();
        assert_eq!(parsed["drawn"][0]["object"], "S1");
        assert!(parsed["drawn"][0]["officers"].as_array().unwrap().iter().all(|officer| officer != "A"), "A must avoid it");
        assert_eq!(parsed["pool"]["bars"][0]["reason"], "回避关系", "rejected names are kept with the reason");
        for (from, to) in [("\"S1\"", "\"S2\""), ("东风", "西风"), ("市监局王五", "市监局李四")] {
            assert!(!verify(&record.replace(from, to)), "{from}");
        }
    }

    async fn a_withheld_secret_voids_the_draw_on_the_record(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        announce(house).await;
        step!(house, freeze_pools, FreezePoolsRequest {}).unwrap();
        let (party, secret) = PARTIES[0];
        step!(house, reveal_secret, RevealSecretRequest { party: party.to_owned(), secret: secret.to_owned() }).unwrap();
        house.on_day("2026-09-11");
        let (party, secret) = PARTIES[1];
        let late = step!(house, reveal_secret, RevealSecretRequest { party: party.to_owned(), secret: secret.to_owned() }).unwrap_err();
        assert_eq!(reasons(&late), ["draw.reveal_due"]);
        step!(house, void_draw, VoidDrawRequest { reason: "县市场监管局未按期揭示".to_owned() }).unwrap();
        let record = record(house).await.unwrap();
        assert_eq!((record.record.as_str(), record.pool_hash.len()), ("", 64));
        assert!(record.void_reason.contains("未按期"));
    }
}
