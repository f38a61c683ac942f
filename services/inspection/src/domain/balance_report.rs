//! A county's balance between schools of compulsory education (优质均衡, 基本均衡; art. 四): the figures of a year. What follows
//! from them is derived at every question: [`analysis`], [`gap`], [`change`].

pub mod analysis;
pub mod change;
pub mod gap;
pub mod standard;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::{check_id, check_length};

const MAX_SCHOOLS: usize = 2_000;
const MAX_CLASSES: usize = 200;
/// Far more than any school has of anything.
const MOST: f64 = 1e11;
const MAX_PUPILS: i32 = 100_000;

dudao_law::words!(
    /// Where a report stands.
    BalanceReportState {
        /// Figures come in.
        Draft = "起草",
        /// Figures never change again.
        Final = "已定稿",
    }
);

dudao_law::words!(
    /// By what balance is judged.
    BalanceStandard {
        /// 优质均衡.
        Quality = "优质均衡",
        /// 基本均衡.
        Basic = "基本均衡",
    }
);

dudao_law::words!(
    /// Which stages a school has.
    SchoolForm {
        /// Primary alone.
        Primary = "小学",
        /// Junior alone.
        Junior = "初中",
        /// Primary and junior.
        NineYear = "九年一贯制",
        /// Primary, junior and senior.
        TwelveYear = "十二年一贯制",
        /// Junior and senior.
        CompleteSecondary = "完全中学",
    }
);

dudao_law::words!(
    /// A stage of compulsory education.
    BalanceStage {
        /// Grades 1 to 6.
        Primary = "小学",
        /// Grades 7 to 9.
        Junior = "初中",
    }
);

dudao_law::words!(
    /// A resource that is compared between schools.
    SchoolResource {
        /// Persons.
        QualifiedTeachers = "高于规定学历教师",
        /// Persons.
        BackboneTeachers = "县级以上骨干教师",
        /// Persons.
        SportArtTeachers = "体育、艺术专任教师",
        /// Square metres.
        TeachingArea = "教学及辅助用房面积",
        /// Square metres.
        SportsArea = "体育运动场馆面积",
        /// Yuan.
        Equipment = "教学仪器设备值",
        /// Rooms.
        MultimediaRooms = "网络多媒体教室",
        /// Persons.
        Teachers = "专任教师",
        /// Persons.
        SeniorTitleTeachers = "中级及以上专业技术职务教师",
        /// Pieces.
        Computers = "计算机",
        /// Volumes.
        Books = "图书",
    }
);

/// How much of a resource a school has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceFigure {
    /// Which.
    pub resource: SchoolResource,
    /// What all its stages share.
    pub shared: f64,
    /// What its primary stage has for itself.
    pub primary: f64,
    /// What its junior stage has for itself.
    pub junior: f64,
}

/// The figures of a school.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchoolFigures {
    /// The school's name.
    pub school: String,
    /// What it is called.
    pub display_name: String,
    /// Its town.
    pub town: String,
    /// Which stages it has.
    pub form: SchoolForm,
    /// Pupils of the primary stage.
    pub primary_pupils: i32,
    /// Pupils of the junior stage.
    pub junior_pupils: i32,
    /// Pupils of the senior stage.
    pub senior_pupils: i32,
    /// Pupils of each primary class.
    pub primary_classes: Vec<i32>,
    /// Pupils of each junior class.
    pub junior_classes: Vec<i32>,
    /// Its resources.
    pub resources: Vec<ResourceFigure>,
}

/// A county's figures of a year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BalanceReport {
    /// What it is called.
    pub display_name: String,
    /// The year.
    pub year: i32,
    /// Where the figures come from.
    pub source: String,
    /// Every school of compulsory education.
    pub schools: Vec<SchoolFigures>,
    /// Where it stands.
    pub state: BalanceReportState,
    /// When it became final.
    pub final_date: Option<NaiveDate>,
}

impl SchoolForm {
    /// Whether it has primary, junior and senior pupils.
    pub fn stages(self) -> [bool; 3] {
        match self {
            Self::Primary => [true, false, false],
            Self::Junior => [false, true, false],
            Self::NineYear => [true, true, false],
            Self::TwelveYear => [true, true, true],
            Self::CompleteSecondary => [false, true, true],
        }
    }
}

impl SchoolResource {
    /// Whether it comes in whole numbers.
    pub fn is_counted(self) -> bool {
        match self {
            Self::TeachingArea | Self::SportsArea | Self::Equipment => false,
            Self::QualifiedTeachers
            | Self::BackboneTeachers
            | Self::SportArtTeachers
            | Self::MultimediaRooms
            | Self::Teachers
            | Self::SeniorTitleTeachers
            | Self::Computers
            | Self::Books => true,
        }
    }

    /// Per how many pupils standards count it: persons, rooms and computers per 100, the rest per pupil (办法: “每百名学生拥有…”
    /// and “生均…”).
    pub fn per(self) -> f64 {
        match self {
            Self::QualifiedTeachers
            | Self::BackboneTeachers
            | Self::SportArtTeachers
            | Self::MultimediaRooms
            | Self::Teachers
            | Self::SeniorTitleTeachers
            | Self::Computers => 100.0,
            Self::TeachingArea | Self::SportsArea | Self::Equipment | Self::Books => 1.0,
        }
    }

    /// As keys of figures spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::QualifiedTeachers => "qualified_teachers",
            Self::BackboneTeachers => "backbone_teachers",
            Self::SportArtTeachers => "sport_art_teachers",
            Self::TeachingArea => "teaching_area",
            Self::SportsArea => "sports_area",
            Self::Equipment => "equipment",
            Self::MultimediaRooms => "multimedia_rooms",
            Self::Teachers => "teachers",
            Self::SeniorTitleTeachers => "senior_title_teachers",
            Self::Computers => "computers",
            Self::Books => "books",
        }
    }
}

impl BalanceStage {
    /// As keys of figures spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Junior => "junior",
        }
    }
}

impl SchoolFigures {
    /// Pupils of a stage.
    pub fn pupils(&self, stage: BalanceStage) -> i32 {
        match stage {
            BalanceStage::Primary => self.primary_pupils,
            BalanceStage::Junior => self.junior_pupils,
        }
    }

    /// Pupils of each class of a stage.
    pub fn classes(&self, stage: BalanceStage) -> &[i32] {
        match stage {
            BalanceStage::Primary => &self.primary_classes,
            BalanceStage::Junior => &self.junior_classes,
        }
    }

    /// Its figure of a resource.
    pub fn figure(&self, resource: SchoolResource) -> Option<&ResourceFigure> {
        self.resources.iter().find(|one| one.resource == resource)
    }

    fn check(&self) -> Result<(), Violations> {
        let mut wrong = Violations::new();
        text(&mut wrong, "school", &self.school, 200);
        text(&mut wrong, "display_name", &self.display_name, 100);
        check_length(&mut wrong, "town", &self.town, 100);
        let [primary, junior, senior] = self.form.stages();
        for (field, there, pupils) in [
            ("primary_pupils", primary, self.primary_pupils),
            ("junior_pupils", junior, self.junior_pupils),
            ("senior_pupils", senior, self.senior_pupils),
        ] {
            wrong.check(
                (0..=if there { MAX_PUPILS } else { 0 }).contains(&pupils),
                field,
                format!("{}须为 0 至 {MAX_PUPILS}，没有该学段的须为 0", self.form),
                format!("must be 0 to {MAX_PUPILS}, and 0 where the school has no such stage"),
            );
        }
        for (field, classes, pupils) in [
            (
                "primary_classes",
                &self.primary_classes,
                self.primary_pupils,
            ),
            ("junior_classes", &self.junior_classes, self.junior_pupils),
        ] {
            let right = classes.len() <= MAX_CLASSES
                && classes.iter().all(|class| (1..=1_000).contains(class))
                && (classes.is_empty() || classes.iter().sum::<i32>() == pupils);
            wrong.check(
                right,
                field,
                format!("各班学生数合计须等于该学段学生数 {pupils}（最多 {MAX_CLASSES} 个班），不清楚时不填"),
                format!("must add up to the stage's {pupils} pupils, in at most {MAX_CLASSES} classes, or be left out"),
            );
        }
        let mut seen = BTreeSet::new();
        for (at, one) in self.resources.iter().enumerate() {
            let path = |field: &str| format!("resources[{at}].{field}");
            wrong.check(
                seen.insert(one.resource),
                path("resource"),
                format!("“{}”重复", one.resource),
                "must not be given twice",
            );
            for (field, there, amount) in [
                ("shared", true, one.shared),
                ("primary", primary, one.primary),
                ("junior", junior, one.junior),
            ] {
                wrong.check(
                    (0.0..=if there { MOST } else { 0.0 }).contains(&amount),
                    path(field),
                    format!("“{}”不能为负，没有该学段的须为 0", one.resource),
                    "must not be negative, and 0 where the school has no such stage",
                );
                wrong.check(
                    !one.resource.is_counted() || !amount.is_finite() || amount.fract() == 0.0,
                    path(field),
                    format!("“{}”须为整数", one.resource),
                    "must be a whole number",
                );
            }
        }
        wrong.into_result()
    }
}

impl BalanceReport {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "balance_report_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        text(&mut wrong, "source", &self.source, 200);
        wrong.check(
            (2000..2100).contains(&self.year),
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        );
        wrong.check(
            self.schools.len() <= MAX_SCHOOLS,
            "schools",
            "最多 2000 所学校",
            "must be at most 2,000 schools",
        );
        wrong.take("", check_schools(&self.schools));
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only steps may change, taken from the report as it is.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            state: before.state,
            final_date: before.final_date,
            ..self
        }
    }

    /// Refuses a change once it is final.
    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.state == BalanceReportState::Draft {
            return Ok(());
        }
        Err(Refusal::state(
            "balance_report.state",
            "第四条",
            "数据已定稿，不再修改：请另建报告",
            "its figures are final: make another report",
        ))
    }

    /// Makes it final.
    pub fn finalize(mut self, today: NaiveDate) -> Result<Self, Refusal> {
        self.may_change()?;
        if self.schools.is_empty() {
            return Err(Refusal::rule(
                "balance_report.schools",
                "第四条",
                "没有学校数据：请先录入义务教育学校",
                "it has no schools: enter the schools of compulsory education first",
            ));
        }
        self.state = BalanceReportState::Final;
        self.final_date = Some(today);
        Ok(self)
    }
}

/// Tells everything that is wrong with figures of schools, each at its path.
fn check_schools(schools: &[SchoolFigures]) -> Result<(), Violations> {
    let mut wrong = Violations::new();
    let mut seen = BTreeSet::new();
    for (at, school) in schools.iter().enumerate() {
        wrong.check(
            seen.insert(&school.school),
            format!("schools[{at}].school"),
            "学校重复",
            "must not be given twice",
        );
        wrong.take(&format!("schools[{at}]"), school.check());
    }
    wrong.into_result()
}

impl Default for BalanceReportState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::fixture::day;

    /// A school with so many pupils of each stage, and no resources.
    pub fn school(code: &str, form: SchoolForm, pupils: [i32; 3]) -> SchoolFigures {
        SchoolFigures {
            school: format!("counties/140525/schools/{code}"),
            display_name: code.to_owned(),
            town: String::new(),
            form,
            primary_pupils: pupils[0],
            junior_pupils: pupils[1],
            senior_pupils: pupils[2],
            primary_classes: vec![],
            junior_classes: vec![],
            resources: vec![],
        }
    }

    pub fn shared(resource: SchoolResource, amount: f64) -> ResourceFigure {
        ResourceFigure {
            resource,
            shared: amount,
            primary: 0.0,
            junior: 0.0,
        }
    }

    pub fn report(schools: Vec<SchoolFigures>) -> BalanceReport {
        BalanceReport {
            display_name: "2026年优质均衡自评".to_owned(),
            year: 2026,
            source: "教育事业统计".to_owned(),
            schools,
            state: BalanceReportState::Draft,
            final_date: None,
        }
    }

    fn fields(school: SchoolFigures) -> Vec<String> {
        match report(vec![school]).check("r") {
            Ok(_) => vec![],
            Err(wrong) => wrong.into_iter().map(|one| one.field).collect(),
        }
    }

    #[test]
    fn every_wrong_figure_is_told_at_once_with_its_path() {
        let mut wrong = school("a", SchoolForm::Primary, [100, 5, 0]);
        wrong.primary_classes = vec![50, 49];
        wrong.resources = vec![
            shared(SchoolResource::Books, 10.5),
            shared(SchoolResource::Books, -1.0),
            ResourceFigure {
                junior: 3.0,
                ..shared(SchoolResource::TeachingArea, f64::NAN)
            },
        ];
        assert_eq!(
            fields(wrong),
            [
                "schools[0].junior_pupils",
                "schools[0].primary_classes",
                "schools[0].resources[0].shared",
                "schools[0].resources[1].resource",
                "schools[0].resources[1].shared",
                "schools[0].resources[2].shared",
                "schools[0].resources[2].junior",
            ]
        );
        let mut right = school("a", SchoolForm::NineYear, [100, 50, 0]);
        right.primary_classes = vec![50, 50];
        right.resources = vec![shared(SchoolResource::TeachingArea, 500.5)];
        assert_eq!(fields(right), [""; 0]);
    }

    #[test]
    fn a_school_stands_in_a_report_once() {
        let twice = vec![school("a", SchoolForm::Primary, [1, 0, 0]); 2];
        let wrong = report(twice).check("r").unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["schools[1].school"]);
    }

    #[test]
    fn article_04_final_figures_never_change() {
        let draft = report(vec![school("a", SchoolForm::Primary, [1, 0, 0])]);
        assert!(draft.may_change().is_ok());
        assert_eq!(
            report(vec![])
                .finalize(day("2026-10-01"))
                .unwrap_err()
                .keys(),
            ["balance_report.schools"]
        );
        let done = draft.finalize(day("2026-10-01")).unwrap();
        assert_eq!(
            done.may_change().unwrap_err().keys(),
            ["balance_report.state"]
        );
        assert_eq!(
            done.finalize(day("2026-10-02")).unwrap_err().keys(),
            ["balance_report.state"]
        );
    }
}
