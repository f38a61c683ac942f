//! Why there is no plan: rules that cannot hold together, by counting, with numbers and ways out.

use std::collections::BTreeMap;

use super::data::Kind;
use super::problem::{Job, Problem, Series, TINY};
use crate::{Conflict, Words};

/// Every conflict that counting can prove; none does not mean that there is a plan.
pub fn find(problem: &Problem) -> Vec<Conflict> {
    let mut found: Vec<Conflict> = Vec::new();
    found.extend(problem.series.iter().filter_map(|s| rhythm(problem, s)));
    found.extend(problem.jobs.iter().filter_map(|j| team(problem, j)));
    found.extend(burden(problem));
    found.extend(units(problem));
    if found.is_empty() {
        found.extend((0..problem.present.len()).filter_map(|k| work(problem, k)));
        found.extend(everyone(problem));
    }
    found
}

fn conflict(
    rules: &[&str],
    schools: Vec<String>,
    supervisors: Vec<String>,
    words: Words,
    ways_out: Vec<Words>,
) -> Conflict {
    Conflict {
        rules: rules.iter().map(|&r| r.to_owned()).collect(),
        schools,
        supervisors,
        words,
        ways_out,
    }
}

fn target(problem: &Problem, n: usize) -> (String, String) {
    let data = problem.data();
    match n.checked_sub(data.schools.len()) {
        Some(town) => (data.towns[town].id.clone(), data.towns[town].name.clone()),
        None => (data.schools[n].id.clone(), data.schools[n].name.clone()),
    }
}

/// A school whose routine visits don't fit their window: the most that fit, one in each open week as early as the
/// least gap allows, against those due; or gaps that no open week can bridge.
fn rhythm(problem: &Problem, series: &Series) -> Option<Conflict> {
    let data = problem.data();
    let (item, school) = (&data.items[series.item], &data.schools[series.school]);
    let own = &data.supervisors[problem.own[series.school]];
    let mut weeks: Vec<usize> = series
        .window
        .clone()
        .filter(|&d| problem.open[series.school][d])
        .filter(|&d| {
            let visitors = problem.visitors(series.school, d);
            visitors.iter().any(|&k| problem.present[k][d])
        })
        .map(|d| problem.week[d])
        .collect();
    weeks.dedup();
    let due = series.numbers.len();
    // reach[w]: the n-th visit can be in week w.
    let mut reach: Vec<usize> = weeks
        .iter()
        .copied()
        .filter(|&w| {
            series.last.is_none_or(|last| {
                w.checked_sub(last)
                    .is_some_and(|gap| (series.min_gap..=series.max_gap).contains(&gap))
            })
        })
        .collect();
    let mut fit = usize::from(!reach.is_empty());
    while fit > 0 && fit < due {
        let next = weeks
            .iter()
            .copied()
            .filter(|&w| {
                reach.iter().any(|&v| {
                    w.checked_sub(v)
                        .is_some_and(|gap| (series.min_gap..=series.max_gap).contains(&gap))
                })
            })
            .collect::<Vec<_>>();
        if next.is_empty() {
            break;
        }
        reach = next;
        fit += 1;
    }
    if fit >= due {
        return None;
    }
    let (name, what, n) = (&school.name, &item.name, weeks.len());
    let (min, max) = (series.min_gap, series.max_gap);
    Some(conflict(
        &["due", "spacing"],
        vec![school.id.clone()],
        vec![own.id.clone()],
        Words::new(
            format!(
                "{name}还应有 {due} 次“{what}”，可督导的只有 {n} 周，间隔 {min}–{max} 周时至多排 {fit} 次"
            ),
            format!(
                "{name} is due {due} more visits of {what}; in {n} weeks with someone to visit, {min} to {max} weeks apart, at most {fit} fit"
            ),
        ),
        vec![
            Words::new(
                format!("把次数减为 {fit} 次"),
                format!("make it {fit} visits"),
            ),
            Words::new("放宽间隔", "allow other gaps"),
            Words::new(
                "延长期限，或由本责任区其他督学代为督导",
                "a longer window, or someone of the zone who stands in",
            ),
        ],
    ))
}

/// A team visit without a day, a leader, a specialist or enough people.
fn team(problem: &Problem, job: &Job) -> Option<Conflict> {
    let data = problem.data();
    let (id, name) = target(problem, job.target);
    let what = &data.items[job.items[0]].name;
    let days: Vec<usize> = job
        .window
        .clone()
        .filter(|&d| problem.stay(job, d).is_some())
        .collect();
    let longer = || Words::new("延长期限", "a longer window");
    if days.is_empty() {
        return Some(conflict(
            &["due", "blackout"],
            vec![id],
            vec![],
            Words::new(
                format!("{name}的“{what}”期限内没有可督导的日期"),
                format!("the window of {what} at {name} has no day for a visit"),
            ),
            vec![
                longer(),
                Words::new("调整不可督导的日期", "fewer days without visits"),
            ],
        ));
    }
    let there = |k: usize| {
        problem.may_join(k, job)
            && days
                .iter()
                .any(|&d| (d..d + job.span()).all(|d| problem.present[k][d]))
    };
    let people: Vec<usize> = (0..problem.present.len()).filter(|&k| there(k)).collect();
    let ids = |list: &[usize]| {
        list.iter()
            .map(|&k| data.supervisors[k].id.clone())
            .collect()
    };
    let n = people.len();
    if n < job.team {
        let size = job.team;
        return Some(conflict(
            &["team_size", "avoidance", "leave", "term"],
            vec![id],
            ids(&people),
            Words::new(
                format!("{name}的“{what}”应有 {size} 名督学，无须回避且在岗的只有 {n} 名"),
                format!(
                    "{what} at {name} needs {size} supervisors; {n} need not avoid it and are there"
                ),
            ),
            vec![Words::new("增聘督学", "more supervisors"), longer()],
        ));
    }
    if !people.iter().any(|&k| problem.may_lead(k, job)) {
        return Some(conflict(
            &["leader", "own_supervisor", "avoidance"],
            vec![id],
            vec![],
            Words::new(
                format!("{name}的“{what}”没有可任组长的专职督学（须无须回避，且不是该校责任督学）"),
                format!(
                    "no full-time supervisor may lead {what} at {name}: one who need not avoid it and is not responsible for it"
                ),
            ),
            vec![
                Words::new("增加一名专职督学", "one more full-time supervisor"),
                longer(),
            ],
        ));
    }
    if !people.iter().any(|&k| problem.specialist(k, job)) {
        let stage = data.schools[job.target].stage;
        return Some(conflict(
            &["specialist"],
            vec![id],
            vec![],
            Words::new(
                format!("{name}的“{what}”需要可督导{}的督学，一名也没有", stage.zh()),
                format!(
                    "{what} at {name} needs someone who supervises a {}; there is nobody",
                    stage.en()
                ),
            ),
            vec![Words::new(
                format!("增加一名可督导{}的督学", stage.zh()),
                format!("one more supervisor for a {}", stage.en()),
            )],
        ));
    }
    None
}

/// Schools with more inspections than they may have, or without room for them in fortnights.
fn burden(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let most = data.rules.burden_per_school as usize;
    let mut jobs: BTreeMap<usize, Vec<&Job>> = BTreeMap::new();
    for job in problem
        .jobs
        .iter()
        .filter(|j| j.target < data.schools.len())
    {
        jobs.entry(job.target).or_default().push(job);
    }
    let mut found = Vec::new();
    for (school, jobs) in jobs {
        let (id, name) = target(problem, school);
        let (past, due) = (problem.past_teams[school].len(), jobs.len());
        if past + due > most {
            found.push(conflict(
                &["burden", "due"],
                vec![id.clone()],
                vec![],
                Words::new(
                    format!(
                        "{name}全年应接受检查 {} 次（已完成 {past} 次），至多 {most} 次",
                        past + due
                    ),
                    format!(
                        "{name} is due {} inspections in the year ({past} done), at most {most}",
                        past + due
                    ),
                ),
                vec![Words::new(
                    format!("从清单中减去 {} 次，或合并相近事项", past + due - most),
                    format!(
                        "take {} off the list, or merge similar ones",
                        past + due - most
                    ),
                )],
            ));
        }
        // The most teams a fortnight apart on the days of all windows together.
        let mut days: Vec<usize> = jobs.iter().flat_map(|j| j.window.clone()).collect();
        days.sort_unstable();
        days.dedup();
        let mut last = None;
        let mut fit = 0;
        for date in days
            .into_iter()
            .filter(|&d| problem.open[school][d])
            .map(|d| problem.days[d])
        {
            let apart = |l: chrono::NaiveDate| (date - l).num_days() >= problem.fortnight();
            if last.is_none_or(apart) {
                fit += 1;
                last = Some(date);
            }
        }
        if fit < due {
            let least = problem.fortnight();
            found.push(conflict(
                &["fortnight", "due"],
                vec![id],
                vec![],
                Words::new(
                    format!("{name}还应接受检查 {due} 次，相隔 {least} 天时期限内至多排 {fit} 次"),
                    format!("{name} is due {due} more inspections; {least} days apart, {fit} fit into their windows"),
                ),
                vec![
                    Words::new("延长期限", "longer windows"),
                    Words::new("合并相近事项", "merge similar ones"),
                ],
            ));
        }
    }
    found
}

/// Member units that cannot join any comprehensive inspection although there are some.
fn units(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let comprehensive = |ids: &[String]| {
        data.items
            .iter()
            .any(|i| i.kind == Kind::Comprehensive && ids.contains(&i.id))
    };
    let past: Vec<_> = data
        .fixed
        .iter()
        .filter(|v| comprehensive(&v.items))
        .collect();
    let coming = problem.jobs.iter().any(|j| j.comprehensive);
    if past.is_empty() && !coming {
        return Vec::new();
    }
    let mut found = Vec::new();
    for unit in &data.units {
        let done = past.iter().filter(|v| v.units.contains(&unit.id)).count();
        let (name, most) = (&unit.name, unit.max_visits);
        let late = done == 0 && (!coming || most == 0);
        if late || done > most as usize {
            found.push(conflict(
                &["unit_participation"],
                vec![],
                vec![],
                Words::new(
                    format!("{name}须参加至少 1 次、至多 {most} 次综合督导，已参加 {done} 次，{}", if coming { "后面还有综合督导" } else { "后面没有综合督导" }),
                    format!("{name} must join at least 1 and at most {most} comprehensive inspections; it has joined {done}, and {} to come", if coming { "some are" } else { "none is" }),
                ),
                vec![
                    Words::new(
                        format!("提高{name}的次数上限"),
                        format!("let {name} join more"),
                    ),
                    Words::new("再安排一次综合督导", "one more comprehensive inspection"),
                ],
            ));
        }
    }
    found
}

/// A supervisor whose own routine visits exceed their days.
fn work(problem: &Problem, k: usize) -> Option<Conflict> {
    let data = problem.data();
    let supervisor = &data.supervisors[k];
    let own: Vec<&Series> = problem
        .series
        .iter()
        .filter(|s| problem.all_visitors(s.school, s.window.clone()) == [k])
        .collect();
    let due: f64 = own.iter().map(|s| s.days * s.numbers.len() as f64).sum();
    let done: f64 = problem.past[k].iter().sum();
    let year = problem.capacity(k) - done;
    let room: f64 = problem
        .weeks
        .iter()
        .enumerate()
        .map(|(w, days)| {
            let there = days
                .clone()
                .filter(|&d| d >= problem.first && problem.present[k][d]);
            (there.count() as f64)
                .min(supervisor.max_days_week - problem.past[k][w])
                .max(0.0)
        })
        .sum();
    if due <= year.min(room) + TINY {
        return None;
    }
    let (rule, most) = if year <= room {
        ("yearly_days", year.max(0.0))
    } else {
        ("weekly_days", room)
    };
    let (name, short) = (&supervisor.name, due - most);
    let share = data.rules.reserve_share * 100.0;
    Some(conflict(
        &[rule, "due"],
        own.iter()
            .map(|s| data.schools[s.school].id.clone())
            .collect(),
        vec![supervisor.id.clone()],
        Words::new(
            format!(
                "{name}的经常性督导还需 {due:.1} 天，扣除预留 {share:.0}% 和已用 {done:.1} 天后只有 {most:.1} 天"
            ),
            format!(
                "{name} has {due:.1} days of routine visits to pay; {most:.1} are left, with {share:.0} % held back and {done:.1} done"
            ),
        ),
        vec![
            Words::new(
                format!("为{name}增加 {short:.1} 天"),
                format!("{short:.1} more days for {name}"),
            ),
            Words::new("把学校交给其他督学", "hand schools over to others"),
            Words::new("减少预留比例", "hold less back"),
        ],
    ))
}

/// More work than all have days for, or more leading than all full-time ones have.
fn everyone(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let left = |k: usize| (problem.capacity(k) - problem.past[k].iter().sum::<f64>()).max(0.0);
    let people = data.supervisors.iter().enumerate();
    let all: f64 = people.clone().map(|(k, _)| left(k)).sum();
    let full: f64 = people
        .filter(|(_, s)| s.full_time)
        .map(|(k, _)| left(k))
        .sum();
    let routine: f64 = problem
        .series
        .iter()
        .map(|s| s.days * s.numbers.len() as f64)
        .sum();
    let teams: f64 = problem.jobs.iter().map(|j| j.days * j.team as f64).sum();
    let leading: f64 = problem.jobs.iter().map(|j| j.days).sum();
    let ways = || {
        vec![
            Words::new("增加督学或工作日", "more supervisors or days"),
            Words::new("减少督导事项", "fewer visits"),
        ]
    };
    let mut found = Vec::new();
    if routine + teams > all + TINY {
        let due = routine + teams;
        found.push(conflict(
            &["yearly_days", "due"],
            vec![],
            vec![],
            Words::new(
                format!("全年督导还需 {due:.1} 人日，全体督学只有 {all:.1} 人日"),
                format!(
                    "the visits due take {due:.1} days; all supervisors together have {all:.1}"
                ),
            ),
            ways(),
        ));
    }
    if leading > full + TINY {
        found.push(conflict(
            &["leader", "yearly_days", "due"],
            vec![],
            vec![],
            Words::new(
                format!("任组长还需 {leading:.1} 天，专职督学只有 {full:.1} 天"),
                format!("leading the teams takes {leading:.1} days; full-time supervisors have {full:.1}"),
            ),
            ways(),
        ));
    }
    found
}
