//! The plaque at a school's gate (督导责任牌, art. 五, 十七).

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations};
use serde::{Deserialize, Serialize};

use super::school::{School, Stage};
use super::supervisor::Supervisor;

/// What the responsible supervisor of a school looks after (`rules.md` § 2).
const MATTERS: [&str; 8] = [
    "校务管理和制度执行",
    "招生、收费和择校",
    "课程开设和课堂教学",
    "学生学习、体育锻炼和课业负担",
    "教师师德和专业发展",
    "校园及周边安全",
    "食堂、饮水和宿舍卫生",
    "校风、教风和学风",
];

/// And of a kindergarten.
const KINDERGARTEN_MATTERS: [&str; 3] = ["安全管理", "规范办园", "师德师风"];

/// A plaque: what it says, and which edition of that hangs there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plaque {
    /// Full name of the school.
    pub school: String,
    /// What the school is called.
    pub school_name: String,
    /// Full name of the zone.
    pub zone: String,
    /// Full name of the supervisor.
    pub supervisor: String,
    /// The supervisor's name.
    pub supervisor_name: String,
    /// How to reach the supervisor.
    pub phone: String,
    /// The supervisor's photo.
    pub photo_uri: String,
    /// What the supervisor looks after.
    pub matters: Vec<String>,
    /// Counts what it has said, from 1.
    pub edition: i32,
    /// The edition last printed; 0 if none.
    pub printed_edition: i32,
    /// Whether what hangs there is not what holds.
    pub reprint_due: bool,
    /// When it was last printed.
    pub print_date: Option<NaiveDate>,
    /// When the printed edition was put up.
    pub post_date: Option<NaiveDate>,
    /// Whether nobody is responsible any more.
    pub taken_down: bool,
}

/// Of whom and what a school's plaque is to speak.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Full name of the school.
    pub school_name: String,
    /// The school.
    pub school: &'a School,
    /// Full name of the zone.
    pub zone: String,
    /// Full name of the responsible supervisor.
    pub supervisor_name: String,
    /// The responsible supervisor.
    pub supervisor: &'a Supervisor,
}

/// What becomes of a school's plaque, if anything: it is issued, says something else, or is taken down when nobody is responsible.
pub fn follow(hanging: Option<&Plaque>, wanted: Option<Wanted<'_>>) -> Option<Plaque> {
    match (hanging, wanted) {
        (None, None) => None,
        (None, Some(wanted)) => Some(Plaque::default().becomes(Plaque::of(wanted))),
        (Some(before), Some(wanted)) => {
            Some(before.becomes(Plaque::of(wanted))).filter(|after| after != before)
        }
        (Some(before), None) => (!before.taken_down).then(|| before.take_down()),
    }
}

impl Plaque {
    /// What the plaque of a school says.
    fn of(wanted: Wanted<'_>) -> Self {
        let Wanted {
            school_name,
            school,
            zone,
            supervisor_name,
            supervisor,
        } = wanted;
        let matters: &[&str] = match school.stage {
            Stage::Kindergarten => &KINDERGARTEN_MATTERS,
            Stage::Primary
            | Stage::Junior
            | Stage::Senior
            | Stage::NineYear
            | Stage::TwelveYear
            | Stage::CompleteSecondary
            | Stage::Vocational
            | Stage::Special => &MATTERS,
        };
        Self {
            school: school_name,
            school_name: school.display_name.clone(),
            zone,
            supervisor: supervisor_name,
            supervisor_name: supervisor.display_name.clone(),
            phone: supervisor.phone.clone(),
            photo_uri: supervisor.photo_uri.clone(),
            matters: matters.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    /// Nobody says anything of it: it follows.
    pub fn check(self, _code: &str) -> Result<Self, Violations> {
        Ok(self)
    }

    /// Nothing of it may be changed by hand.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// What a plaque becomes that is to say this: another text is another edition, to be printed.
    #[must_use]
    pub fn becomes(&self, next: Self) -> Self {
        let same = Self {
            edition: self.edition,
            printed_edition: self.printed_edition,
            reprint_due: self.reprint_due,
            print_date: self.print_date,
            post_date: self.post_date,
            taken_down: self.taken_down,
            ..next.clone()
        } == *self;
        if same && !self.taken_down {
            return self.clone();
        }
        Self {
            edition: self.edition + 1,
            printed_edition: self.printed_edition,
            reprint_due: true,
            print_date: self.print_date,
            post_date: None,
            taken_down: false,
            ..next
        }
    }

    /// Nobody is responsible any more.
    #[must_use]
    pub fn take_down(&self) -> Self {
        Self {
            reprint_due: false,
            taken_down: true,
            post_date: None,
            ..self.clone()
        }
    }

    /// It was printed as it is now.
    pub fn print(&self, day: NaiveDate) -> Result<Self, Refusal> {
        self.stands()?;
        Ok(Self {
            printed_edition: self.edition,
            reprint_due: false,
            print_date: Some(day),
            ..self.clone()
        })
    }

    /// The printed edition was put up.
    pub fn post(&self, day: NaiveDate) -> Result<Self, Refusal> {
        self.stands()?;
        if self.reprint_due {
            return Err(Refusal::rule(
                "plaque.reprint_due",
                "第十七条",
                "责任牌内容已变更，须先重新印制再挂牌",
                "it says something else by now: print it before it is put up",
            ));
        }
        Ok(Self {
            post_date: Some(day),
            ..self.clone()
        })
    }

    fn stands(&self) -> Result<(), Refusal> {
        if self.taken_down {
            return Err(Refusal::state(
                "plaque.taken_down",
                "第五条",
                "该校目前没有责任督学，责任牌已撤下",
                "nobody is responsible for the school: the plaque was taken down",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plaque(person: &str) -> Plaque {
        let new = Plaque {
            school: "counties/140525/schools/S1".to_owned(),
            supervisor_name: person.to_owned(),
            ..Plaque::default()
        };
        Plaque::default().becomes(new)
    }

    fn day() -> NaiveDate {
        "2026-09-01".parse().unwrap()
    }

    #[test]
    fn article_17_a_new_supervisor_is_a_new_edition_that_must_be_printed_before_it_is_put_up() {
        let first = plaque("张督学");
        assert_eq!((first.edition, first.reprint_due), (1, true));
        assert_eq!(
            first.post(day()).unwrap_err().keys(),
            ["plaque.reprint_due"]
        );
        let hangs = first.print(day()).unwrap().post(day()).unwrap();
        assert!(!hangs.reprint_due);
        let second = hangs.becomes(plaque("李督学"));
        assert_eq!((second.edition, second.printed_edition), (2, 1));
        assert!(second.reprint_due && second.post_date.is_none());
    }

    #[test]
    fn article_17_the_same_text_is_no_new_edition() {
        let hangs = plaque("张督学").print(day()).unwrap().post(day()).unwrap();
        assert_eq!(hangs.becomes(plaque("张督学")), hangs);
    }

    #[test]
    fn article_05_a_plaque_without_a_supervisor_is_taken_down_until_there_is_one() {
        let down = plaque("张督学").take_down();
        assert_eq!(down.print(day()).unwrap_err().keys(), ["plaque.taken_down"]);
        assert_eq!(down.post(day()).unwrap_err().keys(), ["plaque.taken_down"]);
        let again = down.becomes(plaque("张督学"));
        assert!(!again.taken_down && again.reprint_due);
    }
}
