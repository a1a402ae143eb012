//! What a front end shows while a filter is being written.

use integration_tests::mailings::list;
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::{Value, json};

use super::register;

on_both_databases! {
    async fn fields_roles_languages_and_values_are_listed(database: Database) {
        let app = TestApp::start(database).await;
        register().import(&app).await;
        for (name, declared) in [("class", json!({"type": "string", "label": "Luokka"})), ("debt", json!({"type": "number"}))] {
            app.put(&format!("/api/v1/attributes/party/{name}")).json(&declared).send().await.expect_status(201);
        }
        let get = async |path: &str| app.get(&format!("/api/v1/recipients/{path}")).send().await;
        let fields = get("fields").await.expect_status(200).json;
        let fields = list(&fields, "fields").to_vec();
        let field = |condition: &str, name: &str| {
            fields.iter().find(|field| field["condition"] == condition && field["field"] == name).unwrap().clone()
        };
        let class = field("party", "attributes.class");
        assert_eq!((&class["type"], &class["label"], &class["protected"]), (&json!("text"), &json!("Luokka"), &json!(true)));
        assert_eq!(field("contract", "kind")["operators"], json!(["eq", "ne", "in", "exists"]));
        assert_eq!(field("party", "phone")["values_listed"], false);

        // The archived are not counted, the protected are.
        let roles = get("roles").await.expect_status(200).json;
        assert_eq!(roles["roles"], json!([{"code": "owner", "parties": 1}, {"code": "resident", "parties": 3}]));
        let languages = get("languages").await.expect_status(200).json;
        let expected = json!({"languages": [{"language": "fi", "count": 2}, {"language": "sv", "count": 1}], "assumed": 2});
        assert_eq!(languages, expected);

        let values = async |query: &str| get(&format!("values?{query}")).await;
        for (query, expected) in [
            // Where the protected and the archived live is not among them.
            ("condition=party&field=city", json!(["Espoo", "Helsinki"])),
            ("condition=party&field=city&prefix=HEL", json!(["Helsinki"])),
            ("condition=party&field=name&prefix=d", json!([])),
            ("condition=party&field=kind&prefix=P", json!(["person"])),
            ("condition=party&field=attributes.class", json!(["b", "å"])),
            ("condition=party&field=attributes.class&prefix=%C3%85", json!(["å"])),
            ("condition=party&field=attributes.debt", json!(["12.5"])),
            ("condition=property&field=name&prefix=as%20oy%20m", json!(["As Oy Mänty"])),
            ("condition=property&field=code&prefix=k1", json!(["K1", "K11", "K12"])),
            ("condition=contract&field=language", json!(["sv"])),
            ("condition=contract&field=kind&prefix=x", json!([])),
        ] {
            let answer = values(query).await.expect_status(200).json;
            assert_eq!((&answer["values"], &answer["complete"]), (&expected, &json!(true)), "{query}");
        }
        let some = values("condition=property&field=code&limit=2").await.expect_status(200).json;
        assert_eq!(some, json!({"values": ["K1", "K11"], "complete": false}));
        for (query, at) in [
            ("condition=role&field=city", "?condition"),
            ("condition=party&field=phone", "?field"),
            ("condition=party&field=attributes.x", "?field"),
            ("condition=party&field=attributes.debt&prefix=1", "?prefix"),
            ("condition=party&field=city&limit=201", "?limit"),
        ] {
            let refused = values(query).await.expect_problem(400, "invalid_query").json;
            assert_eq!(refused["errors"][0]["pointer"], Value::from(at), "{query}");
        }
    }
}
