//! `GET /api/v1/me`.

use actix_web::{get, web};
use domain::eligibility::Channel;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Authenticated;

/// The caller as their token describes them, and what this deployment offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The token's subject.
    #[schema(example = "virpi@isannointi.example")]
    subject: String,
    /// The token's scopes, sorted.
    #[schema(example = json!(["mailings:read", "mailings:write"]))]
    scopes: Vec<String>,
    /// The residents the token is limited to; null for staff and machines.
    #[schema(required = true, example = json!(null))]
    party_ids: Option<Vec<i64>>,
    /// The channels this deployment can send through. New channels may appear.
    #[schema(example = json!(["email"]))]
    enabled_channels: Vec<String>,
}

/// Tell who the caller is.
///
/// Needs a valid token with any scope or none, also a resident's.
#[utoipa::path(
    operation_id = "getMe",
    tag = "me",
    security(("bearer" = [])),
    responses((status = 200, description = "The caller and the enabled channels.", body = Me)),
)]
#[get("/me")]
pub async fn get_me(caller: Authenticated) -> web::Json<Me> {
    web::Json(Me {
        subject: caller.subject.clone(),
        scopes: caller.scopes.iter().cloned().collect(),
        party_ids: caller.party_ids.clone(),
        enabled_channels: Channel::ENABLED.map(|channel| channel.as_str().to_owned()).to_vec(),
    })
}
