//! What is no message: each fault with its place and its code, and nothing is kept of it.

use integration_tests::internetviestit::{PATH, add, message, start, version};
use integration_tests::mailings::{contacts, list};
use integration_tests::{Call, Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::refused;

const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

/// Members of a message in Finnish; where the fault is, and its code.
fn cases() -> Vec<(Value, &'static str, &'static str)> {
    let versions = |versions: &[Value]| json!({"osapuoli_idt": [21], "versiot": versions});
    let one = |changes: Value| {
        let version = integration_tests::mailings::with(version("fi", "Vesikatko", "Vesi on poikki."), &changes);
        versions(&[version])
    };
    let file = |name: &str, content: &str| json!({"tiedostonimi": name, "sisalto_base64": content});
    let to_matti = |name: &str, value: Value| {
        integration_tests::mailings::with(json!({"osapuoli_idt": [21]}), &json!({name: value}))
    };
    let many: Vec<Value> = (b'a'..=b'u').map(|letter| version(&format!("q{}", char::from(letter)), "A", "B")).collect();
    vec![
        (json!({}), "", "no_target"),
        (json!({"osapuoli_idt": [], "kohde_idt": []}), "", "no_target"),
        (json!({"osapuoli_idt": [21, 99]}), "/osapuoli_idt/1", "unknown_party"),
        (json!({"osapuoli_idt": [21, 21]}), "/osapuoli_idt/1", "duplicate"),
        (json!({"osapuoli_idt": [0]}), "/osapuoli_idt/0", "out_of_range"),
        (json!({"osapuoli_idt": [9_007_199_254_740_992_i64]}), "/osapuoli_idt/0", "out_of_range"),
        (json!({"kohde_idt": [99]}), "/kohde_idt/0", "unknown_property"),
        (json!({"kohde_idt": [1], "roolit": [" "]}), "/roolit/0", "required"),
        (json!({"kohde_idt": [1], "roolit": ["a", "a"]}), "/roolit/1", "duplicate"),
        (to_matti("roolit", json!(["resident"])), "/roolit", "without_property"),
        (versions(&[]), "/versiot", "out_of_range"),
        (versions(&many), "/versiot", "out_of_range"),
        (one(json!({"kieli": "suomi!"})), "/versiot/0/kieli", "invalid_language"),
        (versions(&[version("fi", "A", "B"), version("FI", "C", "D")]), "/versiot/1/kieli", "duplicate_language"),
        (one(json!({"otsikko": " "})), "/versiot/0/otsikko", "invalid_title"),
        (one(json!({"otsikko": "Vesi\nkatko"})), "/versiot/0/otsikko", "invalid_title"),
        (one(json!({"otsikko": "ä".repeat(201)})), "/versiot/0/otsikko", "invalid_title"),
        (one(json!({"viesti": " \n"})), "/versiot/0/viesti", "required"),
        (one(json!({"viesti": "ä".repeat(200_001)})), "/versiot/0/viesti", "too_long"),
        (one(json!({"muoto": "rtf"})), "/versiot/0/muoto", "unknown_value"),
        (one(json!({"viesti": "a\u{0}b"})), "/versiot/0/viesti", "nul_character"),
        (one(json!({"tiedosto_idt": [UNKNOWN]})), "/versiot/0/tiedosto_idt/0", "unknown_attachment"),
        (one(json!({"liitteet": [file("a.txt", "%")]})), "/versiot/0/liitteet/0/sisalto_base64", "invalid_base64"),
        (to_matti("tila", json!("poistettu")), "/tila", "unknown_value"),
        (to_matti("tila", json!(null)), "/tila", "wrong_type"),
        (to_matti("liite", json!(1)), "/liite", "unknown_field"),
        (to_matti("voimassa_alkaen", json!("huomenna")), "/voimassa_alkaen", "invalid_value"),
        (to_matti("tiedosto_idt", json!([UNKNOWN])), "/tiedosto_idt/0", "unknown_attachment"),
        (to_matti("liitteet", json!([file("a.exe", "TVo=")])), "/liitteet/0", "attachment_type_refused"),
        (to_matti("liitteet", json!([file("a.txt", "")])), "/liitteet/0", "empty_file"),
        (to_matti("liitteet", json!([file("", "SGVp")])), "/liitteet/0", "file_name_required"),
        (to_matti("korjaa_id", json!(999)), "/korjaa_id", "unknown_message"),
        (
            json!({"osapuoli_idt": [21], "voimassa_alkaen": "2026-03-01T00:00:00Z", "voimassa_paattyen": "2026-03-01T00:00:00Z"}),
            "/voimassa_paattyen",
            "ends_before_it_begins",
        ),
    ]
}

async fn kept(app: &TestApp) -> usize {
    list(&app.get(PATH).send().await.expect_status(200).json, "items").len()
}

on_both_databases! {
    async fn each_fault_of_a_message_is_told_and_nothing_is_kept(database: Database) {
        let app = start(database).await;
        for (members, pointer, code) in cases() {
            refused(app.post(PATH).json(&message(&members)), pointer, code).await;
        }
        assert_eq!((kept(&app).await, contacts(&app, 21).await.len()), (0, 0));
        let draft = add(&app, &json!({"osapuoli_idt": [21], "tila": "luonnos"})).await;
        let on_a_draft = message(&json!({"osapuoli_idt": [21], "korjaa_id": draft}));
        refused(app.post(PATH).json(&on_a_draft), "/korjaa_id", "unknown_message").await;
        app.post(PATH).body("application/json", "{").send().await.expect_problem(400, "invalid_json");
        app.post(PATH).body("text/plain", "Hei").send().await.expect_problem(415, "unsupported_media_type");
        assert_eq!(kept(&app).await, 1);
    }

    async fn each_fault_of_a_question_is_told(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21]})).await;
        for (path, code) in [
            ("/otsikot", "exactly_one_target"),
            ("/otsikot?osapuoli_id=21&kohde_id=3", "exactly_one_target"),
            ("/otsikot?tiedotteet=true", "exactly_one_target"),
            ("/otsikot?osapuoli_id=x", "invalid_query"),
            ("/otsikot?osapuoli_id=21&osapuoli_id=22", "invalid_query"),
            ("/otsikot?osapuoli_id=21&kieli=%21", "invalid_query"),
            ("/otsikot?osapuoli_id=21&perityt=kyll%C3%A4", "invalid_query"),
            ("/otsikot?osapuoli_id=21&muuttunut_jalkeen=eilen", "invalid_query"),
            ("/otsikot?osapuoli_id=21&limit=0", "invalid_query"),
            ("/otsikot?osapuoli_id=21&limit=201", "invalid_query"),
            ("/otsikot?osapuoli_id=21&sivu=2", "invalid_query"),
            ("/otsikot?osapuoli_id=21&cursor=x", "invalid_cursor"),
            ("/lukemattomat", "invalid_query"),
            ("/lukemattomat?kohde_id=3", "invalid_query"),
            ("/ID?osapuoli_id=21&kohde_id=3", "exactly_one_target"),
            ("/ID?kieli=%21", "invalid_query"),
            ("/ID?sivu=2", "invalid_query"),
            ("/ID/otsikot?osapuoli_id=21&kohde_id=3", "exactly_one_target"),
            ("/ID/ketju?osapuoli_id=21&kohde_id=3", "exactly_one_target"),
            ("/ID/lukijat?luettu=ehk%C3%A4", "invalid_query"),
            ("/ID/lukijat?cursor=x", "invalid_cursor"),
            ("/ID/lukijat/kohteittain?cursor=x", "invalid_cursor"),
            ("/ID/muutokset?cursor=x", "invalid_cursor"),
            ("?tila=kadonnut", "invalid_query"),
            ("?kieli=%21", "invalid_query"),
            ("?cursor=x", "invalid_cursor"),
        ] {
            let path = path.replace("ID", &id.to_string());
            app.get(&format!("{PATH}{path}")).send().await.expect_problem(400, code);
        }
    }

    async fn what_is_not_there_is_a_404_by_every_call(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21]})).await;
        for path in [
            "/999", "/999/otsikot", "/999/ketju", "/999/muokkaus", "/999/muutokset", "/999/lukijat",
            "/999/lukijat/kohteittain", "/liitteet/999", "/liitteet/999/linkki", "/x", "/x/otsikot", "/liitteet/x",
            "/99999999999999999999", "/0", "/-1",
            "/otsikot?osapuoli_id=99", "/otsikot?kohde_id=99", "/lukemattomat?osapuoli_id=99",
            "/ID?osapuoli_id=99", "/ID?kohde_id=99", "/ID/otsikot?osapuoli_id=22", "/ID?kohde_id=3", "/ID/ketju?osapuoli_id=22",
        ] {
            let path = path.replace("ID", &id.to_string());
            app.get(&format!("{PATH}{path}")).send().await.expect_problem(404, "not_found");
        }
        let of = |call: Call| call.if_match("\"1\"");
        app.post(&format!("{PATH}/999/luettu")).json(&json!({"osapuoli_id": 21})).send().await.expect_problem(404, "not_found");
        app.post(&format!("{PATH}/{id}/luettu")).json(&json!({"osapuoli_id": 22})).send().await.expect_problem(404, "not_found");
        app.post(&format!("{PATH}/{id}/luettu")).json(&json!({"osapuoli_id": 99})).send().await.expect_problem(404, "not_found");
        of(app.patch(&format!("{PATH}/999"))).json(&json!({"tarkea": true})).send().await.expect_problem(404, "not_found");
        of(app.delete(&format!("{PATH}/999"))).send().await.expect_problem(404, "not_found");
        refused(app.post(&format!("{PATH}/{id}/luettu")).json(&json!({})), "/osapuoli_id", "required").await;
    }

    async fn what_is_named_is_no_message_for_other_methods(database: Database) {
        let app = start(database).await;
        for name in ["otsikot", "lukemattomat"] {
            let path = format!("{PATH}/{name}");
            for call in [app.patch(&path), app.delete(&path)] {
                let told = call.if_match("*").json(&json!({})).send().await.expect_problem(405, "method_not_allowed");
                assert_eq!(told.header("allow"), Some("GET, HEAD"), "{name}");
            }
        }
        for call in [app.patch(&format!("{PATH}/x")), app.delete(&format!("{PATH}/-1"))] {
            call.if_match("*").json(&json!({})).send().await.expect_problem(404, "not_found");
        }
    }

    async fn each_call_asks_for_its_scope(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21]})).await;
        let (reader, writer) = (token("internetviestit:read", &json!({})), token("internetviestit:write", &json!({})));
        for path in ["", "/otsikot?osapuoli_id=21", "/lukemattomat?osapuoli_id=21", "/ID", "/ID/otsikot", "/ID/ketju", "/ID/muokkaus"] {
            let path = format!("{PATH}{}", path.replace("ID", &id.to_string()));
            app.get(&path).bearer(&reader).send().await.expect_status(200);
            app.get(&path).bearer(&writer).send().await.expect_problem(403, "missing_scope");
            app.get(&path).anonymous().send().await.expect_problem(401, "missing_token");
        }
        let path = format!("{PATH}/{id}");
        let body = message(&json!({"osapuoli_idt": [21]}));
        app.post(PATH).json(&body).bearer(&reader).send().await.expect_problem(403, "missing_scope");
        app.patch(&path).if_match("*").json(&json!({"tarkea": true})).bearer(&reader).send().await.expect_problem(403, "missing_scope");
        app.delete(&path).if_match("*").bearer(&reader).send().await.expect_problem(403, "missing_scope");
        app.post(PATH).json(&body).bearer(&writer).send().await.expect_status(201);
        app.patch(&path).if_match("*").json(&json!({"tarkea": true})).bearer(&writer).send().await.expect_status(200);
        app.delete(&path).if_match("*").bearer(&writer).send().await.expect_status(204);
    }
}
