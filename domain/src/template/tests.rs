use super::*;
use crate::content::MergeValues;

fn version(language: &str, body: &str) -> LanguageVersion {
    LanguageVersion {
        language: language.to_owned(),
        subject: Some("Vesikatko".to_owned()),
        body: body.to_owned(),
        attachment_ids: Vec::new(),
    }
}

fn template(versions: &[LanguageVersion]) -> Template {
    Template {
        folder_id: Uuid::nil(),
        name: "Vesikatko".to_owned(),
        channel: Channel::Email,
        format: Format::Text,
        occasion: None,
        language_versions: versions.to_vec(),
    }
}

fn bound(kind: OccasionKind, workflow_ref: Option<&str>) -> Option<Binding> {
    Some(Binding { kind, workflow_ref: workflow_ref.map(str::to_owned), default: false })
}

fn faults(template: &Template) -> Vec<(String, &'static str)> {
    let errors = template.check().err().unwrap_or_default();
    errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

#[test]
fn a_template_is_saved_when_it_can_be_used() {
    let good = template(&[version("fi", "Hei {{ recipient.name }}"), version("sv", "Hej")]);
    assert_eq!(faults(&good), []);
    for (changed, pointer, code) in [
        (Template { name: " ".to_owned(), ..good.clone() }, "/name", "required"),
        (Template { name: "a\nb".to_owned(), ..good.clone() }, "/name", "control_character"),
        (Template { name: "ä".repeat(201), ..good.clone() }, "/name", "too_long"),
        (template(&[]), "/language_versions", "out_of_range"),
        (template(&vec![version("fi", "a"); 51]), "/language_versions", "out_of_range"),
        (template(&[version("suomi", "a")]), "/language_versions/0/language", "invalid_language"),
        (template(&[version("fi", "a"), version("FI", "b")]), "/language_versions/1/language", "duplicate_language"),
        (template(&[version("fi", " \n")]), "/language_versions/0/body", "required"),
        (template(&[version("fi", "{{ recipient.nmae }}")]), "/language_versions/0/body", "unknown_merge_field"),
        (template(&[version("fi", "{{ loan.key }}")]), "/language_versions/0/body", "merge_field_of_occasion"),
        (Template { channel: Channel::Sms, format: Format::Html, ..good.clone() }, "/format", "format_not_available"),
        (Template { channel: Channel::Sms, ..good.clone() }, "/language_versions/0/subject", "not_available"),
        (
            Template { occasion: bound(OccasionKind::Workflow, None), ..good.clone() },
            "/occasion/workflow_ref",
            "required",
        ),
        (
            Template { occasion: bound(OccasionKind::PointsStatement, Some("a")), ..good.clone() },
            "/occasion/workflow_ref",
            "not_available",
        ),
    ] {
        let found = faults(&changed);
        assert!(found.iter().any(|(at, fault)| at == pointer && *fault == code), "{pointer} {code}: {found:?}");
    }
    let message = template(&[version("fi", "Hei\nÄiti {{ nope }}")]).check().unwrap_err().remove(0).message;
    assert!(message.starts_with("Line 2, column 9:"), "{message}");
}

#[test]
fn what_is_bound_to_an_occasion_may_use_its_fields() {
    let loan = template(&[version("fi", "Palauta avain {{ loan.key }}.")]);
    let loan = Template { occasion: bound(OccasionKind::OverdueKeyLoan, None), ..loan };
    assert_eq!(faults(&loan), []);
    let other = Template { occasion: bound(OccasionKind::Workflow, Some("huolto")), ..loan };
    assert_eq!(faults(&other), [("/language_versions/0/body".to_owned(), "merge_field_of_occasion")]);
}

#[test]
fn templates_of_every_channel_can_be_kept() {
    for channel in Channel::ALL {
        let one = LanguageVersion { subject: None, ..version("fi", "Hei") };
        assert_eq!(faults(&Template { channel, ..template(&[one]) }), [], "{channel:?}");
    }
}

#[test]
fn a_template_is_stored_trimmed_and_canonical() {
    let mut given = template(&[LanguageVersion { subject: Some(" ".to_owned()), ..version(" SV-fi ", " Hej \n") }]);
    given.name = " Vesikatko ".to_owned();
    given.occasion = bound(OccasionKind::Workflow, Some("  "));
    let kept = given.normalized();
    assert_eq!((kept.name.as_str(), kept.language_versions[0].language.as_str()), ("Vesikatko", "sv-FI"));
    assert_eq!(
        (kept.language_versions[0].subject.as_deref(), kept.language_versions[0].body.as_str()),
        (None, " Hej \n")
    );
    assert_eq!(kept.occasion.as_ref().unwrap().workflow_ref, None);
    assert_eq!(kept.clone().normalized(), kept);
}

#[test]
fn the_version_shown_comes_with_why_it_was_chosen() {
    let versions = [version("sv", "a"), version("fi", "b"), version("en", "c")];
    for (asked, service, default, expected) in [
        (Some("en-GB"), "fi", "fi", (2, Why::AskedLanguage)),
        (Some("ru"), "sv-FI", "fi", (0, Why::ServiceLanguage)),
        (None, "fi", "sv", (1, Why::ServiceLanguage)),
        (None, "ru", "fi", (1, Why::DefaultLanguage)),
        (None, "ru", "et", (0, Why::FirstVersion)),
    ] {
        assert_eq!(choose(&versions, asked, service, default), Some(expected), "{asked:?} {service} {default}");
    }
    assert_eq!(choose(&[], None, "fi", "fi"), None);
}

#[test]
fn what_has_no_value_is_named_and_marked() {
    let body = "Hei {{ recipient.first_name }}, {{ recipient.city|default('-') }} {{ recipient.name }}";
    let values: MergeValues = [("recipient.name", Some("Åsa"))].into_iter().collect();
    let shown = show(&template(&[version("sv", "x"), version("fi", body)]), 1, &values).unwrap();
    assert_eq!(shown.rendered.text, "Hei [recipient.first_name], - Åsa");
    let named: Vec<_> = shown.empty_fields.iter().map(|field| (field.name.as_str(), field.excludes)).collect();
    assert_eq!(named, [("recipient.city", false), ("recipient.first_name", true)]);
}

#[test]
fn for_the_portal_it_is_shown_as_the_portal_shows_it() {
    let html = version("fi", "<p onclick=\"x()\">Hei <script>x()</script>{{ recipient.name }}</p>");
    let portal = Template { channel: Channel::Internetviesti, format: Format::Html, ..template(&[html]) };
    let values: MergeValues = [("recipient.name", Some("<b>"))].into_iter().collect();
    let shown = show(&portal, 0, &values).unwrap().rendered;
    assert_eq!(shown.html.as_deref(), Some("<p>Hei &lt;b&gt;</p>"));
    assert_eq!(shown.subject.as_deref(), Some("Vesikatko"));
    let text = Template { format: Format::Text, ..portal };
    let text = Template { language_versions: vec![version("fi", "a\n\nb")], ..text };
    assert_eq!(show(&text, 0, &values).unwrap().rendered.html.as_deref(), Some("<p>a</p>\n<p>b</p>"));
}

#[test]
fn the_default_of_an_occasion_is_the_one_marked_or_the_only_one() {
    for (marked, expected) in
        [(&[][..], None), (&[false], Some(0)), (&[false, false], None), (&[false, true], Some(1)), (&[true], Some(0))]
    {
        assert_eq!(default_among(marked), expected, "{marked:?}");
    }
}

#[test]
fn what_a_mailing_says_becomes_a_template_and_comes_back() {
    let kept = template(&[version("fi", "Hei"), version("sv", "Hej")]);
    let mut contents = kept.contents();
    contents.push(Content { channel: Channel::Internetviesti, ..contents[0].clone() });
    let again = Template::of_contents(&contents, Channel::Email).unwrap();
    assert_eq!(again.language_versions, kept.language_versions);
    assert_eq!(Template::of_contents(&contents, Channel::Sms).unwrap_err().code, "no_content");
    contents[1].format = Format::Html;
    assert_eq!(Template::of_contents(&contents, Channel::Email).unwrap_err().code, "mixed_formats");
}
