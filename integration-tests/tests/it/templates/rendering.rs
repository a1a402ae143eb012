//! A template shown as a party would get it.

use integration_tests::mailings::{list, member, text};
use integration_tests::register::{Register, person};
use integration_tests::templates::{added, folder, path, rendered, template, version};
use integration_tests::{Database, TestApp, on_both_databases, token};
use persistence::{DatabaseUrl, Db, DbSettings, audit};
use serde_json::{Value, json};

use super::faults;

async fn app(database: Database) -> TestApp {
    let app = TestApp::start(database).await;
    let home = |row: integration_tests::register::Row| {
        row.with("street", "Kätkökuja 13").with("postal_code", "65100").with("city", "Vaasa")
    };
    Register::of([
        home(person(21, "Åsa Åberg").with("language", "sv-FI")),
        person(22, "Ivan Ivanov").with("language", "ru").with("first_name", ""),
        home(person(23, "Aino Korhonen").with("language", "fi").with("address_protected", "true")),
    ])
    .property(1, None, "company", "Asunto Oy Piilo")
    .role(21, 1, "resident")
    .role(23, 1, "resident")
    .import(&app)
    .await;
    app
}

async fn disclosures(app: &TestApp) -> i64 {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 1 }).unwrap();
    db.read(|reader| audit::count(reader, "protected_party_disclosed")).await.unwrap()
}

const BODY: &str = "{{ recipient.first_name }}, {{ recipient.street|default('-') }}, {{ property.name|default('-') }}";

on_both_databases! {
    async fn the_version_served_comes_with_why(database: Database) {
        let app = app(database).await;
        let mail = folder(&app, "email", "Vesi").await;
        let versions = [version("sv", "Vatten {{ mailing.name }}", BODY), version("fi", "Vesi", BODY), version("en", "Water", BODY)];
        let new = added(&app, &template(&mail, &versions, &json!({}))).await;
        for (party, language, served, why) in [
            (21, Value::Null, "sv", "service_language"),
            (21, json!("en-GB"), "en", "asked_language"),
            (21, json!("et"), "sv", "service_language"),
            (22, Value::Null, "fi", "default_language"),
        ] {
            let shown = rendered(&app, &new, party, &json!({"language": language})).await;
            assert_eq!((text(&shown, "content_language"), text(&shown, "chosen_by")), (served.to_owned(), why.to_owned()));
        }
        let asa = rendered(&app, &new, 21, &json!({})).await;
        assert_eq!(text(&asa, "text"), "Åsa, Kätkökuja 13, Asunto Oy Piilo");
        assert_eq!((text(&asa, "service_language"), member(&asa, "empty_fields")), ("sv-FI".to_owned(), json!([])));
        assert_eq!((text(&asa, "subject"), member(&asa, "example_fields")), ("Vatten Vesikatko 12.3.".to_owned(), json!(["mailing.name"])));
        let ivan = rendered(&app, &new, 22, &json!({})).await;
        assert_eq!(text(&ivan, "text"), "[recipient.first_name], -, -");
        let empty: Vec<_> = list(&ivan, "empty_fields").iter().map(|field| (text(field, "name"), member(field, "excludes"))).collect();
        let expected = [("property.name", false), ("recipient.first_name", true), ("recipient.street", false)];
        assert_eq!(empty, expected.map(|(name, excludes)| (name.to_owned(), json!(excludes))));

        let patch = json!({"language_versions": [version("ru", "Вода", "Нет воды")]});
        integration_tests::templates::changed(&app, &new, &patch).await;
        assert_eq!(text(&rendered(&app, &new, 21, &json!({})).await, "chosen_by"), "first_version");
        let earlier = rendered(&app, &new, 21, &json!({"version": 1})).await;
        assert_eq!((text(&earlier, "content_language"), earlier["version"].clone()), ("sv".to_owned(), json!(1)));
        let unknown = app.post(&format!("{}/render", path(&new))).json(&json!({"party_id": 21, "version": 7})).send().await;
        assert_eq!(faults(unknown), [("/version".to_owned(), "unknown_version".to_owned())]);
        let nobody = app.post(&format!("{}/render", path(&new))).json(&json!({"party_id": 99})).send().await;
        assert_eq!(faults(nobody), [("/party_id".to_owned(), "unknown_party".to_owned())]);
    }

    async fn where_a_protected_party_lives_is_for_those_who_may_know(database: Database) {
        let mut app = app(database).await;
        let new = added(&app, &template(&folder(&app, "email", "Vesi").await, &[version("fi", "Vesi", BODY)], &json!({}))).await;
        app.use_token(&token("mailings:write", &json!({})));
        let hidden = rendered(&app, &new, 23, &json!({})).await;
        assert_eq!((text(&hidden, "text"), member(&hidden, "protected")), ("Aino, -, -".to_owned(), json!(true)));
        assert_eq!(member(&hidden, "withheld_fields"), json!(["property.name", "recipient.street"]));
        assert_eq!(member(&hidden, "empty_fields"), json!([]));
        assert!(!hidden.to_string().contains("Kätkökuja") && !hidden.to_string().contains("Piilo"));
        assert_eq!(disclosures(&app).await, 0);
        app.use_token(&token("mailings:write parties:protected", &json!({})));
        let shown = rendered(&app, &new, 23, &json!({})).await;
        assert_eq!((text(&shown, "text"), member(&shown, "withheld_fields")), ("Aino, Kätkökuja 13, Asunto Oy Piilo".to_owned(), json!([])));
        assert_eq!(disclosures(&app).await, 1);
    }

    async fn a_template_for_the_portal_is_shown_as_the_portal_shows_it(database: Database) {
        let app = app(database).await;
        let portal = folder(&app, "internetviesti", "Nettiviestit").await;
        let html = "<h1>Vesi</h1><script>x()</script><p onclick=\"x()\">Hei {{ recipient.name }}</p>";
        let versions = [version("fi", "Vesikatko", html)];
        let new = added(&app, &template(&portal, &versions, &json!({"format": "html"}))).await;
        let shown = rendered(&app, &new, 21, &json!({})).await;
        assert_eq!(text(&shown, "html"), "<h1>Vesi</h1><p>Hei Åsa Åberg</p>");
        assert!(text(&shown, "text").contains("Hei Åsa Åberg"));
        let letter = folder(&app, "letter", "Kirjeet").await;
        let letter = added(&app, &template(&letter, &[version("fi", "Kirje", "Hei {{ recipient.name }}")], &json!({}))).await;
        let shown = rendered(&app, &letter, 21, &json!({})).await;
        assert_eq!((text(&shown, "text"), member(&shown, "html")), ("Hei Åsa Åberg".to_owned(), Value::Null));
    }
}
