//! Subsidies of supervisors for visits that they really made (art. 十九).

use chrono::{Datelike as _, NaiveDate};
use dudao_law::ruleset::Ruleset;
use dudao_law::{Refusal, Rule, Violations, text};
use serde::{Deserialize, Serialize};

use super::budget_line::{BudgetLine, BudgetPurpose, MOST_FEN, Totals, yuan};
use super::visit::Visit;
use super::{check_id, check_length};

const ARTICLE: &str = "第十九条";

dudao_law::words!(
    /// Where a claim stands.
    ClaimState {
        /// It waits for a decision.
        Submitted = "已申报",
        /// It was approved.
        Approved = "已核准",
        /// It was paid.
        Paid = "已发放",
        /// It was rejected.
        Rejected = "已退回",
    }
);

impl Default for ClaimState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// A subsidy for a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The line's name.
    pub budget_line: String,
    /// Who made the visit and is paid.
    pub supervisor: String,
    /// The visit's name.
    pub visit: String,
    /// For what.
    pub purpose: BudgetPurpose,
    /// In fen.
    pub amount_fen: i64,
    /// Receipts; never required.
    pub evidence: Vec<String>,
    /// What else there is to say.
    pub remark: String,
    /// Where it stands.
    pub state: ClaimState,
    /// When it was submitted.
    pub submit_date: Option<NaiveDate>,
    /// Who approved or rejected it.
    pub decided_by: String,
    /// When it was approved or rejected.
    pub decide_date: Option<NaiveDate>,
    /// Why it was rejected.
    pub reject_reason: String,
    /// When it was paid.
    pub pay_date: Option<NaiveDate>,
    /// Number of the payment's voucher.
    pub voucher: String,
}

impl Claim {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "claim_id", code);
        for (field, name) in [
            ("budget_line", &self.budget_line),
            ("supervisor", &self.supervisor),
            ("visit", &self.visit),
        ] {
            text(&mut wrong, field, name, 200);
        }
        wrong.check(
            (1..=MOST_FEN).contains(&self.amount_fen),
            "amount_fen",
            "金额须大于 0",
            "must be more than 0",
        );
        wrong.check(
            self.purpose.rate_parameter().is_some(),
            "purpose",
            "只能申报交通、伙食、住宿、劳务补助",
            "must be transport, meals, lodging or labour",
        );
        dudao_law::check_count(&mut wrong, "evidence", self.evidence.len(), 20);
        check_length(&mut wrong, "remark", &self.remark, 500);
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of a claim changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Submits it: for a visit that this person really made, once for each purpose, at most at the rate. `others` are the
    /// claims for the same visit.
    pub fn submit(
        self,
        line: &BudgetLine,
        visit: &Visit,
        others: &[Self],
        rules: &Ruleset,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut against: Vec<_> = line
            .open()
            .into_iter()
            .chain(line.unfit(self.purpose))
            .collect();
        if !visit.is_made() {
            against.push(Rule::new(
                "claim.visit_made",
                ARTICLE,
                format!(
                    "对“{}”的督导尚未完成现场工作，不能申报补助",
                    visit.target_name
                ),
                "the visit has not been made yet",
            ));
        }
        if !visit
            .team
            .iter()
            .any(|member| member.supervisor == self.supervisor)
        {
            against.push(Rule::new(
                "claim.supervisor",
                ARTICLE,
                "申报人没有参加这次督导，只能申报本人参加的督导",
                "the supervisor was not on that visit",
            ));
        }
        let last = visit.last_day();
        if last.year() != line.year {
            against.push(Rule::new(
                "claim.year",
                ARTICLE,
                format!(
                    "督导于 {last} 结束，不属于 {} 年度的经费：请使用 {} 年度的经费",
                    line.year,
                    last.year()
                ),
                format!("the visit belongs to the budget of {}", last.year()),
            ));
        }
        let twice = others.iter().any(|other| {
            other.supervisor == self.supervisor
                && other.purpose == self.purpose
                && other.state != ClaimState::Rejected
        });
        if twice {
            against.push(Rule::new(
                "claim.once",
                ARTICLE,
                format!("这次督导的{}此前已申报", self.purpose),
                "it was claimed for that visit before",
            ));
        }
        match line.rate(self.purpose, rules) {
            Ok(rate) => {
                let days = days(visit);
                let most = rate.saturating_mul(days);
                if self.amount_fen > most {
                    against.push(Rule::new(
                        "claim.rate",
                        ARTICLE,
                        format!(
                            "{}标准为每人每天 {}，{days} 天最多 {}",
                            self.purpose,
                            yuan(rate),
                            yuan(most)
                        ),
                        format!("at most {} for {days} days", yuan(most)),
                    ));
                }
            }
            Err(Refusal::Rules(missing)) => against.extend(missing),
            Err(refusal) => return Err(refusal),
        }
        Refusal::unless_none(against)?;
        Ok(Self {
            state: ClaimState::Submitted,
            submit_date: Some(today),
            ..self
        })
    }

    /// Whether it was submitted in a year and nobody has decided on it.
    pub fn is_open_in(&self, year: i32) -> bool {
        self.state == ClaimState::Submitted
            && self.submit_date.is_some_and(|day| day.year() == year)
    }

    fn in_state(&self, right: ClaimState) -> Result<(), Refusal> {
        if self.state == right {
            return Ok(());
        }
        Err(Refusal::state(
            "claim.state",
            ARTICLE,
            format!("补助申报现为“{}”，此步骤须在“{right}”时进行", self.state),
            "the claim's state does not allow this step",
        ))
    }

    /// Approves it within the line's sum, by someone other than who is paid.
    pub fn approve(
        self,
        by: &str,
        line: &BudgetLine,
        totals: &Totals,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(ClaimState::Submitted)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 200);
        wrong.into_result()?;
        let mut against = line.against(self.purpose, self.amount_fen, totals);
        if is_person(by, &self.supervisor) {
            against.push(Rule::new(
                "claim.own",
                ARTICLE,
                "不能核准本人的补助：请由他人核准",
                "nobody approves their own subsidy",
            ));
        }
        Refusal::unless_none(against)?;
        Ok(Self {
            state: ClaimState::Approved,
            decided_by: by.to_owned(),
            decide_date: Some(today),
            ..self
        })
    }

    /// Rejects it.
    pub fn reject(self, by: &str, reason: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(ClaimState::Submitted)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 200);
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            state: ClaimState::Rejected,
            decided_by: by.to_owned(),
            decide_date: Some(today),
            reject_reason: reason.to_owned(),
            ..self
        })
    }

    /// Records that it was paid.
    pub fn pay(self, voucher: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(ClaimState::Approved)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "voucher", voucher, 100);
        wrong.into_result()?;
        Ok(Self {
            state: ClaimState::Paid,
            voucher: voucher.to_owned(),
            pay_date: Some(today),
            ..self
        })
    }
}

/// Whether a word for a person means this supervisor: the whole name or its last part.
fn is_person(word: &str, supervisor: &str) -> bool {
    let word = word.trim();
    word == supervisor || supervisor.rsplit('/').next() == Some(word)
}

/// Calendar days at the place.
fn days(visit: &Visit) -> i64 {
    let start = visit
        .site
        .as_ref()
        .map_or(visit.date, |site| site.start_date);
    ((visit.last_day() - start).num_days() + 1).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{day, law, law_with, supervisor, visit};
    use super::super::visit::SiteVisit;
    use super::super::words::InspectionKind;
    use super::*;

    fn line() -> BudgetLine {
        BudgetLine {
            display_name: "2026年督导经费".to_owned(),
            year: 2026,
            amount_fen: 20_000,
            purposes: vec![BudgetPurpose::Transport, BudgetPurpose::Labour],
            rates: vec![SubsidyRate {
                purpose: BudgetPurpose::Transport,
                fen_per_day: 8_000,
            }],
            document: String::new(),
            closed: false,
            close_reason: String::new(),
        }
    }
    use super::super::budget_line::SubsidyRate;

    fn claim(code: &str, fen: i64) -> Claim {
        Claim {
            budget_line: "counties/140525/budgetLines/b".to_owned(),
            supervisor: supervisor(code),
            visit: "counties/140525/visits/v".to_owned(),
            purpose: BudgetPurpose::Transport,
            amount_fen: fen,
            evidence: vec![],
            remark: String::new(),
            state: ClaimState::Submitted,
            submit_date: None,
            decided_by: String::new(),
            decide_date: None,
            reject_reason: String::new(),
            pay_date: None,
            voucher: String::new(),
        }
    }

    fn made() -> Visit {
        let mut visit = visit(InspectionKind::Comprehensive);
        visit.site = Some(SiteVisit {
            start_date: day("2026-09-15"),
            end_date: Some(day("2026-09-16")),
            ..SiteVisit::default()
        });
        visit
    }

    fn submit(claim: Claim, visit: &Visit, others: &[Claim]) -> Result<Claim, Refusal> {
        claim.submit(&line(), visit, others, &law().rules, day("2026-09-20"))
    }

    #[test]
    fn article_19_a_subsidy_is_claimed_for_a_visit_that_this_person_really_made() {
        assert!(submit(claim("A", 16_000), &made(), &[]).is_ok());
        let planned = visit(InspectionKind::Comprehensive);
        assert_eq!(
            submit(claim("A", 8_000), &planned, &[]).unwrap_err().keys(),
            ["claim.visit_made"]
        );
        assert_eq!(
            submit(claim("D", 16_000), &made(), &[]).unwrap_err().keys(),
            ["claim.supervisor"]
        );
    }

    #[test]
    fn article_19_a_subsidy_of_a_kind_is_claimed_once_a_visit() {
        let first = submit(claim("A", 8_000), &made(), &[]).unwrap();
        let again = submit(claim("A", 8_000), &made(), std::slice::from_ref(&first));
        assert_eq!(again.unwrap_err().keys(), ["claim.once"]);
        assert!(submit(claim("B", 8_000), &made(), std::slice::from_ref(&first)).is_ok());
        let rejected = first.reject("李主任", "无凭证", day("2026-09-21")).unwrap();
        assert!(submit(claim("A", 8_000), &made(), &[rejected]).is_ok());
    }

    #[test]
    fn article_19_a_subsidy_keeps_to_the_rate_of_the_line_or_of_the_rules() {
        assert_eq!(
            submit(claim("A", 16_001), &made(), &[]).unwrap_err().keys(),
            ["claim.rate"]
        );
        let mut labour = claim("A", 20_000);
        labour.purpose = BudgetPurpose::Labour;
        let unset = submit(labour.clone(), &made(), &[]).unwrap_err();
        assert_eq!(unset.keys(), ["subsidy.labour"]);
        let set = law_with("subsidy.labour", Some(100.0));
        assert!(
            labour
                .submit(&line(), &made(), &[], &set.rules, day("2026-09-20"))
                .is_ok()
        );
    }

    #[test]
    fn article_19_money_of_supervision_is_spent_on_nothing_else() {
        let mut meals = claim("A", 100);
        meals.purpose = BudgetPurpose::Meals;
        let keys = submit(meals, &made(), &[]).unwrap_err();
        assert!(keys.keys().contains(&"budget_line.purpose"), "{keys:?}");
        let mut training = claim("A", 100);
        training.purpose = BudgetPurpose::Training;
        let refused = training.check("c1").unwrap_err();
        assert_eq!(Refusal::Wrong(refused).keys(), ["purpose"]);
        let mut other = line();
        other.year = 2027;
        other.closed = true;
        let refused = claim("A", 100)
            .submit(&other, &made(), &[], &law().rules, day("2026-09-20"))
            .unwrap_err();
        assert_eq!(refused.keys(), ["budget_line.closed", "claim.year"]);
    }

    #[test]
    fn article_19_another_person_approves() {
        let today = day("2026-09-21");
        for own in [supervisor("A"), "A".to_owned()] {
            let refused = claim("A", 100)
                .approve(&own, &line(), &Totals::default(), today)
                .unwrap_err();
            assert_eq!(refused.keys(), ["claim.own"]);
        }
        let approved = claim("A", 100)
            .approve("李主任", &line(), &Totals::default(), today)
            .unwrap();
        assert!(
            approved
                .clone()
                .approve("李主任", &line(), &Totals::default(), today)
                .is_err()
        );
        assert!(approved.clone().reject("李主任", "重复", today).is_err());
        let paid = approved.pay("记字12号", today).unwrap();
        assert_eq!(
            paid.pay("记字13号", today).unwrap_err().keys(),
            ["claim.state"]
        );
    }

    #[test]
    fn article_19_a_line_can_not_fall_below_what_is_bound() {
        let approved = claim("A", 15_000)
            .approve("李主任", &line(), &Totals::default(), day("2026-09-21"))
            .unwrap();
        let totals = Totals::of([&approved], []);
        let mut less = line();
        less.amount_fen = 14_999;
        less.purposes = vec![BudgetPurpose::Labour];
        assert_eq!(
            line().may_become(&less, &totals).unwrap_err().keys(),
            ["budget_line.bound", "budget_line.purpose"]
        );
        assert!(line().may_become(&line(), &totals).is_ok());
        let closed = line().close("年度结束").unwrap();
        assert!(closed.may_become(&line(), &totals).is_err());
        assert!(closed.close("再次").is_err());
    }

    proptest! {
        #[test]
        fn article_19_whatever_is_decided_nothing_goes_over_budget(
            steps in proptest::collection::vec((0_usize..6, 0_u8..4), 1..80),
            amounts in proptest::collection::vec(1_i64..9_000, 6),
        ) {
            let line = line();
            let today = day("2026-09-21");
            let mut claims: Vec<_> = amounts.iter().map(|fen| claim("A", *fen)).collect();
            for (at, step) in steps {
                let totals = Totals::of(&claims, []);
                let one = claims[at].clone();
                let next = match step {
                    0 | 1 => one.approve("李主任", &line, &totals, today),
                    2 => one.pay("记字1号", today),
                    _ => one.reject("李主任", "不符", today),
                };
                if let Ok(next) = next {
                    claims[at] = next;
                }
                let totals = Totals::of(&claims, []);
                prop_assert!(totals.bound_fen() <= line.amount_fen);
                let by_person: i64 = totals.supervisors.values().map(|sums| sums[1] + sums[2]).sum();
                prop_assert_eq!(by_person, totals.bound_fen());
            }
        }
    }
}
