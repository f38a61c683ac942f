//! Results of concluded evaluations.

use std::collections::BTreeMap;

use dudao_law::Word as _;
use dudao_platform::carry::Carry;
use dudao_platform::document::{Record, about, between};
use dudao_platform::resource::{parse_county, parse_name};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, mirror, page, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::result_service_server::ResultService;

use super::Inspection;
use crate::domain::evaluation::Evaluation;
use crate::domain::indicator_set::IndicatorSet;
use crate::domain::result::{self, NodeMean, ObjectResult, ResultFigures, TownFigures};

mirror!(NodeMean => proto::NodeMean { code, title, mean });
mirror!(ResultFigures => proto::ResultFigures { objects, passed, vetoed, mean, weighting as word, min, max, nodes });

fn result_message(result: &ObjectResult) -> proto::ObjectResult {
    proto::ObjectResult {
        evaluation: result.evaluation.clone(),
        target: result.target.clone(),
        target_name: result.target_name.clone(),
        town: result.town.clone(),
        year: result.year,
        pupils: result.pupils,
        total: result.total,
        verdict: result.verdict.number(),
        nodes: result.nodes.carry(),
        vetoes: result.vetoes.clone(),
        self_total: result.self_total,
    }
}

fn town_message(town: &TownFigures) -> proto::TownFigures {
    proto::TownFigures {
        town: town.town.clone(),
        figures: Some(town.figures.carry()),
        rank: town.rank,
        difference: town.difference,
    }
}

rpcs! { impl ResultService for Inspection, in proto;
    list_results(ListResultsRequest) -> ListResultsResponse = |me, caller, request| async {
        let page: dudao_platform::page::Page<String> = page!(request)?;
        let results = me.results(caller, &request.parent, &request.indicator_set, request.year).await?;
        let behind = page.after().map_or("", String::as_str);
        let rows: Vec<_> = results
            .into_iter()
            .filter(|one| (request.town.is_empty() || one.town == request.town) && one.target.as_str() > behind)
            .take(usize::try_from(page.limit()).unwrap_or_default())
            .collect();
        let (rows, next_page_token) = page.cut(rows, |one| one.target.clone());
        Ok(proto::ListResultsResponse { results: rows.iter().map(result_message).collect(), next_page_token })
    };
    summarize_results(SummarizeResultsRequest) -> ResultSummary = |me, caller, request| async {
        let results = me.results(caller, &request.parent, &request.indicator_set, request.year).await?;
        let weighting = result::weighting(&results);
        let mut by_stage: BTreeMap<_, Vec<&ObjectResult>> = BTreeMap::new();
        for one in &results {
            by_stage.entry(one.stage).or_default().push(one);
        }
        let stages = by_stage.into_iter().map(|(stage, results)| proto::StageFigures {
            stage: stage.map_or("", |stage| stage.zh()).to_owned(),
            figures: result::figures(results, weighting).map(|figures| figures.carry()),
        });
        Ok(proto::ResultSummary {
            county: result::figures(&results, weighting).map(|figures| figures.carry()),
            stages: stages.collect(),
        })
    };
    compare_towns(CompareTownsRequest) -> CompareTownsResponse = |me, caller, request| async {
        let results = me.results(caller, &request.parent, &request.indicator_set, request.year).await?;
        let weighting = result::weighting(&results);
        let (towns, county) = result::compare_towns(&results, weighting).unzip();
        Ok(proto::CompareTownsResponse {
            towns: towns.unwrap_or_default().iter().map(town_message).collect(),
            county: county.map(|county| county.carry()),
            weighting: weighting.number(),
        })
    };
    get_result_series(GetResultSeriesRequest) -> ResultSeries = |me, caller, request| me.series(caller, request);
}

impl Inspection {
    /// The results of a year by one version of a set, of the objects that the caller sees.
    async fn results(
        &self,
        caller: &Principal,
        parent: &str,
        set: &str,
        year: i32,
    ) -> Result<Vec<ObjectResult>> {
        let county = parse_county(caller, "parent", parent)?;
        self.desk
            .record::<IndicatorSet>(caller, "indicator_set", set)
            .await?;
        let sight = self.desk.sight(caller).await?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let (from, until) = (format!("{year}-01-01"), format!("{year}-12-31"));
        let evaluations = between::<Evaluation>(&mut tx, &county, &from, &until).await?;
        Ok(counting(
            evaluations
                .iter()
                .filter(|one| one.content.indicator_set == set)
                .filter(|one| sight.sees_name(&one.content.target)),
        ))
    }

    /// An object's results over the years, across the versions of a set.
    async fn series(
        &self,
        caller: &Principal,
        asked: &proto::GetResultSeriesRequest,
    ) -> Result<proto::ResultSeries> {
        let (county, _) =
            parse_name::<IndicatorSet>(caller, "indicator_set", &asked.indicator_set)?;
        let of_county = asked
            .target
            .strip_prefix(&format!("counties/{county}"))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !of_county {
            return Err(Error::invalid(
                "target",
                "须为同一县的对象",
                "must be an object of the set's county",
            ));
        }
        let set = self
            .desk
            .record::<IndicatorSet>(caller, "indicator_set", &asked.indicator_set)
            .await?;
        let sight = self.desk.sight(caller).await?;
        let mut tx = self.desk.context.db.begin_read().await?;
        let family = &set.content.family;
        let versions: BTreeMap<String, i32> = about::<IndicatorSet>(&mut tx, &county, family)
            .await?
            .iter()
            .map(|one| (one.name(), one.content.version))
            .collect();
        let evaluations = about::<Evaluation>(&mut tx, &county, &asked.target).await?;
        let results = counting(
            evaluations
                .iter()
                .filter(|one| one.content.family == *family)
                .filter(|one| sight.sees_name(&one.content.target)),
        );
        Ok(proto::ResultSeries {
            points: results
                .iter()
                .map(|result| proto::SeriesPoint {
                    year: result.year,
                    indicator_set: result.indicator_set.clone(),
                    version: versions
                        .get(&result.indicator_set)
                        .copied()
                        .unwrap_or_default(),
                    result: Some(result_message(result)),
                })
                .collect(),
        })
    }
}

fn counting<'a>(evaluations: impl Iterator<Item = &'a Record<Evaluation>>) -> Vec<ObjectResult> {
    result::newest(evaluations.map(|one| (one.name(), &one.content)))
}
