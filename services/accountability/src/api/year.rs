//! What a county has done in a year.

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta};
use dudao_platform::document::{self, Record, name};
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, rpcs};
use dudao_proto::accountability::v1 as proto;
use proto::accountability_year_service_server::AccountabilityYearService;

use super::Accountability;
use crate::domain::commendation::{Commendation, teachers_day};
use crate::domain::decision::AccountabilityDecision;
use crate::domain::year::{Tally, YearOfCases};
use crate::store::year::cases;

/// The most names of a tally.
const NAMES: usize = 100;

rpcs! { impl AccountabilityYearService for Accountability, in proto;
    get_accountability_year(GetAccountabilityYearRequest) -> AccountabilityYear = |me, caller, request| me.year(caller, request);
}

impl Accountability {
    async fn year(
        &self,
        caller: &Principal,
        asked: &proto::GetAccountabilityYearRequest,
    ) -> Result<proto::AccountabilityYear> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let year = asked.year;
        let (done, decisions, round) = self.year_of(&county, year).await?;
        let code = year.to_string();
        let decided = round.as_ref().and_then(|one| one.content.decision.as_ref());
        let decided = decided.map(|decision| decision.date.to_string());
        Ok(proto::AccountabilityYear {
            year,
            rectification_decisions: Some(tally(done.rectification_decisions)),
            urging_letters: Some(tally(done.urging_letters)),
            published_results: Some(tally(done.published_results)),
            close_outs: Some(tally(done.close_outs)),
            look_backs: Some(tally(done.look_backs)),
            interviews: Some(tally(done.interviews)),
            notifications: Some(tally(done.notifications)),
            accountability_decisions: Some(tally(decisions)),
            commendation: round.map_or_else(String::new, |_| name::<Commendation>(&county, &code)),
            commendation_due_date: teachers_day(year)
                .map(|day| day.to_string())
                .unwrap_or_default(),
            commendation_decide_date: decided.unwrap_or_default(),
        })
    }

    /// What the cases of a county show of a year, how many accountability decisions it has, and its commendation.
    pub(super) async fn year_of(
        &self,
        county: &str,
        year: i32,
    ) -> Result<(YearOfCases, Tally, Option<Record<Commendation>>)> {
        let known = (2000..=2999).contains(&year);
        let first = NaiveDate::from_ymd_opt(year, 1, 1).filter(|_| known);
        let first = first
            .ok_or_else(|| Error::invalid("year", "须为 2000 至 2999", "must be 2000 to 2999"))?;
        // A day early does no harm, and spares a thought for time zones.
        let since = first.and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
        let last = format!("{year}-12-31");
        let mut tx = self.desk.context.db.begin_read().await?;
        let mut done = YearOfCases::default();
        for (case, content) in cases(&mut tx, county, &last, since.timestamp_micros()).await? {
            done.add(&case, &content, year);
        }
        let mut decisions = Tally::default();
        for one in document::all::<AccountabilityDecision>(&mut tx, county).await? {
            let issued = one.content.issuance.as_ref().map(|issuance| issuance.date);
            decisions.add(
                &one.name(),
                usize::from(issued.is_some_and(|day| day.year() == year)),
            );
        }
        let round = document::find::<Commendation>(&mut tx, county, &year.to_string()).await?;
        Ok((done, decisions, round))
    }
}

fn tally(mut tally: Tally) -> proto::YearTally {
    tally.resources.truncate(NAMES);
    proto::YearTally {
        count: i32::try_from(tally.count).unwrap_or(i32::MAX),
        resources: tally.resources,
    }
}
