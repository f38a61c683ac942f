//! Asking the registry about people and places, outside of any transaction.

use dudao_inquiry::refused;
use dudao_platform::rpc::Link;
use dudao_platform::{Result, limited};
use dudao_proto::registry::v1 as registry;
use registry::school_service_client::SchoolServiceClient;
use registry::supervisor_service_client::SupervisorServiceClient;
use tonic::Code;

use super::Inspection;
use crate::domain::visit::{Bar, Candidate, Place};

/// The stage of a school as the registry's lists spell it.
pub(super) fn stage_zh(stage: registry::Stage) -> &'static str {
    match stage {
        registry::Stage::Unspecified => "",
        registry::Stage::Kindergarten => "幼儿园",
        registry::Stage::Primary => "小学",
        registry::Stage::Junior => "初中",
        registry::Stage::Senior => "高中",
        registry::Stage::NineYear => "九年一贯制",
        registry::Stage::TwelveYear => "十二年一贯制",
        registry::Stage::CompleteSecondary => "完全中学",
        registry::Stage::Vocational => "中等职业学校",
        registry::Stage::Special => "特殊教育",
    }
}

impl Inspection {
    /// What the registry knows of an object.
    pub(crate) async fn place(&self, target: &str) -> Result<Place> {
        if !target.contains("/schools/") {
            return Ok(Place::default());
        }
        let school = school(&self.registry.link, target).await?;
        Ok(Place {
            stage: stage_zh(school.stage()).to_owned(),
            responsible: school.responsible_supervisor.clone(),
            position: school.place.map(|place| (place.longitude, place.latitude)),
        })
    }

    /// What the registry knows of people who are to meet an object, with what bars them from it. Unknown ones are left out.
    pub(crate) async fn candidates(&self, people: &[&str], target: &str) -> Result<Vec<Candidate>> {
        let mut client = limited!(SupervisorServiceClient::new(self.registry.link.clone()));
        let mut found = Vec::with_capacity(people.len());
        for name in people {
            let request = registry::GetSupervisorRequest {
                name: (*name).to_owned(),
            };
            let person = match client.get_supervisor(request).await {
                Ok(person) => person.into_inner(),
                Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => {
                    continue;
                }
                Err(status) => return Err(refused(status, name)),
            };
            found.push(Candidate {
                supervisor: person.name.clone(),
                display_name: person.display_name.clone(),
                stages: person
                    .stages()
                    .map(|stage| stage_zh(stage).to_owned())
                    .collect(),
                in_office: person.leave_time.is_none(),
                term_end: person.term_end_date.parse().ok(),
                bars: Vec::new(),
            });
        }
        let names: Vec<_> = found.iter().map(|one| one.supervisor.clone()).collect();
        let county = target.split('/').nth(1).unwrap_or_default();
        let avoidances = self
            .registry
            .avoidance(county, &names, &[target.to_owned()], None)
            .await?;
        for avoided in avoidances {
            if let Some(person) = found
                .iter_mut()
                .find(|one| one.supervisor == avoided.supervisor)
            {
                person.bars.push(Bar {
                    zh: avoided.reason,
                    en: avoided.reason_en,
                    article: avoided.article,
                });
            }
        }
        Ok(found)
    }
}

pub(super) async fn school(registry: &Link, name: &str) -> Result<registry::School> {
    let request = registry::GetSchoolRequest {
        name: name.to_owned(),
    };
    Ok(limited!(SchoolServiceClient::new(registry.clone()))
        .get_school(request)
        .await
        .map_err(|status| refused(status, name))?
        .into_inner())
}
