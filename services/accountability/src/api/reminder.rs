//! Reminders: asked for, and told of as events.

use std::time::Duration;

use chrono::NaiveDate;
use dudao_law::Word as _;
use dudao_platform::context::Context;
use dudao_platform::document::{Document as _, Record};
use dudao_platform::events::{self, NewEvent};
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::{Principal, Sight};
use dudao_platform::{Error, Result, Tx, clock};
use dudao_proto::accountability::v1 as proto;

use super::Accountability;
use super::ledger::own_units;
use crate::domain::commendation::Commendation;
use crate::domain::decision::AccountabilityDecision;
use crate::domain::reminder::{Limit, ReminderKind, ReminderMatter, due, horizon};
use crate::store::ledger::{self, Filter, Row};
use crate::store::reminder as told;

/// The most reminders of one answer.
const REMINDERS: i64 = 1_000;
/// Days ahead of a limit on which to remind where the rules do not say.
const AHEAD: u32 = 10;
/// How long a round waits for the next: what is decided with little time left is told of soon, and a new day within minutes.
const PAUSE: Duration = Duration::from_secs(600);
/// How many findings are told of in one transaction, so that others get to write in between.
const BATCH: i64 = 500;
/// Who does it, in events.
const ACTOR: &str = "accountability";

impl Accountability {
    /// What is due within the days of `clock.reminder`, due today or overdue, the most urgent first.
    pub(super) async fn reminders(
        &self,
        caller: &Principal,
        asked: &proto::ListRemindersRequest,
    ) -> Result<proto::ListRemindersResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let today = self.desk.context.clock.today();
        let ahead = self.ahead(&county).await?;
        let until = horizon(ahead, today);
        let sight = self.desk.sight(caller).await?;
        let units = own_units(&sight);
        let filter = Filter {
            county: &county,
            unit: &asked.unit,
            units: units.as_deref(),
            officer: &asked.officer,
            from: "0".to_owned(),
            until: until.to_string(),
            limit: REMINDERS,
            ..Filter::default()
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let rows = ledger::list(&mut tx, &filter).await?;
        let mut limits: Vec<_> = rows
            .into_iter()
            .map(|row| of_finding(&county, row))
            .collect::<Result<_>>()?;
        let others = of_documents(&mut tx, &county, &sight).await?;
        limits.extend(others.into_iter().filter(|one| {
            let unit = asked.unit.is_empty() || one.unit == asked.unit;
            let officer = asked.officer.is_empty() || one.officer == asked.officer;
            // What a unit is held accountable for is no matter of who looks after it.
            unit && officer && caller.speaks_for(&one.unit)
        }));
        limits.sort_by(|one, other| (one.date, &one.resource).cmp(&(other.date, &other.resource)));
        limits.truncate(REMINDERS as usize);
        let reminders = limits.into_iter().filter_map(|limit| {
            let kind = limit.kind(ahead, today)?;
            Some(message(limit, kind, today))
        });
        Ok(proto::ListRemindersResponse {
            reminders: reminders.collect(),
        })
    }

    /// How many days ahead of a limit the county wants to be reminded.
    async fn ahead(&self, county: &str) -> Result<u32> {
        let today = self.desk.context.clock.today();
        let law = self.registry.law(county, None, today).await?;
        let days = law.rules.optional("clock.reminder");
        Ok(days.map_or(AHEAD, |days| days as u32))
    }
}

/// Tells of what falls due until the shutdown: at the start, and then every few minutes.
pub(crate) async fn remind(accountability: Accountability) -> Result<()> {
    let context = accountability.desk.context.clone();
    loop {
        let Some(round) = context.shutdown.or(Box::pin(round(&accountability))).await else {
            return Ok(());
        };
        if let Err(error) = round {
            tracing::warn!(%error, "a round of reminders has failed and is tried again");
        }
        if context
            .shutdown
            .or(tokio::time::sleep(PAUSE))
            .await
            .is_none()
        {
            return Ok(());
        }
    }
}

async fn round(accountability: &Accountability) -> Result<()> {
    let context = &accountability.desk.context;
    let mut tx = context.db.begin_read().await?;
    let counties = told::counties(&mut tx).await?;
    drop(tx);
    for county in counties {
        let ahead = accountability.ahead(&county).await?;
        let fallen = tick(context, &county, ahead).await?;
        if fallen > 0 {
            tracing::info!(county, fallen, "{fallen} reminders of {county} have fallen");
        }
    }
    Ok(())
}

/// Tells of every moment of a county's limits that has fallen and was not told yet: the event and the note that it was told stand
/// in one transaction. So it happens once, whatever is restarted, and however many do it at the same time. Gives back how many.
pub async fn tick(context: &Context, county: &str, ahead: u32) -> Result<usize> {
    let mut fallen = 0;
    let mut tx = context.db.begin_write().await?;
    let limits = of_documents(&mut tx, county, &Sight::Whole).await?;
    let today = clock::day_of(tx.now_us());
    fallen += tell(&mut tx, county, due(limits, ahead, today)).await?;
    tx.commit().await?;
    for moment in [
        ReminderKind::Approaching,
        ReminderKind::Today,
        ReminderKind::Overdue,
    ] {
        loop {
            let mut tx = context.db.begin_write().await?;
            let today = clock::day_of(tx.now_us());
            let until = match moment {
                ReminderKind::Approaching => horizon(ahead, today),
                ReminderKind::Today => today,
                ReminderKind::Overdue => today.pred_opt().unwrap_or(today),
            };
            let rows = told::untold(&mut tx, county, moment, &until.to_string(), BATCH).await?;
            let more = rows.len() as i64 == BATCH;
            let moments = rows
                .into_iter()
                .map(|row| Ok((of_finding(county, row)?, moment)))
                .collect::<Result<_>>()?;
            fallen += tell(&mut tx, county, moments).await?;
            tx.commit().await?;
            if !more {
                break;
            }
        }
    }
    Ok(fallen)
}

async fn tell(tx: &mut Tx, county: &str, moments: Vec<(Limit, ReminderKind)>) -> Result<usize> {
    let today = clock::day_of(tx.now_us());
    let mut facts = Vec::new();
    for (limit, moment) in moments {
        let date = limit.date.to_string();
        let case = limit.resource.rsplit('/').next().unwrap_or_default();
        let key = match limit.matter {
            ReminderMatter::Finding => (case, limit.finding.as_str(), date.as_str()),
            ReminderMatter::InvestigationGroup
            | ReminderMatter::Statement
            | ReminderMatter::ReviewDecision
            | ReminderMatter::AppealDecision
            | ReminderMatter::Correction
            | ReminderMatter::Commendation => {
                (limit.resource.as_str(), limit.matter.zh(), date.as_str())
            }
        };
        if told::tell(tx, county, key, moment).await? {
            let resource = limit.resource.clone();
            let fell = proto::ReminderFell {
                reminder: Some(message(limit, moment, today)),
            };
            facts.push(NewEvent::new(county, resource, ACTOR, &fell));
        }
    }
    let told = facts.len();
    events::append(tx, facts).await?;
    Ok(told)
}

fn of_finding(county: &str, row: Row) -> Result<Limit> {
    Ok(Limit {
        resource: format!("counties/{county}/cases/{}", row.case_code),
        finding: row.finding,
        matter: ReminderMatter::Finding,
        title: row.title,
        unit: row.unit,
        unit_name: row.unit_name,
        officer: row.officer,
        date: row.due.parse().map_err(Error::internal)?,
    })
}

/// The clocks of decisions and of commendations that are within sight.
async fn of_documents(tx: &mut Tx, county: &str, sight: &Sight) -> Result<Vec<Limit>> {
    let mut limits = Vec::new();
    for Record { content, code, .. } in told::decisions(tx, county).await? {
        if !sight.sees(&content.concerns(county, &code)) {
            continue;
        }
        let resource = dudao_platform::document::name::<AccountabilityDecision>(county, &code);
        limits.extend(content.clocks().into_iter().map(|(matter, date)| Limit {
            resource: resource.clone(),
            finding: String::new(),
            matter,
            title: content.title(),
            unit: content.unit.clone(),
            unit_name: content.unit_name.clone(),
            officer: content.officer.clone(),
            date,
        }));
    }
    for Record { content, code, .. } in told::commendations(tx, county).await? {
        let resource = dudao_platform::document::name::<Commendation>(county, &code);
        limits.extend(content.clock().map(|(matter, date)| Limit {
            resource,
            finding: String::new(),
            matter,
            title: content.display_name.clone(),
            unit: String::new(),
            unit_name: String::new(),
            officer: content.officer.clone(),
            date,
        }));
    }
    Ok(limits)
}

fn message(limit: Limit, kind: ReminderKind, today: NaiveDate) -> proto::Reminder {
    let of_finding = limit.matter == ReminderMatter::Finding;
    proto::Reminder {
        kind: kind.number(),
        case: if of_finding {
            limit.resource.clone()
        } else {
            String::new()
        },
        finding: limit.finding,
        title: limit.title,
        unit: limit.unit,
        unit_name: limit.unit_name,
        limit_date: limit.date.to_string(),
        days: (limit.date - today).num_days() as i32,
        matter: limit.matter.number(),
        resource: limit.resource,
        officer: limit.officer,
    }
}
