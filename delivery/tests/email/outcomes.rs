//! Whose fault a failure is, by the phase it happens in; each with and without pipelining.

use delivery::email::EmailTransport;
use domain::mailing::retry::Outcome;

use super::relay::{Act, MakeAct, Relay, Security};
use super::{email, settings};

const PLAIN: &[&str] = &["8BITMIME"];
const PIPELINING: &[&str] = &["PIPELINING", "8BITMIME"];

/// What becomes of a message when the relay acts so about the first command that begins with `verb`.
async fn outcome(extensions: &'static [&'static str], verb: &'static str, act: MakeAct) -> Outcome {
    let script = move |_, command: &str| if command.starts_with(verb) { act() } else { Act::Polite };
    let relay = Relay::start(extensions, Security::None, script).await;
    let mut session = EmailTransport::Smtp(settings(relay.port, "?tls=none")).session();
    session.send(&email("matti@example.com", "Hei\n")).await.remove(0)
}

#[tokio::test]
async fn the_phase_decides_whose_fault_it_is() {
    let cases: &[(&str, MakeAct, &str)] = &[
        ("no such command", || Act::Polite, "sent"),
        ("GREETING", || Act::HangUp, "relay_fault"),
        ("GREETING", || Act::Say("554 5.7.1 go away"), "relay_fault"),
        ("GREETING", || Act::Silence, "relay_fault"),
        ("GREETING", || Act::Say("HTTP/1.1 400 Bad Request"), "relay_fault"),
        ("EHLO", || Act::Say("502 5.5.1 what?"), "relay_fault"),
        ("MAIL", || Act::Say("550 5.7.1 sender refused"), "relay_fault"),
        ("MAIL", || Act::Say("451 4.3.0 later"), "relay_fault"),
        ("MAIL", || Act::Say("421 4.3.2 closing"), "relay_fault"),
        ("MAIL", || Act::HangUp, "relay_fault"),
        ("MAIL", || Act::Silence, "relay_fault"),
        ("RCPT", || Act::Say("550 5.1.1 no such user"), "rejected_permanently"),
        ("RCPT", || Act::Say("452 4.2.2 mailbox full"), "rejected_for_now"),
        ("RCPT", || Act::Say("421 4.3.2 closing"), "relay_fault"),
        ("RCPT", || Act::HangUp, "relay_fault"),
        ("RCPT", || Act::Silence, "relay_fault"),
        ("DATA", || Act::Say("554 5.7.1 no"), "rejected_permanently"),
        ("DATA", || Act::Say("451 4.7.1 greylisted"), "rejected_for_now"),
        ("DATA", || Act::Say("421 4.3.2 closing"), "relay_fault"),
        ("DATA", || Act::Say("250 not what was asked"), "relay_fault"),
        ("DATA", || Act::HangUp, "relay_fault"),
        (".", || Act::Say("554 5.7.1 spam"), "rejected_permanently"),
        (".", || Act::Say("451 4.3.0 disk full"), "rejected_for_now"),
        (".", || Act::Say("421 4.3.2 closing"), "relay_fault"),
        (".", || Act::Say("354 what?"), "uncertain"),
        (".", || Act::Say("mumble"), "uncertain"),
        (".", || Act::HangUp, "uncertain"),
        (".", || Act::Silence, "uncertain"),
    ];
    for extensions in [PLAIN, PIPELINING] {
        for (verb, act, expected) in cases {
            let outcome = outcome(extensions, verb, *act).await;
            assert_eq!(outcome.kind(), *expected, "{extensions:?} {verb}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn the_relays_own_words_are_kept() {
    let refused = outcome(PLAIN, "RCPT", || Act::Say("550-5.1.1 no such\r\n550 5.1.1 user \u{7}here")).await;
    let text = "5.1.1 no such user  here".to_owned();
    assert_eq!(refused, Outcome::RejectedPermanently { code: 550, text });
    let sent = outcome(PLAIN, ".", || Act::Say("250 2.0.0 queued as 4711")).await;
    assert_eq!(sent, Outcome::Sent { code: 250, text: "2.0.0 queued as 4711".to_owned() });
    let fault = outcome(PLAIN, "MAIL", || Act::Say("550 5.7.1 who are you")).await;
    assert_eq!(fault, Outcome::RelayFault { text: "MAIL FROM: 550 5.7.1 who are you".to_owned() });
}

#[tokio::test]
async fn a_relay_that_does_not_answer_the_door_is_at_fault() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut session = EmailTransport::Smtp(settings(unused, "?tls=none")).session();
    assert_eq!(session.send(&email("matti@example.com", "Hei")).await.remove(0).kind(), "relay_fault");
}

#[tokio::test]
async fn the_relay_gets_the_message_byte_for_byte() {
    for extensions in [PLAIN, PIPELINING] {
        let relay = Relay::start(extensions, Security::None, |_, _| Act::Polite).await;
        let mut session = EmailTransport::Smtp(settings(relay.port, "?tls=none&hello=posti.example.fi")).session();
        let email = email("matti@example.com", ".\n..\n.a dot\nb.\n\n.");
        assert_eq!(session.send(&email).await.remove(0).kind(), "sent");
        session.close().await;
        let received = &relay.messages()[0];
        assert!(received.contains("\r\n\r\n..\r\n...\r\n..a dot\r\nb.\r\n\r\n..\r\n"), "{received}");
        let unstuffed = received.replace("\r\n.", "\r\n");
        assert_eq!(unstuffed.as_bytes(), email.bytes);
        assert_eq!(
            relay.log(),
            [
                "1:GREETING",
                "1:EHLO posti.example.fi",
                "1:EHLO posti.example.fi",
                "1:MAIL FROM:<isannointi@example.fi>",
                "1:RCPT TO:<matti@example.com>",
                "1:DATA",
                "1:.",
                "1:QUIT",
            ]
        );
    }
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_relay_that_knows_of_it() {
    let relay = Relay::start(PLAIN, Security::None, |_, _| Act::Polite).await;
    let mut session = EmailTransport::Smtp(settings(relay.port, "?tls=none")).session();
    let refused = session.send(&email("meikäläinen@example.fi", "Hei")).await.remove(0);
    assert_eq!((refused.kind(), refused.code()), ("rejected_permanently", Some(553)), "{refused:?}");
    assert!(refused.text().contains("SMTPUTF8"), "{refused:?}");
    assert!(!relay.log().iter().any(|line| line.contains("MAIL")), "{:?}", relay.log());
    assert_eq!(session.send(&email("matti@example.com", "Hei")).await.remove(0).kind(), "sent", "the session goes on");
    assert_eq!(relay.connections(), 1);

    let relay = Relay::start(&["SMTPUTF8", "8BITMIME"], Security::None, |_, _| Act::Polite).await;
    let mut session = EmailTransport::Smtp(settings(relay.port, "?tls=none")).session();
    assert_eq!(session.send(&email("meikäläinen@example.fi", "Hei")).await.remove(0).kind(), "sent");
    assert!(relay.log().contains(&"1:MAIL FROM:<isannointi@example.fi> SMTPUTF8 BODY=8BITMIME".to_owned()));
    assert!(relay.log().contains(&"1:RCPT TO:<meikäläinen@example.fi>".to_owned()));
}
