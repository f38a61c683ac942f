//! Rows and SQL. Resources are documents of one table.

use dudao_platform::document::Document;
use sqlx::migrate::Migrator;

use crate::domain::campaign::{Campaign, CampaignState};
use crate::domain::draw::Draw;
use crate::domain::finding::{Finding, FindingState};
use crate::domain::list_item::ListItem;
use crate::domain::note::Note;
use crate::domain::visit::Visit;

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

impl Document for crate::domain::indicator_set::IndicatorSet {
    const COLLECTION: &'static str = "indicatorSets";

    fn ended(&self) -> bool {
        self.state == crate::domain::indicator_set::IndicatorSetState::Retired
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.family
    }
}

impl Document for crate::domain::evaluation::Evaluation {
    const COLLECTION: &'static str = "evaluations";

    fn ended(&self) -> bool {
        self.state == crate::domain::evaluation::EvaluationState::Withdrawn
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

impl Document for crate::domain::balance_report::BalanceReport {
    const COLLECTION: &'static str = "balanceReports";

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn day(&self) -> String {
        format!("{}-01-01", self.year)
    }
}
