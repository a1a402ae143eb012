//! Nothing of one resident is found with the token of another, by any operation of the document.

use std::collections::BTreeMap;

use integration_tests::internetviestit::{PATH, added, message, reader, resident, sample};
use integration_tests::mailings::{
    SENDER, all_pages, content, create, draft, list, member, number, send_out, text, with,
};
use integration_tests::{Database, Reply, TestApp, on_both_databases, token};
use reqwest::Method;
use serde_json::{Value, json};

/// Operations that are not asked, and why. The list may only shrink.
const EXEMPT: [(&str, &str); 4] = [
    ("getHealth", "tells how the service is, to anybody"),
    ("getMetrics", "counts of the service, without names; its own scope is asked for in access.rs"),
    ("getOpenApi", "the document itself, the same for all; its examples speak of a Matti"),
    ("getReadiness", "tells how the service is, to anybody"),
];

/// A word in all that is Matti's, and nowhere else.
const MARKER: &str = "Pihlajanmarja";

/// What Matti has, by the names that paths and parameters have for it.
struct Things {
    ids: BTreeMap<&'static str, Vec<String>>,
    /// Bodies that name them.
    bodies: Vec<Value>,
}

async fn things(app: &TestApp) -> Things {
    let files = json!([{"tiedostonimi": format!("{MARKER}.txt"), "sisalto_base64": "UGlobGFqYW5tYXJqYQ=="}]);
    let mine = json!({"osapuoli_idt": [21], "versiot": [{"kieli": "fi", "otsikko": MARKER, "viesti": MARKER}], "liitteet": files});
    let to_me = added(app, &message(&mine)).await;
    let bulletin = added(app, &message(&with(mine, &json!({"osapuoli_idt": [], "kohde_idt": [3]})))).await;
    // Two of each, so that a page of one has a cursor.
    added(app, &message(&json!({"osapuoli_idt": [21], "kohde_idt": [3]}))).await;
    let (mailing_id, _) = send_out(app, &draft(&json!({"party_ids": [21]}), &[content("fi", MARKER, MARKER)])).await;
    let unsent = create(app, &draft(&json!({"party_ids": [21]}), &[content("fi", MARKER, MARKER)])).await;
    let of = |path: &str| {
        let path = path.to_owned();
        async move { all_pages(app, &path).await }
    };
    let role = text(&of("/api/v1/roles?party_id=21").await[0], "role_id");
    let both = [&to_me, &bulletin];
    let files = both.iter().map(|kept| text(&list(kept, "liitteet")[0], "tiedosto_id")).collect();
    let mut cursors = Vec::new();
    for query in ["/otsikot?osapuoli_id=21&limit=1", "/otsikot?kohde_id=3&limit=1", "?limit=1"] {
        let page = app.get(&format!("{PATH}{query}")).send().await.expect_status(200).json;
        cursors.push(text(&page, "next_cursor"));
    }
    let all = |name: &str| both.iter().map(|kept| number(kept, name).to_string()).collect::<Vec<_>>();
    Things {
        ids: BTreeMap::from([
            ("party_id", vec!["21".to_owned()]),
            ("osapuoli_id", vec!["21".to_owned()]),
            ("property_id", vec!["3".to_owned()]),
            ("kohde_id", vec!["3".to_owned(), "2".to_owned(), "1".to_owned()]),
            ("internetviesti_id", all("internetviesti_id")),
            ("liite_id", both.iter().map(|kept| number(&list(kept, "liitteet")[0], "liite_id").to_string()).collect()),
            ("attachment_id", files),
            ("mailing_id", vec![mailing_id, unsent]),
            ("role_id", vec![role]),
            ("cursor", cursors),
            ("teksti", vec![MARKER.to_owned()]),
            ("q", vec![MARKER.to_owned()]),
        ]),
        bodies: vec![
            json!({}),
            json!({"osapuoli_id": 21}),
            json!({"party_ids": [21]}),
            json!({"filter": {"party_ids": [21]}}),
        ],
    }
}

/// A call of an operation: its method, and paths that name Matti's things in each of their places.
fn calls(path: &str, operation: &Value, things: &Things) -> Vec<String> {
    let mut paths = vec![String::new()];
    for segment in path.trim_start_matches('/').split('/') {
        let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
        let fillings = match name {
            None => vec![segment.to_owned()],
            Some(name) => things.ids.get(name).cloned().unwrap_or_else(|| vec!["7".to_owned()]),
        };
        paths = paths.iter().flat_map(|path| fillings.iter().map(move |filling| format!("{path}/{filling}"))).collect();
    }
    let names = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let names = names.filter(|parameter| parameter["in"] == "query").filter_map(|parameter| parameter["name"].as_str());
    // Each by itself, and beside the caller's own.
    let mut queries = vec![String::new(), "?osapuoli_id=25".to_owned(), "?kohde_id=11".to_owned()];
    for name in names {
        for value in things.ids.get(name).into_iter().flatten() {
            queries.push(format!("?{name}={value}"));
            queries.extend(
                (name == "cursor")
                    .then(|| {
                        [
                            format!("?osapuoli_id=25&limit=1&cursor={value}"),
                            format!("?kohde_id=11&limit=1&cursor={value}"),
                        ]
                    })
                    .into_iter()
                    .flatten(),
            );
            queries.extend((name == "kohde_id").then(|| format!("?osapuoli_id=25&kohde_id={value}")));
            queries.extend((name == "osapuoli_id").then(|| format!("?kohde_id=11&osapuoli_id={value}")));
        }
    }
    paths.iter().flat_map(|path| queries.iter().map(move |query| format!("{path}{query}"))).collect()
}

/// Whether an answer tells anything of Matti's.
fn tells(reply: &Reply, things: &Things) -> bool {
    if matches!(reply.status, 401 | 403 | 404) {
        return false;
    }
    let mut body = reply.text();
    // What the request said itself is no news.
    if let Some(request_id) = reply.json.get("request_id").and_then(Value::as_str) {
        body = body.replace(request_id, "");
    }
    let uuids = ["attachment_id", "mailing_id", "role_id"].iter().flat_map(|name| &things.ids[name]);
    body.contains(MARKER)
        || body.contains("Matti")
        || uuids.into_iter().any(|id| body.contains(id.as_str()))
        || names_numbers(&reply.json, things)
}

/// Whether a member that holds an id holds one of Matti's.
fn names_numbers(json: &Value, things: &Things) -> bool {
    match json {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let known = things.ids.get(name.as_str()).into_iter().flatten();
            known.into_iter().any(|id| value.as_i64().is_some_and(|number| id.parse() == Ok(number)))
                || names_numbers(value, things)
        }),
        Value::Array(items) => items.iter().any(|item| names_numbers(item, things)),
        _ => false,
    }
}

async fn state_of(app: &TestApp, things: &Things) -> Vec<Value> {
    let mut state = Vec::new();
    for id in &things.ids["internetviesti_id"] {
        for path in ["muokkaus", "lukijat", "muutokset"] {
            state.push(app.get(&format!("{PATH}/{id}/{path}")).send().await.expect_status(200).json);
        }
    }
    for path in ["/api/v1/parties/21", "/api/v1/properties/3"] {
        state.push(app.get(path).send().await.expect_status(200).json);
    }
    let mailings = app.get("/api/v1/mailings").send().await.json;
    state.extend(list(&mailings, "items").iter().map(|mailing| member(mailing, "mailing_id")));
    state
}

on_both_databases! {
    async fn no_operation_tells_a_resident_of_another(database: Database) {
        let app = TestApp::prepare(database).setting("POSTITUS_SENDERS", SENDER).started().await;
        sample().import(&app).await;
        let things = things(&app).await;
        let before = state_of(&app, &things).await;
        let document = app.get("/api/v1/openapi.json").anonymous().send().await.expect_status(200).json;
        let tokens = [resident(25), token("admin internetviestit:read internetviestit:write tokens:mint", &json!({"party_ids": [25]})), token("admin parties:protected", &json!({"party_ids": [25, 26]}))];
        let (mut asked, mut exempt) = (0, Vec::new());
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                if EXEMPT.iter().any(|(exempt, _)| *exempt == name) {
                    exempt.push(name.to_owned());
                    continue;
                }
                let method: Method = method.to_uppercase().parse().unwrap();
                let has_body = operation.get("requestBody").is_some();
                for path in calls(path, operation, &things) {
                    for token in &tokens {
                        let bodies = if has_body { things.bodies.as_slice() } else { &[Value::Null] };
                        for body in bodies {
                            let call = app.call(method.clone(), &path).bearer(token).if_match("*").idempotency_key("isolation");
                            let reply = if has_body { call.json(body).send().await } else { call.send().await };
                            assert!(!tells(&reply, &things), "{name}: {method} {path} {body}: {} {}", reply.status, reply.text());
                            assert!(reply.status < 500, "{name}: {method} {path}: {}", reply.text());
                            asked += 1;
                        }
                    }
                }
            }
        }
        assert!(asked > 500, "only {asked} calls");
        exempt.sort_unstable();
        assert_eq!(exempt, EXEMPT.map(|(name, _)| name), "an exemption that nothing needs");
        assert_eq!(state_of(&app, &things).await, before, "something was changed");
        // The same questions are answered to whom it concerns.
        let id = &things.ids["internetviesti_id"][1];
        for token in [resident(21), reader()] {
            assert!(tells(&app.get(&format!("{PATH}/{id}")).bearer(&token).send().await, &things));
        }
    }
}
