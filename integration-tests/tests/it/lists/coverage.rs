//! Coverage: in which units nobody is told, and what a preview warns of.

use integration_tests::mailings::{content, create, draft, list, number, preview, send_out, text, with};
use integration_tests::register::{Register, person};
use integration_tests::{Database, Reply, TestApp, on_both_databases, token};
use serde_json::{Value, json};

const COVERAGE: &str = "/api/v1/recipients/coverage";

/// Koivu (1) with two stairways: A 1 has Aino and, in its cellar, Kai; A 2 Ella, who has no e-mail; A 3 Edla, who has died, and so
/// is vacant as A 4 is; B 1 is owned by Olli, who lives in Mänty (20), B 1. Bo is of Koivu's board.
fn register() -> Register {
    let people = [
        person(1, "Aalto Aino").with("language", "fi"),
        person(2, "Eklund Ella").with("language", "fi").with("email", ""),
        person(3, "Edesmennyt Edla").with("deceased", "true"),
        person(4, "Omistaja Olli").with("language", "fi"),
        person(5, "Board Bo").with("language", "fi"),
        person(6, "Kellari Kai").with("language", "sv").with("address_protected", "true"),
    ];
    Register::of(people)
        .property(1, None, "company", "As Oy Koivu")
        .property(2, Some(1), "stairway", "Porras A")
        .property(3, Some(1), "stairway", "Porras B")
        .property(11, Some(2), "unit", "A 1")
        .property(12, Some(2), "unit", "A 2")
        .property(13, Some(2), "unit", "A 3")
        .property(14, Some(2), "unit", "A 4")
        .property(15, Some(3), "unit", "B 1")
        .property(16, Some(11), "cellar", "Kellari")
        .property(20, None, "company", "As Oy Mänty")
        .property(21, Some(20), "unit", "B 1")
        .role(1, 11, "resident")
        .role(2, 12, "resident")
        .role(3, 13, "resident")
        .role(4, 15, "owner")
        .role(4, 21, "resident")
        .role(5, 1, "board_member")
        .role(6, 16, "resident")
}

async fn start(database: Database) -> TestApp {
    let app = TestApp::start(database).await;
    register().import(&app).await;
    app
}

fn under(id: i64) -> Value {
    json!({"property": {"field": "property_id", "op": "eq", "value": id.to_string()}})
}

fn residents_of(id: i64) -> Value {
    json!({"all": [{"role": {"codes": ["resident"]}}, under(id)]})
}

fn of_filter(property_ids: &Value, filter: &Value) -> Value {
    json!({"property_ids": property_ids, "channel": "email", "purpose": "service", "filter": filter})
}

async fn ask(app: &TestApp, body: &Value) -> Reply {
    app.post(COVERAGE).json(body).send().await
}

/// The names of the units with nobody.
fn units(answer: &Value) -> Vec<String> {
    list(answer, "items").iter().map(|unit| text(unit, "name")).collect()
}

fn totals(answer: &Value) -> [i64; 4] {
    ["units", "covered", "uncovered", "vacant"].map(|name| number(&answer["totals"], name))
}

on_both_databases! {
    async fn units_with_nobody_are_told_and_who_was_left_out_there(database: Database) {
        let app = start(database).await;
        let answer = ask(&app, &of_filter(&json!([1]), &residents_of(1))).await.expect_status(200).json;
        assert_eq!((units(&answer), totals(&answer)), (["A 2", "A 3", "A 4", "B 1"].map(str::to_owned).to_vec(), [5, 1, 4, 2]));
        let items = list(&answer, "items");
        let resident = json!([{"role": "resident", "people": 1, "unreachable": 1}]);
        let owner = json!([{"role": "owner", "people": 1, "unreachable": 0}]);
        assert_eq!((&items[0]["left_out"], &items[0]["vacant"]), (&resident, &json!(false)), "meant, and has no e-mail");
        assert_eq!((&items[1]["left_out"], &items[1]["vacant"]), (&json!([]), &json!(true)), "who has died is not left out");
        assert_eq!(items[3]["left_out"], owner, "not meant");
        assert_eq!((&items[3]["property_id"], &items[3]["code"]), (&json!(15), &json!("K15")));
        assert_eq!(answer["totals"]["left_out"], json!([
            {"role": "owner", "people": 1, "unreachable": 0}, {"role": "resident", "people": 1, "unreachable": 1},
        ]));
        // By another channel Ella is reached; with the owners nobody is left out but where nobody is.
        let portal = with(of_filter(&json!([1]), &under(1)), &json!({"channel": "internetviesti"}));
        let answer = ask(&app, &portal).await.expect_status(200).json;
        assert_eq!((units(&answer), totals(&answer)), (["A 3", "A 4"].map(str::to_owned).to_vec(), [5, 3, 2, 2]));
        // Somebody is in a unit by any role there; a role above a unit is none in it.
        let answer = ask(&app, &of_filter(&json!([3, 15]), &residents_of(20))).await.expect_status(200).json;
        assert_eq!((units(&answer), totals(&answer)), (Vec::new(), [1, 1, 0, 0]), "Olli lives elsewhere, and has a role here");
        let board = ask(&app, &of_filter(&json!([2]), &json!({"role": {"codes": ["board_member"]}}))).await.expect_status(200).json;
        assert_eq!(totals(&board), [4, 0, 4, 2]);
        // Other kinds of units.
        let stairways = with(of_filter(&json!([1]), &residents_of(1)), &json!({"unit_kinds": ["stairway", "CELLAR"]}));
        let answer = ask(&app, &stairways).await.expect_status(200).json;
        assert_eq!((units(&answer), totals(&answer)), (vec!["Porras B".to_owned()], [3, 2, 1, 0]));
    }

    async fn units_come_in_pages_with_the_totals_of_all(database: Database) {
        let app = start(database).await;
        let body = with(of_filter(&json!([1]), &json!({"party_ids": [5]})), &json!({"limit": 2}));
        let (mut paged, mut page) = (Vec::new(), body.clone());
        loop {
            let answer = ask(&app, &page).await.expect_status(200).json;
            assert_eq!(totals(&answer), [5, 0, 5, 2]);
            paged.extend(units(&answer));
            let Some(cursor) = answer["next_cursor"].as_str() else { break };
            page = with(body.clone(), &json!({"cursor": cursor}));
        }
        assert_eq!(paged, ["A 1", "A 2", "A 3", "A 4", "B 1"]);
    }

    async fn mailings_are_looked_at_as_drafts_and_as_they_were_sent(database: Database) {
        let app = start(database).await;
        let fi = content("fi", "Vesikatko", "Vesi on poikki.");
        let mailing = with(
            draft(&json!({"filter": residents_of(1)}), &[fi]),
            &json!({"missing_language": "fallback", "fallback_language": "fi"}),
        );
        let id = create(&app, &mailing).await;
        let of_mailing = |id: &str| json!({"property_ids": [1], "mailing_id": id});
        let answer = ask(&app, &of_mailing(&id)).await.expect_status(200).json;
        assert_eq!((units(&answer).len(), totals(&answer)), (4, [5, 1, 4, 2]));
        assert_eq!(answer["totals"]["left_out"][1], json!({"role": "resident", "people": 1, "unreachable": 1}));
        let (sent, _) = send_out(&app, &mailing).await;
        // Ella has an address now; what was sent stays.
        app.patch("/api/v1/parties/2").if_match("*").json(&json!({"email": "ella@example.fi"})).send().await.expect_status(200);
        assert_eq!(totals(&ask(&app, &of_mailing(&sent)).await.expect_status(200).json), [5, 1, 4, 2]);
        assert_eq!(totals(&ask(&app, &of_mailing(&id)).await.expect_status(200).json), [5, 2, 3, 2]);
        // Who may not read mailings knows of none.
        let searcher = token("recipients:search", &json!({}));
        let refused = app.post(COVERAGE).bearer(&searcher).json(&of_mailing(&id)).send().await.expect_problem(422, "validation_failed");
        assert_eq!(refused.json["errors"][0]["code"], "unknown_mailing");
    }

    async fn a_preview_warns_of_residents_who_would_not_be_told(database: Database) {
        let app = start(database).await;
        let fi = || content("fi", "Vesikatko", "Vesi on poikki.");
        let to = |filter: Value, purpose: &str| {
            let changes = json!({"purpose": purpose, "missing_language": "fallback", "fallback_language": "fi"});
            with(draft(&json!({"filter": filter}), &[fi()]), &changes)
        };
        let warned = async |draft: Value| {
            let id = create(&app, &draft).await;
            let shown = preview(&app, &id, 0).await;
            list(&shown, "warnings").iter().map(|warning| (text(warning, "code"), number(warning, "people"))).collect::<Vec<_>>()
        };
        let left_out = |people: i64| ("residents_left_out".to_owned(), people);
        let unreachable = |people: i64| ("residents_unreachable".to_owned(), people);
        assert_eq!(warned(to(residents_of(1), "service")).await, [unreachable(1)]);
        assert_eq!(warned(to(residents_of(11), "emergency")).await, []);
        let swedish = json!({"all": [residents_of(1), {"party": {"field": "service_language", "op": "eq", "value": "sv"}}]});
        assert_eq!(warned(to(swedish.clone(), "emergency")).await, [left_out(2)]);
        let board = json!({"all": [{"role": {"codes": ["board_member"]}}, under(1)]});
        assert_eq!(warned(to(board, "service")).await, [left_out(3)]);
        // Of no concern: other purposes, and mailings that are not to properties.
        assert_eq!(warned(to(swedish, "information")).await, []);
        assert_eq!(warned(to(json!({"party_ids": [5]}), "service")).await, []);
        // A saved query chooses properties as well.
        let query = json!({"name": "x", "filter": {"all": [residents_of(1), {"text": "aino"}]}});
        let saved = app.post("/api/v1/recipient-queries").json(&query).send().await.expect_status(201).json;
        assert_eq!(warned(to(json!({"query_id": saved["query_id"]}), "service")).await, [left_out(2)]);
    }

    async fn questions_that_make_no_sense_are_refused(database: Database) {
        let app = start(database).await;
        let good = of_filter(&json!([1]), &residents_of(1));
        let unknown = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55";
        for (changes, pointer, code) in [
            (json!({"property_ids": []}), "/property_ids", "empty_list"),
            (json!({"property_ids": vec![1; 1001]}), "/property_ids", "too_many_values"),
            (json!({"property_ids": [1, 99]}), "/property_ids/1", "unknown_property"),
            (json!({"property_ids": ["1"]}), "/property_ids/0", "wrong_type"),
            (json!({"unit_kinds": []}), "/unit_kinds", "empty_list"),
            (json!({"mailing_id": unknown}), "", "exactly_one_audience"),
            (json!({"channel": "sms"}), "/channel", "channel_not_enabled"),
            (json!({"purpose": "fun"}), "/purpose", "unknown_value"),
            (json!({"filter": {"query_id": unknown}}), "/filter/query_id", "unknown_query"),
            (json!({"limit": 0}), "/limit", "out_of_range"),
            (json!({"cursor": "x"}), "/cursor", "invalid_cursor"),
            (json!({"units": 1}), "/units", "unknown_field"),
        ] {
            let refused = ask(&app, &with(good.clone(), &changes)).await.expect_problem(422, "validation_failed");
            let error = &refused.json["errors"][0];
            assert_eq!((text(error, "pointer"), text(error, "code")), (pointer.to_owned(), code.to_owned()), "{changes}");
        }
        for (body, pointer, code) in [
            (json!({"property_ids": [1]}), "", "exactly_one_audience"),
            (json!({"property_ids": [1], "filter": residents_of(1), "purpose": "service"}), "/channel", "required"),
            (json!({"property_ids": [1], "mailing_id": unknown}), "/mailing_id", "unknown_mailing"),
            (json!({"property_ids": [1], "mailing_id": unknown, "channel": "email"}), "/mailing_id", "value_not_allowed"),
        ] {
            let refused = ask(&app, &body).await.expect_problem(422, "validation_failed");
            let error = &refused.json["errors"][0];
            assert_eq!((text(error, "pointer"), text(error, "code")), (pointer.to_owned(), code.to_owned()), "{body}");
        }
    }
}
