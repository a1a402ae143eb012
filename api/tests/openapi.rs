//! The OpenAPI document as a contract: `openapi.yaml` is current, and generators can work with it.
//!
//! `UPDATE_OPENAPI=1 cargo test -p api --test openapi` rewrites `openapi.yaml`.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(api::openapi::openapi()).expect("the document is JSON")
}

/// Every operation as (method and path, operation).
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("a path item");
        methods.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    operations.collect()
}

/// Visits every node with its pointer.
fn walk<'a>(node: &'a Value, pointer: &str, visit: &mut impl FnMut(&str, &'a Value)) {
    visit(pointer, node);
    match node {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(item, &format!("{pointer}/{index}"), visit));
        }
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            // What an example says is not part of the contract's form.
            if !matches!(key.as_str(), "example" | "examples" | "default") {
                walk(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), visit);
            }
        }),
        _ => {}
    }
}

#[test]
#[expect(clippy::panic, reason = "a failed test")]
fn openapi_yaml_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.yaml");
    let generated = api::openapi::openapi_yaml().expect("the document is YAML");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, generated).expect("openapi.yaml can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed != generated {
        let line = committed.lines().zip(generated.lines()).take_while(|(old, new)| old == new).count() + 1;
        panic!("openapi.yaml is stale from line {line} on: run UPDATE_OPENAPI=1 cargo test -p api --test openapi");
    }
}

/// Parsers of YAML 1.1, which many generators use, take these words for booleans.
#[test]
fn no_key_of_the_yaml_is_a_boolean_to_old_parsers() {
    let yaml = api::openapi::openapi_yaml().expect("the document is YAML");
    let keys = yaml.lines().filter_map(|line| line.trim_start().strip_suffix(':'));
    let booleans: Vec<&str> = keys.filter(|key| ["on", "off", "yes", "no", "y", "n"].contains(key)).collect();
    assert!(booleans.is_empty(), "{booleans:?}");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut dangling = Vec::new();
    walk(&document, "", &mut |pointer, node| {
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').expect("references stay in the document");
            if document.pointer(target).is_none() {
                dangling.push(format!("{pointer}: {reference}"));
            }
        }
    });
    assert!(dangling.is_empty(), "{dangling:#?}");
}

#[test]
fn every_operation_is_named_once_and_described() {
    let document = document();
    let tags: BTreeSet<&str> =
        document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut ids = BTreeSet::new();
    let mut faults = Vec::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            faults.push(format!("{name}: operationId {id:?} is not camelCase"));
        }
        if !ids.insert(id) {
            faults.push(format!("{name}: operationId {id} is there twice"));
        }
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{name}: no summary"));
        }
        match operation["tags"].as_array().map(Vec::as_slice) {
            Some([Value::String(tag)]) if tags.contains(tag.as_str()) => {}
            other => faults.push(format!("{name}: needs exactly one known tag, has {other:?}")),
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{name}: parameter {} has no description", parameter["name"]));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_operation_says_which_token_it_needs() {
    let document = document();
    let known: BTreeSet<&str> = api::auth::perm::ALL.iter().map(|(scope, _)| *scope).collect();
    let mut faults = Vec::new();
    for (name, operation) in operations(&document) {
        let security = operation["security"].as_array();
        let Some(security) = security else {
            faults.push(format!("{name}: no security"));
            continue;
        };
        for scope in security.iter().flat_map(|requirement| requirement["bearer"].as_array().into_iter().flatten()) {
            if !scope.as_str().is_some_and(|scope| known.contains(scope)) {
                faults.push(format!("{name}: unknown scope {scope}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_response_is_described_and_every_error_is_a_problem() {
    let document = document();
    let mut faults = Vec::new();
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object().expect("responses");
        if !responses.keys().any(|status| status.starts_with('2')) {
            faults.push(format!("{name}: no success"));
        }
        for (status, response) in responses {
            let response = match response.get("$ref").and_then(Value::as_str) {
                Some(reference) => document.pointer(&reference[1..]).expect("a response"),
                None => response,
            };
            if response["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{name}: {status} has no description"));
            }
            if status.starts_with(['4', '5'])
                && response["content"]["application/problem+json"]["schema"]["$ref"] != "#/components/schemas/Problem"
            {
                faults.push(format!("{name}: {status} is not a problem"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_error_names_its_codes_and_shows_an_example_of_each() {
    let document = document();
    let mut faults = Vec::new();
    let mut named = BTreeSet::new();
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            if !status.starts_with(['4', '5']) {
                continue;
            }
            let response = match response.get("$ref").and_then(Value::as_str) {
                Some(reference) => document.pointer(&reference[1..]).expect("a response"),
                None => response,
            };
            let examples = response["content"]["application/problem+json"]["examples"].as_object();
            let codes: Vec<&String> = examples.into_iter().flat_map(serde_json::Map::keys).collect();
            if codes.is_empty() {
                faults.push(format!("{name}: the description of {status} names no problem code in backticks"));
            }
            named.extend(codes.into_iter().cloned());
        }
    }
    for code in api::problem::Code::ALL {
        // No operation answers it: it is the answer to a method that is none.
        if code.as_str() != "method_not_allowed" && !named.contains(code.as_str()) {
            faults.push(format!("no operation names {}", code.as_str()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_operation_has_a_description_and_an_example_of_all_that_it_takes_and_answers() {
    let document = document();
    let mut faults = Vec::new();
    for (name, operation) in operations(&document) {
        if operation["description"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{name}: no description"));
        }
        let mut missing = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            // A cursor is nothing anyone could make up.
            if parameter["name"] != "cursor" {
                api::reference::of_parameter(&document, parameter, &mut missing);
            }
            faults
                .extend(missing.drain(..).map(|at| format!("{name}: parameter {}{at}: no example", parameter["name"])));
        }
        for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            api::reference::of_content(&document, content, &mut missing);
            faults.extend(missing.drain(..).map(|at| format!("{name}: request as {media_type}: {at}: no example")));
        }
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                api::reference::of_content(&document, content, &mut missing);
                faults
                    .extend(missing.drain(..).map(|at| format!("{name}: {status} as {media_type}: {at}: no example")));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn schemas_are_named_described_and_without_unions() {
    let document = document();
    let mut faults = Vec::new();
    walk(&document, "", &mut |pointer, node| {
        let component = pointer.strip_prefix("/components/schemas/").is_some_and(|name| !name.contains('/'));
        if component && node["description"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{pointer}: no description"));
        }
        if let Some(properties) = node.get("properties").and_then(Value::as_object).filter(|_| node["type"] == "object")
        {
            if !component {
                faults.push(format!("{pointer}: an inline object; name it"));
            }
            for (property, schema) in properties {
                // A nullable reference bears its description beside the reference.
                let schema = schema.pointer("/oneOf/0").unwrap_or(schema);
                if schema["description"].as_str().is_none_or(str::is_empty) && schema.get("$ref").is_none() {
                    faults.push(format!("{pointer}: {property} has no description"));
                }
            }
        }
        for union in ["oneOf", "anyOf", "discriminator"] {
            let Some(parts) = node.get(union).filter(|_| !pointer.ends_with("/properties")) else { continue };
            let nullable = parts.as_array().is_some_and(|parts| {
                parts.len() == 2 && parts.iter().filter(|part| part["type"] == "null").count() == 1
            });
            if !nullable {
                faults.push(format!("{pointer}: {union}"));
            }
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn paths_are_kebab_case_below_the_base_path() {
    for (path, _) in document()["paths"].as_object().expect("paths") {
        let kebab = |segment: &str| {
            segment.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                || (segment.starts_with('{') && segment.ends_with('}'))
                || segment == "openapi.json"
        };
        assert!(path.starts_with("/api/v1/") || matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics"), "{path}");
        assert!(path.split('/').all(kebab), "{path}");
    }
}
