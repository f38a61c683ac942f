//! Notes.

use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::{
    self, Change, Item, Resource as _, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, clock, mirror, page, request, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::note_service_server::NoteService;

use super::Inspection;
use crate::domain::note::Note;
use crate::domain::visit::Visit;

mirror!(Note => proto::Note { visit, kind as word, matter, text, author, record_time, location as maybe, evidence });

dudao_platform::resource!(Note => proto::Note, note, "note_id"; edit { };
    Created => proto::NoteKept, Updated => proto::NoteKept);

rpcs! { impl NoteService for Inspection, in proto;
    create_note(CreateNoteRequest) -> Note = |me, caller, request| me.keep_note(caller, request);
    get_note(GetNoteRequest) -> Note = |me, caller, request| me.desk.get::<Note>(caller, &request.name);
    list_notes(ListNotesRequest) -> ListNotesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, subject: &request.visit, ..Filter::default() };
        let (notes, next_page_token) = me.desk.list::<Note>(caller, &page, filter).await?;
        Ok(proto::ListNotesResponse { notes, next_page_token })
    };
}

impl Inspection {
    /// Keeps a note. One that the device sends again is the same; another of that id is refused.
    async fn keep_note(
        &self,
        caller: &Principal,
        asked: &proto::CreateNoteRequest,
    ) -> Result<proto::Note> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let item = Item::only(
            &self.desk.context,
            &asked.note_id,
            asked.note.clone().unwrap_or_default(),
        );
        let sight = self.desk.sight(caller).await?;
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let today = clock::day_of(tx.now_us());
                let content = Note::from_message(&item.code, item.message.clone(), today)
                    .map_err(|wrong| resource::inside(wrong, "note.", Note::ID, ""))?;
                let (of, code) = parse_name::<Visit>(caller, "note.visit", &content.visit)?;
                if of != county {
                    return Err(Error::not_found(&content.visit));
                }
                let visit = document::get::<Visit>(tx, &county, &code).await?;
                resource::seen_by(&sight, tx, visit).await?;
                if let Some(before) = document::find::<Note>(tx, &county, &item.code).await? {
                    return if before.content == content {
                        Ok(Note::to_message(&before))
                    } else {
                        Err(Error::already_exists(before.name()))
                    };
                }
                super::evidence::check_evidence(tx, &county, "note", &content.evidence).await?;
                let record = Record::new(tx, &county, &item.code, content);
                resource::only(
                    resource::write(tx, caller.actor(), Change::Created, &[record]).await?,
                )
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }
}
