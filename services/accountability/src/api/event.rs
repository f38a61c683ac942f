//! The accountability's events, and all that it has.

use dudao_chancery::Issued;
use dudao_platform::event_service;
use dudao_platform::events::Collection;
use dudao_proto::accountability::v1::accountability_event_service_server::AccountabilityEventService;

use super::Accountability;
use crate::domain::case::Case;
use crate::domain::commendation::Commendation;
use crate::domain::decision::AccountabilityDecision;

event_service! { impl AccountabilityEventService for Accountability; |me| &me.desk.context;
    vec![
        Collection::of::<Case>(),
        Collection::of::<AccountabilityDecision>(),
        Collection::of::<Commendation>(),
        Collection::of::<Issued>(),
    ]
}
