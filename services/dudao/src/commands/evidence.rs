//! `dudao evidence`: files that come and go in chunks; every other verb of evidence is `dudao inspect`'s.

use std::path::Path;

use dudao_platform::limited;
use dudao_proto::inspection::v1 as inspection;
use inspection::EvidenceType;
use inspection::evidence_service_client::EvidenceServiceClient;
use inspection::upload_evidence_request::Part;

use crate::args::{EvidenceFile, PutEvidence};
use crate::failure::{Failure, Result};
use crate::output::say;
use crate::session::Session;

const CHUNK_BYTES: usize = 512 << 10;

/// Brings a file in, or takes one out.
pub async fn run(session: &Session, args: &EvidenceFile) -> Result<()> {
    match args {
        EvidenceFile::Put(args) => put(session, args).await,
        EvidenceFile::Get { id, file } => get(session, id, file).await,
    }
}

/// A file's type by the ending of its name; the service looks at the content.
fn kind(file: &Path) -> Result<EvidenceType> {
    let ending = file
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    match ending.as_str() {
        "jpg" | "jpeg" => Ok(EvidenceType::Jpeg),
        "png" => Ok(EvidenceType::Png),
        "webp" => Ok(EvidenceType::Webp),
        "pdf" => Ok(EvidenceType::Pdf),
        "mp4" => Ok(EvidenceType::Mp4),
        "m4a" => Ok(EvidenceType::M4a),
        "mp3" => Ok(EvidenceType::Mp3),
        "docx" => Ok(EvidenceType::Docx),
        "xlsx" => Ok(EvidenceType::Xlsx),
        "txt" => Ok(EvidenceType::Text),
        other => Err(Failure::Input(format!(
            "不收 .{other} 文件；可收 jpg png webp pdf mp4 m4a mp3 docx xlsx txt\n.{other} is not taken."
        ))),
    }
}

async fn put(session: &Session, args: &PutEvidence) -> Result<()> {
    let county = session.county().await?;
    let kind = kind(&args.file)?;
    let content = tokio::fs::read(&args.file)
        .await
        .map_err(Failure::file(&args.file))?;
    let full = |collection: &str, word: &str| {
        if word.is_empty() || word.starts_with("counties/") {
            word.to_owned()
        } else {
            format!("{county}/{collection}/{word}")
        }
    };
    let file_name = args.file.file_name();
    let options = inspection::UploadEvidenceOptions {
        parent: county.clone(),
        evidence_id: args.id.clone(),
        evidence: Some(inspection::Evidence {
            file_name: file_name.map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
            r#type: kind.into(),
            visit: full("visits", &args.visit),
            author: args.author.clone(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    let parts = std::iter::once(Part::Options(options)).chain(
        content
            .chunks(CHUNK_BYTES)
            .map(|chunk| Part::Chunk(chunk.to_vec())),
    );
    let requests: Vec<_> = parts
        .map(|part| inspection::UploadEvidenceRequest { part: Some(part) })
        .collect();
    let kept = limited!(EvidenceServiceClient::new(session.link.clone()))
        .upload_evidence(futures::stream::iter(requests))
        .await?
        .into_inner();
    say(format_args!(
        "{}\n{} bytes, sha256 {}",
        kept.name, kept.size_bytes, kept.sha256
    ))
}

async fn get(session: &Session, id: &str, file: &Path) -> Result<()> {
    let name = if id.starts_with("counties/") {
        id.to_owned()
    } else {
        format!("{}/evidence/{id}", session.county().await?)
    };
    let mut parts = limited!(EvidenceServiceClient::new(session.link.clone()))
        .download_evidence(inspection::DownloadEvidenceRequest { name, offset: 0 })
        .await?
        .into_inner();
    let mut content = Vec::new();
    while let Some(part) = parts.message().await? {
        content.extend(part.chunk);
    }
    tokio::fs::write(file, &content)
        .await
        .map_err(Failure::file(file))?;
    say(format_args!("{} ← {} bytes", file.display(), content.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_the_ending_of_a_name() {
        assert_eq!(kind(Path::new("a/照片.JPG")).ok(), Some(EvidenceType::Jpeg));
        assert!(kind(Path::new("setup.exe")).is_err());
        assert!(kind(Path::new("none")).is_err());
    }
}
