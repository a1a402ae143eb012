//! How messages come out: what is merged in, what is missing, what is escaped, what is too large.

use super::*;
use crate::eligibility::Channel;

fn content(subject: Option<&str>, body: &str, format: Format) -> Content {
    Content {
        channel: Channel::Email,
        language: "fi".to_owned(),
        subject: subject.map(str::to_owned),
        body: body.to_owned(),
        format,
        attachment_ids: Vec::new(),
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
    assert_eq!(text("{{ recipient.name }}{{ property.code }}", &[("recipient.name", "a")]), missing("property.code"));
    assert_eq!(text("{{ recipient.city|default(property.city) }}", &[]), missing("property.city"));
    assert_eq!(text("{{ recipient.city or property.city or '-' }}", &[]).as_deref(), Ok("-"));
    assert_eq!(text("{{ recipient.city or property.city }}", &[("property.city", "Turku")]).as_deref(), Ok("Turku"));
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
    let compiled = CompiledContent::new(&[content(None, "{{ recipient.language }}", Format::Text), swedish]).unwrap();
    assert_eq!(compiled.render(1, &values(&[("property.name", "Bostads Ab")])).unwrap().text, "Bostads Ab");
    assert!(matches!(compiled.render(2, &MergeValues::new()), Err(RenderFault::Other(_))));
    assert!(compiled.uses_property() && compiled.uses_personal_fields());
    assert_eq!(compiled.fields().iter().collect::<Vec<_>>(), ["property.name", "recipient.language"]);
    assert!(!compiled.fields_of(0).unwrap().uses_personal_fields());
    let refused = CompiledContent::new(&[content(None, "{% set x = 1 %}", Format::Text)]);
    assert_eq!(refused.unwrap_err().code, "template_construct_not_allowed");
}
