//! The SMTP session against a relay that does what each test tells it to.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod outcomes;
mod relay;
mod reuse;
mod secure;

use std::time::Duration;

use delivery::email::{BuiltEmail, KnownLines, OutgoingEmail, SmtpSettings, build};

/// A message to `to`, whose text is `text`.
fn email(to: &str, text: &str) -> BuiltEmail {
    let email = OutgoingEmail {
        message_id: "0190f3aa@posti.example.fi".to_owned(),
        date: "2026-11-21T08:05:09Z".parse().unwrap(),
        from_name: Some("Isännöinti".to_owned()),
        from: "isannointi@example.fi".to_owned(),
        reply_to: None,
        to: vec![to.to_owned()],
        cc: Vec::new(),
        recipients: vec![to.to_owned()],
        subject: "Vesikatko".to_owned(),
        text: text.to_owned(),
        html: None,
        boundary_seed: uuid::Uuid::from_u128(7),
    };
    build(&email, Vec::new(), &KnownLines::default()).unwrap()
}

/// Settings for a relay on this machine's `port`, impatient.
fn settings(port: u16, parameters: &str) -> SmtpSettings {
    let mut settings = SmtpSettings::parse(&format!("smtp://127.0.0.1:{port}{parameters}")).unwrap();
    settings.command_timeout = Duration::from_millis(500);
    settings.message_timeout = Duration::from_millis(500);
    settings
}
