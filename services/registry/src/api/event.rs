//! The registry's events, and all that it has.

use dudao_chancery::Issued;
use dudao_platform::event_service;
use dudao_platform::events::Collection;
use dudao_proto::registry::v1::registry_event_service_server::RegistryEventService;

use super::{Registry, zone};
use crate::domain::admission::Admission;
use crate::domain::assessment::Assessment;
use crate::domain::calendar::Calendar;
use crate::domain::committee::Committee;
use crate::domain::county::County;
use crate::domain::map_layer::MapLayer;
use crate::domain::meeting::Meeting;
use crate::domain::member_unit::MemberUnit;
use crate::domain::plaque::Plaque;
use crate::domain::progress_report::ProgressReport;
use crate::domain::relation::Relation;
use crate::domain::ruleset::Ruleset;
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::domain::training::Training;

event_service! { impl RegistryEventService for Registry; |me| &me.desk.context;
    vec![
        Collection::of::<County>(),
        Collection::of::<Town>(),
        Collection::of::<MapLayer>(),
        Collection::of::<School>(),
        Collection::of::<Supervisor>(),
        zone::collection(),
        Collection::of::<MemberUnit>(),
        Collection::of::<Committee>(),
        Collection::of::<Meeting>(),
        Collection::of::<ProgressReport>(),
        Collection::of::<Calendar>(),
        Collection::of::<Ruleset>(),
        Collection::of::<Admission>(),
        Collection::of::<Relation>(),
        Collection::of::<Training>(),
        Collection::of::<Assessment>(),
        Collection::of::<Plaque>(),
        Collection::of::<Issued>(),
    ]
}
