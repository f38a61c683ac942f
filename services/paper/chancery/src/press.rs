//! Where a paper is made into files: .docx here, PDF by whatever the process was given.

use std::fmt;
use std::sync::Arc;

use dudao_paper::Paper;
use dudao_platform::{Error, Result};

/// Makes a PDF of a paper; none where there are no fonts for it.
type Print = dyn Fn(&Paper) -> Result<Option<Vec<u8>>, String> + Send + Sync;

/// Makes files of papers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Press(Option<Arc<Print>>);

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Press(pdf)"
        } else {
            "Press"
        })
    }
}

impl Press {
    /// One that makes PDFs too.
    pub fn new(
        print: impl Fn(&Paper) -> Result<Option<Vec<u8>>, String> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(print)))
    }

    /// A paper as .docx, and as PDF if that is wanted and can be made.
    pub(crate) async fn write(
        &self,
        paper: Paper,
        pdf: bool,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
        let print = self.0.clone().filter(|_| pdf);
        let written = tokio::task::spawn_blocking(move || {
            let docx = paper.docx().map_err(Error::internal)?;
            let pdf = print.map(|print| print(&paper)).transpose();
            Ok((docx, pdf.map_err(Error::internal)?.flatten()))
        });
        written.await.map_err(Error::internal)?
    }
}
