//! Why a zoning is as it is: why this school has this supervisor, what changed since last year, which limits bind and what
//! they cost, and how evenly the work is shared.

use super::data::Solution;
use super::model::Model;
use super::plan::Plan;
use super::price;
use super::problem::{Problem, Refusal};
use super::relax;
use crate::mip::Limits;
use crate::{Clock, Spread, Violation, Words};

/// Prices below this many minutes a year are none.
const PRICE: f64 = 0.5;
/// Seconds for the linear program that gives the prices.
const SECONDS: f64 = 10.0;

/// A supervisor as a choice for one school.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The supervisor's id.
    pub supervisor: String,
    /// Minutes on the road, one way.
    pub minutes: f64,
    /// Minutes a year of routine visits and change, weighted.
    pub cost: f64,
    /// Why they may not be responsible for the school; none if they may.
    pub refusal: Option<Refusal>,
    /// In a given zoning: what the objective would rise by if the school (with the schools that stay with it) went to
    /// this supervisor and all else stayed; 0 for the one who has it.
    pub rise: Option<f64>,
    /// In a given zoning: the rules that this alone would break.
    pub breaks: Vec<Violation>,
}

/// A school that does not have last year's supervisor.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The school's id.
    pub school: String,
    /// The id of last year's supervisor.
    pub before: String,
    /// The id of this year's.
    pub after: String,
    /// Why, with the rule or the minutes.
    pub reason: Words,
}

/// A limit that is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// The rule's short name: `max_schools`, `capacity`, `imbalance` or `zone_size`.
    pub rule: String,
    /// The id of the supervisor or zone.
    pub subject: String,
    /// How much of it is used, in schools or days.
    pub used: f64,
    /// The limit, in schools or days.
    pub limit: f64,
    /// Minutes a year that one more school or day would save: the dual of its row in the linear relaxation without zones. None
    /// where that relaxation has no such row, or was not solved.
    pub price: Option<f64>,
    /// The limit in words, with its price.
    pub words: Words,
}

/// Why a zoning is as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Explanation {
    /// Limits that are reached, the dearest first.
    pub limits: Vec<Limit>,
    /// Schools that do not have last year's supervisor, in the order of the county's list.
    pub changes: Vec<Change>,
    /// How evenly the work is shared.
    pub spreads: Vec<Spread>,
}

/// A zoning to be compared with others.
struct Base {
    plan: Plan,
    cost: f64,
}

impl Base {
    fn read(problem: &Problem, solution: &Solution) -> Option<Self> {
        let plan = Plan::read(problem, solution)?;
        let cost = price::total(&price::parts(problem, &plan));
        Some(Self { plan, cost })
    }
}

/// Every supervisor as a choice for a school, those who may serve first and the cheapest of them first; empty if there
/// is no such school. With a zoning, each also says what it would cost and break to give them the school there.
pub fn candidates(problem: &Problem, school: &str, within: Option<&Solution>) -> Vec<Candidate> {
    let Some(i) = problem.data().schools.iter().position(|s| s.id == school) else {
        return Vec::new();
    };
    let base = within.and_then(|solution| Base::read(problem, solution));
    let mut candidates: Vec<Candidate> = (0..problem.supervisors())
        .map(|k| candidate(problem, base.as_ref(), i, k))
        .collect();
    candidates.sort_by(|a, b| {
        let order = a
            .refusal
            .is_some()
            .cmp(&b.refusal.is_some())
            .then(a.cost.total_cmp(&b.cost));
        order.then_with(|| a.supervisor.cmp(&b.supervisor))
    });
    candidates
}

fn candidate(problem: &Problem, base: Option<&Base>, i: usize, k: usize) -> Candidate {
    let refusal = problem.refusal(k, i);
    let (mut rise, mut breaks) = (None, Vec::new());
    if let (Some(Base { plan, cost }), None) = (base, refusal) {
        let mut other = plan.clone();
        for &member in &problem.groups()[problem.group(i)] {
            other.supervisor_of[member] = k;
        }
        rise = Some(price::total(&price::parts(problem, &other)) - cost);
        breaks = super::check(problem, &other.write(problem));
    }
    Candidate {
        supervisor: problem.data().supervisors[k].id.clone(),
        minutes: problem.minutes(k, i),
        cost: problem.routine(k, i) + problem.change(k, i),
        refusal,
        rise,
        breaks,
    }
}

/// Explains a zoning; nothing of one that does not name every school and supervisor once. The prices take a linear program,
/// within what is left on the clock.
pub fn explain(problem: &Problem, solution: &Solution, clock: &Clock) -> Explanation {
    let Some(base) = Base::read(problem, solution) else {
        return Explanation::default();
    };
    Explanation {
        limits: limits(problem, solution, &base.plan, clock),
        changes: changes(problem, &base),
        spreads: spreads(problem, &base.plan),
    }
}

fn changes(problem: &Problem, base: &Base) -> Vec<Change> {
    let data = problem.data();
    let moved = data.schools.iter().enumerate().filter_map(|(i, school)| {
        let before = school.last_supervisor.clone()?;
        let after = data.supervisors[base.plan.supervisor_of[i]].id.clone();
        (before != after).then(|| Change {
            school: school.id.clone(),
            reason: reason(problem, base, i, &before),
            before,
            after,
        })
    });
    moved.collect()
}

/// Why a school does not keep its supervisor.
fn reason(problem: &Problem, base: &Base, i: usize, before: &str) -> Words {
    let data = problem.data();
    let Some(k) = data.supervisors.iter().position(|s| s.id == before) else {
        return Words::new(
            "原督学不在本方案中",
            "last year's supervisor is not in this plan",
        );
    };
    let kept = candidate(problem, Some(base), i, k);
    let who = &data.supervisors[k].name;
    if let Some(refusal) = kept.refusal {
        let why = refusal.words();
        return Words::new(format!("{who}{}", why.zh), format!("{who} {}", why.en));
    }
    if let Some(broken) = kept.breaks.first() {
        return Words::new(
            format!("若仍由{who}负责：{}", broken.words.zh),
            format!("kept by {who}: {}", broken.words.en),
        );
    }
    let rise = kept.rise.unwrap_or_default();
    if rise > PRICE {
        return Words::new(
            format!("若仍由{who}负责，全年多 {rise:.0} 分钟"),
            format!("kept by {who}, {rise:.0} minutes a year more"),
        );
    }
    Words::new(
        format!("可改由{who}继续负责，全年不多用时间"),
        format!("{who} could keep it at no cost"),
    )
}

fn limits(problem: &Problem, solution: &Solution, plan: &Plan, clock: &Clock) -> Vec<Limit> {
    let data = problem.data();
    let model = Model::new(problem);
    let least = relax::least_team_travel(&model);
    let prices = relax::solve(&model, &least, false, &[], Limits::seconds(SECONDS), clock)
        .ok()
        .and_then(|relaxed| relaxed.prices);
    let mut limits = Vec::new();
    let mut zone_schools = vec![0_u32; plan.zones];
    for (k, supervisor) in data.supervisors.iter().enumerate() {
        let own = |i: &usize| plan.supervisor_of[*i] == k;
        let schools: Vec<usize> = (0..problem.schools()).filter(own).collect();
        let days: f64 = schools.iter().map(|&i| data.schools[i].days).sum();
        zone_schools[plan.zone_of[k]] += schools.len() as u32;
        // The least that one more of this supervisor's schools would take.
        let next = schools.iter().map(|&i| data.schools[i].days);
        let next = next.fold(f64::INFINITY, f64::min);
        let mut add = |rule: &str, used: f64, limit: f64, price: Option<f64>| {
            let price = price.filter(|price| *price >= PRICE);
            limits.push(Limit {
                rule: rule.to_owned(),
                subject: supervisor.id.clone(),
                used,
                limit,
                price,
                words: in_words(rule, &supervisor.name, used, limit, price),
            });
        };
        if schools.len() as u32 >= supervisor.max_schools {
            let price = prices.as_ref().map(|prices| prices.places[k]);
            add(
                "max_schools",
                schools.len() as f64,
                f64::from(supervisor.max_schools),
                price,
            );
        }
        let price = prices.as_ref().map(|prices| prices.days[k]);
        if days + next > supervisor.max_days + 1e-9 {
            add("capacity", days, supervisor.max_days, price);
        } else if price.is_some_and(|price| price >= PRICE) {
            // The row of fair days shares its price with that of the most days, which is not reached.
            add("imbalance", days, problem.fair_days(k), price);
        }
    }
    for (zone, schools) in solution.zones.iter().zip(zone_schools) {
        if schools >= data.rules.zone_max_schools {
            limits.push(Limit {
                rule: "zone_size".to_owned(),
                subject: zone.id.clone(),
                used: f64::from(schools),
                limit: f64::from(data.rules.zone_max_schools),
                price: None,
                words: in_words(
                    "zone_size",
                    &zone.id,
                    f64::from(schools),
                    f64::from(data.rules.zone_max_schools),
                    None,
                ),
            });
        }
    }
    let price = |limit: &Limit| limit.price.unwrap_or(0.0);
    limits.sort_by(|a, b| {
        let order = price(b).total_cmp(&price(a));
        order.then_with(|| (&a.rule, &a.subject).cmp(&(&b.rule, &b.subject)))
    });
    limits
}

fn in_words(rule: &str, who: &str, used: f64, limit: f64, price: Option<f64>) -> Words {
    let (zh, en, unit) = match rule {
        "max_schools" => (
            format!("{who}已负责 {used:.0} 所学校（上限 {limit:.0} 所）"),
            format!("{who} has {used:.0} schools of at most {limit:.0}"),
            ("所", "school"),
        ),
        "zone_size" => (
            format!("责任区 {who} 已有 {used:.0} 所学校（上限 {limit:.0} 所）"),
            format!("zone {who} has {used:.0} schools of at most {limit:.0}"),
            ("所", "school"),
        ),
        "imbalance" => (
            format!("{who}全年 {used:.1} 天（均衡线 {limit:.1} 天）"),
            format!("{who} has {used:.1} days, of an even load of {limit:.1}"),
            ("天", "day"),
        ),
        _ => (
            format!("{who}全年 {used:.1} 天，再多一所就超过上限 {limit:.1} 天"),
            format!("{who} has {used:.1} days; one more school passes the most of {limit:.1}"),
            ("天", "day"),
        ),
    };
    match price {
        Some(price) => Words::new(
            format!("{zh}；每放宽一{}，全年约省 {price:.0} 分钟", unit.0),
            format!(
                "{en}; each further {} saves about {price:.0} minutes a year",
                unit.1
            ),
        ),
        None => Words::new(zh, en),
    }
}

fn spreads(problem: &Problem, plan: &Plan) -> Vec<Spread> {
    let data = problem.data();
    let mut sums = [const { Vec::new() }; 3];
    for sum in &mut sums {
        *sum = vec![0.0; problem.supervisors()];
    }
    for (i, &k) in plan.supervisor_of.iter().enumerate() {
        let school = &data.schools[i];
        sums[0][k] += 1.0;
        sums[1][k] += school.days;
        sums[2][k] += school.visits * 2.0 * problem.minutes(k, i);
    }
    let names = ["schools", "days", "travel_minutes"];
    names
        .into_iter()
        .zip(sums)
        .map(|(name, values)| Spread::of(name, values))
        .collect()
}
