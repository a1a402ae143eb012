//! Filters that name lists and queries: in searches, in other queries and in mailings; and what may then not be deleted.

use std::time::Duration;

use integration_tests::mailings::{
    approval, content, create, deliveries, draft, finished, list, number, preview, send, text,
};
use integration_tests::{Database, TestApp, on_both_databases, token};
use serde_json::{Value, json};

use super::{LISTS, QUERIES, a_list, a_query, found, made, resident, search, start};

const UNKNOWN: &str = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55";

/// The pointer and the code of the first error.
fn first_error(problem: &Value) -> (String, String) {
    (text(&problem["errors"][0], "pointer"), text(&problem["errors"][0], "code"))
}

async fn put_filter(app: &TestApp, query: &str, filter: &Value) -> integration_tests::Reply {
    app.patch(&format!("{QUERIES}/{query}")).if_match("*").json(&json!({"filter": filter})).send().await
}

on_both_databases! {
    async fn a_search_may_name_lists_and_queries(database: Database) {
        let app = start(database).await;
        let members = a_list(&app, &[1, 4, 5, 6]).await;
        let residents = a_query(&app, &resident()).await;
        let both = a_query(&app, &json!({"all": [{"query_id": residents}, {"list_id": members}]})).await;
        assert_eq!(found(&app, &json!({"list_id": members})).await, [1, 4, 5, 6], "archived and deceased are reasons");
        assert_eq!(found(&app, &json!({"query_id": residents})).await, [1, 2, 3]);
        assert_eq!(found(&app, &json!({"query_id": both})).await, [1, 4, 5]);
        assert_eq!(found(&app, &json!({"all": [{"query_id": residents}, {"not": {"list_id": members}}]})).await, [2, 3]);
        let counts = search(&app, &json!({"list_id": members})).await["counts"].clone();
        assert_eq!((number(&counts, "matched"), number(&counts, "eligible")), (4, 2));
        // What is named is one condition of the explanation.
        let filter = json!({"all": [{"query_id": both}, {"text": "aino"}]});
        let body = json!({"channel": "email", "purpose": "service", "filter": filter, "explain": true});
        let explained = app.post("/api/v1/recipients/search").json(&body).send().await.expect_status(200).json;
        let told: Vec<_> = list(&explained, "explain").iter().map(|node| (text(node, "pointer"), number(node, "alone"))).collect();
        let expected = [("/filter", 1), ("/filter/all/0", 3), ("/filter/all/1", 1)].map(|(pointer, alone)| (pointer.to_owned(), alone));
        assert_eq!(told, expected);
    }

    async fn what_is_not_there_or_goes_round_is_refused_where_it_is_named(database: Database) {
        let app = start(database).await;
        let search = |filter: Value| {
            let body = json!({"channel": "email", "purpose": "service", "filter": filter});
            app.post("/api/v1/recipients/search").json(&body).send()
        };
        for (filter, pointer, code) in [
            (json!({"query_id": UNKNOWN}), "/filter/query_id", "unknown_query"),
            (json!({"any": [{"list_id": UNKNOWN}]}), "/filter/any/0/list_id", "unknown_list"),
            (json!({"query_id": "x"}), "/filter/query_id", "invalid_value"),
            (json!({"query_id": UNKNOWN, "list_id": UNKNOWN}), "/filter", "exactly_one_key"),
        ] {
            let refused = search(filter).await.expect_problem(422, "validation_failed");
            assert_eq!(first_error(&refused.json), (pointer.to_owned(), code.to_owned()));
        }
        let first = a_query(&app, &resident()).await;
        let list_of_first = made(&app, LISTS, &json!({"name": "x", "query_id": first})).await;
        let second = a_query(&app, &json!({"not": {"list_id": list_of_first}})).await;
        let cycle = json!({"any": [{"text": "a"}, {"query_id": second}]});
        let refused = put_filter(&app, &first, &cycle).await.expect_problem(422, "validation_failed");
        assert_eq!(first_error(&refused.json), ("/filter/any/1/query_id".to_owned(), "reference_cycle".to_owned()));
        let itself = put_filter(&app, &first, &json!({"query_id": first})).await.expect_problem(422, "validation_failed");
        assert_eq!(first_error(&itself.json), ("/filter/query_id".to_owned(), "reference_cycle".to_owned()));
        // So is a list whose query names the list.
        let other = made(&app, LISTS, &json!({"name": "y", "query_id": first})).await;
        let naming = a_query(&app, &json!({"list_id": other})).await;
        let change = app.patch(&format!("{LISTS}/{other}")).if_match("*").json(&json!({"query_id": naming})).send().await;
        let refused = change.expect_problem(422, "validation_failed");
        assert_eq!(first_error(&refused.json), ("/query_id".to_owned(), "reference_cycle".to_owned()));
        assert_eq!(found(&app, &json!({"query_id": naming})).await, [1, 2, 3], "nothing was changed");
    }

    async fn a_filter_is_bounded_with_all_that_it_names(database: Database) {
        let app = start(database).await;
        let mut query = a_query(&app, &resident()).await;
        for _ in 0..6 {
            query = a_query(&app, &json!({"any": [{"query_id": query}, {"query_id": query}]})).await;
        }
        assert_eq!(found(&app, &json!({"query_id": query})).await, [1, 2, 3]);
        let body = json!({"name": "x", "filter": {"any": [{"query_id": query}, {"query_id": query}]}});
        let refused = app.post(QUERIES).json(&body).send().await.expect_problem(422, "validation_failed");
        assert_eq!(first_error(&refused.json).1, "filter_too_large");
    }

    async fn what_is_named_cannot_be_deleted_and_who_names_it_is_told(database: Database) {
        let app = start(database).await;
        let members = a_list(&app, &[1]).await;
        let query = a_query(&app, &json!({"list_id": members})).await;
        let of_query = made(&app, LISTS, &json!({"name": "Kyselyn lista", "query_id": query})).await;
        let recipients = json!({"filter": {"any": [{"query_id": query}, {"list_id": members}]}});
        let mailing = create(&app, &draft(&recipients, &[content("fi", "Vesikatko", "Vesi on poikki.")])).await;
        let delete = async |path: String| app.delete(&path).if_match("*").send().await;
        let told = |reply: &Value| list(reply, "errors").iter().map(|error| text(error, "code")).collect::<Vec<_>>();

        let refused = delete(format!("{LISTS}/{members}")).await.expect_problem(409, "contact_list_in_use");
        assert_eq!(told(&refused.json), ["used_by_mailing", "used_by_recipient_query"]);
        let message = text(&refused.json["errors"][0], "message");
        assert!(message.contains(&mailing) && message.contains("Vesikatko"), "{message}");
        // Of what one may not read, no more than what it is.
        let token = token("lists:write lists:read", &json!({}));
        let refused = app.delete(&format!("{LISTS}/{members}")).bearer(&token).if_match("*").send().await;
        let refused = refused.expect_problem(409, "contact_list_in_use");
        assert_eq!(told(&refused.json), ["used_by_mailing", "used_by_recipient_query"]);
        let message = text(&refused.json["errors"][0], "message");
        assert!(!message.contains(&mailing) && !message.contains("Vesikatko"), "{message}");
        assert!(message.contains("mailings:read"), "{message}");
        assert!(text(&refused.json["errors"][1], "message").contains(&query), "lists:read reads saved queries");
        let refused = delete(format!("{QUERIES}/{query}")).await.expect_problem(409, "recipient_query_in_use");
        assert_eq!(told(&refused.json), ["used_by_contact_list", "used_by_mailing"]);

        // Whoever no longer names it no longer holds it.
        let change = json!({"recipients": {"filter": {"party_ids": [1]}}});
        app.patch(&format!("/api/v1/mailings/{mailing}")).if_match("*").json(&change).send().await.expect_status(200);
        delete(format!("{LISTS}/{of_query}")).await.expect_status(204);
        delete(format!("{QUERIES}/{query}")).await.expect_status(204);
        delete(format!("{LISTS}/{members}")).await.expect_status(204);
        delete(format!("{LISTS}/{members}")).await.expect_problem(404, "not_found");
    }

    async fn a_mailing_to_a_list_goes_to_those_on_it_when_it_is_sent(database: Database) {
        let app = start(database).await;
        let members = a_list(&app, &[1, 2, 5]).await;
        let query = a_query(&app, &json!({"list_id": members})).await;
        let mailing = draft(&json!({"filter": {"query_id": query}}), &[content("fi", "Vesikatko", "Vesi on poikki.")]);
        let id = create(&app, &integration_tests::mailings::with(mailing, &json!({"missing_language": "fallback", "fallback_language": "fi"}))).await;
        let shown = preview(&app, &id, 0).await;
        assert_eq!((number(&shown["counts"], "matched"), number(&shown["counts"], "eligible")), (3, 1));
        // Someone is put on the list after the preview: the send tells.
        let add = json!({"party_ids": [6]});
        app.post(&format!("{LISTS}/{members}/members")).json(&add).send().await.expect_status(200);
        send(&app, &id, &approval(&shown), "k-1").await.expect_problem(409, "recipients_changed");
        let shown = preview(&app, &id, 0).await;
        send(&app, &id, &approval(&shown), "k-2").await.expect_status(202);
        finished(&app, &id, Duration::from_secs(30)).await;
        let rows = async || {
            let rows = deliveries(&app, &id, None).await;
            rows.iter().map(|row| (number(row, "party_id"), text(row, "status"))).collect::<Vec<_>>()
        };
        let frozen = rows().await;
        let expected = [(1, "sent"), (6, "sent"), (5, "skipped"), (2, "skipped")];
        assert_eq!(frozen, expected.map(|(id, status)| (id, status.to_owned())));
        // What was sent is not changed by what happens to the list and the query, and does not hold them.
        app.post(&format!("{LISTS}/{members}/members/remove")).json(&json!({"party_ids": [1, 6]})).send().await.expect_status(200);
        put_filter(&app, &query, &json!({"text": "nobody"})).await.expect_status(200);
        app.delete(&format!("{QUERIES}/{query}")).if_match("*").send().await.expect_status(204);
        app.delete(&format!("{LISTS}/{members}")).if_match("*").send().await.expect_status(204);
        assert_eq!(rows().await, frozen);
        let kept = app.get(&format!("/api/v1/mailings/{id}")).send().await.expect_status(200).json;
        assert_eq!(text(&kept["recipients"]["filter"], "query_id"), query);
    }

    async fn a_draft_that_names_what_is_not_there_is_not_saved(database: Database) {
        let app = start(database).await;
        let contents = [content("fi", "Vesikatko", "Vesi on poikki.")];
        let body = draft(&json!({"filter": {"list_id": UNKNOWN}}), &contents);
        let refused = app.post("/api/v1/mailings").json(&body).send().await.expect_problem(422, "validation_failed");
        assert_eq!(first_error(&refused.json), ("/recipients/filter/list_id".to_owned(), "unknown_list".to_owned()));
        let id = create(&app, &draft(&json!({"party_ids": [1]}), &contents)).await;
        let change = json!({"recipients": {"filter": {"query_id": UNKNOWN}}});
        let refused = app.patch(&format!("/api/v1/mailings/{id}")).if_match("*").json(&change).send().await;
        let refused = refused.expect_problem(422, "validation_failed");
        assert_eq!(first_error(&refused.json), ("/recipients/filter/query_id".to_owned(), "unknown_query".to_owned()));
    }
}
