//! The ledger (台账), and the worklist of what the clock proposes.

use std::collections::BTreeSet;

use accountability::FindingState;
use askama::Template;
use axum::response::Response;
use dudao_proto::accountability::v1 as accountability;

use crate::desk::PAGE;
use crate::fields::Fields;
use crate::frame::{Frame, View};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::schools::Finding;
use crate::visitor::Visitor;
use crate::workbook;

/// Every state, in the order of a finding's life.
const STATES: [FindingState; 10] = [
    FindingState::Open,
    FindingState::Decided,
    FindingState::Reported,
    FindingState::Insufficient,
    FindingState::Passed,
    FindingState::Published,
    FindingState::Closed,
    FindingState::Sustained,
    FindingState::Reopened,
    FindingState::Withdrawn,
];
const ROWS: i32 = 50;

#[derive(Template)]
#[template(path = "ledger.html")]
struct List {
    t: Frame,
    query: Fields,
    states: Vec<(&'static str, &'static str)>,
    towns: BTreeSet<String>,
    rows: Vec<Finding>,
    /// The token of the next page; "" on the last.
    next: String,
    proposals: Vec<Proposal>,
}

struct Proposal {
    case: String,
    unit_name: String,
    step: &'static str,
    reason: String,
    findings: usize,
}

fn question(visitor: &Visitor, page_size: i32) -> accountability::ListLedgerRequest {
    let query = &visitor.query;
    accountability::ListLedgerRequest {
        parent: visitor.county.clone(),
        page_size,
        page_token: query.get("from").to_owned(),
        town: query.get("town").to_owned(),
        unit: String::new(),
        state: FindingState::from_str_name(query.get("state"))
            .unwrap_or_default()
            .into(),
        due_within_days: query.number("within").unwrap_or(0),
        overdue: query.ticked("overdue"),
        unresolved: query.ticked("unresolved"),
    }
}

/// The ledger by state, town and limit, with what the clock proposes above it.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let (desk, parent) = (&visitor.desk, visitor.county.clone());
    let (mut ledger, mut totals, mut cases) = (desk.ledger(), desk.ledger(), desk.cases());
    let (rows, totals, proposals) = tokio::join!(
        ledger.list_ledger(question(&visitor, ROWS)),
        totals.get_ledger_totals(accountability::GetLedgerTotalsRequest {
            parent: parent.clone()
        }),
        cases.list_proposals(accountability::ListProposalsRequest { parent }),
    );
    let t = visitor.frame;
    let rows = rows?.into_inner();
    let towns = totals.map(|totals| totals.into_inner().towns);
    let proposals = proposals.map(|all| all.into_inner().proposals);
    Ok(View(List {
        towns: towns
            .unwrap_or_default()
            .into_iter()
            .map(|total| total.town)
            .filter(|town| !town.is_empty())
            .collect(),
        states: STATES
            .iter()
            .map(|state| (state.as_str_name(), t.finding_state(*state)))
            .collect(),
        rows: findings(rows.rows, &t),
        next: rows.next_page_token,
        proposals: proposals
            .unwrap_or_default()
            .into_iter()
            .map(|proposal| Proposal {
                step: t.ladder_step(proposal.step()),
                reason: t.pick(&proposal.reason, &proposal.reason_en).clone(),
                findings: proposal.findings.len(),
                case: proposal.case,
                unit_name: proposal.unit_name,
            })
            .collect(),
        query: visitor.query,
        t,
    }))
}

/// Rows of the ledger, in the page's language.
pub fn findings(rows: Vec<accountability::LedgerRow>, t: &Frame) -> Vec<Finding> {
    rows.into_iter()
        .map(|row| Finding {
            state: t.finding_state(row.state()),
            row,
        })
        .collect()
}

/// The ledger as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let question = question(&visitor, PAGE);
    let rows = crate::desk::all(|page_token| {
        let (mut ledger, question) = (visitor.desk.ledger(), question.clone());
        async move {
            let request = accountability::ListLedgerRequest {
                page_token,
                ..question
            };
            let page = ledger.list_ledger(request).await?.into_inner();
            Ok((page.rows, page.next_page_token))
        }
    });
    let t = &visitor.frame;
    let headings = [t.finding, t.unit, t.town, t.state, t.limit, t.overdue_days];
    let rows = findings(rows.await?, t).into_iter().map(|finding| {
        let row = finding.row;
        vec![
            row.title.into(),
            row.unit_name.into(),
            row.town.into(),
            finding.state.into(),
            row.limit_date.into(),
            row.overdue_days.into(),
        ]
    });
    sheet(t.ledger, workbook::list(t.ledger, &headings, rows))
}
