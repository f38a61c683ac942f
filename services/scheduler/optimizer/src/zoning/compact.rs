//! The zoning as a compact program: for other solvers, and for anyone who wants to verify a zoning by one of them.
//!
//! Zones are numbered by their first supervisors in the order of the county's list, so that each zoning is one point. With
//! `k` a supervisor, `i` a school, `z` a zone and `n` a number of supervisors:
//!
//! | column | is 1 where |
//! |---|---|
//! | `serve_k_i` | k is responsible for i |
//! | `member_k_z` | k is in zone z |
//! | `lies_i_z` | i lies in zone z |
//! | `size_z_n` | z has n supervisors |
//! | `root_i_z` | i is where the flow of z springs in i's natural piece of the county |
//! | `road_a_b` | neighbours a and b lie in one zone, and flow may go between them |
//! | `cut_t_z` | town t has a school in zone z |
//! | `name_z_o` | z takes over the id of last year's zone o |
//! | `stays_k` | k is in last year's zone |
//!
//! and the quantities `flow_a_b`, `team_i` (a team's travel to i) and `beyond_k` (days beyond the fair share). A zone is in
//! one piece where every school but its roots gets flow from a neighbour of the zone (single-commodity flow: Shirabe 2009).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::data::Solution;
use super::plan::Plan;
use super::problem::Problem;
use crate::program::{Point, Program, Var};

const NOTES: [&str; 4] = [
    "Responsibility zones: minutes a year, every rule and every part of the cost.",
    "serve_k_i: supervisor k is responsible for school i; member_k_z, lies_i_z: zone z of a supervisor, of a school;",
    "size_z_n: z has n supervisors; root, road, flow: zones in one piece; team_i, beyond_k, cut_t_z, stays_k: parts of the cost.",
    "Supervisors, schools and towns are counted from 0 in the order of the problem's lists, towns in the order of their names.",
];

impl Problem {
    /// The zoning as a program, with all rules and all parts of [`objective`](super::objective). The ids of last year's zones
    /// are given out at will, where [`Plan::names`] asks for votes.
    pub fn program(&self) -> Program {
        let mut program = Program::new("zones", &NOTES);
        let mut compact = Compact {
            problem: self,
            zones: self.teams().most,
            program: &mut program,
        };
        compact.teams();
        compact.schools();
        compact.pieces();
        compact.costs();
        compact.names();
        program
    }

    /// A zoning as a point of [`Problem::program`]; none if it does not name every school and every supervisor once.
    pub fn point(&self, solution: &Solution) -> Option<Point> {
        Plan::read(self, solution).map(|plan| point(self, &plan))
    }

    /// Neighbours, each pair once.
    fn roads(&self) -> impl Iterator<Item = (usize, usize)> {
        let beyond = |a| move |&&b: &&usize| b > a;
        (0..self.schools()).flat_map(move |a| {
            let near = self.graph().near(a).iter();
            near.filter(beyond(a)).map(move |&b| (a, b))
        })
    }

    /// Last year's zones.
    fn old_zones(&self) -> Vec<&str> {
        let before = self.data().supervisors.iter();
        let ids: BTreeSet<&str> = before.filter_map(|k| k.zone_before()).collect();
        ids.into_iter().collect()
    }
}

struct Compact<'a> {
    problem: &'a Problem,
    zones: usize,
    program: &'a mut Program,
}

impl Compact<'_> {
    /// Columns of one kind for every number of a range, those that there are.
    fn all(&self, name: impl Fn(usize) -> String, range: usize, by: f64) -> Vec<(Var, f64)> {
        let vars = (0..range).filter_map(|n| self.program.var(&name(n)));
        vars.map(|var| (var, by)).collect()
    }

    /// One column, if there is one.
    fn one(&self, name: &str, by: f64) -> Option<(Var, f64)> {
        self.program.var(name).map(|var| (var, by))
    }

    fn teams(&mut self) {
        let (problem, zones) = (self.problem, self.zones);
        let (people, teams) = (problem.supervisors(), problem.teams());
        for k in 0..people {
            // Zones are counted in the order of their first members: none comes before it can begin.
            for z in 0..zones.min(k + 1) {
                self.program.binary(member(k, z), 0.0);
            }
            let zone = self.all(|z| member(k, z), zones, 1.0);
            self.program.equal(format!("one_zone_{k}"), zone, 1.0);
        }
        for z in 0..zones {
            for n in teams.smallest..=teams.largest {
                self.program.binary(size(z, n), 0.0);
            }
            let sizes = self.all(|n| size(z, n), teams.largest + 1, 1.0);
            self.program.at_most(format!("one_size_{z}"), sizes, 1.0);
            let mut count = self.all(|k| member(k, z), people, -1.0);
            count.extend(
                (teams.smallest..=teams.largest).filter_map(|n| self.one(&size(z, n), n as f64)),
            );
            self.program.equal(format!("size_of_{z}"), count, 0.0);
            if teams.full_time {
                let full = |k: &usize| problem.data().supervisors[*k].full_time;
                let mut led: Vec<_> = (0..people)
                    .filter(full)
                    .filter_map(|k| self.one(&member(k, z), 1.0))
                    .collect();
                led.extend(self.all(|n| size(z, n), teams.largest + 1, -1.0));
                self.program.at_least(format!("full_time_{z}"), led, 0.0);
            }
            for k in (1..people).filter(|_| z > 0) {
                let mut before = self.all(|l| member(l, z - 1), k, 1.0);
                before.extend(self.one(&member(k, z), -1.0));
                self.program.at_least(format!("order_{k}_{z}"), before, 0.0);
            }
        }
    }

    fn schools(&mut self) {
        let (problem, zones) = (self.problem, self.zones);
        let (people, data) = (problem.supervisors(), problem.data());
        for i in 0..problem.schools() {
            for k in (0..people).filter(|&k| problem.may(k, i)) {
                let cost = problem.routine(k, i) + problem.change(k, i);
                self.program.binary(serve(k, i), cost);
            }
            let served = self.all(|k| serve(k, i), people, 1.0);
            self.program.equal(format!("served_{i}"), served, 1.0);
            for z in 0..zones {
                self.program.binary(lies(i, z), 0.0);
            }
            let zone = self.all(|z| lies(i, z), zones, 1.0);
            self.program.equal(format!("lies_once_{i}"), zone, 1.0);
            for k in (0..people).filter(|&k| problem.may(k, i)) {
                for z in 0..zones {
                    let mut terms: Vec<_> = self.one(&serve(k, i), 1.0).into_iter().collect();
                    let Some(there) = self.one(&member(k, z), 1.0) else {
                        continue;
                    };
                    terms.push(there);
                    terms.extend(self.one(&lies(i, z), -1.0));
                    self.program
                        .at_most(format!("own_zone_{k}_{i}_{z}"), terms, 1.0);
                }
            }
        }
        for z in 0..zones {
            let schools = self.all(|i| lies(i, z), problem.schools(), 1.0);
            let most = f64::from(data.rules.zone_max_schools);
            let sizes = self.all(|n| size(z, n), problem.teams().largest + 1, -most);
            self.program.at_most(
                format!("zone_size_{z}"),
                schools.into_iter().chain(sizes).collect(),
                0.0,
            );
        }
        for (k, supervisor) in data.supervisors.iter().enumerate() {
            let own = self.all(|i| serve(k, i), problem.schools(), 1.0);
            let days = self.days(k, 1.0);
            self.program
                .at_least(format!("min_days_{k}"), days.clone(), supervisor.min_days);
            self.program
                .at_most(format!("max_days_{k}"), days, supervisor.max_days);
            let most = f64::from(supervisor.max_schools);
            self.program.at_most(format!("max_schools_{k}"), own, most);
        }
        for group in problem.groups() {
            for (pair, k) in group
                .windows(2)
                .flat_map(|pair| (0..people).map(move |k| (pair, k)))
            {
                let mut same: Vec<_> = self.one(&serve(k, pair[0]), 1.0).into_iter().collect();
                same.extend(self.one(&serve(k, pair[1]), -1.0));
                let name = format!("together_{}_{}_{k}", pair[0], pair[1]);
                self.program.equal(name, same, 0.0);
            }
        }
        for &(a, b) in problem.apart() {
            for k in 0..people {
                let both: Vec<_> = [a, b]
                    .iter()
                    .filter_map(|&i| self.one(&serve(k, i), 1.0))
                    .collect();
                self.program
                    .at_most(format!("apart_{a}_{b}_{k}"), both, 1.0);
            }
        }
    }

    /// Days of work of a supervisor.
    fn days(&self, k: usize, by: f64) -> Vec<(Var, f64)> {
        let schools = self.problem.data().schools.iter().enumerate();
        schools
            .filter_map(|(i, school)| self.one(&serve(k, i), by * school.days))
            .collect()
    }

    fn pieces(&mut self) {
        let (problem, zones) = (self.problem, self.zones);
        if !problem.data().rules.contiguous {
            return;
        }
        let most = f64::from(problem.data().rules.zone_max_schools);
        let mut balance: Vec<Vec<(Var, f64)>> = vec![Vec::new(); problem.schools()];
        let mut springs: BTreeMap<(usize, usize), Vec<(Var, f64)>> = BTreeMap::new();
        for (i, balance) in balance.iter_mut().enumerate() {
            for z in 0..zones {
                let spring = self.program.binary(root(i, z), 0.0);
                balance.push((spring, most));
                let piece = springs.entry((problem.graph().piece(i), z)).or_default();
                piece.push((spring, 1.0));
                let mut inside = vec![(spring, 1.0)];
                inside.extend(self.one(&lies(i, z), -1.0));
                self.program
                    .at_most(format!("root_in_{i}_{z}"), inside, 0.0);
            }
        }
        for ((piece, z), springs) in springs {
            self.program
                .at_most(format!("one_root_{piece}_{z}"), springs, 1.0);
        }
        for (a, b) in problem.roads() {
            let open = self.program.binary(road(a, b), 0.0);
            for (from, to) in [(a, b), (b, a)] {
                let flow = self.program.real(flow(from, to), 0.0, most);
                balance[from].push((flow, -1.0));
                balance[to].push((flow, 1.0));
                let name = format!("open_{from}_{to}");
                self.program
                    .at_most(name, vec![(flow, 1.0), (open, -most)], 0.0);
            }
            for z in 0..zones {
                let mut terms = vec![(open, 1.0)];
                terms.extend(self.one(&lies(a, z), 1.0));
                terms.extend(self.one(&lies(b, z), -1.0));
                self.program
                    .at_most(format!("same_{a}_{b}_{z}"), terms, 1.0);
            }
        }
        for (i, balance) in balance.into_iter().enumerate() {
            self.program.at_least(format!("fed_{i}"), balance, 1.0);
        }
    }

    fn costs(&mut self) {
        let (problem, zones, teams) = (self.problem, self.zones, self.problem.teams());
        let (people, weights) = (problem.supervisors(), &problem.data().weights);
        for i in 0..problem.schools() {
            let mut dear: Vec<f64> = (0..people).map(|k| problem.team(k, i)).collect();
            dear.sort_by(|a, b| b.total_cmp(a));
            let most: f64 = dear.iter().take(teams.largest).sum();
            if most == 0.0 {
                continue;
            }
            let team = self.program.real(team(i), 1.0, most);
            for z in 0..zones {
                for n in teams.smallest..=teams.largest {
                    let mean = |k: usize| problem.team(k, i) / n as f64;
                    // Where i lies elsewhere, or the zone has another size, the row asks for nothing.
                    let free = most / n as f64;
                    let mut terms = vec![(team, 1.0)];
                    terms.extend((0..people).filter_map(|k| self.one(&member(k, z), -mean(k))));
                    terms.extend(self.one(&lies(i, z), -free));
                    terms.extend(self.one(&size(z, n), -free));
                    let name = format!("team_{i}_{z}_{n}");
                    self.program.at_least(name, terms, -2.0 * free);
                }
            }
        }
        for k in 0..people {
            let all: f64 = problem.data().schools.iter().map(|i| i.days).sum();
            let beyond = self.program.real(beyond(k), weights.imbalance, all);
            let mut terms = self.days(k, -1.0);
            terms.push((beyond, 1.0));
            let fair = problem.fair_days(k);
            self.program.at_least(format!("fair_{k}"), terms, -fair);
        }
        for t in 0..problem.towns().len() {
            for z in 0..zones {
                self.program.binary(cut(t, z), weights.town_cut);
            }
        }
        for i in 0..problem.schools() {
            for (t, z) in problem
                .town(i)
                .into_iter()
                .flat_map(|t| (0..zones).map(move |z| (t, z)))
            {
                let terms: Vec<_> = [(cut(t, z), 1.0), (lies(i, z), -1.0)]
                    .iter()
                    .filter_map(|(name, by)| self.one(name, *by))
                    .collect();
                self.program
                    .at_least(format!("touched_{i}_{z}"), terms, 0.0);
            }
        }
        let before = problem.data().supervisors.iter();
        let regroup = before.filter(|k| problem.keeps() && k.zone_before().is_some());
        let constant = weights.regroup * regroup.count() as f64
            - weights.town_cut * problem.towns().len() as f64;
        self.program.constant(constant);
    }

    /// Last year's ids and who stays with them, where that counts.
    fn names(&mut self) {
        let (problem, zones) = (self.problem, self.zones);
        if !problem.keeps() {
            return;
        }
        let old = problem.old_zones();
        for (z, o) in (0..zones).flat_map(|z| (0..old.len()).map(move |o| (z, o))) {
            self.program.binary(name(z, o), 0.0);
        }
        for z in 0..zones {
            let ids = self.all(|o| name(z, o), old.len(), 1.0);
            self.program.at_most(format!("one_name_{z}"), ids, 1.0);
        }
        for o in 0..old.len() {
            let ids = self.all(|z| name(z, o), zones, 1.0);
            self.program.at_most(format!("named_once_{o}"), ids, 1.0);
        }
        for (k, supervisor) in problem.data().supervisors.iter().enumerate() {
            let before = supervisor.zone_before();
            let Some(o) = old.iter().position(|id| Some(*id) == before) else {
                continue;
            };
            let stays = self
                .program
                .binary(stays(k), -problem.data().weights.regroup);
            for z in 0..zones {
                let Some(there) = self.one(&member(k, z), 1.0) else {
                    continue;
                };
                let mut terms = vec![(stays, 1.0), there];
                terms.extend(self.one(&name(z, o), -1.0));
                self.program.at_most(format!("stays_{k}_{z}"), terms, 1.0);
            }
        }
    }
}

fn point(problem: &Problem, plan: &Plan) -> Point {
    let members = plan.members();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&z| members[z].first().copied());
    let mut number = vec![0; members.len()];
    for (n, &z) in order.iter().enumerate() {
        number[z] = n;
    }
    let zone = |k: usize| number[plan.zone_of[k]];
    let zone_of_school = |i: usize| zone(plan.supervisor_of[i]);
    let mut point = Point::new();
    let mut set = |name: String, value: f64| {
        point.insert(name, value);
    };
    for (z, team) in members.iter().enumerate() {
        set(size(number[z], team.len()), 1.0);
    }
    let mut days = vec![0.0; problem.supervisors()];
    for (i, &k) in plan.supervisor_of.iter().enumerate() {
        let mates = &members[plan.zone_of[k]];
        days[k] += problem.data().schools[i].days;
        set(serve(k, i), 1.0);
        set(lies(i, zone(k)), 1.0);
        let travel = mates.iter().map(|&l| problem.team(l, i)).sum::<f64>() / mates.len() as f64;
        if travel > 0.0 {
            set(team(i), travel);
        }
        if let Some(t) = problem.town(i) {
            set(cut(t, zone(k)), 1.0);
        }
    }
    let names = plan.names(problem);
    let old = problem.old_zones();
    for (k, days) in days.into_iter().enumerate() {
        set(member(k, zone(k)), 1.0);
        set(beyond(k), (days - problem.fair_days(k)).max(0.0));
    }
    if problem.keeps() {
        for (z, id) in names.iter().enumerate() {
            if let Some(o) = old.iter().position(|old| old == id) {
                set(name(number[z], o), 1.0);
            }
        }
        let regrouped = plan.regrouped(problem);
        for (k, supervisor) in problem.data().supervisors.iter().enumerate() {
            if supervisor.zone_before().is_some() && !regrouped[k] {
                set(stays(k), 1.0);
            }
        }
    }
    if problem.data().rules.contiguous {
        for (a, b) in problem
            .roads()
            .filter(|&(a, b)| zone_of_school(a) == zone_of_school(b))
        {
            set(road(a, b), 1.0);
        }
        springs(problem, zone_of_school, set);
    }
    point
}

/// Lets flow run from one school of each zone and piece to the others that hang together with it.
fn springs(problem: &Problem, zone: impl Fn(usize) -> usize, mut set: impl FnMut(String, f64)) {
    let mut sprung: HashSet<(usize, usize)> = HashSet::new();
    let mut seen = vec![false; problem.schools()];
    for i in 0..problem.schools() {
        if !sprung.insert((problem.graph().piece(i), zone(i))) {
            continue;
        }
        set(root(i, zone(i)), 1.0);
        seen[i] = true;
        // Each school with the one that feeds it, in the order of their finding.
        let mut found = vec![(i, i)];
        let mut at = 0;
        while let Some(&(from, _)) = found.get(at) {
            at += 1;
            for &to in problem.graph().near(from) {
                if zone(to) == zone(i) && !std::mem::replace(&mut seen[to], true) {
                    found.push((to, from));
                }
            }
        }
        let mut needs: BTreeMap<usize, f64> = found.iter().map(|&(to, _)| (to, 1.0)).collect();
        for &(to, from) in found.iter().skip(1).rev() {
            let need = needs.get(&to).copied().unwrap_or_default();
            *needs.entry(from).or_default() += need;
            set(flow(from, to), need);
        }
    }
}

fn serve(k: usize, i: usize) -> String {
    format!("serve_{k}_{i}")
}

fn member(k: usize, z: usize) -> String {
    format!("member_{k}_{z}")
}

fn lies(i: usize, z: usize) -> String {
    format!("lies_{i}_{z}")
}

fn size(z: usize, n: usize) -> String {
    format!("size_{z}_{n}")
}

fn root(i: usize, z: usize) -> String {
    format!("root_{i}_{z}")
}

fn road(a: usize, b: usize) -> String {
    format!("road_{a}_{b}")
}

fn flow(a: usize, b: usize) -> String {
    format!("flow_{a}_{b}")
}

fn team(i: usize) -> String {
    format!("team_{i}")
}

fn beyond(k: usize) -> String {
    format!("beyond_{k}")
}

fn cut(t: usize, z: usize) -> String {
    format!("cut_{t}_{z}")
}

fn name(z: usize, o: usize) -> String {
    format!("name_{z}_{o}")
}

fn stays(k: usize) -> String {
    format!("stays_{k}")
}
