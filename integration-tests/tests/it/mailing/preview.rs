//! The preview: every recipient rendered, counted and hashed, and nothing changed by it.

use integration_tests::mailings::{
    content, create, deliveries, draft, list, mailing, member, number, preview, text, with,
};
use integration_tests::register::{Register, Row, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, on_both_databases};
use serde_json::{Value, json};

use super::{app, app_with, residents, to_parties};

/// A list of `{KEY, count}` as pairs, in order of the keys.
fn counted(list: &Value, key: &str) -> Vec<(String, i64)> {
    let items = list.as_array().cloned().unwrap_or_default();
    let mut pairs: Vec<_> = items.iter().map(|item| (text(item, key), number(item, "count"))).collect();
    pairs.sort();
    pairs
}

fn pair(name: &str, count: i64) -> (String, i64) {
    (name.to_owned(), count)
}

async fn change(app: &integration_tests::TestApp, id: &str, change: &Value) {
    let path = format!("/api/v1/mailings/{id}");
    let etag = app.get(&path).send().await.etag();
    app.patch(&path).if_match(&etag).json(change).send().await.expect_status(200);
}

on_both_databases! {
    async fn a_preview_counts_everyone_and_tells_why_some_are_left_out(database: Database) {
        let mut register = residents();
        register.parties.push(person(7, "Yhtiö").with("kind", "company").with("first_name", "").with("language", "fi"));
        register.parties.push(person(8, "Dag Dal").with("language", "sv"));
        register.parties.push(person(9, "Emma Ek").with("language", "sv-FI").with("address_protected", "true"));
        register.parties.push(person(10, "Fedor").with("language", "ru"));
        register.parties.push(person(11, "Galina").with("language", "ru"));
        let (smtp, ids) = (SmtpServer::start(SmtpOptions::plain()), (1..=11).collect::<Vec<i64>>());
        let app = app_with(database, &register, &smtp).await;
        let body = "Hei {{ recipient.first_name }}, {{ sender.name }}";
        let contents = [content("fi", "Aihe", body), content("sv", "Ämne", body)];
        let id = create(&app, &draft(&json!({"party_ids": ids}), &contents)).await;
        let before = mailing(&app, &id).await;

        let shown = preview(&app, &id, 10).await;
        assert_eq!(mailing(&app, &id).await, before, "a preview changes nothing");
        assert_eq!(member(&shown, "content_hash"), member(&before, "content_hash"));
        let counts = member(&shown, "counts");
        assert_eq!(number(&counts, "matched"), 11);
        assert_eq!(number(&counts, "messages"), 5, "{shown:#}");
        assert_eq!(number(&counts, "skipped"), 6, "{shown:#}");
        assert_eq!(number(&counts, "shared"), 0);
        assert_eq!(number(&counts, "protected"), 1);
        let excluded = counted(&member(&counts, "excluded"), "reason");
        assert_eq!(excluded, [
            pair("deceased", 1),
            pair("invalid_email", 1),
            pair("missing_value:recipient.first_name", 1),
            pair("no_email", 1),
            pair("no_language_version", 2),
        ]);
        assert_eq!(counted(&member(&shown, "missing_languages"), "language"), [pair("ru", 2)]);
        assert_eq!(counted(&member(&shown, "missing_values"), "field"), [pair("recipient.first_name", 1)]);
        let problems = list(&shown, "problems");
        assert_eq!(problems.iter().map(|it| text(it, "code")).collect::<Vec<_>>(), ["missing_language_version"]);
        assert!(text(&problems[0], "message").contains("ru"), "{problems:?}");

        let mut texts: Vec<String> = list(&shown, "samples").iter().map(|sample| text(sample, "text")).collect();
        texts.iter_mut().for_each(|text| *text = text.trim_end().to_owned());
        texts.sort();
        let greeted = ["Bertil", "Cecilia", "Dag", "Emma", "Åke"];
        assert_eq!(texts, greeted.map(|name| format!("Hei {name}, Isännöinti Oy")));
        let languages = counted(&member(&counts, "by_language"), "language");
        assert_eq!(languages.iter().map(|(_, count)| count).sum::<i64>(), number(&counts, "eligible"), "{shown:#}");
        assert_eq!(deliveries(&app, &id, None).await, Vec::<Value>::new(), "nothing is frozen");
    }

    async fn the_hashes_stand_for_what_is_sent_and_to_whom(database: Database) {
        let (app, _smtp) = app(database).await;
        let id = create(&app, &to_parties(&[1, 2, 3, 4])).await;
        let hashes = async || {
            let shown = preview(&app, &id, 0).await;
            assert_eq!(list(&shown, "samples"), Vec::<Value>::new());
            (text(&shown, "content_hash"), text(&shown, "recipients_hash"))
        };
        let first = hashes().await;
        assert_eq!(hashes().await, first, "the same again");
        change(&app, &id, &json!({"name": "Toinen nimi"})).await;
        assert_eq!(hashes().await, first, "the name is for the senders");

        change(&app, &id, &json!({"contents": [content("fi", "Aihe", "Hei {{ recipient.first_name }}.")]})).await;
        let other_content = hashes().await;
        assert_ne!(other_content.0, first.0);
        assert_eq!(other_content.1, first.1, "the same people get the same values");

        change(&app, &id, &json!({"recipients": {"party_ids": [1, 2, 3]}})).await;
        let other_people = hashes().await;
        assert_ne!(other_people.1, first.1);

        for (column, value) in [("email", "uusi@example.fi"), ("language", "fi-FI"), ("first_name", "Ake"), ("archived", "true")] {
            let before = hashes().await;
            let mut register = residents();
            register.parties[0] = register.parties[0].clone().with(column, value);
            register.import(&app).await;
            let after = hashes().await;
            assert_ne!(after.1, before.1, "{column}");
            assert_eq!(after.0, before.0, "{column}");
        }
        let before = hashes().await;
        let mut register = residents();
        register.parties[0] = register.parties[0].clone().with("archived", "true").with("street", "Uusi katu 1");
        register.parties[3] = register.parties[3].clone().with("email", "nelja@example.fi");
        register.import(&app).await;
        // Party 1 is archived as before; its name came back but is not sent to; party 4 is not asked for.
        let after = hashes().await;
        assert_eq!(before.0, after.0);
    }

    async fn a_preview_names_everything_a_send_would_be_refused_for(database: Database) {
        let (app, _smtp) = app(database).await;
        let id = create(&app, &json!({"name": "Kesken", "purpose": "marketing"})).await;
        let codes = |shown: &Value| -> Vec<(String, String)> {
            let mut codes: Vec<_> =
                list(shown, "problems").iter().map(|it| (text(it, "pointer"), text(it, "code"))).collect();
            codes.sort();
            codes
        };
        let named = codes(&preview(&app, &id, 2).await);
        for (pointer, code) in [
            ("/delivery/channels", "required"),
            ("/recipients", "required"),
            ("/purpose", "purpose_not_available"),
        ] {
            assert!(named.contains(&(pointer.to_owned(), code.to_owned())), "{pointer} {code} in {named:?}");
        }
        let foreign = with(to_parties(&[1]), &json!({"sender": {"address": "joku@muualla.example"}}));
        let id = create(&app, &foreign).await;
        let named = codes(&preview(&app, &id, 2).await);
        assert_eq!(named, [("/sender/address".to_owned(), "sender_not_allowed".to_owned())]);
        let id = create(&app, &to_parties(&[1])).await;
        assert_eq!(codes(&preview(&app, &id, 2).await), []);
    }

    async fn people_named_by_hand_who_are_not_in_the_register_are_warned_of(database: Database) {
        let (app, _smtp) = app(database).await;
        let warned = async |recipients: Value, changes: Value| {
            let named = draft(&recipients, &[content("fi", "Vesikatko", "Vesi on poikki.")]);
            let id = create(&app, &with(named, &changes)).await;
            let shown = preview(&app, &id, 0).await;
            assert_eq!(list(&shown, "problems"), Vec::<Value>::new(), "it may be sent");
            list(&shown, "warnings")
        };
        assert_eq!(warned(json!({"party_ids": [1, 6]}), json!({})).await, Vec::<Value>::new());
        let unknown = |people: i64, ids: &str| {
            let are = if people == 1 { "is" } else { "are" };
            let message = format!("{people} of the party_ids given {are} not in the register: {ids}.");
            [json!({"code": "unknown_party", "people": people, "message": message})]
        };
        assert_eq!(warned(json!({"party_ids": [1, 424_242]}), json!({})).await, unknown(1, "424242"));
        let copies = json!({"cc": {"party_ids": [99, 2]}, "bcc": {"party_ids": [98, 99]}});
        let filter = json!({"any": [{"party_ids": [1, 97]}, {"all": [{"not": {"party_ids": [96]}}, {"text": "nobody"}]}]});
        assert_eq!(warned(json!({"filter": filter, "party_ids": [3]}), copies).await, unknown(4, "96, 97, 98, 99"));
        let many = warned(json!({"party_ids": [1, 90, 91, 92, 93, 94, 95, 96]}), json!({})).await;
        assert_eq!(many, unknown(7, "90, 91, 92, 93, 94 and 2 more"));
    }

    async fn property_fields_are_those_of_the_property_by_which_the_person_was_found(database: Database) {
        let register = Register::of([person(1, "Åke Öhman"), person(2, "Bertil Berg")])
            .property(10, None, "company", "Asunto Oy Koivu")
            .property(11, Some(10), "unit", "Koivu A 1")
            .property(20, None, "company", "Bostads Ab Björk")
            .role(1, 11, "resident")
            .role(1, 20, "owner")
            .role(2, 20, "resident");
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app_with(database, &register, &smtp).await;
        let contents = [content("fi", "Kohde {{ property.code }}", "{{ property.name }}")];
        let filter = json!({"all": [
            {"role": {"codes": ["resident", "owner"]}},
            {"property": {"field": "property_id", "op": "eq", "value": "20"}},
        ]});
        let id = create(&app, &draft(&json!({"filter": filter}), &contents)).await;
        let shown = preview(&app, &id, 10).await;
        let mut texts: Vec<_> = list(&shown, "samples")
            .iter()
            .map(|it| (number(it, "party_id"), text(it, "subject"), text(it, "text").trim_end().to_owned()))
            .collect();
        texts.sort();
        let koivu = |id| (id, "Kohde K20".to_owned(), "Bostads Ab Björk".to_owned());
        assert_eq!(texts, [koivu(1), koivu(2)], "and never another property of theirs");
        let everyone: Row = person(3, "Kolmas");
        assert_eq!(everyone.get("kind"), "person");
    }

    async fn a_protected_person_is_counted_and_not_shown_without_the_scope(database: Database) {
        let mut register = residents();
        register.parties[1] = register.parties[1].clone().with("address_protected", "true");
        let smtp = SmtpServer::start(SmtpOptions::plain());
        let app = app_with(database, &register, &smtp).await;
        let id = create(&app, &to_parties(&[1, 2])).await;
        let clerk = integration_tests::token("mailings:read mailings:write register:read recipients:search", &json!({}));
        let path = format!("/api/v1/mailings/{id}/preview");
        let shown = app.post(&path).bearer(&clerk).json(&json!({"samples": 10})).send().await.expect_status(200);
        assert_eq!(shown.json.pointer("/counts/messages"), Some(&json!(2)));
        assert_eq!(shown.json.pointer("/counts/protected"), Some(&json!(1)));
        for secret in ["Bertil", "person2@example.fi"] {
            assert!(!shown.text().contains(secret), "{secret} in {}", shown.text());
        }
        let all = preview(&app, &id, 10).await.to_string();
        assert!(all.contains("Bertil"), "with the scope, it is shown: {all}");
    }
}
