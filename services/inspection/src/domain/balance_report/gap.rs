//! How much is missing until a standard is met.
//!
//! **A school.** A stage with P pupils that asks s (per p pupils) and has x lacks s·P/p − x; for what comes in whole numbers the
//! next whole one. Added to what is shared, a stage gets only its part of it, so that more is needed. Fewer pupils do as well:
//! what a pupil has grows as pupils go (also where stages share), so the smallest number is found by bisection.
//!
//! **The county.** Which additions aᵢ ≥ 0 of the smallest sum bring the coefficient of variation down to its limit L? With
//! yᵢ = (xᵢ+aᵢ)/Pᵢ and wᵢ = Pᵢ/P the coefficient is at most L exactly if Σwᵢyᵢ² ≤ (1+L²)(Σwᵢyᵢ)². For a given sum of additions the
//! mean is given, and Σwᵢyᵢ² is smallest if the lowest schools are raised to one level λ: yᵢ = max(xᵢ/Pᵢ, λ) (the stationary point
//! of the Lagrangian wᵢ(2yᵢ − μ) = 0 where yᵢ is above its bound; the problem is convex). As λ rises, the coefficient never does:
//! with Q = Σwᵢyᵢ² and the mean m the slope of Q/m² has the sign of λm − Q, and λ ≤ m, m² ≤ Q. So the smallest λ that passes is found
//! by bisection, and no smaller sum passes by any other additions. Amounts in whole numbers are these rounded up, at a level
//! raised until they pass: enough, though perhaps not the smallest.

use super::analysis::{stage_of, value, variation, weights};
use super::standard::Standard;
use super::{BalanceReport, BalanceStage, SchoolFigures, SchoolResource};

/// Halvings of an interval of `f64` until nothing lies between its ends, with room.
const HALVINGS: u32 = 1_200;

/// What a school lacks of a resource at a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct SchoolGap {
    /// The school.
    pub school: String,
    /// What it is called.
    pub display_name: String,
    /// The stage.
    pub stage: BalanceStage,
    /// The resource.
    pub resource: SchoolResource,
    /// What it has.
    pub value: f64,
    /// What is asked.
    pub standard: f64,
    /// How much more the stage needs for itself.
    pub more: f64,
    /// How much more is needed if it is shared.
    pub more_shared: f64,
    /// How many fewer pupils would do as well.
    pub fewer_pupils: Option<i32>,
    /// How much more the stage needs for itself to reach the floor.
    pub more_to_floor: f64,
}

/// What one school would get.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceAddition {
    /// The school.
    pub school: String,
    /// What it is called.
    pub display_name: String,
    /// How much.
    pub amount: f64,
    /// How much in whole numbers.
    pub whole: Option<f64>,
}

/// What is missing until a coefficient passes.
#[derive(Clone, Debug, PartialEq)]
pub struct VariationGap {
    /// The stage.
    pub stage: BalanceStage,
    /// The resource.
    pub resource: SchoolResource,
    /// What it is.
    pub coefficient: f64,
    /// What it may be.
    pub limit: f64,
    /// The level to which the lowest schools are raised.
    pub level: f64,
    /// The sum of all additions: no smaller one will do.
    pub total: f64,
    /// Each school below the level.
    pub additions: Vec<ResourceAddition>,
    /// The sum of whole additions.
    pub whole_total: Option<f64>,
    /// The coefficient after the whole additions.
    pub coefficient_after: Option<f64>,
}

/// Each resource of a school that is below its standard, and each coefficient above its limit.
pub fn gaps(report: &BalanceReport, standard: &Standard) -> (Vec<SchoolGap>, Vec<VariationGap>) {
    let mut schools = Vec::new();
    let mut variations = Vec::new();
    for school in &report.schools {
        for stage in BalanceStage::ALL {
            let each = standard.resources.iter();
            schools.extend(each.filter_map(|one| school_gap(school, standard, *one, *stage)));
        }
    }
    for stage in BalanceStage::ALL {
        let each = standard.resources.iter();
        variations.extend(each.filter_map(|one| variation_gap(report, standard, *one, *stage)));
    }
    (schools, variations)
}

/// What a school lacks of a resource at a stage; none if it lacks nothing.
pub fn school_gap(
    school: &SchoolFigures,
    standard: &Standard,
    resource: SchoolResource,
    stage: BalanceStage,
) -> Option<SchoolGap> {
    let asked = standard.asked(resource, stage)?;
    let pupils = school.pupils(stage);
    if pupils <= 0 {
        return None;
    }
    let own = f64::from(pupils);
    // What the stage would have if there were more for itself, or more that is shared.
    let with = |more: f64, shared: f64| {
        school.amount_of(resource, stage, own, (more, shared), &standard.ratios)
    };
    let has = with(0.0, 0.0);
    let reached = |amount: f64| value(amount, resource, own) >= asked;
    if reached(has) {
        return None;
    }
    let all = [
        f64::from(school.primary_pupils),
        f64::from(school.junior_pupils),
        f64::from(school.senior_pupils),
    ];
    let weights = weights(school.form, all, &standard.ratios);
    let part = weights[stage as usize] / weights.iter().sum::<f64>();
    let least_asked = standard.least(resource, stage);
    let lacks = asked * own / resource.per() - has;
    let floored = |amount: f64| value(amount, resource, own) >= least_asked;
    let fewer = |fewer: i32| {
        let left = own - f64::from(fewer);
        let amount = school.amount_of(resource, stage, left, (0.0, 0.0), &standard.ratios);
        value(amount, resource, left) >= asked
    };
    Some(SchoolGap {
        school: school.school.clone(),
        display_name: school.display_name.clone(),
        stage,
        resource,
        value: value(has, resource, own),
        standard: asked,
        more: least(resource, lacks, |more| reached(with(more, 0.0))),
        more_shared: least(resource, lacks / part, |more| reached(with(0.0, more))),
        fewer_pupils: smallest(pupils - 1, fewer),
        more_to_floor: if floored(has) {
            0.0
        } else {
            let lacks = least_asked * own / resource.per() - has;
            least(resource, lacks, |more| floored(with(more, 0.0)))
        },
    })
}

/// The smallest amount that does, near a computed one: whole where it comes so, else free of what binary arithmetic took.
fn least(resource: SchoolResource, near: f64, does: impl Fn(f64) -> bool) -> f64 {
    if resource.is_counted() {
        let mut amount = near.ceil().max(1.0);
        while !does(amount) {
            amount += 1.0;
        }
        while amount > 1.0 && does(amount - 1.0) {
            amount -= 1.0;
        }
        return amount;
    }
    let mut amount = near.max(0.0);
    let mut step = amount.abs().max(1.0) * f64::EPSILON;
    while !does(amount) {
        amount += step;
        step *= 2.0;
    }
    amount
}

/// The smallest of 1 to `most` that does, where whatever is larger than one that does also does.
fn smallest(most: i32, does: impl Fn(i32) -> bool) -> Option<i32> {
    if most < 1 || !does(most) {
        return None;
    }
    let (mut fails, mut passes) = (0, most);
    while passes - fails > 1 {
        let middle = fails + (passes - fails) / 2;
        if does(middle) {
            passes = middle;
        } else {
            fails = middle;
        }
    }
    Some(passes)
}

/// What is missing until a coefficient passes; none if it passes, or if no school has anything.
pub fn variation_gap(
    report: &BalanceReport,
    standard: &Standard,
    resource: SchoolResource,
    stage: BalanceStage,
) -> Option<VariationGap> {
    let schools = stage_of(report, standard, resource, stage);
    let pairs: Vec<_> = schools
        .iter()
        .map(|(_, amount, pupils)| (*amount, *pupils))
        .collect();
    let coefficient = variation(&pairs)?.coefficient;
    let limit = standard.limit(stage);
    if coefficient <= limit {
        return None;
    }
    let level = smallest_level(&pairs, limit);
    let additions = raised(&pairs, level);
    let whole = if resource.is_counted() {
        whole_additions(&pairs, level, limit)
    } else {
        Some(additions.clone())
    };
    let after = whole
        .as_ref()
        .and_then(|whole| variation(&added(&pairs, whole)));
    let each = schools.iter().zip(&additions).enumerate();
    Some(VariationGap {
        stage,
        resource,
        coefficient,
        limit,
        level: level * resource.per(),
        total: additions.iter().sum(),
        additions: each
            .map(|(at, ((school, ..), amount))| ResourceAddition {
                school: school.school.clone(),
                display_name: school.display_name.clone(),
                amount: *amount,
                whole: whole.as_ref().map(|whole| whole[at]),
            })
            .filter(|one| one.amount > 0.0 || one.whole.is_some_and(|whole| whole > 0.0))
            .collect(),
        whole_total: whole.as_ref().map(|whole| whole.iter().sum()),
        coefficient_after: after.map(|after| after.coefficient),
    })
}

/// The lowest level at which the coefficient passes, if every school below it is raised to it.
pub(super) fn smallest_level(schools: &[(f64, f64)], limit: f64) -> f64 {
    let values = || schools.iter().map(|(amount, pupils)| amount / pupils);
    let mut fails = values().fold(f64::INFINITY, f64::min);
    // At the highest school's level all are equal: up to binary arithmetic, the coefficient is 0.
    let mut passes = values().fold(0.0, f64::max);
    for _ in 0..HALVINGS {
        let middle = fails + (passes - fails) / 2.0;
        if middle <= fails || middle >= passes {
            break;
        }
        if passes_at(schools, &raised(schools, middle), limit) {
            passes = middle;
        } else {
            fails = middle;
        }
    }
    passes
}

/// What each school needs to reach a level.
pub(super) fn raised(schools: &[(f64, f64)], level: f64) -> Vec<f64> {
    schools
        .iter()
        .map(|(amount, pupils)| (level * pupils - amount).max(0.0))
        .collect()
}

/// Whole additions that pass: to the lowest level, rounded up; if rounding up small schools has spoilt it, to a higher one.
fn whole_additions(schools: &[(f64, f64)], level: f64, limit: f64) -> Option<Vec<f64>> {
    const STEPS: i32 = 2_000;
    (0..STEPS).find_map(|step| {
        let level = level * 1.01_f64.powi(step);
        let whole: Vec<_> = raised(schools, level)
            .into_iter()
            // What binary arithmetic adds to a whole number is not one more.
            .map(|amount| (amount - 1e-9).ceil().max(0.0))
            .collect();
        passes_at(schools, &whole, limit).then_some(whole)
    })
}

fn passes_at(schools: &[(f64, f64)], additions: &[f64], limit: f64) -> bool {
    variation(&added(schools, additions)).is_some_and(|one| one.coefficient <= limit)
}

fn added(schools: &[(f64, f64)], additions: &[f64]) -> Vec<(f64, f64)> {
    schools
        .iter()
        .zip(additions)
        .map(|((amount, pupils), more)| (amount + more, *pupils))
        .collect()
}

#[cfg(test)]
mod tests;
