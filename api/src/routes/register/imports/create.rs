//! `POST /api/v1/register-imports`.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::invalid::FieldError;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::Require;
use crate::auth::perm::RegisterWrite;
use crate::extract::ImportUpload;
use crate::idempotency::{IdempotencyContext, IdempotencyKey, IdempotencyKeyHeader, StoredReply, once};
use crate::imports::ImportMode;
use crate::imports::jobs::ImportRequest;
use crate::problem::Problem;
use crate::register_import::{ImportError, RegisterFiles};
use crate::routes::BASE;
use crate::routes::operations::dto::Operation;
use crate::state::AppState;

/// The files of an import, at least one of them, and how to import them. Files are CSV in UTF-8, with commas or semicolons, and
/// a header line that names all columns in any order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form; ImportUpload reads it")]
pub struct RegisterImportForm {
    /// The parties. Columns: `party_id`, `kind`, `name`, `first_name`, `last_name`, `business_id`, `language`, `email`,
    /// `email_marketing`, `phone`, `phone_marketing`, `street`, `postal_code`, `city`, `country`, `address_protected`,
    /// `deceased`, `archived`, `attributes`.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "text/csv", nullable = false)]
    parties: Option<Vec<u8>>,
    /// The properties. Columns: `property_id`, `parent_id`, `kind`, `code`, `name`, `street`, `postal_code`, `city`, `country`,
    /// `attributes`.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "text/csv", nullable = false)]
    properties: Option<Vec<u8>>,
    /// The contracts. Columns: `contract_id`, `party_id`, `property_id`, `kind`, `language`, `valid_from`, `valid_to`,
    /// `points_enrolled`, `points_enrolled_on`.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "text/csv", nullable = false)]
    contracts: Option<Vec<u8>>,
    /// The roles. Columns: `role_id` (the ERP's, may be empty), `party_id`, `property_id`, `role`, `valid_from`, `valid_to`,
    /// `contract_id`.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "text/csv", nullable = false)]
    roles: Option<Vec<u8>>,
    /// The keys that are lent. Columns: `loan_id` (the ERP's), `party_id`, `property_id`, `key_code`, `description`, `lent_at`,
    /// `due_at`, `returned_at`. Times are RFC 3339 with the offset from UTC.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "text/csv", nullable = false)]
    key_loans: Option<Vec<u8>>,
    /// The move-in inspections. Columns: `inspection_id` (the ERP's), `party_id`, `property_id`, `deadline`, `answered_at`,
    /// `link`. Times are RFC 3339 with the offset from UTC.
    #[schema(value_type = Option<String>, format = Binary, content_media_type = "text/csv", nullable = false)]
    move_in_inspections: Option<Vec<u8>>,
    /// `delta`: the files bring what is new or has changed. `full`: what a file lacks is gone; roles and contracts end
    /// yesterday (those that have not begun are removed), parties are archived, the ERP's open key loans and inspections count
    /// as returned and answered at the time of the import. A file that is not there ends nothing. By default `delta`.
    #[schema(nullable = false, example = "delta", pattern = "^(delta|full)$")]
    mode: Option<String>,
    /// Keep the good rows and list the bad ones; otherwise one bad row leaves everything as it was. Not with `full`. By default
    /// false.
    #[schema(nullable = false, example = false)]
    skip_bad_rows: Option<bool>,
    /// Let a `full` import end or archive more than a tenth of the rows of a kind. By default false.
    #[schema(nullable = false, example = false)]
    allow_mass_end: Option<bool>,
}

/// Import the register.
///
/// Answers as soon as the files are there and have the right columns; the import itself is an operation to follow. It is
/// written as a whole or not at all, and may be repeated: unchanged rows are left alone. Fields set here keep their value
/// until the ERP's own value changes. Files and fields may come in any order.
#[utoipa::path(
    operation_id = "createRegisterImport",
    tag = "register",
    security(("bearer" = ["register:write"])),
    params(IdempotencyKeyHeader),
    request_body(content = RegisterImportForm, content_type = "multipart/form-data", description = "The files."),
    responses(
        (
            status = 202,
            description = "The import waits for its turn.",
            body = Operation,
            headers(("Location" = String, description = "Where to follow it.")),
        ),
        (status = 413, description = "The files are larger than `POSTITUS_IMPORT_LIMIT` together: `body_too_large`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not multipart/form-data: `unsupported_media_type`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (
            status = 422,
            description = "`validation_failed`: there is no file, a header line is not right, or a field of the form is not; or \
                           `idempotency_key_reused`, when the Idempotency-Key was used with another form.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[post("/register-imports")]
pub async fn create_register_import(
    caller: Require<RegisterWrite>,
    state: web::Data<AppState>,
    key: IdempotencyKey,
    request: HttpRequest,
    upload: ImportUpload,
) -> Result<HttpResponse, Problem> {
    let context = key.optional().map(|key| IdempotencyContext::new(key, &caller.subject, &request, upload.digest()));
    let asked = asked(&upload)?;
    let folder = upload.folder.clone();
    web::block(move || RegisterFiles::open(&folder)).await.map_err(Problem::internal)?.map_err(refused)?;
    let asked = serde_json::to_string(&asked).map_err(Problem::internal)?;
    // In a task of its own: once it is written down that the import was asked for, it has to be handed on, whether or not whoever
    // asked still waits.
    let accepted = accepted(state, context, caller.subject.clone(), asked, upload);
    actix_web::rt::spawn(accepted).await.map_err(Problem::internal)?
}

async fn accepted(
    state: web::Data<AppState>,
    context: Option<IdempotencyContext>,
    by: String,
    asked: String,
    upload: ImportUpload,
) -> Result<HttpResponse, Problem> {
    let (imports, id) = (state.imports.clone(), upload.id);
    let location = format!("{BASE}/operations/{id}");
    let stored_at = location.clone();
    let reply = once(&state, context, move |writer| {
        let operation = imports.insert(writer, id, &asked, &by)?;
        let reply = StoredReply::json(StatusCode::ACCEPTED, &Operation::new(operation, None)?)?;
        Ok(reply.with_header(&header::LOCATION, stored_at.as_str()))
    })
    .await?;
    // A repetition is answered with the first one's operation: its own files are of no use.
    let is_new = reply.headers().get(header::LOCATION).is_some_and(|value| value.as_bytes() == location.as_bytes());
    if is_new {
        upload.keep();
        state.imports.submit(id);
    }
    Ok(reply)
}

fn asked(upload: &ImportUpload) -> Result<ImportRequest, Problem> {
    let mode = match upload.field("mode") {
        None | Some("delta") => ImportMode::Delta,
        Some("full") => ImportMode::Full,
        Some(_) => return Err(FieldError::new("/mode", "unknown_value", "A mode is delta or full.").into()),
    };
    let (skip_bad_rows, allow_mass_end) = (upload.flag("skip_bad_rows")?, upload.flag("allow_mass_end")?);
    if skip_bad_rows && mode == ImportMode::Full {
        let message = "In a full import a bad row would count as gone: correct it, or import with mode delta.";
        return Err(FieldError::new("/skip_bad_rows", "contradictory", message).into());
    }
    Ok(ImportRequest { mode, skip_bad_rows, allow_mass_end })
}

fn refused(error: ImportError) -> Problem {
    match error {
        ImportError::Header { file, .. } => {
            let pointer = format!("/{}", file.trim_end_matches(".csv"));
            FieldError::new(pointer, "invalid_header", error.to_string()).into()
        }
        ImportError::NoFiles { .. } => {
            let message = "Send at least one of the files parties, properties, contracts, roles, key_loans and move_in_inspections.";
            FieldError::new("", "missing_field", message).into()
        }
        ImportError::UnknownFile { .. }
        | ImportError::Folder { .. }
        | ImportError::Read { .. }
        | ImportError::Lookup(_) => Problem::internal(error),
    }
}
