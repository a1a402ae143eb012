//! `GET /api/v1/recipients/languages`.

use std::collections::BTreeMap;

use actix_web::{get, web};
use domain::recipient_query::Condition;
use domain::service_language::LanguageSource;
use persistence::recipient_query::{RecipientSearch, count};

use super::choices_dto::RecipientLanguageList;
use super::search_dto::LanguageCount;
use crate::auth::{Require, perm};
use crate::disclosure::may_see_protected;
use crate::problem::Problem;
use crate::state::AppState;

/// List the languages present.
///
/// The service languages of everyone who can be found, with how many are served in each.
#[utoipa::path(
    operation_id = "getRecipientLanguages",
    tag = "recipients",
    security(("bearer" = ["recipients:search"])),
    responses((status = 200, description = "All of them.", body = RecipientLanguageList)),
)]
#[get("/recipients/languages")]
pub async fn get_recipient_languages(
    caller: Require<perm::RecipientsSearch>,
    state: web::Data<AppState>,
) -> Result<web::Json<RecipientLanguageList>, Problem> {
    let everyone = RecipientSearch {
        condition: Condition::All(Vec::new()),
        today: state.today(),
        default_language: state.settings.default_language.clone(),
        see_protected: may_see_protected(&caller),
    };
    let counted = state.db.read(move |reader| count(reader, &everyone)).await?;
    let (mut languages, mut assumed): (BTreeMap<String, i64>, i64) = (BTreeMap::new(), 0);
    for row in counted {
        assumed += if row.language.source == LanguageSource::Assumed { row.count } else { 0 };
        *languages.entry(row.language.language).or_default() += row.count;
    }
    let languages = languages.into_iter().map(|(language, count)| LanguageCount { language, count }).collect();
    Ok(web::Json(RecipientLanguageList { languages, assumed }))
}
