//! The answer of an operation that reads one row which belongs to a party.

use actix_web::{HttpRequest, HttpResponse};
use domain::register::PartyId;
use serde::Serialize;

use super::visibility::{Visibility, disclosed};
use crate::auth::Principal;
use crate::disclosure;
use crate::etag::IfNoneMatch;
use crate::problem::Problem;
use crate::state::AppState;

/// A row as it will be shown.
pub(super) struct Found<T> {
    /// What is shown, redacted where it must be.
    pub body: T,
    /// Whose row it is.
    pub party_id: PartyId,
    pub visibility: Visibility,
    /// Hash of the whole row.
    pub row_hash: Vec<u8>,
}

impl<T: Serialize> Found<T> {
    /// 200 or 304 with the tag; the disclosure of a protected party is recorded first. A 304 discloses nothing.
    ///
    /// # Errors
    /// A failure of the database to record the disclosure.
    pub(super) async fn answer(
        self,
        state: &AppState,
        caller: &Principal,
        request: &HttpRequest,
        if_none_match: &IfNoneMatch,
    ) -> Result<HttpResponse, Problem> {
        let etag = self.visibility.etag(&self.row_hash, &self.body)?;
        if !if_none_match.matches(&etag) {
            disclosure::record(state, caller, request, disclosed([(self.party_id, self.visibility)])).await?;
        }
        Ok(if_none_match.answer(&etag, &self.body))
    }
}
