//! `PATCH /api/v1/mailings/{mailing_id}`.

use actix_web::http::header;
use actix_web::{HttpResponse, patch, web};
use domain::mailing::{MailingDraft, Progress};
use persistence::mailings::{find, update_draft};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::draft;
use super::draft_dto::{MailingContent, MailingDelivery, MailingRecipients, MailingRequest, MailingSender};
use super::mailing_dto::Mailing;
use crate::auth::{Require, perm};
use crate::etag::{ETag, IfMatch, IfMatchHeader};
use crate::extract::{JsonBody, from_json};
use crate::problem::Problem;
use crate::state::AppState;

/// What to change of a draft (JSON Merge Patch, RFC 7396): fields that are left out stay, null takes a field's value away,
/// lists and the recipient filter are replaced as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"name": "Vesikatko 13.3.", "sender": {"reply_to": null}}))]
#[expect(dead_code, reason = "describes the patch; it is applied to the draft's JSON")]
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
}

/// Change a draft.
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
    _caller: Require<perm::MailingsWrite>,
    mailing_id: web::Path<Uuid>,
    seen: IfMatch,
    body: JsonBody<serde_json::Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    let mailing_id = mailing_id.into_inner();
    let patch = Value::Object(body.into_inner());
    let (today, now) = (state.today(), state.clock.now());
    let updated = state
        .db
        .write(move |writer| {
            let mailing = draft(writer, mailing_id)?;
            seen.check(&ETag::of_version(mailing.version))?;
            let changed = patched(mailing.draft, &patch)?;
            changed.check(today)?;
            update_draft(writer, mailing_id, mailing.version.saturating_add(1), &changed, now)?;
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
    // A filter has one key: merged with another filter it would have two.
    if patch.pointer("/recipients/filter").is_some()
        && let Some(filter) = json.pointer_mut("/recipients/filter")
    {
        *filter = Value::Null;
    }
    merge(&mut json, patch);
    Ok(from_json::<MailingRequest>(&json)?.into())
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_rfc_7396_hold() {
        for (original, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut target = original.clone();
            merge(&mut target, &patch);
            assert_eq!(target, result, "{original} {patch}");
        }
    }

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
        for patch in
            [json!({"nmae": "x"}), json!({"purpose": null}), json!({"sender": {"nmae": "x"}}), json!({"contents": 1})]
        {
            assert!(patched(draft.clone().into(), &patch).is_err(), "{patch}");
        }
    }
}
