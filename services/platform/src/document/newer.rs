//! Texts that a newer release has written: while an installation is brought up to date both releases write, and neither may lose what it
//! does not know.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

/// Reads a document. What it has and the type has not is passed over; what the type can't mean is not there for this release, and whoever
/// asks again may meet one that knows it.
pub(super) fn read<T: DeserializeOwned>(stored: &str) -> Result<T> {
    serde_json::from_str(stored).map_err(|error| {
        if serde_json::from_str::<Value>(stored).is_err() {
            return Error::internal(error);
        }
        // What it says stays here: it may be somebody's.
        tracing::error!(
            column = error.column(),
            "a document says what this release does not know"
        );
        Error::unavailable("a newer dudao is needed to read this")
    })
}

/// Whether a type has taken in all that a text says.
pub fn knows(stored: &str, known: &impl Serialize) -> Result<bool> {
    let text = text(known)?;
    Ok(stored == text || covers(&value(&text)?, &value(stored)?))
}

/// The text of what is `new` in place of `stored`, which was read as `known`: with all that this release does not know of. Where that
/// stands in a list that has changed there is no telling where it belongs, and it takes a newer release.
pub fn rewritten<T: Serialize>(stored: &str, known: &T, new: &T) -> Result<String> {
    let (known, mut new) = (text(known)?, text(new)?);
    if stored != known {
        let (stored, known, mut changed) = (value(stored)?, value(&known)?, value(&new)?);
        if !covers(&known, &stored) {
            if !carry_over(&stored, &known, &mut changed) {
                return Err(Error::unavailable(
                    "a newer dudao has written this, and is needed to change it",
                ));
            }
            new = text(&changed)?;
        }
    }
    Ok(new)
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn value(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// Whether `known` has every field of `stored`.
fn covers(known: &Value, stored: &Value) -> bool {
    match (known, stored) {
        (Value::Object(known), Value::Object(stored)) => stored
            .iter()
            .all(|(key, stored)| known.get(key).is_some_and(|known| covers(known, stored))),
        (Value::Array(known), Value::Array(stored)) => known
            .iter()
            .zip(stored)
            .all(|(known, stored)| covers(known, stored)),
        // Whatever was written in another way was read all the same.
        _ => true,
    }
}

/// Gives `new` the fields of `stored` that `known` lacks, or tells that they have no place in it.
fn carry_over(stored: &Value, known: &Value, new: &mut Value) -> bool {
    if covers(known, stored) {
        return true;
    }
    if known == new {
        new.clone_from(stored);
        return true;
    }
    let (Value::Object(stored), Value::Object(known), Value::Object(new)) = (stored, known, new)
    else {
        return false;
    };
    stored.iter().all(|(key, stored)| {
        match (known.get(key), new.get_mut(key)) {
            (Some(known), Some(new)) => carry_over(stored, known, new),
            // Taken away with all that was in it.
            (Some(_), None) => true,
            (None, _) => {
                new.entry(key).or_insert_with(|| stored.clone());
                true
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Place {
        town: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct School {
        pupils: i32,
        place: Place,
        #[serde(default)]
        visits: Vec<Place>,
        #[serde(default)]
        notes: BTreeMap<String, String>,
    }

    const NEWER: &str = r#"{"pupils":3,"place":{"town":"巴公镇","village":"东头"},"visits":[{"town":"甲","by":"A"}],"heating":"coal"}"#;

    fn changed(stored: &str, change: impl FnOnce(&mut School)) -> Result<Value> {
        let known: School = read(stored)?;
        let mut new = known.clone();
        change(&mut new);
        value(&rewritten(stored, &known, &new)?)
    }

    #[test]
    fn what_a_newer_release_has_written_stays_where_it_stands() {
        let kept = changed(NEWER, |school| {
            school.pupils = 4;
            school.place.town = "高都镇".to_owned();
            school.notes.insert("a".to_owned(), "b".to_owned());
        });
        let wanted = r#"{"pupils":4,"place":{"town":"高都镇","village":"东头"},"visits":[{"town":"甲","by":"A"}],"heating":"coal",
            "notes":{"a":"b"}}"#;
        assert_eq!(kept.unwrap(), value(wanted).unwrap());
    }

    #[test]
    fn a_list_whose_entries_say_more_than_is_known_is_not_rewritten() {
        let refused = changed(NEWER, |school| school.visits.clear()).unwrap_err();
        assert!(refused.is_transient(), "{refused}");
    }

    #[test]
    fn what_an_older_release_has_written_is_rewritten_as_this_one_writes_it() {
        let older = r#"{"pupils":3,"place":{"town":"甲"}}"#;
        let kept = changed(older, |school| school.visits.push(school.place.clone())).unwrap();
        let wanted = r#"{"pupils":3,"place":{"town":"甲"},"visits":[{"town":"甲"}],"notes":{}}"#;
        assert_eq!(kept, value(wanted).unwrap());
        let known: School = read(older).unwrap();
        assert!(knows(older, &known).unwrap());
        let known: School = read(NEWER).unwrap();
        assert!(!knows(NEWER, &known).unwrap());
    }

    #[test]
    fn what_is_taken_away_goes_with_all_that_was_in_it() {
        let mut notes = value(NEWER).unwrap();
        notes["notes"] = value(r#"{"a":"b","c":"d"}"#).unwrap();
        let kept = changed(&notes.to_string(), |school| {
            school.notes.remove("a");
        });
        assert_eq!(kept.unwrap()["notes"], value(r#"{"c":"d"}"#).unwrap());
    }

    #[test]
    fn a_word_to_come_asks_for_a_newer_release_and_damage_does_not() {
        let word = read::<School>(r#"{"pupils":"many","place":{"town":""}}"#).unwrap_err();
        assert!(word.is_transient(), "{word}");
        assert!(!read::<School>(r#"{"pupils":"#).unwrap_err().is_transient());
    }
}
