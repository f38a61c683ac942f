//! A validated zoning problem with everything the models share: who may serve whom and at what price.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::data::{Data, Pin};
use super::graph::Graph;
use crate::geo::Place;
use crate::{Issue, Words};

/// Why a supervisor may not be responsible for a school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The supervisor's stages do not include the school's.
    Stage,
    /// The supervisor must avoid the school (回避).
    Avoidance,
    /// The supervisor has had the school for the most years allowed.
    Rotation,
    /// The planner pinned the school to someone else.
    Pin,
    /// The planner never wants this supervisor at the school.
    Forbidden,
}

impl Refusal {
    /// The short name of the rule.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Avoidance => "avoidance",
            Self::Rotation => "rotation",
            Self::Pin | Self::Forbidden => "pin",
        }
    }

    /// The reason in words.
    pub fn words(self) -> Words {
        match self {
            Self::Stage => Words::new("不督导该学段", "does not supervise this stage"),
            Self::Avoidance => Words::new("须回避", "must avoid this school"),
            Self::Rotation => Words::new(
                "连续任期已满，须轮换",
                "has had this school for the most years allowed",
            ),
            Self::Pin => Words::new("已指定他人", "the school is pinned to someone else"),
            Self::Forbidden => Words::new(
                "已指定不负责该校",
                "must not have this school, by the planner's pin",
            ),
        }
    }
}

/// How many zones there can be, and of how many supervisors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Teams {
    /// The fewest zones.
    pub fewest: usize,
    /// The most zones; less than `fewest` when no number works.
    pub most: usize,
    /// The fewest supervisors in a zone; all of them in a county with fewer than the rule asks for.
    pub smallest: usize,
    /// The most supervisors in a zone.
    pub largest: usize,
    /// Whether every zone needs a full-time supervisor.
    pub full_time: bool,
}

/// A zoning problem whose data was found sound.
#[derive(Debug, Clone)]
pub struct Problem {
    data: Data,
    minutes: Vec<Vec<f64>>,
    refusals: Vec<Vec<Option<Refusal>>>,
    last: Vec<Option<usize>>,
    targets: Vec<f64>,
    towns: Vec<String>,
    town_of: Vec<Option<usize>>,
    groups: Vec<Vec<usize>>,
    group_of: Vec<usize>,
    apart: Vec<(usize, usize)>,
    teams: Teams,
    graph: Graph,
}

impl Problem {
    /// Checks the data as a whole; the error lists every issue found.
    pub fn new(data: Data) -> Result<Self, Vec<Issue>> {
        let issues = super::issues::find(&data);
        if !issues.is_empty() {
            return Err(issues);
        }
        let school_index: HashMap<&str, usize> = data
            .schools
            .iter()
            .enumerate()
            .map(|(i, s)| (s.id.as_str(), i))
            .collect();
        let supervisor_index: HashMap<&str, usize> = data
            .supervisors
            .iter()
            .enumerate()
            .map(|(k, s)| (s.id.as_str(), k))
            .collect();

        let minutes = data.travel.clone().unwrap_or_else(|| {
            let to = |from: Place| {
                data.schools
                    .iter()
                    .map(|s| data.roads.minutes(from, s.place))
                    .collect()
            };
            data.supervisors.iter().map(|k| to(k.place)).collect()
        });
        let last = data
            .schools
            .iter()
            .map(|s| {
                s.last_supervisor
                    .as_deref()
                    .and_then(|id| supervisor_index.get(id).copied())
            })
            .collect();
        let mut pinned: Vec<HashSet<usize>> = vec![HashSet::new(); data.schools.len()];
        let mut forbidden: HashSet<(usize, usize)> = HashSet::new();
        let mut groups = Groups::new(data.schools.len());
        let mut apart = Vec::new();
        for pin in &data.pins {
            match pin {
                Pin::Assign { school, supervisor } => {
                    pinned[school_index[school.as_str()]]
                        .insert(supervisor_index[supervisor.as_str()]);
                }
                Pin::Forbid { school, supervisor } => {
                    forbidden.insert((
                        supervisor_index[supervisor.as_str()],
                        school_index[school.as_str()],
                    ));
                }
                Pin::Together { a, b } => {
                    groups.join(school_index[a.as_str()], school_index[b.as_str()]);
                }
                Pin::Apart { a, b } => {
                    apart.push((school_index[a.as_str()], school_index[b.as_str()]));
                }
            }
        }
        let refusals = data
            .supervisors
            .iter()
            .enumerate()
            .map(|(k, supervisor)| {
                let avoid: HashSet<&str> = supervisor.avoid.iter().map(String::as_str).collect();
                let refuse = |i: usize| {
                    let school = &data.schools[i];
                    if !supervisor.stages.contains(&school.stage) {
                        Some(Refusal::Stage)
                    } else if avoid.contains(school.id.as_str()) {
                        Some(Refusal::Avoidance)
                    } else if supervisor
                        .years
                        .get(&school.id)
                        .is_some_and(|&y| y >= data.rules.max_years_same_school)
                    {
                        Some(Refusal::Rotation)
                    } else if pinned[i].iter().any(|&other| other != k) {
                        Some(Refusal::Pin)
                    } else if forbidden.contains(&(k, i)) {
                        Some(Refusal::Forbidden)
                    } else {
                        None
                    }
                };
                (0..data.schools.len()).map(refuse).collect()
            })
            .collect();

        let mut towns: Vec<String> = data.schools.iter().filter_map(|s| s.town.clone()).collect();
        towns.sort_unstable();
        towns.dedup();
        let town_of = data
            .schools
            .iter()
            .map(|s| towns.iter().position(|t| Some(t) == s.town.as_ref()))
            .collect();
        let (groups, group_of) = groups.lists();
        let places: Vec<Place> = data.schools.iter().map(|s| s.place).collect();
        Ok(Self {
            graph: Graph::new(&places, data.rules.gap_km),
            targets: targets(&data),
            teams: teams(&data),
            minutes,
            refusals,
            last,
            towns,
            town_of,
            groups,
            group_of,
            apart,
            data,
        })
    }

    /// The data the problem was made from.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The number of schools.
    pub fn schools(&self) -> usize {
        self.data.schools.len()
    }

    /// The number of supervisors.
    pub fn supervisors(&self) -> usize {
        self.data.supervisors.len()
    }

    /// One-way minutes from a supervisor to a school.
    pub fn minutes(&self, supervisor: usize, school: usize) -> f64 {
        self.minutes[supervisor][school]
    }

    /// Why a supervisor may not be responsible for a school; none if they may.
    pub fn refusal(&self, supervisor: usize, school: usize) -> Option<Refusal> {
        self.refusals[supervisor][school]
    }

    /// Whether a supervisor may be responsible for a school, by stage, avoidance, rotation and pins.
    pub fn may(&self, supervisor: usize, school: usize) -> bool {
        self.refusals[supervisor][school].is_none()
    }

    /// Minutes a year that a supervisor's routine visits to a school take, weighted.
    pub fn routine(&self, supervisor: usize, school: usize) -> f64 {
        self.data.weights.routine_travel
            * self.data.schools[school].visits
            * 2.0
            * self.minutes[supervisor][school]
    }

    /// Minutes a year that a team of three would take to a school if all of them came from this supervisor's place,
    /// weighted. The mean of this over a zone's supervisors is the expected travel of a team drawn from the zone.
    pub fn team(&self, supervisor: usize, school: usize) -> f64 {
        const PERSONS: f64 = 3.0;
        self.data.weights.team_travel
            * self.data.schools[school].team_visits
            * PERSONS
            * 2.0
            * self.minutes[supervisor][school]
    }

    /// What it costs, in minutes, that this supervisor gets the school rather than last year's, who could keep it.
    pub fn change(&self, supervisor: usize, school: usize) -> f64 {
        match self.last[school] {
            Some(last) if last != supervisor && self.may(last, school) => self.data.weights.change,
            _ => 0.0,
        }
    }

    /// Whether last year's zones are to be kept where they can be.
    pub fn keeps(&self) -> bool {
        self.data.weights.regroup > 0.0
    }

    /// Whether a school's last supervisor can't keep it, whatever the zoning.
    pub fn must_change(&self, school: usize) -> bool {
        self.data.schools[school].last_supervisor.is_some()
            && self.last[school].is_none_or(|last| !self.may(last, school))
    }

    /// Each supervisor's fair share of all the work, in days a year.
    ///
    /// All work is shared in proportion to usable days: `max_days`, or the days of `max_schools` average schools if
    /// that is less.
    pub fn target(&self, supervisor: usize) -> f64 {
        self.targets[supervisor]
    }

    /// Days from which on a supervisor's work counts as imbalance.
    pub fn fair_days(&self, supervisor: usize) -> f64 {
        (1.0 + self.data.weights.imbalance_tolerance) * self.targets[supervisor]
    }

    /// The names of the towns, sorted.
    pub fn towns(&self) -> &[String] {
        &self.towns
    }

    /// The town a school lies in.
    pub fn town(&self, school: usize) -> Option<usize> {
        self.town_of[school]
    }

    /// Schools that must have the same supervisor; most groups are one school.
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }

    /// The group of a school.
    pub fn group(&self, school: usize) -> usize {
        self.group_of[school]
    }

    /// Pairs of schools that must not have the same supervisor.
    pub fn apart(&self) -> &[(usize, usize)] {
        &self.apart
    }

    /// How many zones there can be.
    pub fn teams(&self) -> Teams {
        self.teams
    }

    /// Which schools are neighbours.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// Fair shares: see [`Problem::target`].
fn targets(data: &Data) -> Vec<f64> {
    let total: f64 = data.schools.iter().map(|s| s.days).sum();
    let mean = total / data.schools.len() as f64;
    let usable: Vec<f64> = data
        .supervisors
        .iter()
        .map(|k| k.max_days.min(f64::from(k.max_schools) * mean))
        .collect();
    let all: f64 = usable.iter().sum();
    usable
        .iter()
        .map(|days| if all > 0.0 { total * days / all } else { 0.0 })
        .collect()
}

fn teams(data: &Data) -> Teams {
    let (rules, people) = (&data.rules, data.supervisors.len());
    let largest = (rules.zone_max_supervisors as usize).min(people);
    let smallest = (rules.zone_min_supervisors as usize).min(people);
    let fewest = people
        .div_ceil(largest)
        .max(data.schools.len().div_ceil(rules.zone_max_schools as usize));
    let full_timers = data.supervisors.iter().filter(|k| k.full_time).count();
    let full_time = rules.full_time_in_each_zone && full_timers >= fewest;
    let most = people / smallest;
    Teams {
        fewest,
        most: if full_time {
            most.min(full_timers)
        } else {
            most
        },
        smallest,
        largest,
        full_time,
    }
}

/// Union-find over schools that stay together.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&self, mut school: usize) -> usize {
        while self.0[school] != school {
            school = self.0[school];
        }
        school
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }

    fn lists(&self) -> (Vec<Vec<usize>>, Vec<usize>) {
        let mut by_root: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for school in 0..self.0.len() {
            by_root.entry(self.root(school)).or_default().push(school);
        }
        let lists: Vec<Vec<usize>> = by_root.into_values().collect();
        let mut group_of = vec![0; self.0.len()];
        for (group, schools) in lists.iter().enumerate() {
            for &school in schools {
                group_of[school] = group;
            }
        }
        (lists, group_of)
    }
}
