//! Asking the registry for a county, page by page and outside of any transaction.

use std::collections::HashMap;

use chrono::NaiveDate;
use dudao_optimizer::geo;
use dudao_platform::rpc::Link;
use dudao_platform::{Error, Result, limited};
use dudao_proto::registry::v1 as pb;
use pb::calendar_service_client::CalendarServiceClient;
use pb::county_service_client::CountyServiceClient;
use pb::member_unit_service_client::MemberUnitServiceClient;
use pb::ruleset_service_client::RulesetServiceClient;
use pb::school_service_client::SchoolServiceClient;
use pb::supervisor_service_client::SupervisorServiceClient;
use pb::town_service_client::TownServiceClient;
use tonic::{Code, Status};

use super::convert::stage_of;
use crate::domain;
use crate::domain::calendar::{Calendar, Period};
use crate::domain::county::{County, School, Supervisor, Town, Unit, id_of};
use crate::domain::error::Rule;
use crate::domain::ruleset::Ruleset;

const PAGE: i32 = 1_000;

/// The pages of a list, one after the other.
macro_rules! pages {
    ($client:expr, $method:ident, $request:ident { $($field:ident: $value:expr),* }, $items:ident) => {{
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let mut request = pb::$request::default();
            $(request.$field = $value;)*
            request.page_size = PAGE;
            request.page_token = page_token;
            let answer = $client.$method(request).await.map_err(refused)?.into_inner();
            all.extend(answer.$items);
            if answer.next_page_token.is_empty() {
                break all;
            }
            page_token = answer.next_page_token;
        }
    }};
}

fn refused(status: Status) -> Error {
    if matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted
    ) {
        Error::unavailable("the registry can't be reached")
    } else {
        Error::internal(status)
    }
}

/// All that a plan is made from, as the registry knows it now; the rules in force on `on`, and the calendar of `year`.
pub async fn county(link: &Link, code: &str, year: i32, on: NaiveDate) -> Result<County> {
    let parent = format!("counties/{code}");
    let mut counties = limited!(CountyServiceClient::new(link.clone()));
    let named = pb::GetCountyRequest {
        name: parent.clone(),
    };
    counties.get_county(named).await.map_err(|status| {
        if matches!(status.code(), Code::NotFound | Code::InvalidArgument) {
            Error::not_found(&parent)
        } else {
            refused(status)
        }
    })?;
    let mut schools = limited!(SchoolServiceClient::new(link.clone()));
    let mut supervisors = limited!(SupervisorServiceClient::new(link.clone()));
    let mut units = limited!(MemberUnitServiceClient::new(link.clone()));
    let mut towns = limited!(TownServiceClient::new(link.clone()));
    let mut rulesets = limited!(RulesetServiceClient::new(link.clone()));
    let schools = pages!(
        schools,
        list_schools,
        ListSchoolsRequest {
            parent: parent.clone()
        },
        schools
    );
    let supervisors = pages!(
        supervisors,
        list_supervisors,
        ListSupervisorsRequest {
            parent: parent.clone()
        },
        supervisors
    );
    let units = pages!(
        units,
        list_member_units,
        ListMemberUnitsRequest {
            parent: parent.clone()
        },
        member_units
    );
    let towns = pages!(
        towns,
        list_towns,
        ListTownsRequest {
            parent: parent.clone()
        },
        towns
    );
    let rulesets = pages!(
        rulesets,
        list_rulesets,
        ListRulesetsRequest {
            parent: parent.clone()
        },
        rulesets
    );
    let mut avoid: HashMap<String, Vec<String>> = HashMap::new();
    let names: Vec<_> = supervisors.iter().map(|one| one.name.clone()).collect();
    let avoidances = dudao_inquiry::Registry::new(link.clone())
        .avoidance(code, &names, &[], Some(on))
        .await?;
    for avoided in avoidances {
        let units = avoid.entry(avoided.supervisor).or_default();
        units.push(id_of(&avoided.unit).to_owned());
    }
    Ok(County {
        code: code.to_owned(),
        schools: schools
            .into_iter()
            .filter(|s| s.close_time.is_none())
            .map(school)
            .collect::<Result<_>>()?,
        supervisors: supervisors
            .into_iter()
            .filter(|s| s.leave_time.is_none())
            .map(|person| {
                let avoid = avoid.remove(&person.name).unwrap_or_default();
                supervisor(person, avoid)
            })
            .collect::<Result<_>>()?,
        units: units
            .into_iter()
            .filter(|u| u.withdraw_time.is_none())
            .map(unit)
            .collect(),
        towns: towns.into_iter().map(town).collect::<Result<_>>()?,
        calendar: calendar(link, &parent, year).await?,
        rules: in_force(&parent, rulesets, on)?,
    })
}

/// The calendar of a year; one without terms if the county has none.
async fn calendar(link: &Link, parent: &str, year: i32) -> Result<Calendar> {
    let mut calendars = limited!(CalendarServiceClient::new(link.clone()));
    let name = format!("{parent}/calendars/{year:04}");
    let found = match calendars
        .get_calendar(pb::GetCalendarRequest { name })
        .await
    {
        Ok(found) => found.into_inner(),
        Err(status) if status.code() == Code::NotFound => pb::Calendar::default(),
        Err(status) => return Err(refused(status)),
    };
    let periods = |periods: Vec<pb::Period>| -> Result<Vec<Period>> {
        periods
            .iter()
            .map(|period| {
                Ok(Period {
                    start: a_day(&period.start_date)?,
                    end: a_day(&period.end_date)?,
                })
            })
            .collect()
    };
    Ok(Calendar {
        year,
        terms: periods(found.terms)?,
        holidays: periods(found.holidays)?,
        makeup: found
            .makeup_days
            .iter()
            .map(|text| a_day(text))
            .collect::<Result<_>>()?,
        exams: periods(found.exams)?,
    })
}

/// The newest ruleset that is in force on a day.
fn in_force(parent: &str, rulesets: Vec<pb::Ruleset>, on: NaiveDate) -> Result<Ruleset> {
    let mut best: Option<(NaiveDate, u64, pb::Ruleset)> = None;
    for ruleset in rulesets {
        let since = day(&ruleset.effective_date)?.unwrap_or(NaiveDate::MIN);
        let version = id_of(&ruleset.name).parse().unwrap_or(0);
        let newer = best
            .as_ref()
            .is_none_or(|(s, v, _)| (since, version) > (*s, *v));
        if since <= on && newer {
            best = Some((since, version, ruleset));
        }
    }
    let Some((_, _, ruleset)) = best else {
        let zh = format!("{on} 没有生效的规则，请先录入");
        let en = format!("no ruleset is in force on {on}: enter one");
        return Err(domain::Error::Rules(vec![Rule::new("ruleset", "", parent, zh, en)]).into());
    };
    Ok(Ruleset {
        name: ruleset.name,
        values: ruleset
            .parameters
            .into_iter()
            .map(|p| (p.key, p.value))
            .collect(),
    })
}

fn day(text: &str) -> Result<Option<NaiveDate>> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = text
        .parse()
        .map_err(|_| Error::internal(format!("the registry says {text} where a day belongs")))?;
    Ok(Some(day))
}

fn a_day(text: &str) -> Result<NaiveDate> {
    day(text)?.ok_or_else(|| Error::internal("the registry says nothing where a day belongs"))
}

fn place(place: Option<pb::Place>, of: &str) -> Result<geo::Place> {
    let place = place.ok_or_else(|| Error::internal(format!("{of} is nowhere")))?;
    Ok(geo::Place {
        lon: place.longitude,
        lat: place.latitude,
    })
}

fn id(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| id_of(name).to_owned())
}

fn school(school: pb::School) -> Result<School> {
    let stage = stage_of(school.stage())
        .ok_or_else(|| Error::internal(format!("{} has no stage", school.name)))?;
    Ok(School {
        code: id_of(&school.name).to_owned(),
        stage,
        town: Some(school.town).filter(|town| !town.is_empty()),
        place: place(school.place, &school.name)?,
        last_inspection: day(&school.last_inspection_date)?,
        zone: id(&school.zone),
        supervisor: id(&school.responsible_supervisor),
        responsible_since: day(&school.responsible_since)?,
        name: school.display_name,
    })
}

fn supervisor(person: pb::Supervisor, avoid: Vec<String>) -> Result<Supervisor> {
    Ok(Supervisor {
        id: id_of(&person.name).to_owned(),
        full_time: person.employment() == pb::Employment::FullTime,
        stages: person.stages().filter_map(stage_of).collect(),
        base: place(person.base, &person.name)?,
        term_start: day(&person.term_start_date)?,
        term_end: day(&person.term_end_date)?,
        training_hours: person.training_hours,
        days_per_year: person.days_per_year,
        max_schools: person.max_schools.map(|most| most.max(0).unsigned_abs()),
        avoid,
        name: person.display_name,
    })
}

fn unit(unit: pb::MemberUnit) -> Unit {
    Unit {
        id: id_of(&unit.name).to_owned(),
        name: unit.display_name,
        max_inspections: unit
            .max_inspections_per_year
            .map(|most| most.max(0).unsigned_abs()),
    }
}

fn town(town: pb::Town) -> Result<Town> {
    Ok(Town {
        id: id_of(&town.name).to_owned(),
        name: town.display_name,
        last_inspection: day(&town.last_inspection_date)?,
    })
}
