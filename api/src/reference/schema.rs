//! Schemas: what a value may be in a few words, and an article for each named one.

use serde_json::Value;

use super::example::type_of;
use super::markdown::{escape, inline, to_html};
use super::{items, members, text};

/// What a value may be: `integer 1–200, default 50`, with links to named schemas.
pub(super) fn summary(schema: &Value) -> String {
    let mut parts = vec![kind(schema)];
    parts.extend(limits(schema));
    if let Some(default) = schema.get("default") {
        parts.push(format!("default <code>{}</code>", escape(&default.to_string())));
    }
    parts.join(", ")
}

fn kind(schema: &Value) -> String {
    if let Some(name) = name_of(schema) {
        return link(name);
    }
    let nullable = items(schema, "type").any(|kind| kind == "null");
    let choices: Vec<String> = items(schema, "oneOf")
        .chain(items(schema, "anyOf"))
        .map(|choice| if text(choice, "type") == "null" { "null".to_owned() } else { kind(choice) })
        .collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let written = match type_of(schema) {
        "array" => format!("list of {}", schema.get("items").map_or_else(|| "anything".to_owned(), summary)),
        "" => "any JSON".to_owned(),
        "string" => match text(schema, "format") {
            "" => "string".to_owned(),
            format => format!("string ({})", escape(format)),
        },
        other => escape(other),
    };
    if nullable { format!("{written} or null") } else { written }
}

fn limits(schema: &Value) -> Vec<String> {
    let mut limits = Vec::new();
    let mut range = |least: &str, most: &str, unit: &str| match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => limits.push(format!("{least}–{most}{unit}")),
        (Some(least), None) => limits.push(format!("at least {least}{unit}")),
        (None, Some(most)) => limits.push(format!("at most {most}{unit}")),
        (None, None) => {}
    };
    range("minimum", "maximum", "");
    range("minLength", "maxLength", " characters");
    range("minItems", "maxItems", " items");
    range("minProperties", "maxProperties", " members");
    let listed: Vec<String> =
        items(schema, "enum").map(|value| format!("<code>{}</code>", escape(&value.to_string()))).collect();
    if !listed.is_empty() {
        limits.push(format!("one of {}", listed.join(", ")));
    }
    match alternatives(text(schema, "pattern")) {
        Alternatives::None => {}
        Alternatives::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("<code>{}</code>", escape(word))).collect();
            limits.push(format!("one of {}", words.join(", ")));
        }
        Alternatives::Pattern(pattern) => limits.push(format!("pattern <code>{}</code>", escape(pattern))),
    }
    limits
}

#[derive(Debug, PartialEq, Eq)]
enum Alternatives<'p> {
    None,
    Words(Vec<&'p str>),
    Pattern(&'p str),
}

/// `^(draft|sent)$` lists words; anything else is a pattern.
fn alternatives(pattern: &str) -> Alternatives<'_> {
    if pattern.is_empty() {
        return Alternatives::None;
    }
    let inside = pattern.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$"));
    let words: Option<Vec<&str>> = inside.map(|inside| inside.split('|').collect());
    let plain =
        |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    match words {
        Some(words) if words.iter().all(plain) => Alternatives::Words(words),
        _ => Alternatives::Pattern(pattern),
    }
}

/// The name of the schema a reference leads to.
pub(super) fn name_of(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)?.strip_prefix("#/components/schemas/")
}

fn link(name: &str) -> String {
    let name = escape(name);
    format!("<a href=\"#schema-{name}\">{name}</a>")
}

/// The article of a named schema.
pub(super) fn article(name: &str, schema: &Value) -> String {
    let id = escape(name);
    let required: Vec<&str> = items(schema, "required").filter_map(Value::as_str).collect();
    let fields: String = members(schema, "properties")
        .map(|(field, property)| row(field, property, required.contains(&field.as_str())))
        .collect();
    let fields = if fields.is_empty() { String::new() } else { format!("<dl class=\"fields\">{fields}</dl>") };
    format!(
        "<article class=\"schema\" id=\"schema-{id}\">\n<h3><a href=\"#schema-{id}\">{id}</a></h3>\n{}{fields}</article>\n",
        to_html(text(schema, "description"))
    )
}

/// A named value: its name, what it may be, whether it must be there, and what it means.
pub(super) fn row(name: &str, schema: &Value, required: bool) -> String {
    let described = if text(schema, "description").is_empty() {
        items(schema, "oneOf")
            .map(|choice| text(choice, "description"))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    } else {
        text(schema, "description")
    };
    let required = if required { " <strong>required</strong>" } else { "" };
    format!(
        "<div><dt><code>{}</code> <span class=\"type\">{}</span>{required}</dt><dd>{}{}</dd></div>\n",
        escape(name),
        summary(schema),
        inline(described),
        example(schema.get("example")),
    )
}

/// An example value, after a description.
pub(super) fn example(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(value) => format!(" <span class=\"example\">Example: <code>{}</code></span>", escape(&plain(value))),
    }
}

/// A value as it is written outside of JSON.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_told_in_a_few_words() {
        for (schema, told) in [
            (
                json!({"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
                "integer, 1–200, default <code>50</code>",
            ),
            (json!({"type": ["string", "null"], "format": "uuid"}), "string (uuid) or null"),
            (
                json!({"type": "array", "items": {"$ref": "#/components/schemas/Role"}}),
                "list of <a href=\"#schema-Role\">Role</a>",
            ),
            (
                json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Role"}]}),
                "null or <a href=\"#schema-Role\">Role</a>",
            ),
            (
                json!({"type": "string", "pattern": "^(draft|sent)$"}),
                "string, one of <code>draft</code>, <code>sent</code>",
            ),
            (json!({"type": "string", "pattern": "^[a-z]+$"}), "string, pattern <code>^[a-z]+$</code>"),
            (json!({}), "any JSON"),
        ] {
            assert_eq!(summary(&schema), told, "{schema}");
        }
    }

    #[test]
    fn names_and_descriptions_cannot_become_markup() {
        let html = article("A", &json!({"description": "<script>", "properties": {"<b>": {"type": "string"}}}));
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    }
}
