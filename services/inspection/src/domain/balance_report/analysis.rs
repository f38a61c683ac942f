//! What a county's figures say (`rules.md` § 6): the split of what all-through schools share, each school's resources against
//! its standard (6 of 7, the seventh at 85 %), sizes and classes, and the coefficient of variation weighted by pupils:
//!
//! ```text
//! X̄ = Σxᵢ / ΣPᵢ        S = √ Σ (Pᵢ/P) (xᵢ/Pᵢ − X̄)²        CV = S / X̄
//! ```
//!
//! xᵢ is what school i has, Pᵢ its pupils, P all pupils (县域义务教育优质均衡发展督导评估办法). Nothing is rounded before it is judged.

use super::standard::{Ratios, Standard, StandardFigure};
use super::{BalanceReport, BalanceStage, SchoolFigures, SchoolForm, SchoolResource};

/// A school's resource at a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceVerdict {
    /// The stage.
    pub stage: BalanceStage,
    /// The resource.
    pub resource: SchoolResource,
    /// What the stage has, with its part of what is shared.
    pub amount: f64,
    /// Per pupil or per 100 pupils.
    pub value: f64,
    /// What the standard asks of a school.
    pub standard: Option<f64>,
    /// The value as a part of the standard.
    pub share: Option<f64>,
    /// Whether the school has what the standard asks.
    pub met: bool,
}

/// A school at a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct StageVerdict {
    /// The stage.
    pub stage: BalanceStage,
    /// Its pupils.
    pub pupils: i32,
    /// How many resources are met.
    pub met: i32,
    /// How many resources are asked.
    pub asked: i32,
    /// Whether enough are met and none is too low.
    pub resources_pass: Option<bool>,
    /// Whether no class is too large.
    pub classes_pass: Option<bool>,
    /// Pupils of the largest class.
    pub largest_class: i32,
}

/// What the figures say of a school.
#[derive(Clone, Debug, PartialEq)]
pub struct SchoolVerdict {
    /// The school.
    pub school: String,
    /// What it is called.
    pub display_name: String,
    /// Its town.
    pub town: String,
    /// Every resource at every stage.
    pub resources: Vec<ResourceVerdict>,
    /// Every stage.
    pub stages: Vec<StageVerdict>,
    /// Whether it is not too large.
    pub size_pass: Option<bool>,
    /// Whether nothing of what is judged fails.
    pub passes: bool,
}

/// The coefficient of variation of a resource between the schools of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct VariationVerdict {
    /// The stage.
    pub stage: BalanceStage,
    /// The resource.
    pub resource: SchoolResource,
    /// How many schools.
    pub schools: i32,
    /// X̄, counted as the standard does.
    pub mean: f64,
    /// S, counted alike.
    pub deviation: f64,
    /// S / X̄.
    pub coefficient: f64,
    /// What it may be at the most.
    pub limit: f64,
    /// Whether it is not above the limit.
    pub passes: bool,
}

/// A figure that the report lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFigure {
    /// The school.
    pub school: String,
    /// What it is called.
    pub display_name: String,
    /// The resource.
    pub resource: SchoolResource,
}

/// What a county's figures say.
#[derive(Clone, Debug, PartialEq)]
pub struct BalanceAnalysis {
    /// By what they were judged.
    pub standard: super::BalanceStandard,
    /// The county's rules that were asked for figures.
    pub ruleset: String,
    /// The standard's figures as they were used.
    pub figures: Vec<StandardFigure>,
    /// Every school.
    pub schools: Vec<SchoolVerdict>,
    /// Every coefficient.
    pub variations: Vec<VariationVerdict>,
    /// Figures that the report lacks.
    pub missing: Vec<MissingFigure>,
    /// How many schools pass.
    pub schools_passing: i32,
    /// Whether every school and every coefficient passes, and no figure is missing.
    pub passes: bool,
}

/// Mean, standard deviation and coefficient of variation, weighted by pupils.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// X̄.
    pub mean: f64,
    /// S.
    pub deviation: f64,
    /// S / X̄.
    pub coefficient: f64,
}

/// The variation of what schools have (amount, pupils); none where there is nothing, or nobody.
pub fn variation(schools: &[(f64, f64)]) -> Option<Variation> {
    let pupils: f64 = schools.iter().map(|(_, pupils)| pupils).sum();
    let amount: f64 = schools.iter().map(|(amount, _)| amount).sum();
    if pupils <= 0.0 || amount <= 0.0 {
        return None;
    }
    let mean = amount / pupils;
    let square: f64 = schools
        .iter()
        .filter(|(_, own)| *own > 0.0)
        .map(|(amount, own)| own / pupils * (amount / own - mean).powi(2))
        .sum();
    let deviation = square.sqrt();
    Some(Variation {
        mean,
        deviation,
        coefficient: deviation / mean,
    })
}

/// How much each stage of a school counts when they share: its pupils by the ratio of the form.
pub fn weights(form: SchoolForm, pupils: [f64; 3], ratios: &Ratios) -> [f64; 3] {
    let ratio = match form {
        SchoolForm::Primary | SchoolForm::Junior => [1.0, 1.0, 1.0],
        SchoolForm::NineYear => [1.0, ratios.nine_year, 1.0],
        SchoolForm::CompleteSecondary => [1.0, 1.0, ratios.complete_secondary],
        SchoolForm::TwelveYear => [1.0, ratios.twelve_year_junior, ratios.twelve_year_senior],
    };
    [
        pupils[0] * ratio[0],
        pupils[1] * ratio[1],
        pupils[2] * ratio[2],
    ]
}

/// Splits what all stages share; the parts add up to it as long as there are pupils.
pub fn split(form: SchoolForm, pupils: [f64; 3], shared: f64, ratios: &Ratios) -> [f64; 3] {
    let weights = weights(form, pupils, ratios);
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return [0.0; 3];
    }
    weights.map(|weight| shared * weight / sum)
}

impl SchoolFigures {
    /// What a stage has of a resource, with its part of what is shared; 0 where there is no figure.
    pub fn amount(&self, resource: SchoolResource, stage: BalanceStage, ratios: &Ratios) -> f64 {
        let pupils = f64::from(self.pupils(stage));
        self.amount_of(resource, stage, pupils, (0.0, 0.0), ratios)
    }

    /// The same if the stage had so many pupils, and there were more for itself or more that is shared.
    pub(super) fn amount_of(
        &self,
        resource: SchoolResource,
        stage: BalanceStage,
        pupils: f64,
        (more, more_shared): (f64, f64),
        ratios: &Ratios,
    ) -> f64 {
        let (own, shared) = self.figure(resource).map_or((0.0, 0.0), |figure| {
            let own = match stage {
                BalanceStage::Primary => figure.primary,
                BalanceStage::Junior => figure.junior,
            };
            (own, figure.shared)
        });
        let mut all = [
            f64::from(self.primary_pupils),
            f64::from(self.junior_pupils),
            f64::from(self.senior_pupils),
        ];
        all[stage as usize] = pupils;
        own + more + split(self.form, all, shared + more_shared, ratios)[stage as usize]
    }
}

/// Per pupil or per 100 pupils.
pub(super) fn value(amount: f64, resource: SchoolResource, pupils: f64) -> f64 {
    amount * resource.per() / pupils
}

/// What each school of a stage has of a resource, with its pupils; schools without pupils there are left out.
pub(super) fn stage_of<'a>(
    report: &'a BalanceReport,
    standard: &Standard,
    resource: SchoolResource,
    stage: BalanceStage,
) -> Vec<(&'a SchoolFigures, f64, f64)> {
    report
        .schools
        .iter()
        .filter(|school| school.pupils(stage) > 0)
        .map(|school| {
            let amount = school.amount(resource, stage, &standard.ratios);
            (school, amount, f64::from(school.pupils(stage)))
        })
        .collect()
}

/// Judges a county's figures by a standard.
pub fn analyze(report: &BalanceReport, standard: &Standard, ruleset: &str) -> BalanceAnalysis {
    let schools: Vec<_> = report
        .schools
        .iter()
        .map(|school| judge(school, standard))
        .collect();
    let variations: Vec<_> = BalanceStage::ALL
        .iter()
        .flat_map(|stage| {
            let each = standard.resources.iter();
            each.filter_map(|resource| vary(report, standard, *resource, *stage))
        })
        .collect();
    let missing: Vec<_> = report
        .schools
        .iter()
        .flat_map(|school| {
            let lacking = standard
                .resources
                .iter()
                .filter(|resource| school.figure(**resource).is_none());
            lacking.map(|resource| MissingFigure {
                school: school.school.clone(),
                display_name: school.display_name.clone(),
                resource: *resource,
            })
        })
        .collect();
    let passing = schools.iter().filter(|school| school.passes).count();
    BalanceAnalysis {
        standard: standard.kind,
        ruleset: ruleset.to_owned(),
        figures: standard.figures.clone(),
        passes: !schools.is_empty()
            && passing == schools.len()
            && variations.iter().all(|one| one.passes)
            && missing.is_empty(),
        schools_passing: i32::try_from(passing).unwrap_or(i32::MAX),
        schools,
        variations,
        missing,
    }
}

fn vary(
    report: &BalanceReport,
    standard: &Standard,
    resource: SchoolResource,
    stage: BalanceStage,
) -> Option<VariationVerdict> {
    let schools = stage_of(report, standard, resource, stage);
    if schools.is_empty() {
        return None;
    }
    let pairs: Vec<_> = schools
        .iter()
        .map(|(_, amount, pupils)| (*amount, *pupils))
        .collect();
    let varied = variation(&pairs);
    let limit = standard.limit(stage);
    Some(VariationVerdict {
        stage,
        resource,
        schools: i32::try_from(pairs.len()).unwrap_or(i32::MAX),
        mean: varied.map_or(0.0, |one| one.mean * resource.per()),
        deviation: varied.map_or(0.0, |one| one.deviation * resource.per()),
        coefficient: varied.map_or(0.0, |one| one.coefficient),
        limit,
        passes: varied.is_some_and(|one| one.coefficient <= limit),
    })
}

fn judge(school: &SchoolFigures, standard: &Standard) -> SchoolVerdict {
    let mut resources = Vec::new();
    let mut stages = Vec::new();
    for stage in BalanceStage::ALL
        .iter()
        .filter(|stage| school.pupils(**stage) > 0)
    {
        let verdicts: Vec<_> = standard
            .resources
            .iter()
            .map(|resource| judge_resource(school, standard, *resource, *stage))
            .collect();
        stages.push(judge_stage(school, standard, *stage, &verdicts));
        resources.extend(verdicts);
    }
    let compulsory = school.primary_pupils + school.junior_pupils;
    let size_pass = standard
        .size(school.form)
        .map(|most| f64::from(compulsory) <= most);
    let stage_passes = |stage: &StageVerdict| {
        stage.resources_pass != Some(false) && stage.classes_pass != Some(false)
    };
    SchoolVerdict {
        school: school.school.clone(),
        display_name: school.display_name.clone(),
        town: school.town.clone(),
        passes: size_pass != Some(false) && stages.iter().all(stage_passes),
        resources,
        stages,
        size_pass,
    }
}

fn judge_resource(
    school: &SchoolFigures,
    standard: &Standard,
    resource: SchoolResource,
    stage: BalanceStage,
) -> ResourceVerdict {
    let amount = school.amount(resource, stage, &standard.ratios);
    let value = value(amount, resource, f64::from(school.pupils(stage)));
    let asked = standard.asked(resource, stage);
    ResourceVerdict {
        stage,
        resource,
        amount,
        value,
        standard: asked,
        share: asked
            .filter(|asked| *asked > 0.0)
            .map(|asked| value / asked),
        met: asked.is_none_or(|asked| value >= asked),
    }
}

/// Enough resources are met, and each of the others reaches the floor; no class is too large.
fn judge_stage(
    school: &SchoolFigures,
    standard: &Standard,
    stage: BalanceStage,
    resources: &[ResourceVerdict],
) -> StageVerdict {
    let asked = resources.iter().filter(|one| one.standard.is_some());
    let (met, unmet): (Vec<_>, Vec<_>) = asked.partition(|one| one.met);
    let met_count = i32::try_from(met.len()).unwrap_or(i32::MAX);
    let classes = school.classes(stage);
    let largest_class = classes.iter().copied().max().unwrap_or_default();
    let rules = standard.schools.as_ref();
    StageVerdict {
        stage,
        pupils: school.pupils(stage),
        met: met_count,
        asked: i32::try_from(met.len() + unmet.len()).unwrap_or(i32::MAX),
        resources_pass: rules.map(|rules| {
            met_count >= rules.must_meet
                && unmet
                    .iter()
                    .all(|one| one.value >= standard.least(one.resource, stage))
        }),
        classes_pass: rules
            .filter(|_| !classes.is_empty())
            .map(|rules| f64::from(largest_class) <= rules.class[stage as usize]),
        largest_class,
    }
}

#[cfg(test)]
pub(crate) mod tests;
