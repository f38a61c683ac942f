//! Which part may use what: read from the sources, so that a broken arrow fails before anyone relies on it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The services, by their folders.
const SERVICES: [&str; 4] = ["registry", "inspection", "accountability", "scheduler"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

/// Every Rust source at `path` or below it, with its text without comments and without the tests at its end.
fn sources(path: &Path) -> Vec<(PathBuf, String)> {
    if path.is_file() {
        let text = fs::read_to_string(path).expect("a source");
        let text = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let code: Vec<_> = text
            .lines()
            .map(|l| l.split("//").next().unwrap_or_default())
            .collect();
        return vec![(path.to_path_buf(), code.join("\n"))];
    }
    fs::read_dir(path)
        .expect("a folder of sources")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "rs"))
        .flat_map(|path| sources(&path))
        .collect()
}

fn assert_free_of(place: &str, words: &[&str], why: &str) {
    for (path, code) in sources(&root().join(place)) {
        for (number, line) in code.lines().enumerate() {
            for word in words {
                assert!(
                    !line.contains(word),
                    "{}:{}: {word}: {why}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn a_domain_knows_neither_wire_nor_database_nor_runtime() {
    for service in SERVICES {
        assert_free_of(
            &format!("services/{service}/src/domain"),
            &["tonic", "sqlx", "tokio", "prost", "dudao_proto"],
            "a domain is pure",
        );
    }
}

#[test]
fn a_store_knows_no_wire() {
    for store in [
        "registry/src/store.rs",
        "inspection/src/store.rs",
        "accountability/src/store.rs",
        "scheduler/src/store.rs",
        "scheduler/src/store",
    ] {
        assert_free_of(
            &format!("services/{store}"),
            &["tonic", "dudao_proto"],
            "a store knows rows and the domain",
        );
    }
}

#[test]
fn the_optimiser_does_no_input_or_output() {
    assert_free_of(
        "services/scheduler/optimizer/src",
        &[
            "std::fs", "std::net", "tokio", "sqlx", "tonic", "prost", "println!",
        ],
        "the optimiser is a library without I/O",
    );
}

#[test]
fn papers_are_pure_and_services_build_without_typst() {
    assert_free_of(
        "services/paper/src",
        &["std::fs", "std::net", "tokio", "sqlx", "tonic", "prost"],
        "a paper is bytes made of texts",
    );
    for folder in SERVICES
        .into_iter()
        .chain(["console", "paper/chancery", "platform"])
    {
        let manifest = root().join("services").join(folder).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("a manifest");
        let built = manifest
            .split("[dev-dependencies]")
            .next()
            .unwrap_or_default();
        assert!(
            !built.contains("dudao-press") && !built.contains("typst"),
            "{folder}: typst is the binary's and the tests'"
        );
    }
}

#[test]
fn only_the_platform_makes_statuses() {
    for service in SERVICES {
        assert_free_of(
            &format!("services/{service}/src"),
            &[
                "Status::new(",
                "Status::invalid_argument",
                "Status::internal",
                "Status::not_found",
                "Status::failed_precondition",
            ],
            "errors become statuses in platform::rpc alone",
        );
    }
}

#[test]
fn the_wall_clock_and_the_environment_are_the_platforms() {
    for folder in [
        "services/law/src",
        "services/registry/src",
        "services/inspection/src",
        "services/accountability/src",
        "services/scheduler/src",
        "services/console/src",
        "services/dudao/src",
    ] {
        assert_free_of(
            folder,
            &[
                "SystemTime::now",
                "Utc::now",
                "Local::now",
                "env::var",
                "Uuid::now",
            ],
            "the clock, ids and flags are injected",
        );
    }
}

#[test]
fn the_platform_has_no_word_of_the_domain() {
    assert_free_of(
        "services/platform/src",
        &[
            "dudao_registry",
            "dudao_inspection",
            "dudao_accountability",
            "dudao_scheduler",
            "registry::v1",
            "inspection::v1",
            "accountability::v1",
            "scheduler::v1",
        ],
        "the ground floor carries every service alike",
    );
}

#[test]
fn a_service_never_uses_another_services_crate() {
    for service in SERVICES {
        for other in SERVICES.into_iter().filter(|other| *other != service) {
            assert_free_of(
                &format!("services/{service}/src"),
                &[&format!("dudao_{other}")],
                "ask by RPC",
            );
        }
    }
    assert_free_of("services/registry/src", &["dudao_optimizer"], "ask by RPC");
}

#[test]
fn the_console_is_a_client_of_the_services_and_nothing_else() {
    assert_free_of(
        "services/console/src",
        &[
            "dudao_registry",
            "dudao_inspection",
            "dudao_accountability",
            "dudao_scheduler",
            "dudao_optimizer",
            "dudao_inquiry",
            "dudao_platform::Db",
            "dudao_platform::db",
            "sqlx",
        ],
        "the console asks by RPC, on its visitor's account, and keeps nothing",
    );
}
