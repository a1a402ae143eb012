//! In which language a message is served: asked for, the party's, the browser's, the deployment's, the first. Never none.

use integration_tests::internetviestit::{PATH, added, headers, message, reader, resident, start, version};
use integration_tests::mailings::{number, text};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

/// Adds a message of everybody in these languages.
async fn add_in(app: &TestApp, languages: &[&str]) -> i64 {
    let versions: Vec<Value> = languages.iter().map(|tag| version(tag, &format!("Otsikko {tag}"), &format!("Viesti {tag}"))).collect();
    let body = message(&json!({"osapuoli_idt": [21, 22, 24], "kohde_idt": [1], "versiot": versions}));
    number(&added(app, &body).await, "internetviesti_id")
}

on_both_databases! {
    async fn a_message_is_served_in_the_language_that_counts_most(database: Database) {
        let app = start(database).await;
        let finnish_and_swedish = add_in(&app, &["fi", "sv"]).await;
        let swedish_and_english = add_in(&app, &["sv", "en"]).await;
        let german = add_in(&app, &["de"]).await;
        let swedish_of_finland = add_in(&app, &["fi", "sv-FI"]).await;
        // The message, whose token, the query, Accept-Language, the language served.
        for (id, token, query, accepted, served) in [
            (finnish_and_swedish, resident(21), "", "", "fi"),
            (finnish_and_swedish, resident(22), "", "", "sv"),
            (finnish_and_swedish, resident(22), "?kieli=fi", "", "fi"),
            (finnish_and_swedish, resident(22), "?kieli=FI", "sv", "fi"),
            (finnish_and_swedish, resident(22), "?kieli=en", "", "sv"),
            (finnish_and_swedish, resident(22), "", "fi", "sv"),
            (finnish_and_swedish, reader(), "?osapuoli_id=22", "fi", "sv"),
            (finnish_and_swedish, reader(), "?kohde_id=4", "sv", "sv"),
            (finnish_and_swedish, reader(), "", "sv, fi;q=0.5", "sv"),
            (finnish_and_swedish, reader(), "", "en, sv;q=0.2, fi;q=0.1", "sv"),
            (finnish_and_swedish, reader(), "", "sv-FI", "sv"),
            (finnish_and_swedish, reader(), "", "*", "fi"),
            (finnish_and_swedish, reader(), "", "rubbish;;q=x", "fi"),
            (finnish_and_swedish, reader(), "", "", "fi"),
            // No language is known of Pekka: what the browser asks for counts more than what is assumed.
            (finnish_and_swedish, resident(24), "", "sv", "sv"),
            (finnish_and_swedish, resident(24), "", "", "fi"),
            (swedish_and_english, resident(21), "", "", "sv"),
            (swedish_and_english, resident(21), "", "en", "en"),
            (swedish_and_english, resident(21), "?kieli=en", "", "en"),
            (swedish_and_english, resident(22), "", "en", "sv"),
            (german, resident(21), "?kieli=sv", "en", "de"),
            (german, resident(22), "", "", "de"),
            (swedish_of_finland, resident(22), "?kieli=sv-FI", "", "sv-FI"),
            (swedish_of_finland, resident(22), "?kieli=sv-SE", "", "fi"),
        ] {
            for path in [format!("{PATH}/{id}{query}"), format!("{PATH}/{id}/otsikot{query}")] {
                let mut call = app.get(&path).bearer(&token);
                if !accepted.is_empty() {
                    call = call.header("accept-language", accepted);
                }
                let reply = call.send().await.expect_status(200);
                let told = (text(&reply.json, "kieli"), reply.header("content-language"), text(&reply.json, "otsikko"));
                assert_eq!(told, (served.to_owned(), Some(served), format!("Otsikko {served}")), "{path} {accepted}");
                assert_eq!(reply.etag(), format!("\"1-{served}\""));
                if let Some(html) = reply.json.get("viesti_html") {
                    assert_eq!((html, text(&reply.json, "viesti_teksti")), (&json!(format!("<p>Viesti {served}</p>")), format!("Viesti {served}")));
                }
            }
        }
    }

    async fn a_list_is_in_the_language_of_its_reader_and_has_a_tag_of_it(database: Database) {
        let app = start(database).await;
        let id = add_in(&app, &["fi", "sv"]).await;
        for (query, token, served) in [
            ("osapuoli_id=21", resident(21), "fi"),
            ("osapuoli_id=22", resident(22), "sv"),
            ("osapuoli_id=22&kieli=fi", resident(22), "fi"),
            ("osapuoli_id=22", reader(), "sv"),
            ("kohde_id=4", resident(22), "sv"),
            ("kohde_id=4", reader(), "fi"),
            ("kohde_id=4&kieli=sv", reader(), "sv"),
            ("kohde_id=4&kieli=en", reader(), "fi"),
        ] {
            let listed = headers(&app, query, &token).await;
            let titles: Vec<_> = listed.iter().map(|header| (text(header, "kieli"), text(header, "otsikko"))).collect();
            assert_eq!(titles, [(served.to_owned(), format!("Otsikko {served}"))], "{query}");
            let chain = app.get(&format!("{PATH}/{id}/ketju?{query}")).bearer(&token).send().await.expect_status(200);
            assert_eq!(chain.json.pointer("/viestit/0/kieli"), Some(&json!(served)), "{query}");
        }
        let path = format!("{PATH}/otsikot?osapuoli_id=22");
        let swedish = app.get(&path).send().await.expect_status(200);
        let seen = |query: &str| app.get(&format!("{path}{query}")).header("if-none-match", &swedish.etag()).send();
        seen("").await.expect_status(304);
        seen("&kieli=sv").await.expect_status(304);
        seen("&kieli=fi").await.expect_status(200);
    }
}
