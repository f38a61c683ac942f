//! The ledger and the reminders.

use chrono::{Days, NaiveDate};
use dudao_law::Word as _;
use dudao_platform::carry::word;
use dudao_platform::error::Violations;
use dudao_platform::page::Page;
use dudao_platform::resource::parse_county;
use dudao_platform::rpc::{Principal, Sight};
use dudao_platform::{Result, page, rpcs};
use dudao_proto::accountability::v1 as proto;
use proto::ledger_service_server::LedgerService;

use super::Accountability;
use crate::domain::finding::{FindingState, Severity};
use crate::store::ledger::{self, Filter, Key, Row};

rpcs! { impl LedgerService for Accountability, in proto;
    list_ledger(ListLedgerRequest) -> ListLedgerResponse = |me, caller, request| me.page_of_ledger(caller, request);
    get_ledger_totals(GetLedgerTotalsRequest) -> LedgerTotals = |me, caller, request| me.totals(caller, &request.parent);
    list_reminders(ListRemindersRequest) -> ListRemindersResponse = |me, caller, request| me.reminders(caller, request);
}

impl Accountability {
    async fn page_of_ledger(
        &self,
        caller: &Principal,
        asked: &proto::ListLedgerRequest,
    ) -> Result<proto::ListLedgerResponse> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let page: Page<Key> = page!(asked)?;
        let mut wrong = Violations::new();
        let state = word::<FindingState>(asked.state, &mut wrong, "state");
        wrong.check(
            (0..=3_660).contains(&asked.due_within_days),
            "due_within_days",
            "须为 0 至 3660",
            "must be 0 to 3,660",
        );
        wrong.check(
            asked.due_within_days == 0 || !asked.overdue,
            "overdue",
            "“即将到期”和“已逾期”只能选其一",
            "must not be asked together with due_within_days",
        );
        wrong.into_result()?;
        let today = self.desk.context.clock.today();
        let (from, until) = if asked.overdue {
            ("0".to_owned(), yesterday(today))
        } else if asked.due_within_days > 0 {
            let last = today + Days::new(asked.due_within_days.unsigned_abs().into());
            (today.to_string(), last.to_string())
        } else {
            (String::new(), String::new())
        };
        let units = own_units(&self.desk.sight(caller).await?);
        let filter = Filter {
            county: &county,
            town: &asked.town,
            unit: &asked.unit,
            units: units.as_deref(),
            officer: "",
            state,
            unresolved: asked.unresolved,
            from,
            until,
            after: page.after(),
            limit: page.limit(),
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let rows = ledger::list(&mut tx, &filter).await?;
        let (rows, next_page_token) =
            page.cut(rows, |row| (row.due.clone(), row.case_code.clone(), row.at));
        Ok(proto::ListLedgerResponse {
            rows: rows
                .into_iter()
                .map(|row| message(&county, row, today))
                .collect(),
            next_page_token,
        })
    }

    async fn totals(&self, caller: &Principal, parent: &str) -> Result<proto::LedgerTotals> {
        let county = parse_county(caller, "parent", parent)?;
        let today = self.desk.context.clock.today().to_string();
        let units = own_units(&self.desk.sight(caller).await?);
        let units = units.as_deref();
        let mut tx = self.desk.context.db.begin_read().await?;
        let states = ledger::by_state(&mut tx, &county, units).await?;
        let towns = ledger::by_town(&mut tx, &county, units, &today).await?;
        Ok(proto::LedgerTotals {
            states: states
                .into_iter()
                .map(|(state, findings)| proto::StateTotal {
                    state: state_number(&state),
                    findings,
                })
                .collect(),
            towns: towns
                .into_iter()
                .map(|total| proto::TownTotal {
                    town: total.town,
                    findings: total.findings,
                    unresolved: total.unresolved,
                    overdue: total.overdue,
                })
                .collect(),
        })
    }
}

/// Of which units a caller sees the ledger; none for all.
pub(super) fn own_units(sight: &Sight) -> Option<Vec<String>> {
    match sight {
        Sight::Whole => None,
        Sight::Own(names) => Some(names.iter().cloned().collect()),
        Sight::Public => Some(Vec::new()),
    }
}

fn yesterday(today: NaiveDate) -> String {
    today.pred_opt().unwrap_or(today).to_string()
}

fn state_number(zh: &str) -> i32 {
    FindingState::from_zh(zh).map_or(0, FindingState::number)
}

fn message(county: &str, row: Row, today: NaiveDate) -> proto::LedgerRow {
    let limit: Option<NaiveDate> = row.due.parse().ok();
    let overdue = limit.map_or(0, |limit| (today - limit).num_days().max(0));
    proto::LedgerRow {
        case: format!("counties/{county}/cases/{}", row.case_code),
        finding: row.finding,
        title: row.title,
        unit: row.unit,
        unit_name: row.unit_name,
        town: row.town,
        state: state_number(&row.state),
        severity: Severity::from_zh(&row.severity).map_or(0, Severity::number),
        limit_date: row.due,
        overdue_days: overdue as i32,
        urging_letters: row.urged as i32,
    }
}
