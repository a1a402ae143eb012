//! A request of an operation as a line of curl.

use serde_json::Value;

use super::example::{of_content, of_parameter};
use super::schema::plain;
use super::{items, members, text};

/// The request with everything that it needs, and the example of its body. `$POSTITUS` and `$TOKEN` stand for the address
/// and the token.
pub(super) fn request(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut url = path.to_owned();
    let mut query = Vec::new();
    let mut lines = Vec::new();
    for parameter in items(operation, "parameters") {
        let name = text(parameter, "name");
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
        let precondition = name == "If-Match" && operation.pointer("/responses/428").is_some();
        let value = plain(&of_parameter(document, parameter, &mut Vec::new()));
        match text(parameter, "in") {
            "path" => url = url.replace(&format!("{{{name}}}"), &value),
            "query" if required => query.push(format!("{name}={value}")),
            "header" if required || precondition => lines.push(format!("-H {}", quoted(&format!("{name}: {value}")))),
            _ => {}
        }
    }
    if !query.is_empty() {
        url = format!("{url}?{}", query.join("&"));
    }
    if needs_token(operation) {
        lines.insert(0, "-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    if let Some((media_type, content)) = body(operation) {
        lines.extend(body_lines(document, media_type, content));
    }
    let method = if method == "get" { String::new() } else { format!("-X {} ", method.to_ascii_uppercase()) };
    let mut command = format!("curl -s {method}\"$POSTITUS{url}\"");
    for line in lines {
        command.push_str(" \\\n  ");
        command.push_str(&line);
    }
    command
}

fn body_lines(document: &Value, media_type: &str, content: &Value) -> Vec<String> {
    let example = of_content(document, content, &mut Vec::new());
    if media_type == "multipart/form-data" {
        let parts = example.as_object().into_iter().flatten();
        return parts.map(|(name, value)| format!("-F {}", quoted(&part(name, value)))).collect();
    }
    let written = serde_json::to_string_pretty(&example).unwrap_or_default();
    vec![format!("-H {}", quoted(&format!("Content-Type: {media_type}"))), format!("-d {}", quoted(&written))]
}

fn part(name: &str, value: &Value) -> String {
    match value.as_str() {
        Some("(bytes)") => format!("{name}=@{name}"),
        _ => format!("{name}={}", plain(value)),
    }
}

/// The body of a request: `application/json` where there is a choice.
pub(super) fn body(operation: &Value) -> Option<(&str, &Value)> {
    let content = operation.get("requestBody")?;
    let mut bodies = members(content, "content");
    let json = members(content, "content").find(|(media_type, _)| *media_type == "application/json");
    json.or_else(|| bodies.next()).map(|(media_type, content)| (media_type.as_str(), content))
}

/// Whether an operation needs a token: `security: []`, or one empty requirement, says that it does not.
pub(super) fn needs_token(operation: &Value) -> bool {
    items(operation, "security").any(|requirement| requirement.as_object().is_some_and(|schemes| !schemes.is_empty()))
}

/// A word of the shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_has_what_it_needs_and_is_quoted_for_the_shell() {
        let operation = json!({
            "security": [{"bearer": ["notes:write"]}],
            "parameters": [
                {"name": "note_id", "in": "path", "required": true, "schema": {"type": "integer"}, "example": 7},
                {"name": "If-Match", "in": "header", "required": false, "schema": {"type": "string"}, "example": "\"3\""},
                {"name": "dry", "in": "query", "required": false, "schema": {"type": "boolean"}},
            ],
            "requestBody": {"content": {"application/json": {"example": {"text": "it's"}}}},
            "responses": {"428": {"description": "If-Match is missing."}},
        });
        let wanted = "curl -s -X PATCH \"$POSTITUS/notes/7\" \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
                      -H 'If-Match: \"3\"' \\\n  -H 'Content-Type: application/json' \\\n  -d '{\n  \"text\": \"it'\\''s\"\n}'";
        assert_eq!(request(&json!({}), "/notes/{note_id}", "patch", &operation), wanted);
    }

    #[test]
    fn a_file_is_sent_as_a_part() {
        let schema = json!({"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}});
        let operation =
            json!({"security": [], "requestBody": {"content": {"multipart/form-data": {"schema": schema}}}});
        let line = request(&json!({}), "/files", "post", &operation);
        assert_eq!(line, "curl -s -X POST \"$POSTITUS/files\" \\\n  -F 'file=@file'");
    }
}
