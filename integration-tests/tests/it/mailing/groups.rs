//! A group: one message a language for all, with to, cc and bcc; protected parties apart.

use std::collections::BTreeSet;
use std::time::Duration;

use integration_tests::mailings::{
    contacts, content, count, create, deliveries, draft, finished, frozen, mailing, member, number, preview, send_out,
    text, wait_until, with,
};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{Answer, ReceivedMessage, SmtpOptions, SmtpServer, Stage};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::faults::let_time_pass;

const LIMIT: Duration = Duration::from_secs(30);

/// 1 and 2 in Finnish, 3 in Swedish, 4 and 7 protected, 5 and 6 for cc and bcc, 8 without an address.
fn register() -> Register {
    let of = |id: i64, name: &str, language: &str| person(id, name).with("language", language);
    Register::of([
        of(1, "Aino Öhman", "fi"),
        of(2, "Bertil Berg", "fi"),
        of(3, "Cecilia Cederström", "sv"),
        of(4, "Daavid Dahl", "fi").with("address_protected", "true"),
        of(5, "Elsa Eklund", "fi"),
        of(6, "Fanni Forss", "fi"),
        of(7, "Gunnar Granö", "fi").with("address_protected", "true"),
        of(8, "Heli Haka", "fi").with("email", ""),
    ])
}

fn group() -> Value {
    let contents = [content("fi", "Vesikatko", "Vesi on poikki."), content("sv", "Vattenavbrott", "Inget vatten.")];
    let extra = |email: &str| json!([{"email": email, "name": "Huolto Oy", "language": "fi"}]);
    with(
        draft(&json!({"party_ids": [1, 2, 3, 4, 8]}), &contents),
        &json!({
            "addressing": "group",
            "cc": {"party_ids": [5, 1], "addresses": extra("huolto@firma.example")},
            "bcc": {"party_ids": [6, 7, 5, 2], "addresses": extra("piilo@firma.example")},
        }),
    )
}

async fn app(database: Database, options: SmtpOptions) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(options);
    (super::app_with(database, &register(), &smtp).await, smtp)
}

fn to(id: i64) -> String {
    format!("person{id}@example.fi")
}

/// The address of a row, in order of the rows.
fn field(rows: &[Value], name: &str) -> Vec<Value> {
    rows.iter().map(|row| member(row, name)).collect()
}

fn shared(messages: &[ReceivedMessage]) -> &ReceivedMessage {
    messages.iter().max_by_key(|message| message.to.len()).unwrap()
}

on_both_databases! {
    async fn all_get_one_message_a_language_and_nobody_sees_who_is_hidden(database: Database) {
        let (app, smtp) = app(database, SmtpOptions::plain()).await;
        let id = create(&app, &group()).await;
        let shown = preview(&app, &id, 2).await;
        let counts = member(&shown, "counts");
        for (name, expected) in [
            ("matched", 10), ("eligible", 9), ("skipped", 1), ("to", 4), ("cc", 2), ("bcc", 3), ("extra_addresses", 2),
            ("messages", 4), ("together", 7), ("shared", 0), ("protected", 2),
        ] {
            assert_eq!(number(&counts, name), expected, "{name}: {counts:#}");
        }
        let expected = json!([
            {"content_language": "fi", "to": [to(1), to(2)], "cc": [to(5), "huolto@firma.example"], "bcc": 2},
            {"content_language": "sv", "to": [to(3)], "cc": [], "bcc": 0},
        ]);
        assert_eq!(member(&shown, "shared_messages"), expected);
        let (id, _) = send_out(&app, &group()).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((frozen(&done), count(&done, "sent"), count(&done, "skipped")), (10, 9, 1));

        let messages = smtp.messages();
        let envelopes: BTreeSet<BTreeSet<String>> =
            messages.iter().map(|message| message.to.iter().cloned().collect()).collect();
        let set = |addresses: &[&str]| addresses.iter().map(|address| (*address).to_owned()).collect::<BTreeSet<_>>();
        let (one, two, five, six) = (to(1), to(2), to(5), to(6));
        let together = set(&[&one, &two, &five, "huolto@firma.example", &six, "piilo@firma.example"]);
        let expected = BTreeSet::from([together, set(&[&to(3)]), set(&[&to(4)]), set(&[&to(7)])]);
        assert_eq!(envelopes, expected, "one message a language, and one for each who is protected");
        assert_eq!(messages.len(), 4);

        let finnish = Mail::from(shared(&messages));
        assert_eq!(finnish.header("to"), Some("person1@example.fi, person2@example.fi"));
        assert_eq!(finnish.header("cc"), Some("person5@example.fi, huolto@firma.example"));
        for mail in messages.iter().map(Mail::from) {
            assert!(mail.header("bcc").is_none());
            for hidden in [to(6), "piilo".to_owned()] {
                assert!(!mail.mentions(&hidden), "{hidden} is in {}", String::from_utf8_lossy(&mail.raw));
            }
            let apart: Vec<String> = [4, 7].into_iter().map(to).filter(|address| mail.mentions(address)).collect();
            assert!(apart.is_empty() || (mail.to == apart && mail.header("cc").is_none()), "{apart:?} with others");
        }

        let rows = deliveries(&app, &id, None).await;
        assert_eq!(field(&rows, "addressed_as"), ["to", "to", "to", "to", "to", "cc", "cc", "bcc", "bcc", "bcc"]);
        assert_eq!(member(rows.iter().find(|row| member(row, "party_id") == 8).unwrap(), "reason"), "no_email");
        let of = |address: &str| rows.iter().find(|row| member(row, "address") == *address).unwrap();
        assert_eq!(text(of(&one), "message_id"), format!("<{}>", finnish.message_id));
        for address in [&two, &five, &six, "huolto@firma.example", "piilo@firma.example"] {
            assert_eq!(member(of(address), "message_id"), member(of(&one), "message_id"), "{address}");
            assert_ne!(member(of(address), "delivery_id"), member(of(&one), "delivery_id"), "{address}");
        }
        assert_ne!(member(of(&to(4)), "message_id"), member(of(&one), "message_id"));
        let extra = of("piilo@firma.example");
        assert_eq!((member(extra, "party_id"), member(extra, "protected")), (Value::Null, json!(false)));
        assert_eq!(text(extra, "name"), "Huolto Oy");
        for (party, expected) in [(1, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 0)] {
            assert_eq!(contacts(&app, party).await.len(), expected, "{party}");
        }
        let message = |row: &Value| format!("/api/v1/mailings/{id}/deliveries/{}/message", number(row, "row_no"));
        let read = app.get(&message(of(&six))).send().await.expect_status(200).json;
        assert_eq!(member(&read, "to"), json!([one, two]));
        assert_eq!(member(&read, "cc"), json!([five, "huolto@firma.example"]));
        assert_eq!(text(&read, "text").trim(), finnish.text.unwrap().trim());
        let read = app.get(&message(of(&to(4)))).send().await.expect_status(200).json;
        assert_eq!((member(&read, "to"), member(&read, "cc")), (json!([to(4)]), json!([])));
    }

    async fn who_is_refused_fails_or_waits_and_the_others_are_sent(database: Database) {
        let rule = |address: &str| match address {
            "person2@example.fi" => Some(Answer::refuse(550, "5.1.1 no such user")),
            _ => None,
        };
        let (app, smtp) = app(database, SmtpOptions::plain().rcpt_rule(rule)).await;
        // The first recipient of the group is asked to wait.
        smtp.script(Stage::RcptTo, [Answer::refuse(451, "4.7.1 greylisted")]);
        let only = with(group(), &json!({"recipients": {"party_ids": [1, 2]}, "bcc": {"party_ids": [6]}}));
        let (id, _) = send_out(&app, &only).await;
        wait_until(&app, &id, LIMIT, |mailing| count(mailing, "deferred") == 1 && count(mailing, "sent") == 3).await;
        let rows = deliveries(&app, &id, None).await;
        assert_eq!(field(&rows, "status"), ["deferred", "failed", "sent", "sent", "sent"]);
        assert_eq!((number(&rows[1], "last_code"), text(&rows[1], "last_detail")), (550, "5.1.1 no such user".to_owned()));
        assert_eq!(number(&rows[0], "last_code"), 451);
        assert_eq!(smtp.messages()[0].to, [to(5), "huolto@firma.example".to_owned(), to(6)]);
        assert_eq!((contacts(&app, 1).await.len(), contacts(&app, 2).await.len(), contacts(&app, 5).await.len()), (0, 0, 1));

        let_time_pass(&app).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!((count(&done, "sent"), count(&done, "failed")), (4, 1));
        let messages = smtp.messages();
        assert_eq!((messages.len(), messages[1].to.clone()), (2, vec![to(1)]), "who had it gets it no second time");
        assert!(messages[1].raw == messages[0].raw, "byte for byte the same message");
        assert_eq!(contacts(&app, 1).await.len(), 1);
    }

    async fn a_large_group_goes_out_in_parts_that_a_server_must_take(database: Database) {
        let people = (1..=450).map(|id| person(id, &format!("Asukas {id}")).with("language", "fi"));
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = super::app_with(database, &Register::of(people), &smtp).await;
        let ids = |from: i64, to: i64| (from..=to).collect::<Vec<_>>();
        // One has no room in the first transaction; the next one takes it at once.
        smtp.script(Stage::RcptTo, [Answer::refuse(452, "4.5.3 too many recipients")]);
        let large = with(draft(&json!({"party_ids": ids(1, 120)}), &[content("fi", "Aihe", "Hei.")]), &json!({
            "addressing": "group", "cc": {"party_ids": ids(121, 130)}, "bcc": {"party_ids": ids(131, 450)},
        }));
        let (id, shown) = send_out(&app, &large).await;
        assert_eq!(shown.pointer("/counts/messages"), Some(&json!(1)));
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!(count(&done, "sent"), 450, "{done:#}");
        let messages = smtp.messages();
        let mut reached: Vec<&String> = messages.iter().flat_map(|message| &message.to).collect();
        reached.sort();
        reached.dedup();
        assert_eq!(reached.len(), 450);
        assert_eq!(messages.iter().map(|message| message.to.len()).sum::<usize>(), 450, "each once");
        assert!(messages.iter().all(|message| message.to.len() <= 100 && message.raw == messages[0].raw));
        assert_eq!(Mail::from(&messages[0]).to.len(), 120);

        let visible = with(large, &json!({"recipients": {"party_ids": ids(1, 450)}, "cc": {"addresses":
            (0..51).map(|n| json!({"email": format!("a{n}@firma.example"), "language": "fi"})).collect::<Vec<_>>()}}));
        let id = create(&app, &visible).await;
        let shown = preview(&app, &id, 0).await;
        assert_eq!(shown.pointer("/problems/0/code"), Some(&json!("too_many_visible_recipients")), "{shown:#}");
        let refused = integration_tests::mailings::send(&app, &id, &integration_tests::mailings::approval(&shown), "k").await;
        refused.expect_problem(422, "validation_failed");
        assert_eq!(text(&mailing(&app, &id).await, "status"), "draft");
    }

    async fn when_the_answer_is_lost_all_of_the_group_are_in_doubt(database: Database) {
        for (policy, expected) in [("hold", "unknown"), ("resend", "sent")] {
            let (app, smtp) = app(database, SmtpOptions::plain()).await;
            smtp.script(Stage::EndOfData, [Answer::AcceptThenDisconnect]);
            let only = with(group(), &json!({"recipients": {"party_ids": [1, 2]}, "bcc": {"party_ids": [6]}, "unknown_outcome": policy}));
            let (id, _) = send_out(&app, &only).await;
            if policy == "resend" {
                wait_until(&app, &id, LIMIT, |mailing| count(mailing, "deferred") == 5).await;
                let_time_pass(&app).await;
            }
            let done = finished(&app, &id, LIMIT).await;
            assert_eq!(count(&done, expected), 5, "{done:#}");
            let messages = smtp.messages();
            assert_eq!(messages.len(), if policy == "hold" { 1 } else { 2 });
            assert!(messages.iter().all(|message| message.raw == messages[0].raw && message.to == messages[0].to));
            assert_eq!(contacts(&app, 6).await.len(), usize::from(policy == "resend"));
        }
    }

    async fn who_comes_under_protection_before_the_message_is_shown_goes_apart(database: Database) {
        let (app, smtp) = app(database, SmtpOptions::plain()).await;
        smtp.script(Stage::MailFrom, [Answer::refuse(421, "4.3.2 later")]);
        let only = with(group(), &json!({"recipients": {"party_ids": [1, 2]}, "bcc": {"party_ids": [6]}}));
        let (id, _) = send_out(&app, &only).await;
        wait_until(&app, &id, LIMIT, |mailing| count(mailing, "queued") == 5).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let patch = json!({"address_protected": true});
        app.patch("/api/v1/parties/2").if_match("*").json(&patch).send().await.expect_status(200);
        let_time_pass(&app).await;
        let done = finished(&app, &id, LIMIT).await;
        assert_eq!(count(&done, "sent"), 5);
        let messages = smtp.messages();
        assert_eq!(messages.len(), 2);
        for mail in messages.iter().map(Mail::from) {
            assert_eq!(mail.mentions(&to(2)), mail.to == [to(2)], "{:?}", mail.to);
        }
        let rows = deliveries(&app, &id, None).await;
        assert_ne!(member(&rows[0], "message_id"), member(&rows[1], "message_id"));
    }

    async fn a_group_by_another_channel_or_with_fields_of_recipients_is_refused(database: Database) {
        let app = TestApp::start(database).await;
        let of_recipient = content("fi", "Hei", "Hei {{ recipient.name }}");
        for (changes, pointer, code) in [
            (json!({"contents": [of_recipient]}), "/contents/0/body", "recipient_field_in_group"),
            (json!({"delivery": {"channels": ["email", "internetviesti"]}}), "/cc", "email_only"),
            (json!({"cc": {}, "bcc": {}, "delivery": {"channels": ["internetviesti"]}}), "/addressing", "email_only"),
            (json!({"bcc": {"addresses": [{"email": "a b@c.fi", "language": "fi"}]}}), "/bcc/addresses/0/email", "invalid_address"),
            (json!({"bcc": {"addresses": [{"email": "a@b.fi"}]}}), "/bcc/addresses/0/language", "missing_field"),
            (json!({"bcc": {"addresses": [{"email": "a@b.fi", "language": "finnish!"}]}}), "/bcc/addresses/0/language", "invalid_language"),
            (json!({"cc": {"addresses": [{"email": "a@b.fi\r\nBcc: x@y.fi", "language": "fi"}]}}), "/cc/addresses/0/email", "invalid_address"),
            (json!({"cc": {"filter": {"text": ""}}}), "/cc/filter/text", "invalid_value"),
            (json!({"cc": {"party_ids": [0]}}), "/cc/party_ids/0", "invalid_value"),
            (json!({"cc": {"groups": []}}), "/cc/groups", "unknown_field"),
            (json!({"addressing": "circle"}), "/addressing", "unknown_value"),
            (json!({"purpose": "marketing"}), "/cc/addresses", "address_not_marketable"),
        ] {
            let refused = app.post("/api/v1/mailings").json(&with(group(), &changes)).send().await;
            let refused = refused.expect_problem(422, "validation_failed");
            let first = refused.json["errors"][0].clone();
            assert_eq!((text(&first, "pointer"), text(&first, "code")), (pointer.to_owned(), code.to_owned()), "{changes}");
        }
        assert_eq!(app.get("/api/v1/mailings").send().await.json["items"], json!([]), "nothing was made");
    }
}
