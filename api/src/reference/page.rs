//! The pages as a whole: head, navigation, sections.

use serde_json::Value;

use super::markdown::{escape, inline, to_html};
use super::{METHODS, errors, guides, items, members, operation, schema, text};

/// A page of the reference: the same frame around any content.
pub(super) fn frame(title: &str, navigation: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<link \
         rel=\"icon\" href=\"/docs/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" \
         href=\"/docs/style.css\">\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the \
         content</a>\n{navigation}\n<main id=\"content\">\n{content}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// The reference: everything the document says.
pub(super) fn reference(document: &Value) -> String {
    let info = document.get("info").unwrap_or(&Value::Null);
    let title = format!("{} API reference", text(info, "title"));
    let mut content = format!(
        "<h1>{}</h1>\n<p class=\"version\">Version {} · <a href=\"/api/v1/openapi.json\">OpenAPI document</a></p>\n{}{}",
        escape(&title),
        escape(text(info, "version")),
        to_html(text(info, "description")),
        start(document),
    );
    for tag in items(document, "tags") {
        content.push_str(&section(document, tag));
    }
    content.push_str(&errors::section());
    content.push_str(
        "<section id=\"schemas\" aria-labelledby=\"schemas-title\">\n<h2 id=\"schemas-title\">Schemas</h2>\n",
    );
    content.extend(schemas(document).map(|(name, schema)| schema::article(name, schema)));
    content.push_str("</section>\n");
    frame(&title, &navigation(document), &content)
}

fn start(document: &Value) -> String {
    let bearer = document.pointer("/components/securitySchemes/bearer").unwrap_or(&Value::Null);
    format!(
        "<section id=\"start\" aria-labelledby=\"start-title\">\n<h2 id=\"start-title\">Start</h2>\n<p>The requests on this \
         page take the address of the service and a token from two variables:</p>\n<pre><code>POSTITUS=http://127.0.0.1:8080\n\
         TOKEN=$(postitus token --scope admin --subject me)</code></pre>\n<p>A token is {}</p>\n<p>Guides: {}.</p>\n</section>\n",
        inline(text(bearer, "description")).replacen("A JWT", "a JWT", 1),
        guides::links(),
    )
}

fn section(document: &Value, tag: &Value) -> String {
    let name = escape(text(tag, "name"));
    let mut section = format!(
        "<section id=\"tag-{name}\" aria-labelledby=\"tag-{name}-title\">\n<h2 id=\"tag-{name}-title\">{name}</h2>\n{}",
        to_html(text(tag, "description"))
    );
    for (path, method, described) in operations(document, text(tag, "name")) {
        section.push_str(&operation::article(document, path, method, described));
    }
    section.push_str("</section>\n");
    section
}

/// The operations of a tag.
fn operations<'d>(document: &'d Value, tag: &str) -> impl Iterator<Item = (&'d str, &'static str, &'d Value)> {
    let of_path = |(path, item): (&'d String, &'d Value)| {
        METHODS.into_iter().filter_map(move |method| Some((path.as_str(), method, item.get(method)?)))
    };
    members(document, "paths")
        .flat_map(of_path)
        .filter(move |(.., operation)| items(operation, "tags").any(|own| own == tag))
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
}

fn navigation(document: &Value) -> String {
    let mut list = String::new();
    for tag in items(document, "tags") {
        let name = escape(text(tag, "name"));
        list.push_str(&format!("<li><a class=\"tag\" href=\"#tag-{name}\">{name}</a>\n<ul>\n"));
        for (_, method, described) in operations(document, text(tag, "name")) {
            list.push_str(&format!(
                "<li><a href=\"#{}\">{} {}</a></li>\n",
                escape(text(described, "operationId")),
                operation::badge(method),
                inline(text(described, "summary").trim_end_matches('.')),
            ));
        }
        list.push_str("</ul></li>\n");
    }
    let names: String = schemas(document)
        .map(|(name, _)| format!("<li><a href=\"#schema-{0}\">{0}</a></li>\n", escape(name)))
        .collect();
    format!(
        "<nav aria-label=\"Contents\">\n<p class=\"brand\"><a href=\"#content\">Postitus</a></p>\n<ul>\n<li><a class=\"tag\" \
         href=\"#start\">Start</a></li>\n<li><details><summary>Guides</summary><ul>{}</ul></details></li>\n{list}<li><a \
         class=\"tag\" href=\"#errors\">Errors</a></li>\n<li><details><summary>Schemas</summary><ul>{names}</ul></details></li>\n\
         </ul>\n</nav>",
        guides::items(None),
    )
}
