//! Fonts of folders, and which stand in for which.

use std::fs;
use std::path::{Path, PathBuf};

use dudao_paper::layout::{BODY_FONT, FIRST_FONT, FOLIO_FONT, SECOND_FONT, TITLE_FONT};
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// For each font of the standard the families that are asked for in turn: its own names, then free ones (Fandol, of
/// Debian's texlive-lang-chinese; Noto, of fonts-noto-cjk).
pub const FAMILIES: [(&str, &[&str]); 5] = [
    (
        TITLE_FONT,
        &[
            "方正小标宋简体",
            "方正小标宋_GBK",
            "FZXiaoBiaoSong-B05S",
            "FZXiaoBiaoSong-B05",
            "FandolSong",
            "Noto Serif CJK SC",
        ],
    ),
    (
        BODY_FONT,
        &[
            "仿宋_GB2312",
            "FangSong_GB2312",
            "仿宋",
            "FangSong",
            "FandolFang R",
            "FandolFang",
            "Noto Serif CJK SC",
        ],
    ),
    (
        FIRST_FONT,
        &[
            "黑体",
            "SimHei",
            "FandolHei",
            "Noto Sans CJK SC",
            "Noto Serif CJK SC",
        ],
    ),
    (
        SECOND_FONT,
        &[
            "楷体_GB2312",
            "KaiTi_GB2312",
            "楷体",
            "KaiTi",
            "FandolKai",
            "LXGW WenKai",
            "Noto Serif CJK SC",
        ],
    ),
    (
        FOLIO_FONT,
        &["宋体", "SimSun", "FandolSong", "Noto Serif CJK SC"],
    ),
];

/// How deep folders are looked through.
const DEPTH: usize = 8;

/// The fonts at hand that are asked for.
#[derive(Debug)]
pub struct Fonts {
    pub book: LazyHash<FontBook>,
    pub fonts: Vec<Font>,
}

impl Fonts {
    /// Those of some folders; none if they have none for the body.
    pub fn of(folders: &[PathBuf]) -> Option<Self> {
        let mut files = Vec::new();
        for folder in folders {
            collect(folder, DEPTH, &mut files);
        }
        let mut book = FontBook::new();
        let mut fonts = Vec::new();
        for file in files {
            let Ok(content) = fs::read(&file) else {
                continue;
            };
            for font in Font::iter(Bytes::new(content)) {
                if is_wanted(&font) {
                    book.push(font.info().clone());
                    fonts.push(font);
                }
            }
        }
        let body = families(BODY_FONT).iter();
        body.map(|family| family.to_lowercase())
            .any(|family| book.contains_family(&family))
            .then(|| Self {
                book: LazyHash::new(book),
                fonts,
            })
    }
}

/// The families that may stand for a font of the standard.
pub fn families(font: &str) -> &'static [&'static str] {
    let found = FAMILIES.iter().find(|(name, _)| *name == font);
    found.map_or(&[], |(_, families)| families)
}

fn is_wanted(font: &Font) -> bool {
    let family = font.info().family.to_lowercase();
    let mut wanted = FAMILIES.iter().flat_map(|(_, families)| families.iter());
    wanted.any(|one| one.to_lowercase() == family)
}

/// Files of fonts below a folder, in the order of their names.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, files);
            }
            continue;
        }
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase());
        if matches!(ending.as_deref(), Some("otf" | "ttf" | "ttc" | "otc")) {
            files.push(path);
        }
    }
}
