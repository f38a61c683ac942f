//! What every service asks of the registry, outside of any transaction: the rules and calendars of a county, whether there is
//! such a county, who must avoid whom, and what belongs to whom.

mod territory;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Datelike as _, NaiveDate};
use dudao_law::ruleset::{Figure, Law, Ruleset};
use dudao_law::{Calendar, Rule, Violations};
use dudao_platform::rpc::{Fault, Link};
use dudao_platform::{Error, Result, limited};
use dudao_proto::registry::v1 as registry;
use registry::calendar_service_client::CalendarServiceClient;
use registry::county_service_client::CountyServiceClient;
use registry::relation_service_client::RelationServiceClient;
use registry::ruleset_service_client::RulesetServiceClient;
use tonic::{Code, Status};

const PAGE: i32 = 1_000;

/// The registry behind its link, with what never changes remembered, and for a moment what belongs to whom.
#[derive(Clone, Debug)]
pub struct Registry {
    /// For generated clients.
    pub link: Link,
    rulesets: Arc<Mutex<BTreeMap<String, Arc<Ruleset>>>>,
    territories: territory::Known,
}

impl Registry {
    /// The registry behind a link.
    pub fn new(link: Link) -> Self {
        Self {
            link,
            rulesets: Arc::default(),
            territories: territory::Known::default(),
        }
    }

    /// Refuses a county that the registry does not know.
    pub async fn known_county(&self, parent: &str) -> Result<()> {
        let name = parent.to_owned();
        limited!(CountyServiceClient::new(self.link.clone()))
            .get_county(registry::GetCountyRequest { name })
            .await
            .map_err(|status| refused(status, parent))?;
        Ok(())
    }

    /// What a decision of this day is made under: the named version of the rules, or else the one in force on the day; and the
    /// calendars of the year, the one before and the one after.
    pub async fn law(&self, county: &str, ruleset: Option<&str>, day: NaiveDate) -> Result<Law> {
        let rules = match ruleset.filter(|name| !name.is_empty()) {
            Some(name) => self.ruleset(name).await?,
            None => self.ruleset_in_force(county, day).await?,
        };
        Ok(Law {
            rules: Ruleset::clone(&rules),
            calendar: self.calendar(county, day.year()).await?,
        })
    }

    /// Who must avoid which of these units on a day (回避); without units, every unit that they must avoid. The supervisors are
    /// full names that the registry knows.
    pub async fn avoidance(
        &self,
        county: &str,
        supervisors: &[String],
        units: &[String],
        on: Option<NaiveDate>,
    ) -> Result<Vec<registry::Avoidance>> {
        let parent = format!("counties/{county}");
        let mut client = limited!(RelationServiceClient::new(self.link.clone()));
        let mut avoidances = Vec::new();
        for some in supervisors.chunks(PAGE as usize) {
            let request = registry::CheckAvoidanceRequest {
                parent: parent.clone(),
                supervisors: some.to_vec(),
                units: units.to_vec(),
                date: on.map(|day| day.to_string()).unwrap_or_default(),
            };
            let answer = client
                .check_avoidance(request)
                .await
                .map_err(|status| refused(status, &parent))?;
            avoidances.extend(answer.into_inner().avoidances);
        }
        Ok(avoidances)
    }

    fn known(&self, name: &str) -> Option<Arc<Ruleset>> {
        let known = self.rulesets.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).cloned()
    }

    fn keep(&self, ruleset: Ruleset) -> Arc<Ruleset> {
        let ruleset = Arc::new(ruleset);
        let mut known = self.rulesets.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(ruleset.name.clone(), Arc::clone(&ruleset));
        ruleset
    }

    async fn ruleset(&self, name: &str) -> Result<Arc<Ruleset>> {
        if let Some(known) = self.known(name) {
            return Ok(known);
        }
        let request = registry::GetRulesetRequest {
            name: name.to_owned(),
        };
        let answer = limited!(RulesetServiceClient::new(self.link.clone()))
            .get_ruleset(request)
            .await
            .map_err(|status| refused(status, name))?;
        Ok(self.keep(read(answer.into_inner())))
    }

    async fn ruleset_in_force(&self, county: &str, day: NaiveDate) -> Result<Arc<Ruleset>> {
        let parent = format!("counties/{county}");
        let mut client = limited!(RulesetServiceClient::new(self.link.clone()));
        let mut newest: Option<(String, u32, registry::Ruleset)> = None;
        let mut page_token = String::new();
        loop {
            let request = registry::ListRulesetsRequest {
                parent: parent.clone(),
                page_size: PAGE,
                page_token,
            };
            let page = client
                .list_rulesets(request)
                .await
                .map_err(|status| refused(status, &parent))?
                .into_inner();
            for ruleset in page.rulesets {
                let version = ruleset
                    .name
                    .rsplit('/')
                    .next()
                    .and_then(|last| last.parse().ok());
                let key = (ruleset.effective_date.clone(), version.unwrap_or_default());
                let in_force = ruleset.effective_date <= day.to_string();
                if in_force
                    && newest
                        .as_ref()
                        .is_none_or(|(date, version, _)| (date, version) < (&key.0, &key.1))
                {
                    newest = Some((key.0, key.1, ruleset));
                }
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let (.., ruleset) = newest.ok_or_else(|| Error::not_found(format!("{parent}/rulesets")))?;
        Ok(self.keep(read(ruleset)))
    }

    async fn calendar(&self, county: &str, year: i32) -> Result<Calendar> {
        let mut client = limited!(CalendarServiceClient::new(self.link.clone()));
        let mut calendar = Calendar::default();
        for year in [year - 1, year, year + 1] {
            let name = format!("counties/{county}/calendars/{year}");
            let request = registry::GetCalendarRequest { name: name.clone() };
            let answer = match client.get_calendar(request).await {
                Ok(answer) => answer.into_inner(),
                // A year that nobody has entered has weekends only.
                Err(status) if status.code() == Code::NotFound => continue,
                Err(status) => return Err(refused(status, &name)),
            };
            let mut wrong = Violations::new();
            let mut day =
                |text: &str| dudao_law::day(&mut wrong, "calendar", text).unwrap_or_default();
            for holiday in &answer.holidays {
                calendar
                    .holidays
                    .push((day(&holiday.start_date), day(&holiday.end_date)));
            }
            calendar
                .makeup_days
                .extend(answer.makeup_days.iter().map(|text| day(text)));
            wrong
                .into_result()
                .map_err(|wrong| Error::internal(wrong.to_string()))?;
        }
        Ok(calendar)
    }
}

/// What a refusal of another service means to a service's own caller, who asked about a resource.
pub fn refused(status: Status, name: &str) -> Error {
    let fault = Fault::from(&status);
    if !fault.rules.is_empty() {
        // What stands against it there, such as a figure that the county must enter, stands against it here.
        let rules = fault.rules.into_iter();
        return Error::RuleBroken(
            rules
                .map(|broken| {
                    Rule::new(broken.rule, "", broken.zh, fault.en.clone()).about(&broken.subject)
                })
                .collect(),
        );
    }
    if matches!(status.code(), Code::NotFound | Code::InvalidArgument) {
        Error::not_found(name)
    } else if matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
    ) {
        Error::unavailable("a service that was asked can't be reached")
    } else {
        Error::internal(status)
    }
}

fn read(ruleset: registry::Ruleset) -> Ruleset {
    let figures = ruleset.parameters.into_iter().map(|parameter| {
        let figure = Figure {
            title: parameter.display_name,
            value: parameter.value,
            unit: parameter.unit,
            basis: parameter.basis,
        };
        (parameter.key, figure)
    });
    Ruleset {
        name: ruleset.name,
        figures: figures.collect(),
    }
}
