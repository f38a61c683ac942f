//! What stands above a county's documents.

/// What stands above a county's documents; "" where the county says nothing and what is usual stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// The county's name.
    pub county: String,
    /// 发文机关.
    pub issuer: String,
    /// 机关代字.
    pub agency_code: String,
    /// Where the public pages are reached from outside.
    pub public_uri: String,
}

impl Letterhead {
    /// The committee.
    pub fn committee(&self) -> String {
        if self.issuer.is_empty() {
            format!("{}人民政府教育督导委员会", self.county)
        } else {
            self.issuer.clone()
        }
    }

    /// The committee's office.
    pub fn office(&self) -> String {
        format!("{}办公室", self.committee())
    }

    /// A document's number (7.2.5): the year in full, the serial without zeros in front, and no 第.
    pub fn number(&self, word: &str, year: i32, serial: i32) -> String {
        let code = if self.agency_code.is_empty() {
            format!("{}教督", self.county.chars().next().unwrap_or_default())
        } else {
            self.agency_code.clone()
        };
        format!("{code}{word}〔{year}〕{serial}号")
    }

    /// The address of a public page, if it is known from where it is reached.
    pub fn public_page(&self, path: &str) -> Option<String> {
        let root = self.public_uri.trim_end_matches('/');
        (!root.is_empty()).then(|| format!("{root}/public/{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_that_says_nothing_has_what_is_usual() {
        let mut head = Letterhead {
            county: "泽州县".to_owned(),
            ..Letterhead::default()
        };
        assert_eq!(head.office(), "泽州县人民政府教育督导委员会办公室");
        assert_eq!(head.number("意", 2026, 3), "泽教督意〔2026〕3号");
        assert_eq!(head.public_page("140525"), None);
        head.agency_code = "泽政督".to_owned();
        head.public_uri = "https://dudao.example.cn/".to_owned();
        assert_eq!(head.number("", 2026, 12), "泽政督〔2026〕12号");
        assert_eq!(
            head.public_page("140525").unwrap(),
            "https://dudao.example.cn/public/140525"
        );
    }
}
