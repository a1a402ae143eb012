//! What is late and what is due soon, with what a clerk needs to know of it.

use chrono::TimeDelta;
use chrono_tz::Europe::Helsinki;
use integration_tests::internetviestit::now;
use integration_tests::mailings::{all_pages, list, member, text};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::{app, get, loan, loan_row, sample};

async fn keys(app: &TestApp, query: &str) -> Vec<String> {
    all_pages(app, &format!("/api/v1/key-loans?{query}")).await.iter().map(|item| text(item, "key_code")).collect()
}

on_both_databases! {
    async fn the_list_of_late_loans_tells_who_how_late_and_whether_a_reminder_reaches_them(database: Database) {
        let app = app(database).await;
        let mut register = sample();
        register.key_loans = vec![
            loan_row("L1", 1, "late", TimeDelta::days(-3)),
            loan_row("L2", 2, "long late", TimeDelta::days(-30)),
            loan_row("L3", 1, "soon", TimeDelta::days(5)),
            loan_row("L4", 1, "later", TimeDelta::days(20)),
            loan_row("L5", 1, "back", TimeDelta::days(-9)).with("returned_at", super::from_now(TimeDelta::days(-8))),
        ];
        register.import(&app).await;
        let late = list(&get(&app, "/key-loans?state=overdue").await, "items");
        assert_eq!(late.iter().map(|item| text(item, "key_code")).collect::<Vec<_>>(), ["long late", "late"]);
        let [bo, aino] = late.as_slice() else { panic!("{late:?}") };
        assert_eq!((text(bo, "party_name"), text(bo, "property_name")), ("Bo Berg".to_owned(), "A 1".to_owned()));
        assert_eq!((member(aino, "overdue"), member(aino, "days_late")), (json!(true), json!(3)));
        let reach = |channel: &str, reason: Value| json!({"channel": channel, "reachable": reason.is_null(), "reason": reason});
        assert_eq!(member(aino, "reach"), json!([reach("email", Value::Null), reach("sms", Value::Null)]));
        assert_eq!(member(bo, "reach"), json!([reach("email", Value::Null), reach("sms", json!("no_mobile_number"))]));

        assert_eq!(keys(&app, "state=due_soon").await, ["soon"]);
        assert_eq!(keys(&app, "state=due_soon&within=P30D").await, ["soon", "later"]);
        assert_eq!(keys(&app, "state=due_soon&within=PT48H").await, [""; 0]);
        assert_eq!(keys(&app, "state=open&party_id=1").await, ["late", "soon", "later"]);
        assert_eq!(keys(&app, "state=returned").await, ["back"]);
        assert_eq!(keys(&app, "property_id=10").await, [""; 0]);
        let page = get(&app, "/key-loans?state=open&limit=3").await;
        let next = text(&page, "next_cursor");
        let rest = get(&app, &format!("/key-loans?state=open&limit=3&cursor={next}")).await;
        assert_eq!(text(&list(&rest, "items")[0], "key_code"), "later");
        app.get(&format!("/api/v1/key-loans?state=overdue&cursor={next}")).send().await.expect_problem(400, "invalid_cursor");
    }

    async fn what_is_due_today_is_due_today_in_the_deployments_time_zone(database: Database) {
        let app = app(database).await;
        let today = now().with_timezone(&Helsinki).date_naive();
        let at = |days: i64, time: &str| {
            let day = today + TimeDelta::days(days);
            let local = day.and_time(time.parse().unwrap()).and_local_timezone(Helsinki).earliest().unwrap();
            super::written(local.to_utc())
        };
        for (key, due_at) in [("tonight", at(0, "23:59:59")), ("midnight", at(1, "00:00:00")), ("yesterday", at(-1, "23:59:59"))] {
            let mut body = loan(1, key, TimeDelta::zero());
            body["due_at"] = json!(due_at);
            app.post("/api/v1/key-loans").json(&body).send().await.expect_status(201);
        }
        assert_eq!(keys(&app, "state=due_soon&within=P0D").await, ["tonight"]);
        assert_eq!(keys(&app, "state=due_soon&within=P1D").await, ["tonight", "midnight"]);
        let late = list(&get(&app, "/key-loans?state=overdue").await, "items");
        assert_eq!((late.len(), member(&late[0], "days_late")), (1, json!(1)));
    }

    async fn inspections_are_listed_alike(database: Database) {
        let app = app(database).await;
        for (id, party, days) in [("T1", 1, -1), ("T2", 2, 2)] {
            let body = json!({"party_id": party, "property_id": 11, "deadline": super::from_now(TimeDelta::days(days))});
            app.put(&format!("/api/v1/move-in-inspections/by-erp-id/{id}")).json(&body).send().await.expect_status(201);
        }
        let ids = async |query: &str| -> Vec<String> {
            let page = get(&app, &format!("/move-in-inspections?{query}")).await;
            list(&page, "items").iter().map(|item| text(item, "erp_inspection_id")).collect()
        };
        assert_eq!(ids("state=overdue").await, ["T1"]);
        assert_eq!(ids("state=due_soon").await, ["T2"]);
        assert_eq!(ids("state=open").await, ["T1", "T2"]);
        assert_eq!(ids("state=answered").await, [""; 0]);
    }

    async fn a_query_that_makes_no_sense_is_refused(database: Database) {
        let app = app(database).await;
        for query in [
            "state=late", "state=answered", "state=due_soon&within=7", "state=due_soon&within=P400D",
            "state=due_soon&within=P07D", "state=overdue&within=7", "within=P7", "limit=0", "limit=201", "party_id=x", "unknown=1",
        ] {
            app.get(&format!("/api/v1/key-loans?{query}")).send().await.expect_problem(400, "invalid_query");
        }
        app.get("/api/v1/move-in-inspections?state=returned").send().await.expect_problem(400, "invalid_query");
        for query in [
            "key-loans?within=P7D", "key-loans?state=overdue&within=P7D", "key-loans?state=open&within=PT1H",
            "key-loans?state=returned&within=P7D", "move-in-inspections?state=answered&within=P0D",
        ] {
            let refused = app.get(&format!("/api/v1/{query}")).send().await.expect_problem(400, "invalid_query");
            let error = &refused.json["errors"][0];
            assert_eq!((text(error, "pointer"), text(error, "code")), ("?within".to_owned(), "contradictory".to_owned()), "{query}");
        }
        for within in ["P0D", "P366D", "PT1H", "PT48H"] {
            get(&app, &format!("/key-loans?state=due_soon&within={within}")).await;
        }
        app.get("/api/v1/key-loans/7").send().await.expect_problem(404, "not_found");
    }
}
