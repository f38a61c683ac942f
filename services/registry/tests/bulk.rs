//! Bulk writes, as an import makes them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use dudao_platform::events::{Audit, verify};
use dudao_platform::testing::Scratch;
use dudao_platform::{Tx, on_both_databases};
use dudao_registry::MIGRATIONS;
use dudao_registry::api::{Upserted, upsert_schools};
use dudao_registry::domain::school::{Place, Provider, School, SchoolDraft, Stage};

fn school(at: usize) -> School {
    let draft = SchoolDraft {
        code: format!("S{at:05}"),
        display_name: format!("第{at}小学"),
        stage: Some(Stage::Primary),
        provider: Some(Provider::Public),
        town: format!("第{}镇", at % 40),
        pupils: Some(300),
        place: Some(Place {
            longitude: 112.8,
            latitude: 35.5,
        }),
        ..SchoolDraft::default()
    };
    draft.finish("2026-09-01".parse().unwrap()).unwrap()
}

async fn import(tx: &mut Tx, schools: Vec<School>) -> Upserted {
    upsert_schools(tx, "import", "140525", schools)
        .await
        .unwrap()
}

on_both_databases! { "registry", &MIGRATIONS;
    async fn a_second_import_touches_only_what_has_changed(scratch) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        let made = import(&mut tx, (0..1_200).map(school).collect()).await;
        assert_eq!(made, Upserted { created: 1_200, ..Upserted::default() });
        let mut again: Vec<_> = (0..1_201).map(school).collect();
        again[7].pupils = Some(1);
        let made = import(&mut tx, again).await;
        assert_eq!(made, Upserted { created: 1, updated: 1, unchanged: 1_199 });
        tx.commit().await.unwrap();
        // 40 towns, 1,201 schools, one change.
        assert!(matches!(verify(&scratch.db).await.unwrap(), Audit::Whole { count: 1_242, .. }));
    }
}

#[tokio::test]
async fn fifteen_thousand_schools_are_imported_within_ten_seconds() {
    let scratch = Scratch::sqlite("registry", &MIGRATIONS).await;
    let begun = Instant::now();
    let mut tx = scratch.db.begin_write().await.unwrap();
    assert_eq!(
        import(&mut tx, (0..15_000).map(school).collect())
            .await
            .created,
        15_000
    );
    tx.commit().await.unwrap();
    let taken = begun.elapsed();
    println!("15,000 schools in {taken:?}");
    assert!(taken < Duration::from_secs(10), "{taken:?}");
}
