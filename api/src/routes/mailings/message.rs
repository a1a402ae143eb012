//! `GET /api/v1/mailings/{mailing_id}/deliveries/{row_no}/message`.

use actix_web::{HttpRequest, get, web};
use delivery::message::{Addressees, SentMailing};
use domain::mailing::message_id;
use persistence::deliveries::claimed::shown;
use persistence::deliveries::listing;
use persistence::mailings::find;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Require, perm};
use crate::disclosure::{self, may_see_protected};
use crate::problem::Problem;
use crate::routes::attachments::dto::AttachedFile;
use crate::state::AppState;

/// The message of one recipient, rendered from what was frozen: the same as was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveredMessage {
    /// The Message-ID of the mail.
    #[schema(required = true, example = "<0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11@example.fi>")]
    message_id: Option<String>,
    /// Where it went.
    #[schema(required = true, example = "matti.virtanen@example.fi")]
    address: Option<String>,
    /// The addresses that its To header shows; none where it says that the recipients are not disclosed. Addresses that have come
    /// under protection since are left out.
    #[schema(example = json!(["matti.virtanen@example.fi"]))]
    to: Vec<String>,
    /// The addresses that its Cc header shows.
    #[schema(example = json!([]))]
    cc: Vec<String>,
    /// The recipient's service language.
    #[schema(example = "fi")]
    language: String,
    /// The subject.
    #[schema(example = "Vesikatko As Oy Esimerkki")]
    subject: String,
    /// The text version.
    #[schema(example = "Hei Matti, vesi on poikki 12.3. klo 9–12.")]
    text: String,
    /// The HTML version, where there is one.
    #[schema(required = true, example = "<p>Hei Matti, vesi on poikki 12.3. klo 9–12.</p>")]
    html: Option<String>,
    /// The files that went with it.
    attachments: Vec<AttachedFile>,
}

/// Read the message of one recipient.
///
/// 404 for those who were left out before a message was made for them, and for protected parties without the scope
/// `parties:protected`.
#[utoipa::path(
    operation_id = "getDeliveredMessage",
    tag = "mailings",
    security(("bearer" = ["mailings:read"])),
    params(
        ("mailing_id" = Uuid, Path, description = "The mailing."),
        ("row_no" = i64, Path, description = "The number of the row.", example = 17),
    ),
    responses((status = 200, description = "The message.", body = DeliveredMessage)),
)]
#[get("/mailings/{mailing_id}/deliveries/{row_no}/message")]
pub async fn get_delivered_message(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsRead>,
    path: web::Path<(Uuid, i64)>,
    request: HttpRequest,
) -> Result<web::Json<DeliveredMessage>, Problem> {
    let (mailing_id, row_no) = path.into_inner();
    let (mailing, row, addressees) = state
        .db
        .read(move |reader| {
            let row = listing::find(reader, mailing_id, row_no)?.ok_or_else(Problem::not_found)?;
            let mailing = find(reader, mailing_id)?.ok_or_else(Problem::not_found)?;
            let sent_as = row.message_id.ok_or_else(Problem::not_found)?;
            let addressees = match row.message_id == row.delivery_id {
                true => Addressees::alone(sent_as, row.address.clone().unwrap_or_default()),
                false => Addressees::together(sent_as, shown(reader, sent_as)?, Vec::new()),
            };
            Ok::<_, Problem>((mailing, row, addressees))
        })
        .await?;
    if row.party_protected {
        if !may_see_protected(&caller) {
            return Err(Problem::not_found());
        }
        disclosure::record(&state, &caller, &request, row.party_id.into_iter().collect()).await?;
    }
    let Addressees { message_id: sent_as, to, cc, recipients: _ } = addressees;
    let sender = mailing.draft.sender.address.clone().unwrap_or_default();
    let content = row.version_no.and_then(|number| mailing.draft.contents.get(usize::try_from(number).ok()?));
    let attachments = content.map(|content| AttachedFile::of(content, &mailing.attachments)).unwrap_or_default();
    let sent = SentMailing::new(mailing).map_err(Problem::internal)?;
    let rendered = sent.render(row.version_no, &row.merge_values).map_err(Problem::internal)?;
    Ok(web::Json(DeliveredMessage {
        message_id: Some(message_id(sent_as, &sender)),
        address: row.address,
        to,
        cc,
        language: row.language,
        subject: rendered.subject.unwrap_or_default(),
        text: rendered.text,
        html: rendered.html,
        attachments,
    }))
}
