//! Signed links to attachments, for browsers that send no token.

use chrono::{DateTime, TimeDelta, Utc};
use integration_tests::internetviestit::{PATH, add, added, message, now, resident, start};
use integration_tests::mailings::{list, number, text};
use integration_tests::{Database, on_both_databases, token};
use serde_json::json;

on_both_databases! {
    async fn a_link_is_followed_without_a_token_until_the_message_is_withdrawn(database: Database) {
        let app = start(database).await;
        let files = json!([{"tiedostonimi": "Ohje.txt", "sisalto_base64": "SGVp"}, {"tiedostonimi": "Toinen.txt", "sisalto_base64": "SGVq"}]);
        let kept = added(&app, &message(&json!({"osapuoli_idt": [21], "liitteet": files}))).await;
        let ids: Vec<i64> = list(&kept, "liitteet").iter().map(|one| number(one, "liite_id")).collect();
        let link = app.get(&format!("{PATH}/liitteet/{}/linkki", ids[0])).bearer(&resident(21)).send().await.expect_status(200);
        assert_eq!(link.header("cache-control"), Some("no-store"));
        let address = text(&link.json, "osoite");
        let ends: DateTime<Utc> = text(&link.json, "vanhenee").parse().unwrap();
        let left = ends - now();
        assert!(left > TimeDelta::minutes(4) && left <= TimeDelta::minutes(5), "{left}");
        assert!(address.starts_with(&format!("{PATH}/liitteet/{}?voimassa={}&allekirjoitus=", ids[0], ends.timestamp())), "{address}");

        let content = app.get(&address).anonymous().send().await.expect_status(200);
        assert_eq!((content.body.as_slice(), content.header("content-disposition")), (b"Hei".as_slice(), Some("attachment; filename=\"Ohje.txt\"")));
        app.get(&address).anonymous().header("if-none-match", &content.etag()).send().await.expect_status(304);
        assert_eq!(app.get(&address).anonymous().header("range", "bytes=1-1").send().await.expect_status(206).body, b"e");
        // Whoever has the link follows it, whatever token comes with it.
        app.get(&address).bearer(&resident(25)).send().await.expect_status(200);
        app.get(&address).bearer("rubbish").send().await.expect_status(200);

        let signature = address.rsplit('=').next().unwrap();
        let flipped = if signature.starts_with('A') { signature.replacen('A', "B", 1) } else { format!("A{}", &signature[1..]) };
        for wrong in [
            address.replace(signature, &flipped),
            address.replace(signature, &signature[..20]),
            address.replace(signature, ""),
            address.replace(signature, "%25"),
            address.replace(&ends.timestamp().to_string(), &(ends.timestamp() + 1).to_string()),
            address.replace(&ends.timestamp().to_string(), "1"),
            address.replace(&format!("liitteet/{}", ids[0]), &format!("liitteet/{}", ids[1])),
        ] {
            app.get(&wrong).anonymous().send().await.expect_problem(404, "not_found");
        }
        // Half a link is none: then a token is asked for.
        let (plain, query) = address.split_once('?').unwrap();
        for half in query.split('&') {
            app.get(&format!("{plain}?{half}")).anonymous().send().await.expect_problem(401, "missing_token");
        }
        app.get(&format!("{address}&x=1")).anonymous().send().await.expect_problem(401, "missing_token");
        app.get(plain).anonymous().send().await.expect_problem(401, "missing_token");
        app.get(&format!("{plain}/linkki")).anonymous().send().await.expect_problem(401, "missing_token");
        app.get(&format!("{plain}/linkki")).bearer(&token("internetviestit:write", &json!({}))).send().await.expect_problem(403, "missing_scope");
        app.get(&format!("{plain}/linkki")).bearer(&resident(25)).send().await.expect_problem(404, "not_found");

        app.delete(&format!("{PATH}/{}", number(&kept, "internetviesti_id"))).if_match("\"1\"").send().await.expect_status(204);
        app.get(&address).anonymous().send().await.expect_problem(404, "not_found");
        app.get(&address).anonymous().header("if-none-match", &content.etag()).send().await.expect_problem(404, "not_found");
        app.get(&format!("{plain}/linkki")).bearer(&resident(21)).send().await.expect_problem(404, "not_found");
    }

    async fn a_link_outlives_the_server_that_made_it(database: Database) {
        let mut app = start(database).await;
        let kept = added(&app, &message(&json!({"kohde_idt": [1], "liitteet": [{"tiedostonimi": "a.txt", "sisalto_base64": "SGVp"}]}))).await;
        add(&app, &json!({"kohde_idt": [1]})).await;
        let liite_id = number(&list(&kept, "liitteet")[0], "liite_id");
        let link = app.get(&format!("{PATH}/liitteet/{liite_id}/linkki")).bearer(&resident(21)).send().await.expect_status(200);
        app.restart().await;
        app.get(&text(&link.json, "osoite")).anonymous().send().await.expect_status(200);
    }
}
