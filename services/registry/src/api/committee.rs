//! The committee of a county.

use dudao_platform::resource::freely_changed;
use dudao_platform::{call, mirror, resource, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::committee_service_server::CommitteeService;

use super::Registry;
use crate::domain::committee::{Committee, Officer};

mirror!(Officer => proto::Officer { display_name, post, phone });
mirror!(Committee => proto::Committee {
    director as part, deputies, office, office_director as part, chief_supervisor as part, deputy_chief_supervisors,
    working_rules,
});

resource!(Committee => proto::Committee, committee, "committee_id";
    edit { director, deputies, office, office_director, chief_supervisor, deputy_chief_supervisors, working_rules };
    Created => proto::CommitteeCreated, Updated => proto::CommitteeUpdated);

rpcs! { impl CommitteeService for Registry, in proto;
    get_committee(GetCommitteeRequest) -> Committee = |me, caller, request| me.desk.get::<Committee>(caller, &request.name);
    update_committee(UpdateCommitteeRequest) -> Committee = |me, caller, request|
        me.desk.update::<Committee, _>(call!(caller, request), request.committee.as_ref(), request.update_mask.as_ref(), freely_changed);
}
