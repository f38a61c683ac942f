//! PDFs of official documents, for the record: typeset by typst in the layout of GB/T 9704-2012.
//!
//! This crate alone has typst, and only the binary and tests have this crate: services build without it. The fonts that the
//! standard names are not free; where they are not at hand, free ones stand in ([`FAMILIES`]). Whoever has a licence puts the
//! files into a folder of fonts.

mod fonts;
mod source;
mod world;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use dudao_paper::Paper;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

pub use fonts::FAMILIES;
use fonts::Fonts;
use world::Sheet;

/// A paper of which no PDF could be made.
#[derive(Debug, thiserror::Error)]
#[error("no PDF could be made: {0}")]
pub struct Unprintable(String);

/// Makes PDFs with the fonts of some folders, which are read when the first one is made. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Printer {
    folders: Vec<PathBuf>,
    fonts: Arc<OnceLock<Option<Fonts>>>,
}

impl Printer {
    /// With the fonts of these folders and those below; what is found first goes before.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self {
            folders,
            fonts: Arc::default(),
        }
    }

    /// A paper as PDF; none where there are no Chinese fonts.
    pub fn print(&self, paper: &Paper) -> Result<Option<Vec<u8>>, Unprintable> {
        let Some(document) = self.set(paper)? else {
            return Ok(None);
        };
        let options = PdfOptions {
            ident: Smart::Custom(format!("{} {}", paper.number, paper.title)),
            ..PdfOptions::default()
        };
        let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| said(&errors))?;
        Ok(Some(pdf))
    }

    /// A paper as pages.
    fn set(&self, paper: &Paper) -> Result<Option<PagedDocument>, Unprintable> {
        let fonts = self.fonts.get_or_init(|| {
            let fonts = Fonts::of(&self.folders);
            if fonts.is_none() {
                tracing::warn!(folders = ?self.folders, "no Chinese fonts in these folders: there will be no PDFs");
            }
            fonts
        });
        let Some(fonts) = fonts else {
            return Ok(None);
        };
        let sheet = Sheet::of(fonts, &paper.plain());
        let document = typst::compile::<PagedDocument>(&sheet).output;
        // What was remembered of this paper does not help with the next one.
        typst::comemo::evict(0);
        document.map(Some).map_err(|errors| said(&errors))
    }
}

fn said(errors: &[typst::diag::SourceDiagnostic]) -> Unprintable {
    let words: Vec<_> = errors
        .iter()
        .map(|error| error.message.to_string())
        .collect();
    Unprintable(words.join("; "))
}

#[cfg(test)]
mod tests;
