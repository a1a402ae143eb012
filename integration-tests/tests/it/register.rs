//! The register read back over HTTP: one by one, in pages, by search, and without what protected parties must not show.

use integration_tests::mailings::{list, member, number, text};
use integration_tests::register::{Register, Row, person};
use integration_tests::{Database, TestApp, on_both_databases, token};
use persistence::{DatabaseUrl, Db, DbSettings, audit};
use serde_json::{Value, json};

/// A token that reads the register but does not see protected parties.
fn reader() -> String {
    token("register:read", &json!({}))
}

/// A token that sees protected parties.
fn trusted() -> String {
    token("register:read parties:protected", &json!({}))
}

/// Two housing companies with six parties; Korhonen (13) is protected, Vanhanen (14) archived.
fn sample() -> Register {
    let mut register = Register::of([
        person(11, "Matti Virtanen")
            .with("language", "fi")
            .with("phone", "040 123 4567")
            .with("street", "Mäntykatu 5 A 1")
            .with("postal_code", "33720")
            .with("city", "Tampere")
            .with("country", "fi")
            .with("attributes", r#"{"customer_class":"A"}"#),
        person(10, "Åsa Åberg").with("email", "rikki@"),
        person(12, "Örjan Öhman").with("deceased", "true"),
        person(13, "Aino Korhonen")
            .with("phone", "+358 50 765 4321")
            .with("street", "Kätkökuja 13")
            .with("postal_code", "65100")
            .with("city", "Vaasa")
            .with("country", "FI")
            .with("address_protected", "true")
            .with("attributes", r#"{"ovikoodi":"4711"}"#),
        person(14, "Väinö Vanhanen").with("archived", "true"),
        Row::default()
            .with("party_id", 15)
            .with("kind", "company")
            .with("name", "Aarnion Huolto Oy")
            .with("business_id", "1234567-8"),
    ])
    .property(1, None, "company", "Asunto Oy Mäntylä")
    .property(2, Some(1), "building", "Talo A")
    .property(3, Some(2), "unit", "A 1")
    .property(4, Some(2), "unit", "A 2")
    .property(5, None, "company", "Bostads Ab Åsen")
    .role(11, 3, "resident")
    .role(13, 4, "resident")
    .role(11, 1, "board_member")
    .role(15, 1, "maintenance");
    for (contract_id, party_id, property_id) in [(101, 11, 3), (102, 13, 4)] {
        register.contracts.push(
            Row::default()
                .with("contract_id", contract_id)
                .with("party_id", party_id)
                .with("property_id", property_id)
                .with("kind", "tenancy")
                .with("language", "sv")
                .with("valid_from", "2024-03-01"),
        );
    }
    register.roles[1] = register.roles[1].clone().with("contract_id", 102).with("role_id", "R-13");
    register
}

async fn app(database: Database) -> TestApp {
    let app = TestApp::start(database).await;
    sample().import(&app).await;
    app
}

/// What a GET with this token answers, which must be a 200.
async fn read(app: &TestApp, path: &str, token: &str) -> Value {
    app.get(&format!("/api/v1{path}")).bearer(token).send().await.expect_status(200).json
}

/// The ids of the items of a list, as numbers.
async fn ids(app: &TestApp, path: &str, field: &str, token: &str) -> Vec<i64> {
    list(&read(app, path, token).await, "items").iter().map(|item| number(item, field)).collect()
}

/// How many disclosures of protected parties have been recorded.
async fn disclosures(app: &TestApp) -> i64 {
    let url = DatabaseUrl::parse(app.database_url()).unwrap();
    let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
    db.read(|reader| audit::count(reader, "protected_party_disclosed")).await.unwrap()
}

on_both_databases! {
    async fn every_row_reads_back_as_it_was_imported(database: Database) {
        let app = app(database).await;
        assert_eq!(
            read(&app, "/parties/11", &reader()).await,
            json!({
                "party_id": 11, "kind": "person", "name": "Matti Virtanen", "first_name": "Matti", "last_name": "Virtanen",
                "business_id": null, "language": "fi", "email": "person11@example.fi", "email_state": "valid",
                "email_marketing": false, "phone": "040 123 4567", "phone_state": "mobile", "phone_marketing": false,
                "street": "Mäntykatu 5 A 1", "postal_code": "33720", "city": "Tampere", "country": "FI",
                "address_protected": false, "deceased": false, "archived": false,
                "attributes": {"customer_class": "A"},
                "service_language": {
                    "language": "fi", "source": "party", "assumed": false, "contract_id": null, "contract_choice": null,
                },
            })
        );
        assert_eq!(member(&read(&app, "/parties/10", &reader()).await, "email_state"), "invalid");
        assert_eq!(member(&read(&app, "/parties/14", &reader()).await, "archived"), true);
        assert_eq!(
            read(&app, "/properties/3", &reader()).await,
            json!({
                "property_id": 3, "parent_id": 2, "kind": "unit", "code": "K3", "name": "A 1", "street": null,
                "postal_code": null, "city": null, "country": null, "attributes": {},
            })
        );
        assert_eq!(
            read(&app, "/contracts/101", &reader()).await,
            json!({
                "contract_id": 101, "party_id": 11, "property_id": 3, "kind": "tenancy", "language": "sv",
                "valid_from": "2024-03-01", "valid_to": null, "points_enrolled": false, "points_enrolled_on": null,
            })
        );
        let roles = list(&read(&app, "/roles?party_id=11&role=resident", &reader()).await, "items");
        let [role] = roles.as_slice() else { panic!("one role: {roles:?}") };
        let role_id = text(role, "role_id");
        let expected = json!({
            "role_id": role_id, "erp_role_id": null, "party_id": 11, "property_id": 3, "role": "resident",
            "valid_from": "2020-01-01", "valid_to": null, "contract_id": null,
        });
        assert_eq!(role, &expected);
        assert_eq!(read(&app, &format!("/roles/{role_id}"), &reader()).await, expected);
    }

    async fn every_list_can_be_read_in_pages_of_any_size(database: Database) {
        let app = app(database).await;
        for (path, field, rows) in [
            ("/parties?archived=true", "party_id", 6),
            ("/parties?archived=true&q=example", "party_id", 4),
            ("/properties?kind=unit", "property_id", 2),
            ("/properties?q=", "property_id", 5),
            ("/roles?", "role_id", 4),
            ("/roles?party_id=11", "role_id", 2),
            ("/contracts?", "contract_id", 2),
        ] {
            let whole = list(&read(&app, &format!("{path}&limit=200"), &reader()).await, "items");
            assert_eq!(whole.len(), rows, "{path}");
            for limit in 1..=rows + 1 {
                let (mut items, mut cursor) = (Vec::new(), String::new());
                loop {
                    let page = read(&app, &format!("{path}&limit={limit}{cursor}"), &reader()).await;
                    let found = list(&page, "items");
                    assert!(!found.is_empty() && found.len() <= limit, "{path} {limit}: {page}");
                    items.extend(found);
                    match member(&page, "next_cursor") {
                        Value::String(next) => cursor = format!("&cursor={next}"),
                        end => {
                            assert_eq!(end, Value::Null);
                            break;
                        }
                    }
                }
                assert_eq!(items, whole, "{path} by {limit}: {field}");
            }
        }
    }

    async fn parties_are_listed_in_finnish_order_and_archived_ones_on_demand(database: Database) {
        let app = app(database).await;
        assert_eq!(ids(&app, "/parties", "party_id", &reader()).await, [15, 13, 11, 10, 12]);
        assert_eq!(ids(&app, "/parties?archived=true", "party_id", &reader()).await, [15, 13, 11, 14, 10, 12]);
    }

    async fn a_search_takes_beginnings_of_words_in_any_order_and_case_and_keeps_the_finnish_letters(database: Database) {
        let app = app(database).await;
        for (q, found) in [
            ("virtanen", vec![11]),
            ("VIRT mat", vec![11]),
            ("mat VIRT", vec![11]),
            ("irtanen", vec![]),
            ("matti korhonen", vec![]),
            ("åb", vec![10]),
            ("ÅSA", vec![10]),
            ("asa", vec![]),
            ("öhman ÖRJAN", vec![12]),
            ("ohman", vec![]),
            ("person11@example.fi", vec![11]),
            ("mäntykatu", vec![11]),
            ("+358401234567", vec![11]),
            // Properties of roles valid today count too.
            ("MÄNTYLÄ", vec![15, 11]),
            ("mäntylä huolto", vec![15]),
            ("väinö", vec![]),
        ] {
            let path = format!("/parties?q={}", q.replace('+', "%2B").replace(' ', "+"));
            assert_eq!(ids(&app, &path, "party_id", &reader()).await, found, "{q}");
        }
        for (q, found) in [("mäntyl", vec![1]), ("oy ASUNTO", vec![1]), ("åsen", vec![5]), ("asen", vec![]), ("k3", vec![3])] {
            let path = format!("/properties?q={}", q.replace(' ', "%20"));
            assert_eq!(ids(&app, &path, "property_id", &reader()).await, found, "{q}");
        }
    }

    async fn the_tree_of_properties_is_walked_from_its_roots(database: Database) {
        let app = app(database).await;
        for (path, found) in [
            ("/properties?roots=true", vec![1, 5]),
            ("/properties?parent_id=1", vec![2]),
            ("/properties?parent_id=2", vec![3, 4]),
            ("/properties?parent_id=2&q=a+2", vec![4]),
            ("/properties?parent_id=3", vec![]),
            ("/properties?kind=building", vec![2]),
            ("/properties?kind=castle", vec![]),
        ] {
            assert_eq!(ids(&app, path, "property_id", &reader()).await, found, "{path}");
        }
    }

    async fn roles_and_contracts_are_listed_by_party_and_property(database: Database) {
        let app = app(database).await;
        for (path, found) in [
            ("/roles?property_id=1", vec![11, 15]),
            ("/roles?property_id=1&role=maintenance", vec![15]),
            ("/roles?party_id=12", vec![]),
            ("/contracts?property_id=3", vec![11]),
            ("/contracts?party_id=11", vec![11]),
            ("/contracts?party_id=11&property_id=4", vec![]),
        ] {
            let mut parties = ids(&app, path, "party_id", &reader()).await;
            parties.sort_unstable();
            assert_eq!(parties, found, "{path}");
        }
    }

    async fn what_cannot_be_answered_is_a_problem(database: Database) {
        let app = app(database).await;
        let page = read(&app, "/parties?limit=1", &reader()).await;
        let cursor = text(&page, "next_cursor");
        let foreign = [
            format!("/properties?cursor={cursor}"),
            format!("/roles?cursor={cursor}"),
            format!("/contracts?cursor={cursor}"),
            format!("/parties?q=matti&cursor={cursor}"),
            format!("/parties?cursor={cursor}x"),
            "/parties?cursor=".to_owned(),
        ];
        for path in &foreign {
            app.get(&format!("/api/v1{path}")).bearer(&reader()).send().await.expect_problem(400, "invalid_cursor");
        }
        // With the scope the same list has other rows.
        let path = format!("/api/v1/parties?cursor={cursor}");
        app.get(&path).bearer(&trusted()).send().await.expect_problem(400, "invalid_cursor");

        let many = format!("/parties?q={}", "a+".repeat(21));
        for path in [
            "/parties?name=x", "/properties?root=true", "/roles?code=x", "/contracts?kind=x", "/parties?limit=0",
            "/roles?limit=201", "/contracts?limit=ten", "/parties?archived=1", "/properties?parent_id=x",
            "/properties?roots=true&parent_id=1", "/parties?q=--", "/roles?party_id=1&party_id=2", many.as_str(),
        ] {
            app.get(&format!("/api/v1{path}")).bearer(&reader()).send().await.expect_problem(400, "invalid_query");
        }
        for path in [
            "/parties/99", "/parties/x", "/parties/99999999999999999999", "/properties/99", "/contracts/99",
            "/roles/0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11", "/roles/7",
        ] {
            app.get(&format!("/api/v1{path}")).bearer(&reader()).send().await.expect_problem(404, "not_found");
        }
        let (other, resident) =
            (token("contacts:read parties:protected", &json!({})), token("admin", &json!({"party_ids": [11]})));
        for path in
            ["/parties", "/parties/11", "/properties", "/properties/1", "/roles", "/contracts", "/contracts/101"]
        {
            let call = || app.get(&format!("/api/v1{path}"));
            call().anonymous().send().await.expect_problem(401, "missing_token");
            call().bearer(&other).send().await.expect_problem(403, "missing_scope");
            call().bearer(&resident).send().await.expect_problem(404, "not_found");
        }
    }

    async fn an_unchanged_row_is_not_sent_twice(database: Database) {
        let app = app(database).await;
        let roles = list(&read(&app, "/roles?party_id=11", &reader()).await, "items");
        let role = format!("/api/v1/roles/{}", text(&roles[0], "role_id"));
        for path in ["/api/v1/parties/11", "/api/v1/properties/1", "/api/v1/contracts/101", role.as_str()] {
            let first = app.get(path).bearer(&reader()).send().await.expect_status(200);
            let known = |tag: &str| app.get(path).bearer(&reader()).header("if-none-match", tag);
            let second = known(&first.etag()).send().await.expect_status(304);
            assert_eq!((second.etag(), second.body.len()), (first.etag(), 0), "{path}");
            let third = known("\"something-else\"").send().await.expect_status(200);
            assert_eq!(third.json, first.json, "{path}");
            known("no tag").send().await.expect_problem(400, "invalid_header");
        }
        // The same files again change no tag; a changed row changes its own.
        let tag = app.get("/api/v1/parties/11").send().await.etag();
        sample().import(&app).await;
        assert_eq!(app.get("/api/v1/parties/11").send().await.etag(), tag);
        let mut changed = sample();
        changed.parties[0] = changed.parties[0].clone().with("city", "Nokia");
        changed.import(&app).await;
        assert_ne!(app.get("/api/v1/parties/11").send().await.etag(), tag);
    }

    async fn a_protected_party_shows_no_address_phone_or_residence(database: Database) {
        let app = app(database).await;
        let roles = list(&read(&app, "/roles?party_id=13", &reader()).await, "items");
        let role = format!("/roles/{}", text(&roles[0], "role_id"));
        let party = read(&app, "/parties/13", &reader()).await;
        assert_eq!(
            (text(&party, "name"), text(&party, "email"), member(&party, "address_protected")),
            ("Aino Korhonen".to_owned(), "person13@example.fi".to_owned(), json!(true))
        );
        for path in ["/parties/13", "/parties", "/parties?q=korhonen", "/roles?party_id=13", role.as_str(), "/roles",
            "/contracts?party_id=13", "/contracts/102", "/contracts"]
        {
            let answer = read(&app, path, &reader()).await;
            let items = answer.get("items").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![answer.clone()]);
            let his: Vec<&Value> = items.iter().filter(|item| number(item, "party_id") == 13).collect();
            assert_eq!(his.len(), 1, "{path}: {answer}");
            for field in ["phone", "phone_state", "street", "postal_code", "city", "country", "attributes", "property_id"] {
                assert!(member(his[0], field).is_null(), "{path} shows {field}: {answer}");
            }
            let text = answer.to_string();
            for secret in ["Kätkökuja", "65100", "Vaasa", "765 4321", "4711"] {
                assert!(!text.contains(secret), "{path} shows {secret}: {text}");
            }
        }
        assert!(member(&read(&app, &role, &reader()).await, "contract_id").is_null());
        // Neither do searches and filters tell.
        for (path, found) in [
            ("/parties?q=korhonen+person13", vec![13]),
            ("/parties?q=korhonen+vaasa", vec![]),
            ("/parties?q=k%C3%A4tk%C3%B6kuja", vec![]),
            ("/parties?q=%2B358507654321", vec![]),
            // The house: K4 is the code of the flat.
            ("/parties?q=k4", vec![]),
            ("/parties?q=aino+k4", vec![]),
            ("/parties?q=k4&limit=1", vec![]),
            ("/roles?property_id=4", vec![]),
            ("/contracts?property_id=4", vec![]),
        ] {
            assert_eq!(ids(&app, path, "party_id", &reader()).await, found, "{path}");
        }
        assert_eq!(disclosures(&app).await, 0, "nothing was disclosed");
    }

    async fn with_the_scope_a_protected_party_is_shown_and_each_time_recorded(database: Database) {
        let app = app(database).await;
        let party = read(&app, "/parties/13", &trusted()).await;
        assert_eq!(
            (text(&party, "street"), text(&party, "phone"), text(&party, "phone_state"), text(&party, "city")),
            ("Kätkökuja 13".to_owned(), "+358 50 765 4321".to_owned(), "mobile".to_owned(), "Vaasa".to_owned())
        );
        assert_eq!(party["attributes"], json!({"ovikoodi": "4711"}));
        assert_eq!(disclosures(&app).await, 1);

        let mut expected = 1;
        for (path, found) in [
            ("/parties?q=k%C3%A4tk%C3%B6kuja+vaasa", vec![13]),
            ("/parties?q=k4", vec![13]),
            ("/parties", vec![15, 13, 11, 10, 12]),
            ("/roles?property_id=4", vec![13]),
            ("/contracts?property_id=4", vec![13]),
        ] {
            assert_eq!(ids(&app, path, "party_id", &trusted()).await, found, "{path}");
            expected += 1;
            assert_eq!(disclosures(&app).await, expected, "{path}");
        }
        let roles = read(&app, "/roles?party_id=13", &trusted()).await;
        let role = &list(&roles, "items")[0];
        assert_eq!((number(role, "property_id"), number(role, "contract_id")), (4, 102));
        let shown = read(&app, &format!("/roles/{}", text(role, "role_id")), &trusted()).await;
        assert_eq!(&shown, role);
        assert_eq!(number(&read(&app, "/contracts/102", &trusted()).await, "property_id"), 4);
        assert_eq!(disclosures(&app).await, expected + 3);

        // What shows no protected party discloses none, and neither does a 304.
        let tag = app.get("/api/v1/parties/11").bearer(&trusted()).send().await.etag();
        assert!(!tag.is_empty());
        for path in ["/parties?q=virtanen", "/parties?limit=1", "/roles?party_id=11", "/contracts/101", "/properties/4"] {
            read(&app, path, &trusted()).await;
        }
        assert_eq!(disclosures(&app).await, expected + 3);
        let seen = app.get("/api/v1/parties/13").bearer(&trusted()).send().await.expect_status(200).etag();
        let call = |token: &str| app.get("/api/v1/parties/13").bearer(token).header("if-none-match", &seen);
        call(&trusted()).send().await.expect_status(304);
        assert_eq!(disclosures(&app).await, expected + 4);
        // Nor does the tag of the whole row tell anything to those who must not see it.
        let redacted = call(&reader()).send().await.expect_status(200);
        assert_ne!(redacted.etag(), seen);
    }
}
