//! Rows and SQL. Resources are documents of one table.

pub(crate) mod evidence;

use dudao_platform::document::Document;
use sqlx::migrate::Migrator;

use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::draw::Draw;
use crate::domain::finding::{Finding, FindingState};
use crate::domain::indicator_set::{IndicatorSet, IndicatorSetState};
use crate::domain::list_item::ListItem;
use crate::domain::note::Note;
use crate::domain::visit::Visit;

use crate::domain::assessor::Assessor;
use crate::domain::balance_report::BalanceReport;
use crate::domain::budget_line::BudgetLine;
use crate::domain::claim::Claim;
use crate::domain::complaint::Complaint;
use crate::domain::contract::Contract;
use crate::domain::evaluation::{Evaluation, EvaluationState};
use crate::domain::evidence::{Evidence, EvidenceState};
use crate::domain::objection::Objection;

/// The inspection's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

impl Document for ListItem {
    const COLLECTION: &'static str = "listItems";

    fn ended(&self) -> bool {
        self.withdrawn
    }

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}

impl Document for Campaign {
    const COLLECTION: &'static str = "campaigns";

    fn ended(&self) -> bool {
        match self.state {
            CampaignState::Draft | CampaignState::Decided => false,
            CampaignState::Concluded | CampaignState::Cancelled | CampaignState::Merged => true,
        }
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn day(&self) -> String {
        self.start_date.to_string()
    }
}

impl Document for Visit {
    const COLLECTION: &'static str = "visits";

    fn ended(&self) -> bool {
        self.state == crate::domain::visit::VisitState::Cancelled
    }

    fn place(&self) -> &str {
        &self.town
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.target
    }

    fn day(&self) -> String {
        self.date.to_string()
    }
}

impl Document for Finding {
    const COLLECTION: &'static str = "findings";

    fn ended(&self) -> bool {
        self.state == FindingState::Withdrawn
    }

    fn place(&self) -> &str {
        &self.visit
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.target
    }
}

impl Document for Note {
    const COLLECTION: &'static str = "notes";

    fn subject(&self) -> &str {
        &self.visit
    }
}

impl Document for Draw {
    const COLLECTION: &'static str = "draws";

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.campaign
    }
}

impl Document for Evidence {
    const COLLECTION: &'static str = "evidence";

    fn ended(&self) -> bool {
        self.state != EvidenceState::Kept
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.visit
    }
}

impl Document for BudgetLine {
    const COLLECTION: &'static str = "budgetLines";

    fn ended(&self) -> bool {
        self.closed
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}

impl Document for Claim {
    const COLLECTION: &'static str = "claims";

    fn place(&self) -> &str {
        &self.visit
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.budget_line
    }
}

impl Document for Assessor {
    const COLLECTION: &'static str = "assessors";
}

impl Document for Contract {
    const COLLECTION: &'static str = "contracts";

    fn place(&self) -> &str {
        &self.assessor
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.budget_line
    }
}

impl Document for Complaint {
    const COLLECTION: &'static str = "complaints";

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.target
    }

    /// The day by which it must be answered, while it waits for that: the overdue are found by it.
    fn day(&self) -> String {
        let due = self.answer_due_date.filter(|_| self.awaits_answer());
        due.map(|due| due.to_string()).unwrap_or_default()
    }
}

impl Document for Objection {
    const COLLECTION: &'static str = "objections";

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.visit
    }

    /// The day by which it must be answered, while it waits for that.
    fn day(&self) -> String {
        let due = self.answer_due_date.filter(|_| self.is_pending());
        due.map(|due| due.to_string()).unwrap_or_default()
    }
}

impl Document for IndicatorSet {
    const COLLECTION: &'static str = "indicatorSets";

    fn ended(&self) -> bool {
        self.state == IndicatorSetState::Retired
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.family
    }
}

impl Document for Evaluation {
    const COLLECTION: &'static str = "evaluations";

    fn ended(&self) -> bool {
        self.state == EvaluationState::Withdrawn
    }

    fn place(&self) -> &str {
        &self.town
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.target
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}

impl Document for BalanceReport {
    const COLLECTION: &'static str = "balanceReports";

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}
