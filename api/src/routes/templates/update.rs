//! `PATCH /api/v1/templates/{template_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use domain::invalid::FieldError;
use domain::template::Template as DomainTemplate;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::{Template, TemplateLanguageVersion, TemplateOccasion, TemplateRequest};
use super::saving::{channel_of_folder, existing, replace, save_by};
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, from_json};
use crate::patch::merged;
use crate::problem::Problem;
use crate::state::AppState;

/// What to change of a template (JSON Merge Patch, RFC 7396): fields that are left out stay, the language versions are replaced as
/// a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Vesikatko ja lämmin vesi"}))]
#[expect(dead_code, reason = "says which patches have the right form; they are applied to the template's JSON")]
pub struct TemplatePatch {
    /// A folder of the same channel.
    #[schema(nullable = false)]
    folder_id: Option<Uuid>,
    /// As in the template.
    #[schema(nullable = false, example = "Vesikatko ja lämmin vesi", min_length = 1, max_length = 200)]
    name: Option<String>,
    /// As in the template.
    #[schema(nullable = false, pattern = "^(text|markdown|html)$", example = "markdown")]
    format: Option<String>,
    /// As in the template; null to bind it to none.
    occasion: Option<TemplateOccasion>,
    /// All language versions; replaced as a whole.
    #[schema(nullable = false, min_items = 1, max_items = 50)]
    language_versions: Option<Vec<TemplateLanguageVersion>>,
}

/// Change a template.
///
/// A JSON Merge Patch (RFC 7396), checked as a new template is. The template as it was stays among its versions.
#[utoipa::path(
    operation_id = "updateTemplate",
    tag = "templates",
    security(("bearer" = ["templates:write"])),
    params(("template_id" = Uuid, Path, description = "The template."), IfMatchHeader),
    request_body(
        content((TemplatePatch = "application/merge-patch+json"), (TemplatePatch = "application/json")),
        description = "The fields to change.",
    ),
    responses(
        (status = 200, description = "The changed template.", body = Template, headers(("ETag" = String, description = "Its version."))),
        (status = 409, description = "The folder has another template of this name (`template_name_taken`), or another one is the default of the occasion (`occasion_default_taken`).", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[patch("/templates/{template_id}")]
pub async fn update_template(
    state: web::Data<AppState>,
    caller: Require<perm::TemplatesWrite>,
    template_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<serde_json::Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let template_id = template_id.into_inner();
    let patch = Value::Object(body.into_inner());
    let save = save_by(&caller.subject, state.clock.now());
    let stored = state
        .db
        .write(move |writer| {
            let old = existing(writer, template_id)?;
            let asked = patched(old.template.clone(), &patch)?;
            let channel = channel_of_folder(writer, asked.folder_id)?;
            if channel != old.template.channel {
                let message = format!("Choose a folder for {}, as the template is.", old.template.channel.as_str());
                return Err(FieldError::new("/folder_id", "folder_of_another_channel", message).into());
            }
            replace(writer, &old, &asked.into_template(channel), &save, |current| seen.check(current))
        })
        .await?;
    let etag = ETag::of_version(stored.version);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, etag.header_value())).json(Template::from(stored)))
}

fn patched(template: DomainTemplate, patch: &Value) -> Result<TemplateRequest, Problem> {
    let json = serde_json::to_value(TemplateRequest::from(template)).map_err(Problem::internal)?;
    from_json::<TemplatePatch>(patch)?;
    merged::<TemplateRequest>(json, patch)
}
