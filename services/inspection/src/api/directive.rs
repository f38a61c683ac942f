//! What superiors hand down.

use dudao_inquiry::refused;
use dudao_law::Refusal;
use dudao_platform::document::{Filter, Record};
use dudao_platform::error::Violations;
use dudao_platform::resource::{Change, Resource as _, Stepped, parse_county, parse_parent, write};
use dudao_platform::rpc::Principal;
use dudao_platform::{Result, Tx, call, clock, limited, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use proto::directive_service_server::DirectiveService;
use registry::member_unit_service_client::MemberUnitServiceClient;
use registry::town_service_client::TownServiceClient;

use super::Inspection;
use super::people::school;
use crate::domain::directive::{
    Directive, DirectiveFinding, DirectiveFindings, DirectiveItem, DirectiveReceipt,
    DirectiveState, DirectiveTask,
};
use crate::domain::list_item::ListItem;

mirror!(DirectiveItem => proto::DirectiveItem { display_name, year, kind as word, basis } out { list_item });
mirror!(DirectiveFinding => proto::LetterFinding {
    title, detail, basis, severity as word, danger, requirement, limit_days,
} out { finding });
mirror!(DirectiveFindings => proto::DirectiveFindings { unit, inspection_end_date, summary, findings } out {
    unit_name, town, case,
});
mirror!(DirectiveTask => proto::DirectiveTask { title, text, limit_date } out { answer, answered_by, answer_date });
mirror!(DirectiveReceipt => proto::DirectiveReceipt { by, date });
mirror!(Directive => proto::Directive { issuer, document, issue_date, title, text, items, findings, tasks } out {
    state as word, receipt as maybe, ruleset,
});

resource!(Directive => proto::Directive, directive, "directive_id"; edit { };
    Created => proto::DirectiveHandedDown, Updated => proto::DirectiveHandedDown);

/// A step whose fact is the directive itself.
macro_rules! told {
    ($before:ident, $content:expr, $payload:ident) => {{
        let content: Result<Directive, Refusal> = $content;
        Ok(Stepped {
            content: content.map_err(|refusal| refusal.about(&$before.name()))?,
            facts: vec![Box::new(|about, after| {
                payload!(
                    about,
                    proto::$payload,
                    directive,
                    Directive::to_message(after)
                )
            })],
        })
    }};
}

rpcs! { impl DirectiveService for Inspection, in proto;
    create_directive(CreateDirectiveRequest) -> Directive = |me, caller, request| me.hand_down(caller, request);
    get_directive(GetDirectiveRequest) -> Directive = |me, caller, request| me.desk.get::<Directive>(caller, &request.name);
    list_directives(ListDirectivesRequest) -> ListDirectivesResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<DirectiveState>("states", &request.states)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, kinds: states.into(), ..Filter::default() };
        let (directives, next_page_token) = me.desk.list::<Directive>(caller, &page, filter).await?;
        Ok(proto::ListDirectivesResponse { directives, next_page_token })
    };
    receive_directive(ReceiveDirectiveRequest) -> Directive = |me, caller, request|
        me.desk.step::<Directive, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            told!(before, before.content.clone().receive(&request.by, clock::day_of(tx.now_us())), DirectiveReceived)
        });
    answer_task(AnswerTaskRequest) -> Directive = |me, caller, request|
        me.desk.step::<Directive, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let today = clock::day_of(tx.now_us());
            told!(before, before.content.clone().answer(request.task, &request.by, &request.text, today), TaskAnswered)
        });
}

/// What the registry knows of a unit: what it is called, and the town in which it lies.
type Known = (String, String);

impl Inspection {
    /// Takes one in, with its items in the filed list. The accountability opens the cases as it follows the event.
    async fn hand_down(
        &self,
        caller: &Principal,
        asked: &proto::CreateDirectiveRequest,
    ) -> Result<proto::Directive> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        self.registry.known_county(&asked.parent).await?;
        let findings = asked.directive.iter().flat_map(|one| &one.findings);
        let mut units = Vec::new();
        let mut wrong = Violations::new();
        for (at, found) in findings.enumerate() {
            let path = format!("directive.findings[{at}].unit");
            units.push(self.unit(&county, &found.unit, &path, &mut wrong).await?);
        }
        wrong.into_result()?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&county, None, today).await?;
        self.desk
            .create_one::<Directive, _>(
                call!(caller, asked),
                &asked.parent,
                &asked.directive_id,
                asked.directive.as_ref(),
                async |tx: &mut Tx, records: &mut [Record<Directive>]| {
                    for record in records {
                        record.content.ruleset.clone_from(&law.rules.name);
                        self.enter(tx, caller, record, &units).await?;
                    }
                    Ok(())
                },
            )
            .await
    }

    /// Gives names to what comes of it, and puts its items on the filed list.
    async fn enter(
        &self,
        tx: &mut Tx,
        caller: &Principal,
        record: &mut Record<Directive>,
        units: &[Known],
    ) -> Result<()> {
        let ids = &self.desk.context.ids;
        let county = record.county.clone();
        let listed: Vec<_> = record
            .content
            .items
            .iter()
            .map(|item| {
                let item = record.content.listed(item);
                Record::<ListItem>::new(tx, &county, ids.next(), item)
            })
            .collect();
        for (item, listed) in record.content.items.iter_mut().zip(&listed) {
            item.list_item = listed.name();
        }
        for (found, (unit_name, town)) in record.content.findings.iter_mut().zip(units) {
            let case = ids.next();
            unit_name.clone_into(&mut found.unit_name);
            town.clone_into(&mut found.town);
            for (at, finding) in found.findings.iter_mut().enumerate() {
                finding.finding = format!("{case}-{}", at + 1);
            }
            found.case = format!("counties/{county}/cases/{case}");
        }
        write(tx, caller.actor(), Change::Created, &listed).await?;
        Ok(())
    }

    /// What the registry knows of a unit of the county.
    async fn unit(
        &self,
        county: &str,
        name: &str,
        path: &str,
        wrong: &mut Violations,
    ) -> Result<Known> {
        let link = self.registry.link.clone();
        let inside = name.strip_prefix(&format!("counties/{county}/"));
        let collection = inside.and_then(|rest| rest.split('/').next());
        let request_name = name.to_owned();
        match collection {
            Some("schools") => {
                let school = school(&link, name).await?;
                Ok((school.display_name, school.town))
            }
            Some("towns") => {
                let request = registry::GetTownRequest { name: request_name };
                let town = limited!(TownServiceClient::new(link))
                    .get_town(request)
                    .await;
                let town = town.map_err(|status| refused(status, name))?.into_inner();
                Ok((town.display_name.clone(), town.display_name))
            }
            Some("memberUnits") => {
                let request = registry::GetMemberUnitRequest { name: request_name };
                let unit = limited!(MemberUnitServiceClient::new(link))
                    .get_member_unit(request)
                    .await;
                let unit = unit.map_err(|status| refused(status, name))?.into_inner();
                Ok((unit.display_name, String::new()))
            }
            _ => {
                wrong.add(
                    path,
                    "须为本县的学校、乡镇或成员单位",
                    "must name a school, town or member unit of the county",
                );
                Ok(Known::default())
            }
        }
    }
}
