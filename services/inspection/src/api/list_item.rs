//! The year's filed list.

use dudao_platform::document::Filter;
use dudao_platform::resource::{Stepped, freely, freely_changed, parse_parent};
use dudao_platform::{call, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::list_item_service_server::ListItemService;

use super::Inspection;
use crate::domain::list_item::ListItem;

mirror!(ListItem => proto::ListItem {
    display_name, year, kind as word, basis, filed_with, file_date, document,
} out { withdrawn, withdraw_reason });

resource!(ListItem => proto::ListItem, list_item, "list_item_id";
    edit { display_name, year, kind, basis, filed_with, file_date, document };
    Created => proto::ListItemCreated, Updated => proto::ListItemUpdated, Ended => proto::ListItemWithdrawn);

rpcs! { impl ListItemService for Inspection, in proto;
    create_list_item(CreateListItemRequest) -> ListItem = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<ListItem, _>(call!(caller, request), &request.parent, &request.list_item_id, request.list_item.as_ref(), freely).await
    };
    get_list_item(GetListItemRequest) -> ListItem = |me, caller, request| me.desk.get::<ListItem>(caller, &request.name);
    list_list_items(ListListItemsRequest) -> ListListItemsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = super::campaign::year_of(request.year);
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: request.show_withdrawn, from: &from, until: &until, ..Filter::default() };
        let (list_items, next_page_token) = me.desk.list::<ListItem>(caller, &page, filter).await?;
        Ok(proto::ListListItemsResponse { list_items, next_page_token })
    };
    update_list_item(UpdateListItemRequest) -> ListItem = |me, caller, request|
        me.desk.update::<ListItem, _>(call!(caller, request), request.list_item.as_ref(), request.update_mask.as_ref(), freely_changed);
    withdraw_list_item(WithdrawListItemRequest) -> ListItem = |me, caller, request|
        me.desk.step::<ListItem, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().withdraw(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| {
                use dudao_platform::resource::Resource as _;
                payload!(about, proto::ListItemWithdrawn, list_item, ListItem::to_message(after))
            })] })
        });
}
