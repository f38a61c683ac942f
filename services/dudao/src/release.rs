//! What this binary is.

use dudao_platform::db;
use dudao_platform::telemetry::Build;

use crate::args::{Command, Service};
use crate::assembly;

/// The release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit, where whoever built it has said so or a release was built from a checkout.
pub const COMMIT: &str = match option_env!("DUDAO_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// The schema that a service wants.
pub fn schema(service: Service) -> String {
    db::version(assembly::migrations(service))
}

/// What a command runs, as traces and metrics name it.
pub fn build(command: &Command) -> Build {
    let of = |service: Service| (service.name(), schema(service));
    let only = if let Command::Serve(serve) = command {
        serve.only
    } else {
        None
    };
    let serves = matches!(command, Command::Serve(_) | Command::Demo(_));
    let (name, parts) = match only {
        Some(only) => match only.service() {
            Some(service) => (format!("dudao-{}", service.name()), vec![of(service)]),
            None => ("dudao-console".to_owned(), vec![("console", String::new())]),
        },
        None if serves => ("dudao".to_owned(), Service::ALL.map(of).to_vec()),
        None => ("dudao".to_owned(), Vec::new()),
    };
    Build {
        name,
        version: VERSION,
        commit: COMMIT,
        parts,
    }
}
