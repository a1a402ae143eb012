//! What goes wrong on the way: refusals of the recipient, faults of the relay, and people who are gone by then.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use integration_tests::mailings::{
    contacts, count, deliveries, finished, frozen, mailing, member, number, send_out, text, wait_until, with,
};
use integration_tests::smtp_server::{Answer, SmtpOptions, SmtpServer, Stage};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use persistence::{DatabaseUrl, Db, DbSettings};
use serde_json::{Value, json};

use super::{SENDERS, app_with, residents, to_parties};

const LIMIT: Duration = Duration::from_secs(30);

/// Makes everything that waits for a later attempt due now: the test's way of letting time pass.
pub(super) async fn let_time_pass(app: &TestApp) {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    let sql = "UPDATE delivery SET due_at = (SELECT m.sent_at FROM mailing m WHERE m.mailing_id = delivery.mailing_id) \
               WHERE due_at IS NOT NULL";
    db.write(move |writer| persistence::testing::execute(writer, sql)).await.unwrap();
}

/// The row of a party.
async fn row(app: &TestApp, id: &str, party: i64) -> Value {
    let rows = deliveries(app, id, None).await;
    rows.into_iter().find(|row| number(row, "party_id") == party).expect("a row")
}

/// Seconds from now until a time that the API gave.
fn seconds_until(time: &str) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    chrono::DateTime::parse_from_rfc3339(time).unwrap().timestamp() - i64::try_from(now).unwrap()
}

async fn app(database: Database, smtp: &SmtpServer) -> TestApp {
    app_with(database, &residents(), smtp).await
}

on_both_databases! {
    async fn a_recipient_refused_for_good_fails_with_the_code_and_costs_nobody_else(database: Database) {
        let rule = |address: &str| address.starts_with("person2").then(|| Answer::refuse(550, "5.1.1 no such user"));
        let smtp = SmtpServer::start(SmtpOptions::plain().rcpt_rule(rule));
        let app = app(database, &smtp).await;
        let (id, _) = send_out(&app, &to_parties(&[1, 2, 3])).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "sent"), count(&done, "failed")), (3, 2, 1));
        let refused = row(&app, &id, 2).await;
        assert_eq!((text(&refused, "status"), number(&refused, "last_code")), ("failed".to_owned(), 550));
        assert!(text(&refused, "last_detail").contains("no such user"), "{refused:#}");
        assert_eq!((number(&refused, "attempts"), member(&refused, "sent_at")), (1, Value::Null));
        assert_eq!(member(&refused, "next_attempt_at"), Value::Null);
        assert_eq!(contacts(&app, 2).await, Vec::<Value>::new(), "it never reached them");
        assert_eq!((contacts(&app, 1).await.len(), smtp.count()), (1, 2));
    }

    async fn a_recipient_refused_for_now_is_deferred_and_sent_later_with_the_same_message_id(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        smtp.script(Stage::RcptTo, [Answer::refuse(451, "4.7.1 greylisted")]);
        let app = app(database, &smtp).await;
        let (id, _) = send_out(&app, &to_parties(&[1])).await;
        let waiting = wait_until(&app, &id, LIMIT, |mailing| count(mailing, "deferred") == 1).await;
        assert_eq!(text(&waiting, "status"), "sending");
        let deferred = row(&app, &id, 1).await;
        assert_eq!((text(&deferred, "status"), number(&deferred, "last_code")), ("deferred".to_owned(), 451));
        assert_eq!(number(&deferred, "attempts"), 1);
        let wait = seconds_until(&text(&deferred, "next_attempt_at"));
        assert!((40..=61).contains(&wait), "a minute, not {wait} s");
        assert_eq!((contacts(&app, 1).await.len(), smtp.count()), (0, 0));

        let_time_pass(&app).await;
        finished(&app, &id, LIMIT).await;
        let sent = row(&app, &id, 1).await;
        assert_eq!((text(&sent, "status"), number(&sent, "attempts")), ("sent".to_owned(), 2));
        assert_eq!(member(&sent, "message_id"), member(&deferred, "message_id"));
        assert_eq!((contacts(&app, 1).await.len(), smtp.count()), (1, 1));
    }

    async fn a_fault_of_the_relay_is_not_the_recipients_and_who_is_gone_when_it_ends_is_left_out(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let mut app = app(database, &smtp).await;
        // Nobody listens there any more.
        drop(smtp);
        let (id, _) = send_out(&app, &to_parties(&[1, 2, 3])).await;
        let all_tried = |rows: &[Value]| rows.iter().all(|row| !member(row, "last_detail").is_null());
        for _ in 0..200 {
            if all_tried(&deliveries(&app, &id, None).await) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for party in 1..=3 {
            let waiting = row(&app, &id, party).await;
            assert_eq!((text(&waiting, "status"), number(&waiting, "attempts")), ("queued".to_owned(), 0), "{waiting:#}");
            assert!(text(&waiting, "last_detail").to_lowercase().contains("refused"), "{waiting:#}");
            assert!(seconds_until(&text(&waiting, "next_attempt_at")) > 10, "{waiting:#}");
        }
        let mut register = residents();
        register.parties[1] = register.parties[1].clone().with("archived", "true");
        register.parties[2] = register.parties[2].clone().with("deceased", "true");
        register.import(&app).await;

        assert!(app.stop().await.success());
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let mut app = app.smtp(&smtp, SENDERS);
        let_time_pass(&app).await;
        app.restart().await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "sent"), count(&done, "skipped")), (3, 1, 2));
        for (party, status, reason) in [(1, "sent", Value::Null), (2, "skipped", json!("archived")), (3, "skipped", json!("deceased"))] {
            let row = row(&app, &id, party).await;
            assert_eq!((text(&row, "status"), member(&row, "reason")), (status.to_owned(), reason), "{row:#}");
        }
        assert_eq!(smtp.messages().iter().flat_map(|message| message.to.clone()).collect::<Vec<_>>(), ["person1@example.fi"]);
    }

    async fn a_login_or_a_sender_that_the_relay_refuses_is_its_fault_too(database: Database) {
        for (stage, answer) in [
            (Stage::Connect, Answer::refuse(554, "5.3.2 go away")),
            (Stage::MailFrom, Answer::refuse(550, "5.7.1 not you")),
            (Stage::Data, Answer::Disconnect),
        ] {
            let smtp = SmtpServer::start(SmtpOptions::plain());
            smtp.script(stage, [answer]);
            let app = app(database, &smtp).await;
            let (id, _) = send_out(&app, &to_parties(&[1])).await;
            let queued = |mailing: &Value| count(mailing, "queued") == 1;
            wait_until(&app, &id, LIMIT, queued).await;
            for _ in 0..100 {
                if !member(&row(&app, &id, 1).await, "last_detail").is_null() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let waiting = row(&app, &id, 1).await;
            let shown = (text(&waiting, "status"), number(&waiting, "attempts"));
            assert_eq!(shown, ("queued".to_owned(), 0), "{stage:?}: {waiting:#}");
            assert!(!member(&waiting, "last_detail").is_null(), "{stage:?}: {waiting:#}");
            let_time_pass(&app).await;
            finished(&app, &id, LIMIT).await;
            assert_eq!(smtp.count(), 1, "{stage:?}");
        }
    }

    async fn a_mailing_pauses_itself_when_the_relay_stays_at_fault_and_goes_on_when_it_is_resumed(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        smtp.script(Stage::Connect, vec![Answer::refuse(421, "4.3.2 try later"); 6]);
        let app = TestApp::prepare(database).setting("POSTITUS_RELAY_PATIENCE_SECONDS", "1").smtp(&smtp, SENDERS);
        let app = app.started().await;
        residents().import(&app).await;
        let (id, _) = send_out(&app, &to_parties(&[1, 2, 3])).await;
        let resume = format!("/api/v1/mailings/{id}/resume");
        app.post(&resume).send().await.expect_problem(409, "mailing_not_paused");
        for _ in 0..20 {
            if text(&mailing(&app, &id).await, "status") == "paused" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            let_time_pass(&app).await;
        }
        let paused = mailing(&app, &id).await;
        let shown = (text(&paused, "status"), text(&paused, "pause_reason"), count(&paused, "queued"));
        assert_eq!(shown, ("paused".to_owned(), "relay_fault".to_owned(), 3), "{paused:#}");
        let_time_pass(&app).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!((smtp.count(), count(&mailing(&app, &id).await, "queued")), (0, 3), "a paused mailing waits");

        let resumed = app.post(&resume).send().await.expect_status(200);
        assert_eq!(text(&resumed.json, "status"), "sending");
        assert_eq!(member(&resumed.json, "pause_reason"), Value::Null);
        // How many of the scripted faults the pause left over depends on how many workers met one at once.
        for _ in 0..6 {
            if text(&mailing(&app, &id).await, "status") == "finished" {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let_time_pass(&app).await;
        }
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((count(&done, "sent"), smtp.count()), (3, 3));
    }

    async fn a_connection_lost_at_the_end_is_held_or_sent_again_as_the_mailing_says(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app(database, &smtp).await;
        smtp.script(Stage::EndOfData, [Answer::AcceptThenDisconnect]);
        let (id, _) = send_out(&app, &with(to_parties(&[1]), &json!({"unknown_outcome": "hold"}))).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "unknown"), count(&done, "sent")), (1, 1, 0));
        assert_eq!(text(&row(&app, &id, 1).await, "status"), "unknown");
        assert_eq!(contacts(&app, 1).await, Vec::<Value>::new());
        let_time_pass(&app).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(smtp.count(), 1, "a held one is not sent again");

        smtp.script(Stage::EndOfData, [Answer::AcceptThenDisconnect]);
        let (id, _) = send_out(&app, &with(to_parties(&[2]), &json!({"unknown_outcome": "resend"}))).await;
        wait_until(&app, &id, LIMIT, |mailing| count(mailing, "deferred") == 1).await;
        let_time_pass(&app).await;
        finished(&app, &id, LIMIT).await;
        let twice: Vec<Mail> = smtp.messages().iter().skip(1).map(Mail::from).collect();
        assert_eq!(twice.len(), 2);
        assert_eq!(twice[0].raw, twice[1].raw, "the very same message");
        assert_eq!(contacts(&app, 2).await.len(), 1, "one contact");
    }
}
