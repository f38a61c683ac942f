//! Clients of the services, on the account of one caller.

use std::net::IpAddr;

use dudao_platform::limited;
use dudao_platform::rpc::{Link, Proof};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::auth::v1 as auth;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use tonic::Status;

use crate::Links;
use crate::records::Service;

/// The services, for one caller. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk(Links);

macro_rules! clients {
    ($($name:ident: $service:ident $room:ident::$client:ident;)*) => {
        impl Desk {
            $(
                pub fn $name(&self) -> $service::$room::$client<Link> {
                    limited!($service::$room::$client::new(self.0.$service.clone()))
                }
            )*
        }
    };
}

clients! {
    counties: registry county_service_client::CountyServiceClient;
    schools: registry school_service_client::SchoolServiceClient;
    supervisors: registry supervisor_service_client::SupervisorServiceClient;
    intake: registry intake_service_client::IntakeServiceClient;
    trainings: registry training_service_client::TrainingServiceClient;
    towns: registry town_service_client::TownServiceClient;
    units: registry member_unit_service_client::MemberUnitServiceClient;
    map_layers: registry map_layer_service_client::MapLayerServiceClient;
    zones: registry zone_service_client::ZoneServiceClient;
    visits: inspection visit_service_client::VisitServiceClient;
    campaigns: inspection campaign_service_client::CampaignServiceClient;
    findings: inspection finding_service_client::FindingServiceClient;
    evidence: inspection evidence_service_client::EvidenceServiceClient;
    draws: inspection draw_service_client::DrawServiceClient;
    list_items: inspection list_item_service_client::ListItemServiceClient;
    balances: inspection balance_report_service_client::BalanceReportServiceClient;
    indicator_sets: inspection indicator_set_service_client::IndicatorSetServiceClient;
    evaluations: inspection evaluation_service_client::EvaluationServiceClient;
    complaints: inspection complaint_service_client::ComplaintServiceClient;
    public: inspection public_service_client::PublicServiceClient;
    plaques: registry plaque_service_client::PlaqueServiceClient;
    registry_documents: registry registry_document_service_client::RegistryDocumentServiceClient;
    inspection_documents: inspection inspection_document_service_client::InspectionDocumentServiceClient;
    accountability_documents: accountability accountability_document_service_client::AccountabilityDocumentServiceClient;
    published: accountability publication_service_client::PublicationServiceClient;
    risks: inspection risk_service_client::RiskServiceClient;
    compliance: accountability compliance_service_client::ComplianceServiceClient;
    decisions: accountability accountability_decision_service_client::AccountabilityDecisionServiceClient;
    ledger: accountability ledger_service_client::LedgerServiceClient;
    cases: accountability case_service_client::CaseServiceClient;
    registry_events: registry registry_event_service_client::RegistryEventServiceClient;
    inspection_events: inspection inspection_event_service_client::InspectionEventServiceClient;
    accountability_events: accountability accountability_event_service_client::AccountabilityEventServiceClient;
    zonings: scheduler zoning_plan_service_client::ZoningPlanServiceClient;
    years: scheduler year_plan_service_client::YearPlanServiceClient;
}

impl Desk {
    /// For nobody, who comes from this address: what is for everyone.
    pub fn of_nobody(links: &Links, whence: Option<IpAddr>) -> Self {
        Self(Links {
            registry: links.registry.coming_from(whence),
            inspection: links.inspection.coming_from(whence),
            accountability: links.accountability.coming_from(whence),
            scheduler: links.scheduler.coming_from(whence),
        })
    }

    /// For whoever holds the token.
    pub fn of(links: &Links, token: &str) -> Self {
        let proving = |link: &Link| link.proving(Proof::Token(token.into()));
        Self(Links {
            registry: proving(&links.registry),
            inspection: proving(&links.inspection),
            accountability: proving(&links.accountability),
            scheduler: proving(&links.scheduler),
        })
    }

    /// A service of which only the contract is known.
    pub fn link_to(&self, service: Service) -> &Link {
        match service {
            Service::Registry => &self.0.registry,
            Service::Inspection => &self.0.inspection,
            Service::Accountability => &self.0.accountability,
        }
    }

    /// Signing in: every service offers it.
    pub fn sign_in(&self) -> auth::sign_in_service_client::SignInServiceClient<Link> {
        limited!(auth::sign_in_service_client::SignInServiceClient::new(
            self.0.registry.clone()
        ))
    }

    /// Every school that the caller may see, closed ones too if asked for.
    pub async fn all_schools(
        &self,
        parent: &str,
        show_closed: bool,
    ) -> Result<Vec<registry::School>, Status> {
        all(async |page_token| {
            let request = registry::ListSchoolsRequest {
                parent: parent.to_owned(),
                page_size: PAGE,
                page_token,
                show_closed,
                ..Default::default()
            };
            let page = self.schools().list_schools(request).await?.into_inner();
            Ok((page.schools, page.next_page_token))
        })
        .await
    }

    /// Every supervisor that the caller may see, those who have left too if asked for.
    pub async fn all_supervisors(
        &self,
        parent: &str,
        show_left: bool,
    ) -> Result<Vec<registry::Supervisor>, Status> {
        all(async |page_token| {
            let request = registry::ListSupervisorsRequest {
                parent: parent.to_owned(),
                page_size: PAGE,
                page_token,
                show_left,
            };
            let page = self.supervisors().list_supervisors(request).await?;
            let page = page.into_inner();
            Ok((page.supervisors, page.next_page_token))
        })
        .await
    }

    /// Every member unit of the committee, those that have left too.
    pub async fn all_units(&self, parent: &str) -> Result<Vec<registry::MemberUnit>, Status> {
        all(async |page_token| {
            let request = registry::ListMemberUnitsRequest {
                parent: parent.to_owned(),
                page_size: PAGE,
                page_token,
            };
            let page = self.units().list_member_units(request).await?.into_inner();
            Ok((page.member_units, page.next_page_token))
        })
        .await
    }

    /// The zones in force.
    pub async fn all_zones(&self, parent: &str) -> Result<Vec<registry::Zone>, Status> {
        all(async |page_token| {
            let request = registry::ListZonesRequest {
                parent: parent.to_owned(),
                page_size: PAGE,
                page_token,
            };
            let page = self.zones().list_zones(request).await?.into_inner();
            Ok((page.zones, page.next_page_token))
        })
        .await
    }

    /// Visits, as the question asks for them.
    pub async fn all_visits(
        &self,
        question: &inspection::ListVisitsRequest,
    ) -> Result<Vec<inspection::Visit>, Status> {
        all(async |page_token| {
            let request = inspection::ListVisitsRequest {
                page_size: PAGE,
                page_token,
                ..question.clone()
            };
            let page = self.visits().list_visits(request).await?.into_inner();
            Ok((page.visits, page.next_page_token))
        })
        .await
    }

    /// The zoning in force, without its content.
    pub async fn active_zoning(
        &self,
        parent: &str,
    ) -> Result<Option<scheduler::ZoningPlan>, Status> {
        let request = scheduler::ListZoningPlansRequest {
            parent: parent.to_owned(),
            page_size: 1,
            states: vec![scheduler::PlanState::Active.into()],
            ..Default::default()
        };
        let page = self.zonings().list_zoning_plans(request).await?;
        Ok(page.into_inner().zoning_plans.pop())
    }

    /// The year plans in force, the newest first, without their content.
    pub async fn active_years(&self, parent: &str) -> Result<Vec<scheduler::YearPlan>, Status> {
        let request = scheduler::ListYearPlansRequest {
            parent: parent.to_owned(),
            page_size: PAGE,
            states: vec![scheduler::PlanState::Active.into()],
            ..Default::default()
        };
        let page = self.years().list_year_plans(request).await?;
        Ok(page.into_inner().year_plans)
    }
}

/// The largest page that a list gives.
pub const PAGE: i32 = 1000;

/// Every page of a list.
pub async fn all<T, F>(mut page: impl FnMut(String) -> F) -> Result<Vec<T>, Status>
where
    F: Future<Output = Result<(Vec<T>, String), Status>>,
{
    let mut items = Vec::new();
    let mut token = String::new();
    loop {
        let (more, next) = page(token).await?;
        items.extend(more);
        if next.is_empty() {
            return Ok(items);
        }
        token = next;
    }
}

/// The last part of a name: `S1` of `counties/140525/schools/S1`.
pub fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
