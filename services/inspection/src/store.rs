//! Rows and SQL. Resources are documents of one table.

pub(crate) mod evidence;

use dudao_platform::document::{self, Concerns, Document};
use dudao_platform::{Result, Tx};
use sqlx::migrate::Migrator;

use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::directive::Directive;
use crate::domain::draw::{Draw, DrawState};
use crate::domain::finding::{Finding, FindingState};
use crate::domain::indicator_set::{IndicatorSet, IndicatorSetState};
use crate::domain::list_item::ListItem;
use crate::domain::note::Note;
use crate::domain::visit::Visit;

use crate::domain::assessor::Assessor;
use crate::domain::balance_report::{BalanceReport, BalanceReportState};
use crate::domain::budget_line::BudgetLine;
use crate::domain::claim::Claim;
use crate::domain::complaint::Complaint;
use crate::domain::contract::Contract;
use crate::domain::evaluation::{Evaluation, EvaluationState};
use crate::domain::evidence::{Evidence, EvidenceState};
use crate::domain::objection::Objection;

/// The inspection's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Whom the visit of this name concerns, and with it what was written at it: its team may change meanwhile.
async fn at_visit(tx: &mut Tx, county: &str, name: &str) -> Result<Vec<String>> {
    let Some(code) = name.strip_prefix(&document::name::<Visit>(county, "")) else {
        return Ok(Vec::new());
    };
    let visit = document::find::<Visit>(tx, county, code).await?;
    Ok(visit
        .map(|visit| visit.content.concerned())
        .unwrap_or_default())
}

impl Document for ListItem {
    const COLLECTION: &'static str = "listItems";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Only(self.concerned())
    }

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

    async fn concerns_by(&self, tx: &mut Tx, county: &str, _: &str) -> Result<Concerns> {
        Ok(Concerns::Only(at_visit(tx, county, &self.visit).await?))
    }

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

    async fn concerns_by(&self, tx: &mut Tx, county: &str, _: &str) -> Result<Concerns> {
        Ok(Concerns::Only(at_visit(tx, county, &self.visit).await?))
    }

    fn subject(&self) -> &str {
        &self.visit
    }
}

impl Document for Directive {
    const COLLECTION: &'static str = "directives";

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn day(&self) -> String {
        self.issue_date.to_string()
    }
}

impl Document for Draw {
    const COLLECTION: &'static str = "draws";

    /// Its parties until it is published or void; then everyone.
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        match self.state {
            DrawState::Published | DrawState::Void => Concerns::Public,
            DrawState::Committing | DrawState::Frozen | DrawState::Drawn => {
                let parties = self.parties.iter().map(|one| one.party.clone());
                Concerns::Only(parties.collect())
            }
        }
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.campaign
    }
}

impl Document for Evidence {
    const COLLECTION: &'static str = "evidence";

    /// Whoever its visit concerns; a file of no visit, such as a receipt, whoever made it.
    async fn concerns_by(&self, tx: &mut Tx, county: &str, _: &str) -> Result<Concerns> {
        Ok(Concerns::Only(if self.visit.is_empty() {
            vec![self.author.clone()]
        } else {
            at_visit(tx, county, &self.visit).await?
        }))
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

    fn ended(&self) -> bool {
        self.closed
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}

impl Document for Claim {
    const COLLECTION: &'static str = "claims";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Only(vec![self.supervisor.clone()])
    }

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

    /// Who looks after the school, and who verifies it. No RPC that shows it is for the school itself.
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Only(vec![self.target.clone(), self.assigned_to.clone()])
    }

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

    async fn concerns_by(&self, tx: &mut Tx, county: &str, _: &str) -> Result<Concerns> {
        Ok(Concerns::Only(at_visit(tx, county, &self.visit).await?))
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        match self.state {
            IndicatorSetState::Draft => Concerns::Office,
            IndicatorSetState::Published | IndicatorSetState::Retired => Concerns::County,
        }
    }

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

    /// The object, and whoever its visit concerns.
    async fn concerns_by(&self, tx: &mut Tx, county: &str, _: &str) -> Result<Concerns> {
        let mut names = at_visit(tx, county, &self.visit).await?;
        names.push(self.target.clone());
        Ok(Concerns::Only(names))
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        match self.state {
            BalanceReportState::Draft => Concerns::Office,
            BalanceReportState::Final => Concerns::County,
        }
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}
