//! Editing and publishing with If-Match, every change kept; and a POST repeated with its key.

use integration_tests::internetviestit::{PATH, add, added, ids, message, resident, sample, start, version};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::{Call, Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::refused;

fn patch(app: &TestApp, id: i64, if_match: &str, changes: &Value) -> Call {
    app.patch(&format!("{PATH}/{id}")).if_match(if_match).json(changes)
}

async fn kept(app: &TestApp, id: i64) -> Value {
    app.get(&format!("{PATH}/{id}/muokkaus")).send().await.expect_status(200).json
}

on_both_databases! {
    async fn a_change_is_served_at_once_and_needs_the_version_that_was_seen(database: Database) {
        let app = start(database).await;
        let body = message(&json!({"osapuoli_idt": [21], "versiot": [version("fi", "Vesikatko", "Vesi on poikki."), version("sv", "Vatten", "Slut.")]}));
        let reply = app.post(PATH).json(&body).send().await.expect_status(201);
        let id = number(&reply.json, "internetviesti_id");
        assert_eq!((reply.etag(), reply.header("location")), ("\"1\"".to_owned(), Some(format!("{PATH}/{id}").as_str())));
        let path = format!("{PATH}/{id}");
        app.patch(&path).json(&json!({"tarkea": true})).send().await.expect_problem(428, "if_match_required");
        app.delete(&path).send().await.expect_problem(428, "if_match_required");
        for stale in ["\"2\"", "\"2-fi\"", "W/\"1\"", "\"fi\"", "\"11\"", "\"0-fi\""] {
            let told = patch(&app, id, stale, &json!({"tarkea": true})).send().await.expect_problem(412, "stale_version");
            assert_eq!(told.etag(), "\"1\"", "{stale}");
            app.delete(&path).if_match(stale).send().await.expect_problem(412, "stale_version");
        }
        patch(&app, id, "1", &json!({"tarkea": true})).send().await.expect_problem(400, "invalid_header");
        assert_eq!(number(&kept(&app, id).await, "versio"), 1);

        // The tag that a portal was given, of any language.
        let seen = app.get(&path).bearer(&resident(21)).send().await.etag();
        assert_eq!(seen, "\"1-fi\"");
        let versions = json!([version("fi", "Vesikatko siirtyy", "Vesi on poikki perjantaina.")]);
        let changed = patch(&app, id, &seen, &json!({"versiot": versions, "voimassa_paattyen": "2100-01-01T00:00:00Z"}));
        assert_eq!(changed.send().await.expect_status(200).etag(), "\"2\"");
        let served = app.get(&path).bearer(&resident(21)).header("if-none-match", &seen).send().await.expect_status(200);
        assert_eq!((served.etag(), text(&served.json, "otsikko")), ("\"2-fi\"".to_owned(), "Vesikatko siirtyy".to_owned()));
        assert_eq!((text(&served.json, "viesti_teksti"), member(&served.json, "kielet")), ("Vesi on poikki perjantaina.".to_owned(), json!(["fi"])));
        // Null takes the end away.
        patch(&app, id, "\"2\"", &json!({"voimassa_paattyen": null})).send().await.expect_status(200);
        assert_eq!(member(&app.get(&path).send().await.json, "voimassa_paattyen"), Value::Null);
    }

    async fn what_is_no_change_is_refused_and_changes_nothing(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21], "kohde_idt": [1]})).await;
        let before = kept(&app, id).await;
        for (changes, pointer, code) in [
            (json!({"osapuoli_idt": [21, 22]}), "/osapuoli_idt", "already_published"),
            (json!({"kohde_idt": []}), "/kohde_idt", "already_published"),
            (json!({"tila": "luonnos"}), "/tila", "already_published"),
            (json!({"tila": "poistettu"}), "/tila", "unknown_value"),
            (json!({"tila": null}), "/tila", "wrong_type"),
            (json!({"versiot": []}), "/versiot", "out_of_range"),
            (json!({"versiot": null}), "/versiot", "wrong_type"),
            (json!({"otsikko": "x"}), "/otsikko", "unknown_field"),
            (json!({"voimassa_paattyen": "2020-01-01T00:00:00Z", "voimassa_alkaen": "2020-01-02T00:00:00Z"}), "/voimassa_paattyen", "ends_before_it_begins"),
        ] {
            refused(patch(&app, id, "\"1\"", &changes), pointer, code).await;
        }
        let other = add(&app, &json!({"osapuoli_idt": [21]})).await;
        refused(patch(&app, id, "\"1\"", &json!({"korjaa_id": other})), "/korjaa_id", "already_published").await;
        assert_eq!(kept(&app, id).await, before);
        // The same targets, in whatever order, are no change of them.
        patch(&app, id, "\"1\"", &json!({"kohde_idt": [1], "osapuoli_idt": [21], "tarkea": true})).send().await.expect_status(200);
    }

    async fn a_draft_may_lack_what_a_published_message_needs(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"tila": "luonnos"})).await;
        refused(patch(&app, id, "\"1\"", &json!({"tila": "julkaistu"})), "", "no_target").await;
        patch(&app, id, "\"1\"", &json!({"kohde_idt": [1]})).send().await.expect_status(200);
        patch(&app, id, "\"2\"", &json!({"kohde_idt": [2, 3], "osapuoli_idt": [22]})).send().await.expect_status(200);
        refused(patch(&app, id, "\"3\"", &json!({"korjaa_id": id})), "/korjaa_id", "unknown_message").await;
        app.get(&format!("{PATH}/{id}")).send().await.expect_problem(404, "not_found");
        let published = patch(&app, id, "\"3\"", &json!({"tila": "julkaistu"})).send().await.expect_status(200).json;
        assert_eq!((text(&published, "tila"), member(&published, "julkaistu").is_string()), ("julkaistu".to_owned(), true));
        assert_eq!(ids(&app, "osapuoli_id=21&tiedotteet=true", &resident(21)).await, [id]);
        assert_eq!(ids(&app, "osapuoli_id=22", &resident(22)).await, [id]);

        let changes = app.get(&format!("{PATH}/{id}/muutokset")).send().await.expect_status(200).json;
        let told: Vec<_> = list(&changes, "items").iter().map(|change| {
            (number(change, "versio"), text(change, "tapahtuma"), text(change, "tekija"), change.pointer("/sisalto/kohde_idt").cloned().unwrap())
        }).collect();
        let change = |number: i64, what: &str, targets: Value| (number, what.to_owned(), "test".to_owned(), targets);
        assert_eq!(told, [
            change(4, "julkaistu", json!([2, 3])), change(3, "muutettu", json!([2, 3])),
            change(2, "muutettu", json!([1])), change(1, "luonnosteltu", json!([])),
        ]);
        let states: Vec<_> = list(&changes, "items").iter().map(|change| change.pointer("/sisalto/tila").cloned().unwrap()).collect();
        assert_eq!(states, ["julkaistu", "luonnos", "luonnos", "luonnos"]);
        app.delete(&format!("{PATH}/{id}")).if_match("\"4\"").bearer(&token("admin", &json!({"sub": "toinen"}))).send().await.expect_status(204);
        let first = app.get(&format!("{PATH}/{id}/muutokset?limit=1")).send().await.expect_status(200).json;
        let [newest] = list(&first, "items").try_into().unwrap();
        assert_eq!((text(&newest, "tapahtuma"), text(&newest, "tekija")), ("poistettu".to_owned(), "toinen".to_owned()));
        let rest = app.get(&format!("{PATH}/{id}/muutokset?cursor={}", text(&first, "next_cursor"))).send().await.expect_status(200).json;
        assert_eq!(list(&rest, "items"), list(&changes, "items"));
    }

    async fn a_post_repeated_with_its_key_is_one_message(database: Database) {
        let app = start(database).await;
        let body = message(&json!({"osapuoli_idt": [21], "liitteet": [{"tiedostonimi": "a.txt", "sisalto_base64": "SGVp"}]}));
        let post = |body: &Value, key: &str| app.post(PATH).json(body).idempotency_key(key).send();
        let first = post(&body, "k-1").await.expect_status(201);
        let second = post(&body, "k-1").await.expect_status(201);
        assert_eq!((second.json.clone(), second.etag(), second.header("location")), (first.json.clone(), first.etag(), first.header("location")));
        assert_eq!(second.header("idempotent-replayed"), Some("true"));
        post(&message(&json!({"osapuoli_idt": [22]})), "k-1").await.expect_problem(422, "idempotency_key_reused");
        post(&message(&json!({"osapuoli_idt": [99]})), "k-2").await.expect_problem(422, "validation_failed");
        assert_eq!(ids(&app, "osapuoli_id=21", &resident(21)).await.len(), 1);
        assert_eq!(list(&app.get(PATH).send().await.json, "items").len(), 1);
        assert_ne!(post(&body, "k-3").await.expect_status(201).json["internetviesti_id"], first.json["internetviesti_id"]);
    }

    async fn the_message_is_kept_as_it_was_written(database: Database) {
        let app = start(database).await;
        let body = json!({
            "osapuoli_idt": [22, 21], "kohde_idt": [3, 2], "ulottuu_alas": false, "roolit": ["resident", "board_member"],
            "versiot": [
                {"kieli": "SV-fi", "otsikko": "Vatten", "viesti": "**Slut**", "muoto": "markdown", "tiedosto_idt": []},
                {"kieli": "fi", "otsikko": "Vesi", "viesti": "<p>Poikki<script>x</script></p>", "muoto": "html", "tiedosto_idt": []},
            ],
            "tiedosto_idt": [], "voimassa_alkaen": "2026-01-01T00:00:00.123456Z", "voimassa_paattyen": "2100-01-01T02:00:00+02:00",
            "tarkea": true, "korjaa_id": null, "tila": "luonnos",
        });
        let kept_now = added(&app, &body).await;
        let mut expected = body;
        for (pointer, value) in [
            ("/osapuoli_idt", json!([21, 22])), ("/kohde_idt", json!([2, 3])), ("/roolit", json!(["board_member", "resident"])),
            ("/versiot/0/kieli", json!("sv-FI")), ("/voimassa_paattyen", json!("2100-01-01T00:00:00Z")),
        ] {
            *expected.pointer_mut(pointer).unwrap() = value;
        }
        assert_eq!(kept_now["sisalto"], expected);
        let id = number(&kept_now, "internetviesti_id");
        let read = app.get(&format!("{PATH}/{id}/muokkaus")).send().await.expect_status(200);
        assert_eq!((read.etag(), read.json.clone()), ("\"1\"".to_owned(), kept_now));
        app.get(&format!("{PATH}/{id}/muokkaus")).header("if-none-match", "\"1\"").send().await.expect_status(304);
        // The register may lose a party; what it was sent stays.
        let mut register = sample();
        register.parties[0] = register.parties[0].clone().with("archived", "true");
        register.import(&app).await;
        patch(&app, id, "\"1\"", &json!({"tarkea": false})).send().await.expect_status(200);
    }
}
