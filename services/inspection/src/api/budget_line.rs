//! Budget lines, and what binds them.

use dudao_law::Word as _;
use dudao_platform::document::Filter;
use dudao_platform::document::{Record, about};
use dudao_platform::resource::{Resource as _, Stepped, freely, parse_parent};
use dudao_platform::rpc::Principal;
use dudao_platform::{Result, Tx, call, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::budget_line_service_server::BudgetLineService;

use super::Inspection;
use crate::domain::budget_line::{BudgetLine, SubsidyRate, Totals};
use crate::domain::claim::Claim;
use crate::domain::contract::Contract;

mirror!(SubsidyRate => proto::SubsidyRate { purpose as word, fen_per_day });
mirror!(BudgetLine => proto::BudgetLine { display_name, year, amount_fen, purposes as words, rates, document } out { closed, close_reason });

resource!(BudgetLine => proto::BudgetLine, budget_line, "budget_line_id"; edit { display_name, amount_fen, purposes, rates, document };
    Created => proto::BudgetLineCreated, Updated => proto::BudgetLineUpdated, Ended => proto::BudgetLineClosed);

rpcs! { impl BudgetLineService for Inspection, in proto;
    create_budget_line(CreateBudgetLineRequest) -> BudgetLine = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<BudgetLine, _>(call!(caller, request), &request.parent, &request.budget_line_id, request.budget_line.as_ref(), freely).await
    };
    get_budget_line(GetBudgetLineRequest) -> BudgetLine = |me, caller, request| me.desk.get::<BudgetLine>(caller, &request.name);
    list_budget_lines(ListBudgetLinesRequest) -> ListBudgetLinesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = super::campaign::year_of(request.year);
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: request.show_closed, from: &from, until: &until, ..Filter::default() };
        let (budget_lines, next_page_token) = me.desk.list::<BudgetLine>(caller, &page, filter).await?;
        Ok(proto::ListBudgetLinesResponse { budget_lines, next_page_token })
    };
    update_budget_line(UpdateBudgetLineRequest) -> BudgetLine = |me, caller, request|
        me.desk.update::<BudgetLine, _>(call!(caller, request), request.budget_line.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, before: &Record<BudgetLine>, after: &mut BudgetLine| {
            let totals = totals(tx, &before.county, &before.name()).await?;
            Ok(before.content.may_become(after, &totals).map_err(|refusal| refusal.about(&before.name()))?)
        });
    close_budget_line(CloseBudgetLineRequest) -> BudgetLine = |me, caller, request|
        me.desk.step::<BudgetLine, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().close(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::BudgetLineClosed, budget_line, BudgetLine::to_message(after)))] })
        });
    get_budget_totals(GetBudgetTotalsRequest) -> BudgetTotals = |me, caller, request| me.budget_totals(caller, &request.name);
}

impl Inspection {
    async fn budget_totals(&self, caller: &Principal, name: &str) -> Result<proto::BudgetTotals> {
        let line = self.desk.record::<BudgetLine>(caller, "name", name).await?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let totals = totals(&mut tx, &line.county, &line.name()).await?;
        Ok(proto::BudgetTotals {
            name: line.name(),
            amount_fen: line.content.amount_fen,
            submitted_fen: totals.submitted_fen,
            approved_fen: totals.approved_fen,
            paid_fen: totals.paid_fen,
            contracts_fen: totals.contracts_fen,
            free_fen: line.content.amount_fen - totals.bound_fen(),
            supervisors: totals
                .supervisors
                .into_iter()
                .map(|(supervisor, [submitted_fen, approved_fen, paid_fen])| {
                    proto::SupervisorTotal {
                        supervisor,
                        submitted_fen,
                        approved_fen,
                        paid_fen,
                    }
                })
                .collect(),
            purposes: totals
                .purposes
                .into_iter()
                .map(|(purpose, bound_fen)| proto::PurposeTotal {
                    purpose: purpose.number(),
                    bound_fen,
                })
                .collect(),
        })
    }
}

/// What binds a line, as of a transaction: asked within the one that binds more.
pub(super) async fn totals(tx: &mut Tx, county: &str, line: &str) -> Result<Totals> {
    let claims = about::<Claim>(tx, county, line).await?;
    let contracts = about::<Contract>(tx, county, line).await?;
    Ok(Totals::of(
        claims.iter().map(|claim| &claim.content),
        contracts.iter().map(|contract| &contract.content),
    ))
}
