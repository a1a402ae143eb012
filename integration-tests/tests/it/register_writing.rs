//! The register written over HTTP: what the ERP puts, what is set here, which of the two holds, and what may be deleted.

use integration_tests::mailings::{list, member, number, text};
use integration_tests::register::{Register, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

/// A token of the ERP: it may write the register and see what is there, but no protected addresses.
fn erp() -> String {
    token("register:read register:write", &json!({}))
}

fn matti() -> Value {
    json!({
        "kind": "person", "name": " Matti  Virtanen", "language": "FI", "email": "matti@erp.example", "country": "fi",
        "attributes": {"customer_class": "A"},
    })
}

async fn app(database: Database) -> TestApp {
    let mut app = TestApp::start(database).await;
    app.use_token(&erp());
    app
}

async fn put(app: &TestApp, path: &str, body: &Value) -> integration_tests::Reply {
    app.put(&format!("/api/v1{path}")).json(body).send().await
}

/// Sets fields at the present version.
async fn set(app: &TestApp, path: &str, patch: &Value) -> Value {
    let path = format!("/api/v1{path}");
    let etag = app.get(&path).send().await.expect_status(200).etag();
    app.patch(&path).if_match(&etag).json(patch).send().await.expect_status(200).json
}

/// The sole fault of a 422: its pointer and code.
fn fault(reply: integration_tests::Reply) -> (String, String) {
    let reply = reply.expect_problem(422, "validation_failed");
    let errors = list(&reply.json, "errors");
    assert_eq!(errors.len(), 1, "{}", reply.text());
    (text(&errors[0], "pointer"), text(&errors[0], "code"))
}

/// Two properties, a party, a contract and a role.
async fn put_sample(app: &TestApp) -> String {
    put(app, "/properties/1", &json!({"kind": "company", "name": "As Oy Koivu"})).await.expect_status(201);
    put(app, "/properties/2", &json!({"kind": "unit", "name": "A 1", "parent_id": 1})).await.expect_status(201);
    put(app, "/parties/7", &matti()).await.expect_status(201);
    let contract = json!({"party_id": 7, "property_id": 2, "kind": "tenancy", "valid_from": "2024-01-01"});
    put(app, "/contracts/50", &contract).await.expect_status(201);
    let role = json!({"party_id": 7, "property_id": 2, "role": "resident", "contract_id": 50});
    let made = put(app, "/roles/by-erp-id/R%2F1", &role).await.expect_status(201);
    assert_eq!(member(&made.json, "erp_role_id"), "R/1");
    let id = text(&made.json, "role_id");
    assert_eq!(made.header("location"), Some(format!("/api/v1/roles/{id}").as_str()));
    id
}

on_both_databases! {
    async fn what_the_erp_puts_is_created_replaced_and_left_alone_when_it_says_the_same(database: Database) {
        let app = app(database).await;
        let made = put(&app, "/parties/7", &matti()).await.expect_status(201);
        assert_eq!(made.header("location"), Some("/api/v1/parties/7"));
        let party = made.json.clone();
        assert_eq!((member(&party, "name"), member(&party, "country")), (json!("Matti  Virtanen"), json!("FI")));
        assert_eq!((member(&party, "language"), member(&party, "email_marketing")), (json!("fi"), json!(false)));
        let read = app.get("/api/v1/parties/7").send().await.expect_status(200);
        assert_eq!((read.etag(), &read.json), (made.etag(), &party));

        let same = put(&app, "/parties/7", &matti()).await.expect_status(200);
        assert_eq!((same.etag(), same.header("location")), (made.etag(), None));
        let changed = put(&app, "/parties/7", &json!({"kind": "person", "name": "Matti"})).await.expect_status(200);
        assert_eq!((member(&changed.json, "email"), member(&changed.json, "attributes")), (Value::Null, json!({})));
        assert_ne!(changed.etag(), made.etag());
    }

    async fn a_put_is_held_to_the_conditions_it_names(database: Database) {
        let app = app(database).await;
        let call = |name: &str, value: &str| app.put("/api/v1/parties/7").header(name, value).json(&matti());
        call("if-match", "\"x\"").send().await.expect_problem(412, "stale_version");
        let made = call("if-none-match", "*").send().await.expect_status(201);
        call("if-none-match", "*").send().await.expect_problem(412, "stale_version");
        call("if-match", "\"x\"").send().await.expect_problem(412, "stale_version");
        call("if-match", &made.etag()).send().await.expect_status(200);
    }

    async fn every_kind_is_put_read_back_and_refused_when_it_refers_to_nothing(database: Database) {
        let app = app(database).await;
        let role_id = put_sample(&app).await;
        let role = app.get(&format!("/api/v1/roles/{role_id}")).send().await.expect_status(200).json;
        assert_eq!((number(&role, "property_id"), number(&role, "contract_id")), (2, 50));
        let ended = json!({"party_id": 7, "property_id": 2, "role": "resident", "valid_to": "2030-01-01"});
        let again = put(&app, "/roles/by-erp-id/R%2F1", &ended).await.expect_status(200).json;
        assert_eq!((text(&again, "role_id"), text(&again, "valid_to")), (role_id, "2030-01-01".to_owned()));

        for (path, body, pointer, code) in [
            ("/properties/3", json!({"kind": "unit", "name": "B", "parent_id": 99}), "/parent_id", "unknown_reference"),
            ("/properties/1", json!({"kind": "company", "name": "B", "parent_id": 2}), "/parent_id", "circular"),
            ("/properties/1", json!({"kind": "company", "name": "B", "parent_id": 1}), "/parent_id", "invalid_value"),
            ("/contracts/51", json!({"party_id": 8, "property_id": 2, "kind": "tenancy"}), "/party_id", "unknown_reference"),
            ("/contracts/51", json!({"party_id": 7, "property_id": 9, "kind": "tenancy"}), "/property_id", "unknown_reference"),
            ("/roles/by-erp-id/a", json!({"party_id": 7, "property_id": 2, "role": "x", "contract_id": 9}), "/contract_id", "unknown_reference"),
            ("/parties/8", json!({"kind": "person", "name": " "}), "/name", "invalid_value"),
            ("/parties/8", json!({"kind": "Person", "name": "A"}), "/kind", "invalid_value"),
            ("/parties/8", json!({"kind": "person", "name": "A", "language": "suomi"}), "/language", "invalid_value"),
            ("/parties/8", json!({"kind": "person", "nmae": "A"}), "/nmae", "unknown_field"),
            ("/contracts/50", json!({"party_id": 7, "property_id": 2, "kind": "tenancy", "valid_from": "2024-1-1"}), "/valid_from", "invalid_value"),
            (
                "/contracts/50",
                json!({"party_id": 7, "property_id": 2, "kind": "tenancy", "valid_from": "2025-01-01", "valid_to": "2024-01-01"}),
                "/valid_to",
                "invalid_value",
            ),
        ] {
            assert_eq!(fault(put(&app, path, &body).await), (pointer.to_owned(), code.to_owned()), "{path} {body}");
        }
        for id in ["0", "-1", "9007199254740992", "x"] {
            let refused = put(&app, &format!("/parties/{id}"), &matti()).await.expect_problem(404, "not_found");
            let told = text(&refused.json, "detail").contains("ids are whole numbers from 1 to 9007199254740991");
            assert_eq!(told, id != "x", "{}", refused.text());
        }
        app.get("/api/v1/parties/8").send().await.expect_problem(404, "not_found");
        let contract = app.get("/api/v1/contracts/50").send().await.expect_status(200).json;
        assert_eq!(text(&contract, "valid_from"), "2024-01-01", "a refused PUT changes nothing");
    }

    async fn a_field_set_here_holds_until_the_erp_changes_its_own_value(database: Database) {
        let app = app(database).await;
        put(&app, "/parties/7", &matti()).await.expect_status(201);
        let patch = json!({"email": "matti@here.example", "attributes": {"door": "4711"}});
        let set_here = set(&app, "/parties/7", &patch).await;
        assert_eq!(member(&set_here, "attributes"), json!({"customer_class": "A", "door": "4711"}));
        let same = put(&app, "/parties/7", &matti()).await.expect_status(200).json;
        assert_eq!(same, set_here, "the ERP says what it said");

        let mut other = matti();
        other["phone"] = json!("040 1234567");
        let same = put(&app, "/parties/7", &other).await.expect_status(200).json;
        assert_eq!(text(&same, "email"), "matti@here.example", "another field of the ERP has changed");
        other["email"] = json!("new@erp.example");
        let changed = put(&app, "/parties/7", &other).await.expect_status(200).json;
        assert_eq!(text(&changed, "email"), "new@erp.example");
        assert_eq!(member(&changed, "attributes"), json!({"customer_class": "A", "door": "4711"}));

        let conflicts = app.get("/api/v1/register-conflicts?kind=party").send().await.expect_status(200).json;
        let [conflict] = list(&conflicts, "items").try_into().unwrap();
        for (name, value) in [
            ("field", json!("email")),
            ("id", json!(7)),
            ("erp_before", json!("matti@erp.example")),
            ("local_value", json!("matti@here.example")),
            ("erp_now", json!("new@erp.example")),
            ("operation_id", Value::Null),
        ] {
            assert_eq!(member(&conflict, name), value, "{name}");
        }
        let roles = app.get("/api/v1/register-conflicts?kind=role").send().await.expect_status(200).json;
        assert!(list(&roles, "items").is_empty());
        app.get("/api/v1/register-conflicts?kind=x").send().await.expect_problem(400, "invalid_query");
    }

    async fn an_import_respects_what_was_set_here(database: Database) {
        let app = app(database).await;
        let register = |email: &str| Register::of([person(7, "Matti Virtanen").with("email", email)]);
        register("matti@erp.example").import(&app).await;
        set(&app, "/parties/7", &json!({"email": "matti@here.example"})).await;
        let email = async || text(&app.get("/api/v1/parties/7").send().await.expect_status(200).json, "email");
        register("matti@erp.example").import(&app).await;
        assert_eq!(email().await, "matti@here.example");
        register("new@erp.example").import(&app).await;
        assert_eq!(email().await, "new@erp.example");
        let conflicts = app.get("/api/v1/register-conflicts").send().await.expect_status(200).json;
        assert_eq!(list(&conflicts, "items").len(), 1);
    }

    async fn a_patch_needs_the_version_it_changes_and_fields_that_may_be_set(database: Database) {
        let app = app(database).await;
        put_sample(&app).await;
        let party = "/api/v1/parties/7";
        app.patch(party).json(&json!({"name": "B"})).send().await.expect_problem(428, "if_match_required");
        app.patch(party).if_match("\"x\"").json(&json!({"name": "B"})).send().await.expect_problem(412, "stale_version");
        app.patch("/api/v1/parties/8").if_match("*").json(&json!({"name": "B"})).send().await.expect_problem(404, "not_found");
        for (path, patch, pointer, code) in [
            ("/parties/7", json!({"party_id": 8}), "/party_id", "unknown_field"),
            ("/parties/7", json!({"name": null}), "/name", "missing_field"),
            ("/parties/7", json!({"email_marketing": "yes"}), "/email_marketing", "wrong_type"),
            ("/properties/2", json!({"parent_id": null}), "/parent_id", "unknown_field"),
            ("/contracts/50", json!({"valid_to": "2023-01-01"}), "/valid_to", "invalid_value"),
        ] {
            let reply = app.patch(&format!("/api/v1{path}")).if_match("*").json(&patch).send().await;
            assert_eq!(fault(reply), (pointer.to_owned(), code.to_owned()), "{path} {patch}");
        }
        let contract = set(&app, "/contracts/50", &json!({"language": "sv", "valid_to": "2030-12-31"})).await;
        assert_eq!((text(&contract, "language"), text(&contract, "valid_to")), ("sv".to_owned(), "2030-12-31".to_owned()));
        let property = set(&app, "/properties/2", &json!({"name": "A 1 b"})).await;
        assert_eq!(text(&property, "name"), "A 1 b");
        let found = app.get("/api/v1/properties?q=1%20b").send().await.expect_status(200).json;
        assert_eq!(list(&found, "items").len(), 1, "it is found by its new name");
    }

    async fn only_the_erp_changes_which_role_it_is(database: Database) {
        let app = app(database).await;
        let role_id = put_sample(&app).await;
        let named = format!("/roles/{role_id}");
        assert_eq!(text(&set(&app, &named, &json!({"role": "owner"})).await, "role"), "owner");
        Register::of([person(7, "Matti")]).property(1, None, "company", "K").role(7, 1, "tenant").import(&app).await;
        let roles = app.get("/api/v1/roles?role=tenant").send().await.expect_status(200).json;
        let nameless = format!("/api/v1/roles/{}", text(&list(&roles, "items")[0], "role_id"));
        let reply = app.patch(&nameless).if_match("*").json(&json!({"role": "owner"})).send().await;
        assert_eq!(fault(reply).1, "identifies_role");
        app.patch(&nameless).if_match("*").json(&json!({"valid_to": "2030-01-01"})).send().await.expect_status(200);
    }

    async fn what_something_refers_to_is_not_deleted_and_parties_never_are(database: Database) {
        let app = app(database).await;
        let role_id = put_sample(&app).await;
        let delete = async |path: &str| {
            let path = format!("/api/v1{path}");
            let etag = app.get(&path).send().await.expect_status(200).etag();
            app.delete(&path).if_match(&etag).send().await
        };
        app.delete("/api/v1/properties/2").send().await.expect_problem(428, "if_match_required");
        app.delete("/api/v1/properties/2").if_match("\"x\"").send().await.expect_problem(412, "stale_version");
        app.delete("/api/v1/parties/7").if_match("*").send().await.expect_problem(405, "method_not_allowed");
        delete("/properties/2").await.expect_problem(409, "property_in_use");
        delete("/contracts/50").await.expect_problem(409, "contract_in_use");
        delete(&format!("/roles/{role_id}")).await.expect_status(204);
        app.get(&format!("/api/v1/roles/{role_id}")).send().await.expect_problem(404, "not_found");
        delete("/properties/1").await.expect_problem(409, "property_in_use");
        delete("/contracts/50").await.expect_status(204);
        delete("/properties/2").await.expect_status(204);
        delete("/properties/1").await.expect_status(204);
        app.delete("/api/v1/properties/1").if_match("*").send().await.expect_problem(404, "not_found");
        // What the ERP puts again is there again.
        put(&app, "/properties/1", &json!({"kind": "company", "name": "As Oy Koivu"})).await.expect_status(201);
    }

    async fn what_is_protected_stays_hidden_from_whoever_writes_it(database: Database) {
        let app = app(database).await;
        let secret = json!({"kind": "person", "name": "Aino", "address_protected": true, "street": "Kätkökuja 13"});
        let made = put(&app, "/parties/13", &secret).await.expect_status(201);
        assert_eq!(member(&made.json, "street"), Value::Null);
        let patched = set(&app, "/parties/13", &json!({"street": "Piilotie 1", "email": "a@x.fi"})).await;
        assert!(!patched.to_string().contains("Piilo"), "{patched}");
        let lifted = json!({"kind": "person", "name": "Aino"});
        put(&app, "/parties/13", &lifted).await.expect_problem(403, "missing_scope");
        let lift = json!({"address_protected": false});
        app.patch("/api/v1/parties/13").if_match("*").json(&lift).send().await.expect_problem(403, "missing_scope");

        let trusted = token("register:read register:write parties:protected", &json!({}));
        let seen = app.get("/api/v1/parties/13").bearer(&trusted).send().await.expect_status(200).json;
        assert_eq!(text(&seen, "street"), "Piilotie 1");
        // The ERP moves the party: the conflict hides where to and where from.
        let mut moved = secret;
        moved["street"] = json!("Uusi 2");
        put(&app, "/parties/13", &moved).await.expect_status(200);
        let conflicts = app.get("/api/v1/register-conflicts").send().await.expect_status(200);
        let [conflict] = list(&conflicts.json, "items").try_into().unwrap();
        assert_eq!((member(&conflict, "hidden"), member(&conflict, "local_value")), (json!(true), Value::Null));
        let shown = app.get("/api/v1/register-conflicts").bearer(&trusted).send().await.expect_status(200);
        let [conflict] = list(&shown.json, "items").try_into().unwrap();
        assert_eq!((text(&conflict, "local_value"), text(&conflict, "erp_now")), ("Piilotie 1".to_owned(), "Uusi 2".to_owned()));
        let mut open = lifted;
        open["street"] = json!("Uusi 2");
        app.put("/api/v1/parties/13").bearer(&trusted).json(&open).send().await.expect_status(200);
    }

    async fn writing_needs_its_own_scope(database: Database) {
        let app = app(database).await;
        for scopes in ["register:read", "mailings:write", ""] {
            let token = token(scopes, &json!({}));
            app.put("/api/v1/parties/7").bearer(&token).json(&matti()).send().await.expect_problem(403, "missing_scope");
            app.patch("/api/v1/parties/7").bearer(&token).send().await.expect_problem(403, "missing_scope");
            app.delete("/api/v1/contracts/7").bearer(&token).send().await.expect_problem(403, "missing_scope");
        }
        app.put("/api/v1/parties/7").anonymous().json(&matti()).send().await.expect_problem(401, "missing_token");
        let resident = token("register:write", &json!({"party_ids": [7]}));
        app.put("/api/v1/parties/7").bearer(&resident).json(&matti()).send().await.expect_problem(404, "not_found");
    }
}
