//! Why a command failed, and the exit code that tells it to scripts.

use std::process::ExitCode;

use dudao_platform::rpc::Fault;
use tonic::{Code, Status};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A service refused the call.
    #[error("{0}")]
    Refused(Box<Fault>),
    /// The platform could not do it.
    #[error("{0}")]
    Platform(Box<dudao_platform::Error>),
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// What was given is wrong; the message lists everything.
    #[error("{0}")]
    Input(String),
    /// It is proven that no plan keeps every rule.
    #[error("{0}")]
    Infeasible(String),
    /// No plan was found within the limits.
    #[error("{0}")]
    Unsolved(String),
    /// Anything else, told as it is.
    #[error("{0}")]
    Other(String),
}

/// A command's result.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// The exit code that the crate's documentation promises.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(fault) => match fault.code {
                Code::InvalidArgument => 3,
                Code::Unavailable | Code::DeadlineExceeded => 6,
                Code::Ok
                | Code::Cancelled
                | Code::Unknown
                | Code::NotFound
                | Code::AlreadyExists
                | Code::PermissionDenied
                | Code::ResourceExhausted
                | Code::FailedPrecondition
                | Code::Aborted
                | Code::OutOfRange
                | Code::Unimplemented
                | Code::Internal
                | Code::DataLoss
                | Code::Unauthenticated => 1,
            },
            Self::Input(_) => 3,
            Self::Infeasible(_) => 4,
            Self::Unsolved(_) => 5,
            Self::Platform(_) | Self::File { .. } | Self::Other(_) => 1,
        })
    }

    /// A failure to read or write `path`.
    pub fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::File { path, error }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(Fault::from(&status)))
    }
}

impl From<dudao_platform::Error> for Failure {
    fn from(error: dudao_platform::Error) -> Self {
        Self::Platform(Box::new(error))
    }
}

impl From<rust_xlsxwriter::XlsxError> for Failure {
    fn from(error: rust_xlsxwriter::XlsxError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.to_string())
    }
}
