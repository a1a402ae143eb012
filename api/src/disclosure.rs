//! Protected parties: who may see them, and the record that they were seen (RULES 2).

use actix_web::{HttpMessage as _, HttpRequest};
use chrono::{DateTime, Utc};
use domain::register::PartyId;
use persistence::audit::{AuditEvent, record as record_event};
use persistence::{StoreResult, Writer};
use serde_json::json;

use crate::auth::Principal;
use crate::auth::perm::{PartiesProtected, Permission as _};
use crate::frame::RequestId;
use crate::problem::Problem;
use crate::state::AppState;

/// The action of the audit event.
pub const ACTION: &str = "protected_party_disclosed";

/// Whether the caller may see the addresses, phones and residences of protected parties.
pub fn may_see_protected(caller: &Principal) -> bool {
    caller.may(PartiesProtected::SCOPE)
}

/// Records disclosures of one request.
#[derive(Debug, Clone)]
pub struct Recorder {
    at: DateTime<Utc>,
    subject: String,
    request_id: String,
}

impl Recorder {
    /// The recorder of this request.
    pub fn of(state: &AppState, caller: &Principal, request: &HttpRequest) -> Self {
        let request_id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        Self { at: state.clock.now(), subject: caller.subject.clone(), request_id }
    }

    /// Records, in a transaction of the request itself, that its answer shows these protected parties. Nothing for none.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn record(&self, writer: &mut Writer<'_>, party_ids: &[PartyId]) -> StoreResult<()> {
        if party_ids.is_empty() {
            return Ok(());
        }
        let event = AuditEvent {
            at: self.at,
            subject: self.subject.clone(),
            action: ACTION,
            details: json!({ "party_ids": party_ids }),
            request_id: self.request_id.clone(),
        };
        record_event(writer, &event)
    }
}

/// Records that the caller is about to be shown these protected parties. Nothing is recorded for none.
///
/// # Errors
/// 503, when the record cannot be written: then nothing may be shown either.
pub async fn record(
    state: &AppState,
    caller: &Principal,
    request: &HttpRequest,
    party_ids: Vec<PartyId>,
) -> Result<(), Problem> {
    if party_ids.is_empty() {
        return Ok(());
    }
    let recorder = Recorder::of(state, caller, request);
    state.db.write(move |writer| Ok::<_, Problem>(recorder.record(writer, &party_ids)?)).await
}
