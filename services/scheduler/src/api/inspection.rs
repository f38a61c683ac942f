//! Asking the inspection for the risk of every school, page by page and outside of any transaction.

use chrono::NaiveDate;
use dudao_platform::rpc::Link;
use dudao_platform::{Error, Result, limited};
use dudao_proto::inspection::v1 as pb;
use pb::risk_service_client::RiskServiceClient;
use tonic::{Code, Status};

use crate::domain::county::id_of;
use crate::domain::year_plan::Risks;

const PAGE: i32 = 1_000;

/// The points of every open school as of a day. Without them there is no plan: one made silently without risk would look
/// like one made with it.
pub async fn risks(link: &Link, county: &str, on: NaiveDate) -> Result<Risks> {
    let mut client = limited!(RiskServiceClient::new(link.clone()));
    let mut risks = Risks::default();
    let mut page_token = String::new();
    loop {
        let request = pb::ListRisksRequest {
            parent: format!("counties/{county}"),
            page_size: PAGE,
            page_token,
            date: on.to_string(),
            ..Default::default()
        };
        let page = client
            .list_risks(request)
            .await
            .map_err(refused)?
            .into_inner();
        for risk in page.risks {
            risks.ceiling = risk.ceiling;
            risks
                .points
                .insert(id_of(&risk.school).to_owned(), risk.points);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(risks);
        }
    }
}

fn refused(status: Status) -> Error {
    if matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
    ) {
        Error::unavailable("the inspection can't be reached, and it knows the risk of each school")
    } else {
        Error::internal(status)
    }
}
