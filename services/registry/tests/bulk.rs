//! Bulk writes, as an import makes them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::time::{Duration, Instant};

use common::House;

use dudao_platform::events::{Audit, verify};
use dudao_platform::testing::Scratch;
use dudao_platform::{Tx, on_both_databases};
use dudao_proto::registry::v1::intake_service_client::IntakeServiceClient;
use dudao_proto::registry::v1::{
    CreateSchoolRequest, ImportOptions, ImportResult, ImportSchoolsRequest, ListSchoolsRequest,
    import_schools_request,
};
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

/// A county's file of schools.
fn file(county: usize, count: usize) -> String {
    let mut csv = "学校标识码,学校名称,学段,乡镇,经度,纬度\n".to_owned();
    for n in 0..count {
        let (lon, lat) = (
            112.7 + 0.002 * (n % 20) as f64,
            35.4 + 0.002 * (n / 20) as f64,
        );
        csv += &format!(
            "C{county:03}S{n:03},第{n}小学,小学,第{}镇,{lon:.3},{lat:.3}\n",
            n % 9
        );
    }
    csv
}

async fn send(house: &House, parent: &str, file: String) -> ImportResult {
    use import_schools_request::Part;
    let options = ImportOptions {
        parent: parent.to_owned(),
        file_name: "学校.csv".to_owned(),
        ..ImportOptions::default()
    };
    let parts = [Part::Options(options), Part::Chunk(file.into_bytes())];
    let parts = parts.map(|part| ImportSchoolsRequest { part: Some(part) });
    let answer = IntakeServiceClient::new(house.link.clone())
        .import_schools(tokio_stream::iter(parts))
        .await
        .unwrap();
    answer.into_inner().result.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_thousand_schools_of_117_counties_come_in_within_ten_seconds_and_are_listed_while_others_write()
 {
    let scratch = Scratch::sqlite("registry", &MIGRATIONS).await;
    let house = House::empty(&scratch).await;
    let code = |n: usize| format!("{}", 140_100 + n);
    for n in 0..117 {
        let request = common::county(&code(n), "zezhou");
        house.counties().create_county(request).await.unwrap();
    }
    let begun = Instant::now();
    let mut created = 0;
    for n in 0..117 {
        let parent = format!("counties/{}", code(n));
        let result = send(&house, &parent, file(n, 129)).await;
        assert!(result.imported, "{result:?}");
        created += result.created;
    }
    let taken = begun.elapsed();
    println!("{created} schools of 117 counties in {taken:?}");
    assert_eq!(created, 117 * 129);
    assert!(taken < Duration::from_secs(10), "{taken:?}");

    let writing = async {
        for n in 0..200 {
            let parent = format!("counties/{}", code(n % 117));
            let request = CreateSchoolRequest {
                parent,
                ..common::new_school(&format!("{}{n}", ["A", "Z"][n % 2]))
            };
            house.schools().create_school(request).await.unwrap();
        }
    };
    let reading = async {
        let mut seen: Vec<String> = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListSchoolsRequest {
                parent: "counties/-".to_owned(),
                page_size: 250,
                page_token,
                ..ListSchoolsRequest::default()
            };
            let page = house.schools().list_schools(request).await.unwrap();
            let page = page.into_inner();
            seen.extend(page.schools.into_iter().map(|school| school.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return seen;
            }
        }
    };
    let ((), seen) = tokio::join!(writing, reading);
    assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "a repeat");
    let imported = seen.iter().filter(|name| name.contains("/schools/C"));
    assert_eq!(imported.count(), 117 * 129, "a gap");
}
