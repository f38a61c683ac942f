//! Who may be used in a plan (art. 十五, 十六), and who is to be told of.

use std::collections::HashSet;
use std::hash::BuildHasher;

use chrono::NaiveDate;
use dudao_optimizer::Words;

use super::county::Supervisor;
use super::plan::LeftOut;

/// What people are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The day on which the plan begins.
    pub begins: NaiveDate,
    /// Its last day: terms that end before are flagged for renewal.
    pub ends: NaiveDate,
    /// Hours of concentrated training that are needed (art. 十六).
    pub training_hours: f64,
    /// Whether the planner wants those without qualification too.
    pub include_unqualified: bool,
}

/// Who is used, who is not, and what to know of them.
#[derive(Debug)]
pub struct People<'a> {
    /// Those who are used.
    pub used: Vec<&'a Supervisor>,
    /// Those who are not.
    pub left_out: Vec<LeftOut>,
    /// What the planner should know of those who are used.
    pub remarks: Vec<Words>,
}

/// Splits the supervisors into those who are used and those who are left out.
pub fn judge<'a>(supervisors: &'a [Supervisor], measure: &Measure) -> People<'a> {
    let mut people = People {
        used: Vec::new(),
        left_out: Vec::new(),
        remarks: Vec::new(),
    };
    for supervisor in supervisors {
        match fault(supervisor, measure) {
            Some(reason) if !measure.include_unqualified => people.left_out.push(LeftOut {
                supervisor: supervisor.id.clone(),
                name: supervisor.name.clone(),
                reason,
            }),
            fault => {
                people.used.push(supervisor);
                if let Some(fault) = fault {
                    people.remarks.push(Words::new(
                        format!("{}：{}，按要求仍纳入", called(supervisor), fault.zh),
                        format!("{}: {}, included as asked", called(supervisor), fault.en),
                    ));
                }
                people.remarks.extend(remarks(supervisor, measure));
            }
        }
    }
    people
}

/// What disqualifies a supervisor on the plan's first day.
fn fault(supervisor: &Supervisor, measure: &Measure) -> Option<Words> {
    if let Some(end) = supervisor.term_end.filter(|&end| end < measure.begins) {
        return Some(Words::new(
            format!("聘期已于 {end} 届满（泽办字〔2021〕9号第十五条）"),
            format!("the term ended on {end} (art. 十五)"),
        ));
    }
    let needed = measure.training_hours;
    let hours = supervisor.training_hours.filter(|&hours| hours < needed)?;
    Some(Words::new(
        format!("上年集中培训 {hours} 学时，不足 {needed} 学时（泽办字〔2021〕9号第十六条）"),
        format!(
            "{hours} hours of concentrated training last year, {needed} are needed (art. 十六)"
        ),
    ))
}

fn remarks(supervisor: &Supervisor, measure: &Measure) -> Vec<Words> {
    let who = called(supervisor);
    let mut remarks = Vec::new();
    if supervisor.training_hours.is_none() {
        remarks.push(Words::new(
            format!("{who}：未填写上年集中培训学时，请核实（第十六条）"),
            format!(
                "{who}: last year's hours of training are not stated, please verify (art. 十六)"
            ),
        ));
    }
    let within = measure.begins..=measure.ends;
    if let Some(end) = supervisor.term_end.filter(|end| within.contains(end)) {
        remarks.push(Words::new(
            format!("{who}：聘期于 {end} 届满，请办理续聘（第十五条）"),
            format!("{who}: the term ends on {end} and is to be renewed (art. 十五)"),
        ));
    }
    if let Some(start) = supervisor
        .term_start
        .filter(|&start| start > measure.begins)
    {
        remarks.push(Words::new(
            format!("{who}：聘期自 {start} 起"),
            format!("{who}: the term begins on {start} only"),
        ));
    }
    remarks
}

fn called(supervisor: &Supervisor) -> String {
    format!("{}（{}）", supervisor.name, supervisor.id)
}

/// The schools of a plan that a supervisor must avoid (回避).
pub fn avoids(supervisor: &Supervisor, schools: &HashSet<&str, impl BuildHasher>) -> Vec<String> {
    let mut avoid: Vec<String> = supervisor
        .avoid
        .iter()
        .map(String::as_str)
        .filter(|code| schools.contains(code))
        .map(str::to_owned)
        .collect();
    avoid.sort_unstable();
    avoid.dedup();
    avoid
}

/// Full years from one day to another; 0 if there is none between.
pub fn full_years(since: NaiveDate, until: NaiveDate) -> u32 {
    until.years_since(since).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::tests::day;
    use super::super::zoning_plan::tests::supervisor;
    use super::*;

    fn measure(include_unqualified: bool) -> Measure {
        Measure {
            begins: day("2027-01-01"),
            ends: day("2027-12-31"),
            training_hours: 40.0,
            include_unqualified,
        }
    }

    fn those() -> Vec<Supervisor> {
        let with = |n, end: Option<&str>, hours| Supervisor {
            term_end: end.map(day),
            training_hours: hours,
            ..supervisor(n)
        };
        vec![
            with(1, Some("2026-12-31"), Some(60.0)),
            with(2, None, Some(39.5)),
            with(3, None, None),
            with(4, Some("2027-06-30"), Some(40.0)),
            with(5, Some("2027-01-01"), Some(40.0)),
        ]
    }

    #[test]
    fn whose_term_has_ended_or_who_lacks_training_is_left_out_with_the_reason() {
        let all = those();
        let people = judge(&all, &measure(false));
        let used: Vec<_> = people.used.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(used, ["K3", "K4", "K5"]);
        assert!(people.left_out[0].reason.zh.contains("2026-12-31"));
        assert!(people.left_out[1].reason.zh.contains("39.5"));
        assert_eq!(people.left_out.len(), 2);
    }

    #[test]
    fn a_term_that_ends_within_the_year_is_flagged_for_renewal() {
        let all = those();
        let people = judge(&all, &measure(false));
        let renewals = people
            .remarks
            .iter()
            .filter(|w| w.zh.contains("续聘"))
            .count();
        assert_eq!(renewals, 2);
        assert!(people.remarks.iter().any(|w| w.en.contains("not stated")));
    }

    #[test]
    fn the_planner_may_include_the_unqualified_and_is_told() {
        let all = those();
        let people = judge(&all, &measure(true));
        assert_eq!((people.used.len(), people.left_out.len()), (5, 0));
        let told = people
            .remarks
            .iter()
            .filter(|w| w.en.contains("included as asked"));
        assert_eq!(told.count(), 2);
    }

    #[test]
    fn a_unit_to_avoid_that_is_no_school_of_the_plan_is_left_out() {
        let person = Supervisor {
            avoid: vec![
                "S2".to_owned(),
                "S1".to_owned(),
                "县财政局".to_owned(),
                "S2".to_owned(),
            ],
            ..supervisor(1)
        };
        let schools = HashSet::from(["S1", "S2", "S3"]);
        assert_eq!(avoids(&person, &schools), ["S1", "S2"]);
    }

    #[test]
    fn a_year_is_full_on_its_anniversary() {
        assert_eq!(full_years(day("2024-09-01"), day("2027-08-31")), 2);
        assert_eq!(full_years(day("2024-09-01"), day("2027-09-01")), 3);
        assert_eq!(full_years(day("2027-09-01"), day("2026-09-01")), 0);
    }
}
