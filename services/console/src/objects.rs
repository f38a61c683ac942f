//! What of a county can be inspected or judged: itself, its towns, its member units, its schools.

use dudao_proto::inspection::v1::ObjectKind;
use dudao_proto::registry::v1::{ListTownsRequest, Stage};

use crate::desk::{PAGE, all};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// What can be inspected or judged.
pub struct Object {
    pub name: String,
    pub word: String,
    pub kind: ObjectKind,
    /// The town that a school lies in; "" for others.
    pub town: String,
}

/// Everything of the county.
pub async fn objects(visitor: &Visitor) -> Result<Vec<Object>, Refusal> {
    let towns = all(async |page_token| {
        let request = ListTownsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
        };
        let page = visitor.desk.towns().list_towns(request).await?.into_inner();
        Ok((page.towns, page.next_page_token))
    });
    let units = visitor.desk.all_units(&visitor.county);
    let schools = visitor.desk.all_schools(&visitor.county, false);
    let (towns, units, schools) = tokio::try_join!(towns, units, schools)?;
    let object = |name: String, word: String, kind| Object {
        name,
        word,
        kind,
        town: String::new(),
    };
    let county = object(
        visitor.county.clone(),
        visitor.frame.county_name.clone(),
        ObjectKind::County,
    );
    let towns = towns
        .into_iter()
        .map(|town| object(town.name, town.display_name, ObjectKind::Town));
    let units = units
        .into_iter()
        .map(|unit| object(unit.name, unit.display_name, ObjectKind::Department));
    let schools = schools.into_iter().map(|school| {
        let kind = if school.stage() == Stage::Kindergarten {
            ObjectKind::Kindergarten
        } else {
            ObjectKind::School
        };
        Object {
            town: school.town,
            ..object(school.name, school.display_name, kind)
        }
    });
    Ok(std::iter::once(county)
        .chain(towns)
        .chain(units)
        .chain(schools)
        .collect())
}
