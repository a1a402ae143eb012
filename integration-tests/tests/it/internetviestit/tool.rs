//! The tool's list: every message whatever its state, by each of its filters.

use integration_tests::internetviestit::{PATH, add, added, message, resident, start, version};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

async fn found(app: &TestApp, query: &str) -> Vec<i64> {
    let reply = app.get(&format!("{PATH}?{query}")).send().await.expect_status(200);
    list(&reply.json, "items").iter().map(|item| number(item, "internetviesti_id")).collect()
}

on_both_databases! {
    async fn each_filter_finds_what_it_says_and_they_are_joined(database: Database) {
        let app = start(database).await;
        let of = |members: Value, language: &str, title: &str, text: &str| {
            let mut body = message(&members);
            body["versiot"] = json!([version(language, title, text)]);
            body
        };
        let to_matti = number(&added(&app, &of(json!({"osapuoli_idt": [21], "voimassa_alkaen": "2100-05-01T00:00:00Z"}), "fi", "Äänekäs remontti", "Poraamme.")).await, "internetviesti_id");
        let bulletin = number(&added(&app, &of(json!({"kohde_idt": [1, 2]}), "sv", "Vatten", "Slut på vatten")).await, "internetviesti_id");
        let draft = number(&added(&app, &of(json!({"kohde_idt": [3], "tila": "luonnos"}), "fi", "Vesi", "Vesikatko huomenna")).await, "internetviesti_id");
        let other = app.post(PATH).bearer(&token("internetviestit:write", &json!({"sub": "huoltaja"})));
        let other = number(&other.json(&of(json!({"osapuoli_idt": [22]}), "sv-FI", "100 % vatten", "x_y")).send().await.expect_status(201).json, "internetviesti_id");
        let withdrawn = add(&app, &json!({"osapuoli_idt": [21], "voimassa_paattyen": "2020-01-01T00:00:00Z"})).await;
        app.delete(&format!("{PATH}/{withdrawn}")).if_match("*").send().await.expect_status(204);

        for (query, expected) in [
            ("", vec![withdrawn, other, draft, bulletin, to_matti]),
            ("osapuoli_id=21", vec![withdrawn, to_matti]),
            ("osapuoli_id=99", vec![]),
            ("kohde_id=1", vec![bulletin]),
            ("kohde_id=3", vec![draft]),
            ("teksti=vesi", vec![withdrawn, draft]),
            ("teksti=VESIK", vec![withdrawn, draft]),
            ("teksti=huomenna%20vesi", vec![draft]),
            ("teksti=%C3%A4%C3%A4nek", vec![to_matti]),
            ("teksti=aanek", vec![]),
            ("teksti=vatten", vec![other, bulletin]),
            ("teksti=100%20%25", vec![other]),
            ("teksti=katko", vec![]),
            ("kieli=sv", vec![bulletin]),
            ("kieli=SV-fi", vec![other]),
            ("lisaaja=huoltaja", vec![other]),
            ("lisaaja=test", vec![withdrawn, draft, bulletin, to_matti]),
            ("tila=luonnos", vec![draft]),
            ("tila=julkaistu", vec![other, bulletin, to_matti]),
            ("tila=poistettu", vec![withdrawn]),
            ("alkaen=2100-05-01T00:00:00Z", vec![to_matti]),
            ("alkaen=2100-05-01T00:00:01Z", vec![]),
            ("paattyen=2100-05-01T00:00:00Z", vec![withdrawn, other, draft, bulletin]),
            ("paattyen=2020-01-01T00:00:00Z", vec![]),
            ("alkaen=2020-01-01T00:00:00Z&paattyen=2100-01-01T00:00:00Z&kieli=fi&lisaaja=test", vec![withdrawn, draft]),
            ("osapuoli_id=21&tila=poistettu&teksti=poikki", vec![withdrawn]),
        ] {
            assert_eq!(found(&app, query).await, expected, "{query}");
        }
        for query in ["", "lisaaja=test&"] {
            let whole = found(&app, query).await;
            let (mut paged, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app.get(&format!("{PATH}?{query}limit=2{cursor}")).send().await.expect_status(200).json;
                paged.extend(list(&page, "items").iter().map(|item| number(item, "internetviesti_id")));
                match member(&page, "next_cursor") {
                    Value::String(next) => cursor = format!("&cursor={next}"),
                    _ => break,
                }
            }
            assert_eq!(paged, whole);
        }
        let page = app.get(&format!("{PATH}?limit=2")).send().await.json;
        app.get(&format!("{PATH}?tila=luonnos&cursor={}", text(&page, "next_cursor"))).send().await.expect_problem(400, "invalid_cursor");
    }

    async fn the_list_tells_what_the_tool_needs(database: Database) {
        let app = start(database).await;
        let mut body = message(&json!({"osapuoli_idt": [21, 22], "kohde_idt": [1], "tarkea": true}));
        body["versiot"] = json!([version("sv", "Vatten", "Slut."), version("fi", "Vesi", "Poikki.")]);
        body["liitteet"] = json!([{"tiedostonimi": "a.txt", "sisalto_base64": "SGVp"}]);
        let id = number(&added(&app, &body).await, "internetviesti_id");
        app.post(&format!("{PATH}/{id}/luettu")).bearer(&resident(21)).json(&json!({})).send().await.expect_status(204);
        let reply = app.get(PATH).send().await.expect_status(200);
        let item = &list(&reply.json, "items")[0];
        for (name, value) in [
            ("internetviesti_id", json!(id)), ("versio", json!(1)), ("tila", json!("julkaistu")), ("otsikko", json!("Vatten")),
            ("kielet", json!(["sv", "fi"])), ("voimassa_alkaen", Value::Null), ("voimassa_paattyen", Value::Null), ("tarkea", json!(true)),
            ("korjaa_id", Value::Null), ("osapuolia", json!(2)), ("kohteita", json!(1)), ("liitteita", json!(1)), ("lukeneita", json!(1)),
            ("lisaaja", json!("test")),
        ] {
            assert_eq!(member(item, name), value, "{name}");
        }
        assert_eq!(member(item, "julkaistu"), member(item, "lisatty"));
        for query in ["", "?osapuoli_id=21", "?tila=julkaistu"] {
            app.get(&format!("{PATH}{query}")).bearer(&resident(21)).send().await.expect_problem(404, "not_found");
        }
    }
}
