//! Requests that make no sense: as HTTP, as JSON, as a query string, as a draft, as a filter.

use integration_tests::{Database, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Case, Fixture, to_parties};

const NOWHERE: &str = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";

/// A filter in so many `not`s.
fn nested(levels: usize) -> String {
    let filter = format!("{}{{\"text\": \"a\"}}{}", "{\"not\": ".repeat(levels), "}".repeat(levels));
    format!("{{\"channel\": \"email\", \"purpose\": \"service\", \"filter\": {filter}}}")
}

on_both_databases! {
    async fn requests_that_are_wrong_as_http_are_refused(database: Database) {
        let fixture = Fixture::new(database).await;
        let app = &fixture.app;
        let post = |body: &str| app.post("/api/v1/mailings").body("application/json", body.to_owned());
        let typed = |content_type: &str| app.post("/api/v1/mailings").body(content_type, to_parties(&[1]).to_string());
        let too_large = format!("{{\"name\": \"{}\"}}", "a".repeat(1024 * 1024));
        let path = fixture.path("");
        let rename = json!({"name": "Toinen"});
        let case = Case::new;
        let unknown = [
            ("unknown mailing", app.get(&format!("/api/v1/mailings/{NOWHERE}"))),
            ("unknown mailing, changed", app.patch(&format!("/api/v1/mailings/{NOWHERE}")).if_match("\"1\"").json(&rename)),
            ("unknown mailing, sent", fixture.send(NOWHERE, &fixture.approval)),
            ("unknown mailing's rows", app.get(&format!("/api/v1/mailings/{NOWHERE}/deliveries"))),
            ("unknown row", app.get(&format!("/api/v1/mailings/{}/deliveries/77/message", fixture.sent))),
            ("negative row", app.get(&format!("/api/v1/mailings/{}/deliveries/-1/message", fixture.sent))),
            ("huge row", app.get(&format!("/api/v1/mailings/{}/deliveries/99999999999999999999/message", fixture.sent))),
            ("not an id", app.get("/api/v1/mailings/1")),
            ("unknown party", app.get("/api/v1/parties/999")),
            ("negative party", app.get("/api/v1/parties/-1")),
            ("huge party", app.get("/api/v1/parties/9223372036854775808")),
            ("largest number", app.get("/api/v1/parties/9223372036854775807")),
            ("unknown property", app.get("/api/v1/properties/999")),
            ("unknown contract", app.get("/api/v1/contracts/0")),
            ("unknown role", app.get(&format!("/api/v1/roles/{NOWHERE}"))),
            ("unknown party's contacts", app.get("/api/v1/contacts?party_id=999")),
            ("unknown path", app.get("/api/v1/nothing")),
        ];
        let mut cases: Vec<Case> = unknown.into_iter().map(|(name, call)| case(name, call, 404, "not_found")).collect();
        cases.extend([
            case("bad JSON", post("{\"name\": "), 400, "invalid_json"),
            case("no JSON", post(""), 400, "invalid_json"),
            case("more than JSON", post("{\"name\": \"a\", \"purpose\": \"service\"} x"), 400, "invalid_json"),
            case("not UTF-8", app.post("/api/v1/mailings").body("application/json", vec![b'"', 0xff, b'"']), 400, "invalid_json"),
            case("wrong method", app.call(Method::PUT, "/api/v1/mailings"), 405, "method_not_allowed").says(&["GET, HEAD, POST"]),
            case("wrong method on one", app.post(&path), 405, "method_not_allowed"),
            case("an odd method", app.call(Method::from_bytes(b"PURGE").unwrap(), &path), 405, "method_not_allowed"),
            case("wrong content type", typed("text/plain"), 415, "unsupported_media_type"),
            case("a form", typed("application/x-www-form-urlencoded"), 415, "unsupported_media_type"),
            case("no content type", app.post("/api/v1/mailings"), 415, "unsupported_media_type"),
            case("compressed", typed("application/json").header("content-encoding", "gzip"), 415, "unsupported_media_type"),
            case("body too large", post(&too_large), 413, "body_too_large"),
            case("no If-Match", app.patch(&path).json(&rename), 428, "if_match_required"),
            case("no If-Match at all", app.delete(&path), 428, "if_match_required"),
            case("stale If-Match", app.patch(&path).if_match("\"0\"").json(&rename), 412, "stale_version").says(&["\\\"1\\\""]),
            case("stale If-Match, deleting", app.delete(&path).if_match("\"7\""), 412, "stale_version"),
            case("weak If-Match", app.delete(&path).if_match("W/\"1\""), 412, "stale_version"),
            case("bare If-Match", app.delete(&path).if_match("1"), 400, "invalid_header"),
            case("odd key", fixture.create_with(&json!({})).idempotency_key("a b"), 400, "invalid_header"),
            case("long key", fixture.create_with(&json!({})).idempotency_key(&"a".repeat(256)), 400, "invalid_header"),
        ]);
        for (name, query, pointer, code) in [
            ("duplicate parameter", "limit=1&limit=1", "?limit", "duplicate_parameter"),
            ("unknown parameter", "offset=1", "?offset", "unknown_field"),
            ("limit of nothing", "limit=0", "?limit", "out_of_range"),
            ("limit too high", "limit=201", "?limit", "out_of_range"),
            ("negative limit", "limit=-1", "?limit", "invalid_value"),
            ("huge limit", "limit=99999999999999999999", "?limit", "invalid_value"),
            ("limit in words", "limit=ten", "?limit", "invalid_value"),
            ("unknown status", "status=lost", "?status", "unknown_value"),
            ("NUL", "status=dra%00ft", "?status", "nul_character"),
        ] {
            let call = app.get(&format!("/api/v1/mailings?{query}"));
            cases.push(case(name, call, 400, "invalid_query").at(pointer, code));
        }
        for cursor in ["rubbish", "%25%25", "e30", "bnVsbA", "eyJzIjoiIiwiaSI6IiciLCJmIjoiIn0"] {
            for list in ["mailings", "parties", "properties"] {
                let call = app.get(&format!("/api/v1/{list}?cursor={cursor}"));
                cases.push(case("rubbish cursor", call, 400, "invalid_cursor").at("?cursor", "invalid_cursor"));
            }
        }
        fixture.expect_refused(cases).await;
        let refused = app.call(Method::DELETE, "/api/v1/mailings").send().await.expect_problem(405, "method_not_allowed");
        assert_eq!(refused.header("allow"), Some("GET, HEAD, POST"));
        let stale = app.delete(&path).if_match("\"7\"").send().await;
        assert_eq!(stale.etag(), "\"1\"", "the present version is told");
        super::expect_sendable(&fixture).await;
    }

    async fn drafts_that_make_no_sense_are_refused(database: Database) {
        let fixture = Fixture::new(database).await;
        let app = &fixture.app;
        let content = |body: &str| json!({"channel": "email", "language": "fi", "subject": "Aihe", "body": body});
        let body = |body: &str| fixture.create_with(&json!({"contents": [content(body)]}));
        let draft = |changes: Value| fixture.create_with(&changes);
        let path = fixture.path("");
        let changed = |change: Value| app.patch(&path).if_match("\"1\"").json(&change);
        let raw = |text: &str| app.post("/api/v1/mailings").body("application/json", text.to_owned());
        let field = Case::field;
        fixture.expect_refused(vec![
            field("unknown field", draft(json!({"nmae": "x"})), "/nmae", "unknown_field"),
            field("unknown field within", draft(json!({"sender": {"nmae": "x"}})), "/sender/nmae", "unknown_field"),
            field("wrong type", draft(json!({"name": 7})), "/name", "wrong_type"),
            field("wrong type within", draft(json!({"contents": [7]})), "/contents/0", "wrong_type"),
            field("a list for an object", draft(json!({"recipients": []})), "/recipients", "wrong_type"),
            field("null for a text", draft(json!({"name": null})), "/name", "wrong_type"),
            field("not an object", raw("[]"), "", "wrong_type"),
            field("no purpose", raw("{\"name\": \"x\"}"), "/purpose", "missing_field"),
            field("a field twice", raw("{\"name\": \"x\", \"name\": \"y\", \"purpose\": \"service\"}"), "/name", "duplicate_field"),
            field("unknown purpose", draft(json!({"purpose": "fun"})), "/purpose", "unknown_value"),
            field("unknown channel", draft(json!({"delivery": {"channels": ["fax"]}})), "/delivery/channels/0", "unknown_value"),
            field("a letter", draft(json!({"delivery": {"channels": ["letter"]}})), "/delivery/channels/0", "channel_not_enabled"),
            field("a channel twice", draft(json!({"delivery": {"channels": ["email", "email"]}})), "/delivery/channels/1", "duplicate_channel"),
            field("NUL in the name", draft(json!({"name": "a\u{0}b"})), "/name", "nul_character"),
            field("NUL in a body", body("a\u{0}b"), "/contents/0/body", "nul_character"),
            field("NUL in a filter", draft(json!({"recipients": {"filter": {"text": "a\u{0}"}}})), "/recipients/filter/text", "nul_character"),
            field("line break in the sender", draft(json!({"sender": {"name": "a\r\nBcc: x@y.example"}})), "/sender/name", "control_character"),
            field("a sender that is none", draft(json!({"sender": {"address": "nobody"}})), "/sender/address", "invalid_address"),
            field("two senders", draft(json!({"sender": {"address": "a@b.example, c@d.example"}})), "/sender/address", "invalid_address"),
            field("a language that is none", draft(json!({"contents": [{"channel": "email", "language": "suomi!", "body": "x"}]})), "/contents/0/language", "invalid_language"),
            field("a version twice", draft(json!({"contents": [content("x"), content("y")]})), "/contents/1/language", "duplicate_content"),
            field("fallback to nothing", draft(json!({"missing_language": "fallback"})), "/fallback_language", "fallback_language_required"),
            field("a name too long", draft(json!({"name": "a".repeat(201)})), "/name", "too_long"),
            field("negative party", draft(json!({"recipients": {"party_ids": [-1]}})), "/recipients/party_ids/0", "invalid_value"),
            field("party too large for all clients", draft(json!({"recipients": {"party_ids": [1, 9_007_199_254_740_992_i64]}})), "/recipients/party_ids/1", "invalid_value"),
            field("party too large", draft(json!({"recipients": {"party_ids": [9_223_372_036_854_775_808_u64]}})), "/recipients/party_ids/0", "invalid_value"),
            field("unknown merge field", body("Hei\nja {{ recipient.shoe_size }}"), "/contents/0/body", "unknown_merge_field")
                .says(&["Line 2, column 7"]),
            field("unknown merge field in a subject", draft(json!({"contents": [{"channel": "email", "language": "fi", "subject": "{{ nobody.name }}", "body": "x"}]})), "/contents/0/subject", "unknown_merge_field")
                .says(&["Line 1, column 4"]),
            field("a loop", body("{% for x in recipient.name %}x{% endfor %}"), "/contents/0/body", "template_construct_not_allowed"),
            field("an include", body("{% include 'x' %}"), "/contents/0/body", "template_syntax").says(&["Line 1, column 4"]),
            field("a broken template", body("{{ recipient.name"), "/contents/0/body", "template_syntax").says(&["Line 1"]),
            field("a patch with an unknown field", changed(json!({"nmae": "x"})), "/nmae", "unknown_field"),
            field("a patch with a wrong type", changed(json!({"contents": 1})), "/contents", "wrong_type"),
            field("a patch that takes the purpose away", changed(json!({"purpose": null})), "/purpose", "missing_field"),
            field("a patch with an unknown merge field", changed(json!({"contents": [content("{{ x }}")]})), "/contents/0/body", "unknown_merge_field"),
            field("a patch that is a list", changed(json!([])), "", "wrong_type"),
        ])
        .await;
        super::expect_sendable(&fixture).await;
    }

    async fn filters_that_make_no_sense_are_refused(database: Database) {
        let fixture = Fixture::new(database).await;
        let app = &fixture.app;
        let search = |filter: Value| fixture.search(&filter);
        let role = || json!({"role": {"codes": ["owner"]}});
        let party = |field: &str, op: &str| json!({"party": {"field": field, "op": op, "value": "x"}});
        let raw = |body: String| app.post("/api/v1/recipients/search").body("application/json", body);
        let whole = |changes: Value| {
            let body = integration_tests::mailings::with(
                json!({"channel": "email", "purpose": "service", "filter": {"text": "a"}}),
                &changes,
            );
            app.post("/api/v1/recipients/search").json(&body)
        };
        let field = Case::field;
        fixture.expect_refused(vec![
            field("two keys", search(json!({"text": "a", "party_ids": [1]})), "/filter", "exactly_one_key"),
            field("two keys within", search(json!({"all": [{"text": "a"}, {"text": "a", "not": {"text": "b"}}]})), "/filter/all/1", "exactly_one_key"),
            field("no key", search(json!({})), "/filter", "exactly_one_key"),
            field("two keys in a draft", fixture.create_with(&json!({"recipients": {"filter": {"text": "a", "party_ids": [1]}}})), "/recipients/filter", "exactly_one_key"),
            field("an unknown key", search(json!({"everyone": true})), "/filter/everyone", "unknown_field"),
            field("an unknown field of parties", search(party("shoe_size", "eq")), "/filter/party/field", "unknown_field"),
            field("an unknown field of properties", search(json!({"property": {"field": "x", "op": "eq", "value": "1"}})), "/filter/property/field", "unknown_field"),
            field("an unknown operator", search(party("name", "like")), "/filter/party/op", "unknown_value"),
            field("two roles in one all", search(json!({"all": [role(), role()]})), "/filter/all/1/role", "two_roles_in_one_all"),
            field("a role of nobody", search(json!({"role": {"codes": []}})), "/filter/role/codes", "empty_list"),
            field("nothing in all", search(json!({"all": []})), "/filter/all", "empty_list"),
            field("a day that is none", search(json!({"role": {"codes": ["owner"], "on": "yesterday"}})), "/filter/role/on", "invalid_value"),
            field("a number for a text", search(json!({"text": 1})), "/filter/text", "wrong_type"),
            field("negative party", search(json!({"party_ids": [-1]})), "/filter/party_ids/0", "invalid_value"),
            field("SMS", whole(json!({"channel": "sms"})), "/channel", "channel_not_enabled"),
            field("a letter", whole(json!({"channel": "letter"})), "/channel", "channel_not_enabled"),
            field("a rubbish cursor", whole(json!({"cursor": "rubbish"})), "/cursor", "invalid_cursor"),
            field("a limit too high", whole(json!({"limit": 201})), "/limit", "out_of_range"),
            field("nested too deep", raw(nested(30)), "/filter/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not/not", "filter_too_deep"),
            Case::new("nested 200 deep", raw(nested(200)), 422, "nesting_too_deep"),
            Case::new("nested 5,000 deep", raw(nested(5000)), 422, "nesting_too_deep"),
        ])
        .await;
        let all = json!({"any": (0..600).map(|_| json!({"text": "a"})).collect::<Vec<_>>()});
        let wide = fixture.search(&all).send().await.expect_problem(422, "validation_failed");
        assert!(wide.text().contains("filter_too_large"), "{}", wide.text());
        let healthy = app.get("/readyz").send().await;
        assert_eq!(healthy.status, 200);
    }
}
