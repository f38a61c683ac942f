//! What a search finds: words as they are written, or as they are spoken.
//!
//! Lists are searched here and not by the registry: their pages join what three services know, and a county's whole list is a few hundred
//! rows, which the console has read to sort them.

use pinyin::ToPinyinMulti as _;

/// More letters than this say nothing more.
const MOST: usize = 40;

/// Whether one of the texts holds what is searched for: as it is written, or in pinyin, each character in full or by its first letters
/// (`bgz` or `bagongzhen` for 巴公镇).
pub fn found(search: &str, texts: &[&str]) -> bool {
    let search = search.trim().to_lowercase();
    if search.is_empty() {
        return true;
    }
    let letters: String = search.chars().filter(|c| !" '-".contains(*c)).collect();
    let speakable = letters.len() <= MOST && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    texts.iter().any(|text| {
        text.to_lowercase().contains(&search) || (speakable && is_spoken(&letters, text))
    })
}

fn is_spoken(letters: &str, text: &str) -> bool {
    let readings: Vec<Vec<String>> = text.chars().map(readings).collect();
    // Only where a character begins, and only in a text that has some.
    !text.is_ascii()
        && !letters.is_empty()
        && (0..readings.len()).any(|from| goes_on(letters, &readings[from..]))
}

/// How a character is read: 长 is chang and zhang.
fn readings(character: char) -> Vec<String> {
    if let Some(all) = character.to_pinyin_multi() {
        return all
            .into_iter()
            .map(|reading| reading.plain().replace('ü', "v"))
            .collect();
    }
    vec![character.to_lowercase().collect()]
}

/// Whether these characters, each of which is given by at least its first letter, can be read so.
fn goes_on(letters: &str, readings: &[Vec<String>]) -> bool {
    if letters.is_empty() {
        return true;
    }
    let Some((first, rest)) = readings.split_first() else {
        return false;
    };
    first.iter().any(|reading| {
        let pairs = reading.bytes().zip(letters.bytes());
        let common = pairs.take_while(|(a, b)| a == b).count();
        (1..=common).any(|taken| goes_on(&letters[taken..], rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_it_is_written_and_as_it_is_spoken() {
        let name = ["巴公镇中心小学"];
        for search in [
            "",
            "公镇",
            "bagongzhen",
            "bgzzx",
            "ba gong",
            "zhongxin",
            "bagz",
            "xiaox",
        ] {
            assert!(found(search, &name), "{search}");
        }
        for search in ["gongba", "bagongxiao", "x y z", "bg2", "中心镇"] {
            assert!(!found(search, &name), "{search}");
        }
        // 长 is read in two ways, 吕 has a letter that keyboards lack.
        assert!(found("zhangzhi", &["长治路小学"]) && found("changzhi", &["长治路小学"]));
        assert!(found("lvliang", &["吕梁"]));
        assert!(found("s25", &["S25"]) && !found("s5", &["S25"]));
    }
}
