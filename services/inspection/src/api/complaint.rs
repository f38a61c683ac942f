//! Complaints and leads.

use chrono::NaiveDate;
use dudao_inquiry::refused;
use dudao_law::{Refusal, Violations, Word as _};
use dudao_platform::carry::{Carry, needed_word};
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::events::NewEvent;
use dudao_platform::resource::{
    self, About, Change, Resource, Stepped, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{
    Error, Result, Tx, call, clock, events, limited, mirror, page, payload, request, rpcs,
};
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use proto::complaint_service_server::ComplaintService;
use registry::school_service_client::SchoolServiceClient;

use super::Inspection;
use crate::domain::complaint::{
    Complaint, ComplaintState, Filing, Reporter, Substantiation, Target, tidy_number,
    tracking_number,
};
use crate::domain::visit::Visit;

mirror!(Reporter => proto::Reporter { display_name, phone, address });

/// A complaint as the contract carries it.
fn message(complaint: &Complaint) -> proto::Complaint {
    let Complaint {
        target,
        target_name,
        town,
        kind,
        text,
        occur_date,
        // The message has no field for who reported it.
        reporter,
        state,
        file_date,
        answer_due_date,
        assigned_to,
        substantiation,
        verification,
        verify_date,
        visits,
        answer,
        answer_date,
        answered_by,
        forwarded_to,
        end_reason,
        end_date,
    } = complaint;
    proto::Complaint {
        target: target.clone(),
        target_name: target_name.clone(),
        town: town.clone(),
        kind: kind.number(),
        text: text.clone(),
        occur_date: occur_date.carry(),
        anonymous: reporter.is_anonymous(),
        state: state.number(),
        file_date: file_date.carry(),
        answer_due_date: answer_due_date.carry(),
        assigned_to: assigned_to.clone(),
        substantiation: substantiation.map_or(0, Substantiation::number),
        verification: verification.clone(),
        verify_date: verify_date.carry(),
        visits: visits.clone(),
        answer: answer.clone(),
        answer_date: answer_date.carry(),
        answered_by: answered_by.clone(),
        forwarded_to: forwarded_to.clone(),
        end_reason: end_reason.clone(),
        end_date: end_date.carry(),
        ..proto::Complaint::default()
    }
}

impl Resource for Complaint {
    type Message = proto::Complaint;
    const FIELD: &'static str = "complaint";
    const ID: &'static str = "complaint_id";

    fn identity(message: &proto::Complaint) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::Complaint {
        proto::Complaint {
            name: record.name(),
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
            ..message(&record.content)
        }
    }

    /// Nobody makes a complaint of a message but by an intake.
    fn from_message(
        _: &str,
        _: proto::Complaint,
        _: NaiveDate,
    ) -> std::result::Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.add("", "须提交投诉举报", "must be filed");
        Err(wrong)
    }

    dudao_platform::overlay!(proto::Complaint;);

    fn event(_: Change, about: About<'_>, message: proto::Complaint) -> NewEvent {
        payload!(about, proto::ComplaintFiled, complaint, message)
    }
}

/// A step whose fact is the complaint itself.
macro_rules! told {
    ($before:ident, $content:expr, $payload:ident) => {{
        let content: Result<Complaint, Refusal> = $content;
        Ok(Stepped {
            content: content.map_err(|refusal| refusal.about(&$before.name()))?,
            facts: vec![Box::new(|about, after| {
                payload!(
                    about,
                    proto::$payload,
                    complaint,
                    Complaint::to_message(after)
                )
            })],
        })
    }};
}

rpcs! { impl ComplaintService for Inspection, in proto;
    file_complaint(FileComplaintRequest) -> ComplaintReceipt = |me, caller, request| me.file_complaint(caller, request);
    track_complaint(TrackComplaintRequest) -> ComplaintStatus = |me, caller, request| me.track(caller, request);
    get_complaint(GetComplaintRequest) -> Complaint = |me, caller, request| me.desk.get::<Complaint>(caller, &request.name);
    list_complaints(ListComplaintsRequest) -> ListComplaintsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<ComplaintState>("states", &request.states)?;
        let (from, until) = super::overdue(request.overdue, me.desk.context.clock.today());
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, kinds: states.into(), subject: &request.target, from: &from, until: &until, ..Filter::default() };
        let (complaints, next_page_token) = me.desk.list::<Complaint>(caller, &page, filter).await?;
        Ok(proto::ListComplaintsResponse { complaints, next_page_token })
    };
    get_complaint_reporter(GetComplaintReporterRequest) -> Reporter = |me, caller, request| async {
        let complaint = me.desk.record::<Complaint>(caller, "name", &request.name).await?;
        let told = proto::ReporterTold { complaint: complaint.name() };
        let told = NewEvent::new(&complaint.county, complaint.name(), caller.actor(), &told);
        let mut tx = me.desk.context.db.begin_write().await?;
        events::append(&mut tx, [told]).await?;
        tx.commit().await?;
        Ok(complaint.content.reporter.carry())
    };
    assign_complaint(AssignComplaintRequest) -> Complaint = |me, caller, request| me.assign_complaint(caller, request);
    refuse_complaint(RefuseComplaintRequest) -> Complaint = |me, caller, request|
        me.desk.step::<Complaint, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().refuse(&request.reason, clock::day_of(tx.now_us())), ComplaintRefused)
        });
    forward_complaint(ForwardComplaintRequest) -> Complaint = |me, caller, request|
        me.desk.step::<Complaint, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().forward(&request.to, &request.reason, clock::day_of(tx.now_us())), ComplaintForwarded)
        });
    verify_complaint(VerifyComplaintRequest) -> Complaint = |me, caller, request| async {
        let mut wrong = Violations::new();
        let found: Substantiation = needed_word(request.substantiation, &mut wrong, "substantiation");
        wrong.into_result()?;
        me.desk.step::<Complaint, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().verify(&request.supervisor, found, &request.text, clock::day_of(tx.now_us())), ComplaintVerified)
        }).await
    };
    link_complaint_visit(LinkComplaintVisitRequest) -> Complaint = |me, caller, request| async {
        let sight = me.desk.sight(caller).await?;
        me.desk.step::<Complaint, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let (of, code) = parse_name::<Visit>(caller, "visit", &request.visit)?;
            let visit = document::get::<Visit>(tx, &of, &code).await?;
            let visit = resource::seen_by(&sight, tx, visit).await?;
            told!(before, before.content.clone().link(&request.visit, &visit.content), ComplaintVisitLinked)
        }).await
    };
    answer_complaint(AnswerComplaintRequest) -> Complaint = |me, caller, request|
        me.desk.step::<Complaint, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().answer(&request.text, &request.by, clock::day_of(tx.now_us())), ComplaintAnswered)
        });
    close_complaint(CloseComplaintRequest) -> Complaint = |me, caller, request|
        me.desk.step::<Complaint, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().close(clock::day_of(tx.now_us())), ComplaintClosed)
        });
}

impl Inspection {
    /// What the registry knows of the school that a complaint is about.
    async fn target(&self, field: &str, name: &str) -> Result<Target> {
        if !name.contains("/schools/") {
            return Err(Error::invalid(
                field,
                "须为学校或幼儿园，形如 counties/140525/schools/…",
                "must look like counties/140525/schools/…",
            ));
        }
        let request = registry::GetSchoolRequest {
            name: name.to_owned(),
        };
        let school = limited!(SchoolServiceClient::new(self.registry.link.clone()))
            .get_school(request)
            .await
            .map_err(|status| refused(status, name))?
            .into_inner();
        Ok(Target {
            display_name: school.display_name,
            town: school.town,
            responsible: school.responsible_supervisor,
        })
    }

    async fn file_complaint(
        &self,
        caller: &Principal,
        asked: &proto::FileComplaintRequest,
    ) -> Result<proto::ComplaintReceipt> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let message = asked.complaint.clone().unwrap_or_default();
        let mut wrong = Violations::new();
        let filing = Filing {
            target: message.target.clone(),
            kind: needed_word(message.kind, &mut wrong, "complaint.kind"),
            text: message.text,
            occur_date: Carry::take(message.occur_date, &mut wrong, "complaint.occur_date"),
            reporter: Carry::take(
                asked.reporter.clone().unwrap_or_default(),
                &mut wrong,
                "reporter",
            ),
        };
        wrong.into_result()?;
        if !filing.target.starts_with(&format!("{}/", asked.parent)) {
            return Err(Error::invalid(
                "complaint.target",
                "须为本县的学校或幼儿园",
                "must be a school of the county",
            ));
        }
        let target = self.target("complaint.target", &filing.target).await?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&county, None, today).await?;
        let number = tracking_number(&self.desk.context.ids.next());
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let today = clock::day_of(tx.now_us());
                let due = law.due_if_set("clock.complaint_answer", today);
                let content = Complaint::file(filing, &target, due, today)?;
                let receipt = proto::ComplaintReceipt {
                    tracking_number: number.clone(),
                    file_date: content.file_date.carry(),
                    answer_due_date: content.answer_due_date.carry(),
                };
                let record = Record::new(tx, &county, &number, content);
                resource::write(tx, caller.actor(), Change::Created, &[record]).await?;
                Ok::<_, Error>(receipt)
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// What the holder of a number may see: nothing of any person.
    async fn track(
        &self,
        caller: &Principal,
        asked: &proto::TrackComplaintRequest,
    ) -> Result<proto::ComplaintStatus> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let number = tidy_number(&asked.tracking_number);
        let mut tx = self.desk.context.db.begin_read().await?;
        let complaint = document::get::<Complaint>(&mut tx, &county, &number)
            .await?
            .content;
        let answered = !complaint.answer.is_empty();
        Ok(proto::ComplaintStatus {
            tracking_number: number,
            state: complaint.state.number(),
            file_date: complaint.file_date.carry(),
            answer_due_date: complaint.answer_due_date.carry(),
            substantiation: complaint
                .substantiation
                .filter(|_| answered)
                .map_or(0, Substantiation::number),
            answer: complaint.answer,
            answer_date: complaint.answer_date.carry(),
            forwarded_to: complaint.forwarded_to,
            end_reason: complaint.end_reason,
        })
    }

    async fn assign_complaint(
        &self,
        caller: &Principal,
        asked: &proto::AssignComplaintRequest,
    ) -> Result<proto::Complaint> {
        let complaint = self
            .desk
            .record::<Complaint>(caller, "name", &asked.name)
            .await?
            .content;
        let supervisor = if asked.supervisor.is_empty() {
            self.target("name", &complaint.target).await?.responsible
        } else {
            asked.supervisor.clone()
        };
        let people = if supervisor.is_empty() {
            Vec::new()
        } else {
            self.candidates(&[&supervisor], &complaint.target).await?
        };
        self.desk
            .step::<Complaint, _>(
                call!(caller, asked),
                &asked.name,
                &asked.etag,
                async |_, before| {
                    told!(
                        before,
                        before.content.clone().assign(&supervisor, people.first()),
                        ComplaintAssigned
                    )
                },
            )
            .await
    }
}
