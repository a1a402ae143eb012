//! Saved queries: kept, changed, run, and read as they were.

use integration_tests::mailings::{all_pages, member, number, text};
use integration_tests::{Database, on_both_databases, token};
use serde_json::{Value, json};

use super::{QUERIES, a_query, made, resident, start};

on_both_databases! {
    async fn a_query_is_kept_as_it_was_written_and_every_version_of_it(database: Database) {
        let app = start(database).await;
        let filter = json!({"all": [resident(), {"not": {"party": {"field": "city", "op": "eq", "value": " TURKU "}}}]});
        let id = made(&app, QUERIES, &json!({"name": " Asukkaat ", "filter": filter})).await;
        let path = format!("{QUERIES}/{id}");
        let first = app.get(&path).send().await.expect_status(200);
        for (name, value) in [
            ("version", json!(1)),
            ("name", json!("Asukkaat")),
            ("filter", filter.clone()),
            ("created_by", json!("test")),
            ("last_run", Value::Null),
        ] {
            assert_eq!(member(&first.json, name), value, "{name}");
        }
        let change = json!({"filter": {"text": "aino"}});
        let second = app.patch(&path).if_match(&first.etag()).json(&change).send().await.expect_status(200);
        assert_eq!((number(&second.json, "version"), text(&second.json, "name")), (2, "Asukkaat".to_owned()));
        assert_eq!(second.json["filter"], json!({"text": "aino"}), "replaced, not merged");
        app.patch(&path).if_match(&first.etag()).json(&change).send().await.expect_problem(412, "stale_version");
        app.patch(&path).json(&change).send().await.expect_problem(428, "if_match_required");
        let renamed = json!({"name": "Ainot"});
        app.patch(&path).if_match(&second.etag()).json(&renamed).send().await.expect_status(200);

        let versions = all_pages(&app, &format!("{path}/versions?")).await;
        let told: Vec<_> = versions.iter().map(|one| (number(one, "version"), text(one, "name"))).collect();
        assert_eq!(told, [(3, "Ainot".to_owned()), (2, "Asukkaat".to_owned()), (1, "Asukkaat".to_owned())]);
        let old = app.get(&format!("{path}/versions/1")).send().await.expect_status(200).json;
        assert_eq!((&old, &old["filter"]), (&versions[2], &filter));
        for unknown in ["0", "4", "-1"] {
            app.get(&format!("{path}/versions/{unknown}")).send().await.expect_problem(404, "not_found");
        }
        let page = app.get(&format!("{path}/versions?limit=2")).send().await.expect_status(200).json;
        let next = text(&page, "next_cursor");
        let rest = app.get(&format!("{path}/versions?limit=2&cursor={next}")).send().await.expect_status(200).json;
        assert_eq!((&rest["items"][0]["version"], &rest["next_cursor"]), (&json!(1), &Value::Null));

        let etag = app.get(&path).send().await.etag();
        app.delete(&path).if_match(&etag).send().await.expect_status(204);
        for gone in [path.clone(), format!("{path}/versions"), format!("{path}/versions/1")] {
            app.get(&gone).send().await.expect_problem(404, "not_found");
        }
    }

    async fn a_run_counts_and_keeps_the_counts_of_those_who_see_as_much(database: Database) {
        let app = start(database).await;
        let id = a_query(&app, &json!({"any": [resident(), {"party_ids": [5]}]})).await;
        let path = format!("{QUERIES}/{id}");
        let run = json!({"channel": "email", "purpose": "service"});
        let search = token("recipients:search", &json!({}));
        let ran = app.post(&format!("{path}/run")).bearer(&search).json(&run).send().await.expect_status(200);
        let last = &ran.json["last_run"];
        assert_eq!((&last["version"], &last["channel"], &last["purpose"]), (&json!(1), &json!("email"), &json!("service")));
        let counts = &last["counts"];
        assert_eq!((number(counts, "matched"), number(counts, "eligible"), number(counts, "protected")), (4, 2, 1));
        let excluded = json!([{"reason": "deceased", "count": 1}, {"reason": "no_email", "count": 1}]);
        assert_eq!(counts["excluded"], excluded);
        // Another sees them too, and one who may see protected parties has counts of their own.
        let read = |scope: &str| app.get(&path).bearer(&token(scope, &json!({}))).send();
        let same = read("lists:read").await.expect_status(200);
        assert_eq!((same.etag(), &same.json), (ran.etag(), &ran.json));
        assert_eq!(read("lists:read parties:protected").await.expect_status(200).json["last_run"], Value::Null);
        let item = app.get(QUERIES).bearer(&token("lists:read", &json!({}))).send().await.expect_status(200).json["items"][0].clone();
        assert_eq!(item, ran.json);
        // It is run again, and the counts are the new ones.
        let run = json!({"channel": "internetviesti", "purpose": "marketing"});
        let again = app.post(&format!("{path}/run")).bearer(&search).json(&run).send().await.expect_status(200);
        assert_eq!(number(&again.json["last_run"]["counts"], "eligible"), 3);
        for (body, pointer, code) in [
            (json!({"channel": "sms", "purpose": "service"}), "/channel", "channel_not_enabled"),
            (json!({"channel": "pigeon", "purpose": "service"}), "/channel", "unknown_value"),
            (json!({"channel": "email", "purpose": "fun"}), "/purpose", "unknown_value"),
            (json!({"channel": "email"}), "/purpose", "missing_field"),
        ] {
            let refused = app.post(&format!("{path}/run")).json(&body).send().await.expect_problem(422, "validation_failed");
            assert_eq!((&refused.json["errors"][0]["pointer"], &refused.json["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        let nobody = format!("{QUERIES}/0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a55/run");
        app.post(&nobody).json(&run).send().await.expect_problem(404, "not_found");
    }

    async fn queries_are_listed_in_finnish_order_and_in_pages(database: Database) {
        let app = start(database).await;
        for name in ["Öylätti", "aamu", "Zeta", "Äiti", "Åbo", "Aamu"] {
            made(&app, QUERIES, &json!({"name": name, "filter": resident()})).await;
        }
        let names = |items: Vec<Value>| items.iter().map(|item| text(item, "name").to_lowercase()).collect::<Vec<_>>();
        let all = names(all_pages(&app, &format!("{QUERIES}?")).await);
        assert_eq!(all, ["aamu", "aamu", "zeta", "åbo", "äiti", "öylätti"]);
        let (mut paged, mut query) = (Vec::new(), "limit=1".to_owned());
        loop {
            let page = app.get(&format!("{QUERIES}?{query}")).send().await.expect_status(200).json;
            paged.extend(names(page["items"].as_array().unwrap().clone()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("limit=1&cursor={cursor}");
        }
        assert_eq!(paged, all);
        app.get(&format!("{QUERIES}?cursor=x")).send().await.expect_problem(400, "invalid_cursor");
        app.get(&format!("{QUERIES}?limit=0")).send().await.expect_problem(400, "invalid_query");
        // Saving twice with one key saves once.
        let call = || app.post(QUERIES).idempotency_key("k-1").json(&json!({"name": "Kerran", "filter": resident()})).send();
        let (first, second) = (call().await.expect_status(201), call().await.expect_status(201));
        assert_eq!((second.header("idempotent-replayed"), &first.json), (Some("true"), &second.json));
        assert_eq!(all_pages(&app, &format!("{QUERIES}?")).await.len(), 7);
    }
}
