//! What a server tells its operators, logs at their most talkative and metrics, holds no personal data.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Desk, text};
use dudao_platform::rpc::{Link, TlsFiles, connect};
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use inspection::complaint_service_client::ComplaintServiceClient;
use registry::supervisor_service_client::SupervisorServiceClient;
use tonic::Code;

const COUNTY: &str = "counties/140525";
/// Marks that stand in nothing but personal data.
const PHONE: &str = "13987650001";
const REPORTER_PHONE: &str = "13987650002";
const REPORTER: &str = "举报人某某";
const ADDRESS: &str = "某某巷七号";

fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

fn metrics(admin: SocketAddr) -> String {
    let mut socket = TcpStream::connect(admin).expect("the operators' port");
    socket
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n")
        .expect("a request");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

fn supervisor(phone: &str) -> registry::Supervisor {
    registry::Supervisor {
        display_name: "张三".to_owned(),
        employment: registry::Employment::FullTime.into(),
        stages: vec![registry::Stage::Primary.into()],
        base: Some(registry::Place {
            longitude: 112.8,
            latitude: 35.5,
        }),
        term_start_date: "2025-09-01".to_owned(),
        phone: phone.to_owned(),
        ..registry::Supervisor::default()
    }
}

/// Personal data goes in, comes out, stands in the wrong places and makes requests fail.
async fn people_come_and_ask(link: &Link) {
    let mut supervisors = SupervisorServiceClient::new(link.clone());
    let create = |id: &str, supervisor| registry::CreateSupervisorRequest {
        parent: COUNTY.to_owned(),
        supervisor_id: id.to_owned(),
        supervisor: Some(supervisor),
        ..Default::default()
    };
    let created = supervisors
        .create_supervisor(create("D9", supervisor(PHONE)))
        .await
        .expect("created")
        .into_inner();
    assert_eq!(created.phone, PHONE);
    let refused = supervisors
        .create_supervisor(create(PHONE, supervisor(&format!("{PHONE}\0"))))
        .await
        .expect_err("NUL");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let list = registry::ListSupervisorsRequest {
        parent: COUNTY.to_owned(),
        page_token: PHONE.to_owned(),
        ..Default::default()
    };
    assert!(supervisors.list_supervisors(list).await.is_err());
    let export = registry::ExportSupervisorsRequest {
        parent: COUNTY.to_owned(),
        purpose: "换发聘书".to_owned(),
        ..Default::default()
    };
    supervisors
        .export_supervisors(export)
        .await
        .expect("exported");

    let mut complaints = ComplaintServiceClient::new(link.clone());
    let file = |target: &str| inspection::FileComplaintRequest {
        parent: COUNTY.to_owned(),
        complaint: Some(inspection::Complaint {
            target: format!("{COUNTY}/schools/{target}"),
            kind: inspection::ComplaintKind::Complaint.into(),
            text: format!("请回电 {REPORTER_PHONE}"),
            ..Default::default()
        }),
        reporter: Some(inspection::Reporter {
            display_name: REPORTER.to_owned(),
            phone: REPORTER_PHONE.to_owned(),
            address: ADDRESS.to_owned(),
        }),
        ..Default::default()
    };
    complaints
        .file_complaint(file("S00000"))
        .await
        .expect("filed");
    assert!(complaints.file_complaint(file("nowhere")).await.is_err());
    let listed = inspection::ListComplaintsRequest {
        parent: COUNTY.to_owned(),
        ..Default::default()
    };
    let listed = complaints.list_complaints(listed).await.expect("listed");
    let filed = listed.into_inner().complaints.pop().expect("one");
    let ask = inspection::GetComplaintReporterRequest { name: filed.name };
    let reporter = complaints
        .get_complaint_reporter(ask)
        .await
        .expect("told")
        .into_inner();
    assert_eq!(reporter.phone, REPORTER_PHONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_hold_no_personal_data() {
    let desk = Desk::sqlite();
    common::county(&desk, 4, 3);
    let (listen, admin) = (free(), free());
    let log = std::fs::File::create(desk.path("log")).expect("a file");
    let mut server = desk
        .command(&["--log", "debug", "serve", "--listen", &listen.to_string()])
        .args(["--admin-listen", &admin.to_string()])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the server starts");
    let since = Instant::now();
    while TcpStream::connect(listen).is_err() {
        assert!(since.elapsed() < Duration::from_mins(1), "it never listens");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let address = format!("http://{listen}");
    let link = connect(&address, &TlsFiles::default(), desk.proof()).expect("an address");
    people_come_and_ask(&link).await;
    let metrics = metrics(admin);
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    let log = text(&std::fs::read(desk.path("log")).expect("the log"));
    // They do tell of these very calls.
    let path = "dudao.inspection.v1.ComplaintService/GetComplaintReporter";
    for told in [&log, &metrics] {
        assert!(told.contains(path), "{told}");
        for mark in [PHONE, REPORTER_PHONE, REPORTER, ADDRESS] {
            let line = told.lines().find(|line| line.contains(mark));
            assert!(line.is_none(), "{mark} is told: {line:?}");
        }
    }
}
