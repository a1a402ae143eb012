//! The whole way over a real SMTP server with STARTTLS and a login: as many mails as eligible recipients, each to its own
//! address, in its own language, with no other recipient anywhere in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use integration_tests::mailings::{
    all_pages, contacts, content, count, deliveries, draft, finished, frozen, list, member, number, preview, send_out,
    text, with,
};
use integration_tests::register::import_folder;
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, Mail, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::SENDERS;

const LIMIT: Duration = Duration::from_secs(60);

/// A party as the register has it.
struct Party {
    name: String,
    email: Option<String>,
    own_language: Option<String>,
    first_name: Option<String>,
    gone: Option<&'static str>,
}

/// What the recipient search says of someone.
struct Found {
    eligible: bool,
    reason: Value,
    language: String,
    address: Option<String>,
}

async fn parties(app: &TestApp) -> BTreeMap<i64, Party> {
    let optional = |party: &Value, name: &str| party.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut parties = BTreeMap::new();
    for archived in ["false", "true"] {
        for party in all_pages(app, &format!("/api/v1/parties?archived={archived}")).await {
            let gone = match (member(&party, "deceased"), member(&party, "archived")) {
                (Value::Bool(true), _) => Some("deceased"),
                (_, Value::Bool(true)) => Some("archived"),
                _ => None,
            };
            let known = Party {
                name: text(&party, "name"),
                email: optional(&party, "email"),
                own_language: optional(&party, "language"),
                first_name: optional(&party, "first_name"),
                gone,
            };
            parties.insert(number(&party, "party_id"), known);
        }
    }
    parties
}

async fn search(app: &TestApp, filter: &Value) -> BTreeMap<i64, Found> {
    let mut found = BTreeMap::new();
    let mut body = json!({"channel": "email", "purpose": "service", "filter": filter, "limit": 200});
    loop {
        let page = app.post("/api/v1/recipients/search").json(&body).send().await.expect_status(200).json;
        for item in list(&page, "items") {
            let of_item = Found {
                eligible: member(&item, "eligible") == true,
                reason: member(&item, "reason"),
                language: text(&item, "service_language"),
                address: member(&item, "address").as_str().map(str::to_owned),
            };
            assert!(found.insert(number(&item, "party_id"), of_item).is_none(), "twice in the search: {item}");
        }
        match member(&page, "next_cursor") {
            Value::Null => return found,
            cursor => body = with(body, &json!({"cursor": cursor})),
        }
    }
}

/// The version for a service language: its own, or English for whom there is none.
fn version_for(language: &str) -> &'static str {
    match language.split('-').next() {
        Some("fi") => "fi",
        Some("sv") => "sv",
        _ => "en",
    }
}

fn body(greeting: &str, place: &str, version: &str) -> String {
    format!(
        "{greeting} {{{{ recipient.first_name }}}},\r\n\r\n{place}: {{{{ property.name|default('-') }}}}.\r\n[{version}]\r\n"
    )
}

fn three_languages(recipients: &Value) -> Value {
    let contents = [
        content("fi", "Vesikatko: {{ recipient.name }}", &body("Hei", "Vesi on poikki, kohde", "fi")),
        content("sv", "Vattenavbrott: {{ recipient.name }}", &body("Hej", "Vattnet är avstängt", "sv")),
        content("en", "No water: {{ recipient.name }}", &body("Dear", "The water is cut off at", "en")),
    ];
    with(draft(recipients, &contents), &json!({"missing_language": "fallback", "fallback_language": "en"}))
}

/// Text with line ends and ends of text that both sides may write differently.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").trim_end().to_owned()
}

on_both_databases! {
    async fn everyone_gets_one_mail_of_their_own_in_their_own_language_and_nobody_elses(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::starttls().credentials("postitus", "sala-sana"));
        let mut app = TestApp::prepare(database).smtp(&smtp, SENDERS);
        // The certificate must be checked against the name that the setting gives.
        let url = format!("smtp://postitus:sala-sana@localhost:{}?tls=required", smtp.port());
        app.set("POSTITUS_SMTP_URL", &url);
        app.restart().await;
        let folder = app.folder().join("sample");
        api::sample::write_csv(200, 7, &folder).expect("a sample register");
        import_folder(&app, &folder).await;

        let parties = parties(&app).await;
        assert_eq!(parties.len(), 200);
        let gone: BTreeMap<i64, &str> =
            parties.iter().filter_map(|(id, party)| Some((*id, party.gone?))).collect();
        assert!(!gone.is_empty(), "the sample has people who are gone");
        let filter = json!({"all": [
            {"role": {"codes": ["resident", "owner", "board_member"]}},
            {"property": {"field": "kind", "op": "eq", "value": "company"}},
        ]});
        let found = search(&app, &filter).await;
        assert!(found.keys().all(|id| !gone.contains_key(id)), "a search finds nobody who is gone");
        let expected: BTreeSet<i64> = found.iter().filter(|(_, found)| found.eligible).map(|(id, _)| *id).collect();
        let nameless: BTreeSet<i64> =
            expected.iter().filter(|id| parties[id].first_name.is_none()).copied().collect();
        let expected: BTreeSet<i64> = expected.difference(&nameless).copied().collect();
        assert!(expected.len() > 50, "only {} would get the mail", expected.len());

        let gone_ids: Vec<i64> = gone.keys().copied().collect();
        let (id, shown) = send_out(&app, &three_languages(&json!({"filter": filter, "party_ids": gone_ids}))).await;
        let received = smtp.wait_for(expected.len(), LIMIT).await;
        let mailing = finished(&app, &id, LIMIT).await;

        // As many as can be reached, and what was shown before is what became of it.
        assert_eq!(smtp.count(), expected.len());
        assert_eq!(frozen(&mailing), i64::try_from(found.len() + gone.len()).unwrap());
        assert_eq!(count(&mailing, "sent"), i64::try_from(expected.len()).unwrap());
        assert_eq!(count(&mailing, "skipped"), frozen(&mailing) - count(&mailing, "sent"));
        assert_eq!(shown.pointer("/counts/messages"), mailing.pointer("/progress/sent"));
        assert_eq!(shown.pointer("/counts/skipped"), mailing.pointer("/progress/skipped"));

        // The list of rows says the same, row by row.
        let rows = deliveries(&app, &id, None).await;
        assert_eq!(i64::try_from(rows.len()).unwrap(), frozen(&mailing));
        let mut row_of_party = BTreeMap::new();
        for row in rows {
            assert!(row_of_party.insert(number(&row, "party_id"), row).is_none(), "one row each");
        }
        for state in ["sent", "skipped"] {
            let listed = deliveries(&app, &id, Some(state)).await;
            assert_eq!(i64::try_from(listed.len()).unwrap(), count(&mailing, state));
            assert!(listed.iter().all(|row| member(row, "status") == state));
        }
        for (party_id, row) in &row_of_party {
            let reason = match (gone.get(party_id), found.get(party_id)) {
                (Some(gone), _) => json!(gone),
                (None, Some(found)) if !found.eligible => found.reason.clone(),
                (None, Some(_)) if nameless.contains(party_id) => json!("missing_value:recipient.first_name"),
                (None, Some(_)) => Value::Null,
                (None, None) => panic!("nobody asked for {row}"),
            };
            assert_eq!(member(row, "reason"), reason, "{row:#}");
            assert_eq!(member(row, "status"), if reason.is_null() { "sent" } else { "skipped" }, "{row:#}");
        }

        let mut languages = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for message in &received {
            assert!(message.tls && message.user.as_deref() == Some("postitus"), "encrypted and logged in");
            let mail = Mail::from(message);
            let [to] = message.to.as_slice() else { panic!("{:?} is not one recipient", message.to) };
            // Whose it is, is told by the Message-ID, which is the delivery's: a couple may share an address.
            let of_mail = |row: &&Value| {
                member(row, "message_id").as_str().is_some_and(|id| id.trim_matches(['<', '>']) == mail.message_id)
            };
            let row = row_of_party.values().find(of_mail).unwrap_or_else(|| panic!("no row has {}", mail.message_id));
            let party_id = &number(row, "party_id");
            let (party, found) = (&parties[party_id], &found[party_id]);
            assert!(expected.contains(party_id) && seen.insert(*party_id), "{to} got too much");
            assert_eq!(found.address.as_deref(), Some(to.as_str()));
            assert_eq!(party.email.as_deref(), Some(to.as_str()));
            assert_eq!(mail.to, [to.as_str()]);
            assert_eq!(mail.header("To"), Some(to.as_str()), "nothing beside the address");
            for absent in ["Cc", "Bcc", "Resent-To"] {
                assert_eq!(mail.header(absent), None);
            }
            assert_eq!((message.from.as_str(), mail.from.as_str()), (integration_tests::mailings::SENDER, message.from.as_str()));

            let delivery_id = text(row, "delivery_id");
            assert_eq!(mail.message_id, format!("{delivery_id}@isannointi.example"));

            // The language is the recipient's own.
            let version = version_for(&found.language);
            if let Some(own) = &party.own_language {
                assert_eq!(&found.language, own, "the party's own setting goes first");
            }
            let written = lines(mail.text.as_deref().unwrap());
            assert!(written.ends_with(&format!("[{version}]")), "{} got {written}", found.language);
            assert_eq!(written.matches('[').count(), 1, "{written}");
            assert!(written.contains(party.first_name.as_deref().unwrap()), "{written}");
            assert!(mail.subject.ends_with(&format!(": {}", party.name)), "{}", mail.subject);
            *languages.entry(version).or_insert(0) += 1;

            // Nobody else is in it.
            for (other_id, other) in &parties {
                if other_id == party_id {
                    continue;
                }
                if let Some(email) = other.email.as_deref().filter(|email| email.find('@') > Some(0) && email != to) {
                    assert!(!mail.mentions(email), "{to} was shown {email}");
                }
                let (own, others) = (&party.name, &other.name);
                let is_person = other.first_name.is_some();
                assert!(!is_person || own.contains(others.as_str()) || !mail.mentions(others), "{to} was shown {others}");
            }

            // What is kept of it is what was sent.
            let contacts = contacts(&app, *party_id).await;
            let [contact] = contacts.as_slice() else { panic!("{contacts:#?} is not one contact") };
            assert_eq!(text(contact, "mailing_id"), id);
            assert_eq!(text(contact, "delivery_id"), delivery_id);
            assert_eq!(text(contact, "direction"), "outbound");
            assert_eq!(text(contact, "channel"), "email");
            assert_eq!(text(contact, "address"), *to);
            assert_eq!(text(contact, "subject"), mail.subject);
            assert_eq!(lines(&text(contact, "text")), written);
            let path = format!("/api/v1/mailings/{id}/deliveries/{}/message", number(row, "row_no"));
            let again = app.get(&path).send().await.expect_status(200).json;
            assert_eq!(text(&again, "subject"), mail.subject);
            assert_eq!(lines(&text(&again, "text")), written);
            assert_eq!(text(&again, "address"), *to);
            assert_eq!(text(&again, "message_id").trim_matches(['<', '>']), mail.message_id);
        }
        assert_eq!(seen, expected);
        assert_eq!(languages.len(), 3, "{languages:?}");
        for party_id in row_of_party.keys().filter(|id| !expected.contains(id)) {
            assert_eq!(contacts(&app, *party_id).await, Vec::<Value>::new(), "who was left out has no contact");
        }
        println!("{} mails over {} connections, by version {languages:?}", received.len(), smtp.connections());

        // A second mailing to one of them stands first among the contacts.
        let someone = *expected.first().unwrap();
        let (second, _) = send_out(&app, &three_languages(&json!({"party_ids": [someone]}))).await;
        finished(&app, &second, LIMIT).await;
        let mailings: Vec<String> = contacts(&app, someone).await.iter().map(|it| text(it, "mailing_id")).collect();
        assert_eq!(mailings, [second, id]);
        assert_eq!(smtp.count(), expected.len() + 1);
    }

    async fn a_message_is_rendered_again_as_it_was_sent_whatever_has_changed_since(database: Database) {
        let (app, smtp) = super::app(database).await;
        let (id, _) = send_out(&app, &super::to_parties(&[1])).await;
        finished(&app, &id, LIMIT).await;
        let sent = Mail::from(&smtp.messages()[0]);
        let mut register = super::residents();
        register.parties[0] = register.parties[0].clone().with("first_name", "Toinen").with("email", "toinen@example.fi");
        register.import(&app).await;
        let again = app.get(&format!("/api/v1/mailings/{id}/deliveries/1/message")).send().await.expect_status(200).json;
        assert_eq!(lines(&text(&again, "text")), lines(sent.text.as_deref().unwrap()));
        assert_eq!(text(&again, "address"), sent.to[0]);
        assert_eq!(text(&contacts(&app, 1).await[0], "address"), sent.to[0]);
    }

    async fn markdown_and_html_come_with_a_text_and_values_are_escaped(database: Database) {
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let mut register = super::residents();
        register.parties[0] = register.parties[0].clone().with("first_name", "<b>Åke & *Co*");
        let app = super::app_with(database, &register, &smtp).await;
        for (number, format) in ["markdown", "html"].into_iter().enumerate() {
            let body = match format {
                "html" => "<p>Hei <strong>{{ recipient.first_name }}</strong></p>",
                _ => "Hei **{{ recipient.first_name }}**",
            };
            let content = with(content("fi", "Vesikatko", body), &json!({"format": format}));
            let (id, _) = send_out(&app, &draft(&json!({"party_ids": [1]}), &[content])).await;
            finished(&app, &id, LIMIT).await;
            let mail = Mail::from(&smtp.messages()[number]);
            let html = mail.html.unwrap();
            assert!(html.contains("<strong>&lt;b&gt;Åke &amp; *Co*</strong>"), "{format}: {html}");
            let text = mail.text.unwrap();
            assert!(text.contains("<b>Åke & *Co*"), "{format}: {text}");
        }
    }

    async fn what_is_previewed_is_what_arrives(database: Database) {
        let (app, smtp) = super::app(database).await;
        let id = integration_tests::mailings::create(&app, &super::to_parties(&[1, 2, 3])).await;
        let shown = preview(&app, &id, 10).await;
        let approval = integration_tests::mailings::approval(&shown);
        integration_tests::mailings::send(&app, &id, &approval, "once").await.expect_status(202);
        finished(&app, &id, LIMIT).await;
        let samples: BTreeMap<String, (String, String)> = list(&shown, "samples")
            .iter()
            .map(|sample| (text(sample, "address"), (text(sample, "subject"), lines(&text(sample, "text")))))
            .collect();
        let mails: BTreeMap<String, (String, String)> = smtp
            .messages()
            .iter()
            .map(Mail::from)
            .map(|mail| (mail.to[0].clone(), (mail.subject.clone(), lines(mail.text.as_deref().unwrap()))))
            .collect();
        assert_eq!(samples, mails);
        assert_eq!(mails.len(), 3);
    }
}
