//! `GET /api/v1/mailings/{mailing_id}/deliveries`.

use actix_web::{HttpRequest, get, web};
use chrono::{DateTime, Utc};
use domain::mailing::{AddressedAs, DeliveryState, message_id};
use persistence::deliveries::listing::{self, RowView};
use persistence::mailings::find;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Require, perm};
use crate::disclosure::{self, may_see_protected};
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::state::AppState;

/// Which rows, and which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDeliveriesQuery {
    /// Only those in this state: `queued`, `sending`, `sent`, `deferred`, `failed`, `unknown`, `skipped`, `cancelled` or `bounced`.
    #[param(
        required = false,
        nullable = false,
        pattern = "^(queued|sending|sent|deferred|failed|unknown|skipped|cancelled|bounced)$",
        example = "failed"
    )]
    status: Option<String>,
    /// How many items a page has, 1 to 200. By default 50.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// A page of a mailing's rows, in the order they were frozen in.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingDeliveryPage {
    /// The rows.
    items: Vec<MailingRow>,
    /// Continues the list; null at its end.
    #[schema(required = true, example = json!(null))]
    next_cursor: Option<String>,
}

/// What became of one recipient.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailingRow {
    /// Its number within the mailing, from 1.
    #[schema(example = 17)]
    row_no: i64,
    /// Null for an extra address; and for a protected party, unless the token has the scope `parties:protected`: so are then
    /// `name` and `address`.
    #[schema(required = true, example = 1042)]
    party_id: Option<i64>,
    /// Whether the address of the party is protected.
    protected: bool,
    /// The name, of an extra address whose it is, if that was written; see `party_id`.
    #[schema(required = true, example = "Virtanen Matti")]
    name: Option<String>,
    /// `to`, `cc` or `bcc`.
    #[schema(value_type = String, example = "to")]
    addressed_as: AddressedAs,
    /// The channel.
    #[schema(example = "email")]
    channel: String,
    /// Where the message goes.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    address: Option<String>,
    /// The recipient's service language.
    #[schema(example = "fi")]
    language: String,
    /// `queued`, `sending`, `sent`, `deferred`, `failed`, `unknown`, `skipped`, `cancelled` or `bounced`.
    #[schema(value_type = String, example = "sent")]
    status: DeliveryState,
    /// Why it was skipped.
    #[schema(required = true, example = json!(null))]
    reason: Option<String>,
    /// `duplicate_address` when it shares the message of another row.
    #[schema(required = true, example = json!(null))]
    shared: Option<String>,
    /// The delivery; null for those left out.
    #[schema(required = true)]
    delivery_id: Option<Uuid>,
    /// The Message-ID of the mail, the same in every attempt, and for all who share it.
    #[schema(required = true, example = "<0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11@example.fi>")]
    message_id: Option<String>,
    /// How many attempts were made that the recipient's side answered or may have got.
    #[schema(example = 1)]
    attempts: i64,
    /// When the next attempt is due.
    #[schema(required = true)]
    next_attempt_at: Option<DateTime<Utc>>,
    /// When the mail server accepted it.
    #[schema(required = true)]
    sent_at: Option<DateTime<Utc>>,
    /// The mail server's last reply code.
    #[schema(required = true, example = 250)]
    last_code: Option<i64>,
    /// What the mail server or the connection said last.
    #[schema(required = true, example = "2.0.0 Ok: queued")]
    last_detail: Option<String>,
}

/// List what became of each recipient.
///
/// Everyone who was meant has a row, those left out too, with the reason.
#[utoipa::path(
    operation_id = "listMailingDeliveries",
    tag = "mailings",
    security(("bearer" = ["mailings:read"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), ListDeliveriesQuery),
    responses((status = 200, description = "A page of rows.", body = MailingDeliveryPage)),
)]
#[get("/mailings/{mailing_id}/deliveries")]
pub async fn list_mailing_deliveries(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsRead>,
    mailing_id: web::Path<Uuid>,
    request: HttpRequest,
    query: QueryParams<ListDeliveriesQuery>,
) -> Result<web::Json<MailingDeliveryPage>, Problem> {
    let mailing_id = mailing_id.into_inner();
    let limit = usize::try_from(paging::limit(query.limit)?).unwrap_or(1);
    let cursors = state.cursors.of(&("deliveries", mailing_id, &query.status));
    let after = query.cursor.as_deref().map(|text| cursors.open(text)?.numeric_id()).transpose()?;
    let status = query.status.as_deref().map(status).transpose()?;
    let (sender, mut rows) = state
        .db
        .read(move |reader| {
            let mailing = find(reader, mailing_id)?.ok_or_else(Problem::not_found)?;
            let read = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
            let rows = listing::list(reader, mailing_id, status, after.unwrap_or(0), read)?;
            Ok::<_, Problem>((mailing.draft.sender.address.unwrap_or_default(), rows))
        })
        .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|row| cursors.seal(&Cursor { sort: Vec::new(), id: row.row_no.to_string() }));
    let see_protected = may_see_protected(&caller);
    if see_protected {
        let seen = rows.iter().filter(|row| row.party_protected).filter_map(|row| row.party_id).collect();
        disclosure::record(&state, &caller, &request, seen).await?;
    }
    let items = rows.into_iter().map(|row| shown(row, &sender, see_protected)).collect();
    Ok(web::Json(MailingDeliveryPage { items, next_cursor }))
}

/// A row as the caller may see it: of a protected party only what became of it.
fn shown(row: RowView, sender: &str, see_protected: bool) -> MailingRow {
    let shown = see_protected || !row.party_protected;
    MailingRow {
        row_no: row.row_no,
        party_id: row.party_id.filter(|_| shown),
        protected: row.party_protected,
        name: row.name.filter(|_| shown),
        addressed_as: row.addressed_as,
        channel: row.channel,
        address: row.address.filter(|_| shown),
        language: row.language,
        status: row.state,
        reason: row.reason,
        shared: row.shared,
        message_id: row.message_id.map(|id| message_id(id, sender)),
        delivery_id: row.delivery_id,
        attempts: row.attempts,
        next_attempt_at: row.due_at,
        sent_at: row.sent_at,
        last_code: row.last_code,
        // What the server says may name the address.
        last_detail: row.last_detail.filter(|_| shown),
    }
}

fn status(word: &str) -> Result<DeliveryState, Problem> {
    DeliveryState::parse(word).ok_or_else(|| {
        let known = DeliveryState::ALL.map(DeliveryState::as_str).join(", ");
        refused_parameter("status", "unknown_value", format!("A status is one of {known}."))
    })
}
