//! How two plans differ.

use std::collections::BTreeMap;

/// How a subject is in a plan: what it is called, and what is said of it.
pub type Entries = BTreeMap<String, (String, String)>;

/// A difference between two plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The school or visit.
    pub subject: String,
    /// What it is called.
    pub name: String,
    /// How it is in the first plan; "" if it is not there.
    pub before: String,
    /// How it is in the second plan; "" if it is not there.
    pub after: String,
}

/// What differs, in the order of the subjects.
pub fn differences(before: &Entries, after: &Entries) -> Vec<Difference> {
    let mut subjects: Vec<&String> = before.keys().chain(after.keys()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let said = |entry: Option<&(String, String)>| entry.map_or_else(String::new, |e| e.1.clone());
    subjects
        .into_iter()
        .filter_map(|subject| {
            let (old, new) = (before.get(subject), after.get(subject));
            let name = new.or(old).map(|entry| entry.0.clone())?;
            (old.map(|e| &e.1) != new.map(|e| &e.1)).then(|| Difference {
                subject: subject.clone(),
                name,
                before: said(old),
                after: said(new),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let entries = |list: &[(&str, &str)]| -> Entries {
            list.iter()
                .map(|(id, said)| ((*id).to_owned(), ((*id).to_lowercase(), (*said).to_owned())))
                .collect()
        };
        let before = entries(&[("A", "x"), ("B", "x"), ("C", "x")]);
        let after = entries(&[("A", "x"), ("B", "y"), ("D", "z")]);
        let told: Vec<_> = differences(&before, &after)
            .into_iter()
            .map(|d| (d.subject, d.name, d.before, d.after))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(s, n, b, a)| (s.as_str(), n.as_str(), b.as_str(), a.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("B", "b", "x", "y"),
                ("C", "c", "x", ""),
                ("D", "d", "", "z")
            ]
        );
        assert!(differences(&after, &after).is_empty());
    }
}
