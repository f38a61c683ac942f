//! Reports of a county's balance between schools.

use dudao_law::Violations;
use dudao_platform::carry::{Carry, needed_word};
use dudao_platform::document::{Filter, Record};
use dudao_platform::resource::{Resource as _, Stepped, freely, parse_parent};
use dudao_platform::rpc::Principal;
use dudao_platform::{Result, Tx, call, clock, mirror, page, payload, resource, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::balance_report_service_server::BalanceReportService;

use super::Inspection;
use crate::domain::balance_report::analysis::{
    BalanceAnalysis, MissingFigure, ResourceVerdict, SchoolVerdict, StageVerdict, VariationVerdict,
    analyze,
};
use crate::domain::balance_report::change::{FigureChange, VerdictChange, changed, differences};
use crate::domain::balance_report::gap::{ResourceAddition, SchoolGap, VariationGap, gaps};
use crate::domain::balance_report::standard::{Standard, StandardFigure};
use crate::domain::balance_report::{BalanceReport, ResourceFigure, SchoolFigures};
use crate::presets;

mirror!(ResourceFigure => proto::ResourceFigure { resource as word, shared, primary, junior });
mirror!(SchoolFigures => proto::SchoolFigures {
    school, display_name, town, form as word, primary_pupils, junior_pupils, senior_pupils, primary_classes, junior_classes,
    resources,
});
mirror!(BalanceReport => proto::BalanceReport { display_name, year, source, schools } out { state as word, final_date });

resource!(BalanceReport => proto::BalanceReport, balance_report, "balance_report_id";
    edit { display_name, year, source, schools };
    Created => proto::BalanceReportCreated, Updated => proto::BalanceReportUpdated, Ended => proto::BalanceReportFinalized);

mirror!(StandardFigure => proto::StandardFigure { key, display_name, value, basis, county });
mirror!(ResourceVerdict => proto::ResourceVerdict { stage as word, resource as word, amount, value, standard as maybe, share as maybe, met });
mirror!(StageVerdict => proto::StageVerdict { stage as word, pupils, met, asked, resources_pass as maybe, classes_pass as maybe, largest_class });
mirror!(SchoolVerdict => proto::SchoolVerdict { school, display_name, town, resources, stages, size_pass as maybe, passes });
mirror!(VariationVerdict => proto::VariationVerdict { stage as word, resource as word, schools, mean, deviation, coefficient, limit, passes });
mirror!(MissingFigure => proto::MissingFigure { school, display_name, resource as word });
mirror!(BalanceAnalysis => proto::BalanceAnalysis { standard as word, ruleset, figures, schools, variations, missing, schools_passing, passes });
mirror!(SchoolGap => proto::SchoolGap {
    school, display_name, stage as word, resource as word, value, standard, more, more_shared, fewer_pupils as maybe, more_to_floor,
});
mirror!(ResourceAddition => proto::ResourceAddition { school, display_name, amount, whole as maybe });
mirror!(VariationGap => proto::VariationGap {
    stage as word, resource as word, coefficient, limit, level, total, additions, whole_total as maybe, coefficient_after as maybe,
});
mirror!(FigureChange => proto::FigureChange { school, primary_pupils as maybe, junior_pupils as maybe, senior_pupils as maybe, resources });
mirror!(VerdictChange => proto::VerdictChange { school, stage as maybe_word, resource as maybe_word, before, after });

rpcs! { impl BalanceReportService for Inspection, in proto;
    create_balance_report(CreateBalanceReportRequest) -> BalanceReport = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<BalanceReport, _>(call!(caller, request), &request.parent, &request.balance_report_id, request.balance_report.as_ref(), freely).await
    };
    get_balance_report(GetBalanceReportRequest) -> BalanceReport = |me, caller, request| me.desk.get::<BalanceReport>(caller, &request.name);
    list_balance_reports(ListBalanceReportsRequest) -> ListBalanceReportsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = super::campaign::year_of(request.year);
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, from: &from, until: &until, ..Filter::default() };
        let (balance_reports, next_page_token) = me.desk.list::<BalanceReport>(caller, &page, filter).await?;
        Ok(proto::ListBalanceReportsResponse { balance_reports, next_page_token })
    };
    update_balance_report(UpdateBalanceReportRequest) -> BalanceReport = |me, caller, request|
        me.desk.update::<BalanceReport, _>(call!(caller, request), request.balance_report.as_ref(), request.update_mask.as_ref(), async |_: &mut Tx, before: &Record<BalanceReport>, _: &mut BalanceReport| {
            Ok(before.content.may_change().map_err(|refusal| refusal.about(&before.name()))?)
        });
    finalize_balance_report(FinalizeBalanceReportRequest) -> BalanceReport = |me, caller, request|
        me.desk.step::<BalanceReport, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let content = before.content.clone().finalize(clock::day_of(tx.now_us())).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::BalanceReportFinalized, balance_report, BalanceReport::to_message(after)))] })
        });
    analyze_balance_report(AnalyzeBalanceReportRequest) -> BalanceAnalysis = |me, caller, request| async {
        let (report, standard, ruleset) = me.judged(caller, &request.name, request.standard).await?;
        Ok(analyze(&report, &standard, &ruleset).carry())
    };
    list_balance_gaps(ListBalanceGapsRequest) -> ListBalanceGapsResponse = |me, caller, request| async {
        let (report, standard, _) = me.judged(caller, &request.name, request.standard).await?;
        let (schools, variations) = gaps(&report, &standard);
        Ok(proto::ListBalanceGapsResponse { schools: schools.carry(), variations: variations.carry() })
    };
    simulate_balance(SimulateBalanceRequest) -> SimulateBalanceResponse = |me, caller, request| async {
        let (report, standard, ruleset) = me.judged(caller, &request.name, request.standard).await?;
        let mut wrong = Violations::new();
        let changes: Vec<FigureChange> = Carry::take(request.changes.clone(), &mut wrong, "changes");
        wrong.into_result()?;
        let before = analyze(&report, &standard, &ruleset);
        let after = analyze(&changed(&report, &changes)?, &standard, &ruleset);
        Ok(proto::SimulateBalanceResponse {
            flips: differences(&before, &after).carry(),
            before: Some(before.carry()),
            after: Some(after.carry()),
        })
    };
}

impl Inspection {
    /// A report, and a standard with the figures of the rules in force today.
    async fn judged(
        &self,
        caller: &Principal,
        name: &str,
        standard: i32,
    ) -> Result<(BalanceReport, Standard, String)> {
        let mut wrong = Violations::new();
        let standard = needed_word(standard, &mut wrong, "standard");
        wrong.into_result()?;
        let record = self
            .desk
            .record::<BalanceReport>(caller, "name", name)
            .await?;
        let today = self.desk.context.clock.today();
        let law = self.registry.law(&record.county, None, today).await?;
        let standard = Standard::read(standard, &presets::figures()?, &law.rules)?;
        Ok((record.content, standard, law.rules.name))
    }
}
