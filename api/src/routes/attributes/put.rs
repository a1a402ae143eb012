//! `PUT /api/v1/attributes/{register}/{name}`.

use actix_web::http::header;
use actix_web::{HttpResponse, put, web};
use domain::attribute::Attribute;

use super::dto::{AttributeRequest, AttributeResponse};
use super::writing::{answer, before, declare, named};
use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{ETag, PutConditionHeaders, PutConditions};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::routes::BASE;
use crate::state::AppState;

/// Declare an attribute.
///
/// From then on its values must be of the type, in every PUT, PATCH and import, and filters may ask for `attributes.NAME`. The
/// values that are there already must be of it too; in a large register, to look at them all takes a while, during which nobody
/// can write it. What is not declared is kept as it is given, and cannot be searched by.
#[utoipa::path(
    operation_id = "putAttribute",
    tag = "attributes",
    security(("bearer" = ["register:write"])),
    params(
        ("register" = String, Path, description = "`party` or `property`.", example = "party", pattern = "^(party|property)$"),
        (
            "name" = String,
            Path,
            description = "The name: a lower-case snake word of at most 64 characters.",
            example = "customer_class",
            pattern = "^[a-z][a-z0-9_]{0,63}$",
        ),
        PutConditionHeaders,
    ),
    request_body = AttributeRequest,
    responses(
        (
            status = 200,
            description = "The attribute was declared already.",
            body = AttributeResponse,
            headers(("ETag" = String, description = "Its version.")),
        ),
        (
            status = 201,
            description = "The attribute is new.",
            body = AttributeResponse,
            headers(
                ("ETag" = String, description = "Its version."),
                ("Location" = String, description = "Where it is."),
            ),
        ),
        (
            status = 409,
            description = "Rows have values of another type: `attribute_misfits`; or there are 100 already: `too_many_attributes`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[put("/attributes/{register}/{name}")]
pub async fn put_attribute(
    _caller: Require<RegisterWrite>,
    path: web::Path<(String, String)>,
    conditions: PutConditions,
    state: web::Data<AppState>,
    body: JsonBody<AttributeRequest>,
) -> Result<HttpResponse, Problem> {
    let (register, name) = named(path.into_inner())?;
    let AttributeRequest { attribute_type, label } = body.into_inner();
    let attribute = Attribute::declare(register, &name, &attribute_type, label.as_deref())?;
    let (created, stored) = state
        .db
        .write(move |writer| {
            let before = before(writer, register, &attribute.name)?;
            conditions.check(before.as_ref().map(|stored| ETag::of_version(stored.version)).as_ref())?;
            Ok::<_, Problem>((before.is_none(), declare(writer, &attribute, before.as_ref())?))
        })
        .await?;
    if !created {
        return Ok(answer(HttpResponse::Ok(), stored));
    }
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("{BASE}/attributes/{}/{name}", register.as_str())));
    Ok(answer(response, stored))
}
