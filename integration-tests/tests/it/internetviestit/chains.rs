//! Messages that correct or follow up an earlier one: the chain, and whose it is.

use integration_tests::internetviestit::{PATH, add, added, headers, ids, message, reader, resident, start};
use integration_tests::mailings::{contacts, list, member, number};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::refused;

async fn chain(app: &TestApp, id: i64, token: &str) -> Vec<i64> {
    let reply = app.get(&format!("{PATH}/{id}/ketju")).bearer(token).send().await.expect_status(200);
    list(&reply.json, "viestit").iter().map(|header| number(header, "internetviesti_id")).collect()
}

on_both_databases! {
    async fn those_who_had_the_first_are_the_audience_of_the_next(database: Database) {
        let app = start(database).await;
        let first = add(&app, &json!({"osapuoli_idt": [22], "kohde_idt": [1], "roolit": ["board_member"], "ulottuu_alas": false})).await;
        assert_eq!(chain(&app, first, &reader()).await, [first]);
        let kept = added(&app, &message(&json!({"korjaa_id": first, "osapuoli_idt": [21]}))).await;
        let second = number(&kept, "internetviesti_id");
        for (name, value) in [
            ("osapuoli_idt", json!([21, 22])), ("kohde_idt", json!([1])), ("roolit", json!(["board_member"])),
            ("ulottuu_alas", json!(false)), ("korjaa_id", json!(first)),
        ] {
            assert_eq!(kept.pointer(&format!("/sisalto/{name}")), Some(&value), "{name}");
        }
        let third = add(&app, &json!({"korjaa_id": second})).await;
        let aside = add(&app, &json!({"korjaa_id": first})).await;
        for party_id in [22, 24] {
            assert_eq!(chain(&app, third, &resident(party_id)).await, [first, second, third, aside]);
            assert_eq!(chain(&app, first, &resident(party_id)).await, [first, second, third, aside]);
        }
        // Matti had the second, and so the third; never the first.
        assert_eq!(chain(&app, third, &resident(21)).await, [second, third]);
        app.get(&format!("{PATH}/{first}/ketju")).bearer(&resident(21)).send().await.expect_problem(404, "not_found");
        app.get(&format!("{PATH}/{second}/ketju")).bearer(&resident(25)).send().await.expect_problem(404, "not_found");
        assert_eq!((contacts(&app, 21).await.len(), contacts(&app, 22).await.len(), contacts(&app, 24).await.len()), (2, 4, 0));

        let corrected: Vec<(i64, Value, Value)> = headers(&app, "osapuoli_id=22", &resident(22)).await.iter()
            .map(|header| (number(header, "internetviesti_id"), member(header, "korjaa_id"), member(header, "korjattu_id"))).collect();
        assert_eq!(corrected, [
            (aside, json!(first), Value::Null), (third, json!(second), Value::Null),
            (second, json!(first), json!(third)), (first, Value::Null, json!(aside)),
        ]);
        let seen = app.get(&format!("{PATH}/{first}/ketju")).bearer(&resident(22)).send().await.expect_status(200);
        let again = || app.get(&format!("{PATH}/{first}/ketju")).bearer(&resident(22)).header("if-none-match", &seen.etag()).send();
        again().await.expect_status(304);

        app.delete(&format!("{PATH}/{third}")).if_match("\"1\"").send().await.expect_status(204);
        again().await.expect_status(200);
        assert_eq!(chain(&app, first, &resident(22)).await, [first, second, aside]);
        let header = headers(&app, "osapuoli_id=22", &resident(22)).await.remove(1);
        assert_eq!((number(&header, "internetviesti_id"), member(&header, "korjattu_id")), (second, Value::Null));
    }

    async fn a_withdrawn_message_can_be_followed_up_and_what_is_not_shown_is_in_no_chain(database: Database) {
        let app = start(database).await;
        let first = add(&app, &json!({"osapuoli_idt": [21]})).await;
        app.delete(&format!("{PATH}/{first}")).if_match("*").send().await.expect_status(204);
        let second = add(&app, &json!({"korjaa_id": first})).await;
        let draft = add(&app, &json!({"korjaa_id": second, "tila": "luonnos"})).await;
        let later = add(&app, &json!({"korjaa_id": second, "voimassa_alkaen": "2100-01-01T00:00:00Z"})).await;
        assert_eq!(ids(&app, "osapuoli_id=21", &resident(21)).await, [second]);
        for token in [resident(21), reader()] {
            assert_eq!(chain(&app, second, &token).await, [second]);
        }
        let header = &headers(&app, "osapuoli_id=21", &resident(21)).await[0];
        assert_eq!((member(header, "korjaa_id"), member(header, "korjattu_id")), (json!(first), Value::Null));
        for id in [first, draft, later] {
            app.get(&format!("{PATH}/{id}/ketju")).bearer(&resident(21)).send().await.expect_problem(404, "not_found");
        }
    }

    async fn a_next_bulletin_has_the_roles_and_the_reach_of_the_first(database: Database) {
        let app = start(database).await;
        let everyone = add(&app, &json!({"kohde_idt": [1]})).await;
        let board = add(&app, &json!({"kohde_idt": [1], "roolit": ["board_member", "owner"]})).await;
        for (members, pointer, code) in [
            (json!({"korjaa_id": everyone, "kohde_idt": [10], "roolit": ["board_member"]}), "/roolit", "differs_from_corrected"),
            (json!({"korjaa_id": board, "kohde_idt": [3]}), "/roolit", "differs_from_corrected"),
            (json!({"korjaa_id": everyone, "kohde_idt": [10], "ulottuu_alas": false}), "/ulottuu_alas", "differs_from_corrected"),
            (json!({"korjaa_id": everyone, "roolit": ["board_member"]}), "/roolit", "without_property"),
        ] {
            refused(app.post(PATH).json(&message(&members)), pointer, code).await;
        }
        let next = add(&app, &json!({"korjaa_id": board, "kohde_idt": [10, 1], "roolit": ["owner", "board_member"]})).await;
        app.get(&format!("{PATH}/{next}")).bearer(&resident(24)).send().await.expect_status(200);
        app.get(&format!("{PATH}/{next}")).bearer(&resident(21)).send().await.expect_problem(404, "not_found");
        // What corrects a message of parties may be a bulletin of its own.
        let to_matti = add(&app, &json!({"osapuoli_idt": [21]})).await;
        let widened = add(&app, &json!({"korjaa_id": to_matti, "kohde_idt": [10], "roolit": ["resident"], "ulottuu_alas": true})).await;
        for party_id in [21, 25] {
            app.get(&format!("{PATH}/{widened}")).bearer(&resident(party_id)).send().await.expect_status(200);
        }
    }
}
