//! `GET /api/v1/merge-fields`.

use actix_web::{get, web};
use domain::content::{self, MERGE_FIELDS};
use domain::occasion::OccasionKind;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Require, perm};
use crate::problem::Problem;

/// A field that subjects and bodies may use, in double braces.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeField {
    /// As it is written between the braces.
    #[schema(example = "recipient.first_name")]
    name: &'static str,
    /// What it is.
    #[schema(example = "The recipient's first name.")]
    description: &'static str,
    /// A value it might have.
    #[schema(example = "Matti")]
    example: &'static str,
    /// Whether it concerns the recipient alone: people who share an address then get messages of their own.
    personal: bool,
    /// The occasion that offers it; null where it is there always.
    #[schema(value_type = Option<String>, required = true, example = json!(null))]
    occasion: Option<OccasionKind>,
}

/// Every merge field.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeFieldList {
    /// The fields.
    fields: Vec<MergeField>,
}

impl From<&content::MergeField> for MergeField {
    fn from(field: &content::MergeField) -> Self {
        let content::MergeField { name, description, example, personal, occasion } = *field;
        Self { name, description, example, personal, occasion }
    }
}

/// Read the merge fields.
///
/// What subjects and bodies of mailings and templates may use, with examples. The fields of an occasion are for templates that are
/// bound to it, and for mailings that come of it. A field that is empty for a recipient leaves that recipient out, unless it has a
/// `|default('…')` or stands in an `{% if %}`.
#[utoipa::path(
    operation_id = "getMergeFields",
    tag = "templates",
    security(("bearer" = ["mailings:read"])),
    responses((status = 200, description = "The fields.", body = MergeFieldList)),
)]
#[get("/merge-fields")]
pub async fn get_merge_fields(_caller: Require<perm::MailingsRead>) -> Result<web::Json<MergeFieldList>, Problem> {
    Ok(web::Json(MergeFieldList { fields: MERGE_FIELDS.iter().map(Into::into).collect() }))
}
