//! `kill -9` of the server, again and again, in the middle of a mailing: nobody is lost, nobody gets another's mail, and
//! who gets two gets the same message twice, as one Message-ID tells the recipient's program.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use domain::mailing::state::{DeliveryState, Progress};
use integration_tests::mailings::{content, count, deliveries, draft, finished, frozen, member, send_out, text, with};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use persistence::deliveries::{listing, sending};
use persistence::{DatabaseUrl, Db, DbSettings};
use serde_json::{Value, json};
use uuid::Uuid;

const RECIPIENTS: i64 = 5_000;
/// What has no address, so that the counts have something to add up.
const WITHOUT_ADDRESS: i64 = 20;
/// The workers of a server unless it is told otherwise.
const WORKERS: usize = 128;
const KILLS: usize = 10;
/// How many of the kills must meet an attempt in flight; there are more kills until they have.
const IN_FLIGHT: usize = 5;
const MOST_KILLS: usize = 25;
/// So long the mail server thinks about each message: long enough for a kill to come in between.
const FINAL_DELAY: Duration = Duration::from_millis(4);
const LIMIT: Duration = Duration::from_secs(300);

/// Odd ids are served in Finnish, even ones in Swedish; the last ones have no address.
fn register() -> Register {
    Register::of((1..=RECIPIENTS).map(|id| {
        let party = person(id, &format!("Asukas {id}")).with("city", "Turku");
        let party = party.with("language", if id % 2 == 1 { "fi" } else { "sv" });
        if id > RECIPIENTS - WITHOUT_ADDRESS { party.with("email", "") } else { party }
    }))
}

fn to_everyone(unknown_outcome: &str) -> Value {
    let filter = json!({"party": {"field": "city", "op": "eq", "value": "Turku"}});
    let contents = [
        content("fi", "Vesikatko", "Hei {{ recipient.name }}, suomeksi, numero {{ recipient.party_id }}."),
        content("sv", "Vattenavbrott", "Hej {{ recipient.name }}, på svenska, nummer {{ recipient.party_id }}."),
    ];
    with(draft(&json!({"filter": filter}), &contents), &json!({"unknown_outcome": unknown_outcome}))
}

/// The state of the mailing as the database of the killed server has it.
struct Wreck {
    progress: Progress,
    /// Deliveries with an attempt begun and without an outcome.
    in_flight: BTreeSet<Uuid>,
}

async fn inspect(app: &TestApp, mailing_id: Uuid) -> Wreck {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    let (progress, counted, rows) = db
        .read(move |reader| {
            let progress = persistence::mailings::progress(reader, &[mailing_id])?.remove(&mailing_id).unwrap();
            let counted = sending::in_flight(reader)?;
            let rows = listing::list(reader, mailing_id, Some(DeliveryState::Sending), 0, 1000)?;
            Ok::<_, persistence::StoreError>((progress, counted, rows))
        })
        .await
        .unwrap();
    let in_flight: BTreeSet<Uuid> = rows.into_iter().map(|row| row.delivery_id.unwrap()).collect();
    assert_eq!(i64::try_from(in_flight.len()).unwrap(), counted);
    Wreck { progress, in_flight }
}

/// What the kills met.
#[derive(Debug, Default)]
struct Kills {
    kills: usize,
    with_attempt_in_flight: usize,
    /// All attempts that a kill cut off.
    cut_off: BTreeSet<Uuid>,
    attempts_cut_off: usize,
}

/// Kills the server while rows are queued and starts it again, until it has been killed often enough.
async fn kill_again_and_again(app: &mut TestApp, smtp: &SmtpServer, mailing_id: Uuid) -> Kills {
    let eligible = usize::try_from(RECIPIENTS - WITHOUT_ADDRESS).unwrap();
    let mut met = Kills::default();
    let mut in_flight_before = BTreeSet::new();
    while met.kills < KILLS || met.with_attempt_in_flight < IN_FLIGHT {
        assert!(met.kills < MOST_KILLS, "after so many kills too few met an attempt in flight: {met:?}");
        // A share of what is left for each kill, and a moment that is not bound to the end of a message.
        let left = eligible.saturating_sub(smtp.count());
        let share = (left / (MOST_KILLS - met.kills + 3)).max(10);
        smtp.wait_for(smtp.count() + share, LIMIT).await;
        tokio::time::sleep(Duration::from_micros(u64::try_from(met.kills).unwrap() * 700)).await;
        app.kill9();
        let wreck = inspect(app, mailing_id).await;
        assert!(wreck.progress.queued > 0, "killed too late: {:?}", wreck.progress);
        assert_eq!(wreck.progress.frozen, RECIPIENTS);
        // What an earlier kill cut off may still wait for its lease to run out.
        let fresh = wreck.in_flight.difference(&in_flight_before).count();
        assert!(fresh <= WORKERS, "{fresh} attempts in flight at once");
        met.kills += 1;
        met.with_attempt_in_flight += usize::from(fresh > 0);
        met.attempts_cut_off += fresh;
        met.cut_off.extend(&wreck.in_flight);
        in_flight_before = wreck.in_flight;
        app.restart().await;
    }
    met
}

/// What each recipient was sent: the Message-IDs, by address.
fn received(smtp: &SmtpServer) -> BTreeMap<String, Vec<String>> {
    let mut received: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in smtp.messages() {
        let mail = Mail::from(&message);
        let [to] = message.to.as_slice() else { panic!("{:?} is not one recipient", message.to) };
        assert_eq!(mail.to, [to.as_str()]);
        let number = to.trim_start_matches("person").trim_end_matches("@example.fi");
        let version = if number.parse::<i64>().unwrap() % 2 == 1 { "suomeksi, numero" } else { "på svenska, nummer" };
        let text = mail.text.unwrap();
        assert!(text.contains(&format!(" {number}, {version} {number}.")), "{to} got {text}");
        received.entry(to.clone()).or_default().push(mail.message_id);
    }
    received
}

async fn start(database: Database) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(SmtpOptions::plain().final_delay(FINAL_DELAY));
    let app = TestApp::prepare(database)
        .smtp(&smtp, "*@isannointi.example")
        .setting("POSTITUS_LEASE_SECONDS", "2")
        .setting("RUST_LOG", "warn")
        .started()
        .await;
    register().import(&app).await;
    (app, smtp)
}

on_both_databases! {
    async fn nobody_is_lost_and_who_gets_two_gets_the_same_message_twice(database: Database) {
        let (mut app, smtp) = start(database).await;
        let begun = Instant::now();
        let (id, _) = send_out(&app, &to_everyone("resend")).await;
        let met = kill_again_and_again(&mut app, &smtp, id.parse().unwrap()).await;
        let done = finished(&app, &id, LIMIT).await;

        let (eligible, skipped) = (RECIPIENTS - WITHOUT_ADDRESS, WITHOUT_ADDRESS);
        assert_eq!((frozen(&done), count(&done, "sent"), count(&done, "skipped")), (RECIPIENTS, eligible, skipped));
        let received = received(&smtp);
        assert_eq!(i64::try_from(received.len()).unwrap(), eligible, "somebody was lost");
        let rows = deliveries(&app, &id, None).await;
        let message_ids: BTreeMap<String, String> = rows
            .iter()
            .filter(|row| member(row, "status") == "sent")
            .map(|row| (text(row, "address"), text(row, "message_id").trim_matches(['<', '>']).to_owned()))
            .collect();
        let mut doubles = 0;
        for (to, ids) in &received {
            assert!(ids.iter().all(|id| Some(id) == message_ids.get(to)), "{to} got {ids:?}");
            doubles += ids.len() - 1;
        }
        println!(
            "resend on {database:?}: {} kills, {} with an attempt in flight ({} attempts cut off), {doubles} doubles, \
             {} mails to {} recipients, {:.1} s",
            met.kills,
            met.with_attempt_in_flight,
            met.attempts_cut_off,
            smtp.count(),
            received.len(),
            begun.elapsed().as_secs_f64(),
        );
        assert!(doubles <= WORKERS * met.kills, "{doubles} doubles in {} kills", met.kills);
        assert!(doubles <= met.attempts_cut_off, "only what was cut off is sent again");
        let contacts = usize::try_from(eligible).unwrap();
        assert_eq!(contacts_of(&app).await, contacts, "one contact for each");
    }

    async fn with_hold_nobody_gets_two_and_what_was_cut_off_is_unknown(database: Database) {
        let (mut app, smtp) = start(database).await;
        let begun = Instant::now();
        let (id, _) = send_out(&app, &to_everyone("hold")).await;
        let met = kill_again_and_again(&mut app, &smtp, id.parse().unwrap()).await;
        let done = finished(&app, &id, LIMIT).await;

        let eligible = RECIPIENTS - WITHOUT_ADDRESS;
        let unknown = deliveries(&app, &id, Some("unknown")).await;
        assert_eq!(frozen(&done), RECIPIENTS);
        assert_eq!(count(&done, "skipped"), WITHOUT_ADDRESS);
        assert_eq!(count(&done, "unknown"), i64::try_from(unknown.len()).unwrap());
        assert_eq!(count(&done, "sent") + count(&done, "unknown"), eligible);
        let held: BTreeSet<Uuid> = unknown.iter().map(|row| text(row, "delivery_id").parse().unwrap()).collect();
        assert_eq!(held, met.cut_off, "held is what was cut off, and nothing else");

        let received = received(&smtp);
        let doubles = received.values().filter(|ids| ids.len() > 1).count();
        let held_addresses: BTreeSet<String> = unknown.iter().map(|row| text(row, "address")).collect();
        let arrived = received.keys().filter(|to| held_addresses.contains(*to)).count();
        println!(
            "hold on {database:?}: {} kills, {} with an attempt in flight, {} unknown of which {arrived} had arrived, \
             {doubles} doubles, {} mails, {:.1} s",
            met.kills,
            met.with_attempt_in_flight,
            unknown.len(),
            smtp.count(),
            begun.elapsed().as_secs_f64(),
        );
        assert_eq!(doubles, 0);
        for row in deliveries(&app, &id, Some("sent")).await {
            let ids = received.get(&text(&row, "address")).expect("what is sent has arrived");
            assert_eq!(ids[0], text(&row, "message_id").trim_matches(['<', '>']));
        }
        let expected = usize::try_from(count(&done, "sent")).unwrap();
        assert_eq!(contacts_of(&app).await, expected, "a contact for each that is sent, none for those held");
    }
}

/// How many contacts there are.
async fn contacts_of(app: &TestApp) -> usize {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    let counts = db.read(persistence::testing::row_counts).await.unwrap();
    let contacts = counts.into_iter().find(|(table, _)| *table == "contact").unwrap();
    usize::try_from(contacts.1).unwrap()
}
