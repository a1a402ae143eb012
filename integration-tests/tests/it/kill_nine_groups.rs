//! `kill -9` of the server in the middle of messages that a hundred recipients share: nobody is lost, every doubt is named for
//! each of them, and who gets two gets the same message twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::mailing::state::DeliveryState;
use integration_tests::mailings::{content, count, deliveries, draft, finished, frozen, send_out, text, with};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use persistence::deliveries::listing;
use persistence::{DatabaseUrl, Db, DbSettings};
use serde_json::{Value, json};
use uuid::Uuid;

/// In bcc, in two languages; one more address is in `to`, another in `cc`.
const RECIPIENTS: usize = 6_000;
const KILLS: usize = 5;
/// So long the mail server thinks about each of the sixty messages and more.
const FINAL_DELAY: Duration = Duration::from_millis(150);
const LIMIT: Duration = Duration::from_secs(120);

fn group(unknown_outcome: &str) -> Value {
    let contents = [content("fi", "Vesikatko", "Vesi on poikki."), content("sv", "Vattenavbrott", "Inget vatten.")];
    let extra = |email: &str| json!({"addresses": [{"email": email, "language": "fi"}]});
    with(
        draft(&extra("yksi@firma.example"), &contents),
        &json!({
            "addressing": "group",
            "cc": extra("kaksi@firma.example"),
            "bcc": {"filter": {"party": {"field": "city", "op": "eq", "value": "Turku"}}},
            "unknown_outcome": unknown_outcome,
        }),
    )
}

async fn start(database: Database) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(SmtpOptions::plain().final_delay(FINAL_DELAY));
    let app = TestApp::prepare(database)
        .smtp(&smtp, "*@isannointi.example")
        .setting("POSTITUS_LEASE_SECONDS", "2")
        // Few, so that the kills cannot cut off every message there is.
        .setting("POSTITUS_WORKERS", "4")
        .setting("RUST_LOG", "warn")
        .started()
        .await;
    let people = (1..=i64::try_from(RECIPIENTS).unwrap()).map(|id| {
        let language = if id % 2 == 1 { "fi" } else { "sv" };
        person(id, &format!("Asukas {id}")).with("city", "Turku").with("language", language)
    });
    Register::of(people).import(&app).await;
    (app, smtp)
}

/// Deliveries with an attempt begun and without an outcome, as the database of the killed server has them.
async fn in_flight(app: &TestApp, mailing_id: Uuid) -> BTreeSet<Uuid> {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    let state = Some(DeliveryState::Sending);
    let rows = db.read(move |reader| listing::list(reader, mailing_id, state, 0, 10_000)).await.unwrap();
    rows.into_iter().filter_map(|row| row.delivery_id).collect()
}

/// Kills the server some messages later, again and again; gives what the kills cut off.
async fn kill_again_and_again(app: &mut TestApp, smtp: &SmtpServer, mailing_id: Uuid) -> BTreeSet<Uuid> {
    let mut cut_off = BTreeSet::new();
    for kill in 0..KILLS {
        smtp.wait_for(smtp.count() + 4, LIMIT).await;
        tokio::time::sleep(Duration::from_millis(u64::try_from(kill).unwrap() * 29)).await;
        app.kill9();
        cut_off.extend(in_flight(app, mailing_id).await);
        app.restart().await;
    }
    cut_off
}

/// The Message-IDs that each recipient got, by address; every message names the two in its header at most.
fn received(smtp: &SmtpServer) -> BTreeMap<String, Vec<String>> {
    let mut received: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in smtp.messages() {
        let mail = Mail::from(&message);
        assert!(!mail.mentions("person"), "bcc is nowhere");
        assert!(message.to.len() <= 100);
        for to in message.to {
            received.entry(to).or_default().push(mail.message_id.clone());
        }
    }
    received
}

on_both_databases! {
    async fn nobody_of_a_group_is_lost_and_doubles_are_the_same_message(database: Database) {
        let (mut app, smtp) = start(database).await;
        let (id, _) = send_out(&app, &group("resend")).await;
        let cut_off = kill_again_and_again(&mut app, &smtp, id.parse().unwrap()).await;
        let done = finished(&app, &id, LIMIT).await;
        let all = i64::try_from(RECIPIENTS + 2).unwrap();
        assert_eq!((frozen(&done), count(&done, "sent")), (all, all));
        let received = received(&smtp);
        assert_eq!(received.len(), RECIPIENTS + 2, "somebody was lost");
        let doubles: usize = received.values().map(|ids| ids.len() - 1).sum();
        println!("resend on {database:?}: {} attempts cut off, {doubles} doubles, {} messages", cut_off.len(), smtp.count());
        assert!(!cut_off.is_empty() && doubles <= cut_off.len() * KILLS);
        for row in deliveries(&app, &id, None).await {
            let ids = &received[&text(&row, "address")];
            let message_id = text(&row, "message_id");
            assert!(ids.iter().all(|id| *id == message_id.trim_matches(['<', '>'])), "{row:#}: {ids:?}");
            let delivery: Uuid = text(&row, "delivery_id").parse().unwrap();
            assert!(ids.len() == 1 || cut_off.contains(&delivery), "sent again without need: {row:#}");
        }
        let messages: BTreeSet<Vec<u8>> = smtp.messages().into_iter().map(|message| message.raw).collect();
        assert_eq!(messages.len(), 2, "one a language, byte for byte");
    }

    async fn with_hold_each_of_those_cut_off_is_unknown_and_nobody_gets_two(database: Database) {
        let (mut app, smtp) = start(database).await;
        let (id, _) = send_out(&app, &group("hold")).await;
        let cut_off = kill_again_and_again(&mut app, &smtp, id.parse().unwrap()).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!(frozen(&done), i64::try_from(RECIPIENTS + 2).unwrap());
        assert_eq!(count(&done, "sent") + count(&done, "unknown"), frozen(&done));
        let unknown = deliveries(&app, &id, Some("unknown")).await;
        let held: BTreeSet<Uuid> = unknown.iter().map(|row| text(row, "delivery_id").parse().unwrap()).collect();
        println!("hold on {database:?}: {} unknown, {} messages", held.len(), smtp.count());
        assert!(!held.is_empty());
        assert_eq!(held, cut_off, "held is what was cut off, and nothing else");
        let received = received(&smtp);
        assert!(received.values().all(|ids| ids.len() == 1), "nobody gets two");
        for row in deliveries(&app, &id, Some("sent")).await {
            assert!(received.contains_key(&text(&row, "address")), "what is sent has arrived: {row:#}");
        }
    }
}
