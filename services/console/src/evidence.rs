//! Photos of a visit: taken in apart from the words that refer to them, and shown again.

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use dudao_proto::inspection::v1 as inspection;
use futures::StreamExt as _;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use inspection::upload_evidence_request::Part;
use inspection::{Evidence, EvidenceType, UploadEvidenceOptions};

use crate::desk::id;
use crate::refusal::Refusal;
use crate::visit::{device_time, told};
use crate::visitor::{Visitor, check};
use crate::visits::own;

/// The largest photo; a device makes them much smaller.
pub const MOST_BYTES: usize = 8 << 20;
const CHUNK_BYTES: usize = 512 << 10;

/// Takes in a photo under the id that its device gave it: sent twice it is kept once.
pub async fn take_in(
    Path((_, visit, photo)): Path<(String, String, String)>,
    visitor: Visitor,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let said = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    check(&visitor.session, &said("x-form-key"))?;
    let taken = said("x-time").parse().ok().map(device_time);
    let options = UploadEvidenceOptions {
        parent: visitor.county.clone(),
        evidence_id: photo.clone(),
        evidence: Some(Evidence {
            file_name: format!("{photo}.jpg"),
            r#type: EvidenceType::Jpeg.into(),
            visit: format!("{}/visits/{visit}", visitor.county),
            author: own(&visitor, "/supervisors/"),
            record_time: taken,
            sha256: said("x-sha256"),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    let chunks = bytes.chunks(CHUNK_BYTES).map(<[u8]>::to_vec);
    let parts = std::iter::once(Part::Options(options)).chain(chunks.map(Part::Chunk));
    let requests = parts.map(|part| inspection::UploadEvidenceRequest { part: Some(part) });
    let requests = futures::stream::iter(requests.collect::<Vec<_>>());
    match visitor.desk.evidence().upload_evidence(requests).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(status) => told(&status, &visitor.frame),
    }
}

/// A file of evidence. Photos are shown; anything else is taken away.
pub async fn show(visitor: Visitor) -> Result<Response, Refusal> {
    let name = visitor.resource.clone();
    let request = inspection::GetEvidenceRequest { name: name.clone() };
    let mut evidence = visitor.desk.evidence();
    let known = evidence.get_evidence(request).await?.into_inner();
    let request = inspection::DownloadEvidenceRequest { name, offset: 0 };
    let content = evidence.download_evidence(request).await?.into_inner();
    let content = content.map(|part| part.map(|part| part.chunk));
    let kind = match known.r#type() {
        EvidenceType::Jpeg => Some("image/jpeg"),
        EvidenceType::Png => Some("image/png"),
        EvidenceType::Webp => Some("image/webp"),
        EvidenceType::Unspecified
        | EvidenceType::Pdf
        | EvidenceType::Mp4
        | EvidenceType::M4a
        | EvidenceType::Mp3
        | EvidenceType::Docx
        | EvidenceType::Xlsx
        | EvidenceType::Text => None,
    };
    let how = if kind.is_some() {
        "inline"
    } else {
        "attachment"
    };
    let plain = crate::fields::encode(&known.file_name);
    let disposition = format!("{how}; filename*=UTF-8''{plain}");
    let headers = [
        (
            CONTENT_TYPE,
            kind.unwrap_or("application/octet-stream").to_owned(),
        ),
        (CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(content)).into_response())
}

/// Where files of evidence are shown.
pub fn address(county: &str, name: &str) -> String {
    format!("/{county}/evidence/{}", id(name))
}
