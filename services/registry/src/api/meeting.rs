//! Meetings.

use std::collections::BTreeSet;

use dudao_law::check_past;
use dudao_platform::document::{kinds, year_of};
use dudao_platform::error::{Result, Violations};
use dudao_platform::page;
use dudao_platform::resource::{self, Resource as _};
use dudao_platform::{Tx, call, clock, mirror, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::meeting_service_server::MeetingService;

use super::{Registry, in_known_county, law, parse_parent};
use crate::domain::meeting::{Attendance, Meeting, MeetingKind, Resolution};
use crate::domain::member_unit::MemberUnit;
use crate::store::{self, Filter, Record};

mirror!(Attendance => proto::Attendance { unit, person, attended, reason });
mirror!(Resolution => proto::Resolution { text, unit, due_date, done_date, result });
mirror!(Meeting => proto::Meeting {
    display_name, kind as word, date, place, chair, attendance, agenda, resolutions, documents,
} out { units_due, units_present, quorate });

dudao_platform::resource!(Meeting => proto::Meeting, meeting, "meeting_id";
    edit { display_name, kind, date, place, chair, attendance, agenda, resolutions, documents };
    Created => proto::MeetingRecorded, Updated => proto::MeetingUpdated);

rpcs! { impl MeetingService for Registry, in proto;
    create_meeting(CreateMeetingRequest) -> Meeting = |me, caller, request|
        me.desk.create_one::<Meeting, _>(call!(caller, request), &request.parent, &request.meeting_id, request.meeting.as_ref(), async |tx: &mut Tx, records: &mut [Record<Meeting>]| {
            in_known_county(tx, records).await?;
            for record in records {
                count(tx, &record.county, &mut record.content).await?;
            }
            Ok(())
        });
    get_meeting(GetMeetingRequest) -> Meeting = |me, caller, request| me.desk.get::<Meeting>(caller, &request.name);
    list_meetings(ListMeetingsRequest) -> ListMeetingsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = year_of(request.year);
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            kinds: kinds::<MeetingKind>("kinds", &request.kinds)?.into(),
            from: &from,
            until: &until,
            ..Filter::default()
        };
        let (meetings, next_page_token) = me.desk.list::<Meeting>(caller, &page, filter).await?;
        Ok(proto::ListMeetingsResponse { meetings, next_page_token })
    };
    update_meeting(UpdateMeetingRequest) -> Meeting = |me, caller, request|
        me.desk.update::<Meeting, _>(call!(caller, request), request.meeting.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, before: &Record<Meeting>, after: &mut Meeting| {
            count(tx, &before.county, after).await
        });
}

/// Refuses units that are none and days ahead, and counts who was present by the rules in force.
async fn count(tx: &mut Tx, county: &str, meeting: &mut Meeting) -> Result<()> {
    let members: BTreeSet<String> = store::all::<MemberUnit>(tx, county)
        .await?
        .into_iter()
        .filter(|record| record.content.withdrawn_us.is_none())
        .map(|record| record.name())
        .collect();
    let mut wrong = meeting.unknown_units(&members);
    check_past(&mut wrong, "date", meeting.date, clock::day_of(tx.now_us()));
    at_its_place(wrong)?;
    let share = law(tx, county, clock::day_of(tx.now_us()))
        .await?
        .rules
        .number("committee.quorum_share")?;
    *meeting = meeting.clone().counted(&members, share);
    Ok(())
}

fn at_its_place(wrong: Violations) -> Result<()> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(resource::inside(wrong, "meeting.", Meeting::ID, ""))
}
