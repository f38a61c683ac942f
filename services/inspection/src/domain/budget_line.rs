//! The budget of supervision (art. 十九): spent only on supervision (专款专用), and never beyond its sum.

use std::collections::BTreeMap;

use dudao_law::ruleset::Ruleset;
use dudao_law::{Refusal, Rule, Violations, text};
use serde::{Deserialize, Serialize};

use super::claim::{Claim, ClaimState};
use super::contract::Contract;
use super::{check_id, check_length};

/// The most that a line may have: a hundred million yuan, in fen.
pub const MOST_FEN: i64 = 10_000_000_000;

dudao_law::words!(
    /// What money of supervision may be spent on; there is nothing else.
    BudgetPurpose {
        /// 交通补助
        Transport = "交通补助",
        /// 伙食补助
        Meals = "伙食补助",
        /// 住宿补助
        Lodging = "住宿补助",
        /// 劳务补助
        Labour = "劳务补助",
        /// 督学培训
        Training = "督学培训",
        /// 委托第三方评估监测 (art. 六)
        Assessment = "委托第三方评估监测",
        /// Papers, plaques, publicity.
        Operation = "督导业务",
    }
);

impl BudgetPurpose {
    /// The parameter of its rate, if it is a subsidy for a visit.
    pub fn rate_parameter(self) -> Option<&'static str> {
        match self {
            Self::Transport => Some("subsidy.transport"),
            Self::Meals => Some("subsidy.meals"),
            Self::Lodging => Some("subsidy.lodging"),
            Self::Labour => Some("subsidy.labour"),
            Self::Training | Self::Assessment | Self::Operation => None,
        }
    }
}

/// The most that is paid for a purpose per person and day of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubsidyRate {
    /// For what.
    pub purpose: BudgetPurpose,
    /// In fen.
    pub fen_per_day: i64,
}

/// A line of the budget of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetLine {
    /// What it is called.
    pub display_name: String,
    /// The calendar year.
    pub year: i32,
    /// Its sum in fen.
    pub amount_fen: i64,
    /// What it may be spent on.
    pub purposes: Vec<BudgetPurpose>,
    /// Rates of its own.
    pub rates: Vec<SubsidyRate>,
    /// Number of the document by which it was granted.
    pub document: String,
    /// Whether it is closed.
    pub closed: bool,
    /// Why it was closed.
    pub close_reason: String,
}

/// What a line is bound by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Claimed and not decided yet.
    pub submitted_fen: i64,
    /// Approved and not paid yet.
    pub approved_fen: i64,
    /// Paid.
    pub paid_fen: i64,
    /// Bound by contracts.
    pub contracts_fen: i64,
    /// By supervisor: submitted, approved, paid.
    pub supervisors: BTreeMap<String, [i64; 3]>,
    /// Approved, paid or bound by contracts, by purpose.
    pub purposes: BTreeMap<BudgetPurpose, i64>,
}

impl Totals {
    /// Sums up what stands on a line.
    pub fn of<'a>(
        claims: impl IntoIterator<Item = &'a Claim>,
        contracts: impl IntoIterator<Item = &'a Contract>,
    ) -> Self {
        let mut totals = Self::default();
        for claim in claims {
            let at = match claim.state {
                ClaimState::Submitted => 0,
                ClaimState::Approved => 1,
                ClaimState::Paid => 2,
                ClaimState::Rejected => continue,
            };
            let person = totals
                .supervisors
                .entry(claim.supervisor.clone())
                .or_default();
            person[at] += claim.amount_fen;
            match at {
                0 => totals.submitted_fen += claim.amount_fen,
                1 => totals.approved_fen += claim.amount_fen,
                _ => totals.paid_fen += claim.amount_fen,
            }
            if at > 0 {
                *totals.purposes.entry(claim.purpose).or_default() += claim.amount_fen;
            }
        }
        for contract in contracts {
            let bound = contract.bound_fen();
            totals.contracts_fen += bound;
            if bound > 0 {
                *totals
                    .purposes
                    .entry(BudgetPurpose::Assessment)
                    .or_default() += bound;
            }
        }
        totals
    }

    /// What can't be spent a second time.
    pub fn bound_fen(&self) -> i64 {
        self.approved_fen + self.paid_fen + self.contracts_fen
    }
}

impl BudgetLine {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "budget_line_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        wrong.check(
            (2000..2100).contains(&self.year),
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        );
        wrong.check(
            (0..=MOST_FEN).contains(&self.amount_fen),
            "amount_fen",
            "金额须为 0 至 1 亿元",
            "must be 0 to a hundred million yuan",
        );
        wrong.check(
            !self.purposes.is_empty(),
            "purposes",
            "须选择至少一项用途（督导经费专款专用）",
            "must state at least one purpose",
        );
        for (at, purpose) in self.purposes.iter().enumerate() {
            wrong.check(
                !self.purposes[..at].contains(purpose),
                format!("purposes[{at}]"),
                "用途重复",
                "must not be given twice",
            );
        }
        for (at, rate) in self.rates.iter().enumerate() {
            wrong.check(
                rate.purpose.rate_parameter().is_some()
                    && !self.rates[..at]
                        .iter()
                        .any(|other| other.purpose == rate.purpose),
                format!("rates[{at}].purpose"),
                "只有交通、伙食、住宿、劳务补助有标准，每项一个",
                "must be transport, meals, lodging or labour, each once",
            );
            wrong.check(
                (1..=MOST_FEN).contains(&rate.fen_per_day),
                format!("rates[{at}].fen_per_day"),
                "标准须大于 0",
                "must be more than 0",
            );
        }
        check_length(&mut wrong, "document", &self.document, 100);
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what no update may change.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            year: before.year,
            closed: before.closed,
            close_reason: before.close_reason.clone(),
            ..self
        }
    }

    /// Refuses what a closed line no longer does.
    pub fn open(&self) -> Option<Rule> {
        self.closed.then(|| {
            Rule::new(
                "budget_line.closed",
                "第十九条",
                format!(
                    "经费“{}”已关闭，不能再申报或核准：请使用其他经费",
                    self.display_name
                ),
                "the budget line is closed: use another one",
            )
        })
    }

    /// Refuses a change that would leave more bound than there is, or that the purposes bound no longer allow.
    pub fn may_become(&self, after: &Self, totals: &Totals) -> Result<(), Refusal> {
        let mut against: Vec<_> = self.open().into_iter().collect();
        let bound = totals.bound_fen();
        if after.amount_fen < bound {
            against.push(Rule::new(
                "budget_line.bound",
                "第十九条",
                format!("已核准和签约 {}，金额不能低于此数", yuan(bound)),
                format!("{} is bound already", yuan(bound)),
            ));
        }
        for (purpose, fen) in &totals.purposes {
            if *fen > 0 && !after.purposes.contains(purpose) {
                against.push(Rule::new(
                    "budget_line.purpose",
                    "第十九条",
                    format!("已有“{purpose}”支出 {}，不能去掉该用途", yuan(*fen)),
                    "money of that purpose is bound already",
                ));
            }
        }
        Refusal::unless_none(against)
    }

    /// Why an amount for a purpose can't be bound on it.
    pub fn against(&self, purpose: BudgetPurpose, fen: i64, totals: &Totals) -> Vec<Rule> {
        let mut against: Vec<_> = self.open().into_iter().chain(self.unfit(purpose)).collect();
        let free = self.amount_fen - totals.bound_fen();
        if fen > free {
            against.push(Rule::new(
                "budget_line.over",
                "第十九条",
                format!(
                    "超出预算：“{}”尚可使用 {}，本次 {}；请调整预算或使用其他经费",
                    self.display_name,
                    yuan(free),
                    yuan(fen)
                ),
                format!("over budget: {} is left", yuan(free)),
            ));
        }
        against
    }

    /// The rule that keeps money from another purpose.
    pub fn unfit(&self, purpose: BudgetPurpose) -> Option<Rule> {
        (!self.purposes.contains(&purpose)).then(|| {
            Rule::new(
                "budget_line.purpose",
                "第十九条",
                format!(
                    "经费“{}”不能用于“{purpose}”（专款专用）：请使用其他经费",
                    self.display_name
                ),
                "the budget line is for other purposes: use another one",
            )
        })
    }

    /// The rate of a purpose in fen a day: the line's own, or the rules'; refused if neither has one.
    pub fn rate(&self, purpose: BudgetPurpose, rules: &Ruleset) -> Result<i64, Refusal> {
        if let Some(own) = self.rates.iter().find(|rate| rate.purpose == purpose) {
            return Ok(own.fen_per_day);
        }
        let Some(parameter) = purpose.rate_parameter() else {
            return Err(Refusal::field(
                "purpose",
                "只能申报交通、伙食、住宿、劳务补助",
                "must be transport, meals, lodging or labour",
            ));
        };
        // The rules state yuan, as the county's documents do.
        Ok((rules.number(parameter)? * 100.0).round() as i64)
    }

    /// Closes it.
    pub fn close(self, reason: &str) -> Result<Self, Refusal> {
        if self.closed {
            return Err(Refusal::state(
                "budget_line.closed",
                "",
                "该经费此前已关闭",
                "it was closed before",
            ));
        }
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            closed: true,
            close_reason: reason.to_owned(),
            ..self
        })
    }
}

/// An amount as people read it.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02} 元", fen / 100, fen % 100)
}
