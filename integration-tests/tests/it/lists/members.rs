//! Contact lists: who is on them, and who of them can be reached.

use integration_tests::mailings::{all_pages, list, member, number, text};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::{LISTS, QUERIES, a_list, a_query, made, resident, start};

async fn names(app: &TestApp, id: &str) -> Vec<String> {
    all_pages(app, &format!("{LISTS}/{id}/members?")).await.iter().map(|item| text(item, "name")).collect()
}

on_both_databases! {
    async fn members_are_added_and_removed_in_bulk(database: Database) {
        let app = start(database).await;
        let id = made(&app, LISTS, &json!({"name": "Talkoolaiset", "description": " Kevät "})).await;
        let path = format!("{LISTS}/{id}");
        let before = app.get(&path).send().await;
        assert_eq!((&before.json["member_count"], &before.json["description"]), (&json!(0), &json!("Kevät")));
        let add = |ids: Vec<i64>| app.post(&format!("{path}/members")).json(&json!({"party_ids": ids})).send();
        let many: Vec<i64> = (1..=10_000).collect();
        let added = add(many).await.expect_status(200).json;
        assert_eq!((number(&added, "added"), number(&added, "already"), number(&added, "unknown")), (6, 0, 9994));
        let unknown = list(&added, "unknown_party_ids");
        assert_eq!((unknown.len(), &unknown[0]), (100, &json!(7)));
        let again = add(vec![6, 2, 2, 6, 7]).await.expect_status(200).json;
        assert_eq!(again, json!({"added": 0, "already": 2, "unknown": 1, "unknown_party_ids": [7]}));
        let after = app.get(&path).send().await;
        assert_eq!((&after.json["member_count"], &after.json["version"]), (&json!(6), &json!(2)));
        assert_ne!(before.etag(), after.etag());

        let remove = |ids: Value| app.post(&format!("{path}/members/remove")).json(&json!({"party_ids": ids})).send();
        let removed = remove(json!([6, 6, 7, 1])).await.expect_status(200).json;
        assert_eq!(removed, json!({"removed": 2, "not_on_it": 1}));
        assert_eq!(app.get(&path).send().await.json["member_count"], json!(4));
        assert_eq!(names(&app, &id).await, ["Arkisto Arto", "Edesmennyt Edla", "Eklund Ella", "Piilo Pia"]);
        // A repetition with the same key adds nothing and answers the same.
        let call = || app.post(&format!("{path}/members")).idempotency_key("k-1").json(&json!({"party_ids": [1]})).send();
        let (first, second) = (call().await.expect_status(200), call().await.expect_status(200));
        assert_eq!((number(&first.json, "added"), first.json), (1, second.json));
    }

    async fn those_on_a_list_are_shown_with_why_they_cannot_be_reached(database: Database) {
        let app = start(database).await;
        let id = a_list(&app, &[1, 2, 3, 4, 5]).await;
        let reader = token("lists:read", &json!({}));
        let path = format!("{LISTS}/{id}/members");
        let items = app.get(&path).bearer(&reader).send().await.expect_status(200).json["items"].as_array().unwrap().clone();
        let shown: Vec<(Value, Value, Value)> = items
            .iter()
            .map(|item| (item["party_id"].clone(), item["protected"].clone(), item["channels"][0]["reason"].clone()))
            .collect();
        assert_eq!(shown, [
            (json!(1), json!(false), Value::Null),
            (json!(4), json!(false), json!("archived")),
            (json!(5), json!(false), json!("deceased")),
            (json!(2), json!(false), json!("no_email")),
            (Value::Null, json!(true), Value::Null),
        ]);
        assert_eq!((&items[4]["name"], &items[4]["kind"]), (&Value::Null, &Value::Null));
        let channels: Vec<String> = list(&items[0], "channels").iter().map(|channel| text(channel, "channel")).collect();
        assert_eq!(channels, ["email", "sms", "letter", "internetviesti"]);
        assert_eq!((&items[3]["service_language"], &items[3]["language_source"]), (&json!("sv"), &json!("party")));
        let marketing = app.get(&format!("{path}?purpose=marketing")).bearer(&reader).send().await.expect_status(200).json;
        assert_eq!(marketing["items"][0]["channels"][0]["reason"], "no_marketing_permission");
        app.get(&format!("{path}?purpose=fun")).send().await.expect_problem(400, "invalid_query");
        // With the scope Pia is shown.
        let seeing = app.get(&path).bearer(&token("lists:read parties:protected", &json!({}))).send().await.expect_status(200);
        assert_eq!((&seeing.json["items"][4]["party_id"], &seeing.json["items"][4]["name"]), (&json!(3), &json!("Piilo Pia")));
        // In pages it is the same.
        let (mut paged, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = app.get(&format!("{path}?{query}")).bearer(&reader).send().await.expect_status(200).json;
            paged.extend(list(&page, "items"));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("limit=2&cursor={cursor}");
        }
        assert_eq!(paged, items);
    }

    async fn a_list_tells_how_many_each_channel_reaches(database: Database) {
        let app = start(database).await;
        let id = a_list(&app, &[1, 2, 3, 4, 5, 6]).await;
        let reach = app.get(&format!("{LISTS}/{id}/reach?purpose=service")).send().await.expect_status(200).json;
        assert_eq!((number(&reach, "members"), number(&reach, "protected"), number(&reach, "unreachable")), (6, 1, 2));
        let channels = list(&reach, "channels");
        let email = &channels[0];
        assert_eq!((text(email, "channel"), number(email, "reachable"), &email["enabled"]), ("email".to_owned(), 3, &json!(true)));
        assert_eq!(email["excluded"], json!([
            {"reason": "archived", "count": 1}, {"reason": "deceased", "count": 1}, {"reason": "no_email", "count": 1},
        ]));
        assert_eq!(email["by_language"], json!([{"language": "fi", "count": 3}]));
        for channel in &channels {
            let left_out: i64 = list(channel, "excluded").iter().map(|reason| number(reason, "count")).sum();
            assert_eq!(number(channel, "reachable") + left_out, 6, "{channel}");
        }
        assert_eq!((text(&channels[1], "channel"), number(&channels[1], "reachable"), &channels[1]["enabled"]), ("sms".to_owned(), 0, &json!(false)));
        // Who moves to another e-mail, or has none any more, is reached accordingly.
        app.patch("/api/v1/parties/2").if_match("*").json(&json!({"email": "ella@example.fi"})).send().await.expect_status(200);
        let reach = app.get(&format!("{LISTS}/{id}/reach")).send().await.expect_status(200).json;
        assert_eq!((text(&reach, "purpose"), number(&reach["channels"][0], "reachable")), ("information".to_owned(), 4));
    }

    async fn a_list_of_a_query_has_whoever_matches(database: Database) {
        let app = start(database).await;
        let query = a_query(&app, &resident()).await;
        let id = made(&app, LISTS, &json!({"name": "Asukkaat", "query_id": query})).await;
        let path = format!("{LISTS}/{id}");
        let read = app.get(&path).send().await;
        assert_eq!((text(&read.json, "query_id"), member(&read.json, "member_count")), (query.clone(), Value::Null));
        assert_eq!(names(&app, &id).await, ["Aalto Aino", "Eklund Ella", "Piilo Pia"]);
        assert_eq!(number(&app.get(&format!("{path}/reach")).send().await.expect_status(200).json, "members"), 3);
        for call in ["members", "members/remove"] {
            let body = json!({"party_ids": [6]});
            app.post(&format!("{path}/{call}")).json(&body).send().await.expect_problem(409, "contact_list_of_query");
        }
        // The query changes, and with it the list.
        let change = json!({"filter": {"party_ids": [6]}});
        app.patch(&format!("{QUERIES}/{query}")).if_match("*").json(&change).send().await.expect_status(200);
        assert_eq!(names(&app, &id).await, ["Berg Bo"]);
        let other = a_query(&app, &json!({"text": "aino"})).await;
        let changed = app.patch(&path).if_match(&read.etag()).json(&json!({"query_id": other})).send().await.expect_status(200);
        assert_eq!(text(&changed.json, "query_id"), other);
        assert_eq!(names(&app, &id).await, ["Aalto Aino"]);
        app.delete(&format!("{QUERIES}/{query}")).if_match("*").send().await.expect_status(204);
    }
}
