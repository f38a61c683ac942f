//! Campaigns (督导项目): what the committee decides to inspect (arts. 三, 四, 二十一), without a burden on schools that the law
//! does not ask for.

use std::collections::BTreeSet;

use chrono::{Datelike as _, Days, NaiveDate};
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, text};
use serde::{Deserialize, Serialize};

use super::list_item::ListItem;
use super::words::{InspectionKind, InspectionLine, ObjectKind, PublicationScope};
use super::{check_id, check_length};

const MAX_MATTERS: usize = 50;
const MAX_OBJECTS: usize = 5_000;
/// Of what the state's burden rules rest on.
const BURDEN: &str = "规范涉校督导检查的要求（2025年11月）";

dudao_law::words!(
    /// Where a campaign stands.
    CampaignState {
        /// Everything may change.
        Draft = "起草",
        /// Content and method are fixed.
        Decided = "已确定",
        /// All its visits are done.
        Concluded = "已完成",
        /// It does not take place.
        Cancelled = "已取消",
        /// It takes place as part of another one.
        Merged = "已合并",
    }
);

/// An object of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignObject {
    /// What it is.
    pub kind: ObjectKind,
    /// Its resource name.
    pub target: String,
    /// What it is called.
    pub display_name: String,
}

/// A campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// What it is called.
    pub display_name: String,
    /// Its kind.
    pub kind: InspectionKind,
    /// Its line.
    pub line: InspectionLine,
    /// The item of the filed list; "" for an emergency only.
    pub list_item: String,
    /// Why it can't wait for the list; for an emergency only.
    pub reason: String,
    /// Its legal basis.
    pub basis: String,
    /// What is looked at; at most 50.
    pub matters: Vec<String>,
    /// How it is done.
    pub method: String,
    /// The indicator set by which it is judged.
    pub indicator_set: String,
    /// First day of its window.
    pub start_date: NaiveDate,
    /// Last day of its window.
    pub end_date: NaiveDate,
    /// What is inspected.
    pub objects: Vec<CampaignObject>,
    /// Who may read the result.
    pub publication: PublicationScope,
    /// Where it stands.
    pub state: CampaignState,
    /// When its content was fixed.
    pub decide_date: Option<NaiveDate>,
    /// The rules under which it was decided.
    pub ruleset: String,
    /// The campaign that it was merged into.
    pub merged_into: String,
    /// Why it was cancelled.
    pub end_reason: String,
}

/// A campaign that visits the same objects for like matters at about the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Objects of both.
    pub targets: Vec<String>,
    /// Matters of both.
    pub matters: Vec<String>,
}

impl Campaign {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "campaign_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        text(&mut wrong, "basis", &self.basis, 500);
        text(&mut wrong, "method", &self.method, 500);
        check_length(&mut wrong, "reason", &self.reason, 500);
        wrong.check(
            (1..=MAX_MATTERS).contains(&self.matters.len()),
            "matters",
            "须列出 1 至 50 项督导内容",
            "must be 1 to 50 matters",
        );
        for (at, matter) in self.matters.iter().enumerate() {
            text(&mut wrong, &format!("matters[{at}]"), matter, 200);
        }
        wrong.check(
            self.start_date <= self.end_date,
            "end_date",
            "止于开始日之前",
            "must not lie before the first day",
        );
        wrong.check(
            self.start_date.year() == self.end_date.year(),
            "end_date",
            "须与开始日在同一年度",
            "must lie in the year of the first day",
        );
        wrong.check(
            self.objects.len() <= MAX_OBJECTS,
            "objects",
            "最多 5000 个督导对象",
            "must be at most 5,000 objects",
        );
        let mut seen = BTreeSet::new();
        for (at, object) in self.objects.iter().enumerate() {
            let path = |field: &str| format!("objects[{at}].{field}");
            text(&mut wrong, &path("target"), &object.target, 200);
            text(&mut wrong, &path("display_name"), &object.display_name, 100);
            wrong.check(
                seen.insert(&object.target),
                path("target"),
                "督导对象重复",
                "must not be given twice",
            );
        }
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only steps may change, taken from the campaign as it is.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        let before = before.clone();
        Self {
            state: before.state,
            decide_date: before.decide_date,
            ruleset: before.ruleset,
            merged_into: before.merged_into,
            end_reason: before.end_reason,
            ..self
        }
    }

    /// Refuses a change of content once it is fixed.
    pub fn may_change(&self) -> Result<(), Refusal> {
        self.in_state(&[CampaignState::Draft], BURDEN)
    }

    /// Fixes content and method (art. 三): on the filed list, a month ahead; an emergency skips both and says why.
    pub fn decide(
        mut self,
        item: Option<&ListItem>,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        self.in_state(&[CampaignState::Draft], "")?;
        let mut against = Vec::new();
        if self.kind == InspectionKind::Emergency {
            if self.reason.trim().is_empty() {
                against.push(Rule::new(
                    "campaign.reason",
                    "第四条",
                    "突发督导须写明为何不能等待列入年度清单",
                    "an emergency must say why it can't wait for the list",
                ));
            }
        } else {
            against.extend(self.unlisted(item));
            if self.kind != InspectionKind::Routine {
                let ahead = law.rules.span("clock.decide_ahead")?;
                let latest = ahead.before(self.start_date, &law.calendar);
                if today > latest {
                    against.push(Rule::new(
                        "clock.decide_ahead",
                        law.rules.basis("clock.decide_ahead"),
                        format!(
                            "督导内容和方式须提前{}确定：{} 开始的督导最迟应于 {latest} 确定，请推迟开始日期",
                            ahead.zh(),
                            self.start_date
                        ),
                        format!("content and method must be fixed by {latest}: begin later"),
                    ));
                }
            }
        }
        let needs_objects = !matches!(self.kind, InspectionKind::Routine | InspectionKind::Random);
        if needs_objects && self.objects.is_empty() {
            against.push(Rule::new(
                "campaign.objects",
                "第三条",
                "须列出督导对象（学校、幼儿园、乡镇、村或部门）",
                "must name what is inspected",
            ));
        }
        Refusal::unless_none(against)?;
        self.state = CampaignState::Decided;
        self.decide_date = Some(today);
        self.ruleset.clone_from(&law.rules.name);
        Ok(self)
    }

    /// Why the filed list does not allow it.
    fn unlisted(&self, item: Option<&ListItem>) -> Option<Rule> {
        let (zh, en) = match item {
            None => (
                "不在年度督导计划清单内，不得开展：请先将事项列入清单并备案".to_owned(),
                "it is not on the year's filed list: have it listed and filed first".to_owned(),
            ),
            Some(item) if item.withdrawn => (
                format!("清单事项“{}”已撤出清单", item.display_name),
                format!("the list item {} was taken off the list", item.display_name),
            ),
            Some(item) if item.year != self.start_date.year() => (
                format!("清单事项“{}”属于 {} 年度", item.display_name, item.year),
                format!("the list item {} is of {}", item.display_name, item.year),
            ),
            Some(item) if item.kind != self.kind => (
                format!(
                    "清单事项“{}”为{}，不是{}",
                    item.display_name, item.kind, self.kind
                ),
                format!("the list item {} is of another kind", item.display_name),
            ),
            Some(_) => return None,
        };
        Some(Rule::new("campaign.filed_list", BURDEN, zh, en))
    }

    /// Records that all is done; `open` visits of it are still under way.
    pub fn conclude(mut self, open: usize) -> Result<Self, Refusal> {
        self.in_state(&[CampaignState::Decided], "")?;
        if open > 0 {
            return Err(Refusal::rule(
                "campaign.visits",
                "第七条",
                format!("还有 {open} 次督导未办结：每次督导均须形成报告"),
                format!("{open} visits are not done: each ends in a report"),
            ));
        }
        self.state = CampaignState::Concluded;
        Ok(self)
    }

    /// Records that it does not take place.
    pub fn cancel(mut self, reason: &str) -> Result<Self, Refusal> {
        self.in_state(&[CampaignState::Draft, CampaignState::Decided], "")?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        self.state = CampaignState::Cancelled;
        reason.clone_into(&mut self.end_reason);
        Ok(self)
    }

    /// Makes it part of another campaign: itself after that, and the other one with its objects and matters.
    pub fn merge(mut self, into: &str, mut other: Self) -> Result<(Self, Self), Refusal> {
        let open = [CampaignState::Draft, CampaignState::Decided];
        self.in_state(&open, BURDEN)?;
        other.in_state(&open, BURDEN)?;
        if self.start_date.year() != other.start_date.year() {
            return Err(Refusal::rule(
                "campaign.merge",
                BURDEN,
                "不同年度的督导项目不能合并",
                "campaigns of different years can't be merged",
            ));
        }
        let known: BTreeSet<_> = other.objects.iter().map(|o| o.target.clone()).collect();
        let more = self.objects.iter().filter(|o| !known.contains(&o.target));
        other.objects.extend(more.cloned());
        let known: BTreeSet<_> = other.matters.iter().cloned().collect();
        let more = self
            .matters
            .iter()
            .filter(|matter| !known.contains(*matter));
        other.matters.extend(more.cloned());
        if other.matters.len() > MAX_MATTERS || other.objects.len() > MAX_OBJECTS {
            return Err(Refusal::rule(
                "campaign.merge",
                BURDEN,
                "合并后督导内容超过 50 项或对象超过 5000 个",
                "together they have more than 50 matters or 5,000 objects",
            ));
        }
        self.state = CampaignState::Merged;
        into.clone_into(&mut self.merged_into);
        Ok((self, other))
    }

    /// What two campaigns have in common, if they should be one: the same objects, a matter or the kind in common, and
    /// windows less than `weeks` apart.
    pub fn overlap(&self, other: &Self, weeks: u32) -> Option<Overlap> {
        let alive = |one: &Self| matches!(one.state, CampaignState::Draft | CampaignState::Decided);
        if !alive(self) || !alive(other) {
            return None;
        }
        let gap = Days::new(7 * u64::from(weeks));
        let near =
            self.start_date <= other.end_date + gap && other.start_date <= self.end_date + gap;
        let theirs: BTreeSet<_> = other.objects.iter().map(|o| &o.target).collect();
        let targets: Vec<_> = self
            .objects
            .iter()
            .filter(|o| theirs.contains(&o.target))
            .map(|o| o.target.clone())
            .collect();
        let theirs: BTreeSet<_> = other.matters.iter().collect();
        let matters: Vec<_> = self
            .matters
            .iter()
            .filter(|matter| theirs.contains(matter))
            .cloned()
            .collect();
        let alike = self.kind == other.kind || !matters.is_empty();
        (near && alike && !targets.is_empty()).then_some(Overlap { targets, matters })
    }

    fn in_state(&self, right: &[CampaignState], article: &str) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right.iter().map(|state| state.zh()).collect();
        Err(Refusal::state(
            "campaign.state",
            article,
            format!("督导项目“{}”，须为{}", self.state, words.join("或")),
            "the campaign's state does not allow this",
        ))
    }
}

impl Default for CampaignState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{day, law};

    fn item(kind: InspectionKind) -> ListItem {
        ListItem {
            display_name: "校园安全".to_owned(),
            year: 2026,
            kind,
            basis: "条例".to_owned(),
            filed_with: "市督导办".to_owned(),
            file_date: Some(day("2026-01-10")),
            document: String::new(),
            withdrawn: false,
            withdraw_reason: String::new(),
        }
    }

    fn object(code: &str) -> CampaignObject {
        CampaignObject {
            kind: ObjectKind::School,
            target: format!("counties/140525/schools/{code}"),
            display_name: code.to_owned(),
        }
    }

    fn campaign() -> Campaign {
        Campaign {
            display_name: "校园安全专项督导".to_owned(),
            kind: InspectionKind::Special,
            line: InspectionLine::School,
            list_item: "counties/140525/listItems/a".to_owned(),
            reason: String::new(),
            basis: "条例".to_owned(),
            matters: vec!["安全".to_owned()],
            method: "实地".to_owned(),
            indicator_set: String::new(),
            start_date: day("2026-10-15"),
            end_date: day("2026-10-30"),
            objects: vec![object("S1"), object("S2")],
            publication: PublicationScope::Public,
            state: CampaignState::Draft,
            decide_date: None,
            ruleset: String::new(),
            merged_into: String::new(),
            end_reason: String::new(),
        }
    }

    fn keys(refusal: &Refusal) -> Vec<&str> {
        refusal.keys()
    }

    #[test]
    fn article_03_what_is_not_on_the_filed_list_is_refused() {
        let decide = |item: Option<&ListItem>| campaign().decide(item, day("2026-09-15"), &law());
        assert_eq!(keys(&decide(None).unwrap_err()), ["campaign.filed_list"]);
        let withdrawn = item(InspectionKind::Special).withdraw("调整").unwrap();
        assert_eq!(
            keys(&decide(Some(&withdrawn)).unwrap_err()),
            ["campaign.filed_list"]
        );
        let other_year = ListItem {
            year: 2025,
            ..item(InspectionKind::Special)
        };
        assert_eq!(
            keys(&decide(Some(&other_year)).unwrap_err()),
            ["campaign.filed_list"]
        );
        let other_kind = item(InspectionKind::Comprehensive);
        assert_eq!(
            keys(&decide(Some(&other_kind)).unwrap_err()),
            ["campaign.filed_list"]
        );
        let decided = decide(Some(&item(InspectionKind::Special))).unwrap();
        assert_eq!(
            (decided.state, decided.ruleset.as_str()),
            (CampaignState::Decided, "counties/140525/rulesets/1")
        );
    }

    #[test]
    fn content_is_fixed_a_month_ahead() {
        let item = item(InspectionKind::Special);
        let decide = |today| campaign().decide(Some(&item), day(today), &law());
        assert!(decide("2026-09-15").is_ok());
        assert_eq!(
            keys(&decide("2026-09-16").unwrap_err()),
            ["clock.decide_ahead"]
        );
    }

    #[test]
    fn article_04_an_emergency_skips_the_list_and_says_why() {
        let emergency = Campaign {
            kind: InspectionKind::Emergency,
            list_item: String::new(),
            ..campaign()
        };
        let today = day("2026-10-15");
        assert_eq!(
            keys(&emergency.clone().decide(None, today, &law()).unwrap_err()),
            ["campaign.reason"]
        );
        let told = Campaign {
            reason: "食物中毒".to_owned(),
            ..emergency
        };
        assert!(told.decide(None, today, &law()).is_ok());
    }

    #[test]
    fn a_campaign_has_objects() {
        let empty = Campaign {
            objects: vec![],
            ..campaign()
        };
        let refusal = empty
            .decide(
                Some(&item(InspectionKind::Special)),
                day("2026-09-15"),
                &law(),
            )
            .unwrap_err();
        assert_eq!(keys(&refusal), ["campaign.objects"]);
    }

    #[test]
    fn what_is_decided_no_longer_changes_and_is_concluded_when_every_visit_is_done() {
        let decided = campaign()
            .decide(
                Some(&item(InspectionKind::Special)),
                day("2026-09-15"),
                &law(),
            )
            .unwrap();
        assert!(campaign().may_change().is_ok());
        assert_eq!(keys(&decided.may_change().unwrap_err()), ["campaign.state"]);
        assert_eq!(
            keys(&campaign().conclude(0).unwrap_err()),
            ["campaign.state"]
        );
        assert_eq!(
            keys(&decided.clone().conclude(2).unwrap_err()),
            ["campaign.visits"]
        );
        let done = decided.clone().conclude(0).unwrap();
        assert_eq!(keys(&done.cancel("迟了").unwrap_err()), ["campaign.state"]);
        assert_eq!(keys(&decided.clone().cancel("").unwrap_err()), ["reason"]);
        assert!(decided.cancel("合并").is_ok());
    }

    #[test]
    fn like_campaigns_of_the_same_schools_overlap_and_merge() {
        let mut other = campaign();
        other.objects = vec![object("S2"), object("S3")];
        other.kind = InspectionKind::Comprehensive;
        other.start_date = day("2026-11-10");
        other.end_date = day("2026-11-20");
        let overlap = campaign().overlap(&other, 2).unwrap();
        assert_eq!(overlap.targets, ["counties/140525/schools/S2"]);
        assert_eq!(overlap.matters, ["安全"]);
        assert_eq!(
            campaign().overlap(&other, 1),
            None,
            "three weeks and a half apart"
        );
        let unlike = Campaign {
            matters: vec!["师德".to_owned()],
            ..other.clone()
        };
        assert_eq!(campaign().overlap(&unlike, 2), None);
        let (merged, grown) = campaign()
            .merge("counties/140525/campaigns/o", other.clone())
            .unwrap();
        assert_eq!(
            (merged.state, grown.objects.len(), grown.matters.len()),
            (CampaignState::Merged, 3, 1)
        );
        assert_eq!(
            keys(&merged.merge("x", other.clone()).unwrap_err()),
            ["campaign.state"]
        );
        other.start_date = day("2027-11-10");
        assert_eq!(
            keys(&campaign().merge("x", other).unwrap_err()),
            ["campaign.merge"]
        );
    }
}
