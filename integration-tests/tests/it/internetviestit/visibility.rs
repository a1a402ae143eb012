//! What a party's portal is shown, and when: while it is valid, published, and not withdrawn.

use std::time::Duration;

use chrono::TimeDelta;
use integration_tests::internetviestit::{
    PATH, add, added, headers, ids, message, now, reader, resident, start, version,
};
use integration_tests::mailings::{list, member, number, text};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

/// What Matti's portal answers for a message, by each path that leads to it: the status codes.
async fn statuses(app: &TestApp, id: i64, token: &str) -> [u16; 3] {
    let mut statuses = [0; 3];
    for (status, path) in statuses.iter_mut().zip(["", "/otsikot", "/ketju"]) {
        *status = app.get(&format!("{PATH}/{id}{path}")).bearer(token).send().await.status;
    }
    statuses
}

on_both_databases! {
    async fn a_message_is_served_with_its_header_and_what_it_says(database: Database) {
        let app = start(database).await;
        let mut body = message(&json!({"osapuoli_idt": [21, 22], "tarkea": true, "voimassa_paattyen": "2100-01-01T00:00:00Z"}));
        body["versiot"] = json!([version("fi", " Vesikatko ", "Vesi on poikki.\nKlo 9–12.\n\nÄläkää <b>juoko</b> & odottakaa.")]);
        let id = number(&added(&app, &body).await, "internetviesti_id");
        let reply = app.get(&format!("{PATH}/{id}")).bearer(&resident(21)).send().await.expect_status(200);
        let message = &reply.json;
        for (name, value) in [
            ("internetviesti_id", json!(id)), ("otsikko", json!("Vesikatko")), ("kieli", json!("fi")), ("kielet", json!(["fi"])),
            ("osapuoli_id", json!(21)), ("kohde_id", Value::Null), ("voimassa_paattyen", json!("2100-01-01T00:00:00Z")),
            ("tarkea", json!(true)), ("luettu", Value::Null), ("lisaaja", json!("test")), ("liitteita", json!(0)),
            ("peritty", json!(false)), ("tila", json!("julkaistu")), ("korjaa_id", Value::Null), ("korjattu_id", Value::Null),
            ("liitteet", json!([])), ("viesti_teksti", json!("Vesi on poikki.\nKlo 9–12.\n\nÄläkää <b>juoko</b> & odottakaa.")),
            ("viesti_html", json!("<p>Vesi on poikki.<br>\nKlo 9–12.</p>\n<p>Äläkää &lt;b&gt;juoko&lt;/b&gt; &amp; odottakaa.</p>")),
        ] {
            assert_eq!(member(message, name), value, "{name}: {message:#}");
        }
        assert_eq!(member(message, "julkaistu"), member(message, "voimassa_alkaen"));
        assert_eq!(reply.etag(), "\"1-fi\"");
        assert_eq!(reply.header("content-language"), Some("fi"));
        assert_eq!(reply.header("vary").map(str::to_lowercase), Some("authorization, accept-language".to_owned()));
        assert_eq!(reply.header("cache-control"), Some("private, no-cache"));

        // The header alone says the same, and a list the same but for the read mark.
        let header = app.get(&format!("{PATH}/{id}/otsikot")).bearer(&resident(21)).send().await.expect_status(200);
        assert_eq!((header.etag(), header.header("content-language")), ("\"1-fi\"".to_owned(), Some("fi")));
        let mut alone = header.json.clone();
        for (name, value) in alone.as_object().unwrap() {
            assert_eq!(value, &message[name], "{name}");
        }
        let listed = headers(&app, "osapuoli_id=21", &resident(21)).await;
        alone["luettu"] = json!(false);
        assert_eq!(listed, [alone]);
        for path in [format!("{PATH}/{id}"), format!("{PATH}/{id}/otsikot")] {
            let again = app.get(&path).bearer(&resident(21)).header("if-none-match", "\"1-fi\"").send().await.expect_status(304);
            assert!(again.body.is_empty());
            assert_eq!((again.etag(), again.header("content-language")), ("\"1-fi\"".to_owned(), Some("fi")));
            app.get(&path).bearer(&resident(21)).header("if-none-match", "\"1-sv\", \"2-fi\"").send().await.expect_status(200);
        }
        // For nobody in particular it has no target.
        let for_nobody = app.get(&format!("{PATH}/{id}")).bearer(&reader()).send().await.expect_status(200);
        assert_eq!((member(&for_nobody.json, "osapuoli_id"), member(&for_nobody.json, "kohde_id")), (Value::Null, Value::Null));
    }

    async fn only_what_is_valid_now_is_shown(database: Database) {
        let app = start(database).await;
        let begin = now();
        let after = |days: i64| json!(begin + TimeDelta::days(days));
        let cases = [
            (json!({}), true),
            (json!({"voimassa_alkaen": after(-1)}), true),
            (json!({"voimassa_alkaen": after(-2), "voimassa_paattyen": after(1)}), true),
            (json!({"voimassa_alkaen": after(1)}), false),
            (json!({"voimassa_paattyen": after(-1)}), false),
            (json!({"voimassa_alkaen": after(-2), "voimassa_paattyen": after(-1)}), false),
            (json!({"tila": "luonnos"}), false),
            (json!({"tila": "luonnos", "voimassa_alkaen": after(-1)}), false),
        ];
        let mut shown = Vec::new();
        for (members, is_shown) in &cases {
            let members = integration_tests::mailings::with(members.clone(), &json!({"osapuoli_idt": [21]}));
            let id = add(&app, &members).await;
            for token in [resident(21), reader()] {
                assert_eq!(statuses(&app, id, &token).await, [if *is_shown { 200 } else { 404 }; 3], "{members}");
            }
            let read = app.post(&format!("{PATH}/{id}/luettu")).bearer(&resident(21)).json(&json!({})).send().await;
            assert_eq!(read.status, if *is_shown { 204 } else { 404 }, "{members}");
            app.get(&format!("{PATH}/{id}/muokkaus")).send().await.expect_status(200);
            if *is_shown {
                shown.insert(0, id);
            }
        }
        assert_eq!(ids(&app, "osapuoli_id=21", &resident(21)).await, shown);
        assert_eq!(list(&app.get(PATH).send().await.json, "items").len(), cases.len(), "the tool sees them all");
    }

    async fn a_message_comes_and_goes_with_its_window(database: Database) {
        let app = start(database).await;
        let begin = now();
        let window = json!({"osapuoli_idt": [21], "voimassa_alkaen": begin + TimeDelta::seconds(2), "voimassa_paattyen": begin + TimeDelta::seconds(4)});
        let id = add(&app, &window).await;
        let mut seen = Vec::new();
        while now() < begin + TimeDelta::seconds(5) {
            let (before, status, after) = (now(), statuses(&app, id, &resident(21)).await[0], now());
            let is_within = |instant| (begin + TimeDelta::seconds(2)..begin + TimeDelta::seconds(4)).contains(&instant);
            if is_within(before) == is_within(after) {
                assert_eq!(status == 200, is_within(before), "{before} {status}");
            }
            seen.push(status);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        seen.dedup();
        assert_eq!(seen, [404, 200, 404]);
        let of_the_tool = app.get(&format!("{PATH}/{id}/muokkaus")).send().await.expect_status(200);
        assert_eq!(text(&of_the_tool.json, "tila"), "julkaistu");
    }

    async fn a_withdrawn_message_is_gone_at_once_for_portals_and_not_for_the_tool(database: Database) {
        let app = start(database).await;
        let id = add(&app, &json!({"osapuoli_idt": [21], "kohde_idt": [1]})).await;
        assert_eq!(statuses(&app, id, &resident(21)).await, [200; 3]);
        app.delete(&format!("{PATH}/{id}")).if_match("\"1-fi\"").send().await.expect_status(204);
        for token in [resident(21), resident(22), reader()] {
            assert_eq!(statuses(&app, id, &token).await, [404; 3]);
            let seen = app.get(&format!("{PATH}/{id}")).bearer(&token).header("if-none-match", "\"1-fi\"").send().await;
            seen.expect_problem(404, "not_found");
        }
        assert!(ids(&app, "osapuoli_id=21&tiedotteet=true", &resident(21)).await.is_empty());
        assert!(ids(&app, "kohde_id=1", &reader()).await.is_empty());
        app.post(&format!("{PATH}/{id}/luettu")).json(&json!({"osapuoli_id": 21})).send().await.expect_problem(404, "not_found");
        let kept = app.get(&format!("{PATH}/{id}/muokkaus")).send().await.expect_status(200).json;
        assert_eq!((text(&kept, "tila"), number(&kept, "versio")), ("poistettu".to_owned(), 2));
        app.delete(&format!("{PATH}/{id}")).if_match("\"2\"").send().await.expect_problem(409, "internetviesti_withdrawn");
        let patch = app.patch(&format!("{PATH}/{id}")).if_match("\"2\"").json(&json!({"tarkea": true}));
        patch.send().await.expect_problem(409, "internetviesti_withdrawn");
    }

    async fn html_that_would_harm_is_made_safe_and_both_forms_are_served(database: Database) {
        let app = start(database).await;
        let hostile = "<h2>Vesi</h2><script>alert(1)</script><p onclick=\"alert(2)\" style=\"position:fixed\">poikki \
            <a href=\"javascript:alert(3)\">a</a> <a href=\"https://koivu.example/x?a=1&amp;b=2\">ohje</a></p>\
            <img src=\"https://spy.example/p.gif\" onerror=\"alert(4)\"><iframe src=\"//evil\"></iframe><form action=\"/x\"><input></form>\
            <svg><script>alert(5)</script></svg><a href=\"data:text/html,x\">d</a><style>p{display:none}</style><b>lihava</b><p>auki";
        let body = |kind: &str, text: &str| {
            message(&json!({"osapuoli_idt": [21], "versiot": [{"kieli": "fi", "otsikko": "<b>Otsikko</b>", "viesti": text, "muoto": kind}]}))
        };
        for (kind, text) in [("html", hostile.to_owned()), ("markdown", format!("# Vesi\n\n[x](javascript:alert(1)) **lihava**\n\n{hostile}"))] {
            let id = number(&added(&app, &body(kind, &text)).await, "internetviesti_id");
            let served = app.get(&format!("{PATH}/{id}")).bearer(&resident(21)).send().await.expect_status(200).json;
            let html = served["viesti_html"].as_str().unwrap().to_owned();
            for harm in ["<script", "alert(2)", "javascript:", "onerror", "onclick=\"", "<img", "<iframe", "<form", "<input", "<svg", "data:", "<style", "style="] {
                // What Markdown shows as text is no element.
                let harm_is_text = kind == "markdown" && !harm.starts_with('<');
                assert!(harm_is_text || !html.contains(harm), "{kind} {harm}: {html}");
            }
            assert!(html.contains("Vesi") && html.contains("lihava"), "{html}");
            let plain = served["viesti_teksti"].as_str().unwrap();
            assert!(plain.contains("Vesi") && plain.contains("lihava"), "{plain}");
            if kind == "html" {
                assert!(html.contains("<h2>Vesi</h2>") && html.contains("<b>lihava</b>"), "{html}");
                assert!(html.contains("https://koivu.example/x?a=1&amp;b=2") && html.contains("noopener"), "{html}");
                assert!(!plain.contains('<') && !plain.contains("alert"), "{plain}");
            }
            // A title is text, and served as it was written.
            assert_eq!(member(&served, "otsikko"), "<b>Otsikko</b>");
            let kept = app.get(&format!("{PATH}/{id}/muokkaus")).send().await.json;
            assert_eq!(kept.pointer("/sisalto/versiot/0/viesti").and_then(Value::as_str), Some(text.as_str()));
        }
    }
}
