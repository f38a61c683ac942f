//! `dudao import`.

use dudao_platform::limited;
use dudao_proto::registry::v1 as registry;
use registry::intake_service_client::IntakeServiceClient;
use registry::{ImportOptions, ImportResult, import_schools_request, import_supervisors_request};
use serde_json::json;

use crate::args::{Format, Import, Kind};
use crate::failure::{Failure, Result};
use crate::output;
use crate::session::Session;

const CHUNK_BYTES: usize = 512 << 10;

/// Takes in a file.
pub async fn run(session: &Session, args: &Import) -> Result<()> {
    let bytes = tokio::fs::read(&args.file)
        .await
        .map_err(Failure::file(&args.file))?;
    let upload = Upload {
        kind: args.kind,
        county: session.county().await?,
        file_name: args
            .file
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
        datum: args.datum.into(),
        bytes,
    };
    // What would be closed is shown first, and done only with --yes.
    let only_look = args.dry_run || (args.replace && !args.yes);
    let result = upload.send(session, args.replace, only_look).await?;
    tell(&result, args, only_look)?;
    if result.problems.is_empty() {
        Ok(())
    } else {
        Err(Failure::Input(format!(
            "{} 处有误，未导入任何数据 · {0} wrong cells, nothing was imported",
            result.problems.len()
        )))
    }
}

/// A file on its way to the registry.
pub struct Upload {
    /// What it holds.
    pub kind: Kind,
    /// `counties/{code}`.
    pub county: String,
    /// Its name; the ending tells the format.
    pub file_name: String,
    /// In what its coordinates are told.
    pub datum: registry::Datum,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// Sends it, in chunks, and tells what became of it.
    pub async fn send(
        self,
        session: &Session,
        replace: bool,
        validate_only: bool,
    ) -> Result<ImportResult> {
        let options = ImportOptions {
            parent: self.county,
            file_name: self.file_name,
            replace,
            validate_only,
            request_id: String::new(),
            datum: self.datum.into(),
        };
        let chunks: Vec<Vec<u8>> = self.bytes.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect();
        let mut client = limited!(IntakeServiceClient::new(session.link.clone()));
        let result = match self.kind {
            Kind::Schools => {
                use import_schools_request::Part;
                let parts = std::iter::once(Part::Options(options))
                    .chain(chunks.into_iter().map(Part::Chunk));
                let requests =
                    parts.map(|part| registry::ImportSchoolsRequest { part: Some(part) });
                client
                    .import_schools(futures::stream::iter(requests.collect::<Vec<_>>()))
                    .await?
                    .into_inner()
                    .result
            }
            Kind::Supervisors => {
                use import_supervisors_request::Part;
                let parts = std::iter::once(Part::Options(options))
                    .chain(chunks.into_iter().map(Part::Chunk));
                let requests =
                    parts.map(|part| registry::ImportSupervisorsRequest { part: Some(part) });
                client
                    .import_supervisors(futures::stream::iter(requests.collect::<Vec<_>>()))
                    .await?
                    .into_inner()
                    .result
            }
        };
        result.ok_or_else(|| Failure::Other("the registry's answer has no result".into()))
    }
}

fn tell(result: &ImportResult, args: &Import, only_look: bool) -> Result<()> {
    let problems: Vec<_> = result
        .problems
        .iter()
        .map(|p| {
            json!({
                "file": p.file, "sheet": p.sheet, "row": p.row, "column": p.column, "letter": p.column_letter,
                "value": p.value, "message": p.message, "message_en": p.message_en,
            })
        })
        .collect();
    let closings: Vec<_> = result
        .closings
        .iter()
        .map(|c| json!({"name": c.name, "display_name": c.display_name}))
        .collect();
    let value = json!({
        "imported": result.imported, "created": result.created, "updated": result.updated,
        "unchanged": result.unchanged, "closings": closings, "problems": problems, "remarks": result.remarks,
    });
    output::print(args.output, &value, || {
        let mut text = String::new();
        if !problems.is_empty() {
            text += &output::table(
                &["工作表", "行", "列", "值", "问题"],
                result.problems.iter().map(|p| {
                    let row = if p.row > 0 {
                        p.row.to_string()
                    } else {
                        String::new()
                    };
                    vec![
                        p.sheet.clone(),
                        row,
                        format!("{} {}", p.column_letter, p.column),
                        p.value.clone(),
                        p.message.clone(),
                    ]
                }),
            );
            return text;
        }
        text += &format!(
            "新增 created {} · 更新 updated {} · 不变 unchanged {}",
            result.created, result.updated, result.unchanged
        );
        if !result.closings.is_empty() {
            text += &format!(
                "\n文件中没有、将停用的 {} 条 to be closed:\n",
                result.closings.len()
            );
            text += &output::table(
                &["名称", "资源 name"],
                result
                    .closings
                    .iter()
                    .map(|c| vec![c.display_name.clone(), c.name.clone()]),
            );
        }
        for remark in &result.remarks {
            text += &format!("\n注意：{remark}");
        }
        if only_look {
            text += "\n（仅检查，未写入；加 --yes 执行 checked only, nothing written）";
        }
        text
    })?;
    if args.output == Format::Table && result.imported {
        eprintln!("已导入 imported");
    }
    Ok(())
}
