//! Read marks, what is unread, and who of an audience has read a message: by person and by unit, protected ones counted only.

use integration_tests::internetviestit::{PATH, add, headers, reader, resident, start};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::{Database, TestApp, on_both_databases, token};
use persistence::{DatabaseUrl, Db, DbSettings, audit};
use serde_json::{Value, json};

use super::refused;

async fn read_by(app: &TestApp, id: i64, party_id: i64) {
    let call = app.post(&format!("{PATH}/{id}/luettu")).bearer(&reader()).json(&json!({"osapuoli_id": party_id}));
    call.send().await.expect_status(204);
}

async fn unread(app: &TestApp, party_id: i64) -> (i64, i64) {
    let path = format!("{PATH}/lukemattomat?osapuoli_id={party_id}");
    let counts = app.get(&path).bearer(&resident(party_id)).send().await.expect_status(200).json;
    (number(&counts, "viesteja"), number(&counts, "tiedotteita"))
}

/// A page of the audience; each with party, property, and whether it has read.
async fn readers(app: &TestApp, id: i64, query: &str, token: &str) -> (Value, Vec<(i64, Value, bool)>) {
    let page = app.get(&format!("{PATH}/{id}/lukijat{query}")).bearer(token).send().await.expect_status(200).json;
    let one = |item: &Value| (number(item, "osapuoli_id"), member(item, "kohde_id"), member(item, "luettu").is_string());
    let people = list(&page, "items").iter().map(one).collect();
    (page, people)
}

fn counts(page: &Value) -> [i64; 3] {
    ["yleiso", "lukeneita", "suojattuja"].map(|name| number(page, name))
}

async fn units(app: &TestApp, id: i64, token: &str) -> Vec<(i64, String, i64, i64)> {
    let reply = app.get(&format!("{PATH}/{id}/lukijat/kohteittain")).bearer(token).send().await.expect_status(200);
    let unit = |item: &Value| (number(item, "kohde_id"), text(item, "nimi"), number(item, "yleiso"), number(item, "lukeneita"));
    list(&reply.json, "items").iter().map(unit).collect()
}

async fn disclosures(app: &TestApp) -> i64 {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    db.read(|reader| audit::count(reader, "protected_party_disclosed")).await.unwrap()
}

on_both_databases! {
    async fn a_party_marks_what_it_has_read_and_what_is_left_is_counted(database: Database) {
        let app = start(database).await;
        let first = add(&app, &json!({"osapuoli_idt": [21, 22]})).await;
        let second = add(&app, &json!({"osapuoli_idt": [21], "kohde_idt": [1]})).await;
        let bulletin = add(&app, &json!({"kohde_idt": [1]})).await;
        add(&app, &json!({"osapuoli_idt": [21], "tila": "luonnos"})).await;
        add(&app, &json!({"osapuoli_idt": [21], "voimassa_paattyen": "2020-01-01T00:00:00Z"})).await;
        add(&app, &json!({"kohde_idt": [1], "roolit": ["board_member"]})).await;
        assert_eq!((unread(&app, 21).await, unread(&app, 22).await, unread(&app, 25).await), ((2, 1), (1, 2), (0, 0)));
        let path = format!("{PATH}/lukemattomat?osapuoli_id=21");
        let seen = app.get(&path).bearer(&resident(21)).send().await.expect_status(200);
        app.get(&path).bearer(&resident(21)).header("if-none-match", &seen.etag()).send().await.expect_status(304);

        // The token's only party need not be named; twice is once.
        for _ in 0..2 {
            app.post(&format!("{PATH}/{first}/luettu")).bearer(&resident(21)).json(&json!({})).send().await.expect_status(204);
        }
        app.post(&format!("{PATH}/{bulletin}/luettu")).bearer(&resident(21)).json(&json!({"osapuoli_id": 21})).send().await.expect_status(204);
        assert_eq!((unread(&app, 21).await, unread(&app, 22).await), ((1, 0), (1, 2)));
        app.get(&path).bearer(&resident(21)).header("if-none-match", &seen.etag()).send().await.expect_status(200);
        let marks = async |query: &str, token: &str| {
            let listed = headers(&app, query, token).await;
            listed.iter().map(|header| (number(header, "internetviesti_id"), member(header, "luettu"))).collect::<Vec<_>>()
        };
        let (yes, no) = (json!(true), json!(false));
        let expected = [(bulletin, yes.clone()), (second, no.clone()), (first, yes.clone())];
        assert_eq!(marks("osapuoli_id=21&tiedotteet=true", &resident(21)).await, expected);
        assert_eq!(marks("kohde_id=3", &resident(21)).await, [(bulletin, yes), (second, no.clone())]);
        assert_eq!(marks("osapuoli_id=22", &resident(22)).await, [(first, no)]);
        assert!(marks("kohde_id=3", &reader()).await.iter().all(|(_, mark)| mark.is_null()), "nobody in particular");
        // A mark is no new version.
        let one = app.get(&format!("{PATH}/{first}")).bearer(&resident(21)).send().await.expect_status(200);
        assert_eq!((one.etag(), member(&one.json, "luettu")), ("\"1-fi\"".to_owned(), Value::Null));
    }

    async fn only_ones_own_mark_is_set_and_only_on_what_one_is_shown(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21, 22]})).await;
        let mark = |token: &str, body: Value| app.post(&format!("{PATH}/{id}/luettu")).bearer(token).json(&body);
        mark(&resident(21), json!({"osapuoli_id": 22})).send().await.expect_problem(404, "not_found");
        mark(&resident(25), json!({})).send().await.expect_problem(404, "not_found");
        mark(&resident(25), json!({"osapuoli_id": 21})).send().await.expect_problem(404, "not_found");
        let both = token("internetviestit:read", &json!({"party_ids": [21, 22]}));
        refused(mark(&both, json!({})), "/osapuoli_id", "required").await;
        refused(mark(&reader(), json!({})), "/osapuoli_id", "required").await;
        refused(mark(&reader(), json!({"osapuoli_id": "21"})), "/osapuoli_id", "wrong_type").await;
        refused(mark(&reader(), json!({"osapuoli": 21})), "/osapuoli", "unknown_field").await;
        assert_eq!(counts(&readers(&app, id, "", &reader()).await.0), [2, 0, 0]);
        mark(&both, json!({"osapuoli_id": 22})).send().await.expect_status(204);
        assert_eq!(readers(&app, id, "", &reader()).await.1, [(21, Value::Null, false), (22, Value::Null, true)]);
    }

    async fn the_audience_is_told_by_person_and_by_unit(database: Database) {
        let app = start(database).await;
        let bulletin = add(&app, &json!({"kohde_idt": [1]})).await;
        read_by(&app, bulletin, 21).await;
        read_by(&app, bulletin, 23).await;
        let trusted = token("internetviestit:read parties:protected", &json!({}));

        // Aino is protected, and meant by where she lives; Arto is archived, and none of the audience.
        let before = disclosures(&app).await;
        let (page, people) = readers(&app, bulletin, "", &reader()).await;
        assert_eq!(people, [(21, json!(3), true), (24, json!(1), false), (22, json!(4), false)]);
        assert_eq!(counts(&page), [4, 2, 1]);
        assert!(!page.to_string().contains("Aino") && !page.to_string().contains("23"), "{page}");
        assert_eq!(units(&app, bulletin, &reader()).await, [(3, "A 1".into(), 1, 1), (4, "A 2".into(), 1, 0), (1, "As Oy Koivu".into(), 1, 0)]);
        assert_eq!(disclosures(&app).await, before);
        let (page, people) = readers(&app, bulletin, "", &trusted).await;
        assert_eq!(people, [(23, json!(4), true), (21, json!(3), true), (24, json!(1), false), (22, json!(4), false)]);
        assert_eq!(counts(&page), [4, 2, 1]);
        assert_eq!(units(&app, bulletin, &trusted).await[1], (4, "A 2".into(), 2, 1));
        assert_eq!(disclosures(&app).await, before + 1);

        for (query, expected) in [("?luettu=true", vec![21]), ("?luettu=false", vec![24, 22])] {
            let found: Vec<i64> = readers(&app, bulletin, query, &reader()).await.1.iter().map(|one| one.0).collect();
            assert_eq!(found, expected, "{query}");
        }
        for (path, limit) in [("lukijat", 1), ("lukijat/kohteittain", 2)] {
            let path = format!("{PATH}/{bulletin}/{path}");
            let whole = list(&app.get(&path).bearer(&reader()).send().await.json, "items");
            let first = app.get(&format!("{path}?limit={limit}")).bearer(&reader()).send().await.expect_status(200).json;
            let next = format!("{path}?limit=200&cursor={}", text(&first, "next_cursor"));
            let rest = app.get(&next).bearer(&reader()).send().await.expect_status(200).json;
            assert_eq!([list(&first, "items"), list(&rest, "items")].concat(), whole);
            let other = add(&app, &json!({"kohde_idt": [1]})).await;
            let foreign = next.replace(&format!("/{bulletin}/"), &format!("/{other}/"));
            app.get(&foreign).bearer(&reader()).send().await.expect_problem(400, "invalid_cursor");
        }
    }

    async fn who_is_addressed_is_told_as_such_and_roles_and_depth_limit_an_audience(database: Database) {
        let app = start(database).await;
        // Matti lives there and is addressed; Aino is addressed, and the author knows whom they wrote to.
        let both = add(&app, &json!({"osapuoli_idt": [21, 23], "kohde_idt": [3]})).await;
        let (page, people) = readers(&app, both, "", &reader()).await;
        assert_eq!((people, counts(&page)), (vec![(23, Value::Null, false), (21, Value::Null, false)], [2, 0, 0]));
        assert_eq!(units(&app, both, &reader()).await, [(3, "A 1".into(), 1, 0)]);
        for (members, expected) in [
            (json!({"kohde_idt": [1], "ulottuu_alas": false}), vec![24]),
            (json!({"kohde_idt": [1], "roolit": ["board_member"]}), vec![24]),
            (json!({"kohde_idt": [1], "roolit": ["resident"]}), vec![21, 22]),
            (json!({"kohde_idt": [2], "roolit": ["owner"]}), vec![]),
            (json!({"kohde_idt": [1, 4, 10], "roolit": ["resident", "board_member"]}), vec![25, 21, 24, 22]),
        ] {
            let id = add(&app, &members).await;
            let found: Vec<i64> = readers(&app, id, "", &reader()).await.1.iter().map(|one| one.0).collect();
            assert_eq!(found, expected, "{members}");
        }
        let draft = add(&app, &json!({"kohde_idt": [11], "tila": "luonnos"})).await;
        assert_eq!(readers(&app, draft, "", &reader()).await.1, [(25, json!(11), false)], "who would get it");
        for path in ["lukijat", "lukijat/kohteittain", "muutokset", "muokkaus"] {
            app.get(&format!("{PATH}/{both}/{path}")).bearer(&resident(21)).send().await.expect_problem(404, "not_found");
        }
    }
}
