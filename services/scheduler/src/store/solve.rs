//! Solves: frozen problems, and leases on them. A lease is taken and kept by compare-and-set on holder and expiry, so that
//! any number of processes share the solves of a province.

use std::collections::BTreeSet;

use dudao_platform::{Error, Result, Tx, execute, on};

use super::{json, parse};
use crate::domain::plan::{Figures, Frozen, Key, Kind};

/// A solve as its new holder finds it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The problem, and the best solution that whoever held it before has left.
    pub frozen: Frozen,
    /// The figures of that solution.
    pub figures: Figures,
    /// Whether the planner has asked to end it.
    pub cancelled: bool,
}

/// Adds the solve of a new plan.
pub async fn insert(tx: &mut Tx, key: &Key, problem: &str) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO solves (county, kind, plan, open, problem, solution, figures, holder, lease_until_us, cancelled) \
         VALUES ($1, $2, $3, $4, $5, '', $6, '', 0, $7)",
        &key.county,
        key.kind.key(),
        &key.plan,
        true,
        problem,
        json(&Figures::default())?,
        false,
    )?;
    Ok(())
}

/// The solve whose turn it is: of the province on whose plans the fewest work, and then the oldest. A province that asks for all its
/// counties at once so leaves room for the others. `but` are plans that are not looked at.
pub async fn waiting(tx: &mut Tx, but: &BTreeSet<String>) -> Result<Option<Key>> {
    let now_us = tx.now_us();
    let but = format!(",{},", but.iter().cloned().collect::<Vec<_>>().join(","));
    let row: Option<(String, String, String)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT county, kind, plan FROM solves WHERE open = $1 AND (holder = '' OR lease_until_us < $2) \
             AND replace($3, ',' || plan || ',', '') = $3 ORDER BY (SELECT COUNT(*) FROM solves AS busy WHERE busy.open = $1 AND busy.holder <> '' AND busy.lease_until_us >= $2 \
             AND substr(busy.county, 1, 2) = substr(solves.county, 1, 2)), plan LIMIT 1",
        )
        .bind(true)
        .bind(now_us)
        .bind(but)
        .fetch_optional(conn)
        .await
    })?;
    row.map(|(county, kind, plan)| {
        let kind = Kind::parse(&kind)
            .ok_or_else(|| Error::internal(format!("a solve of the kind {kind} was stored")))?;
        Ok(Key { county, kind, plan })
    })
    .transpose()
}

/// Of each kind, how many solves nobody works on, and since when the oldest waits.
pub async fn queue(tx: &mut Tx) -> Result<Vec<(String, i64, i64)>> {
    let now_us = tx.now_us();
    on!(tx, |conn| {
        sqlx::query_as(
            "SELECT solves.kind, COUNT(*), MIN(plans.created_us) FROM solves \
             JOIN plans ON plans.county = solves.county AND plans.kind = solves.kind AND plans.plan = solves.plan \
             WHERE open = $1 AND (holder = '' OR lease_until_us < $2) GROUP BY solves.kind",
        )
        .bind(true)
        .bind(now_us)
        .fetch_all(conn)
        .await
    })
}

/// Takes a lease on a solve, unless another holds one.
pub async fn claim(tx: &mut Tx, key: &Key, holder: &str, lease_us: i64) -> Result<Option<Claim>> {
    let now_us = tx.now_us();
    let met = execute!(
        tx,
        "UPDATE solves SET holder = $1, lease_until_us = $2 \
         WHERE county = $3 AND kind = $4 AND plan = $5 AND open = $6 AND (holder = '' OR lease_until_us < $7)",
        holder,
        now_us + lease_us,
        &key.county,
        key.kind.key(),
        &key.plan,
        true,
        now_us,
    )?;
    if met == 0 {
        return Ok(None);
    }
    let row: Option<(String, String, String, bool)> = on!(tx, |conn| {
        sqlx::query_as("SELECT problem, solution, figures, cancelled FROM solves WHERE county = $1 AND kind = $2 AND plan = $3")
            .bind(&key.county)
            .bind(key.kind.key())
            .bind(&key.plan)
            .fetch_optional(conn)
            .await
    })?;
    row.map(|(problem, solution, figures, cancelled)| {
        Ok(Claim {
            frozen: Frozen { problem, solution },
            figures: parse(&figures)?,
            cancelled,
        })
    })
    .transpose()
}

/// Whether the solve was cancelled; none if this holder's lease is lost.
pub async fn cancelled(tx: &mut Tx, key: &Key, holder: &str) -> Result<Option<bool>> {
    on!(tx, |conn| {
        sqlx::query_scalar("SELECT cancelled FROM solves WHERE county = $1 AND kind = $2 AND plan = $3 AND holder = $4 AND open = $5")
            .bind(&key.county)
            .bind(key.kind.key())
            .bind(&key.plan)
            .bind(holder)
            .bind(true)
            .fetch_optional(conn)
            .await
    })
}

/// What a holder has found since the last time.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The best figures so far.
    pub figures: Figures,
    /// The best solution so far; "" if there is none.
    pub solution: String,
    /// The moments since the last time, in order.
    pub moments: Vec<Figures>,
}

/// How a holder goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Keeps it for so many microseconds more.
    Renew(i64),
    /// Hands it back for others to go on.
    HandBack,
    /// The solve has ended.
    Close,
}

/// Stores what was found and renews, hands back or closes the lease; false if it is lost, and then nothing is stored.
pub async fn keep(
    tx: &mut Tx,
    key: &Key,
    holder: &str,
    found: &Found,
    lease: Lease,
) -> Result<bool> {
    let (next, until_us) = match lease {
        Lease::Renew(us) => (holder, tx.now_us() + us),
        Lease::HandBack | Lease::Close => ("", 0),
    };
    let met = execute!(
        tx,
        "UPDATE solves SET figures = $1, solution = $2, holder = $3, lease_until_us = $4, open = $5 \
         WHERE county = $6 AND kind = $7 AND plan = $8 AND holder = $9 AND open = $10",
        json(&found.figures)?,
        &found.solution,
        next,
        until_us,
        lease != Lease::Close,
        &key.county,
        key.kind.key(),
        &key.plan,
        holder,
        true,
    )?;
    if met == 0 {
        return Ok(false);
    }
    for moment in &found.moments {
        execute!(
            tx,
            "INSERT INTO incumbents (plan, number, figures) \
             SELECT $1, coalesce(max(number), 0) + 1, $2 FROM incumbents WHERE plan = $1",
            &key.plan,
            json(moment)?,
        )?;
    }
    Ok(true)
}

/// Asks whoever holds the solve, now or next, to end it.
pub async fn cancel(tx: &mut Tx, key: &Key) -> Result<()> {
    execute!(
        tx,
        "UPDATE solves SET cancelled = $1 WHERE county = $2 AND kind = $3 AND plan = $4",
        true,
        &key.county,
        key.kind.key(),
        &key.plan,
    )?;
    Ok(())
}

/// Ends a solve that nobody has begun.
pub async fn close_unbegun(tx: &mut Tx, key: &Key) -> Result<()> {
    execute!(
        tx,
        "UPDATE solves SET open = $1, cancelled = $2 WHERE county = $3 AND kind = $4 AND plan = $5 AND holder = ''",
        false,
        true,
        &key.county,
        key.kind.key(),
        &key.plan,
    )?;
    Ok(())
}

/// What a plan's content is made of.
pub async fn frozen(tx: &mut Tx, key: &Key) -> Result<Frozen> {
    let row: Option<(String, String)> = on!(tx, |conn| {
        sqlx::query_as(
            "SELECT problem, solution FROM solves WHERE county = $1 AND kind = $2 AND plan = $3",
        )
        .bind(&key.county)
        .bind(key.kind.key())
        .bind(&key.plan)
        .fetch_optional(conn)
        .await
    })?;
    let (problem, solution) = row.ok_or_else(|| Error::not_found(key.name()))?;
    Ok(Frozen { problem, solution })
}

/// The moments of a solve behind a number, in order.
pub async fn moments(tx: &mut Tx, key: &Key, after: i64) -> Result<Vec<(i64, Figures)>> {
    let rows: Vec<(i64, String)> = on!(tx, |conn| {
        sqlx::query_as("SELECT number, figures FROM incumbents WHERE plan = $1 AND number > $2 ORDER BY number")
            .bind(&key.plan)
            .bind(after)
            .fetch_all(conn)
            .await
    })?;
    rows.into_iter()
        .map(|(number, figures)| Ok((number, parse(&figures)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use dudao_platform::on_both_databases;

    use super::*;
    use crate::MIGRATIONS;

    fn key(county: &str, plan: &str) -> Key {
        Key {
            county: county.to_owned(),
            kind: Kind::Zoning,
            plan: plan.to_owned(),
        }
    }

    on_both_databases! { "scheduler", &MIGRATIONS;
        async fn a_province_with_many_plans_leaves_room_for_the_others(scratch) {
            let mut tx = scratch.db.begin_write().await.unwrap();
            let asked = [key("140521", "1"), key("140522", "2"), key("140523", "3"), key("130102", "4")];
            for one in &asked {
                insert(&mut tx, one, "").await.unwrap();
            }
            let mut turns = Vec::new();
            while let Some(next) = waiting(&mut tx, &BTreeSet::new()).await.unwrap() {
                claim(&mut tx, &next, "a process", 10_000_000).await.unwrap().unwrap();
                turns.push(next.plan);
            }
            assert_eq!(turns, ["1", "4", "2", "3"]);
            tx.commit().await.unwrap();
        }
    }
}
