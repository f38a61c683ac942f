//! `dudao county`.

use dudao_platform::limited;
use dudao_proto::registry::v1 as registry;
use registry::county_service_client::CountyServiceClient;
use serde_json::json;

use crate::args::County;
use crate::failure::Result;
use crate::output;
use crate::session::Session;

/// Creates or lists counties.
pub async fn run(session: &Session, args: &County) -> Result<()> {
    match args {
        County::Create { code, name, preset } => {
            let county = create(session, code, name, preset).await?;
            println!("已建立 created {} {}", county.name, county.display_name);
            Ok(())
        }
        County::List { output } => {
            let counties = all(session).await?;
            let rows: Vec<_> = counties
                .iter()
                .map(|c| json!({"code": c.name.trim_start_matches("counties/"), "name": c.display_name}))
                .collect();
            output::print(*output, &json!({ "counties": rows }), || {
                output::table(
                    &["代码 code", "县 county"],
                    rows.iter().map(|r| vec![output::text(&r["code"]), output::text(&r["name"])]),
                )
            })
        }
    }
}

/// Creates a county.
pub async fn create(session: &Session, code: &str, name: &str, preset: &str) -> Result<registry::County> {
    Ok(limited!(CountyServiceClient::new(session.link.clone()))
        .create_county(registry::CreateCountyRequest {
            county_id: code.to_owned(),
            county: Some(registry::County { display_name: name.to_owned(), ..Default::default() }),
            ruleset_preset: preset.to_owned(),
            request_id: String::new(),
        })
        .await?
        .into_inner())
}

/// Every county, page by page.
pub async fn all(session: &Session) -> Result<Vec<registry::County>> {
    let mut client = limited!(CountyServiceClient::new(session.link.clone()));
    let mut request = registry::ListCountiesRequest { page_size: 1000, ..Default::default() };
    let mut counties = Vec::new();
    loop {
        let page = client.list_counties(request.clone()).await?.into_inner();
        counties.extend(page.counties);
        if page.next_page_token.is_empty() {
            return Ok(counties);
        }
        request.page_token = page.next_page_token;
    }
}
