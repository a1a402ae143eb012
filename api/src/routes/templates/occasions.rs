//! `GET /api/v1/occasions`.

use actix_web::{get, web};
use domain::content::MERGE_FIELDS;
use domain::occasion::OccasionKind;
use serde::Serialize;
use utoipa::ToSchema;

use super::merge_fields::MergeField;
use crate::auth::{Require, perm};
use crate::problem::Problem;

/// An occasion to write to people on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Occasion {
    /// The word that templates are bound by.
    #[schema(value_type = String, example = "overdue_key_loan")]
    kind: OccasionKind,
    /// What it is.
    #[schema(example = "Keys that were lent to the recipient should be back.")]
    description: &'static str,
    /// Whether a binding to it says which workflow is meant.
    takes_workflow_ref: bool,
    /// The merge fields it offers beside those that are there always.
    fields: Vec<MergeField>,
}

/// Every occasion.
#[derive(Debug, Serialize, ToSchema)]
pub struct OccasionList {
    /// The occasions.
    occasions: Vec<Occasion>,
}

/// Read the occasions.
///
/// Templates are bound to them, any number for each channel; `GET /templates?occasion=…&channel=…` finds those. Where none is named
/// the one marked as the default is taken, or the only one there is.
#[utoipa::path(
    operation_id = "getOccasions",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    responses((status = 200, description = "The occasions, with their fields.", body = OccasionList)),
)]
#[get("/occasions")]
pub async fn get_occasions(_caller: Require<perm::MailingsRead>) -> Result<web::Json<OccasionList>, Problem> {
    let occasion = |kind: OccasionKind| Occasion {
        kind,
        description: kind.description(),
        takes_workflow_ref: kind.takes_workflow_ref(),
        fields: MERGE_FIELDS.iter().filter(|field| field.occasion == Some(kind)).map(Into::into).collect(),
    };
    Ok(web::Json(OccasionList { occasions: OccasionKind::ALL.map(occasion).into() }))
}
