//! The customer's own fields: declared, written, imported, searched by.

use integration_tests::mailings::{list, text};
use integration_tests::register::{Register, import_folder, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::json;

use super::{below, fault, found, of_party, register, search};

const CLASS: &str = "/api/v1/attributes/party/class";

on_both_databases! {
    async fn an_attribute_is_declared_changed_and_taken_back(database: Database) {
        let app = TestApp::start(database).await;
        app.get(CLASS).send().await.expect_problem(404, "not_found");
        let declared = json!({"type": "string", "label": "Luokka"});
        let made = app.put(CLASS).header("if-none-match", "*").json(&declared).send().await.expect_status(201);
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(CLASS), "\"1\""));
        assert_eq!(made.json, json!({"register": "party", "name": "class", "type": "string", "label": "Luokka"}));
        app.put(CLASS).header("if-none-match", "*").json(&declared).send().await.expect_problem(412, "stale_version");
        let again = app.put(CLASS).json(&json!({"type": "string"})).send().await.expect_status(200);
        assert_eq!((again.etag().as_str(), again.json["label"].is_null()), ("\"2\"", true));
        app.get(CLASS).header("if-none-match", "\"2\"").send().await.expect_status(304);
        app.patch(CLASS).json(&json!({"label": "L"})).send().await.expect_problem(428, "if_match_required");
        app.patch(CLASS).if_match("\"1\"").json(&json!({"label": "L"})).send().await.expect_problem(412, "stale_version");
        let patched = app.patch(CLASS).if_match("\"2\"").json(&json!({"label": "L"})).send().await.expect_status(200);
        assert_eq!((&patched.json["type"], &patched.json["label"]), (&json!("string"), &json!("L")));
        let all = app.get("/api/v1/attributes").send().await.expect_status(200).json;
        assert_eq!((list(&all, "items").len(), all["next_cursor"].is_null()), (1, true));
        app.put("/api/v1/attributes/property/built").json(&json!({"type": "date"})).send().await.expect_status(201);
        let first = app.get("/api/v1/attributes?limit=1").send().await.expect_status(200).json;
        let rest = format!("/api/v1/attributes?limit=1&cursor={}", text(&first, "next_cursor"));
        let rest = app.get(&rest).send().await.expect_status(200).json;
        assert_eq!((&rest["items"][0]["name"], rest["next_cursor"].is_null()), (&json!("built"), true));
        for (path, body, pointer, code) in [
            (CLASS, json!({"type": "int"}), "/type", "unknown_value"),
            (CLASS, json!({"type": "string", "label": " "}), "/label", "invalid_value"),
            (CLASS, json!({"type": "string", "lable": "x"}), "/lable", "unknown_field"),
        ] {
            assert_eq!(fault(app.put(path).json(&body).send().await), (pointer.to_owned(), code.to_owned()));
        }
        for (path, rule) in [
            ("role/class", "attributes are of party or property"),
            ("party/customerClass", "names are lower-case letters, digits and _, beginning with a letter, at most 64"),
            ("party/a%27b", "names are lower-case letters"),
        ] {
            let put = app.put(&format!("/api/v1/attributes/{path}")).json(&declared).send().await;
            let refused = put.expect_problem(404, "not_found");
            assert!(text(&refused.json, "detail").contains(rule), "{}", refused.text());
        }
        app.delete(CLASS).send().await.expect_problem(428, "if_match_required");
        app.delete(CLASS).if_match("\"3\"").send().await.expect_status(204);
        app.delete(CLASS).if_match("\"3\"").send().await.expect_problem(404, "not_found");
    }

    async fn what_is_declared_is_held_to_its_type_and_searched_by(database: Database) {
        let app = TestApp::start(database).await;
        register().import(&app).await;
        let by_class = of_party("attributes.class", "eq", "å");
        assert_eq!(fault(search(&app, &by_class).await), ("/filter/party/field".into(), "unknown_field".into()));
        // The values that are there must be of the type.
        let refused = app.put(CLASS).json(&json!({"type": "number"})).send().await.expect_problem(409, "attribute_misfits");
        assert!(text(&refused.json, "detail").contains("2 parties have a value of `class` that is no number: 1, 2."), "{}", refused.text());
        app.put(CLASS).json(&json!({"type": "string"})).send().await.expect_status(201);
        app.put("/api/v1/attributes/party/debt").json(&json!({"type": "number"})).send().await.expect_status(201);
        app.put("/api/v1/attributes/property/built").json(&json!({"type": "date"})).send().await.expect_status(201);
        assert_eq!(found(&app, &by_class).await, [1]);
        assert_eq!(found(&app, &of_party("attributes.debt", "lt", "12.75")).await, [1]);
        assert_eq!(found(&app, &of_party("attributes.class", "exists", "true")).await, [1, 2]);
        // That a protected party has none is told only to those who may see it.
        let none = json!({"not": of_party("attributes.class", "exists", "true")});
        assert_eq!(found(&app, &none).await, [3]);
        let body = json!({"channel": "email", "purpose": "service", "filter": none});
        let call = app.post("/api/v1/recipients/search").bearer(&token("recipients:search", &json!({}))).json(&body);
        assert_eq!(call.send().await.expect_status(200).json["counts"]["matched"], 0);
        let unknown = search(&app, &of_party("attributes.clas", "eq", "a")).await;
        assert!(unknown.text().contains("country, attributes.class, attributes.debt."), "{}", unknown.text());

        // PUT, PATCH and the import are held to it alike.
        let party = |attributes: serde_json::Value| json!({"kind": "person", "name": "Berg Bo", "attributes": attributes});
        let put = async |attributes| app.put("/api/v1/parties/2").json(&party(attributes)).send().await;
        assert_eq!(fault(put(json!({"class": 7})).await), ("/attributes/class".into(), "wrong_type".into()));
        put(json!({"class": "C", "whatever": [1]})).await.expect_status(200);
        assert_eq!(found(&app, &of_party("attributes.class", "eq", "c")).await, [2]);
        let etag = app.get("/api/v1/parties/1").send().await.etag();
        let patch = async |attributes| app.patch("/api/v1/parties/1").if_match(&etag).json(&json!({"attributes": attributes})).send().await;
        assert_eq!(fault(patch(json!({"debt": "12"})).await), ("/attributes/debt".into(), "wrong_type".into()));
        patch(json!({"debt": null})).await.expect_status(200);
        assert!(found(&app, &of_party("attributes.debt", "exists", "true")).await.is_empty());
        let unit = json!({"kind": "unit", "name": "A 1", "parent_id": 1, "attributes": {"built": "1.5.1962"}});
        assert_eq!(fault(app.put("/api/v1/properties/11").json(&unit).send().await), ("/attributes/built".into(), "wrong_type".into()));
        let unit = json!({"kind": "unit", "name": "A 1", "parent_id": 1, "attributes": {"built": "1962-05-01"}});
        app.put("/api/v1/properties/11").json(&unit).send().await.expect_status(200);
        let built = json!({"property": {"field": "attributes.built", "op": "lt", "value": "today-36500d"}});
        assert!(found(&app, &built).await.is_empty());
        let built = json!({"property": {"field": "attributes.built", "op": "gte", "value": "1962-05-01"}});
        assert_eq!(found(&app, &json!({"all": [built, below("1")]})).await, [1, 2]);

        let folder = app.folder().join("more");
        let row = |id: i64, attributes: &str| person(id, &format!("Uusi {id}")).with("attributes", attributes);
        Register::of([row(8, r#"{"class": "D"}"#), row(9, r#"{"class": true}"#)]).write(&folder);
        let output = app.command(&["import", &folder.display().to_string()]).await;
        assert!(!output.status.success() && output.stderr.contains("parties.csv:3: attributes: `class` is declared as string"), "{}", output.stderr);
        Register::of([row(8, r#"{"class": "D"}"#)]).write(&folder);
        import_folder(&app, &folder).await;
        assert_eq!(found(&app, &of_party("attributes.class", "eq", "d")).await, [8]);
    }
}
