//! Individual mailings with copies to cc and bcc, and addresses written by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use integration_tests::mailings::{
    contacts, content, count, create, deliveries, draft, finished, frozen, mailing, member, number, preview, send_out,
    text, with,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

/// 1 to 3 are written to; 4 to 6 get copies, 5 in Swedish; 7 is protected.
fn register() -> Register {
    let of = |id: i64, name: &str, language: &str| person(id, name).with("language", language);
    Register::of([
        of(1, "Åke Öhman", "fi"),
        of(2, "Bertil Berg", "fi"),
        of(3, "Cecilia Cederström", "sv"),
        of(4, "Daavid Dahl", "fi"),
        of(5, "Elsa Eklund", "sv"),
        of(6, "Fanni Forss", "fi"),
        of(7, "Gunnar Granö", "fi").with("address_protected", "true"),
    ])
}

fn greeting(language: &str, name: &str) -> Value {
    content(language, "Vesikatko", &format!("Hei {{{{ recipient.first_name{name} }}}}."))
}

fn with_copies(contents: &[Value], changes: &Value) -> Value {
    let extra = json!([{"email": "huolto@firma.example", "language": "fi"}]);
    let copies = json!({"cc": {"party_ids": [4, 5, 1, 7], "addresses": extra}, "bcc": {"party_ids": [6, 4]}});
    with(with(draft(&json!({"party_ids": [1, 2, 3]}), contents), &copies), changes)
}

fn both(name: &str) -> [Value; 2] {
    [greeting("fi", name), greeting("sv", name)]
}

async fn app(database: Database) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(SmtpOptions::plain());
    (super::app_with(database, &register(), &smtp).await, smtp)
}

/// What arrived: the sorted envelope, and the mail.
fn arrived(smtp: &SmtpServer) -> BTreeMap<Vec<String>, Mail> {
    let sorted = |mut to: Vec<String>| {
        to.sort();
        to
    };
    smtp.messages().iter().map(|message| (sorted(message.to.clone()), Mail::from(message))).collect()
}

fn to(id: i64) -> String {
    format!("person{id}@example.fi")
}

on_both_databases! {
    async fn each_gets_their_own_and_cc_and_bcc_one_copy_a_language(database: Database) {
        let (app, smtp) = app(database).await;
        let (id, shown) = send_out(&app, &with_copies(&both("|default('asukas')"), &json!({}))).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "sent")), (8, 8));
        assert_eq!(shown.pointer("/counts/messages"), Some(&json!(6)), "{shown:#}");
        let expected = json!([
            {"content_language": "fi", "to": [], "cc": [to(4), "huolto@firma.example"], "bcc": 1},
            {"content_language": "sv", "to": [], "cc": [to(5)], "bcc": 0},
        ]);
        assert_eq!(member(&shown, "shared_messages"), expected);

        let arrived = arrived(&smtp);
        assert_eq!((arrived.len(), smtp.count()), (6, 6));
        for (party, name) in [(1, "Åke"), (2, "Bertil"), (3, "Cecilia")] {
            let mail = &arrived[&vec![to(party)]];
            assert_eq!((mail.to.as_slice(), mail.header("cc")), ([to(party)].as_slice(), None));
            assert!(mail.mentions(&format!("Hei {name}.")), "their own message names them");
        }
        let copy = &arrived[&vec!["huolto@firma.example".to_owned(), to(4), to(6)]];
        assert_eq!(copy.header("to"), Some("undisclosed-recipients:;"));
        assert_eq!(copy.header("cc"), Some("person4@example.fi, huolto@firma.example"));
        assert!(copy.mentions("Hei asukas.") && !copy.mentions(&to(6)) && copy.header("bcc").is_none());
        let swedish = &arrived[&vec![to(5)]];
        assert_eq!((swedish.header("to"), swedish.header("cc")), (Some("undisclosed-recipients:;"), Some("person5@example.fi")));
        let apart = &arrived[&vec![to(7)]];
        assert_eq!((apart.to.as_slice(), apart.header("cc")), ([to(7)].as_slice(), None));
        assert!(apart.mentions("Hei asukas."), "it gets the copy, apart");

        let rows = deliveries(&app, &id, None).await;
        let as_: Vec<(Value, Value)> = rows.iter().map(|row| (member(row, "party_id"), member(row, "addressed_as"))).collect();
        assert_eq!(as_.iter().filter(|(_, as_)| as_ == "to").count(), 3);
        assert!(as_.contains(&(json!(1), json!("to"))) && as_.contains(&(json!(4), json!("cc"))), "the first way counts");
        for party in 1..=7 {
            assert_eq!(contacts(&app, party).await.len(), 1, "{party}");
        }
    }

    async fn copies_and_extra_addresses_lack_what_is_the_recipients_own(database: Database) {
        let (app, smtp) = app(database).await;
        let extra = json!({"party_ids": [1], "addresses": [{"email": "oma@firma.example", "name": "Oma Oy", "language": "fi"}]});
        let mailing = with_copies(&both(""), &json!({"recipients": extra}));
        let (id, shown) = send_out(&app, &mailing).await;
        let reason = "missing_value:recipient.first_name";
        assert_eq!(shown.pointer("/counts/excluded"), Some(&json!([{"reason": reason, "count": 6}])), "{shown:#}");
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((count(&done, "sent"), count(&done, "skipped"), smtp.count()), (1, 6, 1));
        let rows = deliveries(&app, &id, Some("skipped")).await;
        assert!(rows.iter().all(|row| member(row, "reason") == reason));
        let own = rows.iter().find(|row| member(row, "party_id").is_null() && member(row, "addressed_as") == "to").unwrap();
        assert_eq!((text(own, "name"), text(own, "address")), ("Oma Oy".to_owned(), "oma@firma.example".to_owned()));
    }

    async fn an_extra_address_is_written_to_in_its_language_and_makes_no_contact(database: Database) {
        let (app, smtp) = app(database).await;
        let contents = [content("fi", "Vesikatko", "Vesi on poikki."), content("sv", "Vattenavbrott", "Inget vatten.")];
        let addresses = json!([
            {"email": "yksi@firma.example", "language": "sv-FI"},
            {"email": "kaksi@Firma.example", "language": "en"},
            {"email": "person1@example.fi", "language": "fi"},
        ]);
        let mailing = with(draft(&json!({"party_ids": [1], "addresses": addresses}), &contents), &json!({"missing_language": "skip"}));
        let id = create(&app, &mailing).await;
        let shown = preview(&app, &id, 2).await;
        for (name, expected) in [("matched", 4), ("eligible", 3), ("extra_addresses", 2), ("shared", 1), ("messages", 2)] {
            assert_eq!(shown.pointer(&format!("/counts/{name}")), Some(&json!(expected)), "{name}: {shown:#}");
        }
        assert!(shown["samples"].as_array().unwrap().iter().any(|sample| member(sample, "party_id").is_null()));
        let (id, _) = send_out(&app, &mailing).await;
        finished(&app, &id, LIMIT).await;
        let arrived = arrived(&smtp);
        assert_eq!(arrived.keys().cloned().collect::<Vec<_>>(), [vec![to(1)], vec!["yksi@firma.example".to_owned()]]);
        assert_eq!(arrived[&vec!["yksi@firma.example".to_owned()]].subject, "Vattenavbrott");
        let rows = deliveries(&app, &id, None).await;
        let reasons: Vec<Value> = rows.iter().map(|row| member(row, "reason")).collect();
        assert_eq!(reasons, [Value::Null, Value::Null, json!("no_language_version"), Value::Null]);
        assert_eq!(member(&rows[3], "shared"), "duplicate_address", "the party's own address is written to once");
        assert_eq!((contacts(&app, 1).await.len(), number(&rows[3], "attempts")), (1, 1));
        let row = format!("/api/v1/mailings/{id}/deliveries/2/message");
        let read = app.get(&row).send().await.expect_status(200).json;
        assert_eq!((text(&read, "address"), text(&read, "subject")), ("yksi@firma.example".to_owned(), "Vattenavbrott".to_owned()));
    }

    async fn dedupe_reaches_over_to_cc_and_bcc(database: Database) {
        let (app, smtp) = app(database).await;
        let extra = |email: &str| json!({"addresses": [{"email": email, "language": "fi"}]});
        let common = [content("fi", "Aihe", "Vesi on poikki."), content("sv", "Ämne", "Inget vatten.")];
        let mailing = with_copies(&common, &json!({"cc": extra(&to(1)), "bcc": extra(&to(2))}));
        let (id, _) = send_out(&app, &mailing).await;
        finished(&app, &id, LIMIT).await;
        assert_eq!(smtp.count(), 3, "who is written to needs no copy");
        let rows = deliveries(&app, &id, None).await;
        assert_eq!(rows.iter().filter(|row| member(row, "shared") == "duplicate_address").count(), 2);

        let (id, _) = send_out(&app, &with(mailing, &json!({"dedupe": "none"}))).await;
        finished(&app, &id, LIMIT).await;
        assert_eq!(smtp.count(), 3 + 4, "asked for, the copy is sent too");
        assert!(deliveries(&app, &id, None).await.iter().all(|row| member(row, "shared").is_null()));
    }

    async fn cc_and_bcc_are_part_of_what_is_approved_and_patched(database: Database) {
        let (app, _smtp) = app(database).await;
        let id = create(&app, &with_copies(&both("|default('a')"), &json!({}))).await;
        let before = mailing(&app, &id).await;
        let path = format!("/api/v1/mailings/{id}");
        let patch = json!({"cc": {"filter": {"text": "koivu"}, "addresses": []}, "bcc": null, "addressing": "individual"});
        let after = app.patch(&path).if_match("\"1\"").json(&patch).send().await.expect_status(200).json;
        assert_ne!(member(&after, "content_hash"), member(&before, "content_hash"));
        assert_eq!(member(&after, "cc"), json!({"filter": {"text": "koivu"}, "party_ids": [1, 4, 5, 7], "addresses": []}));
        assert_eq!(member(&after, "bcc"), json!({"filter": null, "party_ids": [], "addresses": []}));
        let patch = json!({"cc": {"filter": {"party_ids": [1]}}});
        let again = app.patch(&path).if_match("\"2\"").json(&patch).send().await.expect_status(200).json;
        assert_eq!(again.pointer("/cc/filter"), Some(&json!({"party_ids": [1]})), "a filter is replaced as a whole");
    }
}
