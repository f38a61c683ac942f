//! Third-party assessors.

use dudao_platform::document::Filter;
use dudao_platform::resource::{freely, freely_changed, parse_parent};
use dudao_platform::{call, mirror, page, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::assessor_service_server::AssessorService;

use super::Inspection;
use crate::domain::assessor::Assessor;

mirror!(Assessor => proto::Assessor { display_name, credit_code, qualification, representative });

resource!(Assessor => proto::Assessor, assessor, "assessor_id"; edit { display_name, credit_code, qualification, representative };
    Created => proto::AssessorCreated, Updated => proto::AssessorUpdated);

rpcs! { impl AssessorService for Inspection, in proto;
    create_assessor(CreateAssessorRequest) -> Assessor = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<Assessor, _>(call!(caller, request), &request.parent, &request.assessor_id, request.assessor.as_ref(), freely).await
    };
    get_assessor(GetAssessorRequest) -> Assessor = |me, caller, request| me.desk.get::<Assessor>(caller, &request.name);
    list_assessors(ListAssessorsRequest) -> ListAssessorsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ..Filter::default() };
        let (assessors, next_page_token) = me.desk.list::<Assessor>(caller, &page, filter).await?;
        Ok(proto::ListAssessorsResponse { assessors, next_page_token })
    };
    update_assessor(UpdateAssessorRequest) -> Assessor = |me, caller, request|
        me.desk.update::<Assessor, _>(call!(caller, request), request.assessor.as_ref(), request.update_mask.as_ref(), freely_changed);
}
