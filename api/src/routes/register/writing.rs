//! What PUT, PATCH and DELETE of all kinds of the register have in common.
//!
//! PUT carries what the ERP says; PATCH sets fields here. Which of the two holds is decided by
//! [`domain::register::local`].

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use domain::invalid::FieldError;
use domain::register::PartyId;
use domain::register::local::{RegisterKind, set_here};
use persistence::local_values::{self, Origin, RegisterRow};
use persistence::register::Upserted;
use persistence::{Reader, StoreResult, Writer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::visibility::{Visibility, disclosed};
use crate::auth::Principal;
use crate::disclosure::{Recorder, may_see_protected};
use crate::etag::{ETag, IfMatch, PutConditions};
use crate::idempotency::StoredReply;
use crate::patch::merged;
use crate::problem::Problem;
use crate::register_import::ERP_ID_CHARS;
use crate::state::AppState;
use crate::wording::id_rule;

/// A row of one kind as the register holds it.
pub(super) trait Stored: Sized + Send + 'static {
    type Row: RegisterRow;
    /// What a PUT says.
    type Request: DeserializeOwned + Serialize;
    type Body: Serialize + Send + 'static;
    /// Members of a row that a request does not have.
    const IDENTITY: &'static [&'static str];

    fn row(&self) -> &Self::Row;
    fn row_hash(&self) -> &[u8];
    /// Whose row it is, and whether that party is protected.
    fn owner(&self) -> Option<(PartyId, bool)>;
    fn body(&self, visibility: Visibility) -> Self::Body;
    /// The row of a request, from the fields of both together; `None` when there can be no such id.
    fn read(fields: &Map<String, Value>) -> Result<Option<Self::Row>, FieldError>;
    /// A changed row with the identity that no field tells.
    fn identified(row: Self::Row, _before: &Self::Row) -> Self::Row {
        row
    }
    fn find_again(reader: &mut Reader<'_>, row: &Self::Row) -> StoreResult<Option<Self>>;
    fn upsert(writer: &mut Writer<'_>, rows: Vec<Self::Row>) -> StoreResult<Upserted>;
    /// Refuses what the register cannot take, or what the caller may not do.
    fn check(
        writer: &mut Writer<'_>,
        before: Option<&Self>,
        row: &Self::Row,
        sees_protected: bool,
    ) -> Result<(), Problem>;
}

/// The row that a PUT brings. `identity` is what its path says.
///
/// # Errors
/// 404 when there can be no such id, 422 for a field that breaks the rules of the CSV column of its name.
pub(super) fn requested<S: Stored>(request: &S::Request, identity: (&str, Value)) -> Result<S::Row, Problem> {
    let Value::Object(mut fields) = serde_json::to_value(request).map_err(Problem::internal)? else {
        return Err(Problem::internal("a request is an object"));
    };
    let impossible = match &identity.1 {
        Value::String(_) => Problem::impossible(format!("the ERP's ids have 1 to {ERP_ID_CHARS} characters")),
        _ => Problem::impossible(id_rule()),
    };
    // In a CSV file such an id stands for none.
    if identity.1.as_str().is_some_and(|id| id.trim().is_empty()) {
        return Err(impossible);
    }
    fields.insert(identity.0.to_owned(), identity.1);
    S::read(&fields)?.ok_or(impossible)
}

/// One writing request.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    sees_protected: bool,
    by: String,
    origin: Origin,
    recorder: Recorder,
}

/// A row after it was written, as its caller sees it.
pub(super) struct Written<B> {
    pub body: B,
    pub etag: ETag,
    pub created: bool,
}

impl<B: Serialize> Written<B> {
    /// 201 with where it is, to be kept under an idempotency key.
    ///
    /// # Errors
    /// 500 when the body is no JSON, which no body is.
    pub(super) fn reply(&self, location: &str) -> Result<StoredReply, Problem> {
        let reply = StoredReply::json(StatusCode::CREATED, &self.body)?;
        Ok(reply.with_header(&header::LOCATION, location).with_header(&header::ETAG, self.etag.as_str()))
    }

    /// 200, or 201 with where it is.
    pub(super) fn answer(&self, location: &str) -> HttpResponse {
        let mut response =
            if self.created { HttpResponse::build(StatusCode::CREATED) } else { HttpResponse::build(StatusCode::OK) };
        if self.created {
            response.insert_header((header::LOCATION, location));
        }
        response.insert_header((header::ETAG, self.etag.header_value())).json(&self.body)
    }
}

impl Writing {
    pub(super) fn of(state: &AppState, caller: &Principal, request: &HttpRequest) -> Self {
        Self {
            sees_protected: may_see_protected(caller),
            by: caller.subject.clone(),
            origin: Origin { at: state.clock.now(), operation_id: None },
            recorder: Recorder::of(state, caller, request),
        }
    }

    /// The ERP's word on a row, which may be new.
    pub(super) fn put<S: Stored>(
        &self,
        writer: &mut Writer<'_>,
        row: S::Row,
        conditions: &PutConditions,
    ) -> Result<Written<S::Body>, Problem> {
        let before = S::find_again(writer, &row)?;
        let current = before.as_ref().map(|stored| self.etag(stored)).transpose()?;
        S::check(writer, before.as_ref(), &row, self.sees_protected)?;
        conditions.check(current.as_ref())?;
        let (rows, _) = local_values::settle(writer, vec![row.clone()], &self.origin)?;
        S::upsert(writer, rows)?;
        self.written::<S>(writer, &row, before.is_none())
    }

    /// A row that is made here, of which the ERP knows nothing.
    pub(super) fn create<S: Stored>(&self, writer: &mut Writer<'_>, row: S::Row) -> Result<Written<S::Body>, Problem> {
        S::check(writer, None, &row, self.sees_protected)?;
        S::upsert(writer, vec![row.clone()])?;
        self.written::<S>(writer, &row, true)
    }

    /// Fields set here.
    pub(super) fn patch<S: Stored>(
        &self,
        writer: &mut Writer<'_>,
        stored: &S,
        seen: &IfMatch,
        patch: &Map<String, Value>,
    ) -> Result<Written<S::Body>, Problem> {
        let (kind, before) = (S::Row::KIND, stored.row());
        refuse_unsettable(kind, patch)?;
        let row = patched::<S>(before, patch)?;
        let key = before.row_key();
        if row.row_key() != key {
            let message =
                "Without an erp_role_id, role and valid_from tell which role it is: only the ERP can change them.";
            return Err(FieldError::new("", "identifies_role", message).into());
        }
        S::check(writer, Some(stored), &row, self.sees_protected)?;
        // Last, as RFC 9110, section 13.2.1, has it: a fault of the request is told whatever the version.
        seen.check(&self.etag(stored)?)?;
        let known = local_values::of_rows(writer, kind, std::slice::from_ref(&key))?.remove(&key).unwrap_or_default();
        let locals = set_here(kind, &known, before, &row).map_err(Problem::internal)?;
        if locals != known {
            local_values::replace(writer, kind, &key, &locals, &self.by, self.origin.at)?;
        }
        S::upsert(writer, vec![row.clone()])?;
        self.written::<S>(writer, &row, false)
    }

    /// The tag of what this caller sees of a row.
    pub(super) fn etag<S: Stored>(&self, stored: &S) -> Result<ETag, Problem> {
        let visibility = self.visibility(stored);
        visibility.etag(stored.row_hash(), &stored.body(visibility))
    }

    fn visibility<S: Stored>(&self, stored: &S) -> Visibility {
        Visibility::of(stored.owner().is_some_and(|(_, protected)| protected), self.sees_protected)
    }

    fn written<S: Stored>(
        &self,
        writer: &mut Writer<'_>,
        row: &S::Row,
        created: bool,
    ) -> Result<Written<S::Body>, Problem> {
        let stored = S::find_again(writer, row)?.ok_or_else(|| Problem::internal("a written row is not there"))?;
        let visibility = self.visibility(&stored);
        let shown = stored.owner().map(|(party_id, _)| (party_id, visibility));
        self.recorder.record(writer, &disclosed(shown))?;
        let body = stored.body(visibility);
        let etag = visibility.etag(stored.row_hash(), &body)?;
        Ok(Written { body, etag, created })
    }
}

fn patched<S: Stored>(before: &S::Row, patch: &Map<String, Value>) -> Result<S::Row, Problem> {
    let mut identity = Map::new();
    let mut json = serde_json::to_value(before).map_err(Problem::internal)?;
    if let Value::Object(fields) = &mut json {
        identity.extend(S::IDENTITY.iter().filter_map(|name| fields.remove_entry(*name)));
    }
    let request: S::Request = merged(json, &Value::Object(patch.clone()))?;
    let Value::Object(mut fields) = serde_json::to_value(&request).map_err(Problem::internal)? else {
        return Err(Problem::internal("a request is an object"));
    };
    fields.extend(identity);
    // The CSV column of such an id holds the ERP's.
    for (ours, column) in
        [("erp_role_id", "role_id"), ("erp_loan_id", "loan_id"), ("erp_inspection_id", "inspection_id")]
    {
        if let Some(erp_id) = fields.remove(ours) {
            fields.insert(column.to_owned(), erp_id);
        }
    }
    let row = S::read(&fields)?.ok_or_else(|| Problem::internal("a stored id is an id"))?;
    Ok(S::identified(row, before))
}

fn refuse_unsettable(kind: RegisterKind, patch: &Map<String, Value>) -> Result<(), Problem> {
    let faults: Vec<FieldError> = patch
        .keys()
        .filter(|name| !kind.settable().contains(&name.as_str()))
        .map(|name| {
            let fields = kind.settable().join(", ");
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            FieldError::new(pointer, "unknown_field", format!("`{name}` cannot be set here; these can: {fields}"))
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}
