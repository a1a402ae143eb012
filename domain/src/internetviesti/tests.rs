use super::*;

fn written(language: &str, format: MessageFormat, message: &str) -> Written {
    let (title, message) = ("Vesikatko".to_owned(), message.to_owned());
    Written { language: language.to_owned(), title, message, format, attachment_ids: vec![] }
}

fn bulletin() -> Internetviesti {
    Internetviesti {
        party_ids: vec![],
        property_ids: vec![1001],
        reaches_down: true,
        roles: vec![],
        versions: vec![written("fi", MessageFormat::Text, "Vesi on poikki.")],
        attachment_ids: vec![],
        valid_from: None,
        valid_to: None,
        important: false,
        corrects: None,
    }
}

/// Pointers and codes of the faults.
fn faults(message: &Internetviesti) -> Vec<(String, &'static str)> {
    check(message, false).err().unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn words_read_back() {
    for state in State::ALL {
        assert_eq!(State::parse(state.as_str()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    for format in MessageFormat::ALL {
        assert_eq!(MessageFormat::parse(format.as_str()), Some(format));
        assert_eq!(serde_json::to_value(format).unwrap(), format.as_str());
    }
}

#[test]
fn the_language_asked_for_comes_before_the_partys_the_browsers_and_the_deployments() {
    let languages = ["en", "fi", "sv"];
    let accepted = ["de".to_owned(), "sv-FI".to_owned()];
    let wish = Wish { asked: Some("fi-FI"), party: Some("en"), accepted: &accepted, default: "en" };
    for (wish, chosen) in [
        (wish, 1),
        (Wish { asked: Some("so"), ..wish }, 0),
        (Wish { asked: None, ..wish }, 0),
        (Wish { asked: None, party: None, ..wish }, 2),
        (Wish { asked: None, party: Some("so"), accepted: &[], default: "fi" }, 1),
        (Wish { default: "ru", ..Wish::default() }, 0),
    ] {
        assert_eq!(choose(&languages, wish), Some(chosen), "{wish:?}");
    }
    assert_eq!(choose(&[], wish), None);
}

#[test]
fn a_text_becomes_paragraphs_and_stays_a_text() {
    let (html, text) = served(&written("fi", MessageFormat::Text, "Hei <b>&\nrivi\r\n\r\nToinen\n\n\n")).unwrap();
    assert_eq!(html, "<p>Hei &lt;b&gt;&amp;<br>\nrivi</p>\n<p>Toinen</p>");
    assert_eq!(text, "Hei <b>&\nrivi\r\n\r\nToinen\n\n\n");
}

#[test]
fn html_is_made_safe_and_has_a_text() {
    let hostile = "<h2 onclick=x()>Vesi</h2><script>x()</script><style>p{}</style><iframe src=//x></iframe>\
                   <p><a href=\"javascript:x()\">a</a> <a href=\"https://x.fi/\">b</a><img src=x onerror=x()></p><form><input></form>";
    let (html, text) = served(&written("fi", MessageFormat::Html, hostile)).unwrap();
    for gone in ["onclick", "script", "style", "iframe", "img", "onerror", "form", "input"] {
        assert!(!html.contains(gone), "{gone}: {html}");
    }
    assert!(html.contains("<h2>Vesi</h2>") && html.contains("https://x.fi/") && html.contains("noopener"), "{html}");
    assert!(text.contains("Vesi") && !text.contains('<'), "{text}");
    let (html, text) = served(&written("fi", MessageFormat::Markdown, "**Vesi** [x](javascript:x) <b>y</b>")).unwrap();
    assert!(html.contains("<strong>Vesi</strong>") && !html.contains("javascript"), "{html}");
    assert!(!html.contains("<html") && text.contains("Vesi"), "{html} {text}");
}

#[test]
fn each_fault_is_named_where_it_is() {
    assert_eq!(faults(&bulletin()), []);
    type Change = fn(&mut Internetviesti);
    let time = |text: &str| text.parse::<DateTime<Utc>>().ok();
    let cases: [(Change, &str, &str); 13] = [
        (|m| m.versions.clear(), "/versiot", "out_of_range"),
        (|m| m.versions[0].language = "suomi".to_owned(), "/versiot/0/kieli", "invalid_language"),
        (|m| m.versions.push(written("FI", MessageFormat::Text, "x")), "/versiot/1/kieli", "duplicate_language"),
        (|m| m.versions[0].title = " ".to_owned(), "/versiot/0/otsikko", "invalid_title"),
        (|m| m.versions[0].title = "a\nb".to_owned(), "/versiot/0/otsikko", "invalid_title"),
        (|m| m.versions[0].message = "\n".to_owned(), "/versiot/0/viesti", "required"),
        (|m| m.versions[0].message = "x".repeat(200_001), "/versiot/0/viesti", "too_long"),
        (|m| m.property_ids.clear(), "", "no_target"),
        (|m| m.property_ids.push(1001), "/kohde_idt/1", "duplicate"),
        (|m| m.party_ids.push(0), "/osapuoli_idt/0", "out_of_range"),
        (|m| m.roles.push(String::new()), "/roolit/0", "required"),
        (|m| m.attachment_ids = vec![Uuid::nil(), Uuid::nil()], "/tiedosto_idt/1", "duplicate"),
        (|m| m.attachment_ids = (0..21).map(Uuid::from_u128).collect(), "/versiot/0/tiedosto_idt", "too_many"),
    ];
    for (change, pointer, code) in cases {
        let mut message = bulletin();
        change(&mut message);
        assert_eq!(faults(&message), [(pointer.to_owned(), code)]);
    }
    let mut message = bulletin();
    (message.valid_from, message.valid_to) = (time("2026-11-22T10:00:00Z"), time("2026-11-22T10:00:00Z"));
    assert_eq!(faults(&message), [("/voimassa_paattyen".to_owned(), "ends_before_it_begins")]);
    let mut to_a_party = bulletin();
    (to_a_party.property_ids, to_a_party.party_ids, to_a_party.roles) = (vec![], vec![7], vec!["owner".to_owned()]);
    assert_eq!(faults(&to_a_party), [("/roolit".to_owned(), "without_property")]);
    let mut draft = bulletin();
    draft.property_ids.clear();
    assert_eq!(check(&draft, true), Ok(()));
}

#[test]
fn the_next_of_a_chain_has_the_audience_of_the_first() {
    let mut first = bulletin();
    (first.party_ids, first.roles, first.reaches_down) = (vec![7, 8], vec!["owner".to_owned()], false);
    let mut next = Internetviesti { party_ids: vec![8, 9], property_ids: vec![], ..bulletin() };
    next.inherit_audience(&first).unwrap();
    assert_eq!((next.party_ids.as_slice(), next.property_ids.as_slice()), ([8, 9, 7].as_slice(), [1001].as_slice()));
    assert_eq!((next.roles.as_slice(), next.reaches_down), (["owner".to_owned()].as_slice(), false));
}

#[test]
fn a_message_comes_into_view_when_it_is_published_but_not_before_its_time() {
    let at = |hour: i64| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour);
    let mut message = bulletin();
    assert_eq!(message.shown_at(at(5)), at(5));
    for (from, shown) in [(3, 5), (8, 8)] {
        message.valid_from = Some(at(from));
        assert_eq!(message.shown_at(at(5)), at(shown));
    }
}
