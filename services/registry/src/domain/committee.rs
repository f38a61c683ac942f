//! The county's supervision committee (县政府教育督导委员会, art. 一, 二).

use dudao_law::{Violations, check_count, check_length};
use serde::{Deserialize, Serialize};

/// The most people who share a post.
const MAX_DEPUTIES: usize = 20;

/// A person in a post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// The person's name; "" while the post is vacant.
    pub display_name: String,
    /// The person's post.
    pub post: String,
    /// At work.
    pub phone: String,
}

impl Officer {
    /// A vacant post.
    fn vacant(post: &str) -> Self {
        Self {
            post: post.to_owned(),
            ..Self::default()
        }
    }

    fn check(&self, wrong: &mut Violations, path: &str) {
        check_length(
            wrong,
            &format!("{path}.display_name"),
            &self.display_name,
            100,
        );
        check_length(wrong, &format!("{path}.post"), &self.post, 100);
        dudao_law::check_phone(wrong, &format!("{path}.phone"), &self.phone);
    }
}

/// The committee; its member units are resources of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committee {
    /// 主任.
    pub director: Officer,
    /// 副主任.
    pub deputies: Vec<Officer>,
    /// Where its office is.
    pub office: String,
    /// 办公室主任.
    pub office_director: Officer,
    /// 总督学.
    pub chief_supervisor: Officer,
    /// 副总督学.
    pub deputy_chief_supervisors: Vec<Officer>,
    /// Its working rules (art. 二).
    pub working_rules: String,
}

impl Committee {
    /// The committee that a county is born with: the posts of art. 一, vacant.
    pub fn vacant() -> Self {
        Self {
            director: Officer::vacant("分管教育工作的副县长"),
            deputies: vec![
                Officer::vacant("县政府办公室协助分管教育工作的副主任"),
                Officer::vacant("县教育局局长"),
            ],
            office: "县教育局".to_owned(),
            office_director: Officer::vacant("县教育局局长"),
            chief_supervisor: Officer::vacant("县教育局局长"),
            deputy_chief_supervisors: vec![Officer::vacant("副总督学")],
            working_rules: String::new(),
        }
    }

    /// Checks what was said of it.
    pub fn check(self, _code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        self.director.check(&mut wrong, "director");
        self.office_director.check(&mut wrong, "office_director");
        self.chief_supervisor.check(&mut wrong, "chief_supervisor");
        let lists = [
            ("deputies", &self.deputies),
            ("deputy_chief_supervisors", &self.deputy_chief_supervisors),
        ];
        for (field, people) in lists {
            check_count(&mut wrong, field, people.len(), MAX_DEPUTIES);
            for (at, one) in people.iter().enumerate() {
                one.check(&mut wrong, &format!("{field}[{at}]"));
            }
        }
        check_length(&mut wrong, "office", &self.office, 100);
        check_length(&mut wrong, "working_rules", &self.working_rules, 20_000);
        wrong.into_result()?;
        Ok(self)
    }

    /// All of it may be changed.
    #[must_use]
    pub fn keep(self, _before: &Self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn article_01_a_committee_has_a_director_deputies_an_office_and_a_chief_supervisor_to_be_named()
    {
        let committee = Committee::vacant().check("").unwrap();
        assert_eq!(committee.director.post, "分管教育工作的副县长");
        assert_eq!(committee.deputies.len(), 2);
        assert_eq!(committee.office, "县教育局");
        assert!(committee.chief_supervisor.display_name.is_empty());
    }

    #[test]
    fn every_wrong_field_of_every_officer_is_told_at_once() {
        let long = "名".repeat(101);
        let mut committee = Committee::vacant();
        committee.director.display_name.clone_from(&long);
        committee.deputies[1].display_name = long;
        let wrong = committee.check("").unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(
            fields,
            ["director.display_name", "deputies[1].display_name"]
        );
    }
}
