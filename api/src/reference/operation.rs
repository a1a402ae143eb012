//! The article of one operation: what it does, what it takes, what it answers, and a request to try.

use serde_json::Value;

use super::curl::{body, needs_token, request};
use super::errors::link_codes;
use super::example::of_content;
use super::markdown::{escape, inline, to_html};
use super::schema::{example, name_of, summary};
use super::{items, members, resolve, text};

/// The article.
pub(super) fn article(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let id = escape(text(operation, "operationId"));
    let title = text(operation, "summary").trim_end_matches('.');
    let facts = [
        to_html(text(operation, "description")),
        token(operation),
        parameters(operation),
        request_body(operation),
        responses(document, operation),
    ];
    let samples =
        [sample("Request", &request(document, path, method, operation)), response_sample(document, operation)];
    format!(
        "<article class=\"operation\" id=\"{id}\">\n<header><h3><a href=\"#{id}\">{}</a></h3>\n<p class=\"line\">{} \
         <code>{}</code></p></header>\n<div class=\"facts\">{}</div>\n<div class=\"samples\">{}</div>\n</article>\n",
        inline(title),
        badge(method),
        breakable(path),
        facts.concat(),
        samples.concat(),
    )
}

/// The method, in its colour.
pub(super) fn badge(method: &str) -> String {
    format!("<span class=\"method {method}\">{}</span>", method.to_ascii_uppercase())
}

/// A path that may be broken after each slash.
fn breakable(path: &str) -> String {
    escape(path).replace('/', "/<wbr>")
}

fn token(operation: &Value) -> String {
    let id = text(operation, "operationId");
    if !needs_token(operation) {
        // Most of them say so themselves.
        if text(operation, "description").contains("Needs no token") {
            return String::new();
        }
        return "<p class=\"token\">Needs no token.</p>\n".to_owned();
    }
    let scopes: Vec<String> = items(operation, "security")
        .flat_map(|requirement| items(requirement, "bearer"))
        .filter_map(Value::as_str)
        .map(|scope| format!("<code>{}</code>", escape(scope)))
        .collect();
    let scopes = match scopes.is_empty() {
        true => "any scope or none".to_owned(),
        false => format!("scope {}", scopes.join(" or ")),
    };
    format!("<p class=\"token\">Needs a token with {scopes}. Operation <code>{}</code>.</p>\n", escape(id))
}

fn parameters(operation: &Value) -> String {
    let rows: String = items(operation, "parameters").map(parameter).collect();
    if rows.is_empty() { rows } else { format!("<h4>Parameters</h4>\n<dl class=\"fields\">{rows}</dl>\n") }
}

fn parameter(parameter: &Value) -> String {
    let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
    let required = if required { " <strong>required</strong>" } else { "" };
    format!(
        "<div><dt><code>{}</code> <span class=\"type\">{}: {}</span>{required}</dt><dd>{}{}</dd></div>\n",
        escape(text(parameter, "name")),
        escape(text(parameter, "in")),
        parameter.get("schema").map(summary).unwrap_or_default(),
        inline(text(parameter, "description")),
        example(parameter.get("example")),
    )
}

fn request_body(operation: &Value) -> String {
    let Some((_, content)) = body(operation) else { return String::new() };
    let Some(described) = operation.get("requestBody") else { return String::new() };
    let media_types: Vec<String> =
        members(described, "content").map(|(media_type, _)| format!("<code>{}</code>", escape(media_type))).collect();
    format!(
        "<h4>Body</h4>\n<p>{} as {}. {}</p>\n",
        content.get("schema").map(summary).unwrap_or_default(),
        media_types.join(" or "),
        inline(text(described, "description")),
    )
}

fn responses(document: &Value, operation: &Value) -> String {
    let rows: String =
        members(operation, "responses").map(|(status, answer)| response(document, status, answer)).collect();
    format!("<h4>Answers</h4>\n<dl class=\"answers\">{rows}</dl>\n")
}

fn response(document: &Value, status: &str, answer: &Value) -> String {
    let answer = resolve(document, answer);
    let schemas = members(answer, "content").filter_map(|(_, content)| content.get("schema"));
    // Every error is the same: what matters is its code.
    let shown: Vec<String> = schemas.filter(|schema| name_of(schema) != Some("Problem")).map(summary).collect();
    let headers: Vec<String> = members(answer, "headers")
        .map(|(name, header)| format!("<code>{}</code>: {}", escape(name), inline(text(header, "description"))))
        .collect();
    let class = status.chars().next().unwrap_or('x');
    let mut told = link_codes(&inline(text(answer, "description")));
    if !shown.is_empty() {
        told.push_str(&format!(" <span class=\"type\">{}</span>", shown.join(" or ")));
    }
    if !headers.is_empty() {
        told.push_str(&format!("<br><span class=\"headers\">Headers: {}</span>", headers.join(" ")));
    }
    format!("<div><dt><span class=\"status s{class}\">{}</span></dt><dd>{told}</dd></div>\n", escape(status))
}

fn response_sample(document: &Value, operation: &Value) -> String {
    let Some((status, answer)) = members(operation, "responses").find(|(status, _)| status.starts_with('2')) else {
        return String::new();
    };
    let Some((media_type, content)) = members(resolve(document, answer), "content").next() else {
        return format!("<h4>Answer {}</h4>\n<p>Without a body.</p>\n", escape(status));
    };
    let example = of_content(document, content, &mut Vec::new());
    let written = match &example {
        Value::String(text) => text.clone(),
        value if media_type.ends_with("json") => serde_json::to_string_pretty(value).unwrap_or_default(),
        value => value.to_string(),
    };
    sample(&format!("Answer {status}"), &written)
}

fn sample(title: &str, code: &str) -> String {
    format!("<h4>{}</h4>\n<pre><code>{}</code></pre>\n", escape(title), escape(code))
}
