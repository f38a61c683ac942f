//! The plan in force: what of it could stay as it is, and why the rest can't, whatever else is planned.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::book::Sortie;
use super::data::{Data, Pin, Solution, Visit};
use super::problem::{Job, Problem};
use crate::{Changes, Issue, KEEP, Words};

/// Minutes that moving a visit weighs on which the planner has decided: nothing is worth that.
const PINNED: f64 = 20.0 * KEEP;

/// Why a visit can't stay as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// One of those who were to visit is no longer among the supervisors.
    Gone,
    /// The day is past, or no visiting day, or outside the window.
    Day,
    /// The school is closed on that day.
    Closed,
    /// One of those who were to visit is absent on that day.
    Away,
    /// The school has another responsible supervisor.
    Responsible,
    /// The team is too small, or may not visit, or has nobody to lead it or to know the stage.
    Team,
}

impl Lost {
    /// The reason in words.
    pub fn words(self) -> Words {
        match self {
            Self::Gone => Words::new(
                "原定督学已不在名单",
                "a supervisor of it is no longer there",
            ),
            Self::Day => Words::new(
                "原定日期不在可督导日期或期限之内",
                "its day is no visiting day, or outside its window",
            ),
            Self::Closed => Words::new("学校当日不接待督导", "the school is closed on its day"),
            Self::Away => Words::new(
                "原定督学当日不在岗",
                "a supervisor of it is absent on its day",
            ),
            Self::Responsible => Words::new(
                "责任督学已更换",
                "the school has another responsible supervisor",
            ),
            Self::Team => Words::new(
                "原定督导组不符合组成要求",
                "its team does not meet the rules for teams",
            ),
        }
    }
}

/// Where a visit is in the plan in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Current<T> {
    /// It is not in that plan.
    New,
    /// It can't stay as it was there.
    Lost(Lost),
    /// On a day, with people; both could stay.
    At(T),
}

impl<T: PartialEq> Current<T> {
    /// Day and people, if they could stay.
    pub fn at(&self) -> Option<&T> {
        match self {
            Self::At(at) => Some(at),
            Self::New | Self::Lost(_) => None,
        }
    }

    /// Whether it was there and can't stay.
    pub fn lost(&self) -> Option<Lost> {
        match self {
            Self::Lost(why) => Some(*why),
            Self::New | Self::At(_) => None,
        }
    }
}

/// A visit in force, or where the planner wants it, with what moving it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Stake<T> {
    /// Where it is.
    pub current: Current<T>,
    /// Weighted minutes if it could stay there and does not.
    pub minutes: f64,
}

impl<T: PartialEq> Stake<T> {
    /// Nothing at stake.
    pub fn none() -> Self {
        Self {
            current: Current::New,
            minutes: 0.0,
        }
    }

    /// Whether it could stay as it was and does not.
    pub fn moves(&self, now: Option<&T>) -> bool {
        self.current.at().is_some_and(|at| Some(at) != now)
    }

    /// What it costs to have it so.
    pub fn cost(&self, now: &T) -> f64 {
        if self.moves(Some(now)) {
            self.minutes
        } else {
            0.0
        }
    }
}

/// The plan in force and the planner's decisions, by visit.
pub struct InForce<'a> {
    current: HashMap<&'a str, &'a Visit>,
    pins: HashMap<&'a str, Visit>,
    weight: f64,
    people: HashMap<&'a str, usize>,
}

impl<'a> InForce<'a> {
    pub fn new(data: &'a Data) -> Self {
        let current: HashMap<&str, &Visit> =
            data.current.iter().map(|v| (v.id.as_str(), v)).collect();
        let pinned = |pin: &Pin| Visit {
            id: pin.visit.clone(),
            items: Vec::new(),
            target: String::new(),
            date: pin.date,
            team: if pin.team.is_empty() {
                let was = current.get(pin.visit.as_str());
                was.map(|was| was.team.clone()).unwrap_or_default()
            } else {
                pin.team.clone()
            },
            units: Vec::new(),
        };
        Self {
            pins: data
                .pins
                .iter()
                .map(|pin| (pin.visit.as_str(), pinned(pin)))
                .collect(),
            current,
            weight: data.weights.change,
            people: data
                .supervisors
                .iter()
                .enumerate()
                .map(|(k, one)| (one.id.as_str(), k))
                .collect(),
        }
    }

    /// Those who visit, if all of them are still there.
    fn team(&self, visit: &Visit) -> Option<Vec<usize>> {
        let known = |k: &String| self.people.get(k.as_str()).copied();
        visit.team.iter().map(known).collect()
    }

    fn stake<T>(&self, id: &str, read: impl Fn(&Visit) -> Result<T, Lost>) -> Stake<T> {
        let (visit, minutes) = match self.pins.get(id) {
            Some(pin) => (Some(pin), PINNED),
            None => (self.current.get(id).copied(), self.weight),
        };
        let current = match visit.map(read) {
            None => Current::New,
            Some(Err(why)) => Current::Lost(why),
            Some(Ok(at)) => Current::At(at),
        };
        Stake { current, minutes }
    }

    /// A routine visit.
    pub fn round(
        &self,
        problem: &Problem,
        id: &str,
        school: usize,
        window: &Range<usize>,
    ) -> Stake<(usize, usize)> {
        self.stake(id, |visit| {
            let day = problem.day(visit, window)?;
            let k = match visit.team[..] {
                [] => match problem.visitors(school, day) {
                    &[only] => only,
                    _ => return Err(Lost::Team),
                },
                [ref k] => *self.people.get(k.as_str()).ok_or(Lost::Gone)?,
                [..] => return Err(Lost::Team),
            };
            if !problem.open[school][day] {
                Err(Lost::Closed)
            } else if !problem.visitors(school, day).contains(&k) {
                Err(Lost::Responsible)
            } else if !problem.present[k][day] {
                Err(Lost::Away)
            } else {
                Ok((day, k))
            }
        })
    }

    /// A team visit.
    pub fn sortie(&self, problem: &Problem, job: &Job) -> Stake<Sortie> {
        self.stake(&job.id, |visit| {
            let mut team = self.team(visit).ok_or(Lost::Gone)?;
            let day = problem.day(visit, &job.window)?;
            let days = problem.stay(job, day).ok_or(Lost::Closed)?;
            let distinct: HashSet<&usize> = team.iter().collect();
            let whole = team.len() == job.team
                && distinct.len() == team.len()
                && team.first().is_some_and(|&k| problem.may_lead(k, job))
                && team.iter().any(|&k| problem.specialist(k, job))
                && team.iter().all(|&k| problem.may_join(k, job));
            if !whole {
                return Err(Lost::Team);
            }
            if !team
                .iter()
                .all(|&k| days.clone().all(|d| problem.present[k][d]))
            {
                return Err(Lost::Away);
            }
            team[1..].sort_unstable();
            Ok((day, team))
        })
    }
}

impl Problem {
    /// The day of a visit, if it lies in a window.
    fn day(&self, visit: &Visit, window: &Range<usize>) -> Result<usize, Lost> {
        let day = self
            .days
            .binary_search(&visit.date)
            .map_err(|_| Lost::Day)?;
        window.contains(&day).then_some(day).ok_or(Lost::Day)
    }

    /// Whether changes come before cost.
    pub fn keeps(&self) -> bool {
        self.data().weights.change >= KEEP
    }

    /// The visits of a solution that could stay as they are in the plan in force and do not: their ids, and what each costs.
    pub(super) fn moved(&self, solution: &Solution) -> Vec<(String, f64)> {
        let data = self.data();
        if data.current.is_empty() && data.pins.is_empty() {
            return Vec::new();
        }
        let in_force = InForce::new(data);
        let now: HashMap<&str, &Visit> =
            solution.visits.iter().map(|v| (v.id.as_str(), v)).collect();
        let at = |id: &str| -> Option<Sortie> {
            let visit = now.get(id)?;
            let day = self.days.binary_search(&visit.date).ok()?;
            let mut team = in_force.team(visit)?;
            team.get_mut(1..)?.sort_unstable();
            Some((day, team))
        };
        let rounds = self.series.iter().flat_map(|series| {
            self.ids_of(series)
                .zip(&series.current)
                .filter_map(|(id, stake)| {
                    let now = at(&id).and_then(|(day, team)| Some((day, *team.first()?)));
                    stake.moves(now.as_ref()).then_some((id, stake.minutes))
                })
        });
        let sorties = self.jobs.iter().filter_map(|job| {
            let moved = job.current.moves(at(&job.id).as_ref());
            moved.then(|| (job.id.clone(), job.current.minutes))
        });
        rounds.chain(sorties).collect()
    }

    /// Why visits of the plan in force, or where the planner wants them, can't stay: id and reason.
    pub fn lost(&self) -> Vec<(String, Lost)> {
        let rounds = self.series.iter().flat_map(|series| {
            let ids = self.ids_of(series);
            ids.zip(&series.current)
                .filter_map(|(id, stake)| Some((id, stake.current.lost()?)))
        });
        let sorties = self.jobs.iter().filter_map(|job| {
            let why = job.current.current.lost()?;
            Some((job.id.clone(), why))
        });
        rounds.chain(sorties).collect()
    }

    /// What is wrong with the planner's decisions.
    pub(super) fn wrong_pins(&self) -> Vec<Issue> {
        let lost: HashMap<String, Lost> = self.lost().into_iter().collect();
        let due: HashSet<String> = self
            .series
            .iter()
            .flat_map(|series| self.ids_of(series))
            .chain(self.jobs.iter().map(|job| job.id.clone()))
            .collect();
        let mut seen = HashSet::new();
        let wrong = |(n, pin): (usize, &Pin)| {
            let words = if !due.contains(&pin.visit) {
                Words::new("没有这项待安排的督导", "no such visit is due")
            } else if !seen.insert(pin.visit.clone()) {
                Words::new("同一督导指定了两次", "the visit is pinned twice")
            } else {
                lost.get(&pin.visit)?.words()
            };
            Some(Issue {
                field: format!("pins[{n}]"),
                value: format!("{} {} {}", pin.visit, pin.date, pin.team.join("、")),
                words,
            })
        };
        self.data()
            .pins
            .iter()
            .enumerate()
            .filter_map(wrong)
            .collect()
    }
}

/// How far a plan departs from the one in force: visits on another day or by others. None where changes do not come before
/// cost. `least` is the fewest that was proven.
pub fn changes(problem: &Problem, solution: &Solution, least: usize) -> Option<Changes> {
    problem.keeps().then(|| Changes {
        forced: problem.lost().len(),
        unforced: problem.moved(solution).len(),
        least,
    })
}
