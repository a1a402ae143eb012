//! How long a connection is used, and what becomes of it after a failure.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use delivery::email::{EmailSession, EmailTransport};

use super::relay::{Act, MakeAct, Relay, Security};
use super::{email, settings};

const PLAIN: &[&str] = &["8BITMIME"];
const PIPELINING: &[&str] = &["PIPELINING"];

fn session(relay: &Relay) -> Box<dyn EmailSession> {
    EmailTransport::Smtp(settings(relay.port, "?tls=none")).session()
}

/// Sends to each of `recipients` in turn and tells what became of it.
async fn kinds(session: &mut dyn EmailSession, recipients: &[&str]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for to in recipients {
        kinds.push(session.send(&email(to, "Hei\n")).await.remove(0).kind());
    }
    kinds
}

#[tokio::test]
async fn messages_share_a_connection_until_it_has_carried_its_share() {
    let relay = Relay::start(PIPELINING, Security::None, |_, _| Act::Polite).await;
    let mut settings = settings(relay.port, "?tls=none");
    settings.messages_per_connection = 3;
    let mut session = EmailTransport::Smtp(settings).session();
    assert_eq!(kinds(&mut *session, &["a@example.fi"; 7]).await, ["sent"; 7]);
    assert_eq!((relay.connections(), relay.messages().len()), (3, 7));
}

#[tokio::test]
async fn a_refused_recipient_costs_a_reset_and_no_connection() {
    for extensions in [PLAIN, PIPELINING] {
        let script = |_, command: &str| match command {
            "RCPT TO:<gone@example.fi>" => Act::Say("550 5.1.1 no such user"),
            "RCPT TO:<full@example.fi>" => Act::Say("452 4.2.2 full"),
            _ => Act::Polite,
        };
        let relay = Relay::start(extensions, Security::None, script).await;
        let mut session = session(&relay);
        let recipients = ["gone@example.fi", "a@example.fi", "full@example.fi", "b@example.fi"];
        let expected = ["rejected_permanently", "sent", "rejected_for_now", "sent"];
        assert_eq!(kinds(&mut *session, &recipients).await, expected);
        assert_eq!(relay.connections(), 1);
        assert_eq!(relay.log().iter().filter(|line| *line == "1:RSET").count(), 2);
        assert_eq!(relay.messages().len(), 2);
    }
}

#[tokio::test]
async fn a_relay_that_wants_a_message_without_a_recipient_gets_none() {
    let script = |nth, command: &str| match (nth, command) {
        (1, "RCPT TO:<gone@example.fi>") => Act::Say("550 5.1.1 no such user"),
        (1, "DATA") => Act::Say("354 go ahead"),
        _ => Act::Polite,
    };
    let relay = Relay::start(PIPELINING, Security::None, script).await;
    let mut session = session(&relay);
    let expected = ["rejected_permanently", "sent"];
    assert_eq!(kinds(&mut *session, &["gone@example.fi", "a@example.fi"]).await, expected);
    assert_eq!((relay.connections(), relay.messages().len()), (2, 1));
}

#[tokio::test]
async fn a_relay_that_hangs_up_is_called_again() {
    let cases: [(&'static str, MakeAct); 3] =
        [("RCPT", || Act::Say("421 4.3.2 closing")), ("RCPT", || Act::HangUp), ("DATA", || Act::HangUp)];
    for (verb, act) in cases {
        let script = move |nth, command: &str| if nth == 1 && command.starts_with(verb) { act() } else { Act::Polite };
        let relay = Relay::start(PLAIN, Security::None, script).await;
        let mut session = session(&relay);
        assert_eq!(kinds(&mut *session, &["a@example.fi"; 2]).await, ["relay_fault", "sent"], "{verb}");
        assert_eq!(relay.connections(), 2);
    }
}

#[tokio::test]
async fn a_connection_the_relay_gave_up_between_messages_is_nobodys_fault() {
    for extensions in [PLAIN, PIPELINING] {
        for say_so in [true, false] {
            let sent_before = AtomicBool::new(false);
            let script = move |nth, command: &str| {
                let second = command.starts_with("MAIL") && sent_before.swap(true, Ordering::SeqCst);
                match (nth == 1 && second, say_so) {
                    (true, true) => Act::Say("421 4.4.2 too many messages"),
                    (true, false) => Act::HangUp,
                    (false, _) => Act::Polite,
                }
            };
            let relay = Relay::start(extensions, Security::None, script).await;
            let mut session = session(&relay);
            assert_eq!(kinds(&mut *session, &["a@example.fi"; 3]).await, ["sent"; 3]);
            assert_eq!((relay.connections(), relay.messages().len()), (2, 3));
        }
    }
}

#[tokio::test]
async fn an_uncertain_message_is_not_sent_again_by_itself() {
    let script = |nth, command: &str| if nth == 1 && command == "." { Act::HangUp } else { Act::Polite };
    let relay = Relay::start(PIPELINING, Security::None, script).await;
    let mut session = session(&relay);
    assert_eq!(kinds(&mut *session, &["a@example.fi"]).await, ["uncertain"]);
    assert_eq!((relay.connections(), relay.messages().len()), (1, 1));
    assert_eq!(kinds(&mut *session, &["b@example.fi"]).await, ["sent"]);
    assert_eq!(relay.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_was_idle_too_long_is_closed_and_replaced() {
    let relay = Relay::start(PLAIN, Security::None, |_, _| Act::Polite).await;
    let mut settings = settings(relay.port, "?tls=none");
    settings.idle_limit = Duration::ZERO;
    let mut session = EmailTransport::Smtp(settings).session();
    assert_eq!(kinds(&mut *session, &["a@example.fi"; 2]).await, ["sent"; 2]);
    assert_eq!(relay.connections(), 2);
    assert!(relay.log().contains(&"1:QUIT".to_owned()));
}

#[tokio::test]
async fn a_send_that_is_given_up_leaves_no_connection_behind() {
    let script = |nth, command: &str| if nth == 1 && command == "." { Act::Silence } else { Act::Polite };
    let relay = Relay::start(PLAIN, Security::None, script).await;
    let mut settings = settings(relay.port, "?tls=none");
    settings.message_timeout = Duration::from_secs(60);
    let mut session = EmailTransport::Smtp(settings).session();
    let given_up =
        tokio::time::timeout(Duration::from_millis(200), session.send(&email("a@example.fi", "Hei\n"))).await;
    assert!(given_up.is_err());
    assert_eq!(kinds(&mut *session, &["b@example.fi"]).await, ["sent"]);
    assert_eq!(relay.connections(), 2);
}
