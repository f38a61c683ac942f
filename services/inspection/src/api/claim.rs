//! Claims.

use dudao_law::Refusal;
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::{Resource as _, Stepped, parse_county, parse_name, parse_parent};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::claim_service_server::ClaimService;

use super::Inspection;
use super::budget_line::totals;
use super::evidence::check_evidence;
use crate::domain::budget_line::BudgetLine;
use crate::domain::claim::{Claim, ClaimState};
use crate::domain::visit::Visit;

mirror!(Claim => proto::Claim {
    budget_line, supervisor, visit, purpose as word, amount_fen, evidence, remark,
} out { state as word, submit_date, decided_by, decide_date, reject_reason, pay_date, voucher });

resource!(Claim => proto::Claim, claim, "claim_id"; edit { };
    Created => proto::ClaimSubmitted, Updated => proto::ClaimSubmitted);

/// A step whose fact is the claim itself.
macro_rules! told {
    ($before:ident, $content:expr, $payload:ident) => {{
        let content: Result<Claim, Refusal> = $content;
        Ok(Stepped {
            content: content.map_err(|refusal| refusal.about(&$before.name()))?,
            facts: vec![Box::new(|about, after| {
                payload!(about, proto::$payload, claim, Claim::to_message(after))
            })],
        })
    }};
}

rpcs! { impl ClaimService for Inspection, in proto;
    submit_claim(SubmitClaimRequest) -> Claim = |me, caller, request| me.submit_claim(caller, request);
    get_claim(GetClaimRequest) -> Claim = |me, caller, request| me.desk.get::<Claim>(caller, &request.name);
    list_claims(ListClaimsRequest) -> ListClaimsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<ClaimState>("states", &request.states)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, kinds: states.into(), place: &request.visit, subject: &request.budget_line, ..Filter::default() };
        let (claims, next_page_token) = me.desk.list::<Claim>(caller, &page, filter).await?;
        Ok(proto::ListClaimsResponse { claims, next_page_token })
    };
    approve_claim(ApproveClaimRequest) -> Claim = |me, caller, request|
        me.desk.step::<Claim, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            // Whoever writes holds the only write lock: two approvals can't both count on the same money.
            let totals = totals(tx, &before.county, &before.content.budget_line).await?;
            let line = line(tx, caller, &before.content.budget_line).await?;
            told!(before, before.content.clone().approve(&request.by, &line.content, &totals, today), ClaimApproved)
        });
    reject_claim(RejectClaimRequest) -> Claim = |me, caller, request|
        me.desk.step::<Claim, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().reject(&request.by, &request.reason, clock::day_of(tx.now_us())), ClaimRejected)
        });
    pay_claim(PayClaimRequest) -> Claim = |me, caller, request|
        me.desk.step::<Claim, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().pay(&request.voucher, clock::day_of(tx.now_us())), ClaimPaid)
        });
}

impl Inspection {
    async fn submit_claim(
        &self,
        caller: &Principal,
        asked: &proto::SubmitClaimRequest,
    ) -> Result<proto::Claim> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        self.registry.known_county(&asked.parent).await?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&county, None, today).await?;
        self.desk
            .create_one::<Claim, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.claim_id,
                asked.claim.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<Claim>]| {
                    for record in records {
                        let name = record.name();
                        let claim = record.content.clone();
                        check_evidence(tx, &county, "claim", &claim.evidence).await?;
                        let line = line(tx, caller, &claim.budget_line).await?;
                        let (of, code) = parse_name::<Visit>(caller, "claim.visit", &claim.visit)?;
                        let visit = document::get::<Visit>(tx, &of, &code).await?;
                        if line.county != county || of != county {
                            return Err(Error::not_found(&claim.visit));
                        }
                        let others = for_visit(tx, &county, &claim.visit).await?;
                        let today = clock::day_of(tx.now_us());
                        record.content = claim
                            .submit(&line.content, &visit.content, &others, &law.rules, today)
                            .map_err(|refusal| refusal.about(&name))?;
                    }
                    Ok(())
                },
            )
            .await
    }
}

async fn line(tx: &mut Tx, caller: &Principal, name: &str) -> Result<Record<BudgetLine>> {
    let (county, code) = parse_name::<BudgetLine>(caller, "claim.budget_line", name)?;
    document::get::<BudgetLine>(tx, &county, &code).await
}

/// Every claim for a visit: on whichever line, a subsidy is claimed once.
async fn for_visit(tx: &mut Tx, county: &str, visit: &str) -> Result<Vec<Claim>> {
    let filter = Filter {
        county,
        place: visit,
        limit: i64::from(i32::MAX),
        ..Filter::default()
    };
    let claims = document::list::<Claim>(tx, &filter).await?;
    Ok(claims.into_iter().map(|claim| claim.content).collect())
}
