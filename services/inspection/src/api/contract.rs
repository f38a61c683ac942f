//! Contracts with third-party assessors.

use dudao_law::Refusal;
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::{Resource as _, Stepped, parse_name, parse_parent};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::contract_service_server::ContractService;

use super::Inspection;
use super::budget_line::totals;
use super::evidence::check_evidence;
use crate::domain::assessor::Assessor;
use crate::domain::budget_line::BudgetLine;
use crate::domain::contract::{Contract, ContractState, Decision, Deliverable};

mirror!(Deliverable => proto::Deliverable { deliverable_id, title, due_date, amount_fen } out {
    state as word, deliver_date, delivered_by, evidence, decided_by, decide_date, remark,
});
mirror!(Contract => proto::Contract {
    display_name, assessor, number, scope, start_date, end_date, amount_fen, budget_line, deliverables,
} out { state as word, sign_date, signed_by, close_date, close_reason });

resource!(Contract => proto::Contract, contract, "contract_id";
    edit { display_name, assessor, number, scope, start_date, end_date, amount_fen, budget_line, deliverables };
    Created => proto::ContractCreated, Updated => proto::ContractUpdated);

/// A step whose fact is the contract itself.
macro_rules! told {
    ($before:ident, $content:expr, $payload:ident) => {{
        let content: Result<Contract, Refusal> = $content;
        Ok(Stepped {
            content: content.map_err(|refusal| refusal.about(&$before.name()))?,
            facts: vec![Box::new(|about, after| {
                payload!(
                    about,
                    proto::$payload,
                    contract,
                    Contract::to_message(after)
                )
            })],
        })
    }};
}

rpcs! { impl ContractService for Inspection, in proto;
    create_contract(CreateContractRequest) -> Contract = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<Contract, _>(call!(caller, request), &request.parent, &request.contract_id, request.contract.as_ref(), async |tx: &mut Tx, records: &mut [Record<Contract>]| {
            for record in records {
                partners(tx, caller, &record.county, &record.content).await?;
            }
            Ok(())
        }).await
    };
    get_contract(GetContractRequest) -> Contract = |me, caller, request| me.desk.get::<Contract>(caller, &request.name);
    list_contracts(ListContractsRequest) -> ListContractsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<ContractState>("states", &request.states)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, kinds: states.into(), place: &request.assessor, ..Filter::default() };
        let (contracts, next_page_token) = me.desk.list::<Contract>(caller, &page, filter).await?;
        Ok(proto::ListContractsResponse { contracts, next_page_token })
    };
    update_contract(UpdateContractRequest) -> Contract = |me, caller, request|
        me.desk.update::<Contract, _>(call!(caller, request), request.contract.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, before: &Record<Contract>, after: &mut Contract| {
            before.content.may_change().map_err(|refusal| refusal.about(&before.name()))?;
            partners(tx, caller, &before.county, after).await?;
            Ok(())
        });
    sign_contract(SignContractRequest) -> Contract = |me, caller, request|
        me.desk.step::<Contract, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            let totals = totals(tx, &before.county, &before.content.budget_line).await?;
            let (_, line) = partners(tx, caller, &before.county, &before.content).await?;
            told!(before, before.content.clone().sign(&request.by, &line.content, &totals, today), ContractSigned)
        });
    deliver_deliverable(DeliverDeliverableRequest) -> Contract = |me, caller, request|
        me.desk.step::<Contract, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            check_evidence(tx, &before.county, "", &request.evidence).await?;
            let today = clock::day_of(tx.now_us());
            told!(before, before.content.clone().deliver(&request.deliverable_id, &request.by, request.evidence.clone(), today), DeliverableDelivered)
        });
    accept_deliverable(AcceptDeliverableRequest) -> Contract = |me, caller, request|
        me.desk.step::<Contract, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            let (assessor, _) = partners(tx, caller, &before.county, &before.content).await?;
            let decision = Decision { accepted: true, by: &request.by, remark: &request.remark };
            told!(before, before.content.clone().decide(&request.deliverable_id, &decision, &assessor.content, today), DeliverableAccepted)
        });
    reject_deliverable(RejectDeliverableRequest) -> Contract = |me, caller, request|
        me.desk.step::<Contract, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            let (assessor, _) = partners(tx, caller, &before.county, &before.content).await?;
            let decision = Decision { accepted: false, by: &request.by, remark: &request.reason };
            told!(before, before.content.clone().decide(&request.deliverable_id, &decision, &assessor.content, today), DeliverableRejected)
        });
    complete_contract(CompleteContractRequest) -> Contract = |me, caller, request|
        me.desk.step::<Contract, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().complete(clock::day_of(tx.now_us())), ContractCompleted)
        });
    terminate_contract(TerminateContractRequest) -> Contract = |me, caller, request|
        me.desk.step::<Contract, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().terminate(&request.reason, clock::day_of(tx.now_us())), ContractTerminated)
        });
}

/// The assessor and the budget line of a contract, both of its county.
async fn partners(
    tx: &mut Tx,
    caller: &Principal,
    county: &str,
    contract: &Contract,
) -> Result<(Record<Assessor>, Record<BudgetLine>)> {
    let (of, code) = parse_name::<Assessor>(caller, "contract.assessor", &contract.assessor)?;
    let assessor = document::get::<Assessor>(tx, &of, &code).await?;
    let (its, code) =
        parse_name::<BudgetLine>(caller, "contract.budget_line", &contract.budget_line)?;
    let line = document::get::<BudgetLine>(tx, &its, &code).await?;
    if of != county {
        return Err(Error::not_found(&contract.assessor));
    }
    if its != county {
        return Err(Error::not_found(&contract.budget_line));
    }
    Ok((assessor, line))
}
