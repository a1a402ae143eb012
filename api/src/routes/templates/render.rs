//! `POST /api/v1/templates/{template_id}/render`.

use actix_web::{HttpRequest, post, web};
use domain::content::{MERGE_FIELDS, RenderFault, tells_residence};
use domain::invalid::FieldError;
use domain::language;
use domain::mailing::Recipient;
use domain::mailing::recipient_values;
use domain::register::PartyId;
use domain::template::{Template, TemplateRef, choose, show};
use persistence::Reader;
use persistence::templates::find_version;
use uuid::Uuid;

use super::render_dto::{RenderTemplateRequest, RenderedTemplate};
use super::saving::existing;
use crate::auth::{Require, perm};
use crate::disclosure;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::mailings::resolving::{Terms, one_recipient};
use crate::state::AppState;

/// Render a template for a party.
///
/// As a mailing would say it to this party, and where nothing is missing to the letter. Nothing is sent and nothing is kept. Of a
/// protected party, a token without `parties:protected` is not shown where it lives.
#[utoipa::path(
    operation_id = "renderTemplate",
    tag = "templates",
    security(("bearer" = ["mailings:write"])),
    params(("template_id" = Uuid, Path, description = "The template.")),
    request_body = RenderTemplateRequest,
    responses((status = 200, description = "What it says.", body = RenderedTemplate)),
)]
#[post("/templates/{template_id}/render")]
pub async fn render_template(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    template_id: web::Path<Uuid>,
    request: HttpRequest,
    body: JsonBody<RenderTemplateRequest>,
) -> Result<web::Json<RenderedTemplate>, Problem> {
    let template_id = template_id.into_inner();
    let asked = body.into_inner();
    if asked.language.as_deref().is_some_and(|tag| language::parse(tag).is_none()) {
        return Err(FieldError::new("/language", "invalid_language", "Write a language tag like fi, sv or en.").into());
    }
    let terms = Terms::of(&state, &caller);
    let sees_protected = terms.see_protected;
    let rendered = state
        .db
        .read(move |reader| {
            reader.snapshot(|reader| {
                let (shown, template) = version(reader, template_id, asked.version)?;
                let recipient = recipient(reader, asked.party_id, &terms)?;
                render(shown, &template, &recipient, asked.language.as_deref(), &terms)
            })
        })
        .await?;
    let disclosed = rendered.protected && sees_protected;
    disclosure::record(&state, &caller, &request, disclosed.then_some(rendered.party_id).into_iter().collect()).await?;
    Ok(web::Json(rendered))
}

/// The template as it is, or as it was.
fn version(
    reader: &mut Reader<'_>,
    template_id: Uuid,
    version: Option<i64>,
) -> Result<(TemplateRef, Template), Problem> {
    let newest = existing(reader, template_id)?;
    let Some(version) = version else {
        return Ok((TemplateRef { template_id, version: newest.version }, newest.template));
    };
    let unknown = || FieldError::new("/version", "unknown_version", "The template has no such version.");
    let saved = find_version(reader, template_id, version)?.ok_or_else(unknown)?;
    Ok((TemplateRef { template_id, version }, saved.template))
}

fn recipient(reader: &mut Reader<'_>, party_id: PartyId, terms: &Terms) -> Result<Recipient, Problem> {
    let unknown = || FieldError::new("/party_id", "unknown_party", "There is no such party.");
    Ok(one_recipient(reader, party_id, terms)?.ok_or_else(unknown)?)
}

fn render(
    shown: TemplateRef,
    template: &Template,
    recipient: &Recipient,
    asked: Option<&str>,
    terms: &Terms,
) -> Result<RenderedTemplate, Problem> {
    let protected = recipient.facts.address_protected;
    let is_withheld = |name: &str| protected && !terms.see_protected && tells_residence(name);
    let is_example = |name: &str| !name.starts_with("recipient.") && !name.starts_with("property.");
    let mut values = recipient_values(recipient, None);
    for field in MERGE_FIELDS {
        match field.name {
            name if is_withheld(name) => values.set(name, None),
            name if is_example(name) => values.set(name, Some(field.example)),
            _ => {}
        }
    }
    let service_language = recipient.language.language.clone();
    let chosen = choose(&template.language_versions, asked, &service_language, &terms.default_language);
    let (index, chosen_by) = chosen.ok_or_else(|| Problem::internal("a template without versions"))?;
    let content_language = template.language_versions.get(index).map(|version| version.language.clone());
    let told = show(template, index, &values).map_err(|fault| match fault {
        RenderFault::TooLarge => Problem::from(FieldError::new("", "too_large", fault.to_string())),
        RenderFault::MissingValue(_) | RenderFault::Other(_) => Problem::internal(fault),
    })?;
    let named = |is: &dyn Fn(&str) -> bool| {
        told.fields.iter().filter(|name| is(name)).map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    Ok(RenderedTemplate {
        template_id: shown.template_id,
        version: shown.version,
        party_id: recipient.party_id,
        protected,
        service_language,
        content_language: content_language.unwrap_or_default(),
        chosen_by,
        example_fields: named(&is_example),
        withheld_fields: named(&is_withheld),
        subject: told.rendered.subject,
        text: told.rendered.text,
        html: told.rendered.html,
        empty_fields: told.empty_fields.into_iter().filter(|field| !is_withheld(&field.name)).map(Into::into).collect(),
    })
}
