//! `POST /api/v1/resident-tokens`.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Duration, Utc};
use domain::invalid::FieldError;
use persistence::register::known_parties;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::perm::{InternetviestitRead, Permission as _, TokensMint};
use crate::auth::{KeyError, Require, TokenRequest};
use crate::extract::JsonBody;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// For how many parties a token may be.
const MAX_PARTIES: usize = 20;
const DEFAULT_TTL: u32 = 900;

/// Whose token to mint.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"party_ids": [1], "ttl_seconds": 900}))]
pub struct ResidentTokenRequest {
    /// The parties whose messages the bearer sees, 1 to 20: usually the one who has signed in.
    #[schema(min_items = 1, max_items = 20, example = json!([1]))]
    party_ids: Vec<i64>,
    /// Who the bearer is, in your words: 1 to 200 bytes without control characters. By default `party:` and the first party's id.
    #[schema(nullable = true, example = "portal-user-17")]
    subject: Option<String>,
    /// How long the token lasts, in seconds: 60 to 3600, by default 900.
    #[schema(nullable = true, minimum = 60, maximum = 3600, example = 900)]
    ttl_seconds: Option<u32>,
}

/// A resident's token.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResidentToken {
    /// The token, for `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.e30.c2ln")]
    token: String,
    /// The scopes it has, separated by spaces.
    #[schema(example = "internetviestit:read")]
    scope: String,
    /// The parties it is limited to.
    #[schema(example = json!([1]))]
    party_ids: Vec<i64>,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// Mint a short-lived token for a resident.
///
/// A portal that has identified its user gets a token for them: it reads these parties' messages and bulletins, sets their read
/// marks, and sees nothing else.
#[utoipa::path(
    operation_id = "createResidentToken",
    tag = "internetviestit",
    security(("bearer" = ["tokens:mint"])),
    request_body = ResidentTokenRequest,
    responses(
        (status = 200, description = "The token. Nothing of it is kept.", body = ResidentToken),
        (
            status = 409,
            description = "Tokens come from an issuer whose signing key this deployment does not have: `tokens_from_elsewhere`.",
            body = crate::problem::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
#[post("/resident-tokens")]
pub async fn create_resident_token(
    _caller: Require<TokensMint>,
    state: web::Data<AppState>,
    body: JsonBody<ResidentTokenRequest>,
) -> Result<HttpResponse, Problem> {
    let ResidentTokenRequest { party_ids, subject, ttl_seconds } = body.into_inner();
    let (subject, ttl) = checked(&party_ids, subject, ttl_seconds)?;
    let ids = party_ids.clone();
    let known = state.db.read(move |reader| known_parties(reader, &ids)).await?;
    let unknown =
        |(index, _)| FieldError::new(format!("/party_ids/{index}"), "unknown_party", "There is no such party.");
    let errors: Vec<FieldError> =
        party_ids.iter().enumerate().filter(|(_, id)| !known.contains(id)).map(unknown).collect();
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let now = state.clock.now();
    let scope = InternetviestitRead::SCOPE.to_owned();
    let request = TokenRequest {
        subject,
        scopes: vec![scope.clone()],
        party_ids: Some(party_ids.clone()),
        time_to_live: Duration::seconds(ttl.into()),
    };
    let token = state.auth.mint(&request, now).map_err(|error| match error {
        KeyError::CannotSign(_) => {
            Problem::new(Code::TokensFromElsewhere, "Get the token from the issuer of this deployment's tokens.")
        }
        error => Problem::internal(error),
    })?;
    let expires_at = now + request.time_to_live;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(ResidentToken { token, scope, party_ids, expires_at }))
}

fn checked(
    party_ids: &[i64],
    subject: Option<String>,
    ttl_seconds: Option<u32>,
) -> Result<(String, u32), Vec<FieldError>> {
    let mut errors = Vec::new();
    if party_ids.is_empty() || party_ids.len() > MAX_PARTIES {
        let message = format!("Name 1 to {MAX_PARTIES} parties.");
        errors.push(FieldError::new("/party_ids", "out_of_range", message));
    }
    let ttl = ttl_seconds.unwrap_or(DEFAULT_TTL);
    if !(60..=3600).contains(&ttl) {
        errors.push(FieldError::new("/ttl_seconds", "out_of_range", "A resident's token lasts 60 to 3600 seconds."));
    }
    let first = party_ids.first().copied().unwrap_or_default();
    let subject = subject.unwrap_or_else(|| format!("party:{first}"));
    if subject.is_empty() || subject.len() > 200 || subject.chars().any(char::is_control) {
        let message = "A subject has 1 to 200 bytes and no control characters.";
        errors.push(FieldError::new("/subject", "invalid_value", message));
    }
    if errors.is_empty() { Ok((subject, ttl)) } else { Err(errors) }
}
