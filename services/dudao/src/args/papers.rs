//! Flags of verbs, evidence files and documents.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// A verb of the contract with its fields; alone it lists the verbs, `VERB --help` the fields.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Contract {
    /// The verb, the resource's id or name, and fields: `notify-visit v1 --number 9号 --text 请自评`.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "VERB [ID] [--FIELD VALUE]…"
    )]
    pub words: Vec<String>,
}

/// `evidence …`.
#[derive(Debug, Subcommand)]
pub enum EvidenceFile {
    /// Bring a file in: jpg, png, webp, pdf, mp4, m4a, mp3, docx, xlsx or txt.
    Put(PutEvidence),
    /// Take a file out.
    Get {
        /// Its id or name.
        id: String,
        /// Where to write it.
        #[arg(short, long)]
        file: PathBuf,
    },
}

/// `document …`.
#[derive(Debug, Subcommand)]
pub enum DocumentFile {
    /// Draft one, to be edited: `document draft urging-letter cases/c1 --part 2`.
    Draft(DraftFile),
    /// Issue one: number it and freeze its copies; with a file, as it was edited there.
    Issue(IssueFile),
    /// Take a frozen copy out.
    Save {
        /// Its id or name, such as `urging-letter-c1-2`.
        id: String,
        /// The PDF in place of the .docx.
        #[arg(long)]
        pdf: bool,
        /// Where to write it; by default under its own name, here.
        #[arg(short, long)]
        file: Option<PathBuf>,
    },
}

/// Which document: flags that `document draft` and `document issue` share.
#[derive(Args, Debug)]
pub struct DocumentOf {
    /// What it is: opinion-letter, rectification-decision, urging-letter, interview-record, notification,
    /// accountability-decision, letter-of-appointment, plaque, yearly-report, draw-record.
    pub kind: String,
    /// What it is about, such as `cases/c1`; by default the county.
    #[arg(default_value = "")]
    pub subject: String,
    /// Which one of the subject's; by default the last.
    #[arg(long, default_value_t = 0)]
    pub part: i32,
}

/// Flags of `document draft`.
#[derive(Args, Debug)]
pub struct DraftFile {
    /// Which one.
    #[command(flatten)]
    pub of: DocumentOf,
    /// The PDF in place of the .docx.
    #[arg(long)]
    pub pdf: bool,
    /// Where to write it; by default under its own name, here.
    #[arg(short, long)]
    pub file: Option<PathBuf>,
}

/// Flags of `document issue`.
#[derive(Args, Debug)]
pub struct IssueFile {
    /// Which one.
    #[command(flatten)]
    pub of: DocumentOf,
    /// The draft as it was edited.
    #[arg(short, long)]
    pub file: Option<PathBuf>,
}

/// Flags of `evidence put`.
#[derive(Args, Debug)]
pub struct PutEvidence {
    /// The file.
    pub file: PathBuf,
    /// An id of one's own: the same file sent twice under it is kept once.
    #[arg(long, default_value = "")]
    pub id: String,
    /// The visit that it belongs to.
    #[arg(long, default_value = "")]
    pub visit: String,
    /// Who made it.
    #[arg(long)]
    pub author: String,
}
