//! A plan under way: who is where on which day, and what that costs.

use super::problem::{Job, Problem, TINY};

/// The days and visitors of a series, in order of time.
pub type Rounds = Vec<(usize, usize)>;

/// The first day and the team of a job: the leader, then the others in order.
pub type Sortie = (usize, Vec<usize>);

/// Every visit of a plan; none where it still lacks a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The visits of each series.
    pub series: Vec<Option<Rounds>>,
    /// The visit of each job.
    pub jobs: Vec<Option<Sortie>>,
}

/// A plan with its loads and its cost, both kept up to date. What lies in the past is in the loads, not in the cost.
#[derive(Debug)]
pub struct Book<'p> {
    /// The problem.
    pub problem: &'p Problem,
    /// The plan.
    pub plan: Plan,
    /// Its cost in weighted minutes.
    pub cost: f64,
    /// How many series and jobs lack a place.
    pub missing: usize,
    daily: Vec<Vec<f64>>,
    weekly: Vec<Vec<f64>>,
    yearly: Vec<f64>,
    trips: Vec<Vec<Vec<usize>>>,
    jobs_at: Vec<Vec<usize>>,
    /// For each job those who may join it with their weighted minutes of travel, the nearest first.
    pub near: Vec<Vec<(f64, usize)>>,
}

fn near(problem: &Problem, job: &Job) -> Vec<(f64, usize)> {
    let mut near: Vec<(f64, usize)> = (0..problem.present.len())
        .filter(|&k| problem.may_join(k, job))
        .map(|k| (problem.single(k, job.target) * job.span() as f64, k))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    near
}

impl<'p> Book<'p> {
    /// An empty plan.
    pub fn new(problem: &'p Problem) -> Self {
        let people = problem.data().supervisors.len();
        let days = problem.days.len();
        let mut jobs_at = vec![Vec::new(); problem.open.len()];
        for (j, job) in problem.jobs.iter().enumerate() {
            jobs_at[job.target].push(j);
        }
        Self {
            plan: Plan {
                series: vec![None; problem.series.len()],
                jobs: vec![None; problem.jobs.len()],
            },
            cost: 0.0,
            missing: problem.series.len() + problem.jobs.len(),
            daily: vec![vec![0.0; days]; people],
            yearly: problem
                .past
                .iter()
                .map(|weeks| weeks.iter().sum())
                .collect(),
            weekly: problem.past.clone(),
            trips: vec![vec![Vec::new(); days]; people],
            jobs_at,
            near: problem.jobs.iter().map(|job| near(problem, job)).collect(),
            problem,
        }
    }

    /// Whether a supervisor has time on a day.
    pub fn free(&self, k: usize, day: usize, days: f64) -> bool {
        let p = self.problem;
        p.present[k][day]
            && self.daily[k][day] + days <= 1.0 + TINY
            && self.weekly[k][p.week[day]] + days <= p.data().supervisors[k].max_days_week + TINY
            && self.yearly[k] + days <= p.capacity(k) + TINY
    }

    /// Weighted minutes of more days in a week.
    pub fn peak(&self, k: usize, week: usize, days: f64) -> f64 {
        let (load, even) = (self.weekly[k][week], self.problem.even);
        let weight = self.problem.data().weights.peak;
        weight * ((load + days - even).max(0.0) - (load - even).max(0.0))
    }

    /// What a routine visit on a day adds, if it has room there.
    pub fn visit_cost(&self, k: usize, day: usize, school: usize, days: f64) -> Option<f64> {
        let p = self.problem;
        let trip = &self.trips[k][day];
        let room = trip.len() < p.data().rules.visits_per_trip as usize
            && !trip.contains(&school)
            && p.open[school][day]
            && self.free(k, day, days);
        room.then(|| self.detour(k, day, school) + self.peak(k, p.week[day], days))
    }

    /// What a new trip to two schools on a day adds, if it has room there.
    pub fn trip_cost(&self, k: usize, day: usize, [i, j]: [usize; 2], days: f64) -> Option<f64> {
        let p = self.problem;
        let room = i != j
            && p.data().rules.visits_per_trip >= 2
            && self.trips[k][day].is_empty()
            && p.open[i][day]
            && p.open[j][day]
            && self.free(k, day, days);
        room.then(|| p.pair(k, i, j) + self.peak(k, p.week[day], days))
    }

    /// Travel that a school adds to the trip of a day.
    fn detour(&self, k: usize, day: usize, school: usize) -> f64 {
        match self.trips[k][day][..] {
            [other] => self.problem.pair(k, school, other) - self.problem.single(k, other),
            _ => self.problem.single(k, school),
        }
    }

    fn work(&mut self, k: usize, day: usize, days: f64) {
        let week = self.problem.week[day];
        self.cost += self.peak(k, week, days);
        self.daily[k][day] += days;
        self.weekly[k][week] += days;
        self.yearly[k] += days;
    }

    /// Writes a series into the book; it must not be in it.
    pub fn set_series(&mut self, s: usize, rounds: Rounds) {
        let series = &self.problem.series[s];
        self.cost += self.change_of_series(s, &rounds);
        for &(day, k) in &rounds {
            self.cost += self.detour(k, day, series.school);
            self.trips[k][day].push(series.school);
            self.work(k, day, series.days);
        }
        self.plan.series[s] = Some(rounds);
        self.missing -= 1;
    }

    /// Takes a series out of the book.
    pub fn clear_series(&mut self, s: usize) -> Option<Rounds> {
        let rounds = self.plan.series[s].take()?;
        let series = &self.problem.series[s];
        for &(day, k) in &rounds {
            self.work(k, day, -series.days);
            self.trips[k][day].retain(|&i| i != series.school);
            self.cost -= self.detour(k, day, series.school);
        }
        self.cost -= self.change_of_series(s, &rounds);
        self.missing += 1;
        Some(rounds)
    }

    /// Writes a job into the book; it must not be in it.
    pub fn set_job(&mut self, j: usize, sortie: Sortie) {
        self.cost += self.change_of_job(j, &sortie);
        let (day, team) = sortie;
        self.cost += self.sortie_cost(j, day, &team);
        let job = &self.problem.jobs[j];
        for &k in &team {
            for n in 0..job.span() {
                self.work(k, day + n, job.share(n));
            }
        }
        self.plan.jobs[j] = Some((day, team));
        self.missing -= 1;
    }

    /// Takes a job out of the book.
    pub fn clear_job(&mut self, j: usize) -> Option<Sortie> {
        let (day, team) = self.plan.jobs[j].take()?;
        let job = &self.problem.jobs[j];
        for &k in &team {
            for n in 0..job.span() {
                self.work(k, day + n, -job.share(n));
            }
        }
        self.cost -= self.sortie_cost(j, day, &team);
        let sortie = (day, team);
        self.cost -= self.change_of_job(j, &sortie);
        self.missing += 1;
        Some(sortie)
    }

    /// Travel and lateness of a job.
    fn sortie_cost(&self, j: usize, day: usize, team: &[usize]) -> f64 {
        let (p, job) = (self.problem, &self.problem.jobs[j]);
        let travel: f64 = team.iter().map(|&k| p.single(k, job.target)).sum();
        travel * job.span() as f64 + p.lateness(job, p.week[day])
    }

    fn change_of_series(&self, s: usize, rounds: &Rounds) -> f64 {
        let was = self.problem.series[s].current.iter();
        was.zip(rounds).map(|(was, now)| was.cost(now)).sum()
    }

    /// What it costs that a job has another day or team than in the plan in force.
    pub fn change_of_job(&self, j: usize, sortie: &Sortie) -> f64 {
        self.problem.jobs[j].current.cost(sortie)
    }

    /// Whether no other team is at the target of a job within a fortnight of a day.
    pub fn quiet(&self, j: usize, day: usize) -> bool {
        let p = self.problem;
        let target = p.jobs[j].target;
        if target >= p.data().schools.len() {
            return true;
        }
        let date = p.days[day];
        let apart = |other| (date - other as chrono::NaiveDate).num_days().abs() >= p.fortnight();
        p.past_teams[target].iter().all(|&other| apart(other))
            && self.jobs_at[target]
                .iter()
                .filter(|&&other| other != j)
                .filter_map(|&other| self.plan.jobs[other].as_ref())
                .all(|&(other, _)| apart(p.days[other]))
    }

    /// Whether a supervisor has time for a job that begins on a day.
    pub fn free_for(&self, k: usize, j: usize, day: usize) -> bool {
        let job = &self.problem.jobs[j];
        let week = self.problem.week[day];
        (0..job.span()).all(|n| self.free(k, day + n, job.share(n)))
            && self.weekly[k][week] + job.days
                <= self.problem.data().supervisors[k].max_days_week + TINY
            && self.yearly[k] + job.days <= self.problem.capacity(k) + TINY
    }

    /// Whether the yearly days of a supervisor hold that much more.
    pub fn holds(&self, k: usize, days: f64) -> bool {
        self.yearly[k] + days <= self.problem.capacity(k) + TINY
    }

    /// Takes over a series from another plan, if it breaks no rule here.
    pub fn take_series(&mut self, s: usize, rounds: &Rounds) -> bool {
        let p = self.problem;
        let series = &p.series[s];
        let weeks: Vec<usize> = series
            .last
            .into_iter()
            .chain(rounds.iter().map(|&(day, _)| p.week[day]))
            .collect();
        let spaced = weeks.windows(2).all(|w| {
            w[1].checked_sub(w[0])
                .is_some_and(|gap| (series.min_gap..=series.max_gap).contains(&gap))
        });
        let mut days: Vec<(usize, f64)> = Vec::new();
        for &(_, k) in rounds {
            days.push((k, series.days));
        }
        let legal = spaced
            && rounds.len() == series.numbers.len()
            && rounds.iter().all(|&(day, k)| {
                let total: f64 = days.iter().filter(|d| d.0 == k).map(|d| d.1).sum();
                series.window.contains(&day)
                    && p.visitors(series.school, day).contains(&k)
                    && self
                        .visit_cost(k, day, series.school, series.days)
                        .is_some()
                    && self.holds(k, total)
            });
        if legal {
            self.set_series(s, rounds.clone());
        }
        legal
    }

    /// Takes over a job from another plan, if it breaks no rule here.
    pub fn take_job(&mut self, j: usize, day: usize, team: &[usize]) -> bool {
        let legal = self.may(j, day, team);
        if legal {
            self.set_job(j, (day, team.to_vec()));
        }
        legal
    }

    /// Whether a team may do a job on a day.
    pub fn may(&self, j: usize, day: usize, team: &[usize]) -> bool {
        let (p, job) = (self.problem, &self.problem.jobs[j]);
        job.window.contains(&day)
            && p.stay(job, day).is_some()
            && self.quiet(j, day)
            && team.len() == job.team
            && team.first().is_some_and(|&k| p.may_lead(k, job))
            && team.iter().any(|&k| p.specialist(k, job))
            && team.iter().enumerate().all(|(n, k)| !team[..n].contains(k))
            && team
                .iter()
                .all(|&k| p.may_join(k, job) && self.free_for(k, j, day))
    }
}
