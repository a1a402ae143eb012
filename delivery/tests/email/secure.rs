//! Encryption and login against a relay with a certificate of its own.

use std::sync::Arc;

use delivery::email::{EmailTransport, SmtpSettings, Tls};
use domain::mailing::retry::Outcome;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use super::relay::{Act, Relay, Security};
use super::{email, settings};

const LOGIN: &[&str] = &["AUTH PLAIN LOGIN", "PIPELINING"];

/// A server's TLS with a certificate for `name`, and that certificate as PEM.
fn tls(name: &str) -> (Arc<ServerConfig>, Vec<u8>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), cert.pem().into_bytes())
}

fn with_login(mut settings: SmtpSettings) -> SmtpSettings {
    settings.credentials = SmtpSettings::parse("smtp://posti:s%C3%A4lainen@relay").unwrap().credentials;
    settings
}

async fn send(settings: SmtpSettings) -> Outcome {
    let mut session = EmailTransport::Smtp(settings).session();
    let mut outcome = session.send(&email("matti@example.com", "Hei\n")).await.remove(0);
    for _ in 0..3 {
        outcome = session.send(&email("matti@example.com", "Hei\n")).await.remove(0);
    }
    session.close().await;
    outcome
}

#[tokio::test]
async fn starttls_and_implicit_tls_carry_login_and_messages() {
    for (implicit, parameters) in [(false, ""), (false, "?tls=opportunistic"), (true, "")] {
        let (config, ca) = tls("127.0.0.1");
        let security = if implicit { Security::Implicit(config) } else { Security::StartTls(config) };
        let relay = Relay::start(LOGIN, security, |_, _| Act::Polite).await;
        let mut settings = with_login(settings(relay.port, parameters)).with_ca_pem(ca).unwrap();
        if implicit {
            settings.tls = Tls::Implicit;
        }
        let outcome = send(settings).await;
        assert_eq!(outcome.kind(), "sent", "{outcome:?}");
        assert_eq!((relay.connections(), relay.messages().len()), (1, 4));
        let log = relay.log();
        let at = |prefix: &str| log.iter().position(|line| line.starts_with(prefix));
        assert!(at("1:AUTH PLAIN AHBvc3RpAHPDpGxhaW5lbg==") < at("1:MAIL"), "{log:?}");
        assert_eq!(at("1:STARTTLS").is_some(), !implicit);
        assert!(at("1:STARTTLS") < at("1:AUTH"), "{log:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_not_the_relays_stops_the_mail() {
    for implicit in [false, true] {
        let (_, other_ca) = tls("127.0.0.1");
        let (wrong_name, wrong_name_ca) = tls("relay.example.fi");
        let (right_name, _) = tls("127.0.0.1");
        for (config, ca) in
            [(Arc::clone(&right_name), None), (right_name, Some(other_ca)), (wrong_name, Some(wrong_name_ca))]
        {
            let security = if implicit { Security::Implicit(config) } else { Security::StartTls(config) };
            let relay = Relay::start(LOGIN, security, |_, _| Act::Polite).await;
            let mut settings = with_login(settings(relay.port, ""));
            settings.tls = if implicit { Tls::Implicit } else { Tls::Required };
            if let Some(ca) = ca {
                settings = settings.with_ca_pem(ca).unwrap();
            }
            let outcome = send(settings).await;
            assert_eq!(outcome.kind(), "relay_fault", "{outcome:?}");
            assert!(outcome.text().contains("certificate"), "{outcome:?}");
            assert!(
                !relay.log().iter().any(|line| line.contains("AUTH") || line.contains("MAIL")),
                "{:?}",
                relay.log()
            );
        }
    }
}

#[tokio::test]
async fn a_relay_without_starttls_gets_no_mail_when_tls_is_required() {
    let relay = Relay::start(LOGIN, Security::None, |_, _| Act::Polite).await;
    let outcome = send(settings(relay.port, "")).await;
    assert_eq!(outcome.kind(), "relay_fault", "{outcome:?}");
    assert!(!relay.log().iter().any(|line| line.contains("MAIL")));
    assert_eq!(send(settings(relay.port, "?tls=opportunistic")).await.kind(), "sent");
}

#[tokio::test]
async fn replies_slipped_in_before_the_encryption_are_not_believed() {
    let (config, ca) = tls("127.0.0.1");
    let script = |_, command: &str| match command {
        "STARTTLS" => Act::Say("220 go ahead\r\n250-evil.test\r\n250 AUTH PLAIN"),
        _ => Act::Polite,
    };
    let relay = Relay::start(LOGIN, Security::StartTls(config), script).await;
    let outcome = send(with_login(settings(relay.port, "")).with_ca_pem(ca).unwrap()).await;
    assert_eq!(outcome.kind(), "relay_fault", "{outcome:?}");
    assert!(outcome.text().starts_with("STARTTLS: "), "{outcome:?}");
}

#[tokio::test]
async fn a_refused_login_is_the_relays_fault_and_tells_no_password() {
    let script = |_, command: &str| if command.starts_with("AUTH") { Act::Say("535 5.7.8 no") } else { Act::Polite };
    let relay = Relay::start(LOGIN, Security::None, script).await;
    let outcome = send(with_login(settings(relay.port, "?tls=none"))).await;
    assert_eq!(outcome.kind(), "relay_fault", "{outcome:?}");
    assert!(outcome.text().contains("login: ") && outcome.text().contains("5.7.8 no"), "{outcome:?}");
    assert!(!outcome.text().contains("lainen") && !outcome.text().contains("AHBvc3Rp"), "{outcome:?}");
}
