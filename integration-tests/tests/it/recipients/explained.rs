//! Why nobody is found, and why one person is or is not.

use integration_tests::mailings::list;
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::{below, fault, found, of_party, register, resident, search};

async fn conflict(app: &TestApp, filter: &Value) -> Value {
    let page = search(app, filter).await.expect_status(200).json;
    assert_eq!(page["counts"]["matched"] == 0, page["conflict"] != json!([]), "{page}");
    page["conflict"].clone()
}

fn tenancy() -> Value {
    json!({"contract": {"field": "kind", "op": "eq", "value": "tenancy"}})
}

on_both_databases! {
    async fn conditions_whose_meeting_leaves_nobody_are_named(database: Database) {
        let app = TestApp::start(database).await;
        register().import(&app).await;
        let swedish = of_party("service_language", "eq", "sv");
        let espoo = of_party("city", "eq", "Espoo");
        for (filter, expected) in [
            (json!({"all": [resident(), below("1")]}), json!([])),
            // Each is met, and any two of the first three; only the second and the fourth leave nobody.
            (json!({"all": [resident(), swedish, of_party("name", "contains", "a"), espoo]}), json!(["/filter/all/1", "/filter/all/3"])),
            (json!({"all": [resident(), of_party("city", "eq", "Vantaa"), espoo]}), json!(["/filter/all/1"])),
            // Bo owns there and is a resident elsewhere: as conditions of one role the two leave nobody.
            (json!({"all": [espoo, resident(), below("1")]}), json!(["/filter/all/0", "/filter/all/1", "/filter/all/2"])),
            (of_party("city", "eq", "Vantaa"), json!(["/filter"])),
            (json!({"any": [of_party("city", "eq", "Vantaa")]}), json!(["/filter"])),
        ] {
            assert_eq!(conflict(&app, &filter).await, expected, "{filter}");
        }
        let plain = json!({"channel": "email", "purpose": "service", "filter": of_party("city", "eq", "Vantaa")});
        let page = app.post("/api/v1/recipients/search").json(&plain).send().await.expect_status(200).json;
        assert_eq!((&page["conflict"], &page["explain"]), (&json!([]), &json!([])));
    }

    async fn one_person_is_explained_condition_by_condition(database: Database) {
        let app = TestApp::start(database).await;
        register().import(&app).await;
        assert_eq!(found(&app, &json!({"all": [resident(), tenancy()]})).await, [1]);
        let filter = json!({"all": [resident(), below("1"), {"not": of_party("city", "eq", "Espoo")}]});
        let ask = async |party_id: i64, scopes: &str| {
            let body = json!({"filter": filter, "channels": ["email", "internetviesti"], "purpose": "service"});
            let call = app.post(&format!("/api/v1/recipients/{party_id}/explain")).bearer(&token(scopes, &json!({})));
            call.json(&body).send().await
        };
        let bo = ask(2, "recipients:search register:read").await.expect_status(200).json;
        assert_eq!((&bo["found"], &bo["matches"], &bo["protected"]), (&json!(false), &json!(false), &json!(false)));
        let rows: Vec<Value> = list(&bo, "conditions")
            .iter()
            .map(|row| json!([row["pointer"], row["matches"], row["remaining"], row["seen"]]))
            .collect();
        assert_eq!(rows, [
            json!(["/filter", false, null, null]),
            json!(["/filter/all/0", true, true, ["owner", "resident"]]),
            json!(["/filter/all/1", true, false, ["11", "21"]]),
            json!(["/filter/all/2", false, false, null]),
            json!(["/filter/all/2/not", true, null, ["Espoo"]]),
        ]);
        let email = json!({"channel": "email", "eligible": false, "reason": "no_email"});
        let portal = json!({"channel": "internetviesti", "eligible": true, "reason": null});
        assert_eq!(bo["channels"], json!([email, portal]));
        // Who may not read the register is told the truth of conditions, as a search would tell it, and no values.
        let blind = ask(2, "recipients:search").await.expect_status(200).json;
        assert!(list(&blind, "conditions").iter().all(|row| row["seen"].is_null()), "{blind}");

        // Of a protected person nothing is told that would say where it lives.
        let dan = ask(3, "recipients:search register:read").await.expect_status(200).json;
        assert_eq!((&dan["found"], &dan["protected"]), (&Value::Null, &json!(true)));
        let rows: Vec<Value> =
            list(&dan, "conditions").iter().map(|row| json!([row["matches"], row["remaining"], row["seen"]])).collect();
        assert_eq!(rows, [
            json!([null, null, null]),
            json!([true, true, ["resident"]]),
            json!([null, null, null]),
            json!([null, null, null]),
            json!([null, null, null]),
        ]);
        let seen = ask(3, "recipients:search register:read parties:protected").await.expect_status(200).json;
        assert_eq!((&seen["found"], &list(&seen, "conditions")[2]["seen"]), (&json!(true), &json!(["12"])));

        let eva = ask(4, "admin").await.expect_status(200).json;
        assert_eq!((&eva["found"], &eva["matches"], &eva["not_searched"]), (&json!(false), &json!(true), &json!("archived")));
        ask(99, "admin").await.expect_problem(404, "not_found");
        app.post("/api/v1/recipients/x/explain").json(&json!({"filter": filter})).send().await.expect_problem(404, "not_found");
        let wrong = async |body: Value| fault(app.post("/api/v1/recipients/1/explain").json(&body).send().await);
        assert_eq!(wrong(json!({"filter": {}})).await, ("/filter".into(), "exactly_one_key".into()));
        assert_eq!(wrong(json!({"filter": filter, "channels": ["email"]})).await, ("/purpose".into(), "required".into()));
        let fax = json!({"filter": filter, "channels": ["fax"], "purpose": "service"});
        assert_eq!(wrong(fax).await, ("/channels/0".into(), "unknown_value".into()));
    }
}
