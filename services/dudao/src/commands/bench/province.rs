//! A province of made-up counties, zoned and planned side by side: in this process, or by whoever works behind a server.

use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::counties::County;
use super::{Measure, reset_peak};
use crate::args::{Bench, Format, Place};
use crate::commands::solve::peak_mb;
use crate::failure::{Failure, Result};
use crate::session::Session;

/// Seconds for the zones and for the year of a county: 117 of them in a quarter of an hour on two processors.
const SECONDS: [f64; 2] = [4.0, 9.0];
/// Counties under way at once: enough that no processor waits for an import.
const AT_ONCE: usize = 6;

/// Solves the province, and tells how long it took and how large the gaps are.
pub async fn run(place: &Place, counties: usize, args: &Bench) -> Result<Vec<String>> {
    let folder = tempfile::tempdir().map_err(|e| Failure::Other(e.to_string()))?;
    let place = Place {
        data: folder.path().to_owned(),
        database_url: None,
        ..place.clone()
    };
    reset_peak();
    let session = Session::open(&place).await?;
    let begun = Instant::now();
    let seconds = args.time.map_or(SECONDS, |time| [time; 2]);
    let solved = stream::iter(1..=counties)
        .map(|n| {
            let session = &session;
            async move {
                let county = County::Generated {
                    schools: args.province_schools,
                    seed: n as u64,
                };
                let code = format!("{}", 140_000 + n);
                let (_, zones, year) = county.plan(session, &code, 1, Some(seconds)).await?;
                if args.output == Format::Table {
                    eprintln!("{code}  {}  {}", percent(&zones), percent(&year));
                }
                Ok::<_, Failure>((zones, year))
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await;
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    session.close().await?;
    let (zones, years): (Vec<Measure>, Vec<Measure>) = solved?.into_iter().unzip();
    // Of a server's processes others tell.
    let peak = peak_mb().filter(|_| place.server.is_none());
    let memory = peak.map_or_else(String::new, |peak| format!(", {peak:.0} MB"));
    let schools = counties * args.province_schools;
    Ok(vec![
        format!("province of {counties} counties, {schools} schools: {minutes:.1} min{memory}"),
        format!("  zones: {}", spread(&zones)),
        format!("  year:  {}", spread(&years)),
    ])
}

/// The gap; none without a plan.
fn gap(measure: &Measure) -> Option<f64> {
    Some(dudao_optimizer::relative_gap(
        measure.objective?,
        measure.bound?,
    ))
}

fn percent(measure: &Measure) -> String {
    gap(measure).map_or_else(|| "–".to_owned(), |gap| format!("{:.2} %", gap * 100.0))
}

/// How the gaps are spread over the counties.
fn spread(measures: &[Measure]) -> String {
    let mut gaps: Vec<f64> = measures.iter().filter_map(gap).collect();
    gaps.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (gaps.len().saturating_sub(1)) as f64 * share;
        gaps.get(place as usize).map_or(f64::NAN, |gap| gap * 100.0)
    };
    format!(
        "{} plans, gap median {:.2} %, nine in ten {:.2} %, worst {:.2} %",
        gaps.len(),
        at(0.5),
        at(0.9),
        at(1.0)
    )
}
