//! From the contents of a mailing to the message of one recipient. Templates are compiled once and rendered for each.

use std::sync::{Mutex, PoisonError};

use minijinja::Environment;

use crate::content::engine::{self, Escape};
use crate::content::html;
use crate::content::markdown;
use crate::content::merge_fields::{MergeValues, TemplateFields, one_line};
use crate::content::template_check::{TemplateFault, check_template};
use crate::mailing::draft::{Content, Format};

/// The largest text or HTML of a message, in bytes.
pub const MAX_OUTPUT_BYTES: usize = 1 << 20;

/// A message of one recipient, as far as its content goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// On one line; `None` where the version has no subject.
    pub subject: Option<String>,
    /// The text version; there always is one.
    pub text: String,
    /// The HTML version, of the formats `markdown` and `html`.
    pub html: Option<String>,
}

/// Why a recipient's message can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// This merge field has no value and its place in the template no `default`.
    #[error("{0} has no value")]
    MissingValue(String),
    /// Text or HTML is larger than [`MAX_OUTPUT_BYTES`].
    #[error("the message is larger than {MAX_OUTPUT_BYTES} bytes")]
    TooLarge,
    /// Anything else; templates that pass the check give no reason for it.
    #[error("{0}")]
    Other(String),
}

/// The content versions of a mailing, ready to be rendered from any thread.
#[derive(Debug)]
pub struct CompiledContent {
    env: Environment<'static>,
    versions: Vec<CompiledVersion>,
    fields: TemplateFields,
}

#[derive(Debug)]
struct CompiledVersion {
    format: Format,
    language: String,
    /// The names of the templates.
    subject: Option<String>,
    text: String,
    html: String,
    fields: TemplateFields,
    /// The last HTML and its text: without merge fields in it they are the same for everybody, and the conversion is slow.
    last_text: Mutex<Option<(String, String)>>,
}

impl CompiledContent {
    /// Compiles every version; an index into `contents` is what [`CompiledContent::render`] is asked with.
    pub fn new(contents: &[Content]) -> Result<Self, TemplateFault> {
        let mut env = engine::environment();
        let mut add = |name: &str, source: &str| {
            env.add_template_owned(name.to_owned(), source.to_owned())
                .map_err(|error| TemplateFault::at(source, 0, "template_syntax", error.to_string()))
        };
        let mut versions = Vec::with_capacity(contents.len());
        let mut fields = TemplateFields::default();
        for (index, content) in contents.iter().enumerate() {
            let Content { channel: _, language, subject, body, format } = content;
            let mut version = CompiledVersion {
                format: *format,
                language: language.clone(),
                subject: subject.as_ref().map(|_| Escape::None.template_name(index, "subject")),
                text: Escape::None.template_name(index, "body"),
                html: match format {
                    Format::Text | Format::Html => Escape::Html,
                    Format::Markdown => Escape::Markdown,
                }
                .template_name(index, "body"),
                fields: check_template(body)?,
                last_text: Mutex::new(None),
            };
            if let (Some(name), Some(source)) = (&version.subject, subject) {
                version.fields.extend(&check_template(source)?);
                add(name, source)?;
            }
            if *format != Format::Html {
                add(&version.text, body)?;
            }
            if *format != Format::Text {
                add(&version.html, body)?;
            }
            fields.extend(&version.fields);
            versions.push(version);
        }
        Ok(Self { env, versions, fields })
    }

    /// The message of one recipient in the version of this index.
    pub fn render(&self, index: usize, values: &MergeValues) -> Result<Rendered, RenderFault> {
        let version = self.version(index)?;
        let subject = self.subject(version, values)?;
        let (text, html) = match version.format {
            Format::Text => (self.template(&version.text, values)?, None),
            Format::Markdown => {
                let text = self.template(&version.text, values)?;
                let guarded = self.template_within(&version.html, values, MAX_OUTPUT_BYTES * 4)?;
                let html = markdown::to_html(&guarded, &version.language, MAX_OUTPUT_BYTES);
                (text, Some(html.ok_or(RenderFault::TooLarge)?))
            }
            Format::Html => {
                let html = self.template(&version.html, values)?;
                (version.text_of(&html)?, Some(html))
            }
        };
        Ok(Rendered { subject, text, html })
    }

    /// Whether [`CompiledContent::render`] would find a value for every field, without the work of making HTML or text: for
    /// going through all recipients before anything is sent.
    pub fn verify(&self, index: usize, values: &MergeValues) -> Result<(), RenderFault> {
        let version = self.version(index)?;
        self.subject(version, values)?;
        let body = match version.format {
            Format::Text | Format::Markdown => &version.text,
            Format::Html => &version.html,
        };
        self.template(body, values).map(|_| ())
    }

    /// The fields that any version uses.
    pub fn fields(&self) -> &TemplateFields {
        &self.fields
    }

    /// The fields that the version of this index uses, in subject and body.
    pub fn fields_of(&self, index: usize) -> Option<&TemplateFields> {
        self.versions.get(index).map(|version| &version.fields)
    }

    /// Whether any version uses a `property.*` field.
    pub fn uses_property(&self) -> bool {
        self.fields.uses_property()
    }

    /// Whether any version uses a personal field, see [`crate::content::MergeField::personal`].
    pub fn uses_personal_fields(&self) -> bool {
        self.fields.uses_personal_fields()
    }

    fn version(&self, index: usize) -> Result<&CompiledVersion, RenderFault> {
        self.versions.get(index).ok_or_else(|| RenderFault::Other(format!("there is no content version {index}")))
    }

    fn subject(&self, version: &CompiledVersion, values: &MergeValues) -> Result<Option<String>, RenderFault> {
        let subject = version.subject.as_ref().map(|name| self.template(name, values)).transpose()?;
        Ok(subject.map(|subject| one_line(&subject)))
    }

    fn template(&self, name: &str, values: &MergeValues) -> Result<String, RenderFault> {
        self.template_within(name, values, MAX_OUTPUT_BYTES)
    }

    fn template_within(&self, name: &str, values: &MergeValues, limit: usize) -> Result<String, RenderFault> {
        engine::render(&self.env, name, values, limit)
    }
}

impl CompiledVersion {
    /// The text version of `html`.
    fn text_of(&self, html: &str) -> Result<String, RenderFault> {
        let known = || self.last_text.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = known().as_ref().filter(|(last, _)| last == html) {
            return Ok(text.clone());
        }
        let text = html::to_text(html).map_err(RenderFault::Other)?;
        if text.len() > MAX_OUTPUT_BYTES {
            return Err(RenderFault::TooLarge);
        }
        *known() = Some((html.to_owned(), text.clone()));
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eligibility::Channel;

    fn content(subject: Option<&str>, body: &str, format: Format) -> Content {
        Content {
            channel: Channel::Email,
            language: "fi".to_owned(),
            subject: subject.map(str::to_owned),
            body: body.to_owned(),
            format,
        }
    }

    fn values(pairs: &[(&str, &str)]) -> MergeValues {
        pairs.iter().map(|(name, value)| (*name, Some(*value))).collect()
    }

    fn render(content: Content, pairs: &[(&str, &str)]) -> Result<Rendered, RenderFault> {
        let compiled = CompiledContent::new(&[content]).unwrap_or_else(|fault| panic!("{fault}"));
        let rendered = compiled.render(0, &values(pairs));
        assert_eq!(compiled.verify(0, &values(pairs)).err(), rendered.as_ref().err().cloned());
        rendered
    }

    fn text(body: &str, pairs: &[(&str, &str)]) -> Result<String, RenderFault> {
        render(content(None, body, Format::Text), pairs).map(|rendered| rendered.text)
    }

    fn missing(field: &str) -> Result<String, RenderFault> {
        Err(RenderFault::MissingValue(field.to_owned()))
    }

    #[test]
    fn values_are_merged_in() {
        let everything = crate::content::MERGE_FIELDS;
        let body: String = everything.iter().map(|field| format!("{{{{ {} }}}};", field.name)).collect();
        let pairs: Vec<_> = everything.iter().map(|field| (field.name, field.example)).collect();
        let expected: String = everything.iter().map(|field| format!("{};", field.example)).collect();
        assert_eq!(text(&body, &pairs), Ok(expected));
    }

    #[test]
    fn filters_do_what_they_say() {
        for (body, expected) in [
            ("{{ recipient.name|upper }}", "ÅSA VON ESSEN-MÄKI"),
            ("{{ recipient.name|lower }}", "åsa von essen-mäki"),
            ("{{ recipient.name|title }}", "Åsa Von Essen-Mäki"),
            ("{{ recipient.name|capitalize }}", "Åsa von essen-mäki"),
            ("{{ '  x '|trim }}", "x"),
            ("{{ recipient.name|e|escape }}", "åSA von Essen-mäki"),
            ("{{ 5|upper }}{{ true }}", "5True"),
        ] {
            let expected = expected.replace("True", &minijinja::Value::from(true).to_string());
            assert_eq!(text(body, &[("recipient.name", "åSA von Essen-mäki")]), Ok(expected), "{body}");
        }
    }

    #[test]
    fn a_missing_value_is_told_by_its_field() {
        for field in crate::content::MERGE_FIELDS {
            let name = field.name;
            assert_eq!(text(&format!("Hei {{{{ {name} }}}}"), &[]), missing(name));
            assert_eq!(text(&format!("Hei {{{{ {name}|upper|trim }}}}"), &[(name, "  ")]), missing(name));
            assert_eq!(text(&format!("Hei {{{{ {name}|default('x') }}}}"), &[]).as_deref(), Ok("Hei x"));
        }
        assert_eq!(
            text("{{ recipient.name }}{{ property.code }}", &[("recipient.name", "a")]),
            missing("property.code")
        );
        assert_eq!(text("{{ recipient.city|default(property.city) }}", &[]), missing("property.city"));
        assert_eq!(text("{{ recipient.city or property.city or '-' }}", &[]).as_deref(), Ok("-"));
        assert_eq!(
            text("{{ recipient.city or property.city }}", &[("property.city", "Turku")]).as_deref(),
            Ok("Turku")
        );
        let subject = content(Some("{{ recipient.first_name }}"), "x", Format::Html);
        assert_eq!(render(subject, &[]).map(|r| r.text), missing("recipient.first_name"));
        for format in [Format::Text, Format::Markdown, Format::Html] {
            assert_eq!(
                render(content(None, "{{ recipient.name }}", format), &[]).map(|r| r.text),
                missing("recipient.name")
            );
        }
    }

    #[test]
    fn a_default_may_stand_behind_another_filter() {
        assert_eq!(text("{{ recipient.city|upper|default('x') }}", &[]).as_deref(), Ok("x"));
        assert_eq!(text("{{ recipient.city|default('x', true)|upper }}", &[]).as_deref(), Ok("X"));
        assert_eq!(text("{{ recipient.city|default('x') }}", &[("recipient.city", "Turku")]).as_deref(), Ok("Turku"));
    }

    #[test]
    fn conditions_ask_whether_a_field_is_filled() {
        let body = "Hei{% if recipient.first_name %} {{ recipient.first_name }}{% else %} sinä{% endif %}!";
        assert_eq!(text(body, &[("recipient.first_name", "Matti")]).as_deref(), Ok("Hei Matti!"));
        assert_eq!(text(body, &[]).as_deref(), Ok("Hei sinä!"));
        assert_eq!(text(body, &[("recipient.first_name", " ")]).as_deref(), Ok("Hei sinä!"));
        for (condition, without, with) in [
            ("not recipient.city", "y", ""),
            ("recipient.city is defined", "", "y"),
            ("recipient.city is undefined", "y", ""),
            ("recipient.city == 'Turku'", "", "y"),
            ("recipient.city != 'Turku'", "y", ""),
            ("recipient.city and recipient.city == 'Turku'", "", "y"),
        ] {
            let body = format!("{{% if {condition} %}}y{{% endif %}}");
            assert_eq!(text(&body, &[]).as_deref(), Ok(without), "{condition} without");
            assert_eq!(text(&body, &[("recipient.city", "Turku")]).as_deref(), Ok(with), "{condition} with");
        }
        assert_eq!(text("{{ 'x' if recipient.city }}", &[]).as_deref(), Ok(""));
    }

    #[test]
    fn a_subject_is_one_line_whatever_is_merged_in() {
        let hostile = "Matti\r\nBcc: kaikki@example.fi\r\n\r\n<b>";
        let rendered =
            render(content(Some("Hei\n {{ recipient.name }}\t"), "x", Format::Text), &[("recipient.name", hostile)]);
        assert_eq!(rendered.unwrap().subject.as_deref(), Some("Hei Matti Bcc: kaikki@example.fi <b>"));
    }

    #[test]
    fn text_is_text_only_and_unescaped() {
        let rendered =
            render(content(None, "<b>{{ recipient.name }}</b> *x*", Format::Text), &[("recipient.name", "A & *B*")]);
        assert_eq!(rendered, Ok(Rendered { subject: None, text: "<b>A & *B*</b> *x*".to_owned(), html: None }));
    }

    #[test]
    fn markdown_gives_html_with_values_as_text() {
        let name = "*Matti* [x](http://evil.example) <script>alert(1)</script>";
        let rendered = render(
            content(Some("{{ recipient.name }}"), "Hei **{{ recipient.name }}**", Format::Markdown),
            &[("recipient.name", name)],
        );
        let rendered = rendered.unwrap();
        assert_eq!(rendered.subject.as_deref(), Some(name));
        assert_eq!(rendered.text, format!("Hei **{name}**"));
        let html = rendered.html.unwrap();
        assert!(
            html.contains(
                "<p>Hei <strong>*Matti* [x](http://evil.example) &lt;script&gt;alert(1)&lt;/script&gt;</strong></p>"
            ),
            "{html}"
        );
        let conditional = "{% if recipient.city %}# {{ recipient.city|upper }}{% endif %}{{ 'a' if property.code }}";
        let html =
            render(content(None, conditional, Format::Markdown), &[("recipient.city", "i.o*")]).unwrap().html.unwrap();
        assert!(html.contains("<h1>I.O*</h1>"), "{html}");
    }

    #[test]
    fn html_gives_text_and_escapes_values() {
        let name = "</p><script>alert(\"1\")</script>'&";
        let body = "<p title=\"{{ recipient.name }}\">Hei <b>{{ recipient.name|upper|e }}</b></p>";
        let rendered = render(content(None, body, Format::Html), &[("recipient.name", name)]).unwrap();
        let html = rendered.html.unwrap();
        assert!(!html.contains("<script") && !html.to_lowercase().contains("</p><s"), "{html}");
        assert!(html.contains("title=\"&lt;&#x2f;p&gt;&lt;script&gt;alert(&quot;1&quot;)"), "{html}");
        assert!(
            rendered.text.contains("Hei") && rendered.text.contains("</P><SCRIPT>ALERT(\"1\")</SCRIPT>'&"),
            "{}",
            rendered.text
        );
    }

    #[test]
    fn the_text_of_html_follows_its_values() {
        let compiled = CompiledContent::new(&[content(None, "<p>{{ recipient.name }}</p>", Format::Html)]).unwrap();
        for name in ["A", "A", "B", "A"] {
            let rendered = compiled.render(0, &values(&[("recipient.name", name)])).unwrap();
            assert_eq!(rendered.text.trim(), name);
        }
    }

    #[test]
    fn rendering_again_gives_the_same_bytes() {
        for format in [Format::Text, Format::Markdown, Format::Html] {
            let version = content(Some("Hei {{ recipient.name }}"), "# Hei {{ recipient.name }}\n\n<b>x</b>\n", format);
            let pairs = [("recipient.name", "Åsa")];
            assert_eq!(render(version.clone(), &pairs), render(version, &pairs));
        }
    }

    #[test]
    fn output_is_bounded() {
        let name = "x".repeat(10_000);
        for format in [Format::Text, Format::Markdown, Format::Html] {
            let body = "{{ recipient.name }}\n".repeat(110);
            let rendered = render(content(None, &body, format), &[("recipient.name", &name)]);
            assert_eq!(rendered, Err(RenderFault::TooLarge), "{format:?}");
            let body = "{{ recipient.name }}\n".repeat(90);
            assert!(render(content(None, &body, format), &[("recipient.name", &name)]).is_ok(), "{format:?}");
        }
    }

    #[test]
    fn versions_are_rendered_by_their_index() {
        let mut swedish = content(Some("Hej"), "{{ property.name }}", Format::Text);
        swedish.language = "sv".to_owned();
        let compiled =
            CompiledContent::new(&[content(None, "{{ recipient.language }}", Format::Text), swedish]).unwrap();
        assert_eq!(compiled.render(1, &values(&[("property.name", "Bostads Ab")])).unwrap().text, "Bostads Ab");
        assert!(matches!(compiled.render(2, &MergeValues::new()), Err(RenderFault::Other(_))));
        assert!(compiled.uses_property() && compiled.uses_personal_fields());
        assert_eq!(compiled.fields().iter().collect::<Vec<_>>(), ["property.name", "recipient.language"]);
        assert!(!compiled.fields_of(0).unwrap().uses_personal_fields());
        let refused = CompiledContent::new(&[content(None, "{% set x = 1 %}", Format::Text)]);
        assert_eq!(refused.unwrap_err().code, "template_construct_not_allowed");
    }
}
