//! What callers must not be able to do: random and broken messages to every RPC, forged tokens, others' page tokens, cursors
//! and request ids.
//!
//! `DUDAO_NOISE` sets how many messages are sent to each database; `make bench` sets it to two hundred thousand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::collections::BTreeMap;

use dudao_platform::on_both_databases;
use dudao_platform::rpc::{Link, Proof, role_name};
use dudao_proto::auth::v1::Role;
use dudao_tests::House;
use dudao_tests::contract::{names, rpcs};
use dudao_tests::county::{ELSEWHERE, FOREIGN, HOME, settle};
use dudao_tests::noise::{Noise, broken};
use prost_reflect::prost::Message as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tonic::Code;

/// What memory may grow by while noise goes on, in MiB: caches fill, and allocators keep some.
const GROWTH_MIB: usize = 96;

fn times() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test has no flags")]
    let set = std::env::var("DUDAO_NOISE").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

/// Resident memory of this process, in MiB.
fn memory_mib() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4 / 1024
}

/// Those of the first county who try.
fn callers(house: &House) -> Vec<(&'static str, Link)> {
    let own = |own: &str| format!("counties/{HOME}/{own}");
    let mut callers = vec![("nobody", house.outside(Proof::Connection))];
    for (role, owned) in [
        ("planner", ""),
        ("chief_supervisor", ""),
        ("superior_issuer", ""),
        ("auditor", ""),
        ("school", "schools/S1"),
        ("town", "towns/t1"),
        ("supervisor", "supervisors/A1"),
        ("unit_liaison", "memberUnits/县财政局"),
    ] {
        let owned = own(owned);
        let owned: &[&str] = if owned.ends_with('/') { &[] } else { &[&owned] };
        callers.push((role, house.caller(role, &[role], HOME, owned)));
    }
    callers
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn no_message_however_odd_is_a_bug_or_tells_of_another_county(scratch) {
        let house = &House::on(scratch).await;
        settle(house).await;
        let mut all_names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for county in [HOME, ELSEWHERE] {
            all_names.entry(String::new()).or_default().push(format!("counties/{county}"));
            for (collection, names) in names(&house.link, county).await {
                all_names.entry(collection).or_default().extend(names);
            }
        }
        let all = rpcs();
        let callers = callers(house);
        let mut random = StdRng::seed_from_u64(20_261_126);
        let mut codes: BTreeMap<String, usize> = BTreeMap::new();
        let (times, mut before) = (times(), 0);
        for turn in 0..times {
            if turn == times / 4 {
                before = memory_mib();
            }
            let rpc = all.choose(&mut random).unwrap();
            // Most try what they may, so that what they send is looked at.
            let may = |role: &str| rpc.roles.iter().any(|one| *one == Role::Public || role_name(*one) == role);
            let admitted: Vec<_> = callers.iter().filter(|(role, _)| may(role)).collect();
            let (who, link) = match admitted.choose(&mut random) {
                Some(caller) if random.random_bool(0.9) => caller,
                _ => callers.choose(&mut random).unwrap(),
            };
            let odd = *[0.02, 0.1, 0.5].choose(&mut random).unwrap();
            let meant = Noise { random: &mut random, names: &all_names, odd }.message(&rpc.method.input());
            let sent = if random.random_bool(0.2) { broken(&mut random, &meant) } else { meant.encode_to_vec() };
            let answer = rpc.call(link, sent.clone()).await;
            let code = answer.as_ref().err().map_or(Code::Ok, tonic::Status::code);
            *codes.entry(format!("{code:?}")).or_default() += 1;
            let said = |bytes: &[u8]| bytes.windows(FOREIGN.len()).any(|part| part == FOREIGN.as_bytes());
            let told = match &answer {
                Ok(answers) => answers.iter().any(|bytes| said(bytes)),
                Err(status) => said(status.message().as_bytes()) || said(status.details()),
            };
            assert!(!told || rpc.roles.contains(&Role::Public), "{} as {who} tells of another county: {meant}", rpc.path);
            let bug = matches!(code, Code::Internal | Code::Unknown | Code::DataLoss);
            assert!(!bug, "{} as {who}: {answer:?}\n{meant}\n{sent:02x?}", rpc.path);
        }
        let after = memory_mib();
        println!("{times} messages: {codes:?}; memory {before} MiB after a quarter, {after} MiB at the end");
        assert!(codes.len() >= 6, "the noise reached too little: {codes:?}");
        assert!(after < before + GROWTH_MIB, "memory grew from {before} to {after} MiB");
    }
}
