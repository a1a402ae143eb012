//! Bulletins: of a property, of what is below it, for some roles; and what of them a resident may see.

use integration_tests::internetviestit::{PATH, add, headers, ids, reader, resident, start};
use integration_tests::mailings::{all_pages, list, member, number, text};
use integration_tests::{Database, on_both_databases, token};
use serde_json::{Value, json};

on_both_databases! {
    async fn a_property_has_its_own_bulletins_and_those_from_above(database: Database) {
        let app = start(database).await;
        let company = add(&app, &json!({"kohde_idt": [1]})).await;
        let company_alone = add(&app, &json!({"kohde_idt": [1], "ulottuu_alas": false})).await;
        let stairway = add(&app, &json!({"kohde_idt": [2]})).await;
        let home = add(&app, &json!({"kohde_idt": [3]})).await;
        let home_alone = add(&app, &json!({"kohde_idt": [3], "ulottuu_alas": false})).await;
        let board = add(&app, &json!({"kohde_idt": [1], "roolit": ["board_member"]})).await;
        let two = add(&app, &json!({"kohde_idt": [1, 3, 11]})).await;
        let other = add(&app, &json!({"kohde_idt": [10]})).await;
        add(&app, &json!({"osapuoli_idt": [21]})).await;
        // What the portal's own service is shown, newest first.
        for (query, expected) in [
            ("kohde_id=1", vec![two, board, company_alone, company]),
            ("kohde_id=1&perityt=false", vec![two, board, company_alone, company]),
            ("kohde_id=2", vec![two, board, stairway, company]),
            ("kohde_id=2&perityt=false", vec![stairway]),
            ("kohde_id=3", vec![two, board, home_alone, home, stairway, company]),
            ("kohde_id=3&perityt=false", vec![two, home_alone, home]),
            ("kohde_id=4", vec![two, board, stairway, company]),
            ("kohde_id=4&perityt=false", vec![]),
            ("kohde_id=11", vec![other, two]),
            ("kohde_id=10", vec![other]),
        ] {
            assert_eq!(ids(&app, query, &reader()).await, expected, "{query}");
        }
        // A resident: only what is meant for one of its roles.
        for (query, party_id, expected) in [
            ("kohde_id=3", 21, vec![two, home_alone, home, stairway, company]),
            ("kohde_id=1", 21, vec![two, company]),
            ("kohde_id=2", 21, vec![two, stairway, company]),
            ("kohde_id=4", 22, vec![two, stairway, company]),
            ("kohde_id=1", 24, vec![two, board, company_alone, company]),
            ("kohde_id=11", 25, vec![other, two]),
            ("osapuoli_id=21", 21, vec![number(&headers(&app, "osapuoli_id=21", &reader()).await[0], "internetviesti_id")]),
            ("osapuoli_id=22", 22, vec![]),
            ("osapuoli_id=22&tiedotteet=true", 22, vec![two, stairway, company]),
            ("osapuoli_id=24&tiedotteet=true", 24, vec![two, board, company_alone, company]),
            ("osapuoli_id=25&tiedotteet=true", 25, vec![other, two]),
        ] {
            assert_eq!(ids(&app, query, &resident(party_id)).await, expected, "{query} of {party_id}");
            if query.starts_with("osapuoli_id") {
                assert_eq!(ids(&app, query, &reader()).await, expected, "{query}");
            }
            // And each by itself, whether it is read for the party, for the property or for whom the token is.
            for id in [company, company_alone, stairway, home, home_alone, board, two, other] {
                let path = format!("{PATH}/{id}?{query}").replace("&tiedotteet=true", "");
                let status = app.get(&path).bearer(&resident(party_id)).send().await.status;
                let is_listed = expected.contains(&id);
                assert!((status == 200) == is_listed || query.starts_with("osapuoli_id=21"), "{path} of {party_id}: {status}");
            }
        }
        for (party_id, query) in [(21, "kohde_id=4"), (21, "kohde_id=10"), (24, "kohde_id=3"), (25, "kohde_id=1"), (26, "kohde_id=11")] {
            let path = format!("{PATH}/otsikot?{query}");
            app.get(&path).bearer(&resident(party_id)).send().await.expect_problem(404, "not_found");
            app.get(&format!("{PATH}/{company}?{query}")).bearer(&resident(party_id)).send().await.expect_problem(404, "not_found");
        }
    }

    async fn a_bulletin_tells_from_where_it_comes(database: Database) {
        let app = start(database).await;
        let company = add(&app, &json!({"kohde_idt": [1], "osapuoli_idt": [22]})).await;
        let home = add(&app, &json!({"kohde_idt": [3, 1]})).await;
        let place = |header: &Value| (member(header, "osapuoli_id"), member(header, "kohde_id"), member(header, "peritty"));
        let by_property = |id: i64, inherited: bool| (Value::Null, json!(id), json!(inherited));
        for (id, query, token, expected) in [
            (company, "kohde_id=3", reader(), by_property(1, true)),
            (company, "kohde_id=1", reader(), by_property(1, false)),
            (company, "osapuoli_id=21&tiedotteet=true", resident(21), by_property(1, true)),
            // Addressed to it, and its property's bulletin: it is its message.
            (company, "osapuoli_id=22&tiedotteet=true", resident(22), (json!(22), Value::Null, json!(false))),
            (company, "osapuoli_id=24&tiedotteet=true", resident(24), by_property(1, false)),
            (home, "kohde_id=3", reader(), by_property(3, false)),
            (home, "kohde_id=4", reader(), by_property(1, true)),
            (home, "osapuoli_id=21&tiedotteet=true", resident(21), by_property(3, false)),
        ] {
            let listed = headers(&app, query, &token).await;
            let header = listed.iter().find(|header| number(header, "internetviesti_id") == id).unwrap();
            assert_eq!(place(header), expected, "{id} {query}");
            let path = format!("{PATH}/{id}?{query}").replace("&tiedotteet=true", "");
            let one = app.get(&path).bearer(&token).send().await.expect_status(200).json;
            assert_eq!(place(&one), expected, "{path}");
        }
        // Without saying for whom: the party of the token, and nobody of another's.
        let mine = app.get(&format!("{PATH}/{company}")).bearer(&resident(21)).send().await.expect_status(200).json;
        assert_eq!(place(&mine), by_property(1, true));
        app.get(&format!("{PATH}/{company}")).bearer(&resident(25)).send().await.expect_problem(404, "not_found");
        let both = token("internetviestit:read", &json!({"party_ids": [21, 22]}));
        let ours = app.get(&format!("{PATH}/{company}")).bearer(&both).send().await.expect_status(200).json;
        assert_eq!(place(&ours), (json!(22), Value::Null, json!(false)));
    }

    async fn a_list_is_read_page_by_page_and_its_cursor_is_of_that_list(database: Database) {
        let app = start(database).await;
        let mut expected = Vec::new();
        for number in 0..7 {
            let target = if number % 2 == 0 { json!({"kohde_idt": [1]}) } else { json!({"osapuoli_idt": [21]}) };
            expected.insert(0, add(&app, &target).await);
        }
        let path = format!("{PATH}/otsikot?osapuoli_id=21&tiedotteet=true");
        let whole: Vec<i64> = all_pages(&app, &path).await.iter().map(|header| number(header, "internetviesti_id")).collect();
        assert_eq!(whole, expected);
        for limit in 1..=8 {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app.get(&format!("{path}&limit={limit}{cursor}")).bearer(&resident(21)).send().await.expect_status(200).json;
                found.extend(list(&page, "items").iter().map(|header| number(header, "internetviesti_id")));
                match member(&page, "next_cursor") {
                    Value::String(next) => cursor = format!("&cursor={next}"),
                    _ => break,
                }
            }
            assert_eq!(found, expected, "by {limit}");
        }
        let page = app.get(&format!("{path}&limit=1")).send().await.json;
        let cursor = text(&page, "next_cursor");
        for other in ["osapuoli_id=22&tiedotteet=true", "osapuoli_id=21", "kohde_id=1", "osapuoli_id=21&tiedotteet=true&muuttunut_jalkeen=2020-01-01T00:00:00Z"] {
            app.get(&format!("{PATH}/otsikot?{other}&cursor={cursor}")).send().await.expect_problem(400, "invalid_cursor");
        }
        app.get(&format!("{PATH}?cursor={cursor}")).send().await.expect_problem(400, "invalid_cursor");
        // A language is no condition.
        app.get(&format!("{path}&kieli=sv&cursor={cursor}")).send().await.expect_status(200);
    }
}
