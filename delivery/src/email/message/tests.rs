use mail_parser::{HeaderName, MessageParser};

use super::*;

fn email() -> OutgoingEmail {
    OutgoingEmail {
        message_id: "0190f3aa@posti.example.fi".to_owned(),
        date: "2026-11-21T08:05:09Z".parse().unwrap(),
        from_name: Some("Isännöinti Mäntylä, Oy".to_owned()),
        from: "isannointi@example.fi".to_owned(),
        reply_to: Some("vastaukset@example.fi".to_owned()),
        to: vec!["matti@example.com".to_owned()],
        cc: Vec::new(),
        recipients: vec!["matti@example.com".to_owned()],
        subject: "Vesikatko Hämeentie 3:ssa – huomenna klo 8".to_owned(),
        text: "Hei Väinö!\nVesi on poikki.\n".to_owned(),
        html: None,
        boundary_seed: Uuid::from_u128(7),
    }
}

fn message(email: &OutgoingEmail) -> Result<BuiltEmail, BuildError> {
    build(email, Vec::new(), &KnownLines::default())
}

fn built(email: &OutgoingEmail) -> String {
    String::from_utf8(message(email).unwrap().bytes).unwrap()
}

fn headers(email: &OutgoingEmail) -> String {
    built(email).split("\r\n\r\n").next().unwrap().to_owned()
}

#[test]
fn a_message_reads_back_as_it_was_meant() {
    let html = Some("<p>Hei Väinö!</p>\n".to_owned());
    let bytes = message(&OutgoingEmail { html, ..email() }).unwrap().bytes;
    let read = MessageParser::default().parse(&bytes).unwrap();
    let from = read.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Isännöinti Mäntylä, Oy"));
    assert_eq!(from.address(), Some("isannointi@example.fi"));
    assert_eq!(read.to().unwrap().first().unwrap().address(), Some("matti@example.com"));
    assert_eq!(read.to().unwrap().first().unwrap().name(), None);
    assert_eq!(read.reply_to().unwrap().first().unwrap().address(), Some("vastaukset@example.fi"));
    assert_eq!(read.subject(), Some("Vesikatko Hämeentie 3:ssa – huomenna klo 8"));
    assert_eq!(read.message_id(), Some("0190f3aa@posti.example.fi"));
    assert_eq!(read.date().unwrap().to_timestamp(), email().date.timestamp());
    assert_eq!(read.body_text(0).unwrap().trim_end(), "Hei Väinö!\r\nVesi on poikki.");
    assert_eq!(read.body_html(0).unwrap().trim_end(), "<p>Hei Väinö!</p>");
    assert_eq!((read.text_body.len(), read.html_body.len(), read.attachments.len()), (1, 1, 0));
}

#[test]
fn the_same_parts_give_the_same_bytes() {
    for html in [None, Some("<p>Hei</p>".to_owned())] {
        let email = OutgoingEmail { html, ..email() };
        assert_eq!(message(&email), message(&email.clone()));
    }
    let other = OutgoingEmail { boundary_seed: Uuid::from_u128(8), ..email() };
    assert_eq!(built(&email()), built(&other), "a text alone has no boundary");
}

#[test]
fn text_alone_is_one_part_and_with_html_two() {
    let alone = built(&email());
    assert!(alone.contains("Content-Type: text/plain; charset=utf-8\r\n") && !alone.contains("multipart"), "{alone}");
    let both = built(&OutgoingEmail { html: Some("<p>Hei</p>".to_owned()), ..email() });
    assert!(both.contains("Content-Type: multipart/alternative;"), "{both}");
    assert!(both.contains("boundary=\"=_00000000000000000000000000000007\""), "{both}");
    assert_eq!(both.matches("\r\n--=_00000000000000000000000000000007").count(), 3, "{both}");
    assert!(both.find("text/plain").unwrap() < both.find("text/html").unwrap(), "{both}");
}

#[test]
fn headers_are_ascii_and_bodies_seven_bit_in_short_lines() {
    let long = "pitkä sana ".repeat(500);
    let email = OutgoingEmail {
        subject: format!("{long}{}", "x".repeat(3000)),
        from_name: Some(long.clone()),
        text: format!("{}\n{long}", "x".repeat(5000)),
        html: Some(format!("<p>{}</p>", "y".repeat(5000))),
        ..email()
    };
    let built = built(&email);
    assert!(built.is_ascii());
    assert!(!built.replace("\r\n", "").contains(['\r', '\n']), "bare CR or LF");
    let longest = built.split("\r\n").map(str::len).max().unwrap();
    assert!(longest <= 998, "{longest}");
    let read = MessageParser::default().parse(built.as_bytes()).unwrap();
    assert!(read.subject().unwrap().contains("pitkä sana pitkä sana"));
    assert!(read.body_text(0).unwrap().starts_with(&"x".repeat(5000)));
}

#[test]
fn no_part_can_add_a_header() {
    let evil = "x\r\nBcc: all@example.fi\nX-A: 1\rX-B: 2\u{2028}X-C: 3\u{85}X-D: 4";
    let email = OutgoingEmail { subject: evil.to_owned(), from_name: Some(evil.to_owned()), ..email() };
    let bytes = message(&email).unwrap().bytes;
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.bcc(), None);
    assert!(
        !read.headers().iter().any(|header| matches!(&header.name, HeaderName::Other(name) if name.starts_with("X-")))
    );
    assert_eq!(read.subject(), Some("x Bcc: all@example.fi X-A: 1 X-B: 2 X-C: 3 X-D: 4"));
    let names: Vec<_> = read.headers().iter().map(|header| header.name.as_str().to_owned()).collect();
    let expected = [
        "Date",
        "Message-ID",
        "From",
        "To",
        "Reply-To",
        "Subject",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];
    assert_eq!(names, expected);
}

#[test]
fn parts_that_fit_no_header_are_refused() {
    let cases = [
        (OutgoingEmail { from: "a@b.fi\r\nBcc: c@d.fi".to_owned(), ..email() }, BuildError::From),
        (OutgoingEmail { from: "meikäläinen@example.fi".to_owned(), ..email() }, BuildError::From),
        (OutgoingEmail { from: String::new(), ..email() }, BuildError::From),
        (OutgoingEmail { reply_to: Some("a b@c.fi".to_owned()), ..email() }, BuildError::ReplyTo),
        (OutgoingEmail { to: vec!["a@b.fi, c@d.fi".to_owned()], ..email() }, BuildError::To),
        (OutgoingEmail { cc: vec!["Matti <a@b.fi>".to_owned()], ..email() }, BuildError::To),
        (OutgoingEmail { recipients: vec!["a@b.fi\r\nBcc: c@d.fi".to_owned()], ..email() }, BuildError::To),
        (OutgoingEmail { recipients: Vec::new(), ..email() }, BuildError::To),
        (OutgoingEmail { message_id: "a@b>\r\nX: <y@z".to_owned(), ..email() }, BuildError::MessageId),
        (OutgoingEmail { message_id: "no-at-sign".to_owned(), ..email() }, BuildError::MessageId),
        (OutgoingEmail { message_id: format!("{}@b.fi", "a".repeat(300)), ..email() }, BuildError::MessageId),
        (OutgoingEmail { date: "1969-12-31T23:59:59Z".parse().unwrap(), ..email() }, BuildError::Date),
    ];
    for (email, expected) in cases {
        assert_eq!(message(&email), Err(expected), "{email:?}");
    }
}

#[test]
fn the_envelope_bears_ascii_domains_and_the_message_id_its_brackets() {
    let email = OutgoingEmail {
        from: "a@ääkkönen.fi".to_owned(),
        to: vec!["meikäläinen@example.fi".to_owned()],
        recipients: vec!["meikäläinen@example.fi".to_owned()],
        message_id: "<x@y.fi>".to_owned(),
        ..email()
    };
    let built = message(&email).unwrap();
    let expected = Envelope { from: "a@xn--kknen-fraa0m.fi".to_owned(), to: email.to.clone() };
    assert_eq!((built.envelope, built.message_id.as_str()), (expected, "<x@y.fi>"));
    assert!(headers(&email).contains("From: ") && headers(&email).contains("Message-ID: <x@y.fi>\r\n"));
}

#[test]
fn headers_show_to_and_cc_and_the_envelope_alone_has_the_others() {
    let list = |name: &str, count: usize| (0..count).map(|n| format!("{name}{n}@example.fi")).collect::<Vec<_>>();
    let (to, cc, hidden) = (list("to", 400), list("cc", 100), list("hidden", 3));
    let email = OutgoingEmail { to: to.clone(), cc: cc.clone(), recipients: hidden.clone(), ..email() };
    let built = message(&email).unwrap();
    assert_eq!(built.envelope.to, hidden);
    let text = String::from_utf8(built.bytes.clone()).unwrap();
    assert!(!text.contains("hidden") && !text.to_lowercase().contains("\r\nbcc"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "{text}");
    let read = MessageParser::default().parse(&built.bytes).unwrap();
    let shown = |header: &mail_parser::Address<'_>| {
        header.iter().filter_map(|one| one.address()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!((shown(read.to().unwrap()), shown(read.cc().unwrap())), (to, cc));
}

#[test]
fn without_anybody_to_show_the_header_says_so() {
    let email = OutgoingEmail { to: Vec::new(), ..email() };
    assert!(headers(&email).contains("\r\nTo: undisclosed-recipients:;\r\n"), "{}", headers(&email));
    assert_eq!(message(&email).unwrap().envelope.to, ["matti@example.com"]);
}

#[test]
fn an_empty_name_is_no_name() {
    let email = OutgoingEmail { from_name: Some(" \r\n".to_owned()), ..email() };
    assert!(headers(&email).contains("From: isannointi@example.fi\r\n"));
}

#[test]
fn control_characters_are_dropped_from_the_text() {
    let email = OutgoingEmail { text: "a\0b\u{7}\tc\rd\r\ne".to_owned(), ..email() };
    assert!(built(&email).ends_with("\r\n\r\nab\tc\r\nd\r\ne\r\n"), "{}", built(&email));
}
