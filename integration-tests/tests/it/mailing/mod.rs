//! A mailing, from its draft to the contact of everyone who got it.

mod approval;
mod copies;
mod dedupe;
mod delivery;
mod drafts;
mod faults;
mod groups;
mod languages;
mod last_messages;
mod origins;
mod portal;
mod preview;
mod recipients;
mod sending_once;

use integration_tests::mailings::{content, draft};
use integration_tests::register::{Register, person};
use integration_tests::smtp_server::{SmtpOptions, SmtpServer};
use integration_tests::{Database, TestApp};
use serde_json::{Value, json};

/// What the servers of these tests may send from.
const SENDERS: &str = "*@isannointi.example";

/// Whom [`app`] knows: three who can be written to, and three who cannot.
fn residents() -> Register {
    Register::of([
        person(1, "Åke Öhman").with("language", "fi"),
        person(2, "Bertil Berg").with("language", "fi"),
        person(3, "Cecilia Cederström").with("language", "fi"),
        person(4, "Ei Osoitetta").with("language", "fi").with("email", ""),
        person(5, "Väärä Osoite").with("language", "fi").with("email", "vaara@example"),
        person(6, "Edes Mennyt").with("language", "fi").with("deceased", "true"),
    ])
}

/// A server with a register, sending through a mail server.
async fn app_with(database: Database, register: &Register, smtp: &SmtpServer) -> TestApp {
    let app = TestApp::prepare(database).smtp(smtp, SENDERS).started().await;
    register.import(&app).await;
    app
}

/// A server that knows [`residents`], sending through a mail server without encryption.
async fn app(database: Database) -> (TestApp, SmtpServer) {
    let smtp = SmtpServer::start(SmtpOptions::plain());
    (app_with(database, &residents(), &smtp).await, smtp)
}

/// A draft in Finnish to parties named one by one.
fn to_parties(ids: &[i64]) -> Value {
    draft(&json!({"party_ids": ids}), &[content("fi", "Vesikatko", "Hei {{ recipient.first_name }}, vesi on poikki.")])
}
