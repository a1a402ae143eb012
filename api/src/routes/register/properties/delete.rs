//! `DELETE /api/v1/properties/{property_id}`.

use actix_web::{HttpRequest, HttpResponse, delete, web};
use persistence::properties;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::etag::{IfMatch, IfMatchHeader};
use crate::problem::{Code, Problem};
use crate::routes::register::writing::Writing;
use crate::state::AppState;

/// Delete a property.
///
/// Only one to which nothing refers. When the ERP puts or imports it again, it is there again.
#[utoipa::path(
    operation_id = "deleteProperty",
    tag = "properties",
    security(("bearer" = ["register:write"])),
    params(("property_id" = i64, Path, description = "The ERP's id of the property.", example = 310), IfMatchHeader),
    responses(
        (status = 204, description = "The property is gone."),
        (
            status = 409,
            description = "Something refers to it: `property_in_use`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[delete("/properties/{property_id}")]
pub async fn delete_property(
    caller: Require<RegisterWrite>,
    property_id: web::Path<i64>,
    seen: IfMatch,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let property_id = property_id.into_inner();
    let writing = Writing::of(&state, &caller, &request);
    state
        .db
        .write(move |writer| {
            let stored = properties::find(writer, property_id)?.ok_or_else(Problem::not_found)?;
            seen.check(&writing.etag(&stored)?)?;
            if properties::is_in_use(writer, property_id)? {
                let detail =
                    "Properties below it, roles, contracts or bulletins refer to this property. Take them away first.";
                return Err(Problem::new(Code::PropertyInUse, detail));
            }
            Ok::<_, Problem>(properties::delete(writer, property_id)?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
