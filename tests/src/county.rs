//! Two counties with something of everything: what callers from outside may see of them, and what not.
//!
//! `county.json` tells how they come about: a day, or a call with its request. Steps of the county are taken in both, those
//! of a school for both schools of the first and the one of the second. Names end with the number of the school that they
//! concern; texts begin with a mark that says whose they are. What stands on the plaque at the gate (names of schools, zones
//! and supervisors) is for everyone.

use dudao_platform::events::{self, NewEvent};
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor};
use registry::plaque_service_client::PlaqueServiceClient;
use serde::Deserialize;
use serde_json::Value;

use crate::contract::{call, pool};
use crate::{House, eventually};

/// The county in which callers are at home.
pub const HOME: &str = "140525";
/// Another one of the same city.
pub const ELSEWHERE: &str = "140526";
/// Stands in every text of the other county.
pub const FOREIGN: &str = "外县机密";
/// Stands in the texts of the second school of the first county.
pub const OTHERS: &str = "别校机密";
/// Stands in the texts of the first school.
pub const OWN: &str = "本校";

#[derive(Deserialize)]
#[serde(untagged)]
enum Step {
    Day {
        day: String,
    },
    Call {
        of: Of,
        call: String,
        with: Value,
    },
    Zone {
        zone: String,
        name: String,
        school: String,
        supervisor: String,
    },
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Of {
    County,
    School,
}

/// For whom a step is taken.
struct Place {
    code: &'static str,
    n: &'static str,
    mark: &'static str,
}

const COUNTIES: [Place; 2] = [
    Place {
        code: HOME,
        n: "1",
        mark: "本县",
    },
    Place {
        code: ELSEWHERE,
        n: "1",
        mark: FOREIGN,
    },
];
const SCHOOLS: [Place; 3] = [
    Place {
        code: HOME,
        n: "1",
        mark: OWN,
    },
    Place {
        code: HOME,
        n: "2",
        mark: OTHERS,
    },
    Place {
        code: ELSEWHERE,
        n: "1",
        mark: FOREIGN,
    },
];

impl Place {
    fn fill(&self, text: &str) -> String {
        text.replace("{c}", &format!("counties/{}", self.code))
            .replace("{code}", self.code)
            .replace("{n}", self.n)
            .replace("{mark}", self.mark)
            .replace(
                "{open}",
                if self.mark == FOREIGN {
                    FOREIGN
                } else {
                    "可公开"
                },
            )
    }
}

/// Lets the two counties come about in a house.
pub async fn settle(house: &House) {
    let steps: Vec<Step> = serde_json::from_str(include_str!("county.json")).unwrap();
    for step in &steps {
        match step {
            Step::Day { day } => house.on_day(day),
            Step::Call {
                of,
                call: rpc,
                with,
            } => {
                let places = if *of == Of::County {
                    &COUNTIES[..]
                } else {
                    &SCHOOLS[..]
                };
                for place in places {
                    let message = place.fill(&with.to_string());
                    if let Err(status) = take(house, rpc, &message).await {
                        panic!("{rpc} {message}: {status:?}");
                    }
                }
            }
            Step::Zone {
                zone,
                name,
                school,
                supervisor,
            } => {
                for county in [HOME, ELSEWHERE] {
                    zone_all(house, county, [zone, name, school, supervisor]).await;
                }
            }
        }
    }
}

/// Calls an RPC, by `package.Service/Method`, with a message in JSON.
pub async fn take(house: &House, rpc: &str, message: &str) -> Result<Vec<Vec<u8>>, tonic::Status> {
    let method = method(rpc);
    let mut json = serde_json::Deserializer::from_str(message);
    let message = DynamicMessage::deserialize(method.input(), &mut json).unwrap();
    call(
        &house.link,
        &format!("/dudao.{rpc}"),
        message.encode_to_vec(),
    )
    .await
}

fn method(rpc: &str) -> MethodDescriptor {
    let (service, method) = rpc.split_once('/').unwrap();
    let service = pool()
        .get_service_by_name(&format!("dudao.{service}"))
        .unwrap();
    service.methods().find(|one| one.name() == method).unwrap()
}

/// Brings zones into force as an activated plan does: one for each school, with its own supervisor.
async fn zone_all(house: &House, county: &str, [zone, name, school, supervisor]: [&String; 4]) {
    let zones = SCHOOLS
        .iter()
        .filter(|place| place.code == county)
        .map(|place| {
            let name_of = |collection: &str, code: &str| {
                format!("counties/{county}/{collection}/{}", place.fill(code))
            };
            scheduler::PlannedZone {
                zone_id: place.fill(zone),
                display_name: place.fill(name),
                supervisors: vec![scheduler::PlannedSupervisor {
                    supervisor: name_of("supervisors", supervisor),
                    ..Default::default()
                }],
                schools: vec![scheduler::PlannedSchool {
                    school: name_of("schools", school),
                    supervisor: name_of("supervisors", supervisor),
                    ..Default::default()
                }],
            }
        });
    let plan = format!("counties/{county}/zoningPlans/p1");
    let activated = scheduler::ZoningPlanActivated {
        zoning_plan: Some(scheduler::ZoningPlan {
            name: plan.clone(),
            zones: zones.collect(),
            ..Default::default()
        }),
    };
    let mut tx = house.scheduler.db.begin_write().await.unwrap();
    let event = NewEvent::new(county, plan, "planner", &activated);
    events::append(&mut tx, [event]).await.unwrap();
    tx.commit().await.unwrap();
    let parent = format!("counties/{county}");
    eventually(|| async {
        let request = registry::ListPlaquesRequest {
            parent: parent.clone(),
            ..Default::default()
        };
        let mut plaques = dudao_platform::limited!(PlaqueServiceClient::new(house.link.clone()));
        let answer = plaques.list_plaques(request).await.unwrap().into_inner();
        (!answer.plaques.is_empty()).then_some(())
    })
    .await;
}
