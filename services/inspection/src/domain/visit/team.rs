//! Who may be on a team, and who not (`rules.md` § 2, 条例 arts. 7–10).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, text};

use super::{Substitution, TeamMember, UnitPart, Visit, VisitState};
use crate::domain::words::InspectionKind;

const ORDINANCE: &str = "《教育督导条例》";
/// States in which the team may still change.
const OPEN: &[VisitState] = &[
    VisitState::Planned,
    VisitState::Notified,
    VisitState::SelfEvaluated,
    VisitState::Reviewed,
    VisitState::OnSite,
];

/// Why a person and an object must not meet (回避).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// On what it rests.
    pub article: String,
}

/// A supervisor as the registry knows the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// The supervisor's name.
    pub supervisor: String,
    /// What the person is called.
    pub display_name: String,
    /// The stages that the person may supervise, in Chinese.
    pub stages: Vec<String>,
    /// Whether the person is in office.
    pub in_office: bool,
    /// Last day of the term; none without an end.
    pub term_end: Option<NaiveDate>,
    /// Why the person must not meet the object.
    pub bars: Vec<Bar>,
}

/// The object as the registry knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The stage, in Chinese; "" for a town or a department.
    pub stage: String,
    /// The responsible supervisor's name; "" without one.
    pub responsible: String,
    /// Degrees east and north, if known.
    pub position: Option<(f64, f64)>,
}

/// What a change of a team is judged with.
#[derive(Clone, Copy, Debug)]
pub struct With<'a> {
    /// The day.
    pub today: NaiveDate,
    /// The people of the team and who is to join it.
    pub people: &'a [Candidate],
    /// The object.
    pub place: &'a Place,
    /// The rules.
    pub law: &'a Law,
}

/// What is wrong with a team whoever its members are.
pub(super) fn check_shape(team: &[TeamMember]) -> Violations {
    let mut wrong = Violations::new();
    let mut seen = BTreeSet::new();
    for (at, member) in team.iter().enumerate() {
        let path = format!("team[{at}].supervisor");
        text(&mut wrong, &path, &member.supervisor, 200);
        wrong.check(
            seen.insert(&member.supervisor),
            path,
            "成员重复",
            "must not be given twice",
        );
    }
    let leaders = team.iter().filter(|member| member.leader).count();
    wrong.check(
        team.is_empty() || leaders == 1,
        "team",
        "督导小组须有且只有一名组长",
        "must have exactly one leader",
    );
    wrong
}

impl Visit {
    /// Puts together the team and the member units. Says of each person who may not, and why.
    pub fn assign(
        mut self,
        team: Vec<TeamMember>,
        units: Vec<UnitPart>,
        people: &[Candidate],
        place: &Place,
        law: &Law,
    ) -> Result<Self, Refusal> {
        self.in_state(OPEN, ORDINANCE)?;
        check_shape(&team).into_result()?;
        self.team = team;
        self.units = units
            .into_iter()
            .map(|unit| UnitPart {
                persons: Vec::new(),
                attended: false,
                ..unit
            })
            .collect();
        self.check_team(people, place, law)?;
        for member in &mut self.team {
            if let Some(person) = people
                .iter()
                .find(|one| one.supervisor == member.supervisor)
            {
                member.display_name.clone_from(&person.display_name);
            }
        }
        Ok(self)
    }

    /// Puts someone in the place of a member who is on leave; a leader's place is taken by the one who joins, or else by
    /// the next member.
    pub fn substitute(
        mut self,
        leaving: &str,
        joining: Option<TeamMember>,
        reason: &str,
        with: &With<'_>,
    ) -> Result<Self, Refusal> {
        let With {
            today,
            people,
            place,
            law,
        } = *with;
        self.in_state(OPEN, ORDINANCE)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        let at = self.team.iter().position(|one| one.supervisor == leaving);
        wrong.check(
            at.is_some(),
            "leaving",
            "不是本次督导小组成员",
            "must be a member of the team",
        );
        wrong.into_result()?;
        let gone = at.map(|at| self.team.remove(at));
        let led = gone.is_some_and(|gone| gone.leader);
        self.substitutions.push(Substitution {
            date: today,
            leaving: leaving.to_owned(),
            joining: joining
                .as_ref()
                .map_or_else(String::new, |one| one.supervisor.clone()),
            reason: reason.to_owned(),
        });
        if let Some(mut joining) = joining {
            joining.leader |= led;
            if joining.leader {
                for member in &mut self.team {
                    member.leader = false;
                }
            }
            let person = people
                .iter()
                .find(|one| one.supervisor == joining.supervisor);
            joining.display_name =
                person.map_or(joining.display_name, |person| person.display_name.clone());
            self.team
                .insert(if led { 0 } else { self.team.len() }, joining);
        } else if led && let Some(next) = self.team.first_mut() {
            next.leader = true;
        }
        check_shape(&self.team).into_result()?;
        self.check_team(people, place, law)?;
        Ok(self)
    }

    /// Refuses a team that is too small or has a member who may not take part: every reason of every member at once.
    pub fn check_team(
        &self,
        people: &[Candidate],
        place: &Place,
        law: &Law,
    ) -> Result<(), Refusal> {
        let mut against = Vec::new();
        let least = law.rules.count(self.kind.team_parameter())? as usize;
        if self.team.len() < least {
            against.push(Rule::new(
                self.kind.team_parameter(),
                law.rules.basis(self.kind.team_parameter()),
                format!(
                    "{}须由不少于 {least} 名督学组成督导小组，现为 {} 名",
                    self.kind,
                    self.team.len()
                ),
                format!("a team of this kind has at least {least} supervisors"),
            ));
        }
        for member in &self.team {
            let Some(person) = people
                .iter()
                .find(|one| one.supervisor == member.supervisor)
            else {
                against.push(Rule::new(
                    "team.unknown",
                    ORDINANCE,
                    format!("{} 不在督学名册中", member.supervisor),
                    format!("{} is no supervisor of the county", member.supervisor),
                ));
                continue;
            };
            against.extend(self.bars(person, place));
            if member.leader
                && self.kind.is_burden()
                && law.rules.switch("team.independent_leader")
                && person.supervisor == place.responsible
            {
                against.push(Rule::new(
                    "team.independent_leader",
                    law.rules.basis("team.independent_leader"),
                    format!(
                        "{} 是该校责任督学，不宜担任{}组长，请另选组长",
                        person.display_name, self.kind
                    ),
                    format!(
                        "{} is the school's responsible supervisor and must not lead",
                        person.display_name
                    ),
                ));
            }
        }
        Refusal::unless_none(against)
    }

    fn bars(&self, person: &Candidate, place: &Place) -> Vec<Rule> {
        let name = &person.display_name;
        let mut against = Vec::new();
        if !person.in_office {
            against.push(Rule::new(
                "team.in_office",
                "第十五条",
                format!("{name} 已不在任"),
                format!("{name} has left office"),
            ));
        }
        if person.term_end.is_some_and(|end| end < self.date) {
            against.push(Rule::new(
                "team.term",
                "第十五条",
                format!("{name} 的聘期在督导日 {} 前届满，请先续聘", self.date),
                format!("{name}'s term ends before {}", self.date),
            ));
        }
        let knows = place.stage.is_empty() || person.stages.contains(&place.stage);
        // A team needs one who knows the stage; the responsible supervisor's own visit is that one.
        if !knows && self.kind == InspectionKind::Routine {
            against.push(Rule::new(
                "team.stage",
                ORDINANCE,
                format!("{name} 不能督导{}学段", place.stage),
                format!("{name} may not supervise this stage"),
            ));
        }
        against.extend(person.bars.iter().map(|bar| {
            Rule::new(
                "team.avoidance",
                bar.article.clone(),
                format!("{name} 须回避：{}", bar.zh),
                format!("{name} must avoid it: {}", bar.en),
            )
        }));
        against
    }
}
