//! The figures of a standard: the county's own where its rules have them, else those that dudao ships
//! (`presets/figures.toml`, each with its basis).

use dudao_law::{Refusal, Rule, Ruleset};

use super::{BalanceStage, BalanceStandard, SchoolForm, SchoolResource};

/// A figure as it was used.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardFigure {
    /// Its key.
    pub key: String,
    /// What it is.
    pub display_name: String,
    /// Its value.
    pub value: f64,
    /// On what it rests.
    pub basis: String,
    /// Whether it is the county's own.
    pub county: bool,
}

/// What a standard asks of every school beside the coefficients; each for primary and junior.
#[derive(Clone, Debug, PartialEq)]
pub struct SchoolRules {
    /// What is asked of each resource, in the order of [`Standard::resources`].
    pub asked: Vec<[f64; 2]>,
    /// How many resources must be met.
    pub must_meet: i32,
    /// Which part of its standard every other resource must reach.
    pub floor: f64,
    /// The most pupils of a school.
    pub size: f64,
    /// The most pupils of compulsory education of a school with primary and junior.
    pub size_through: f64,
    /// The most pupils of a class.
    pub class: [f64; 2],
}

/// How much a pupil counts when stages share: nine-year 1 : 1.1, complete secondary 1 : 1.2, twelve-year 1 : 1.1 : 1.32.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratios {
    /// A junior pupil of a nine-year school beside a primary one.
    pub nine_year: f64,
    /// A senior pupil of a complete secondary school beside a junior one.
    pub complete_secondary: f64,
    /// A junior pupil of a twelve-year school beside a primary one.
    pub twelve_year_junior: f64,
    /// A senior one.
    pub twelve_year_senior: f64,
}

/// A standard with its figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Standard {
    /// Which.
    pub kind: BalanceStandard,
    /// The resources that it compares.
    pub resources: Vec<SchoolResource>,
    /// The largest coefficient of variation, primary and junior.
    pub variation: [f64; 2],
    /// What it asks of every school; the basic one asks nothing.
    pub schools: Option<SchoolRules>,
    /// How what is shared is split.
    pub ratios: Ratios,
    /// The figures as they were used.
    pub figures: Vec<StandardFigure>,
}

impl BalanceStandard {
    /// As keys of figures spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Basic => "basic",
        }
    }

    /// The resources that it compares: seven for quality (`rules.md` § 6), eight for basic balance.
    pub fn resources(self) -> &'static [SchoolResource] {
        use SchoolResource as R;
        match self {
            Self::Quality => &[
                R::QualifiedTeachers,
                R::BackboneTeachers,
                R::SportArtTeachers,
                R::TeachingArea,
                R::SportsArea,
                R::Equipment,
                R::MultimediaRooms,
            ],
            Self::Basic => &[
                R::TeachingArea,
                R::SportsArea,
                R::Equipment,
                R::Computers,
                R::Books,
                R::Teachers,
                R::QualifiedTeachers,
                R::SeniorTitleTeachers,
            ],
        }
    }
}

impl Standard {
    /// Reads a standard's figures; refused with every one that is not set.
    pub fn read(
        kind: BalanceStandard,
        shipped: &Ruleset,
        county: &Ruleset,
    ) -> Result<Self, Refusal> {
        let mut reader = Reader {
            shipped,
            county,
            figures: Vec::new(),
            missing: Vec::new(),
        };
        let resources = kind.resources().to_vec();
        let of = |key: &str| format!("balance.{}.{key}", kind.key());
        let variation = BalanceStage::ALL.iter();
        let variation: Vec<f64> = variation
            .map(|stage| reader.read(&of(&format!("cv.{}", stage.key()))))
            .collect();
        let schools = (kind == BalanceStandard::Quality).then(|| SchoolRules {
            asked: resources
                .iter()
                .map(|resource| {
                    let both = |stage: &str| of(&format!("{}.{stage}", resource.key()));
                    [reader.read(&both("primary")), reader.read(&both("junior"))]
                })
                .collect(),
            must_meet: reader.read(&of("must_meet")).round() as i32,
            floor: reader.read(&of("floor")),
            size: reader.read(&of("size")),
            size_through: reader.read(&of("size_through")),
            class: [
                reader.read(&of("class.primary")),
                reader.read(&of("class.junior")),
            ],
        });
        let ratios = Ratios {
            nine_year: reader.ratio("balance.split.nine_year"),
            complete_secondary: reader.ratio("balance.split.complete_secondary"),
            twelve_year_junior: reader.ratio("balance.split.twelve_year_junior"),
            twelve_year_senior: reader.ratio("balance.split.twelve_year_senior"),
        };
        Refusal::unless_none(reader.missing)?;
        Ok(Self {
            kind,
            resources,
            variation: [variation[0], variation[1]],
            schools,
            ratios,
            figures: reader.figures,
        })
    }

    /// What is asked of a school's resource at a stage.
    pub fn asked(&self, resource: SchoolResource, stage: BalanceStage) -> Option<f64> {
        let at = self.resources.iter().position(|one| *one == resource)?;
        Some(self.schools.as_ref()?.asked[at][stage as usize])
    }

    /// The least that a resource may have where others make up for it; 0 where the standard asks nothing.
    pub fn least(&self, resource: SchoolResource, stage: BalanceStage) -> f64 {
        let floor = self.schools.as_ref().map_or(0.0, |rules| rules.floor);
        let product = self.asked(resource, stage).unwrap_or_default() * floor;
        // The decimal that the product is: binary arithmetic may put it just above, where the very figure would fail.
        (product * 1e10).round() / 1e10
    }

    /// The largest coefficient of variation of a stage.
    pub fn limit(&self, stage: BalanceStage) -> f64 {
        self.variation[stage as usize]
    }

    /// The most pupils of a school.
    pub fn size(&self, form: SchoolForm) -> Option<f64> {
        let rules = self.schools.as_ref()?;
        Some(match form {
            SchoolForm::Primary | SchoolForm::Junior | SchoolForm::CompleteSecondary => rules.size,
            SchoolForm::NineYear | SchoolForm::TwelveYear => rules.size_through,
        })
    }
}

struct Reader<'a> {
    shipped: &'a Ruleset,
    county: &'a Ruleset,
    figures: Vec<StandardFigure>,
    missing: Vec<Rule>,
}

impl Reader<'_> {
    /// A ratio of pupils: with one near 0 a stage would have no part of anything.
    fn ratio(&mut self, key: &str) -> f64 {
        let value = self.read(key);
        if !(0.1..=10.0).contains(&value) {
            self.missing.push(
                Rule::new(
                    key,
                    "",
                    format!("规则参数 {key} 须在 0.1 至 10 之间：请在规则中改正"),
                    format!("the parameter {key} must lie in 0.1 to 10: correct it in the rules"),
                )
                .about(&self.county.name),
            );
        }
        value
    }

    fn read(&mut self, key: &str) -> f64 {
        let own = self.county.optional(key);
        let Some(value) = own.or_else(|| self.shipped.optional(key)) else {
            self.missing.push(self.county.missing(key));
            return 1.0;
        };
        let source = if own.is_some() {
            self.county
        } else {
            self.shipped
        };
        self.figures.push(StandardFigure {
            key: key.to_owned(),
            display_name: source
                .figures
                .get(key)
                .map_or_else(String::new, |figure| figure.title.clone()),
            value,
            basis: source.basis(key).to_owned(),
            county: own.is_some(),
        });
        value
    }
}
