//! `dudao template`.

use dudao_platform::limited;
use dudao_proto::registry::v1 as registry;
use registry::intake_service_client::IntakeServiceClient;

use crate::args::{Kind, Template};
use crate::failure::{Failure, Result};
use crate::session::Session;

/// Writes an empty file to fill in.
pub async fn run(session: &Session, args: &Template) -> Result<()> {
    let kind = match args.kind {
        Kind::Schools => registry::FileKind::Schools,
        Kind::Supervisors => registry::FileKind::Supervisors,
    };
    let answer = limited!(IntakeServiceClient::new(session.link.clone()))
        .get_template(registry::GetTemplateRequest { kind: kind.into() })
        .await?
        .into_inner();
    tokio::fs::write(&args.output, answer.content).await.map_err(Failure::file(&args.output))?;
    println!("已写出 written: {}", args.output.display());
    Ok(())
}
