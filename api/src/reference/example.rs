//! Examples of requests and answers: those that the document gives, else put together from those of the properties.

use serde_json::{Map, Value, json};

use super::{items, members, resolve, text};

/// Deeper than any schema that does not contain itself.
const DEEPEST: usize = 12;

/// An example of a body: of a media type of the document. `missing` is told the pointer of every value that neither has an
/// example nor can do without one.
pub fn of_content(document: &Value, content: &Value, missing: &mut Vec<String>) -> Value {
    if let Some(example) = given(content) {
        return example;
    }
    let named = members(content, "examples").find_map(|(_, example)| example.get("value"));
    match (named, content.get("schema")) {
        (Some(example), _) => example.clone(),
        (None, Some(schema)) => Examples { document, missing }.of(schema, String::new(), 0),
        (None, None) => Value::Null,
    }
}

/// An example of a parameter's value; `missing` as of a body.
pub fn of_parameter(document: &Value, parameter: &Value, missing: &mut Vec<String>) -> Value {
    let schema = parameter.get("schema").unwrap_or(&Value::Null);
    given(parameter).unwrap_or_else(|| Examples { document, missing }.of(schema, String::new(), 0))
}

fn given(node: &Value) -> Option<Value> {
    let listed = || node.get("examples").and_then(Value::as_array).and_then(|examples| examples.first());
    node.get("example").or_else(listed).cloned()
}

struct Examples<'d> {
    document: &'d Value,
    missing: &'d mut Vec<String>,
}

impl Examples<'_> {
    fn of(&mut self, schema: &Value, pointer: String, depth: usize) -> Value {
        let stated = given(schema)
            .or_else(|| schema.get("default").cloned())
            .or_else(|| schema.get("const").cloned())
            .or_else(|| items(schema, "enum").next().cloned());
        if let Some(stated) = stated {
            return stated;
        }
        if depth > DEEPEST {
            self.missing.push(pointer);
            return Value::Null;
        }
        if schema.get("$ref").is_some() {
            let document = self.document;
            return self.of(resolve(document, schema), pointer, depth.saturating_add(1));
        }
        let choices = items(schema, "oneOf").chain(items(schema, "anyOf"));
        if let Some(choice) = choices.into_iter().find(|choice| text(choice, "type") != "null") {
            return self.of(choice, pointer, depth.saturating_add(1));
        }
        if schema.get("allOf").is_some() {
            return self.all_of(schema, &pointer, depth);
        }
        self.of_type(schema, pointer, depth)
    }

    fn all_of(&mut self, schema: &Value, pointer: &str, depth: usize) -> Value {
        let mut whole = Map::new();
        for part in items(schema, "allOf") {
            if let Value::Object(fields) = self.of(part, pointer.to_owned(), depth.saturating_add(1)) {
                whole.extend(fields);
            }
        }
        Value::Object(whole)
    }

    fn of_type(&mut self, schema: &Value, pointer: String, depth: usize) -> Value {
        match type_of(schema) {
            "object" => {
                let fields = members(schema, "properties").map(|(name, property)| {
                    let value = self.of(property, format!("{pointer}/{name}"), depth.saturating_add(1));
                    (name.clone(), value)
                });
                Value::Object(fields.collect())
            }
            "array" => match schema.get("items") {
                Some(item) => json!([self.of(item, format!("{pointer}/0"), depth.saturating_add(1))]),
                None => json!([]),
            },
            "boolean" => json!(false),
            "null" => Value::Null,
            "string" => match text(schema, "format") {
                "date-time" => json!("2026-03-12T09:00:00.000Z"),
                "date" => json!("2026-03-12"),
                "uuid" => json!("0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11"),
                "binary" => json!("(bytes)"),
                _ => self.none(pointer),
            },
            _ => self.none(pointer),
        }
    }

    fn none(&mut self, pointer: String) -> Value {
        self.missing.push(pointer);
        Value::Null
    }
}

/// The type of a schema, null aside.
pub(super) fn type_of(schema: &Value) -> &str {
    let written = schema.get("type");
    let listed = || written.and_then(Value::as_array)?.iter().filter_map(Value::as_str).find(|kind| *kind != "null");
    written.and_then(Value::as_str).or_else(listed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({"components": {"schemas": {
            "Note": {"type": "object", "properties": {
                "text": {"type": "string", "example": "moi"},
                "written_at": {"type": "string", "format": "date-time"},
                "by": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Person"}]},
                "tags": {"type": "array", "items": {"type": "string"}},
            }},
            "Person": {"type": "object", "properties": {"age": {"type": ["integer", "null"], "default": 7}}},
        }}})
    }

    #[test]
    fn an_example_is_put_together_from_those_of_the_properties() {
        let mut missing = Vec::new();
        let content = json!({"schema": {"$ref": "#/components/schemas/Note"}});
        let example = of_content(&document(), &content, &mut missing);
        assert_eq!(
            example,
            json!({"text": "moi", "written_at": "2026-03-12T09:00:00.000Z", "by": {"age": 7}, "tags": [null]})
        );
        assert_eq!(missing, ["/tags/0"]);
    }

    #[test]
    fn what_the_document_gives_goes_first() {
        for content in [
            json!({"example": 1, "schema": {"type": "integer", "example": 2}}),
            json!({"examples": {"one": {"value": 1}}, "schema": {"type": "integer", "example": 2}}),
            json!({"schema": {"type": "integer", "examples": [1, 2]}}),
        ] {
            assert_eq!(of_content(&document(), &content, &mut Vec::new()), json!(1), "{content}");
        }
    }

    #[test]
    fn a_schema_that_contains_itself_comes_to_an_end() {
        let document = json!({"components": {"schemas": {"Node": {"type": "object", "properties": {
            "child": {"$ref": "#/components/schemas/Node"}
        }}}}});
        let mut missing = Vec::new();
        of_content(&document, &json!({"schema": {"$ref": "#/components/schemas/Node"}}), &mut missing);
        assert_eq!(missing.len(), 1);
    }
}
