//! What typst may read: one source, and the pictures that it names. No files, no clock.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

use dudao_paper::Paper;

use crate::fonts::Fonts;
use crate::source;

/// A paper on its way to pages.
pub struct Sheet<'a> {
    fonts: &'a Fonts,
    library: LazyHash<Library>,
    main: Source,
}

impl<'a> Sheet<'a> {
    pub fn of(fonts: &'a Fonts, paper: &Paper) -> Self {
        Self {
            fonts,
            library: LazyHash::new(Library::default()),
            main: Source::detached(source::of(paper)),
        }
    }
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
