//! The service language of a party, shown with why it is that one.

use integration_tests::mailings::{all_pages, number};
use integration_tests::register::{Register, person};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

fn served(language: &str, source: &str, contract: Option<(i64, &str)>) -> Value {
    json!({
        "language": language,
        "source": source,
        "assumed": source == "assumed",
        "contract_id": contract.map(|(id, _)| id),
        "contract_choice": contract.map(|(_, choice)| choice),
    })
}

on_both_databases! {
    async fn a_party_shows_in_which_language_it_is_served_and_why(database: Database) {
        let app = TestApp::start(database).await;
        let people = [
            person(1, "Oma Kieli").with("language", "se"),
            person(2, "Sopimus Sanoo").with("address_protected", "true"),
            person(3, "Ei Tietoa"),
        ];
        Register::of(people).property(1, None, "company", "As Oy Koivu").import(&app).await;
        let contract = async |id: i64, party: i64, members: Value| {
            let mut body = json!({"party_id": party, "property_id": 1, "kind": "tenancy"});
            body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            let call = app.put(&format!("/api/v1/contracts/{id}")).json(&body).send().await;
            assert!(matches!(call.status, 200 | 201), "{}", call.text());
        };
        let read = async |id: i64| app.get(&format!("/api/v1/parties/{id}")).send().await.expect_status(200);
        contract(10, 1, json!({"language": "en", "valid_from": "2020-01-01"})).await;
        assert_eq!(read(1).await.json["service_language"], served("se", "party", None), "its own setting");
        assert_eq!(read(3).await.json["service_language"], served("fi", "assumed", None), "nothing is known");

        // Contract by contract, the better one decides, and the tag of what is shown changes with it.
        let mut tags = vec![read(2).await.etag()];
        for (id, members, language, choice) in [
            (20, json!({"language": "ru", "valid_from": "2010-01-01", "valid_to": "2019-12-31"}), "ru", "ended"),
            (21, json!({"language": "en", "valid_from": "2099-01-01"}), "en", "next"),
            (22, json!({"language": "sv", "valid_from": "2020-01-01"}), "sv", "current"),
        ] {
            contract(id, 2, members).await;
            let shown = read(2).await;
            assert_eq!(shown.json["service_language"], served(language, "contract", Some((id, choice))));
            assert!(!tags.contains(&shown.etag()));
            tags.push(shown.etag());
            app.get("/api/v1/parties/2").header("if-none-match", &shown.etag()).send().await.expect_status(304);
        }
        let listed = all_pages(&app, "/api/v1/parties?").await;
        let of_two = listed.iter().find(|party| number(party, "party_id") == 2).unwrap();
        assert_eq!(of_two["service_language"], served("sv", "contract", Some((22, "current"))));

        // Who has read the party may change it, and is answered with the new language.
        let tag = read(3).await.etag();
        let changed = app.patch("/api/v1/parties/3").if_match(&tag).json(&json!({"language": "sv"})).send().await.expect_status(200);
        assert_eq!(changed.json["service_language"], served("sv", "party", None));
        assert_eq!((read(3).await.etag(), read(3).await.json), (changed.etag(), changed.json.clone()));
        app.patch("/api/v1/parties/3").if_match(&tag).json(&json!({"language": "en"})).send().await.expect_problem(412, "stale_version");
        let body = json!({"kind": "person", "name": "Ei Tietoa", "email": "person3@example.fi"});
        let put = app.put("/api/v1/parties/3").if_match(&changed.etag()).json(&body).send().await.expect_status(200);
        assert_eq!(put.json["service_language"], served("sv", "party", None), "set here, it holds over the ERP's");
        // What is said of a search is the same.
        let search = json!({"channel": "email", "purpose": "service", "filter": {"party_ids": [2]}});
        let seeing = app.post("/api/v1/recipients/search").json(&search).send().await.expect_status(200).json;
        assert_eq!((&seeing["items"][0]["service_language"], &seeing["items"][0]["language_source"]), (&json!("sv"), &json!("contract")));
    }
}
