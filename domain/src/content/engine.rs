//! The template engine as we set it up: our filters only, missing fields that name themselves, values escaped for the
//! format they land in, bounded output.

use std::io;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Rest, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, escape_formatter};

use crate::content::markdown;
use crate::content::merge_fields::{LOOPS, MERGE_FIELDS, MergeValues};
use crate::content::render::RenderFault;

/// What values are escaped for. The engine is told by the end of the template's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    Html,
    Markdown,
}

impl Escape {
    /// The name under which the template of a version and part is known to the engine.
    pub(super) fn template_name(self, version: usize, part: &str) -> String {
        let escape = match self {
            Self::None => "text",
            Self::Html => "html",
            Self::Markdown => "markdown",
        };
        format!("{version}.{part}.{escape}")
    }
}

/// An engine without templates.
pub(super) fn environment() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html") => AutoEscape::Html,
        Some("markdown") => AutoEscape::Custom("markdown".into()),
        _ => AutoEscape::None,
    });
    env.set_formatter(format_value);
    env.add_filter("default", |value: &Value, other: Rest<Value>| or_default(value, &other));
    env.add_filter("d", |value: &Value, other: Rest<Value>| or_default(value, &other));
    env.add_filter("upper", |value: &Value| of_text(value, |text| text.to_uppercase()));
    env.add_filter("lower", |value: &Value| of_text(value, |text| text.to_lowercase()));
    env.add_filter("title", |value: &Value| of_text(value, title));
    env.add_filter("capitalize", |value: &Value| of_text(value, capitalize));
    env.add_filter("trim", |value: &Value| of_text(value, |text| text.trim().to_owned()));
    // Every value is escaped for its format as it is; known here so that templates made for Jinja elsewhere still work.
    env.add_filter("e", |value: &Value| value.clone());
    env.add_filter("escape", |value: &Value| value.clone());
    env.add_test("defined", |value: &Value| !is_missing(value));
    env.add_test("undefined", is_missing);
    env
}

/// Renders one template, at most `limit` bytes of it.
pub(super) fn render(
    env: &Environment<'_>,
    name: &str,
    values: &MergeValues,
    limit: usize,
) -> Result<String, RenderFault> {
    let template = env.get_template(name).map_err(|error| RenderFault::Other(error.to_string()))?;
    let mut output = Bounded { bytes: Vec::new(), limit };
    template
        .render_captured_to(Value::from_object(Root(values.clone())), &mut output)
        .map_err(|error| fault(&error))?;
    String::from_utf8(output.bytes).map_err(|error| RenderFault::Other(error.to_string()))
}

fn fault(error: &Error) -> RenderFault {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if let Some(Missing(field)) = cause.downcast_ref() {
            return RenderFault::MissingValue((*field).to_owned());
        }
        source = cause.source();
    }
    match error.kind() {
        ErrorKind::WriteFailure => RenderFault::TooLarge,
        _ => RenderFault::Other(error.to_string()),
    }
}

/// Takes bytes until there are too many.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for &mut Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::Error::other("the output is too large"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The context: `recipient`, `property`, `mailing`, `sender`, and what an occasion offers, with its rows.
#[derive(Debug)]
struct Root(MergeValues);

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some((group, _)) = LOOPS.into_iter().find(|(_, list)| *list == key) {
            let row = |row| Value::from_object(Group { group, values: self.0.clone(), row: Some(row) });
            return Some((0..self.0.rows(group)).map(row).collect());
        }
        let (group, _) = MERGE_FIELDS.iter().map(|field| field.parts()).find(|(group, _)| *group == key)?;
        Some(Value::from_object(Group { group, values: self.0.clone(), row: None }))
    }
}

/// The fields before whose dot the same word stands.
#[derive(Debug)]
struct Group {
    group: &'static str,
    values: MergeValues,
    /// In a loop, the number of the row.
    row: Option<usize>,
}

impl Object for Group {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let field = MERGE_FIELDS.iter().find(|field| field.parts() == (self.group, key))?;
        let value = match self.row {
            Some(row) => self.values.of_row(field.name, row),
            None => self.values.get(field.name),
        };
        Some(value.map_or_else(|| Value::from_object(Missing(field.name)), Value::from))
    }
}

/// A field without a value: false in conditions, replaced by `default`, an error that names it when it is printed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0} has no value")]
struct Missing(&'static str);

impl Object for Missing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }
}

fn missing(value: &Value) -> Option<Missing> {
    value.downcast_object_ref::<Missing>().copied()
}

fn is_missing(value: &Value) -> bool {
    value.is_undefined() || missing(value).is_some()
}

fn or_default(value: &Value, arguments: &[Value]) -> Value {
    match is_missing(value) || value.as_str() == Some("") {
        true => arguments.first().cloned().unwrap_or_else(|| Value::from("")),
        false => value.clone(),
    }
}

/// A filter on text. A missing value stays missing, so that `default` may stand behind any other filter.
fn of_text(value: &Value, change: impl FnOnce(&str) -> String) -> Value {
    match (is_missing(value), value.as_str()) {
        (true, _) => value.clone(),
        (false, Some(text)) => Value::from(change(text)),
        (false, None) => Value::from(change(&value.to_string())),
    }
}

/// Every word with a capital, the rest of it small. A word begins at the start and behind white space or a hyphen.
fn title(text: &str) -> String {
    let mut at_start = true;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match at_start {
            true => out.extend(c.to_uppercase()),
            false => out.extend(c.to_lowercase()),
        }
        at_start = c.is_whitespace() || c == '-';
    }
    out
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.as_str().to_lowercase().chars()).collect()
}

/// Prints a value, escaped for the format of the template.
fn format_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if let Some(field) = missing(value) {
        return Err(Error::new(ErrorKind::UndefinedError, field.to_string()).with_source(field));
    }
    match state.auto_escape() {
        AutoEscape::Custom(_) if !value.is_undefined() => match value.as_str() {
            Some(text) => out.write_str(&markdown::guard(text)),
            None => out.write_str(&markdown::guard(&value.to_string())),
        }
        .map_err(Error::from),
        AutoEscape::Custom(_) => Ok(()),
        _ => escape_formatter(out, state, value),
    }
}
