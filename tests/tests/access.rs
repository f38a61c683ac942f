//! Who may call what, and what of the data answers show: every RPC as every role, at home, about others, elsewhere, and as
//! nobody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dudao_platform::on_both_databases;
use dudao_platform::rpc::{Fault, Link, Proof, role_name};
use dudao_proto::auth::v1::Role;
use dudao_proto::error::v1::ErrorReason as Reason;
use dudao_tests::House;
use dudao_tests::contract::{Rpc, everything, names, rpcs};
use dudao_tests::county::{ELSEWHERE, FOREIGN, HOME, OTHERS, OWN, settle};
use prost_reflect::prost::Message as _;
use tonic::{Code, Status};

/// A county that the installation does not have.
const NOWHERE: &str = "140599";
/// A resource that no county has.
const MISSING: &str = "nope";

/// The roles that callers from outside are given, with what is their own.
/// Those who may change nothing come first.
const CALLERS: [(Role, &str); 11] = [
    (Role::Operator, ""),
    (Role::Auditor, ""),
    (Role::SuperiorReader, ""),
    (Role::School, "schools/S1"),
    (Role::Town, "towns/t1"),
    (Role::UnitLiaison, "memberUnits/县财政局"),
    (Role::Supervisor, "supervisors/A1"),
    (Role::SuperiorIssuer, ""),
    (Role::ChiefSupervisor, ""),
    (Role::Planner, ""),
    (Role::Service, ""),
];
/// They see a part of the county only.
const NARROW: [Role; 4] = [
    Role::School,
    Role::Town,
    Role::UnitLiaison,
    Role::Supervisor,
];

/// The phone numbers of supervisors, of somebody recommended, and of somebody who complained.
const PHONES: [&str; 3] = ["1380000000", "13911112222", "13700000000"];

/// Somebody who calls.
struct Caller {
    role: Option<Role>,
    link: Link,
}

impl Caller {
    fn name(&self) -> String {
        self.role.map_or_else(|| "nobody".to_owned(), role_name)
    }

    fn may(&self, rpc: &Rpc) -> bool {
        rpc.roles.contains(&Role::Public) || self.role.is_some_and(|role| rpc.roles.contains(&role))
    }

    /// Sees a part of the county only.
    fn is_narrow(&self) -> bool {
        self.role.is_some_and(|role| NARROW.contains(&role))
    }
}

fn callers(house: &House) -> Vec<Caller> {
    let named = CALLERS.map(|(role, own)| {
        let own = format!("counties/{HOME}/{own}");
        let own: &[&str] = if own.ends_with('/') { &[] } else { &[&own] };
        let name = role_name(role);
        Caller {
            role: Some(role),
            link: house.caller(&name, &[&name], HOME, own),
        }
    });
    let nobody = Caller {
        role: None,
        link: house.outside(Proof::Connection),
    };
    std::iter::once(nobody).chain(named).collect()
}

/// Whether a call was refused for who calls, whatever it asked for.
fn is_turned_away(status: &Status, rpc: &Rpc) -> bool {
    // A login code may be wrong, whoever sends it.
    let for_everyone = rpc.roles.contains(&Role::Public);
    (status.code() == Code::Unauthenticated && !for_everyone)
        || Fault::from(status).reason == Reason::RoleMissing
}

/// What somebody was answered, with names of the asked replaced.
fn told(answer: &Result<Vec<Vec<u8>>, Status>, of: &[(&str, &str)]) -> String {
    match answer {
        Ok(_) => "an answer".to_owned(),
        Err(status) => {
            let fault = Fault::from(status);
            let mut text = format!("{:?} {} {fault:?}", status.code(), status.message());
            for (from, to) in of {
                text = text.replace(from, to);
            }
            text
        }
    }
}

fn shows(answer: &Result<Vec<Vec<u8>>, Status>, mark: &str) -> bool {
    let holds = |bytes: &[u8]| {
        bytes
            .windows(mark.len())
            .any(|part| part == mark.as_bytes())
    };
    match answer {
        Ok(messages) => messages.iter().any(|message| holds(message)),
        Err(status) => holds(status.message().as_bytes()) || holds(status.details()),
    }
}

/// The resources that requests are about.
struct Town<'a> {
    /// What there is, by county and collection.
    known: &'a BTreeMap<&'static str, BTreeMap<String, Vec<String>>>,
}

impl Town<'_> {
    /// A resource of a county that ends with a number; or any, where a county has but one.
    fn of(&self, county: &str, collection: &str, n: &str) -> String {
        let known = self.known[county].get(collection);
        let mut names = known.into_iter().flatten();
        let found = names.clone().find(|name| name.ends_with(n));
        found
            .or_else(|| names.next())
            .cloned()
            .unwrap_or_else(|| format!("counties/{county}/{collection}/{MISSING}"))
    }

    fn missing(county: &str, collection: &str) -> String {
        format!("counties/{county}/{collection}/{MISSING}")
    }
}

/// What is not as it must be, and who was shown something of the own.
#[derive(Default)]
struct Wrong(BTreeSet<String>, BTreeSet<String>);

impl Wrong {
    fn say(&mut self, caller: &Caller, rpc: &Rpc, what: &str) {
        self.0
            .insert(format!("{} as {}: {what}", rpc.path, caller.name()));
    }
}

/// Asks an RPC as a caller about the own, about others, and about other counties, and notes what is not as it must be.
async fn examine(
    caller: &Caller,
    rpc: &Rpc,
    town: &Town<'_>,
    hidden: &BTreeSet<String>,
    wrong: &mut Wrong,
) {
    let ask = async |county: &str, pick: &dyn Fn(&str) -> String| {
        let request = rpc.request(county, pick).encode_to_vec();
        rpc.call(&caller.link, request).await
    };
    let own = ask(HOME, &|collection| town.of(HOME, collection, "1")).await;
    let turned_away = own
        .as_ref()
        .err()
        .is_some_and(|status| is_turned_away(status, rpc));
    if caller.may(rpc) == turned_away {
        wrong.say(
            caller,
            rpc,
            &format!("{} though the contract says otherwise", told(&own, &[])),
        );
    }
    if shows(&own, OWN) || shows(&own, "本县") {
        wrong.1.insert(caller.name());
    }
    let mut answers = vec![own];
    if !caller.may(rpc) {
        return;
    }
    let foreign = ask(ELSEWHERE, &|collection| town.of(ELSEWHERE, collection, "1")).await;
    let collection = rpc.collection();
    let nowhere = ask(NOWHERE, &|collection| {
        town.of(ELSEWHERE, collection, "1")
            .replace(ELSEWHERE, NOWHERE)
    })
    .await;
    let open = rpc.roles.contains(&Role::Public);
    if !open && told(&foreign, &[(ELSEWHERE, NOWHERE)]) != told(&nowhere, &[]) {
        wrong.say(
            caller,
            rpc,
            &format!(
                "another county is told from none: {} / {}",
                told(&foreign, &[]),
                told(&nowhere, &[])
            ),
        );
    }
    if !open {
        answers.push(foreign);
    }
    if caller.is_narrow() {
        let others = ask(HOME, &|collection| town.of(HOME, collection, "2")).await;
        let name = town.of(HOME, &collection, "2");
        let last_two = name.rsplit('/').next().unwrap_or_default().to_owned();
        let missing = ask(HOME, &|one| {
            if one == collection {
                Town::missing(HOME, one)
            } else {
                town.of(HOME, one, "2")
            }
        })
        .await;
        if hidden.contains(&collection)
            && told(&others, &[(&format!("/{last_two}"), "/nope")]) != told(&missing, &[])
        {
            wrong.say(
                caller,
                rpc,
                &format!(
                    "what concerns others is told from what does not exist: {} / {}",
                    told(&others, &[]),
                    told(&missing, &[])
                ),
            );
        }
        if shows(&others, OTHERS) || answers.iter().any(|answer| shows(answer, OTHERS)) {
            wrong.say(caller, rpc, "shows what concerns others alone");
        }
        answers.push(others);
    }
    let everywhere = ask("-", &|collection| town.of(HOME, collection, "1")).await;
    if caller.is_narrow() && shows(&everywhere, OTHERS) {
        wrong.say(caller, rpc, "lists what concerns others alone");
    }
    if !open {
        answers.push(everywhere);
    }
    if answers.iter().any(|answer| shows(answer, FOREIGN)) {
        wrong.say(caller, rpc, "shows another county");
    }
    let whole = answers
        .iter()
        .any(|answer| PHONES.iter().any(|phone| shows(answer, phone)));
    if whole && !sees_phones(caller, rpc) {
        wrong.say(caller, rpc, "shows a phone number");
    }
    for answer in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        if matches!(
            answer.code(),
            Code::Internal | Code::Unknown | Code::DataLoss
        ) {
            wrong.say(caller, rpc, &format!("{answer:?}"));
        }
    }
}

/// The office reads them one by one, everyone reads their own, and the plaque is at the gate.
fn sees_phones(caller: &Caller, rpc: &Rpc) -> bool {
    let office = [Role::Planner, Role::ChiefSupervisor, Role::Service];
    let listed = rpc.method.name().starts_with("List");
    let plaque = rpc.path.contains(".PlaqueService/") || rpc.path.contains("EventService/");
    let own = caller.role == Some(Role::Supervisor) && rpc.path.ends_with("/GetSupervisor");
    plaque || own || (!listed && caller.role.is_some_and(|role| office.contains(&role)))
}

/// The collections of which a caller is not shown what concerns others.
async fn hidden(caller: &Caller, all: &[Rpc], town: &Town<'_>) -> BTreeSet<String> {
    let (mut hidden, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for rpc in all
        .iter()
        .filter(|rpc| rpc.method.name().starts_with("Get"))
    {
        let request = rpc.request(HOME, &|collection| town.of(HOME, collection, "2"));
        match rpc.call(&caller.link, request.encode_to_vec()).await {
            Ok(_) => shown.insert(rpc.collection()),
            Err(status) if status.code() == Code::NotFound => hidden.insert(rpc.collection()),
            Err(_) => false,
        };
    }
    &hidden - &shown
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn every_rpc_admits_the_roles_of_the_contract_and_shows_nobody_what_is_not_theirs(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let mut known = BTreeMap::new();
        for county in [HOME, ELSEWHERE] {
            known.insert(county, names(&house.link, county).await);
        }
        let town = &Town { known: &known };
        let all = rpcs();
        let mut wrong = Wrong::default();
        let before = everything(&house.link).await;
        for caller in callers(house) {
            let hidden = hidden(&caller, &all, town).await;
            for rpc in &all {
                examine(&caller, rpc, town, &hidden, &mut wrong).await;
            }
            if matches!(caller.role, None | Some(Role::Operator | Role::Auditor | Role::SuperiorReader)) {
                let after = everything(&house.link).await;
                assert!(after == before, "{} has changed something", caller.name());
            }
        }
        for (role, own) in CALLERS.iter().filter(|(role, _)| *role != Role::Operator) {
            assert!(wrong.1.contains(&role_name(*role)), "{role:?} of {own} was shown nothing of the own");
        }
        let lines: Vec<_> = wrong.0.into_iter().collect();
        assert!(lines.is_empty(), "{} are wrong:\n{}", lines.len(), lines.join("\n"));
    }
}

/// Where the table stands in the contract's README.
const MARKS: [&str; 2] = ["<!-- roles -->\n", "<!-- /roles -->\n"];

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto/README.md")
}

/// The RPCs of the contract by service, with what each role sees by them.
fn table() -> String {
    let roles: Vec<Role> = (1..).map_while(|role| Role::try_from(role).ok()).collect();
    let mut text = String::new();
    let mut service = String::new();
    for rpc in rpcs() {
        let of = rpc.method.parent_service().full_name().to_owned();
        if of != service {
            let heads: Vec<_> = roles.iter().map(|role| short(*role)).collect();
            let line = "|:-:".repeat(roles.len());
            write!(text, "\n| `{of}` | {} |\n|---{line}|\n", heads.join(" | ")).unwrap();
            service = of;
        }
        let cells = roles.iter().map(|role| {
            if rpc.roles.contains(&Role::Public) {
                "○"
            } else if !rpc.roles.contains(role) {
                " "
            } else if NARROW.contains(role) {
                "◐"
            } else {
                "●"
            }
        });
        let cells: Vec<_> = cells.collect();
        writeln!(text, "| {} | {} |", rpc.method.name(), cells.join(" | ")).unwrap();
    }
    text.push('\n');
    text
}

/// The first letters of a role's words.
fn short(role: Role) -> String {
    let words = role_name(role);
    let mut letters = words.split('_').filter_map(|word| word.chars().next());
    match words.split_once('_') {
        Some(_) => letters.by_ref().collect::<String>().to_uppercase(),
        None => {
            let mut short: String = words.chars().take(2).collect();
            short[..1].make_ascii_uppercase();
            short
        }
    }
}

fn parts(readme: &str) -> (&str, &str, &str) {
    let (head, rest) = readme.split_once(MARKS[0]).unwrap();
    let (table, tail) = rest.split_once(MARKS[1]).unwrap();
    (head, table, tail)
}

#[test]
fn the_contracts_readme_has_the_roles_of_every_rpc() {
    let readme = std::fs::read_to_string(readme()).unwrap();
    let right = parts(&readme).1 == table();
    assert!(
        right,
        "write it anew: cargo test -p dudao-tests --test access write_the_roles -- --ignored"
    );
}

#[test]
#[ignore = "writes into the sources"]
fn write_the_roles_of_every_rpc_into_the_contracts_readme() {
    let text = std::fs::read_to_string(readme()).unwrap();
    let (head, _, tail) = parts(&text);
    let [begin, end] = MARKS;
    std::fs::write(readme(), format!("{head}{begin}{}{end}{tail}", table())).unwrap();
}

#[test]
fn who_reads_does_not_write_and_who_runs_the_system_sees_no_business() {
    for rpc in rpcs() {
        let writes = rpc.method.input().get_field_by_name("request_id").is_some();
        let public = rpc.roles.contains(&Role::Public);
        for role in [Role::Auditor, Role::SuperiorReader]
            .into_iter()
            .filter(|_| !public)
        {
            assert!(
                !(writes && rpc.roles.contains(&role)),
                "{} by {role:?}",
                rpc.path
            );
        }
        let business = !rpc.path.starts_with("/dudao.auth.");
        assert!(
            !(business && rpc.roles.contains(&Role::Operator)),
            "{} by the operator",
            rpc.path
        );
        let office =
            rpc.roles.contains(&Role::Planner) || rpc.roles.contains(&Role::ChiefSupervisor);
        let upward = rpc.roles.contains(&Role::SuperiorIssuer);
        assert!(
            !writes
                || public
                || office
                || upward
                || rpc.roles.iter().any(|role| NARROW.contains(role)),
            "{} is nobody's",
            rpc.path
        );
    }
}
