//! The life of a plan: `QUEUED → SOLVING → PROPOSED | INFEASIBLE | UNSOLVED → APPROVED → ACTIVE → SUPERSEDED`.

use super::error::{Error, Rule};
use super::plan::Kind;

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for a solver.
    Queued,
    /// Is being solved.
    Solving,
    /// Has a solution that keeps every rule.
    Proposed,
    /// It is proven that no solution keeps every rule.
    Infeasible,
    /// Stopped without a solution and without a proof that there is none.
    Unsolved,
    /// Approved, not yet in force.
    Approved,
    /// In force.
    Active,
    /// Was in force.
    Superseded,
}

impl State {
    /// Every state, in the order of a plan's life.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Solving,
        Self::Proposed,
        Self::Infeasible,
        Self::Unsolved,
        Self::Approved,
        Self::Active,
        Self::Superseded,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Solving => "solving",
            Self::Proposed => "proposed",
            Self::Infeasible => "infeasible",
            Self::Unsolved => "unsolved",
            Self::Approved => "approved",
            Self::Active => "active",
            Self::Superseded => "superseded",
        }
    }

    /// From what is stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// In Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Queued => "排队中",
            Self::Solving => "求解中",
            Self::Proposed => "待批准",
            Self::Infeasible => "无可行方案",
            Self::Unsolved => "未得到方案",
            Self::Approved => "已批准",
            Self::Active => "执行中",
            Self::Superseded => "已停止执行",
        }
    }

    /// Whether the solve has ended.
    pub fn solved(self) -> bool {
        !matches!(self, Self::Queued | Self::Solving)
    }
}

/// What may be done to a plan, by people or by the solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A solver takes it on.
    Begin,
    /// The solve has found a solution, and the check no broken rule.
    Propose,
    /// The solve has proven that there is no solution.
    Refute,
    /// The solve has ended without an answer.
    GiveUp,
    /// A planner ends the solve.
    Cancel,
    /// The office approves it.
    Approve,
    /// It comes into force.
    Activate,
    /// It goes out of force.
    Supersede,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 8] = [
        Self::Begin,
        Self::Propose,
        Self::Refute,
        Self::GiveUp,
        Self::Cancel,
        Self::Approve,
        Self::Activate,
        Self::Supersede,
    ];

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Begin => ("开始求解", "solving"),
            Self::Propose => ("提出方案", "proposing"),
            Self::Refute => ("判定无解", "refuting"),
            Self::GiveUp => ("结束求解", "giving up"),
            Self::Cancel => ("取消求解", "cancelling"),
            Self::Approve => ("批准", "approving"),
            Self::Activate => ("启用", "activating"),
            Self::Supersede => ("停用", "superseding"),
        }
    }
}

/// The state after a step, or the rule that forbids it.
///
/// A plan is carried out only after the office has approved it (art. 三 for the year's inspections, art. 五 for zones),
/// and what has ended never comes back: a new plan is made instead.
pub fn step(kind: Kind, name: &str, state: State, step: Step) -> Result<State, Error> {
    match (state, step) {
        // A solve that is cancelled ends with its best solution so far.
        (State::Queued | State::Solving, Step::Begin) | (State::Solving, Step::Cancel) => {
            Ok(State::Solving)
        }
        (State::Solving, Step::Propose) => Ok(State::Proposed),
        (State::Solving, Step::Refute) => Ok(State::Infeasible),
        (State::Solving, Step::GiveUp) | (State::Queued, Step::Cancel) => Ok(State::Unsolved),
        (State::Proposed, Step::Approve) => Ok(State::Approved),
        (State::Approved, Step::Activate) => Ok(State::Active),
        (State::Active, Step::Supersede) => Ok(State::Superseded),
        _ => {
            let (zh, en) = step.words();
            Err(Error::Forbidden(Rule::new(
                format!("{}.state", kind.key()),
                kind.article(),
                name,
                format!("方案{}，不能{zh}", state.zh()),
                format!("a plan that is {} does not allow {en}", state.as_str()),
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_lives_once_from_the_queue_to_its_end() {
        let mut state = State::Queued;
        for (way, after) in [
            (Step::Begin, State::Solving),
            (Step::Propose, State::Proposed),
            (Step::Approve, State::Approved),
            (Step::Activate, State::Active),
            (Step::Supersede, State::Superseded),
        ] {
            state = step(Kind::Zoning, "x", state, way).expect("allowed");
            assert_eq!(state, after);
        }
        for any in Step::ALL {
            assert!(step(Kind::Zoning, "x", State::Superseded, any).is_err());
        }
    }

    #[test]
    fn only_a_proposed_plan_is_approved_and_only_an_approved_one_comes_into_force() {
        for state in State::ALL {
            let approved = step(Kind::Year, "x", state, Step::Approve).is_ok();
            assert_eq!(approved, state == State::Proposed, "{state:?}");
            let active = step(Kind::Year, "x", state, Step::Activate).is_ok();
            assert_eq!(active, state == State::Approved, "{state:?}");
            let gone = step(Kind::Year, "x", state, Step::Supersede).is_ok();
            assert_eq!(gone, state == State::Active, "{state:?}");
        }
    }

    #[test]
    fn a_solve_that_has_ended_is_not_cancelled() {
        for state in State::ALL {
            let cancelled = step(Kind::Zoning, "x", state, Step::Cancel).is_ok();
            assert_eq!(cancelled, !state.solved(), "{state:?}");
        }
    }

    #[test]
    fn a_forbidden_step_names_its_rule_and_article() {
        let Err(Error::Forbidden(rule)) = step(Kind::Zoning, "x", State::Proposed, Step::Activate)
        else {
            panic!("activating an unapproved plan was allowed");
        };
        assert_eq!(rule.rule, "zoning_plan.state");
        assert!(rule.article.contains("art. 五"));
        assert!(rule.words.zh.contains("待批准"));
    }

    #[test]
    fn every_state_comes_back_from_its_text() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("done"), None);
    }
}
