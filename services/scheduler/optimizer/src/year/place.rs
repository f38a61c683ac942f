//! The best place for one series, for two series visited together, or for one job, in a plan under way.

use std::ops::Range;

use super::book::{Book, Rounds, Sortie};

/// Minutes against a week away from an even rhythm: too few to matter, enough to choose between equals.
const OFF_BEAT: f64 = 1e-3;
/// The same for a day of the week, so that not everyone sets out on Mondays.
const OFF_DAY: f64 = 1e-5;

/// A chain of visits, spaced by weeks.
struct Chain {
    visits: usize,
    window: Range<usize>,
    last: Option<usize>,
    min_gap: usize,
    max_gap: usize,
}

impl Book<'_> {
    /// The cheapest days for a series that is not in the book, if there are any: exact, by dynamic programming over
    /// visits and weeks, for visitors with enough days left in the year.
    pub fn best_series(&self, s: usize) -> Option<Rounds> {
        let p = self.problem;
        let series = &p.series[s];
        let chain = Chain {
            visits: series.numbers.len(),
            window: series.window.clone(),
            last: series.last,
            min_gap: series.min_gap,
            max_gap: series.max_gap,
        };
        let base: Vec<Option<(f64, usize)>> = series
            .window
            .clone()
            .map(|day| {
                p.visitors(series.school, day)
                    .iter()
                    .filter_map(|&k| {
                        Some((self.visit_cost(k, day, series.school, series.days)?, k))
                    })
                    .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
                    .map(|(cost, k)| (cost + off_day(day, k), k))
            })
            .collect();
        let keeps = |t: usize| {
            let was = &series.current[t];
            let at = was.current.at();
            at.map(|&(day, k)| (day, k, was.minutes))
                .into_iter()
                .collect()
        };
        let rounds = self.chain(&chain, &base, &keeps)?;
        self.within_year(&rounds, series.days).then_some(rounds)
    }

    /// The cheapest days for two series that are not in the book, every visit in one trip with one of the other.
    pub fn best_pair(&self, [one, other]: [usize; 2]) -> Option<Rounds> {
        let p = self.problem;
        let (one, other) = (&p.series[one], &p.series[other]);
        let last = match (one.last, other.last) {
            (Some(last), Some(same)) if last != same => return None,
            (last, same) => last.or(same),
        };
        let chain = Chain {
            visits: one.numbers.len(),
            window: one.window.start.max(other.window.start)..one.window.end.min(other.window.end),
            last,
            min_gap: one.min_gap.max(other.min_gap),
            max_gap: one.max_gap.min(other.max_gap),
        };
        if other.numbers.len() != chain.visits || chain.window.is_empty() {
            return None;
        }
        let days = one.days + other.days;
        let schools = [one.school, other.school];
        let base: Vec<Option<(f64, usize)>> = chain
            .window
            .clone()
            .map(|day| {
                p.visitors(one.school, day)
                    .iter()
                    .filter(|k| p.visitors(other.school, day).contains(k))
                    .filter_map(|&k| Some((self.trip_cost(k, day, schools, days)?, k)))
                    .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
                    .map(|(cost, k)| (cost + off_day(day, k), k))
            })
            .collect();
        let keeps = |t: usize| {
            let both = [&one.current[t], &other.current[t]];
            let was = both.iter().filter_map(|stake| stake.current.at());
            let saved = |at: &(usize, usize)| {
                let kept = both.iter().filter(|stake| stake.current.at() == Some(at));
                kept.map(|stake| stake.minutes).sum()
            };
            was.map(|at| (at.0, at.1, saved(at))).collect()
        };
        let rounds = self.chain(&chain, &base, &keeps)?;
        self.within_year(&rounds, days).then_some(rounds)
    }

    fn within_year(&self, rounds: &Rounds, days: f64) -> bool {
        rounds.iter().all(|&(_, k)| {
            let visits = rounds.iter().filter(|&&(_, other)| other == k).count();
            self.holds(k, days * visits as f64)
        })
    }

    /// The cheapest chain of visits. `base` is the cost and visitor of each day of the window; `keeps` tells where the
    /// n-th visit saves how much.
    fn chain(
        &self,
        chain: &Chain,
        base: &[Option<(f64, usize)>],
        keeps: &dyn Fn(usize) -> Vec<(usize, usize, f64)>,
    ) -> Option<Rounds> {
        let p = self.problem;
        let from = chain.window.start;
        if chain.window.is_empty() {
            return None;
        }
        let first = p.week[from];
        let weeks = p.week[chain.window.end - 1] + 1 - first;
        // The cheapest day of each week.
        let mut cheapest: Vec<Option<(f64, usize)>> = vec![None; weeks];
        for (n, cost) in base.iter().enumerate() {
            if let Some((cost, _)) = *cost {
                let best = &mut cheapest[p.week[from + n] - first];
                if best.is_none_or(|(least, _)| cost < least) {
                    *best = Some((cost, from + n));
                }
            }
        }
        let beat = weeks as f64 / chain.visits as f64;
        let mut table: Vec<Vec<Option<(f64, usize, usize)>>> = Vec::with_capacity(chain.visits);
        for t in 0..chain.visits {
            let mut options = cheapest.clone();
            for (day, k, saving) in keeps(t) {
                let Some(n) = day.checked_sub(from).filter(|&n| n < base.len()) else {
                    continue;
                };
                if let Some((cost, who)) = base[n]
                    && who == k
                {
                    let option = &mut options[p.week[day] - first];
                    if option.is_none_or(|(least, _)| cost - saving < least) {
                        *option = Some((cost - saving, day));
                    }
                }
            }
            let ideal = (t as f64 + 0.5) * beat;
            let row = (0..weeks)
                .map(|w| {
                    let (cost, day) = options[w]?;
                    let cost = cost + OFF_BEAT * (w as f64 + 0.5 - ideal).abs();
                    let Some(before) = table.last() else {
                        let gap = chain.last.map(|last| (first + w).saturating_sub(last));
                        let spaced =
                            gap.is_none_or(|gap| (chain.min_gap..=chain.max_gap).contains(&gap));
                        return spaced.then_some((cost, day, usize::MAX));
                    };
                    let reach =
                        w.saturating_sub(chain.max_gap)..(w + 1).saturating_sub(chain.min_gap);
                    reach
                        .filter_map(|v| Some((before[v]?.0 + cost, day, v)))
                        .min_by(|a, b| a.0.total_cmp(&b.0))
                })
                .collect();
            table.push(row);
        }
        let mut week = (0..weeks)
            .filter_map(|w| Some((table.last()?[w]?.0, w)))
            .min_by(|a, b| a.0.total_cmp(&b.0))?
            .1;
        let mut rounds = Rounds::with_capacity(chain.visits);
        for row in table.iter().rev() {
            let (_, day, before) = row[week]?;
            rounds.push((day, base[day - from]?.1));
            week = before;
        }
        rounds.reverse();
        Some(rounds)
    }

    /// The cheapest day and team for a job that is not in the book, if there are any.
    pub fn best_job(&self, j: usize) -> Option<Sortie> {
        let (p, job) = (self.problem, &self.problem.jobs[j]);
        let near = &self.near[j];
        // No team costs less than its nearest members, whoever they are.
        let least: f64 = near.iter().take(job.team).map(|n| n.0).sum();
        let mut order: Vec<(f64, usize)> = Vec::with_capacity(near.len());
        let mut best: Option<(f64, Sortie)> = None;
        if let Some((day, team)) = job.current.current.at()
            && self.may(j, *day, team)
        {
            let peaks = |&k: &usize| self.peak(k, p.week[*day], job.days) + self.ride(k, j);
            let cost = p.lateness(job, p.week[*day]) + team.iter().map(peaks).sum::<f64>();
            best = Some((cost, (*day, team.clone())));
        }
        for day in job.window.clone() {
            let late = p.lateness(job, p.week[day]);
            // Waiting only gets longer.
            if best.as_ref().is_some_and(|b| late + least >= b.0) {
                break;
            }
            if p.stay(job, day).is_none() || !self.quiet(j, day) {
                continue;
            }
            self.team_for(j, day, &mut order);
            order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let team = cheapest_team(
                &order,
                job.team,
                |k| p.may_lead(k, job),
                |k| p.specialist(k, job),
            );
            if let Some((cost, mut team)) = team {
                team[1..].sort_unstable();
                let sortie = (day, team);
                let cost = cost + late + self.change_of_job(j, &sortie);
                if best.as_ref().is_none_or(|b| cost < b.0 - 1e-9) {
                    best = Some((cost, sortie));
                }
            }
        }
        best.map(|b| b.1)
    }

    /// Those among whom the cheapest team for a job on a day is, with what they add: the nearest, up to where all that come
    /// after add more than a whole team that has been found.
    fn team_for(&self, j: usize, day: usize, order: &mut Vec<(f64, usize)>) {
        let (p, job) = (self.problem, &self.problem.jobs[j]);
        order.clear();
        for &(ride, k) in &self.near[j] {
            let sure = || order.iter().filter(|one| one.0 <= ride);
            if order.len() >= job.team
                && sure().count() >= job.team
                && sure().any(|one| p.may_lead(one.1, job) && p.specialist(one.1, job))
            {
                return;
            }
            if self.free_for(k, j, day) {
                order.push((ride + self.peak(k, p.week[day], job.days), k));
            }
        }
    }

    /// Weighted minutes that a supervisor travels for a job.
    fn ride(&self, k: usize, j: usize) -> f64 {
        let job = &self.problem.jobs[j];
        self.problem.single(k, job.target) * job.span() as f64
    }
}

fn off_day(day: usize, k: usize) -> f64 {
    OFF_DAY * ((day + k) % 5) as f64
}

/// The cheapest team of a size out of people in order of cost, the leader first.
pub fn cheapest_team(
    order: &[(f64, usize)],
    size: usize,
    leads: impl Fn(usize) -> bool,
    special: impl Fn(usize) -> bool,
) -> Option<(f64, Vec<usize>)> {
    // Of all leaders, only the cheapest and the cheapest who is a specialist can be needed.
    let leaders = [
        order.iter().find(|p| leads(p.1)),
        order.iter().find(|p| leads(p.1) && special(p.1)),
    ];
    let mut best: Option<(f64, Vec<usize>)> = None;
    for &(cost, leader) in leaders.into_iter().flatten() {
        let others = || order.iter().filter(|p| p.1 != leader);
        let mut team: Vec<(f64, usize)> = others().take(size.saturating_sub(1)).copied().collect();
        if team.len() + 1 < size.max(1) {
            continue;
        }
        if !special(leader) && !team.iter().any(|p| special(p.1)) {
            // The dearest member makes room for the cheapest specialist.
            let Some(&one) = others().find(|p| special(p.1)) else {
                continue;
            };
            if team.pop().is_none() {
                continue;
            }
            team.push(one);
        }
        let cost = cost + team.iter().map(|p| p.0).sum::<f64>();
        if best.as_ref().is_none_or(|b| cost < b.0) {
            let members = std::iter::once(leader).chain(team.iter().map(|p| p.1));
            best = Some((cost, members.collect()));
        }
    }
    best
}
