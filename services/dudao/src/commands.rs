//! One file a command.

mod audit;
mod bench;
mod compliance;
mod contract;
mod county;
mod demo;
mod document;
mod draw;
mod evidence;
mod explain;
mod import;
pub mod login;
mod migrate;
mod plan;
mod serve;
mod show;
mod solve;
mod template;
mod token;
mod tradeoff;
mod watch;

pub use import::Upload;
pub use tradeoff::Point;

use dudao_platform::telemetry;

use crate::args::{Cli, Command, Place};
use crate::failure::Result;
use crate::session::Session;

/// Runs a command to its end.
pub async fn run(cli: Cli) -> Result<()> {
    let Cli {
        place,
        mut telemetry,
        command,
    } = cli;
    // A person at a terminal wants the answer, not the log; a server's log is the answer.
    if !matches!(command, Command::Serve(_)) && telemetry.log == "info" {
        "error".clone_into(&mut telemetry.log);
    }
    let _telemetry = telemetry::start(&telemetry, "dudao")?;
    match command {
        Command::Serve(args) => serve::run(&place, &args).await,
        Command::Demo(args) => demo::run(&place, &args).await,
        Command::Solve(args) => solve::run(args),
        Command::Bench(args) => bench::run(&place, &args).await,
        Command::Migrate => migrate::run(&place).await,
        Command::Audit(args) => audit::run(&place, args).await,
        Command::Login(args) => login::run(&place, &args).await,
        Command::Token(args) => token::run(&place, args),
        Command::County(args) => {
            with_session(&place, async |session| county::run(session, &args).await).await
        }
        Command::Registry(args) => {
            with_session(&place, async |session| {
                contract::run(session, "dudao.registry.v1", &args).await
            })
            .await
        }
        Command::Inspect(args) => {
            with_session(&place, async |session| {
                contract::run(session, "dudao.inspection.v1", &args).await
            })
            .await
        }
        Command::Evidence(args) => {
            with_session(&place, async |session| evidence::run(session, &args).await).await
        }
        Command::Document(args) => {
            with_session(&place, async |session| document::run(session, &args).await).await
        }
        Command::Draw(args) => draw::run(&place, &args).await,
        Command::Case(args) => {
            with_session(&place, async |session| {
                contract::run(session, "dudao.accountability.v1", &args).await
            })
            .await
        }
        Command::Compliance(args) => {
            with_session(&place, async |session| {
                compliance::run(session, &args).await
            })
            .await
        }
        Command::Import(args) => {
            with_session(&place, async |session| import::run(session, &args).await).await
        }
        Command::Template(args) => {
            with_session(&place, async |session| template::run(session, &args).await).await
        }
        Command::Plan(args) => {
            with_session(&place, async |session| plan::run(session, &args).await).await
        }
        Command::Show(args) => {
            with_session(&place, async |session| show::run(session, &args).await).await
        }
        Command::Explain(args) => {
            with_session(&place, async |session| explain::run(session, &args).await).await
        }
        Command::Watch(args) => {
            with_session(&place, async |session| watch::run(session, &args).await).await
        }
    }
}

/// Opens a session, does the work, and closes it whatever came of the work.
pub(crate) async fn with_session(
    place: &Place,
    work: impl AsyncFnOnce(&Session) -> Result<()>,
) -> Result<()> {
    let session = Session::open(place).await?;
    let done = work(&session).await;
    let closed = session.close().await;
    done.and(closed)
}
