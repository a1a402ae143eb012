//! Attachments of messages: uploaded or given inline, of one language or of all, read byte for byte, whole or in part.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integration_tests::attachments::{id, taken_in};
use integration_tests::internetviestit::{PATH, added, headers, message, reader, resident, start, version};
use integration_tests::mailings::{list, member, number, text, with};
use integration_tests::{Database, Reply, TestApp, on_both_databases};
use serde_json::{Value, json};

/// A PDF as far as its bytes tell, with every byte in it.
fn pdf(size: usize) -> Vec<u8> {
    b"%PDF-1.7\r\n%".iter().copied().chain((0..=255).cycle()).take(size).collect()
}

fn inline(name: &str, bytes: &[u8]) -> Value {
    json!({"tiedostonimi": name, "sisalto_base64": STANDARD.encode(bytes)})
}

/// The names and ids of a message's attachments, in the language asked for.
async fn attachments(app: &TestApp, id: i64, query: &str, token: &str) -> Vec<(String, i64)> {
    let reply = app.get(&format!("{PATH}/{id}{query}")).bearer(token).send().await.expect_status(200);
    list(&reply.json, "liitteet").iter().map(|one| (text(one, "tiedostonimi"), number(one, "liite_id"))).collect()
}

async fn read(app: &TestApp, liite_id: i64, token: &str) -> Reply {
    app.get(&format!("{PATH}/liitteet/{liite_id}")).bearer(token).send().await
}

on_both_databases! {
    async fn attachments_go_with_their_language_and_are_read_byte_for_byte(database: Database) {
        let app = start(database).await;
        let (plan, large) = (pdf(4_000), pdf(3_000_001));
        let uploaded = id(&taken_in(&app, "Sähkökatko – ohje.pdf", &plan).await);
        let swedish = with(version("sv", "Vatten", "Slut."), &json!({"tiedosto_idt": [id(&taken_in(&app, "anvisning.pdf", &pdf(20)).await)]}));
        let finnish = with(version("fi", "Vesi", "Poikki."), &json!({"liitteet": [inline("ohje.txt", "Hei ääkköset".as_bytes())]}));
        let mut body = message(&json!({"osapuoli_idt": [21, 22], "kohde_idt": [1], "tiedosto_idt": [uploaded], "liitteet": [inline("iso.pdf", &large)]}));
        body["versiot"] = json!([finnish, swedish]);
        let kept = added(&app, &body).await;
        let message_id = number(&kept, "internetviesti_id");
        assert_eq!(list(&kept, "liitteet").len(), 4);
        assert_eq!(kept.pointer("/sisalto/tiedosto_idt/0"), Some(&json!(uploaded)));

        let names = |found: &[(String, i64)]| found.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
        let in_finnish = attachments(&app, message_id, "", &resident(21)).await;
        assert_eq!(names(&in_finnish), ["Sähkökatko – ohje.pdf", "iso.pdf", "ohje.txt"]);
        let in_swedish = attachments(&app, message_id, "", &resident(22)).await;
        assert_eq!(names(&in_swedish), ["Sähkökatko – ohje.pdf", "iso.pdf", "anvisning.pdf"]);
        assert_eq!(in_finnish[..2], in_swedish[..2]);
        assert_eq!(number(&headers(&app, "osapuoli_id=21", &resident(21)).await[0], "liitteita"), 3);

        for ((_, liite_id), bytes) in in_finnish.iter().zip([plan.as_slice(), &large, "Hei ääkköset".as_bytes()]) {
            for token in [resident(21), resident(24), reader()] {
                let content = read(&app, *liite_id, &token).await.expect_status(200);
                assert!(content.body == bytes, "other bytes");
                assert_eq!(content.header("content-length"), Some(bytes.len().to_string().as_str()));
            }
            read(&app, *liite_id, &resident(25)).await.expect_problem(404, "not_found");
        }
        let content = read(&app, in_finnish[0].1, &resident(21)).await;
        for (name, value) in [
            ("content-type", "application/pdf"), ("x-content-type-options", "nosniff"), ("content-security-policy", "sandbox"),
            ("accept-ranges", "bytes"), ("cache-control", "private, no-cache"),
            ("content-disposition", "attachment; filename=\"Sahkokatko _ ohje.pdf\"; filename*=UTF-8''S%C3%A4hk%C3%B6katko%20%E2%80%93%20ohje.pdf"),
        ] {
            assert_eq!(content.header(name), Some(value), "{name}");
        }
        let path = format!("{PATH}/liitteet/{}", in_finnish[0].1);
        let again = app.get(&path).header("if-none-match", &content.etag()).send().await.expect_status(304);
        assert!(again.body.is_empty());
        // What a message names is not deleted.
        let deleted = app.delete(&format!("/api/v1/attachments/{uploaded}")).send().await;
        assert_eq!(deleted.status, 409, "{}", deleted.text());
        read(&app, in_finnish[0].1, &resident(21)).await.expect_status(200);
    }

    async fn some_of_the_bytes_are_served_to_who_asks_for_them(database: Database) {
        let app = start(database).await;
        let bytes = pdf(200_000);
        let kept = added(&app, &message(&json!({"osapuoli_idt": [21], "liitteet": [inline("a.pdf", &bytes)]}))).await;
        let path = format!("{PATH}/liitteet/{}", number(&list(&kept, "liitteet")[0], "liite_id"));
        let whole = app.get(&path).bearer(&resident(21)).send().await.expect_status(200);
        let ask = |range: &str, condition: &str| {
            let call = app.get(&path).bearer(&resident(21)).header("range", range);
            if condition.is_empty() { call.send() } else { call.header("if-range", condition).send() }
        };
        for (range, from, to) in [
            ("bytes=0-0", 0, 1), ("bytes=0-1023", 0, 1024), ("bytes=100000-", 100_000, 200_000), ("bytes=-5", 199_995, 200_000),
            ("bytes=199999-199999", 199_999, 200_000), ("bytes=199990-999999", 199_990, 200_000), ("bytes=-999999", 0, 200_000),
        ] {
            let part = ask(range, "").await.expect_status(206);
            assert!(part.body == bytes[from..to], "{range}");
            assert_eq!(part.header("content-range"), Some(format!("bytes {from}-{}/200000", to - 1).as_str()), "{range}");
            assert_eq!((part.header("content-length"), part.etag()), (Some((to - from).to_string().as_str()), whole.etag()), "{range}");
        }
        for range in ["bytes=200000-", "bytes=300000-300001", "bytes=-0"] {
            let told = ask(range, "").await.expect_problem(416, "range_not_satisfiable");
            assert_eq!(told.header("content-range"), Some("bytes */200000"), "{range}");
        }
        for range in ["bytes=0-1, 5-6", "lines=1-2", "bytes=x", "bytes=5-2", ""] {
            let all = ask(range, "").await.expect_status(200);
            assert!(all.body == bytes, "{range}");
        }
        assert_eq!(ask("bytes=0-9", &whole.etag()).await.expect_status(206).body, bytes[..10]);
        for other in ["\"other\"", "Sat, 01 Jan 2000 00:00:00 GMT", &format!("W/{}", whole.etag())] {
            assert!(ask("bytes=0-9", other).await.expect_status(200).body == bytes, "{other}");
        }
        let seen = app.get(&path).bearer(&resident(21)).header("range", "bytes=0-9").header("if-none-match", &whole.etag());
        seen.send().await.expect_status(304);
    }

    async fn an_attachment_is_served_only_while_its_message_is(database: Database) {
        let app = start(database).await;
        for (members, is_shown) in [
            (json!({}), true),
            (json!({"voimassa_alkaen": "2100-01-01T00:00:00Z"}), false),
            (json!({"voimassa_paattyen": "2020-01-01T00:00:00Z"}), false),
            (json!({"tila": "luonnos"}), false),
        ] {
            let members = with(members.clone(), &json!({"osapuoli_idt": [21], "liitteet": [inline("a.txt", b"Hei")]}));
            let kept = added(&app, &message(&members)).await;
            let (message_id, liite_id) = (number(&kept, "internetviesti_id"), number(&list(&kept, "liitteet")[0], "liite_id"));
            for token in [resident(21), reader()] {
                let status = read(&app, liite_id, &token).await.status;
                assert_eq!(status, if is_shown { 200 } else { 404 }, "{members}");
                let link = app.get(&format!("{PATH}/liitteet/{liite_id}/linkki")).bearer(&token).send().await.status;
                assert_eq!(link, status, "{members}");
            }
            app.delete(&format!("{PATH}/{message_id}")).if_match("*").send().await.expect_status(204);
            read(&app, liite_id, &resident(21)).await.expect_problem(404, "not_found");
            read(&app, liite_id, &reader()).await.expect_problem(404, "not_found");
        }
    }

    async fn an_attachment_that_stays_keeps_its_id_and_one_that_is_taken_away_is_gone(database: Database) {
        let app = start(database).await;
        let kept = added(&app, &message(&json!({"osapuoli_idt": [21], "liitteet": [inline("a.txt", b"A"), inline("b.txt", b"B")]}))).await;
        let message_id = number(&kept, "internetviesti_id");
        let before = attachments(&app, message_id, "", &resident(21)).await;
        let files: Vec<Value> = list(&kept["sisalto"], "tiedosto_idt");
        let patch = |version: i64, changes: Value| app.patch(&format!("{PATH}/{message_id}")).if_match(&format!("\"{version}\"")).json(&changes).send();
        patch(1, json!({"tiedosto_idt": [files[1]], "liitteet": [inline("c.txt", b"C")]})).await.expect_status(200);
        let after = attachments(&app, message_id, "", &resident(21)).await;
        assert_eq!((after[0].clone(), after[1].0.as_str()), (before[1].clone(), "c.txt"));
        read(&app, before[0].1, &resident(21)).await.expect_problem(404, "not_found");
        assert_eq!(read(&app, after[1].1, &resident(21)).await.expect_status(200).body, b"C");
        // A change of something else leaves them.
        patch(2, json!({"tarkea": true})).await.expect_status(200);
        assert_eq!(attachments(&app, message_id, "", &resident(21)).await, after);
        patch(3, json!({"tiedosto_idt": []})).await.expect_status(200);
        assert!(attachments(&app, message_id, "", &resident(21)).await.is_empty());
        assert_eq!(member(&app.get(&format!("{PATH}/{message_id}/otsikot")).send().await.json, "liitteita"), 0);
    }
}
