//! Evidence files: in by chunks, out by chunks.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use dudao_law::{Violations, Word as _};
use dudao_platform::blob::{self, Key};
use dudao_platform::carry::{Carry, needed_word};
use dudao_platform::document::{self, Filter, Record, about};
use dudao_platform::resource::{
    self, Change, Item, Resource, Stepped, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, page, payload, request};
use dudao_proto::inspection::v1 as proto;
use futures::{Stream, TryStreamExt as _, stream};
use proto::evidence_service_server::EvidenceService;
use proto::upload_evidence_request::Part;
use tonic::{Request, Response, Status, Streaming};

use super::Inspection;
use crate::domain::evidence::{Evidence, EvidenceState, check_names};
use crate::domain::finding::Finding;
use crate::domain::note::Note;
use crate::domain::visit::Visit;
use crate::store::evidence as contents;

/// Bytes of a chunk that is handed out.
const CHUNK: usize = 256 << 10;
/// How often it is looked whether a content has yet to be removed.
const SWEEP: Duration = Duration::from_secs(30);
/// How often an upload starts anew because its content was just removed for another file.
const ATTEMPTS: usize = 5;

impl Carry<proto::Evidence> for Evidence {
    fn carry(&self) -> proto::Evidence {
        let Self {
            file_name,
            r#type,
            visit,
            author,
            record_time,
            sha256,
            size_bytes,
            // Where the content lies is nobody's business.
            generation: _,
            state,
            withdraw_reason,
            withdraw_date,
            remove_reason,
            remove_date,
        } = self;
        proto::Evidence {
            file_name: file_name.clone(),
            r#type: r#type.number(),
            visit: visit.clone(),
            author: author.clone(),
            record_time: record_time.carry(),
            sha256: sha256.clone(),
            size_bytes: *size_bytes,
            state: state.number(),
            withdraw_reason: withdraw_reason.clone(),
            withdraw_date: withdraw_date.carry(),
            remove_reason: remove_reason.clone(),
            remove_date: remove_date.carry(),
            ..proto::Evidence::default()
        }
    }

    fn take(message: proto::Evidence, wrong: &mut Violations, _: &str) -> Self {
        Self {
            file_name: message.file_name,
            r#type: needed_word(message.r#type, wrong, "type"),
            visit: message.visit,
            author: message.author,
            record_time: Carry::take(message.record_time, wrong, "record_time"),
            sha256: message.sha256,
            size_bytes: 0,
            generation: 0,
            state: EvidenceState::Kept,
            withdraw_reason: String::new(),
            withdraw_date: None,
            remove_reason: String::new(),
            remove_date: None,
        }
    }
}

dudao_platform::resource!(Evidence => proto::Evidence, evidence, "evidence_id"; edit { };
    Created => proto::EvidenceUploaded, Updated => proto::EvidenceUploaded);

/// What a download gives.
type Chunks = Pin<Box<dyn Stream<Item = Result<proto::DownloadEvidenceResponse, Status>> + Send>>;

#[tonic::async_trait]
impl EvidenceService for Inspection {
    type DownloadEvidenceStream = Chunks;

    async fn upload_evidence(
        &self,
        request: Request<Streaming<proto::UploadEvidenceRequest>>,
    ) -> Result<Response<proto::Evidence>, Status> {
        let caller = Principal::of(&request)?;
        let (options, content) = self.receive(request.into_inner()).await?;
        Ok(Response::new(self.keep(&caller, options, content).await?))
    }

    async fn download_evidence(
        &self,
        request: Request<proto::DownloadEvidenceRequest>,
    ) -> Result<Response<Chunks>, Status> {
        let caller = Principal::of(&request)?;
        let asked = request.into_inner();
        Ok(Response::new(self.hand_out(&caller, &asked).await?))
    }

    async fn get_evidence(
        &self,
        request: Request<proto::GetEvidenceRequest>,
    ) -> Result<Response<proto::Evidence>, Status> {
        let caller = Principal::of(&request)?;
        let name = &request.get_ref().name;
        Ok(Response::new(
            self.desk.get::<Evidence>(&caller, name).await?,
        ))
    }

    async fn list_evidence(
        &self,
        request: Request<proto::ListEvidenceRequest>,
    ) -> Result<Response<proto::ListEvidenceResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(&caller, &request.parent)?,
            subject: &request.visit,
            ended: request.show_withdrawn,
            ..Filter::default()
        };
        let (evidence, next_page_token) =
            self.desk.list::<Evidence>(&caller, &page, filter).await?;
        Ok(Response::new(proto::ListEvidenceResponse {
            evidence,
            next_page_token,
        }))
    }

    async fn list_pending_evidence(
        &self,
        request: Request<proto::ListPendingEvidenceRequest>,
    ) -> Result<Response<proto::ListPendingEvidenceResponse>, Status> {
        let caller = Principal::of(&request)?;
        let evidence = self.pending(&caller, &request.get_ref().visit).await?;
        Ok(Response::new(proto::ListPendingEvidenceResponse {
            evidence,
        }))
    }

    async fn withdraw_evidence(
        &self,
        request: Request<proto::WithdrawEvidenceRequest>,
    ) -> Result<Response<proto::Evidence>, Status> {
        let caller = Principal::of(&request)?;
        let asked = &request.into_inner();
        let call = call!(&caller, asked);
        let done =
            self.desk
                .step::<Evidence, _>(call, &asked.name, &asked.etag, async |tx, before| {
                    let today = clock::day_of(tx.now_us());
                    let content = before.content.clone().withdraw(&asked.reason, today);
                    Ok(Stepped {
                        content: content.map_err(|refusal| refusal.about(&before.name()))?,
                        facts: vec![Box::new(|about, after| {
                            payload!(
                                about,
                                proto::EvidenceWithdrawn,
                                evidence,
                                Evidence::to_message(after)
                            )
                        })],
                    })
                });
        Ok(Response::new(done.await?))
    }

    async fn remove_evidence_content(
        &self,
        request: Request<proto::RemoveEvidenceContentRequest>,
    ) -> Result<Response<proto::Evidence>, Status> {
        let caller = Principal::of(&request)?;
        let asked = &request.into_inner();
        let call = call!(&caller, asked);
        let done =
            self.desk
                .step::<Evidence, _>(call, &asked.name, &asked.etag, async |tx, before| {
                    let today = clock::day_of(tx.now_us());
                    let content = before.content.clone().remove(&asked.reason, today);
                    let content = content.map_err(|refusal| refusal.about(&before.name()))?;
                    contents::let_go(tx, &key(&content)).await?;
                    Ok(Stepped {
                        content,
                        facts: vec![Box::new(|about, after| {
                            payload!(
                                about,
                                proto::EvidenceContentRemoved,
                                evidence,
                                Evidence::to_message(after)
                            )
                        })],
                    })
                });
        let answer = done.await?;
        // The decision stands whether or not the storage answers now: what is left of it is swept up later.
        if let Err(error) = self.sweep().await {
            tracing::warn!(%error, "a content that was removed still lies in the storage: {error}");
        }
        Ok(Response::new(answer))
    }
}

/// Where the content of a file lies.
fn key(evidence: &Evidence) -> Key {
    Key {
        sha256: evidence.sha256.clone(),
        generation: evidence.generation,
    }
}

impl Inspection {
    /// Receives a whole file; the first part says what it is.
    async fn receive(
        &self,
        mut parts: Streaming<proto::UploadEvidenceRequest>,
    ) -> Result<(proto::UploadEvidenceOptions, Bytes), Status> {
        let first = parts.try_next().await?.and_then(|message| message.part);
        let Some(Part::Options(options)) = first else {
            return Err(Error::invalid(
                "options",
                "第一条消息须说明文件",
                "the first message must carry the options",
            )
            .into());
        };
        let most = self.blobs.max_bytes();
        let mut content = BytesMut::new();
        while let Some(message) = parts.try_next().await? {
            let Some(Part::Chunk(chunk)) = message.part else {
                return Err(Error::invalid(
                    "chunk",
                    "第一条之后的消息须为文件内容",
                    "every message after the first must carry a chunk",
                )
                .into());
            };
            if content.len() + chunk.len() > most {
                let mib = most >> 20;
                return Err(Error::invalid(
                    "chunk",
                    format!("文件超过 {mib} MB"),
                    format!("the file is larger than {mib} MiB"),
                )
                .into());
            }
            content.extend_from_slice(&chunk);
        }
        Ok((options, content.freeze()))
    }

    /// Keeps a file: its content first, so that a row never names what is not there.
    async fn keep(
        &self,
        caller: &Principal,
        mut options: proto::UploadEvidenceOptions,
        content: Bytes,
    ) -> Result<proto::Evidence> {
        let county = parse_county(caller, "parent", &options.parent)?;
        self.registry.known_county(&options.parent).await?;
        let item = Item::only(
            &self.desk.context,
            &options.evidence_id,
            options.evidence.clone().unwrap_or_default(),
        );
        let today = self.desk.context.clock.today();
        let sha256 = blob::sha256(&content);
        let draft = Evidence::from_message(&item.code, item.message.clone(), today)
            .map_err(|wrong| resource::inside(wrong, "evidence.", Evidence::ID, ""))?
            .receive(&content, &sha256)?;
        let mut visit = None;
        if draft.visit.is_empty() {
            caller.check_speaks_for(&draft.author)?;
        } else {
            let (of, code) = parse_name::<Visit>(caller, "evidence.visit", &draft.visit)?;
            if of != county {
                return Err(Error::not_found(&draft.visit));
            }
            visit = Some(code);
        }
        // A request id stands for the options and the content.
        if let Some(evidence) = &mut options.evidence {
            sha256.clone_into(&mut evidence.sha256);
        }
        let sight = self.desk.sight(caller).await?;
        for _ in 0..ATTEMPTS {
            let mut tx = self.desk.context.db.begin_read().await?;
            let before = document::find::<Evidence>(&mut tx, &county, &item.code).await?;
            if before
                .as_ref()
                .is_some_and(|one| !one.content.is_same(&draft))
            {
                return Err(Error::already_exists(document::name::<Evidence>(
                    &county, &item.code,
                )));
            }
            if let Some(code) = &visit {
                let visit = document::get::<Visit>(&mut tx, &county, code).await?;
                resource::seen_by(&sight, &mut tx, visit).await?;
            }
            let generation = contents::generation(&mut tx, &sha256).await?;
            drop(tx);
            let draft = Evidence {
                generation,
                ..draft.clone()
            };
            // Content that was removed for good does not come back because a device sends it once more.
            if before.is_none_or(|one| one.content.state != EvidenceState::Removed) {
                self.blobs.put(&key(&draft), content.clone()).await?;
            }
            let mut tx = self.desk.context.db.begin_write().await?;
            if contents::generation(&mut tx, &sha256).await? != generation {
                // The same content was removed for another file meanwhile: what lies under the old name is to go too.
                contents::must_go(&mut tx, &key(&draft)).await?;
                tx.commit().await?;
                continue;
            }
            let answer = request::once(
                &mut tx,
                &county,
                &options.request_id,
                &options,
                async |tx: &mut Tx| {
                    if let Some(code) = &visit {
                        let visit = document::get::<Visit>(tx, &county, code).await?;
                        resource::seen_by(&sight, tx, visit).await?;
                    }
                    if let Some(before) =
                        document::find::<Evidence>(tx, &county, &item.code).await?
                    {
                        return if before.content.is_same(&draft) {
                            Ok(Evidence::to_message(&before))
                        } else {
                            Err(Error::already_exists(before.name()))
                        };
                    }
                    contents::hold(tx, &sha256).await?;
                    let record = Record::new(tx, &county, &item.code, draft.clone());
                    resource::only(
                        resource::write(tx, caller.actor(), Change::Created, &[record]).await?,
                    )
                },
            )
            .await?;
            tx.commit().await?;
            return Ok(answer);
        }
        Err(Error::unavailable("the same content is being removed"))
    }

    async fn hand_out(
        &self,
        caller: &Principal,
        asked: &proto::DownloadEvidenceRequest,
    ) -> Result<Chunks> {
        let record = self
            .desk
            .record::<Evidence>(caller, "name", &asked.name)
            .await?;
        record
            .content
            .may_read()
            .map_err(|refusal| refusal.about(&record.name()))?;
        let offset = usize::try_from(asked.offset)
            .ok()
            .filter(|_| asked.offset <= record.content.size_bytes)
            .ok_or_else(|| {
                Error::invalid(
                    "offset",
                    format!("须为 0 至 {}", record.content.size_bytes),
                    format!("must be 0 to {}", record.content.size_bytes),
                )
            })?;
        let content = self
            .blobs
            .get(&key(&record.content), &record.name())
            .await?
            .slice(offset..);
        let chunks = stream::unfold(content, |mut rest| async move {
            if rest.is_empty() {
                return None;
            }
            let chunk = rest.split_to(rest.len().min(CHUNK)).to_vec();
            Some((Ok(proto::DownloadEvidenceResponse { chunk }), rest))
        });
        Ok(Box::pin(chunks))
    }

    /// What a visit's notes and findings name and has not come yet.
    async fn pending(&self, caller: &Principal, visit: &str) -> Result<Vec<String>> {
        const MOST: i64 = 10_000;
        let visit = self.desk.record::<Visit>(caller, "visit", visit).await?;
        let name = visit.name();
        let mut tx = self.desk.context.db.begin_read().await?;
        let notes = about::<Note>(&mut tx, &visit.county, &name).await?;
        let found = Filter {
            county: &visit.county,
            place: &name,
            limit: MOST,
            ..Filter::default()
        };
        let findings = document::list::<Finding>(&mut tx, &found).await?;
        let mut names: Vec<_> = notes
            .into_iter()
            .flat_map(|note| note.content.evidence)
            .chain(findings.into_iter().flat_map(|one| one.content.evidence))
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut pending = Vec::new();
        for name in names {
            let (_, code) = parse_name::<Evidence>(caller, "evidence", &name)?;
            if document::find::<Evidence>(&mut tx, &visit.county, &code)
                .await?
                .is_none()
            {
                pending.push(name);
            }
        }
        Ok(pending)
    }

    /// Removes what no file holds any more from where it lies.
    async fn sweep(&self) -> Result<()> {
        let mut tx = self.desk.context.db.begin_read().await?;
        let keys = contents::to_remove(&mut tx).await?;
        drop(tx);
        for key in keys {
            self.blobs.remove(&key).await?;
            let mut tx = self.desk.context.db.begin_write().await?;
            contents::removed(&mut tx, &key).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Does so again and again, until the process ends: a storage may have been away, a process may have been killed.
    pub(crate) async fn keep_sweeping(self) -> Result<()> {
        let stopping = self.desk.context.shutdown.clone();
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "contents that were removed still lie in the storage: {error}");
            }
            tokio::select! {
                () = stopping.asked() => return Ok(()),
                () = tokio::time::sleep(SWEEP) => {}
            }
        }
    }
}

/// Checks the evidence that a new record names: of its own county, and none that was taken back. A file that has not come yet
/// is fine: a device out of reach sends its words first and its files later, and [`Inspection::pending`] tells which are
/// missing.
pub(super) async fn check_evidence(
    tx: &mut Tx,
    county: &str,
    field: &str,
    names: &[String],
) -> Result<()> {
    let mut wrong = Violations::new();
    check_names(&mut wrong, county, names);
    let mut placed = Violations::new();
    placed.adopt(field, wrong);
    placed.into_result()?;
    for (at, name) in names.iter().enumerate() {
        let code = name.rsplit('/').next().unwrap_or_default();
        let found = document::find::<Evidence>(tx, county, code).await?;
        if found.is_some_and(|file| file.content.state != EvidenceState::Kept) {
            return Err(Error::invalid(
                format!("{field}.evidence[{at}]"),
                "该文件已撤回，不能引用",
                "was taken back",
            ));
        }
    }
    Ok(())
}
