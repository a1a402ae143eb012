//! However often and however much at once a send is asked for, the mailing is sent once.

use std::time::{Duration, Instant};

use chrono::DateTime;
use domain::mailing::state::DeliveryState;
use integration_tests::mailings::{
    approval, content, count, create, draft, finished, frozen, mailing, preview, send, send_out, text,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Reply, TestApp, on_both_databases};
use persistence::deliveries::journal::{self, Finish};
use persistence::deliveries::recovery;
use persistence::testing::Session;
use persistence::{DatabaseUrl, Db, DbSettings, StoreError, Writer};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{SENDERS, app, app_with, residents, to_parties};

const LIMIT: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 16;
const PEOPLE: i64 = 300;

async fn app_with_many(database: Database) -> (TestApp, SmtpServer, String, Value) {
    let smtp = SmtpServer::start(SmtpOptions::plain());
    let register = Register::of((1..=PEOPLE).map(|id| person(id, &format!("Asukas {id}")).with("city", "Turku")));
    let app = app_with(database, &register, &smtp).await;
    let filter = json!({"party": {"field": "city", "op": "eq", "value": "turku"}});
    let contents = [content("fi", "Aihe", "Hei {{ recipient.name }}")];
    let id = create(&app, &draft(&json!({"filter": filter}), &contents)).await;
    let body = approval(&preview(&app, &id, 0).await);
    (app, smtp, id, body)
}

/// Sends so many requests at the same time, each with the key made of its number.
async fn at_once(app: &TestApp, id: &str, body: &Value, key: impl Fn(usize) -> String) -> Vec<Reply> {
    let mut calls = JoinSet::new();
    for number in 0..AT_ONCE {
        let call = app.post(&format!("/api/v1/mailings/{id}/send")).idempotency_key(&key(number)).json(body);
        calls.spawn(call.send());
    }
    calls.join_all().await
}

async fn expect_everyone_got_one(app: &TestApp, smtp: &SmtpServer, id: &str) {
    let done = finished(app, id, LIMIT).await;
    assert_eq!(frozen(&done), PEOPLE);
    let mut to: Vec<String> = smtp.messages().iter().flat_map(|message| message.to.clone()).collect();
    assert_eq!(i64::try_from(to.len()).unwrap(), PEOPLE);
    to.sort();
    to.dedup();
    assert_eq!(i64::try_from(to.len()).unwrap(), PEOPLE, "somebody got two");
}

/// As another server does that finds the leases run out, whether they have or not; answers how many were on their way.
fn take_over_from_all(writer: &mut Writer<'_>) -> Result<usize, StoreError> {
    let late = DateTime::from_timestamp(253_370_764_800, 0).unwrap();
    let cut_off = recovery::take_over(writer, Uuid::nil(), late)?;
    let held = cut_off.iter().map(|delivery| Finish {
        attempt: Some(delivery.attempt),
        delivery_id: delivery.delivery_id,
        at: delivery.attempt.started_at,
        outcome: "unknown",
        code: None,
        detail: String::new(),
        state: DeliveryState::Unknown,
        reason: None,
        due_at: None,
        attempts: 1,
        message: None,
        told: Vec::new(),
    });
    journal::settle(writer, &held.collect::<Vec<_>>())?;
    Ok(cut_off.len())
}

on_both_databases! {
    async fn the_same_send_again_gets_the_same_answer_and_sends_nothing(database: Database) {
        let (app, smtp) = app(database).await;
        let id = create(&app, &to_parties(&[1, 2])).await;
        let body = approval(&preview(&app, &id, 0).await);
        let first = send(&app, &id, &body, "the-key").await.expect_status(202);
        finished(&app, &id, LIMIT).await;
        let second = send(&app, &id, &body, "the-key").await.expect_status(202);
        assert_eq!(first.header("idempotent-replayed"), None);
        assert_eq!(second.header("idempotent-replayed"), Some("true"));
        assert_eq!(second.json, first.json, "as it was answered then");
        assert_eq!(text(&second.json, "status"), "sending");
        assert_eq!(frozen(&second.json), 2);
        let other = integration_tests::mailings::with(body, &json!({"accept_recipient_changes": true}));
        send(&app, &id, &other, "the-key").await.expect_problem(422, "idempotency_key_reused");
        assert_eq!(smtp.count(), 2);
    }

    async fn a_send_survives_the_restart_of_the_server_that_answered_it(database: Database) {
        let (mut app, smtp) = app(database).await;
        let id = create(&app, &to_parties(&[1, 2])).await;
        let body = approval(&preview(&app, &id, 0).await);
        let first = send(&app, &id, &body, "the-key").await.expect_status(202);
        app.kill9();
        app.restart().await;
        let second = send(&app, &id, &body, "the-key").await.expect_status(202);
        assert_eq!(second.header("idempotent-replayed"), Some("true"));
        assert_eq!(second.json, first.json);
        finished(&app, &id, Duration::from_secs(60)).await;
        let mut to: Vec<String> = smtp.messages().iter().flat_map(|message| message.to.clone()).collect();
        to.sort();
        to.dedup();
        assert_eq!(to, ["person1@example.fi", "person2@example.fi"]);
    }

    async fn a_server_without_workers_leaves_what_it_freezes_to_another_one(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let mut app = TestApp::prepare(database).smtp(&smtp, SENDERS).setting("POSTITUS_WORKERS", "0").started().await;
        assert!(app.log().contains("sent by another process"), "{}", app.log());
        residents().import(&app).await;
        let (id, _) = send_out(&app, &to_parties(&[1, 2, 3])).await;
        // Twice as long as a dispatcher rests.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!((smtp.count(), count(&mailing(&app, &id).await, "queued")), (0, 3));

        let mut other = TestApp::prepare(database).smtp(&smtp, SENDERS);
        other.set("POSTITUS_DATABASE_URL", app.database_url());
        other.restart().await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((smtp.count(), count(&done, "sent")), (3, 3));
        assert!(app.stop().await.success());
    }

    async fn a_stop_on_the_way_leaves_nothing_in_doubt_and_the_next_start_sends_the_rest(database: Database) {
        let (mut app, smtp, id, body) = app_with_many(database).await;
        // So slow that most wait for their turn on a connection when the server is to stop.
        smtp.set_final_delay(Duration::from_millis(100));
        send(&app, &id, &body, "the-key").await.expect_status(202);
        smtp.wait_for(20, LIMIT).await;
        assert!(app.stop().await.success());
        let sent = smtp.count();
        assert!(sent < usize::try_from(PEOPLE).unwrap(), "it stopped on the way");
        let mut session = Session::open(app.database_url());
        let states = session.texts("SELECT DISTINCT state AS text FROM delivery ORDER BY 1").unwrap();
        assert_eq!(states, ["queued", "sent"]);
        let done = session.texts("SELECT count(*) || '' AS text FROM delivery WHERE state = 'sent'").unwrap();
        assert_eq!(done, [sent.to_string()], "what the relay took is told");
        smtp.set_final_delay(Duration::ZERO);
        app.restart().await;
        expect_everyone_got_one(&app, &smtp, &id).await;
        let others = session.texts("SELECT outcome AS text FROM delivery_attempt").unwrap();
        assert_eq!(others, [""; 0], "each was sent by its first attempt");
    }

    async fn a_dispatcher_that_is_taken_over_goes_on_as_a_new_one_and_nobody_gets_two(database: Database) {
        let (app, smtp, id, body) = app_with_many(database).await;
        smtp.set_final_delay(Duration::from_millis(50));
        let url = DatabaseUrl::parse(app.database_url()).unwrap();
        let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
        send(&app, &id, &body, "the-key").await.expect_status(202);
        let mut in_doubt = 0;
        for _ in 0..3 {
            smtp.wait_for(smtp.count() + 40, LIMIT).await;
            in_doubt += db.write(take_over_from_all).await.unwrap();
        }
        assert!(in_doubt > 0, "nothing was on its way");
        smtp.wait_for(usize::try_from(PEOPLE).unwrap(), LIMIT).await;
        expect_everyone_got_one(&app, &smtp, &id).await;
        // What the relay took is known in the end, although it had been called unknown.
        let mut session = Session::open(app.database_url());
        let until = Instant::now() + LIMIT;
        while session.texts("SELECT DISTINCT state AS text FROM delivery").unwrap() != ["sent"] {
            assert!(Instant::now() < until, "the outcomes of those that were cut off are lost");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let attempts = "SELECT count(*) || '' AS text FROM (SELECT delivery_id, started_at, dispatcher FROM delivery_attempt \
                        UNION SELECT delivery_id, begun_at, sent_by FROM delivery) a";
        assert_eq!(session.texts(attempts).unwrap(), [PEOPLE.to_string()], "one each");
    }

    async fn sixteen_sends_at_once_with_one_key_send_once(database: Database) {
        let (app, smtp, id, body) = app_with_many(database).await;
        let replies = at_once(&app, &id, &body, |_| "one-key".to_owned()).await;
        let mut fresh = 0;
        for reply in replies {
            match (reply.status, reply.header("idempotent-replayed")) {
                (202, None) => fresh += 1,
                (202, Some("true")) => {}
                _ => drop(reply.expect_problem(409, "request_in_flight")),
            }
        }
        assert_eq!(fresh, 1);
        expect_everyone_got_one(&app, &smtp, &id).await;
        let after = send(&app, &id, &body, "one-key").await.expect_status(202);
        assert_eq!(after.header("idempotent-replayed"), Some("true"));
    }

    async fn of_sixteen_sends_at_once_with_different_keys_one_is_taken(database: Database) {
        let (app, smtp, id, body) = app_with_many(database).await;
        let replies = at_once(&app, &id, &body, |number| format!("key-{number}")).await;
        let (taken, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 202);
        assert_eq!(taken.len(), 1, "{taken:?}");
        for reply in refused {
            reply.expect_problem(409, "mailing_not_draft");
        }
        expect_everyone_got_one(&app, &smtp, &id).await;
    }

    async fn a_draft_changed_and_sent_at_once_is_one_or_the_other(database: Database) {
        let (app, smtp, id, body) = app_with_many(database).await;
        let path = format!("/api/v1/mailings/{id}");
        let change = json!({"contents": [content("fi", "Aihe", "Muutettu, {{ recipient.name }}")]});
        let changing = tokio::spawn(app.patch(&path).if_match("\"1\"").json(&change).send());
        let sending = send(&app, &id, &body, "k").await;
        let changed = changing.await.unwrap();
        match (changed.status, sending.status) {
            (200, 409) => {
                sending.expect_problem(409, "content_changed");
                assert_eq!(text(&mailing(&app, &id).await, "status"), "draft");
                assert_eq!(smtp.count(), 0);
            }
            (409, 202) => {
                changed.expect_problem(409, "mailing_not_draft");
                expect_everyone_got_one(&app, &smtp, &id).await;
            }
            (412, 202) => expect_everyone_got_one(&app, &smtp, &id).await,
            other => panic!("{other:?}: {} {}", changed.text(), sending.text()),
        }
        assert!(smtp.messages().iter().all(|message| !String::from_utf8_lossy(&message.raw).contains("Muutettu")));
    }
}
