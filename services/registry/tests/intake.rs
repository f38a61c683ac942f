//! Files in and templates out, over gRPC, on both databases.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use common::{COUNTY, House};
use dudao_platform::events::{Audit, verify};
use dudao_platform::on_both_databases;
use dudao_platform::rpc::Fault;
use dudao_proto::error::v1::ErrorReason;
use dudao_proto::registry::v1::intake_service_client::IntakeServiceClient;
use dudao_proto::registry::v1::*;
use dudao_registry::MIGRATIONS;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tonic::{Code, Status};

const SCHOOLS: &str = "\
学校名称,学校标识码,学段,乡镇,经度,纬度,在校生数,上次综合督导日期,上次综合督导等级
巴公镇中心小学,S1,小学,巴公镇,112.80,35.60,412,2024-05-16,良好
巴公镇幼儿园,S2,幼儿园,巴公镇,112.81,35.61,,,
南村镇中学,S3,初中,南村镇,112.75,35.45,620,,
";

const SUPERVISORS: &str = "\
工号,姓名,类型,可督导学段,经度,纬度,聘期起,聘期止,上年集中培训学时,任职单位,回避学校
D1,张督学,专职,幼儿园;小学;初中,112.80,35.60,2025-09-01,,48,,
D2,李督学,兼职,小学；初中,112.75,35.45,2025-09-01,2028-08-31,40,S3,S1
";

/// How a file is sent: with these options, in small chunks.
struct File<'a> {
    bytes: &'a [u8],
    replace: bool,
    validate_only: bool,
    request_id: &'a str,
    datum: Datum,
}

impl<'a> From<&'a [u8]> for File<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            replace: false,
            validate_only: false,
            request_id: "",
            datum: Datum::Unspecified,
        }
    }
}

impl<'a> From<&'a str> for File<'a> {
    fn from(text: &'a str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl File<'_> {
    fn options(&self) -> ImportOptions {
        ImportOptions {
            parent: COUNTY.to_owned(),
            file_name: "名单.csv".to_owned(),
            replace: self.replace,
            validate_only: self.validate_only,
            request_id: self.request_id.to_owned(),
            datum: self.datum.into(),
        }
    }

    fn chunks(&self) -> impl Iterator<Item = Vec<u8>> {
        self.bytes.chunks(100).map(<[u8]>::to_vec)
    }
}

async fn schools<'a>(house: &House, file: impl Into<File<'a>>) -> Result<ImportResult, Status> {
    use import_schools_request::Part;
    let file = file.into();
    let parts: Vec<_> = std::iter::once(Part::Options(file.options()))
        .chain(file.chunks().map(Part::Chunk))
        .map(|part| ImportSchoolsRequest { part: Some(part) })
        .collect();
    let answer = IntakeServiceClient::new(house.link.clone())
        .import_schools(tokio_stream::iter(parts))
        .await?;
    Ok(answer.into_inner().result.unwrap())
}

async fn supervisors<'a>(house: &House, file: impl Into<File<'a>>) -> Result<ImportResult, Status> {
    use import_supervisors_request::Part;
    let file = file.into();
    let parts: Vec<_> = std::iter::once(Part::Options(file.options()))
        .chain(file.chunks().map(Part::Chunk))
        .map(|part| ImportSupervisorsRequest { part: Some(part) })
        .collect();
    let answer = IntakeServiceClient::new(house.link.clone())
        .import_supervisors(tokio_stream::iter(parts))
        .await?;
    Ok(answer.into_inner().result.unwrap())
}

async fn listed(house: &House) -> Vec<School> {
    let request = ListSchoolsRequest {
        parent: COUNTY.to_owned(),
        ..ListSchoolsRequest::default()
    };
    let answer = house.schools().list_schools(request).await.unwrap();
    answer.into_inner().schools
}

fn counts(result: &ImportResult) -> (bool, i32, i32, i32) {
    (
        result.imported,
        result.created,
        result.updated,
        result.unchanged,
    )
}

/// Where each problem lies, as (row, letter, heading, value).
fn places(result: &ImportResult) -> Vec<(i32, &str, &str, &str)> {
    result
        .problems
        .iter()
        .map(|p| {
            (
                p.row,
                p.column_letter.as_str(),
                p.column.as_str(),
                p.value.as_str(),
            )
        })
        .collect()
}

on_both_databases! { "registry", &MIGRATIONS;
    async fn every_wrong_cell_is_told_at_once_and_nothing_is_imported(scratch) {
        let house = House::with_county(&scratch).await;
        let before = verify(&scratch.db).await.unwrap();
        let file = "\
学校标识码,学校名称,学段,经度,纬度,在校生数,寄宿,上次综合督导日期
S1,甲,小学,112.80,35.60,100,是,2024-05-16
S1,乙,小学,112.81,35.61,100,否,
S3,,大学,112.82,35.62,很多,也许,2024-02-30
S4,丁,初中,35.60,112.80,-1,是,
S5,戊,初中,,35.6,1,是,2999-01-01
";
        let result = schools(&house, file).await.unwrap();
        assert!(!result.imported);
        assert_eq!(places(&result), [
            (3, "A", "学校标识码", "S1"),
            (4, "B", "学校名称", ""),
            (4, "C", "学段", "大学"),
            (4, "F", "在校生数", "很多"),
            (4, "G", "寄宿", "也许"),
            (4, "H", "上次综合督导日期", "2024-02-30"),
            (5, "E", "纬度", "112.80"),
            (5, "F", "在校生数", "-1"),
            (6, "D", "经度", ""),
            (6, "H", "上次综合督导日期", "2999-01-01"),
        ]);
        assert!(result.problems.iter().all(|p| p.file == "名单.csv" && !p.message.is_empty() && !p.message_en.is_empty()));
        assert!(result.problems[2].message.contains("九年一贯制"), "{}", result.problems[2].message);
        assert!(result.problems[6].message.contains("填反"), "{}", result.problems[6].message);
        assert!(listed(&house).await.is_empty());
        assert_eq!(verify(&scratch.db).await.unwrap(), before);
    }

    async fn a_file_with_coordinates_of_a_chinese_map_is_kept_in_those_of_gps(scratch) {
        let house = House::with_county(&scratch).await;
        let file = || File { datum: Datum::Gcj02, ..SCHOOLS.into() };
        assert_eq!(counts(&schools(&house, file()).await.unwrap()), (true, 3, 0, 0));
        let place = listed(&house).await[0].place.unwrap();
        let shown = dudao_law::Datum::Gcj02.of_wgs84([place.longitude, place.latitude]);
        assert!((shown[0] - 112.8).abs() < 1e-6 && (shown[1] - 35.6).abs() < 1e-6, "{place:?}");
        assert!((place.longitude - 112.8).abs() > 0.003, "{place:?}");
        assert_eq!(counts(&schools(&house, file()).await.unwrap()), (true, 0, 0, 3));
    }

    async fn the_same_file_twice_changes_nothing(scratch) {
        let house = House::with_county(&scratch).await;
        assert_eq!(counts(&schools(&house, SCHOOLS).await.unwrap()), (true, 3, 0, 0));
        assert_eq!(counts(&supervisors(&house, SUPERVISORS).await.unwrap()), (true, 2, 0, 0));
        let (before, events) = (listed(&house).await, verify(&scratch.db).await.unwrap());
        assert_eq!(counts(&schools(&house, SCHOOLS).await.unwrap()), (true, 0, 0, 3));
        assert_eq!(counts(&supervisors(&house, SUPERVISORS).await.unwrap()), (true, 0, 0, 2));
        assert_eq!(listed(&house).await, before);
        assert_eq!(verify(&scratch.db).await.unwrap(), events);
        assert!(matches!(events, Audit::Whole { .. }));
    }

    async fn a_row_whose_code_exists_updates_it_and_a_missing_row_is_no_closing(scratch) {
        let house = House::with_county(&scratch).await;
        schools(&house, SCHOOLS).await.unwrap();
        let file = "学校标识码,学校名称,学段,经度,纬度\nS1,巴公镇第一小学,小学,112.80,35.60\nS9,新校,小学,112.79,35.59\n";
        let result = schools(&house, file).await.unwrap();
        assert_eq!(counts(&result), (true, 1, 1, 0));
        assert!(result.closings.is_empty());
        let schools = listed(&house).await;
        assert_eq!(schools.len(), 4);
        assert_eq!(schools.iter().find(|s| s.name.ends_with("/S1")).unwrap().display_name, "巴公镇第一小学");
    }

    async fn replacing_shows_first_what_it_would_close(scratch) {
        let house = House::with_county(&scratch).await;
        schools(&house, SCHOOLS).await.unwrap();
        let file = "学校标识码,学校名称,学段,经度,纬度\nS1,巴公镇中心小学,小学,112.80,35.60\n";
        let trial = File { replace: true, validate_only: true, ..file.into() };
        let result = schools(&house, trial).await.unwrap();
        assert!(!result.imported);
        let closings = [("counties/140525/schools/S2", "巴公镇幼儿园"), ("counties/140525/schools/S3", "南村镇中学")];
        let told = |result: &ImportResult| result.closings.iter().map(|c| (c.name.clone(), c.display_name.clone())).collect::<Vec<_>>();
        assert_eq!(told(&result), closings.map(|(name, title)| (name.to_owned(), title.to_owned())));
        assert_eq!(listed(&house).await.len(), 3);

        let result = schools(&house, File { replace: true, ..file.into() }).await.unwrap();
        assert!(result.imported);
        assert_eq!(told(&result).len(), 2);
        assert_eq!(listed(&house).await.iter().map(|school| school.name.as_str()).collect::<Vec<_>>(), ["counties/140525/schools/S1"]);
    }

    async fn a_retry_with_the_same_request_id_gets_the_first_answer(scratch) {
        let house = House::with_county(&scratch).await;
        let file = || File { request_id: "r-1", ..SCHOOLS.into() };
        let first = schools(&house, file()).await.unwrap();
        assert_eq!(schools(&house, file()).await.unwrap(), first);
        assert_eq!(counts(&first), (true, 3, 0, 0));
        let other = SCHOOLS.replace("412", "413");
        let refused = schools(&house, File { request_id: "r-1", ..other.as_str().into() }).await.unwrap_err();
        assert_eq!(Fault::from(&refused).reason, ErrorReason::RequestIdReused);
    }

    async fn every_encoding_that_excel_writes_reads_alike(scratch) {
        let house = House::with_county(&scratch).await;
        schools(&house, SCHOOLS).await.unwrap();
        let marked = format!("\u{feff}{SCHOOLS}");
        assert_eq!(counts(&schools(&house, marked.as_str()).await.unwrap()), (true, 0, 0, 3));
        let (gb18030, _, _) = encoding_rs::GB18030.encode(SCHOOLS);
        assert_eq!(counts(&schools(&house, &*gb18030).await.unwrap()), (true, 0, 0, 3));
        let lines = SCHOOLS.replace('\n', "\r\n");
        assert_eq!(counts(&schools(&house, lines.as_str()).await.unwrap()), (true, 0, 0, 3));
    }

    async fn numbers_and_dates_of_a_workbook_are_read_as_a_planner_means_them(scratch) {
        let house = House::with_county(&scratch).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, heading) in ["学校标识码", "学校名称", "学段", "经度", "纬度", "在校生数", "上次综合督导日期"].iter().enumerate() {
            sheet.write(0, column as u16, *heading).unwrap();
        }
        sheet.write(1, 0, 3_114_000_123_u64).unwrap();
        sheet.write(1, 1, " 巴公镇中心小学 ").unwrap();
        sheet.write(1, 2, "小学").unwrap();
        sheet.write(1, 3, 112.8).unwrap();
        sheet.write(1, 4, 35.6).unwrap();
        sheet.write(1, 5, 412).unwrap();
        let day = ExcelDateTime::from_ymd(2024, 5, 16).unwrap();
        sheet.write_with_format(1, 6, &day, &Format::new().set_num_format("yyyy/m/d")).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let result = schools(&house, bytes.as_slice()).await.unwrap();
        assert_eq!(counts(&result), (true, 1, 0, 0), "{result:?}");
        let school = listed(&house).await.remove(0);
        assert_eq!((school.name.as_str(), school.display_name.as_str(), school.pupils, school.last_inspection_date.as_str()),
            ("counties/140525/schools/3114000123", "巴公镇中心小学", Some(412), "2024-05-16"));
    }

    async fn wrong_rows_of_supervisors_name_the_rule_that_they_break(scratch) {
        let house = House::with_county(&scratch).await;
        schools(&house, SCHOOLS).await.unwrap();
        let file = "\
工号,姓名,类型,可督导学段,经度,纬度,聘期起,聘期止,回避学校
D1,张,专职,小学,112.80,35.60,2025-09-01,2024-08-31,
D2,李,兼职,小学;大学,112.80,35.60,2025-09-01,,
D3,王,兼职,小学,112.80,35.60,2025-09-01,2028-08-31,S1;S7
D4,赵,专职,,112.80,135.60,2025-09-01,,
";
        let result = supervisors(&house, file).await.unwrap();
        assert!(!result.imported);
        assert_eq!(places(&result), [
            (2, "H", "聘期止", "2024-08-31"),
            (3, "D", "可督导学段", "小学;大学"),
            (3, "H", "聘期止", ""),
            (4, "I", "回避学校", "S1;S7"),
            (5, "D", "可督导学段", ""),
            (5, "F", "纬度", "135.60"),
        ]);
    }

    async fn a_stage_that_nobody_may_supervise_is_remarked_on(scratch) {
        let house = House::with_county(&scratch).await;
        schools(&house, SCHOOLS).await.unwrap();
        let file = "工号,姓名,类型,可督导学段,经度,纬度,聘期起\nD1,张,专职,小学,112.80,35.60,2025-09-01\n";
        let result = supervisors(&house, file).await.unwrap();
        assert!(result.imported);
        assert_eq!(result.remarks.len(), 1);
        assert!(result.remarks[0].contains("幼儿园") && result.remarks[0].contains("初中"), "{:?}", result.remarks);
    }

    async fn a_file_that_is_not_a_table_of_schools_is_refused(scratch) {
        let house = House::with_county(&scratch).await;
        for bytes in [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], b"%PDF-1.7 \xff\xfe\x00", b"PK\x03\x04 torn"] {
            let refused = schools(&house, bytes).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{bytes:?}");
            assert_eq!(Fault::from(&refused).fields[0].field, "chunk");
        }
        let result = schools(&house, "代码,名称,学段,经度,纬度\n1,甲,小学,112.8,35.6\n").await.unwrap();
        assert!(!result.imported);
        let missing: Vec<_> = result.problems.iter().filter(|p| p.message.contains("缺少")).collect();
        assert_eq!(missing.len(), 2, "{result:?}");
        let empty = schools(&house, "").await;
        assert!(empty.is_err() || !empty.unwrap().imported);
        assert!(listed(&house).await.is_empty());
    }

    async fn the_first_message_carries_the_options_and_the_others_the_file(scratch) {
        use import_schools_request::Part;
        let house = House::with_county(&scratch).await;
        let options = || Part::Options(File::from(SCHOOLS).options());
        for parts in [vec![], vec![Part::Chunk(SCHOOLS.as_bytes().to_vec())], vec![options(), options()]] {
            let parts: Vec<_> = parts.into_iter().map(|part| ImportSchoolsRequest { part: Some(part) }).collect();
            let refused = IntakeServiceClient::new(house.link.clone()).import_schools(tokio_stream::iter(parts)).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument);
        }
    }

    async fn a_template_that_is_filled_in_can_be_imported(scratch) {
        let house = House::with_county(&scratch).await;
        let template = async |kind: FileKind| {
            let request = GetTemplateRequest { kind: kind.into() };
            let answer = IntakeServiceClient::new(house.link.clone()).get_template(request).await;
            answer.map(|answer| answer.into_inner().content)
        };
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(template(FileKind::Schools).await.unwrap())).unwrap();
        let sheets = book.sheet_names();
        assert_eq!(sheets.len(), 2, "a sheet to fill in, and notes: {sheets:?}");
        let headings: Vec<String> = book.worksheet_range(&sheets[0]).unwrap().rows().next().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(headings, ["学校标识码*", "学校名称*", "学段*", "举办者", "乡镇", "在校生数", "教职工数", "经度*", "纬度*", "寄宿", "上次综合督导日期", "上次综合督导等级"]);
        let notes: String = book.worksheet_range(&sheets[1]).unwrap().rows().flatten().map(ToString::to_string).collect();
        assert!(headings.iter().all(|heading| notes.contains(heading.trim_end_matches('*'))));
        let row = "S1,巴公镇中心小学,小学,公办,巴公镇,412,31,112.80,35.60,否,2024-05-16,良好";
        let filled = format!("{}\n{row}\n", headings.join(","));
        assert_eq!(counts(&schools(&house, filled.as_str()).await.unwrap()), (true, 1, 0, 0));
        assert!(!template(FileKind::Supervisors).await.unwrap().is_empty());
        assert_eq!(template(FileKind::Unspecified).await.unwrap_err().code(), Code::InvalidArgument);
    }
}
