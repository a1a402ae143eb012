//! Pages of people of whom one may not be known.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use integration_tests::mailings::{list, text};
use integration_tests::register::{Register, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

/// The id of the protected party.
const PROTECTED: i64 = 7_654_321;

on_both_databases! {
    async fn a_page_that_ends_on_a_protected_party_tells_nobody_who_it_is(database: Database) {
        let app = TestApp::start(database).await;
        let dan = person(PROTECTED, "Dahl Dan").with("address_protected", "true");
        Register::of([person(1, "Aalto Aino"), dan, person(3, "Ek Eva")]).import(&app).await;
        let reader = token("recipients:search register:read", &json!({}));
        let search = async |cursor: Option<&str>| {
            let mut body = json!({"channel": "email", "purpose": "service", "limit": 2, "filter": {"party_ids": [1, 3, PROTECTED]}});
            body["cursor"] = cursor.into();
            app.post("/api/v1/recipients/search").bearer(&reader).json(&body).send().await.expect_status(200).json
        };
        let parties = async |cursor: Option<&str>| {
            let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            app.get(&format!("/api/v1/parties?limit=2{cursor}")).bearer(&reader).send().await.expect_status(200).json
        };
        let ids = |page: &Value| list(page, "items").iter().map(|item| item["party_id"].clone()).collect::<Vec<_>>();
        let page = search(None).await;
        assert_eq!(ids(&page), [json!(1), Value::Null]);
        let cursor = text(&page, "next_cursor");
        assert_tells_nothing(&cursor);
        assert_eq!(ids(&search(Some(&cursor)).await), [json!(3)]);
        let page = parties(None).await;
        assert_eq!(list(&page, "items").len(), 2);
        let cursor = text(&page, "next_cursor");
        assert_tells_nothing(&cursor);
        assert_eq!(ids(&parties(Some(&cursor)).await), [json!(3)]);
    }
}

fn assert_tells_nothing(cursor: &str) {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
    let read = String::from_utf8_lossy(&bytes);
    assert!(!read.contains(&PROTECTED.to_string()) && !read.contains("\"i\""), "{read}");
    // Twelve bytes of a nonce, a block, sixteen of a tag: the same for everyone with an ordinary name.
    assert_eq!(bytes.len(), 12 + 128 + 16);
}
