//! `PATCH /api/v1/mailings/{mailing_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use domain::mailing::{MailingDraft, Progress};
use persistence::mailings::{find, update_draft};
use persistence::saved_queries;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::draft_dto::{MailingContent, MailingDelivery, MailingRecipients, MailingRequest, MailingSender};
use super::mailing_dto::Mailing;
use super::template::take;
use super::{attached, draft};
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, from_json};
use crate::patch::{Patch, merged};
use crate::problem::Problem;
use crate::routes::last_messages::remember;
use crate::state::AppState;

/// What to change of a draft (JSON Merge Patch, RFC 7396): fields that are left out stay, null takes a field's value away,
/// lists and the recipient filter are replaced as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Vesikatko 13.3.", "sender": {"reply_to": null}}))]
#[expect(dead_code, reason = "says which patches have the right form; they are applied to the draft's JSON")]
pub struct MailingPatch {
    /// As in the draft.
    #[schema(nullable = false, example = "Vesikatko 13.3.")]
    name: Option<String>,
    /// As in the draft.
    #[schema(nullable = false, example = "information")]
    purpose: Option<String>,
    /// As in the draft.
    delivery: Option<MailingDelivery>,
    /// As in the draft; a filter is replaced as a whole.
    recipients: Option<MailingRecipients>,
    /// As in the draft; null for nobody.
    cc: Option<MailingRecipients>,
    /// As in the draft; null for nobody.
    bcc: Option<MailingRecipients>,
    /// As in the draft; null for `individual`.
    #[schema(example = "group")]
    addressing: Option<String>,
    /// All versions; replaced as a whole.
    contents: Option<Vec<MailingContent>>,
    /// As in the draft.
    sender: Option<MailingSender>,
    /// As in the draft.
    missing_language: Option<String>,
    /// As in the draft.
    fallback_language: Option<String>,
    /// As in the draft; null for what follows from the contents.
    dedupe: Option<String>,
    /// As in the draft; null for what follows from the purpose.
    unknown_outcome: Option<String>,
    /// A template to take the content of, in place of what the draft says by its channel; null to forget the template that was
    /// taken, which keeps the content.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    template_id: Patch<Uuid>,
}

/// Change a draft.
///
/// A JSON Merge Patch (RFC 7396) of the draft, checked as a new draft is.
#[utoipa::path(
    operation_id = "updateMailing",
    tag = "mailings",
    security(("bearer" = ["mailings:write"])),
    params(("mailing_id" = Uuid, Path, description = "The mailing."), IfMatchHeader),
    request_body(
        content((MailingPatch = "application/merge-patch+json"), (MailingPatch = "application/json")),
        description = "The fields to change.",
    ),
    responses(
        (status = 200, description = "The changed draft.", body = Mailing, headers(("ETag" = String, description = "Its version."))),
        (status = 409, description = "The mailing has been sent: `mailing_not_draft`.", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
)]
#[patch("/mailings/{mailing_id}")]
pub async fn update_mailing(
    state: web::Data<AppState>,
    caller: Require<perm::MailingsWrite>,
    mailing_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<serde_json::Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let mailing_id = mailing_id.into_inner();
    let patch = Value::Object(body.into_inner());
    let (today, now) = (state.today(), state.clock.now());
    let subject = caller.subject.clone();
    let updated = state
        .db
        .write(move |writer| {
            let mailing = draft(writer, mailing_id)?;
            let (template, about) = (mailing.draft.template, mailing.draft.about.clone());
            let mut changed = MailingDraft { template, about, ..patched(mailing.draft.clone(), &patch)? };
            match from_json::<MailingPatch>(&patch)?.template_id {
                Patch::Absent => {}
                Patch::Null => changed.template = None,
                Patch::Value(template_id) => {
                    let written = patch.get("contents").map(|_| changed.contents.clone()).unwrap_or_default();
                    take(writer, &mut changed, template_id, &written)?;
                }
            }
            changed.check(&saved_queries::known(writer, today, changed.filters())?)?;
            attached(writer, &changed)?;
            // Last, as RFC 9110, section 13.2.1, has it: a fault of the request is told whatever the version.
            seen.check(&ETag::of_version(mailing.version))?;
            update_draft(writer, mailing_id, mailing.version.saturating_add(1), &changed, now)?;
            remember(writer, &subject, mailing_id, Some(&mailing.draft), &changed, now)?;
            find(writer, mailing_id)?.ok_or_else(Problem::not_found)
        })
        .await?;
    let etag = ETag::of_version(updated.version);
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, etag.header_value()))
        .json(Mailing::new(updated, Progress::default())))
}

fn patched(draft: MailingDraft, patch: &Value) -> Result<MailingDraft, Problem> {
    let mut json = serde_json::to_value(MailingRequest::from(draft)).map_err(Problem::internal)?;
    from_json::<MailingPatch>(patch)?;
    // A filter has one key: merged with another filter it would have two.
    for pointer in ["/recipients/filter", "/cc/filter", "/bcc/filter"] {
        if patch.pointer(pointer).is_some()
            && let Some(filter) = json.pointer_mut(pointer)
        {
            *filter = Value::Null;
        }
    }
    Ok(merged::<MailingRequest>(json, patch)?.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_is_replaced_as_a_whole() {
        let request: MailingRequest = serde_json::from_value(json!({
            "name": "n", "purpose": "service", "sender": {"name": "A", "address": "a@example.fi"},
            "recipients": {"filter": {"text": "koivu"}, "party_ids": [1]},
        }))
        .unwrap();
        let patch = json!({"recipients": {"filter": {"party_ids": [2]}}, "sender": {"name": null}});
        let changed = patched(request.into(), &patch).unwrap();
        let filter = changed.recipients.filter.unwrap();
        assert_eq!((filter.text, filter.party_ids), (None, Some(vec![2])));
        assert_eq!(changed.recipients.party_ids, [1]);
        assert_eq!((changed.sender.name, changed.sender.address.as_deref()), (None, Some("a@example.fi")));
    }

    #[test]
    fn unknown_and_removed_required_fields_are_refused() {
        let draft: MailingRequest = serde_json::from_value(json!({"name": "n", "purpose": "service"})).unwrap();
        for patch in [
            json!({"nmae": "x"}),
            json!({"purpose": null}),
            json!({"sender": {"nmae": "x"}}),
            json!({"contents": 1}),
            json!({"recipients": {"party_ids": null}}),
        ] {
            assert!(patched(draft.clone().into(), &patch).is_err(), "{patch}");
        }
    }
}
