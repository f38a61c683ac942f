//! Random draws (双随机一公开, `rules.md` § 3): nobody can choose the result, and anyone can check it.
//!
//! # The steps
//!
//! 1. Two or more parties (the office and a member unit, say) each choose a secret and hand in its hash. No pool is known yet.
//! 2. When every party has committed, the pools are frozen: the objects of each stratum, the officers, and who must avoid whom.
//! 3. The parties reveal their secrets. Each must have the hash that was handed in. The seed is made from all of them and the
//!    frozen pools, so who knows the pools can't choose the seed any more, and one honest party suffices.
//! 4. A party that keeps its secret back voids the draw, on the record.
//! 5. The draw is a pure function of the published record ([`Record`]).
//!
//! # The algorithm, version 1
//!
//! All texts are UTF-8. `‖` joins bytes; `text(x)` is the length of `x` in bytes as 8 bytes big-endian, and then `x`.
//!
//! - Commitment of a secret: `SHA-256("dudao.draw.v1 commit\n" ‖ text(secret))`, as 64 hexadecimal digits in lower case.
//! - Hash of the pools: `SHA-256("dudao.draw.v1 pool\n" ‖ …)` over, in this order: for each stratum in the order of the record
//!   `text(stratum id)`, the count to draw as 8 bytes big-endian, the number of objects as 8 bytes, and `text(code)` of each
//!   object in ascending order of bytes; then the number of officers as 8 bytes and `text(code)` of each in ascending order;
//!   then the number of bars as 8 bytes and `text(officer) ‖ text(object) ‖ text(reason)` of each, in ascending order of
//!   officer, object, reason; then officers per object as 8 bytes.
//! - Seed: `SHA-256("dudao.draw.v1 seed\n" ‖ text(secret) of each party in the order of the record ‖ pool hash (32 bytes))`.
//! - A stream of numbers for a purpose: the n-th block, from 0, is `SHA-256("dudao.draw.v1 stream\n" ‖ seed (32 bytes) ‖
//!   text(purpose) ‖ n as 8 bytes)`; each block gives four numbers of 64 bits, big-endian.
//! - A number below `m`: take the next number `x` of the stream; if `x ≥ 2^64 − (2^64 mod m)` take another one; the answer
//!   is `x mod m`. So every answer is equally likely.
//! - Drawing `k` of a sorted list: for `i` from 0 to `k − 1` swap place `i` with place `i + number below (length − i)`; the
//!   first `k` places are drawn, in that order (Fisher–Yates; Knuth, TAOCP 2, algorithm P).
//! - Objects of a stratum are drawn for the purpose `object:` and the stratum's id.
//! - Officers of a drawn object are drawn for the purpose `officer:` and the object's code, from the sorted officers whom
//!   no bar keeps from this object; objects go in the order drawn, stratum by stratum. An officer is free for any number of
//!   objects.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The version of the algorithm above.
pub const VERSION: u32 = 1;

/// The published record: whoever has it can draw again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of the algorithm.
    pub version: u32,
    /// Who committed, in their order.
    pub parties: Vec<PartyRecord>,
    /// What was drawn from.
    pub pool: Pool,
    /// Hash of the pools, hexadecimal.
    pub pool_hash: String,
    /// The seed, hexadecimal.
    pub seed: String,
    /// What was drawn.
    pub drawn: Vec<Drawn>,
}

/// A party's part in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyRecord {
    /// Who it is.
    pub name: String,
    /// The hash handed in before the pools were frozen.
    pub commitment: String,
    /// The secret revealed after that.
    pub secret: String,
}

/// The frozen pools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The strata in their order.
    pub strata: Vec<Stratum>,
    /// Codes of officers, sorted, each once.
    pub officers: Vec<String>,
    /// Who must not meet which object, and why; sorted, each once. These are the rejected names.
    pub bars: Vec<Barred>,
    /// Officers to draw for each object.
    pub officers_per_object: u64,
}

/// A part of the objects from which so many are drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stratum {
    /// Its id.
    pub id: String,
    /// How many are drawn.
    pub count: u64,
    /// Codes of the objects, sorted, each once.
    pub objects: Vec<String>,
}

/// An officer who must not meet an object (avoidance or rotation).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Barred {
    /// The officer's code.
    pub officer: String,
    /// The object's code.
    pub object: String,
    /// Why.
    pub reason: String,
}

/// A drawn object with its officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The stratum's id.
    pub stratum: String,
    /// The object's code.
    pub object: String,
    /// Codes of its officers, in the order drawn; fewer than asked for if not enough may go.
    pub officers: Vec<String>,
}

/// Where a record and a draw from it differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The record is of an algorithm that this program does not know.
    Version(u32),
    /// A party's secret does not have the hash that it handed in.
    Commitment(String),
    /// Fewer than two parties, or one name twice.
    Parties,
    /// A list of the pools is not sorted, or names something twice.
    Unsorted(String),
    /// The pools do not have the recorded hash.
    PoolHash,
    /// Secrets and pools do not give the recorded seed.
    Seed,
    /// The seed does not draw what is recorded.
    Drawn,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Version(version) => write!(
                f,
                "未知的算法版本 {version} unknown version of the algorithm"
            ),
            Self::Commitment(name) => write!(
                f,
                "“{name}”揭示的秘密与承诺不符 the secret of {name} does not have the hash handed in"
            ),
            Self::Parties => f.write_str(
                "须有两个以上互不重名的参与方 there must be two or more parties of different names",
            ),
            Self::Unsorted(list) => write!(
                f,
                "{list} 未排序或有重复 {list} is not sorted or names something twice"
            ),
            Self::PoolHash => {
                f.write_str("名录与其散列不符 the pools do not have the recorded hash")
            }
            Self::Seed => {
                f.write_str("种子有误 the secrets and the pools do not give the recorded seed")
            }
            Self::Drawn => f.write_str("抽取结果有误 the seed does not draw what is recorded"),
        }
    }
}

/// The hash that a party hands in for its secret, hexadecimal.
pub fn commitment(secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"dudao.draw.v1 commit\n");
    text(&mut hash, secret);
    hex(&hash.finalize().into())
}

/// The seed of all secrets and the pools.
pub fn seed<'a>(secrets: impl IntoIterator<Item = &'a str>, pool: &Pool) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"dudao.draw.v1 seed\n");
    for secret in secrets {
        text(&mut hash, secret);
    }
    hash.update(pool.hash());
    hash.finalize().into()
}

impl Pool {
    /// Sorts every list and takes out what is named twice, as the record has it.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        for stratum in &mut self.strata {
            stratum.objects.sort_unstable();
            stratum.objects.dedup();
            stratum.count = stratum.count.min(stratum.objects.len() as u64);
        }
        self.officers.sort_unstable();
        self.officers.dedup();
        self.bars.sort_unstable();
        self.bars.dedup();
        self
    }

    /// The hash of the pools.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"dudao.draw.v1 pool\n");
        for stratum in &self.strata {
            text(&mut hash, &stratum.id);
            number(&mut hash, stratum.count);
            number(&mut hash, stratum.objects.len() as u64);
            for object in &stratum.objects {
                text(&mut hash, object);
            }
        }
        number(&mut hash, self.officers.len() as u64);
        for officer in &self.officers {
            text(&mut hash, officer);
        }
        number(&mut hash, self.bars.len() as u64);
        for bar in &self.bars {
            text(&mut hash, &bar.officer);
            text(&mut hash, &bar.object);
            text(&mut hash, &bar.reason);
        }
        number(&mut hash, self.officers_per_object);
        hash.finalize().into()
    }

    /// The lists that are not sorted, or name something twice.
    fn unsorted(&self) -> Vec<String> {
        let mut wrong: Vec<_> = self
            .strata
            .iter()
            .filter(|stratum| {
                !ascending(&stratum.objects) || stratum.count > stratum.objects.len() as u64
            })
            .map(|stratum| stratum.id.clone())
            .collect();
        if !ascending(&self.officers) {
            wrong.push("officers".to_owned());
        }
        if !ascending(&self.bars) {
            wrong.push("bars".to_owned());
        }
        wrong
    }

    /// Draws objects and their officers.
    pub fn draw(&self, seed: &[u8; 32]) -> Vec<Drawn> {
        let mut drawn = Vec::new();
        for stratum in &self.strata {
            let mut stream = Stream::new(seed, format!("object:{}", stratum.id));
            for object in stream.take(&stratum.objects, stratum.count) {
                let barred: BTreeSet<_> = self
                    .bars
                    .iter()
                    .filter(|bar| bar.object == object)
                    .map(|bar| &bar.officer)
                    .collect();
                let free: Vec<_> = self
                    .officers
                    .iter()
                    .filter(|officer| !barred.contains(officer))
                    .cloned()
                    .collect();
                let mut stream = Stream::new(seed, format!("officer:{object}"));
                drawn.push(Drawn {
                    stratum: stratum.id.clone(),
                    officers: stream.take(&free, self.officers_per_object),
                    object,
                });
            }
        }
        drawn
    }
}

impl Record {
    /// The record of a draw whose secrets are all revealed.
    pub fn of(parties: Vec<PartyRecord>, pool: Pool) -> Self {
        let pool = pool.sorted();
        let seed = seed(parties.iter().map(|party| party.secret.as_str()), &pool);
        Self {
            version: VERSION,
            pool_hash: hex(&pool.hash()),
            drawn: pool.draw(&seed),
            seed: hex(&seed),
            parties,
            pool,
        }
    }

    /// As it is published: JSON with the fields in the order of this type.
    pub fn to_json(&self) -> String {
        // Its fields are texts, numbers and lists of them, which always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Draws again from the record alone, and tells every difference.
    pub fn verify(&self) -> Result<(), Vec<Mismatch>> {
        let mut wrong = Vec::new();
        if self.version != VERSION {
            return Err(vec![Mismatch::Version(self.version)]);
        }
        let names: BTreeSet<_> = self.parties.iter().map(|party| &party.name).collect();
        if names.len() < 2 || names.len() != self.parties.len() {
            wrong.push(Mismatch::Parties);
        }
        for party in &self.parties {
            if commitment(&party.secret) != party.commitment {
                wrong.push(Mismatch::Commitment(party.name.clone()));
            }
        }
        wrong.extend(self.pool.unsorted().into_iter().map(Mismatch::Unsorted));
        if hex(&self.pool.hash()) != self.pool_hash {
            wrong.push(Mismatch::PoolHash);
        }
        let seed = seed(
            self.parties.iter().map(|party| party.secret.as_str()),
            &self.pool,
        );
        if hex(&seed) != self.seed {
            wrong.push(Mismatch::Seed);
        }
        if wrong.is_empty() && self.pool.draw(&seed) != self.drawn {
            wrong.push(Mismatch::Drawn);
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// Numbers for a purpose.
struct Stream<'a> {
    seed: &'a [u8; 32],
    purpose: String,
    block: u64,
    left: Vec<u64>,
}

impl<'a> Stream<'a> {
    fn new(seed: &'a [u8; 32], purpose: String) -> Self {
        Self {
            seed,
            purpose,
            block: 0,
            left: Vec::new(),
        }
    }

    fn next(&mut self) -> u64 {
        loop {
            if let Some(number) = self.left.pop() {
                return number;
            }
            let mut hash = Sha256::new();
            hash.update(b"dudao.draw.v1 stream\n");
            hash.update(self.seed);
            text(&mut hash, &self.purpose);
            number(&mut hash, self.block);
            let block: [u8; 32] = hash.finalize().into();
            self.block += 1;
            let (numbers, _) = block.as_chunks::<8>();
            self.left = numbers
                .iter()
                .rev()
                .map(|bytes| u64::from_be_bytes(*bytes))
                .collect();
        }
    }

    /// A number below `m`, every one equally likely; `m` is at least 1.
    fn below(&mut self, m: u64) -> u64 {
        // 2^64 mod m, without a number of 65 bits.
        let rest = (u64::MAX % m + 1) % m;
        loop {
            let number = self.next();
            if rest == 0 || number < u64::MAX - rest + 1 {
                return number % m;
            }
        }
    }

    /// Draws so many of a sorted list.
    fn take(&mut self, list: &[String], count: u64) -> Vec<String> {
        let mut list = list.to_vec();
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(list.len());
        for at in 0..count {
            let other = at + self.below((list.len() - at) as u64) as usize;
            list.swap(at, other);
        }
        list.truncate(count);
        list
    }
}

fn ascending<T: Ord>(list: &[T]) -> bool {
    list.windows(2).all(|pair| pair[0] < pair[1])
}

fn text(hash: &mut Sha256, text: &str) {
    number(hash, text.len() as u64);
    hash.update(text.as_bytes());
}

fn number(hash: &mut Sha256, number: u64) {
    hash.update(number.to_be_bytes());
}

/// Bytes as hexadecimal digits in lower case.
pub fn hex(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pool(objects: usize, count: u64) -> Pool {
        Pool {
            strata: vec![
                Stratum {
                    id: "学校".to_owned(),
                    count,
                    objects: (0..objects).map(|n| format!("S{n:03}")).collect(),
                },
                Stratum {
                    id: "幼儿园".to_owned(),
                    count: 1,
                    objects: vec!["K1".to_owned(), "K2".to_owned()],
                },
            ],
            officers: (0..6).map(|n| format!("D{n}")).collect(),
            bars: vec![
                Barred {
                    officer: "D0".to_owned(),
                    object: "K1".to_owned(),
                    reason: "任职".to_owned(),
                },
                Barred {
                    officer: "D0".to_owned(),
                    object: "K2".to_owned(),
                    reason: "任职".to_owned(),
                },
            ],
            officers_per_object: 2,
        }
    }

    fn parties(secrets: [&str; 2]) -> Vec<PartyRecord> {
        let names = ["县督导办", "县市场监督管理局"];
        names
            .iter()
            .zip(secrets)
            .map(|(name, secret)| PartyRecord {
                name: (*name).to_owned(),
                commitment: commitment(secret),
                secret: secret.to_owned(),
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_record_draws_the_same_again_and_no_bar_is_broken(one in ".{1,20}", other in ".{1,20}", objects in 1_usize..60, count in 0_u64..20) {
            let record = Record::of(parties([&one, &other]), pool(objects, count));
            prop_assert_eq!(record.verify(), Ok(()));
            let schools = record.drawn.iter().filter(|one| one.stratum == "学校").count();
            prop_assert_eq!(schools as u64, count.min(objects as u64));
            for drawn in &record.drawn {
                let distinct: BTreeSet<_> = drawn.officers.iter().collect();
                prop_assert_eq!(distinct.len(), 2);
                prop_assert!(drawn.stratum == "学校" || !drawn.officers.contains(&"D0".to_owned()));
            }
        }

        #[test]
        fn whatever_is_changed_in_a_record_is_found(at in 0_usize..8) {
            let right = Record::of(parties(["甲", "乙"]), pool(30, 5));
            let mut wrong = right.clone();
            match at {
                0 => wrong.parties[0].secret.push('x'),
                1 => wrong.parties[1].commitment = commitment("丙"),
                2 => wrong.pool.strata[0].objects.push("S999".to_owned()),
                3 => wrong.pool.bars.clear(),
                4 => wrong.seed = right.pool_hash.clone(),
                5 => wrong.drawn[0].object = "S029".to_owned(),
                6 => wrong.pool.officers.swap(0, 1),
                _ => { wrong.parties.pop(); }
            }
            prop_assume!(wrong != right);
            prop_assert!(wrong.verify().is_err());
        }
    }

    #[test]
    fn every_object_is_drawn_about_as_often() {
        // 4,000 draws of 1 of 10: 400 each; chi-square of 9 degrees stays below 27.9 in 999 of 1,000 cases.
        let mut met = [0_f64; 10];
        for n in 0..4_000 {
            let record = Record::of(parties(["甲", &n.to_string()]), pool(10, 1));
            let at: usize = record.drawn[0].object[1..].parse().unwrap();
            met[at] += 1.0;
        }
        let chi: f64 = met
            .iter()
            .map(|count| (count - 400.0).powi(2) / 400.0)
            .sum();
        assert!(chi < 27.9, "{chi}: {met:?}");
    }
}
