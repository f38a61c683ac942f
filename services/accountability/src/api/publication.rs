//! What anyone may read: messages without a field for a person.

use dudao_law::Word as _;
use dudao_platform::document::Filter;
use dudao_platform::page::Page;
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{Result, document, page, rpcs};
use dudao_proto::accountability::v1 as proto;
use proto::publication_service_server::PublicationService;

use super::Accountability;
use crate::domain::commendation::{Commendation, CommendationState};
use crate::domain::decision::{AccountabilityDecision, AccountabilityState, SubjectKind};
use crate::store::publication::{Key, results};

rpcs! { impl PublicationService for Accountability, in proto;
    list_published_results(ListPublishedResultsRequest) -> ListPublishedResultsResponse = |me, caller, request| me.published_results(caller, request);
    list_published_decisions(ListPublishedDecisionsRequest) -> ListPublishedDecisionsResponse = |me, caller, request| me.published_decisions(caller, request);
    list_published_commendations(ListPublishedCommendationsRequest) -> ListPublishedCommendationsResponse = |me, caller, request| me.published_commendations(caller, request);
}

impl Accountability {
    async fn published_results(
        &self,
        caller: &Principal,
        asked: &proto::ListPublishedResultsRequest,
    ) -> Result<proto::ListPublishedResultsResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let page: Page<Key> = page!(asked)?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let of = (asked.town.as_str(), asked.unit.as_str());
        let rows = results(&mut tx, &county, of, page.after(), page.limit()).await?;
        let (rows, next_page_token) = page.cut(rows, |row| {
            (row.published.clone(), row.case_code.clone(), row.at)
        });
        let results = rows.into_iter().map(|row| proto::PublishedResult {
            unit_name: row.unit_name,
            town: row.town,
            title: row.title,
            result: row.result,
            date: row.published,
        });
        Ok(proto::ListPublishedResultsResponse {
            results: results.collect(),
            next_page_token,
        })
    }

    async fn published_decisions(
        &self,
        caller: &Principal,
        asked: &proto::ListPublishedDecisionsRequest,
    ) -> Result<proto::ListPublishedDecisionsResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let page: Page<(String, String)> = page!(asked)?;
        let standing = [AccountabilityState::Issued, AccountabilityState::Executed];
        let filter = Filter {
            county: &county,
            ended: true,
            kinds: format!(",{},", standing.map(AccountabilityState::zh).join(",")).into(),
            after: page.after(),
            limit: page.limit(),
            ..Filter::default()
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let records = document::list::<AccountabilityDecision>(&mut tx, &filter).await?;
        let (records, next_page_token) = page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        });
        let decisions = records.into_iter().filter_map(|record| {
            let decision = record.content;
            let of_unit = decision.kind == SubjectKind::Unit;
            let criticism = decision.public_criticism().filter(|_| of_unit)?.clone();
            let issuance = decision.issuance?;
            Some(proto::PublishedDecision {
                unit_name: decision.unit_name,
                number: issuance.number,
                form: criticism.form.number(),
                text: criticism.detail,
                date: issuance.date.to_string(),
            })
        });
        Ok(proto::ListPublishedDecisionsResponse {
            decisions: decisions.collect(),
            next_page_token,
        })
    }

    async fn published_commendations(
        &self,
        caller: &Principal,
        asked: &proto::ListPublishedCommendationsRequest,
    ) -> Result<proto::ListPublishedCommendationsResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let page: Page<(String, String)> = page!(asked)?;
        let filter = Filter {
            county: &county,
            ended: true,
            kinds: format!(",{},", CommendationState::Published.zh()).into(),
            after: page.after(),
            limit: page.limit(),
            ..Filter::default()
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let records = document::list::<Commendation>(&mut tx, &filter).await?;
        let (records, next_page_token) = page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        });
        let commendations = records.into_iter().filter_map(|record| {
            let round = record.content;
            let decision = round.decision?;
            let commended = || round.nominees.iter().filter(|one| one.stands());
            let units = commended().filter(|one| one.kind == SubjectKind::Unit);
            let persons = commended().filter(|one| one.kind == SubjectKind::Person);
            Some(proto::PublishedCommendation {
                year: round.year,
                display_name: round.display_name.clone(),
                number: decision.number,
                date: decision.date.to_string(),
                units: units.map(|one| one.unit_name.clone()).collect(),
                persons: persons.count() as i32,
            })
        });
        Ok(proto::ListPublishedCommendationsResponse {
            commendations: commendations.collect(),
            next_page_token,
        })
    }
}
