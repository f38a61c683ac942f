//! The compliance clock (`rules.md` § 1): each yearly duty of the founding document done, due or overdue, with its article and
//! evidence. It is derived from what the services have recorded, and never stored.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Span, Unit};

dudao_law::words!(
    /// How a duty stands.
    DutyState {
        /// It is done.
        Done = "已完成",
        /// It is not done, and there is time.
        Due = "待完成",
        /// It is not done, and the day has passed.
        Overdue = "已逾期",
    }
);

/// Something with a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The resource's name.
    pub resource: String,
    /// The day.
    pub date: NaiveDate,
}

/// What a county's services have recorded of a year: names of resources, sorted by their days where they have one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct YearFacts {
    /// Posts of the committee that nobody holds.
    pub vacant_posts: Vec<String>,
    /// Whether the committee has working rules.
    pub working_rules: bool,
    /// Member units.
    pub units: Vec<String>,
    /// Those without a liaison person.
    pub units_without_liaison: Vec<String>,
    /// Plenary meetings that count.
    pub plenaries: Vec<Dated>,
    /// Meetings at which the leading group heard the committee.
    pub hearings: Vec<Dated>,
    /// Reports of progress to the leading group.
    pub progress_reports: Vec<Dated>,
    /// Open schools other than kindergartens.
    pub schools: Vec<String>,
    /// Open kindergartens.
    pub kindergartens: Vec<String>,
    /// Months in which schools teach.
    pub teaching_months: u32,
    /// Supervisors that the schools ask for.
    pub supervisors_required: u32,
    /// Supervisors who are missing.
    pub supervisors_missing: u32,
    /// Open schools that nobody is responsible for.
    pub uncovered: Vec<String>,
    /// Plaques that do not hang as they should.
    pub plaques_due: Vec<String>,
    /// Supervisors in office.
    pub supervisors: Vec<String>,
    /// Those who lack hours of concentrated training.
    pub untrained: Vec<String>,
    /// Those without a decided assessment of the year.
    pub unassessed: Vec<String>,
    /// Comprehensive inspections that were made.
    pub comprehensive: Vec<Dated>,
    /// Inspections of towns, villages and departments that were made.
    pub government: Vec<Dated>,
    /// Member units that joined a comprehensive inspection.
    pub joined_units: Vec<String>,
    /// Routine visits made, by school.
    pub routine: BTreeMap<String, u32>,
    /// Schools and kindergartens that a random inspection has met.
    pub random: Vec<String>,
    /// Inspections that ended and are not reported, each with the last day for it, if there is one.
    pub unreported: Vec<(String, Option<NaiveDate>)>,
    /// Inspections that are reported and not published.
    pub unpublished: Vec<String>,
    /// Inspections that are published.
    pub published: Vec<Dated>,
    /// Evaluations that are concluded, and reports of balance.
    pub monitoring: Vec<Dated>,
    /// Lines of the year's budget.
    pub budget_lines: Vec<String>,
    /// Claims that nobody has decided.
    pub open_claims: Vec<String>,
    /// Cases opened in the year, and those from before that are still open.
    pub cases: Vec<String>,
    /// Cases with findings that lack their decision.
    pub undecided: Vec<String>,
    /// Cases for which the clock proposes a step, by the step's article.
    pub proposed: Vec<(&'static str, String)>,
    /// Cases with findings closed out and not looked back at.
    pub not_looked_back: Vec<String>,
    /// Cases with an interview whose record is not filed with anyone.
    pub unfiled_interviews: Vec<String>,
    /// The commendation, once decided.
    pub commendation: Option<Dated>,
}

/// A duty of the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// What machines know it by, such as `plenary`.
    pub key: &'static str,
    /// The article of the founding document.
    pub article: &'static str,
    /// What is to be done, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// How it stands.
    pub state: DutyState,
    /// The last day for it.
    pub due_date: NaiveDate,
    /// When it was done, where that has a day.
    pub done_date: Option<NaiveDate>,
    /// How much is done.
    pub done: usize,
    /// How much is asked for.
    pub required: usize,
    /// What proves it.
    pub evidence: Vec<String>,
    /// What is missing.
    pub missing: Vec<String>,
}

/// The duties of a year as of a day.
struct Clock {
    first: NaiveDate,
    last: NaiveDate,
    today: NaiveDate,
    duties: Vec<Duty>,
}

/// A duty's key, article and words.
type Words = (&'static str, &'static str, &'static str, &'static str);

impl Clock {
    fn add(
        &mut self,
        (key, article, zh, en): Words,
        due_date: NaiveDate,
        done: usize,
        required: usize,
    ) -> &mut Duty {
        let state = if done >= required {
            DutyState::Done
        } else if self.today > due_date {
            DutyState::Overdue
        } else {
            DutyState::Due
        };
        self.duties.push(Duty {
            key,
            article,
            zh: zh.to_owned(),
            en: en.to_owned(),
            state,
            due_date,
            done_date: None,
            done,
            required,
            evidence: Vec::new(),
            missing: Vec::new(),
        });
        let at = self.duties.len() - 1;
        &mut self.duties[at]
    }

    /// So many things with a day.
    fn times(&mut self, words: Words, due_date: NaiveDate, required: usize, have: &[Dated]) {
        let duty = self.add(words, due_date, have.len(), required);
        duty.done_date = required
            .checked_sub(1)
            .and_then(|at| have.get(at))
            .map(|one| one.date);
        duty.evidence = have.iter().map(|one| one.resource.clone()).collect();
    }

    /// All of some things: those that are missing are told.
    fn all(&mut self, words: Words, due_date: NaiveDate, of: usize, missing: Vec<String>) {
        let duty = self.add(words, due_date, of.saturating_sub(missing.len()), of);
        // Without anything to do there is nothing done and nothing missing.
        if !missing.is_empty() && duty.done >= duty.required {
            duty.required = duty.done + missing.len();
        }
        duty.missing = missing;
    }

    /// Nothing may be left of something.
    fn none(&mut self, words: Words, due_date: NaiveDate, of: usize, left: Vec<String>) {
        self.all(words, due_date, of.max(left.len()), left);
    }
}

/// The duties of a county's year, in the order of the articles.
pub fn duties(
    year: i32,
    facts: &YearFacts,
    law: &Law,
    today: NaiveDate,
) -> Result<Vec<Duty>, Refusal> {
    let day = |month: u32, day: u32| NaiveDate::from_ymd_opt(year, month, day);
    let (Some(first), Some(last), Some(teachers_day)) = (day(1, 1), day(12, 31), day(9, 10)) else {
        return Err(Refusal::field(
            "year",
            "年度须为 2000 至 2099",
            "must be 2000 to 2099",
        ));
    };
    let mut clock = Clock {
        first,
        last,
        today,
        duties: Vec::new(),
    };
    committee(&mut clock, facts);
    inspections(&mut clock, facts, law)?;
    consequences(&mut clock, facts, teachers_day);
    people(&mut clock, facts, law);
    means(&mut clock, facts);
    clock
        .duties
        .sort_by_key(|duty| article_number(duty.article));
    Ok(clock.duties)
}

fn committee(clock: &mut Clock, facts: &YearFacts) {
    let (first, last) = (clock.first, clock.last);
    let posts = (
        "committee.posts",
        "第一条",
        "委员会主任、副主任、办公室主任、总督学、副总督学均已明确",
        "every post of the committee is held",
    );
    clock.all(posts, first, 5, facts.vacant_posts.clone());
    let rules = (
        "committee.rules",
        "第二条",
        "委员会工作规则已制定",
        "the committee has working rules",
    );
    clock.add(rules, last, usize::from(facts.working_rules), 1);
    let liaison = (
        "committee.liaison",
        "第二条",
        "各成员单位均有专人联系教育督导工作",
        "every member unit has a liaison person",
    );
    clock.all(
        liaison,
        last,
        facts.units.len(),
        facts.units_without_liaison.clone(),
    );
    let plenary = (
        "committee.plenary",
        "第二条",
        "每年至少召开一次全体会议",
        "a plenary meeting a year",
    );
    clock.times(plenary, last, 1, &facts.plenaries);
    let absent = facts
        .units
        .iter()
        .filter(|unit| !facts.joined_units.contains(unit))
        .cloned()
        .collect();
    let joins = (
        "committee.participation",
        "第二条",
        "每个成员单位每年至少参加一次综合督导",
        "every member unit joins a comprehensive inspection a year",
    );
    clock.all(joins, last, facts.units.len(), absent);
    let heard = (
        "committee.hearing",
        "第十八条",
        "县委教育工作领导小组每年至少听取一次工作汇报",
        "the leading group hears the committee once a year",
    );
    clock.times(heard, last, 1, &facts.hearings);
    let progress = (
        "committee.progress",
        "第十八条",
        "向县委教育工作领导小组汇报工作进展",
        "progress is reported to the leading group",
    );
    clock.times(progress, last, 1, &facts.progress_reports);
}

fn inspections(clock: &mut Clock, facts: &YearFacts, law: &Law) -> Result<(), Refusal> {
    let (first, last) = (clock.first, clock.last);
    let comprehensive = (
        "inspection.comprehensive",
        "第三条",
        "每年至少组织一次综合督导",
        "a comprehensive inspection a year",
    );
    clock.times(comprehensive, last, 1, &facts.comprehensive);
    let government = (
        "inspection.government",
        "第四条",
        "对乡镇、村和职能部门开展督政",
        "towns, villages or departments are inspected",
    );
    clock.times(government, last, 1, &facts.government);
    let total = facts.schools.len() + facts.kindergartens.len();
    let covered = (
        "zones.coverage",
        "第五条",
        "责任督学挂牌督导全覆盖",
        "every school and kindergarten has a responsible supervisor",
    );
    clock.all(covered, first, total, facts.uncovered.clone());
    let per_semester = law.rules.count("routine.per_semester")?;
    let per_month = law.rules.count("routine.per_month")?;
    let required = (2 * per_semester).max(per_month * facts.teaching_months);
    let rare = facts.schools.iter().chain(&facts.kindergartens);
    let rare =
        rare.filter(|school| facts.routine.get(*school).copied().unwrap_or_default() < required);
    let routine = (
        "inspection.routine",
        "第五条",
        "每所学校、幼儿园的经常性督导达到规定次数",
        "every school has the routine visits that the rules ask for",
    );
    clock.all(routine, last, total, rare.cloned().collect());
    let monitoring = (
        "monitoring",
        "第六条",
        "开展评估监测并形成结果",
        "monitoring has results",
    );
    clock.times(monitoring, last, 1, &facts.monitoring);
    let late = facts.unreported.iter().filter_map(|(_, due)| *due).min();
    let reported = (
        "reports.made",
        "第七条",
        "每项督导均形成督导报告",
        "every inspection ends in a report",
    );
    let ended = facts.unreported.len() + facts.unpublished.len() + facts.published.len();
    let unreported = facts
        .unreported
        .iter()
        .map(|(visit, _)| visit.clone())
        .collect();
    clock.all(reported, late.unwrap_or(last), ended, unreported);
    let published = (
        "reports.published",
        "第七条",
        "督导报告向社会公开",
        "reports are published",
    );
    clock.all(
        published,
        last,
        facts.unpublished.len() + facts.published.len(),
        facts.unpublished.clone(),
    );
    for (words, share, of) in [
        (
            (
                "inspection.random_schools",
                "第二十一条",
                "随机督导学校达到规定比例",
                "random inspections meet their share of schools",
            ),
            "random.share_schools",
            &facts.schools,
        ),
        (
            (
                "inspection.random_kindergartens",
                "第二十一条",
                "随机督导幼儿园达到规定比例",
                "random inspections meet their share of kindergartens",
            ),
            "random.share_kindergartens",
            &facts.kindergartens,
        ),
    ] {
        let required = (law.rules.number(share)? * of.len() as f64).ceil() as usize;
        let met: Vec<_> = of
            .iter()
            .filter(|school| facts.random.contains(school))
            .cloned()
            .collect();
        let done = met.len();
        clock.add(words, last, done, required).evidence = met;
    }
    Ok(())
}

fn consequences(clock: &mut Clock, facts: &YearFacts, teachers_day: NaiveDate) {
    let last = clock.last;
    let cases = facts.cases.len();
    let decided = (
        "cases.decided",
        "第八条",
        "逐项反馈问题并下达整改决定",
        "every finding has its decision",
    );
    clock.none(decided, last, cases, facts.undecided.clone());
    for (article, key, zh, en) in [
        (
            "第九条",
            "cases.urged",
            "整改不到位、不及时的均已下发督办函",
            "what is late or insufficient was urged",
        ),
        (
            "第十二条",
            "cases.interviewed",
            "督办无效的均已约谈",
            "what was urged in vain led to an interview",
        ),
        (
            "第十三条",
            "cases.notified",
            "约谈无效的均已通报",
            "what was talked about in vain was notified",
        ),
        (
            "第十四条",
            "cases.accountable",
            "通报无效的均已启动问责",
            "what was notified in vain led to accountability",
        ),
    ] {
        let open = facts
            .proposed
            .iter()
            .filter(|(of, _)| *of == article)
            .map(|(_, case)| case.clone())
            .collect();
        clock.none((key, article, zh, en), last, cases, open);
    }
    let looked = (
        "cases.looked_back",
        "第十条",
        "已销号问题均已“回头看”",
        "what was closed out was looked back at",
    );
    clock.none(looked, last, cases, facts.not_looked_back.clone());
    let filed = (
        "cases.filed",
        "第十二条",
        "约谈书面记录均已报送备案",
        "records of interviews are filed",
    );
    clock.none(filed, last, cases, facts.unfiled_interviews.clone());
    let commended: Vec<_> = facts.commendation.iter().cloned().collect();
    let commendation = (
        "commendation",
        "第十一条",
        "教师节期间开展表彰",
        "commendation around Teachers' Day",
    );
    clock.times(commendation, teachers_day, 1, &commended);
}

fn people(clock: &mut Clock, facts: &YearFacts, law: &Law) {
    let (first, last) = (clock.first, clock.last);
    let required = facts.supervisors_required as usize;
    let staffed = required.saturating_sub(facts.supervisors_missing as usize);
    let staffing = (
        "supervisors.staffing",
        "第十五条",
        "督学按与学校数 1:5 的比例配备",
        "a supervisor for every five schools",
    );
    clock.add(staffing, first, staffed, required);
    let people = facts.supervisors.len();
    let training = (
        "supervisors.training",
        "第十六条",
        "督学每年集中培训不少于规定学时",
        "every supervisor has the hours of concentrated training",
    );
    clock.all(training, last, people, facts.untrained.clone());
    // The year must be over before it can be judged as a whole.
    let after = law
        .rules
        .optional_span("assessment.yearly")
        .unwrap_or(Span {
            n: 0,
            unit: Unit::Days,
        });
    let assessed = (
        "supervisors.assessment",
        "第十七条",
        "督学年度考核均已评定",
        "every supervisor's year is assessed",
    );
    clock.all(
        assessed,
        after.after(last, &law.calendar),
        people,
        facts.unassessed.clone(),
    );
    let plaques = (
        "supervisors.plaques",
        "第十七条",
        "督学联系方式均已挂牌公开",
        "plaques hang as they should",
    );
    let total = facts.schools.len() + facts.kindergartens.len()
        - facts
            .uncovered
            .len()
            .min(facts.schools.len() + facts.kindergartens.len());
    clock.all(plaques, last, total, facts.plaques_due.clone());
}

fn means(clock: &mut Clock, facts: &YearFacts) {
    let last = clock.last;
    let budget = (
        "budget",
        "第十九条",
        "督导工作经费纳入财政预算",
        "supervision has its lines in the budget",
    );
    let lines = &facts.budget_lines;
    let duty = clock.add(budget, last, lines.len().min(1), 1);
    duty.evidence.clone_from(lines);
    let claims = (
        "claims",
        "第十九条",
        "督学补助申领均已审核",
        "every claim of a supervisor was decided",
    );
    clock.none(
        claims,
        last,
        facts.open_claims.len(),
        facts.open_claims.clone(),
    );
}

/// 第十八条 → 18.
fn article_number(article: &str) -> usize {
    let digits = |word: char| {
        "一二三四五六七八九"
            .chars()
            .position(|one| one == word)
            .map(|at| at + 1)
    };
    let mut number = 0;
    for word in article.chars() {
        if word == '十' {
            number = number.max(1) * 10;
        } else if let Some(digit) = digits(word) {
            number += digit;
        }
    }
    number
}

#[cfg(test)]
mod tests;
