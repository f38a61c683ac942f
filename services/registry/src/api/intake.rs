//! Files in, templates out.

use std::collections::HashSet;

use chrono::NaiveDate;
use dudao_law::Datum;
use dudao_platform::error::{Error, Result, Violations};
use dudao_platform::request::{self, Seen};
use dudao_platform::rpc::Principal;
use dudao_platform::{Tx, clock};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::intake_service_server::IntakeService;
use futures::TryStreamExt as _;
use prost::Message as _;
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status, Streaming};

use super::{Change, Resource};
use super::{Registry, Upserted, parse_county, upsert_schools, upsert_supervisors, word, write};
use crate::domain::county::County;
use crate::domain::intake::{self, Problem, Sheet};
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::files;
use crate::store::{self, Record};

/// A workbook takes many times its size while it is read: one after the other.
static READING: Semaphore = Semaphore::const_new(1);

/// A file as it arrived.
struct Upload {
    options: proto::ImportOptions,
    bytes: Vec<u8>,
}

/// A part of a file, whichever kind of file it is.
enum Part {
    Options(proto::ImportOptions),
    Chunk(Vec<u8>),
}

impl Upload {
    /// Receives a whole file; the first part says how to take it in.
    async fn receive<M>(
        mut parts: Streaming<M>,
        part: impl Fn(M) -> Option<Part>,
    ) -> Result<Self, Status> {
        let first = parts.try_next().await?.and_then(&part);
        let Some(Part::Options(options)) = first else {
            return Err(Error::invalid(
                "options",
                "第一条消息须为导入选项",
                "the first message must carry the options",
            )
            .into());
        };
        let mut bytes = Vec::new();
        while let Some(message) = parts.try_next().await? {
            let Some(Part::Chunk(chunk)) = part(message) else {
                return Err(Error::invalid(
                    "chunk",
                    "第一条之后的消息须为文件内容",
                    "every message after the first must carry a chunk",
                )
                .into());
            };
            if bytes.len() + chunk.len() > files::MAX_BYTES {
                return Err(Error::invalid(
                    "chunk",
                    "文件超过 64 MB",
                    "the file is larger than 64 MB",
                )
                .into());
            }
            bytes.extend(chunk);
        }
        Ok(Self { options, bytes })
    }

    /// What a request id stands for: the options and the whole file.
    fn identity(&self) -> Vec<u8> {
        let mut identity = self.options.encode_to_vec();
        identity.extend(&self.bytes);
        identity
    }
}

/// A kind of resource that a file may hold.
trait Intake: Resource + Sized {
    /// Reads the rows of a table, or every wrong cell.
    fn read(sheet: &Sheet, known: &Known) -> Result<Vec<Self>, Vec<Problem>>;
    /// The code of a row.
    fn code(&self) -> &str;
    /// What a row is called.
    fn title(&self) -> &str;
    /// Writes what is new or different.
    async fn upsert(tx: &mut Tx, actor: &str, county: &str, rows: Vec<Self>) -> Result<Upserted>;
}

/// What the county has already, and how a file is to be read.
struct Known {
    county: County,
    schools: Vec<School>,
    datum: Datum,
    today: NaiveDate,
}

impl Known {
    async fn of(tx: &mut Tx, county: &str, datum: Datum) -> Result<Self> {
        Ok(Self {
            datum,
            today: clock::day_of(tx.now_us()),
            county: store::get::<County>(tx, county, county).await?.content,
            schools: contents(store::all::<School>(tx, county).await?),
        })
    }
}

fn contents<T>(records: Vec<Record<T>>) -> Vec<T> {
    records.into_iter().map(|record| record.content).collect()
}

impl Intake for School {
    fn read(sheet: &Sheet, known: &Known) -> Result<Vec<Self>, Vec<Problem>> {
        let places: Vec<_> = known.schools.iter().map(|s| s.place).collect();
        intake::schools(
            sheet,
            known.county.bounds,
            known.datum,
            &places,
            known.today,
        )
    }

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn title(&self) -> &str {
        &self.display_name
    }

    async fn upsert(tx: &mut Tx, actor: &str, county: &str, rows: Vec<Self>) -> Result<Upserted> {
        upsert_schools(tx, actor, county, rows).await
    }
}

impl Intake for Supervisor {
    fn read(sheet: &Sheet, known: &Known) -> Result<Vec<Self>, Vec<Problem>> {
        intake::supervisors(sheet, known.county.bounds, known.datum, &known.schools)
    }

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn title(&self) -> &str {
        &self.display_name
    }

    async fn upsert(tx: &mut Tx, actor: &str, county: &str, rows: Vec<Self>) -> Result<Upserted> {
        upsert_supervisors(tx, actor, county, rows).await
    }
}

impl Registry {
    /// Takes a file in: all of it in one transaction, or nothing and every wrong cell.
    async fn take_in<T: Intake>(
        &self,
        caller: &Principal,
        upload: &Upload,
        identity: &impl prost::Name,
    ) -> Result<proto::ImportSchoolsResponse> {
        let options = &upload.options;
        let county = parse_county(caller, "options.parent", &options.parent)?;
        let mut wrong = Violations::new();
        let datum = word(&mut wrong, "options.datum", Datum::ALL, options.datum);
        wrong.into_result()?;
        let datum = datum.unwrap_or(Datum::Wgs84);
        // Decoding a large workbook takes a while: before the write lock, and off the runtime's threads.
        let bytes = upload.bytes.clone();
        let turn = READING.acquire().await.map_err(Error::internal)?;
        let sheet = tokio::task::spawn_blocking(move || files::read(&bytes))
            .await
            .map_err(Error::internal)?
            .map_err(|wrong| Error::invalid("chunk", wrong.zh, wrong.en))?;
        drop(turn);

        let mut tx = self.desk.context.db.begin_write().await?;
        let ticket = match request::seen(&mut tx, &county, &options.request_id, identity).await? {
            Seen::Before(answer) => return Ok(answer),
            Seen::Never(ticket) => ticket,
        };
        let known = Known::of(&mut tx, &county, datum).await?;
        let mut result = proto::ImportResult::default();
        match T::read(&sheet, &known) {
            Err(problems) => {
                let tell = |p| problem(&options.file_name, &sheet.name, p);
                result.problems = problems.into_iter().map(tell).collect();
            }
            Ok(rows) => {
                self.write_rows(
                    &mut tx,
                    caller.actor(),
                    &county,
                    rows,
                    options.replace,
                    &mut result,
                )
                .await?;
            }
        }
        result.imported = result.problems.is_empty() && !options.validate_only;
        let answer = proto::ImportSchoolsResponse {
            result: Some(result),
        };
        // Nothing is half-imported: what was only checked, or has a wrong cell, is rolled back.
        if answer.result.as_ref().is_some_and(|r| r.imported) {
            ticket.keep(&mut tx, &answer).await?;
            tx.commit().await?;
        }
        Ok(answer)
    }

    async fn write_rows<T: Intake>(
        &self,
        tx: &mut Tx,
        actor: &str,
        county: &str,
        rows: Vec<T>,
        replace: bool,
        result: &mut proto::ImportResult,
    ) -> Result<()> {
        let given: HashSet<String> = rows.iter().map(|row| row.code().to_owned()).collect();
        let before = store::all::<T>(tx, county).await?;
        for record in before
            .iter()
            .filter(|r| r.content.ended() && given.contains(&r.code))
        {
            result.remarks.push(format!(
                "“{}”（{}）此前已停用，导入不会重新启用",
                record.content.title(),
                record.code
            ));
        }
        if replace {
            let missing: Vec<_> = before
                .into_iter()
                .filter(|r| !r.content.ended() && !given.contains(&r.code))
                .map(|record| {
                    let content = record.content.clone().ended_at(tx.now_us());
                    record.changed(tx, content)
                })
                .collect();
            result.closings = missing
                .iter()
                .map(|record| proto::Closing {
                    name: record.name(),
                    display_name: record.content.title().to_owned(),
                })
                .collect();
            write(tx, actor, Change::Ended, &missing).await?;
        }
        let Upserted {
            created,
            updated,
            unchanged,
        } = T::upsert(tx, actor, county, rows).await?;
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        (result.created, result.updated, result.unchanged) =
            (count(created), count(updated), count(unchanged));
        result.remarks.extend(unsupervised(tx, county).await?);
        Ok(())
    }
}

/// Stages that are taught and that nobody may supervise, once there are supervisors at all.
async fn unsupervised(tx: &mut Tx, county: &str) -> Result<Option<String>> {
    let supervisors = contents(store::all::<Supervisor>(tx, county).await?);
    if supervisors.is_empty() {
        return Ok(None);
    }
    let schools = contents(store::all::<School>(tx, county).await?);
    let stages: Vec<_> = intake::unsupervised(&schools, &supervisors)
        .iter()
        .map(|s| s.zh())
        .collect();
    Ok((!stages.is_empty())
        .then(|| format!("下列学段的学校没有督学可以督导：{}", stages.join("、"))))
}

fn problem(file: &str, sheet: &str, problem: Problem) -> proto::CellProblem {
    let Problem {
        row,
        column,
        letter,
        value,
        zh,
        en,
    } = problem;
    proto::CellProblem {
        file: file.to_owned(),
        sheet: sheet.to_owned(),
        row: i32::try_from(row).unwrap_or(i32::MAX),
        column,
        column_letter: letter,
        value,
        message: zh,
        message_en: en,
    }
}

#[tonic::async_trait]
impl IntakeService for Registry {
    async fn import_schools(
        &self,
        request: Request<Streaming<proto::ImportSchoolsRequest>>,
    ) -> Result<Response<proto::ImportSchoolsResponse>, Status> {
        use proto::import_schools_request::Part as Incoming;
        let caller = Principal::of(&request)?;
        let upload = Upload::receive(
            request.into_inner(),
            |message: proto::ImportSchoolsRequest| {
                Some(match message.part? {
                    Incoming::Options(options) => Part::Options(options),
                    Incoming::Chunk(chunk) => Part::Chunk(chunk),
                })
            },
        )
        .await?;
        let identity = proto::ImportSchoolsRequest {
            part: Some(Incoming::Chunk(upload.identity())),
        };
        Ok(Response::new(
            self.take_in::<School>(&caller, &upload, &identity).await?,
        ))
    }

    async fn import_supervisors(
        &self,
        request: Request<Streaming<proto::ImportSupervisorsRequest>>,
    ) -> Result<Response<proto::ImportSupervisorsResponse>, Status> {
        use proto::import_supervisors_request::Part as Incoming;
        let caller = Principal::of(&request)?;
        let upload = Upload::receive(
            request.into_inner(),
            |message: proto::ImportSupervisorsRequest| {
                Some(match message.part? {
                    Incoming::Options(options) => Part::Options(options),
                    Incoming::Chunk(chunk) => Part::Chunk(chunk),
                })
            },
        )
        .await?;
        let identity = proto::ImportSupervisorsRequest {
            part: Some(Incoming::Chunk(upload.identity())),
        };
        let proto::ImportSchoolsResponse { result } = self
            .take_in::<Supervisor>(&caller, &upload, &identity)
            .await?;
        Ok(Response::new(proto::ImportSupervisorsResponse { result }))
    }

    async fn get_template(
        &self,
        request: Request<proto::GetTemplateRequest>,
    ) -> Result<Response<proto::GetTemplateResponse>, Status> {
        let (title, columns) = match request.get_ref().kind() {
            proto::FileKind::Schools => ("学校", intake::SCHOOLS),
            proto::FileKind::Supervisors => ("督学", intake::SUPERVISORS),
            proto::FileKind::Unspecified => {
                return Err(Error::invalid(
                    "kind",
                    "须为学校或督学",
                    "must be schools or supervisors",
                )
                .into());
            }
        };
        let content = files::template(title, columns).map_err(Error::internal)?;
        Ok(Response::new(proto::GetTemplateResponse { content }))
    }
}
