//! Who may call stands in the contract, beside every RPC of the registry.

mod common;

use common::House;
use dudao_chancery::Press;
use dudao_platform::rpc::{Access, Proof, TlsFiles, connect};
use dudao_platform::testing::Scratch;
use dudao_registry::MIGRATIONS;
use tonic::Code;

#[tokio::test]
async fn every_service_says_of_every_call_who_may_make_it() {
    let scratch = Scratch::sqlite("registry", &MIGRATIONS).await;
    let nobody = connect(
        "http://127.0.0.1:1",
        &TlsFiles::default(),
        Proof::Connection,
    )
    .unwrap();
    let parts = dudao_registry::build(
        &scratch.context,
        nobody.clone(),
        nobody.clone(),
        nobody,
        Press::default(),
    );
    let names: Vec<_> = parts.names().collect();
    assert_eq!(names.len(), 21);
    assert!(Access::check(dudao_proto::DESCRIPTOR, names).is_ok());
}

#[tokio::test]
async fn a_name_that_is_none_of_ours_is_refused_and_not_looked_up() {
    let scratch = Scratch::sqlite("registry", &MIGRATIONS).await;
    let house = House::with_county(&scratch).await;
    for (name, code) in [
        ("counties/140525/schools/none", Code::NotFound),
        ("counties/999999/schools/1", Code::NotFound),
        ("counties/14052/schools/1", Code::InvalidArgument),
        ("counties/140525/towns/1", Code::InvalidArgument),
        ("counties/140525/schools/1/2", Code::InvalidArgument),
        ("schools/1", Code::InvalidArgument),
        ("", Code::InvalidArgument),
    ] {
        let request = dudao_proto::registry::v1::GetSchoolRequest {
            name: name.to_owned(),
        };
        assert_eq!(
            house
                .schools()
                .get_school(request)
                .await
                .unwrap_err()
                .code(),
            code,
            "{name}"
        );
    }
}
