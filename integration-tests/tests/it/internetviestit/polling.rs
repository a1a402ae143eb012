//! What a portal polls: a list's tag, and only what changed or went out of view since it looked last.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use integration_tests::internetviestit::{PATH, add, now, reader, resident, start};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

/// The ids of a list's changed and removed messages, and the answer.
async fn poll(app: &TestApp, query: &str, token: &str) -> (Vec<i64>, Vec<i64>, Value) {
    let page = app.get(&format!("{PATH}/otsikot?{query}")).bearer(token).send().await.expect_status(200).json;
    let changed = list(&page, "items").iter().map(|header| number(header, "internetviesti_id")).collect();
    let removed = list(&page, "poistetut").iter().map(|id| id.as_i64().unwrap()).collect();
    (changed, removed, page)
}

fn since(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

on_both_databases! {
    async fn a_list_that_has_not_changed_is_a_304(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21]})).await;
        for query in ["osapuoli_id=21", "osapuoli_id=21&tiedotteet=true", "osapuoli_id=21&muuttunut_jalkeen=2020-01-01T00:00:00Z"] {
            let path = format!("{PATH}/otsikot?{query}");
            let first = app.get(&path).bearer(&resident(21)).send().await.expect_status(200);
            assert_eq!(first.header("cache-control"), Some("private, no-cache"));
            assert!(first.header("vary").unwrap().to_lowercase().contains("accept-language"));
            let again = || app.get(&path).bearer(&resident(21)).header("if-none-match", &first.etag()).send();
            assert!(again().await.expect_status(304).body.is_empty());
            let read = app.post(&format!("{PATH}/{id}/luettu")).bearer(&resident(21)).json(&json!({}));
            if query == "osapuoli_id=21" {
                read.send().await.expect_status(204);
                again().await.expect_status(200);
            }
        }
    }

    async fn only_what_changed_is_told_and_the_ids_of_what_went_away(database: Database) {
        let app = start(database).await;
        let kept = add(&app, &json!({"osapuoli_idt": [21]})).await;
        let changed = add(&app, &json!({"osapuoli_idt": [21]})).await;
        let withdrawn = add(&app, &json!({"osapuoli_idt": [21, 22]})).await;
        let bulletin = add(&app, &json!({"kohde_idt": [1]})).await;
        let foreign = add(&app, &json!({"osapuoli_idt": [25], "kohde_idt": [10]})).await;
        let draft = add(&app, &json!({"osapuoli_idt": [21], "tila": "luonnos"})).await;
        let begin = now();
        let ended = add(&app, &json!({"osapuoli_idt": [21], "voimassa_paattyen": begin + TimeDelta::milliseconds(2500)})).await;
        let comes = add(&app, &json!({"osapuoli_idt": [21], "voimassa_alkaen": begin + TimeDelta::milliseconds(2500)})).await;
        let (all, removed, page) = poll(&app, "osapuoli_id=21", &resident(21)).await;
        assert!(all.contains(&kept) && removed.is_empty() && text(&page, "haettu").ends_with('Z'), "{page}");
        let haettu: DateTime<Utc> = text(&page, "haettu").parse().unwrap();
        assert!(now() - haettu > TimeDelta::seconds(59) && now() - haettu < TimeDelta::seconds(90), "{haettu}");

        let mark = since(now());
        let query = format!("osapuoli_id=21&muuttunut_jalkeen={mark}");
        app.patch(&format!("{PATH}/{changed}")).if_match("\"1\"").json(&json!({"tarkea": true})).send().await.expect_status(200);
        for id in [withdrawn, foreign, bulletin] {
            app.delete(&format!("{PATH}/{id}")).if_match("\"1\"").send().await.expect_status(204);
        }
        app.delete(&format!("{PATH}/{draft}")).if_match("\"1\"").send().await.expect_status(204);
        tokio::time::sleep((begin + TimeDelta::milliseconds(2600) - now()).to_std().unwrap_or_default()).await;

        let (told, removed, page) = poll(&app, &query, &resident(21)).await;
        assert_eq!((told, removed), (vec![comes, changed], vec![withdrawn, ended]), "{page}");
        let (_, removed, _) = poll(&app, &format!("{query}&tiedotteet=true"), &resident(21)).await;
        assert_eq!(removed, [withdrawn, bulletin, ended]);
        let (told, removed, _) = poll(&app, &format!("kohde_id=3&muuttunut_jalkeen={mark}"), &reader()).await;
        assert_eq!((told, removed), (vec![], vec![bulletin]));
        let (_, removed, _) = poll(&app, &format!("osapuoli_id=22&muuttunut_jalkeen={mark}"), &resident(22)).await;
        assert_eq!(removed, [withdrawn]);
        let later = since(now());
        let (told, removed, _) = poll(&app, &format!("osapuoli_id=21&tiedotteet=true&muuttunut_jalkeen={later}"), &resident(21)).await;
        assert_eq!((told, removed), (vec![], vec![]));
        // With what the answer itself gave, nothing is missed.
        let (told, removed, _) = poll(&app, &format!("osapuoli_id=21&muuttunut_jalkeen={}", since(haettu)), &resident(21)).await;
        assert!(told.contains(&changed) && removed.contains(&withdrawn));

        // The ids of what went away are on the first page, and on no other.
        let (told, removed, page) = poll(&app, &format!("{query}&limit=1"), &resident(21)).await;
        assert_eq!((told, removed), (vec![comes], vec![withdrawn, ended]));
        let next = format!("{query}&limit=1&cursor={}", text(&page, "next_cursor"));
        let (told, removed, page) = poll(&app, &next, &resident(21)).await;
        assert_eq!((told, removed, member(&page, "next_cursor")), (vec![changed], vec![], Value::Null));
    }
}
