//! What can be done with a visit where it stands, by those who may.

use dudao_proto::auth::v1::Role;
use dudao_proto::inspection::v1 as inspection;
use inspection::{HearingGroup, InspectionKind, Severity, UrgencyGround, Visit, VisitState};

use crate::forms::{Form, Kind};
use crate::frame::Frame;

/// States in which a visit may be moved, and its team be chosen anew.
const MOVABLE: [VisitState; 4] = [
    VisitState::Planned,
    VisitState::Notified,
    VisitState::SelfEvaluated,
    VisitState::Reviewed,
];

/// Whom the office chooses from, by name and in words; nobody for others, nor once the team is there.
#[derive(Debug, Default)]
pub struct Choice {
    pub people: Vec<(String, String)>,
    pub units: Vec<(String, String)>,
}

/// Whether the team may still be chosen by who looks at it.
pub fn may_choose(visit: &Visit, t: &Frame) -> bool {
    let there = [VisitState::OnSite, VisitState::SiteDone];
    t.decides() && (MOVABLE.contains(&visit.state()) || there.contains(&visit.state()))
}

/// The forms of a visit; `own` is the supervisor who looks at it, "" for others.
pub fn forms(visit: &Visit, own: &str, choice: Choice, t: &Frame) -> Vec<Form> {
    let full = [InspectionKind::Comprehensive, InspectionKind::Special];
    let desk = Desk {
        is_team: t.decides() || t.has(&[Role::Supervisor]),
        is_full: full.contains(&visit.kind()),
        visit,
        own,
        t,
    };
    let mut forms = desk.of_the_unit();
    forms.extend(desk.before());
    forms.extend(desk.on_site());
    forms.extend(desk.after());
    forms.extend(desk.of_the_office(choice));
    forms
}

/// A visit, and who looks at it.
struct Desk<'a> {
    visit: &'a Visit,
    own: &'a str,
    t: &'a Frame,
    is_team: bool,
    /// Whether it ends in an opinion letter rather than in a record.
    is_full: bool,
}

impl Desk<'_> {
    fn stands(&self, states: &[VisitState]) -> bool {
        states.contains(&self.visit.state())
    }

    fn team(&self) -> Kind {
        let team = self.visit.team.iter();
        Kind::choice(team.map(|one| (one.supervisor.as_str(), one.display_name.as_str())))
    }

    /// A supervisor need not say who it is.
    fn signed(&self, form: Form, name: &'static str) -> Form {
        if self.own.is_empty() {
            form.field(name, self.t.by_whom, self.team())
        } else {
            form
        }
    }

    /// A supervisor writes down what is done on site though there is no signal; what comes after a step that has not reached us yet
    /// stands ready.
    fn kept(&self, form: Form, after: &'static str) -> Form {
        if self.own.is_empty() || !self.t.has(&[Role::Supervisor]) {
            form
        } else {
            form.kept(after)
        }
    }

    fn finding(&self, after: &'static str) -> Form {
        let t = self.t;
        let severities = [Severity::Minor, Severity::Serious, Severity::Grave];
        let form = step("finding", t.step_finding)
            .field("title", t.title_of_finding, Kind::Line)
            .field("detail", t.what_was_seen, Kind::Text)
            .field("basis", t.basis, Kind::Line)
            .field(
                "severity",
                t.severity_word,
                Kind::choice(severities.map(|s| (s.as_str_name(), t.severity(s)))),
            )
            .field("danger", t.danger, Kind::Tick)
            .field("requirement", t.requirement, Kind::Line);
        let form = self.kept(self.signed(form, "recorded_by"), after);
        if form.kept {
            form.field("photos", t.photos, Kind::Photos)
        } else {
            form
        }
    }

    fn hear(&self, after: &'static str) -> Form {
        let t = self.t;
        let groups = [
            (HearingGroup::Students, t.students),
            (HearingGroup::Parents, t.parents),
            (HearingGroup::Teachers, t.teachers),
            (HearingGroup::Public, t.public),
        ];
        let groups = groups.map(|(group, word)| (group.as_str_name(), word));
        let form = step("hear", t.step_hear)
            .field("group", t.group, Kind::choice(groups))
            .field("people", t.how_many, Kind::Line)
            .field("summary", t.what_they_said, Kind::Text);
        self.kept(self.signed(form, "by"), after)
    }

    fn record(&self, after: &'static str) -> Form {
        let t = self.t;
        let form = step("record", t.step_record)
            .field("matters", t.matters, Kind::Line)
            .field("text", t.what_was_seen, Kind::Text);
        self.kept(self.signed(form, "by"), after)
    }

    fn of_the_unit(&self) -> Vec<Form> {
        let t = self.t;
        if !t.has(&[Role::School, Role::Town, Role::UnitLiaison]) {
            return Vec::new();
        }
        let mut forms = Vec::new();
        if self.stands(&[VisitState::Notified]) {
            let form = step("self_evaluate", t.step_self_evaluate);
            forms.push(form.field("text", t.what_it_says, Kind::Text));
        }
        if self.stands(&[VisitState::Preliminary]) {
            forms.push(step("plead", t.step_plead).field("text", t.what_it_says, Kind::Text));
        }
        forms
    }

    /// Up to the first step at the place.
    fn before(&self) -> Vec<Form> {
        let t = self.t;
        let mut forms = Vec::new();
        if !self.is_team {
            return forms;
        }
        if self.stands(&[VisitState::SelfEvaluated]) {
            let form = step("review", t.step_review).field("review", t.what_it_says, Kind::Text);
            forms.push(self.signed(form, "reviewer"));
        }
        let to_begin: &[_] = if self.is_full {
            &[VisitState::Reviewed]
        } else {
            &[VisitState::Planned, VisitState::Notified]
        };
        if self.stands(to_begin) {
            let begin = self.kept(step("begin", t.step_begin), "");
            let ahead = begin.kept;
            forms.push(begin);
            if ahead {
                forms.push(self.finding("begin"));
                forms.push(self.hear("begin"));
                forms.push(self.kept(step("finish", t.step_finish), "begin"));
                if !self.is_full {
                    forms.push(self.record("finish"));
                }
            }
        }
        forms
    }

    /// At the place, and on the way home.
    fn on_site(&self) -> Vec<Form> {
        let t = self.t;
        let mut forms = Vec::new();
        if !self.is_team {
            return forms;
        }
        if self.stands(&[VisitState::OnSite, VisitState::SiteDone]) {
            forms.push(self.finding(""));
            forms.push(self.hear(""));
            let units = self.visit.units.iter();
            let units: Vec<_> = units
                .filter(|part| !part.attended)
                .map(|part| (part.unit.as_str(), part.display_name.as_str()))
                .collect();
            if !units.is_empty() {
                let form = step("participate", t.step_participate)
                    .field("unit", t.unit, Kind::choice(units))
                    .field("persons", t.persons_by_line, Kind::Text);
                forms.push(form);
            }
        }
        if self.stands(&[VisitState::OnSite]) {
            let finish = self.kept(step("finish", t.step_finish), "");
            let ahead = finish.kept && !self.is_full;
            forms.push(finish);
            if ahead {
                forms.push(self.record("finish"));
            }
        }
        if self.stands(&[VisitState::SiteDone]) {
            forms.push(if self.is_full {
                let form = step("preliminary", t.step_preliminary);
                form.field("summary", t.what_it_says, Kind::Text)
            } else {
                self.record("")
            });
        }
        forms
    }

    /// What the team does with what it has found.
    fn after(&self) -> Vec<Form> {
        let t = self.t;
        let mut forms = Vec::new();
        let to_agree = [
            VisitState::SiteDone,
            VisitState::Preliminary,
            VisitState::Pleaded,
            VisitState::Answered,
            VisitState::Recorded,
        ];
        let agreed = self.visit.agreements.iter().any(|name| name == self.own);
        if !self.own.is_empty() && !agreed && self.stands(&to_agree) {
            forms.push(step("agree", t.step_agree));
        }
        let been_there = self.visit.site.is_some() && !self.stands(&[VisitState::Cancelled]);
        if self.is_team && been_there {
            let grounds = [UrgencyGround::IllegalAct, UrgencyGround::DangerToLife];
            let grounds = grounds.map(|ground| (ground.as_str_name(), t.urgency(ground)));
            let form = step("urge", t.step_urge_visit)
                .field("ground", t.reason, Kind::choice(grounds))
                .field("text", t.requirement, Kind::Text);
            forms.push(self.signed(form, "by"));
        }
        forms
    }

    fn of_the_office(&self, choice: Choice) -> Vec<Form> {
        let t = self.t;
        let mut forms = Vec::new();
        if !t.decides() {
            return forms;
        }
        if self.stands(&[VisitState::Planned]) {
            forms.push(
                step("notify", t.step_notify)
                    .field("number", t.document, Kind::Line)
                    .field("text", t.what_to_prepare, Kind::Text)
                    .field(
                        "self_evaluation_due_date",
                        t.self_evaluation_due,
                        Kind::Date,
                    ),
            );
        }
        if self.stands(&[VisitState::Pleaded]) {
            forms.push(
                step("answer", t.step_answer)
                    .field("text", t.what_it_says, Kind::Text)
                    .field("accepted", t.plea_accepted, Kind::Tick)
                    .field("answered_by", t.by_whom, Kind::Line),
            );
        }
        let to_write = [
            VisitState::Preliminary,
            VisitState::Answered,
            VisitState::Recorded,
        ];
        if self.stands(&to_write) {
            forms.push(
                step("letter", t.step_letter)
                    .field("number", t.document, Kind::Line)
                    .field("summary", t.what_it_says, Kind::Text),
            );
        }
        let short = !self.is_full && self.stands(&[VisitState::Recorded]);
        if short || self.stands(&[VisitState::LetterIssued]) {
            forms.push(
                step("report", t.step_report_visit)
                    .field("number", t.document, Kind::Line)
                    .field("title", t.title, Kind::Line)
                    .field("text", t.what_it_says, Kind::Text),
            );
        }
        let reported = [
            VisitState::Reported,
            VisitState::Filed,
            VisitState::Published,
        ];
        if self.stands(&reported) {
            forms.push(
                step("file", t.step_file)
                    .field("to", t.filed_with, Kind::Line)
                    .field("receipt", t.receipt, Kind::Line),
            );
        }
        if short || self.stands(&[VisitState::Filed]) {
            forms.push(
                step("publish", t.step_publish_visit)
                    .field("place", t.where_published, Kind::Line)
                    .field("text", t.what_is_published, Kind::Text),
            );
        }
        if self.stands(&MOVABLE) {
            let mut team = step("team", t.step_team)
                .field("leader", t.leader, Kind::choice(choice.people.clone()))
                .field("members", t.members, Kind::several(choice.people));
            if self.is_full {
                team = team.field("units", t.units, Kind::several(choice.units));
            }
            forms.push(team);
            forms.push(
                step("reschedule", t.step_reschedule)
                    .field("date", t.date, Kind::Date)
                    .field("reason", t.reason, Kind::Line),
            );
            forms.push(step("cancel", t.step_cancel_visit).field("reason", t.reason, Kind::Line));
        } else if may_choose(self.visit, t) {
            let nobody = [(String::new(), t.nobody.to_owned())];
            let joining = nobody.into_iter().chain(choice.people);
            forms.push(
                step("substitute", t.step_substitute)
                    .field("leaving", t.leaving, self.team())
                    .field("joining", t.joining, Kind::choice(joining))
                    .field("reason", t.reason, Kind::Line),
            );
        }
        forms
    }
}

fn step(verb: &'static str, word: &'static str) -> Form {
    Form::new(verb, word, "")
}
