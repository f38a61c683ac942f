//! The life of a draw: `committing → frozen → drawn → published`, or void. [`record`] says how it is drawn.

pub mod record;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

use super::check_id;
use record::{PartyRecord, Pool, Record};

const BASIS: &str = "双随机一公开";

dudao_law::words!(
    /// Where a draw stands.
    DrawState {
        /// The parties hand in the hashes of their secrets.
        Committing = "承诺中",
        /// The pools are frozen; the parties reveal their secrets.
        Frozen = "名录已冻结",
        /// It is drawn.
        Drawn = "已抽取",
        /// Its record is published.
        Published = "已公开",
        /// A secret was withheld, or something else went wrong.
        Void = "已作废",
    }
);

impl Default for DrawState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// A party to the draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawParty {
    /// Who it is.
    pub party: String,
    /// The hash of its secret; "" until handed in.
    pub commitment: String,
    /// Its secret; "" until revealed.
    pub secret: String,
}

/// A part of the objects, and how many are drawn of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrawStratum {
    /// Its id.
    pub stratum: String,
    /// Stages of schools in it, in Chinese.
    pub stages: Vec<String>,
    /// The share to draw, rounded up, 0 to 1.
    pub share: f64,
    /// At least so many.
    pub count: i32,
}

/// A draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// What it is called.
    pub display_name: String,
    /// The campaign that it is for; may be "".
    pub campaign: String,
    /// Two or more parties, in their order.
    pub parties: Vec<DrawParty>,
    /// The strata.
    pub strata: Vec<DrawStratum>,
    /// Officers to draw for each object, 1 to 20.
    pub officers_per_object: i32,
    /// An officer is not drawn for a school that the same officer visited in so many years before, 0 to 20.
    pub rotation_years: i32,
    /// By when the secrets must be revealed; after that the draw is void.
    pub reveal_due_date: NaiveDate,
    /// Where it stands.
    pub state: DrawState,
    /// When the pools were frozen.
    pub freeze_date: Option<NaiveDate>,
    /// Hash of the frozen pools, hexadecimal.
    pub pool_hash: String,
    /// The frozen pools.
    #[serde(default)]
    pub pool: Option<Pool>,
    /// The record, once drawn: canonical JSON.
    pub record: String,
    /// When it was published.
    pub publish_date: Option<NaiveDate>,
    /// Why it is void.
    pub void_reason: String,
}

impl Draw {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "draw_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        let names: BTreeSet<_> = self.parties.iter().map(|one| one.party.trim()).collect();
        wrong.check(
            names.len() >= 2 && names.len() == self.parties.len() && !names.contains(""),
            "parties",
            "须有两个以上互不重名的参与方",
            "must be two or more parties of different names",
        );
        let ids: BTreeSet<_> = self.strata.iter().map(|one| one.stratum.trim()).collect();
        wrong.check(
            !ids.is_empty() && ids.len() == self.strata.len() && !ids.contains(""),
            "strata",
            "至少一层，且互不重名",
            "must be one or more of different ids",
        );
        let mut stages = BTreeSet::new();
        for (at, stratum) in self.strata.iter().enumerate() {
            wrong.check(
                (0.0..=1.0).contains(&stratum.share)
                    && stratum.count >= 0
                    && (stratum.share > 0.0 || stratum.count > 0),
                format!("strata[{at}].share"),
                "须写明抽取比例（0 至 1）或数量",
                "must state a share (0 to 1) or a count",
            );
            wrong.check(
                !stratum.stages.is_empty()
                    && stratum.stages.iter().all(|stage| stages.insert(stage)),
                format!("strata[{at}].stages"),
                "至少一个学段，且各层学段不重复",
                "must be one or more stages that no other stratum has",
            );
        }
        wrong.check(
            (1..=20).contains(&self.officers_per_object),
            "officers_per_object",
            "每个对象须抽取 1 至 20 名检查人员",
            "must be 1 to 20",
        );
        wrong.check(
            (0..=20).contains(&self.rotation_years),
            "rotation_years",
            "须为 0 至 20 年",
            "must be 0 to 20 years",
        );
        wrong.into_result()?;
        Ok(Self {
            parties: self
                .parties
                .into_iter()
                .map(|one| DrawParty {
                    party: one.party,
                    ..DrawParty::default()
                })
                .collect(),
            ..self
        })
    }

    /// Nothing of a draw changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Takes in the hash of a party's secret, before the pools are known.
    pub fn commit(mut self, party: &str, commitment: &str) -> Result<Self, Refusal> {
        self.in_state(&[DrawState::Committing])?;
        let right = commitment.len() == 64
            && commitment
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !right {
            return Err(Refusal::field(
                "commitment",
                "须为 64 位小写十六进制散列",
                "must be 64 hexadecimal digits in lower case",
            ));
        }
        if self.parties.iter().any(|one| one.commitment == commitment) {
            return Err(Refusal::field(
                "commitment",
                "与其他参与方的承诺相同",
                "must not be another party's",
            ));
        }
        let one = self.party(party)?;
        if !one.commitment.is_empty() {
            return Err(Refusal::state(
                "draw.committed",
                BASIS,
                format!("{party} 已提交承诺，不能更改"),
                "it has handed in its hash, which can't be changed",
            ));
        }
        commitment.clone_into(&mut one.commitment);
        Ok(self)
    }

    /// Freezes the pools, once every party has committed.
    pub fn freeze(mut self, pool: Pool, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[DrawState::Committing])?;
        let missing: Vec<_> = self
            .parties
            .iter()
            .filter(|one| one.commitment.is_empty())
            .map(|one| one.party.as_str())
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::rule(
                "draw.commitments",
                BASIS,
                format!(
                    "尚未提交承诺：{}；冻结名录后再承诺者可以挑选种子",
                    missing.join("、")
                ),
                "every party commits before the pools are known",
            ));
        }
        if today > self.reveal_due_date {
            return Err(Refusal::rule(
                "draw.reveal_due",
                BASIS,
                format!("揭示期限 {} 已过", self.reveal_due_date),
                "the day by which secrets must be revealed has passed",
            ));
        }
        let pool = pool.sorted();
        self.pool_hash = record::hex(&pool.hash());
        self.pool = Some(pool);
        self.freeze_date = Some(today);
        self.state = DrawState::Frozen;
        Ok(self)
    }

    /// How many a stratum draws of so many objects.
    pub fn count_of(stratum: &DrawStratum, objects: usize) -> u64 {
        let share = (stratum.share * objects as f64 - 1e-9).ceil().max(0.0) as u64;
        share.max(stratum.count.unsigned_abs().into())
    }

    /// Takes in a party's secret; with the last one it is drawn.
    pub fn reveal(mut self, party: &str, secret: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[DrawState::Frozen])?;
        if today > self.reveal_due_date {
            return Err(Refusal::rule(
                "draw.reveal_due",
                BASIS,
                format!("揭示期限 {} 已过：请作废后重新抽取", self.reveal_due_date),
                "the day by which secrets must be revealed has passed: void it",
            ));
        }
        let one = self.party(party)?;
        if !one.secret.is_empty() {
            return Err(Refusal::state(
                "draw.revealed",
                BASIS,
                format!("{party} 已揭示"),
                "it has revealed its secret",
            ));
        }
        if record::commitment(secret) != one.commitment {
            return Err(Refusal::rule(
                "draw.commitment",
                BASIS,
                "秘密与承诺的散列不符",
                "the secret does not have the hash handed in",
            ));
        }
        secret.clone_into(&mut one.secret);
        if self.parties.iter().all(|one| !one.secret.is_empty())
            && let Some(pool) = self.pool.clone()
        {
            let parties = self.parties.iter().map(|one| PartyRecord {
                name: one.party.clone(),
                commitment: one.commitment.clone(),
                secret: one.secret.clone(),
            });
            let record = Record::of(parties.collect(), pool);
            self.record = record.to_json();
            self.state = DrawState::Drawn;
        }
        Ok(self)
    }

    /// Voids it, on the record: before the deadline only if nothing is drawn.
    pub fn void(mut self, reason: &str) -> Result<Self, Refusal> {
        self.in_state(&[DrawState::Committing, DrawState::Frozen])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        self.state = DrawState::Void;
        reason.clone_into(&mut self.void_reason);
        Ok(self)
    }

    /// Publishes its record.
    pub fn publish(mut self, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[DrawState::Drawn])?;
        self.publish_date = Some(today);
        self.state = DrawState::Published;
        Ok(self)
    }

    fn party(&mut self, party: &str) -> Result<&mut DrawParty, Refusal> {
        self.parties
            .iter_mut()
            .find(|one| one.party == party)
            .ok_or_else(|| {
                Refusal::field(
                    "party",
                    format!("{party} 不是参与方"),
                    "must be a party of the draw",
                )
            })
    }

    fn in_state(&self, right: &[DrawState]) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right.iter().map(|state| state.zh()).collect();
        Err(Refusal::state(
            "draw.state",
            BASIS,
            format!(
                "抽取现为“{}”，此步骤须在“{}”时进行",
                self.state,
                words.join("”或“")
            ),
            "the draw's state does not allow this step",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::record::{Barred, Stratum};
    use super::*;
    use crate::domain::fixture::day;

    fn draw() -> Draw {
        let party = |name: &str| DrawParty {
            party: name.to_owned(),
            ..DrawParty::default()
        };
        Draw {
            display_name: "2026年秋季随机督导".to_owned(),
            campaign: String::new(),
            parties: vec![party("县督导办"), party("县市场监管局")],
            strata: vec![DrawStratum {
                stratum: "学校".to_owned(),
                stages: vec!["小学".to_owned()],
                share: 0.05,
                count: 1,
            }],
            officers_per_object: 2,
            rotation_years: 1,
            reveal_due_date: day("2026-09-10"),
            state: DrawState::Committing,
            freeze_date: None,
            pool_hash: String::new(),
            pool: None,
            record: String::new(),
            publish_date: None,
            void_reason: String::new(),
        }
    }

    fn pool() -> Pool {
        Pool {
            strata: vec![Stratum {
                id: "学校".to_owned(),
                count: 2,
                objects: ["S3", "S1", "S2"].map(str::to_owned).to_vec(),
            }],
            officers: ["B", "A", "C"].map(str::to_owned).to_vec(),
            bars: vec![Barred {
                officer: "A".to_owned(),
                object: "S1".to_owned(),
                reason: "任职".to_owned(),
            }],
            officers_per_object: 2,
        }
    }

    fn committed() -> Draw {
        draw()
            .commit("县督导办", &record::commitment("甲"))
            .unwrap()
            .commit("县市场监管局", &record::commitment("乙"))
            .unwrap()
    }

    #[test]
    fn article_21_a_draw_goes_from_the_hashes_to_its_published_record() {
        let today = day("2026-09-05");
        let frozen = committed().freeze(pool(), today).unwrap();
        let half = frozen.reveal("县督导办", "甲", today).unwrap();
        assert_eq!((half.state, half.record.as_str()), (DrawState::Frozen, ""));
        assert_eq!(
            half.clone().publish(today).unwrap_err().keys(),
            ["draw.state"]
        );
        let drawn = half.reveal("县市场监管局", "乙", today).unwrap();
        let record: Record = serde_json::from_str(&drawn.record).unwrap();
        assert_eq!(record.verify(), Ok(()));
        assert_eq!(
            drawn.clone().void("后悔").unwrap_err().keys(),
            ["draw.state"],
            "what is drawn stays"
        );
        assert_eq!(drawn.publish(today).unwrap().state, DrawState::Published);
    }

    #[test]
    fn who_knows_the_pool_cant_choose_the_seed() {
        let one = draw()
            .commit("县督导办", &record::commitment("甲"))
            .unwrap();
        assert_eq!(
            one.clone()
                .freeze(pool(), day("2026-09-05"))
                .unwrap_err()
                .keys(),
            ["draw.commitments"]
        );
        assert_eq!(
            one.clone()
                .commit("县督导办", &record::commitment("丙"))
                .unwrap_err()
                .keys(),
            ["draw.committed"]
        );
        assert_eq!(
            one.clone()
                .commit("县市场监管局", &record::commitment("甲"))
                .unwrap_err()
                .keys(),
            ["commitment"],
            "copied"
        );
        assert_eq!(
            one.clone()
                .commit("别人", &record::commitment("丙"))
                .unwrap_err()
                .keys(),
            ["party"]
        );
        assert_eq!(
            one.commit("县市场监管局", "abc").unwrap_err().keys(),
            ["commitment"]
        );
        let frozen = committed().freeze(pool(), day("2026-09-05")).unwrap();
        assert_eq!(
            frozen
                .clone()
                .commit("县督导办", &record::commitment("丙"))
                .unwrap_err()
                .keys(),
            ["draw.state"]
        );
        assert_eq!(
            frozen
                .reveal("县督导办", "丙", day("2026-09-05"))
                .unwrap_err()
                .keys(),
            ["draw.commitment"]
        );
    }

    #[test]
    fn a_withheld_secret_voids_the_draw_on_the_record() {
        let frozen = committed()
            .freeze(pool(), day("2026-09-05"))
            .unwrap()
            .reveal("县督导办", "甲", day("2026-09-05"))
            .unwrap();
        assert_eq!(
            frozen
                .clone()
                .reveal("县督导办", "甲", day("2026-09-05"))
                .unwrap_err()
                .keys(),
            ["draw.revealed"]
        );
        assert_eq!(
            frozen
                .clone()
                .reveal("县市场监管局", "乙", day("2026-09-11"))
                .unwrap_err()
                .keys(),
            ["draw.reveal_due"]
        );
        assert_eq!(
            committed()
                .freeze(pool(), day("2026-09-11"))
                .unwrap_err()
                .keys(),
            ["draw.reveal_due"]
        );
        assert_eq!(frozen.clone().void("").unwrap_err().keys(), ["reason"]);
        let void = frozen.void("县市场监管局未揭示").unwrap();
        assert_eq!((void.state, void.pool_hash.len()), (DrawState::Void, 64));
    }

    #[test]
    fn a_draw_has_parties_and_strata() {
        let mut wrong = draw();
        wrong.parties.truncate(1);
        wrong.strata[0].share = 2.0;
        wrong.officers_per_object = 0;
        wrong.rotation_years = -1;
        let fields: Vec<_> = wrong
            .check("d")
            .unwrap_err()
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(
            fields,
            [
                "parties",
                "strata[0].share",
                "officers_per_object",
                "rotation_years"
            ]
        );
        assert!(draw().check("d").is_ok());
    }

    #[test]
    fn a_share_is_rounded_up() {
        let share = |share, count| DrawStratum {
            share,
            count,
            ..draw().strata.remove(0)
        };
        assert_eq!(Draw::count_of(&share(0.05, 0), 100), 5);
        assert_eq!(Draw::count_of(&share(0.05, 0), 101), 6);
        assert_eq!(Draw::count_of(&share(0.05, 10), 101), 10);
        assert_eq!(Draw::count_of(&share(0.1, 0), 0), 0);
    }
}
