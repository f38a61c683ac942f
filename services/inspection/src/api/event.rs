//! The inspection's events, and all that it has.

use dudao_chancery::Issued;
use dudao_platform::event_service;
use dudao_platform::events::Collection;
use dudao_proto::inspection::v1::inspection_event_service_server::InspectionEventService;

use super::Inspection;
use crate::domain::assessor::Assessor;
use crate::domain::balance_report::BalanceReport;
use crate::domain::budget_line::BudgetLine;
use crate::domain::campaign::Campaign;
use crate::domain::claim::Claim;
use crate::domain::complaint::Complaint;
use crate::domain::contract::Contract;
use crate::domain::directive::Directive;
use crate::domain::draw::Draw;
use crate::domain::evaluation::Evaluation;
use crate::domain::evidence::Evidence;
use crate::domain::finding::Finding;
use crate::domain::indicator_set::IndicatorSet;
use crate::domain::list_item::ListItem;
use crate::domain::note::Note;
use crate::domain::objection::Objection;
use crate::domain::visit::Visit;

event_service! { impl InspectionEventService for Inspection; |me| &me.desk.context;
    vec![
        Collection::of::<ListItem>(),
        Collection::of::<Campaign>(),
        Collection::of::<Visit>(),
        Collection::of::<Finding>(),
        Collection::of::<Note>(),
        Collection::of::<Directive>(),
        Collection::of::<Draw>(),
        Collection::of::<Evidence>(),
        Collection::of::<BudgetLine>(),
        Collection::of::<Claim>(),
        Collection::of::<Assessor>(),
        Collection::of::<Contract>(),
        Collection::of::<Complaint>(),
        Collection::of::<Objection>(),
        Collection::of::<IndicatorSet>(),
        Collection::of::<Evaluation>(),
        Collection::of::<BalanceReport>(),
        Collection::of::<Issued>(),
    ]
}
