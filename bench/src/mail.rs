//! The mailing that is measured with: one unique message of about 6 kB to everyone.

use std::fmt::Write as _;

use integration_tests::TestApp;
use integration_tests::mailings::{self, content, draft, text, with};
use serde_json::{Value, json};

/// A created and previewed mailing.
pub struct Prepared {
    pub id: String,
    /// What `send` takes.
    pub approval: Value,
}

/// Prepares a mailing to all people of [`crate::register::import_people`].
pub async fn prepare(app: &TestApp) -> Prepared {
    let filter = json!({"party": {"field": "city", "op": "eq", "value": "Turku"}});
    let mut body = "Hei {{ recipient.name }} ({{ recipient.party_id }}),\n\n".to_owned();
    for line in 1..=74 {
        // Writing to a string cannot fail.
        let _ = writeln!(body, "Rivi {line}: vesi on poikki tiistaina kello 9-15, lue muut ohjeet ilmoitustaululta.");
    }
    let contents = [content("fi", "Vesikatko, {{ recipient.name }}", &body)];
    let draft = with(draft(&json!({"filter": filter}), &contents), &json!({"missing_language": "skip"}));
    let id = mailings::create(app, &draft).await;
    let preview = mailings::preview(app, &id, 0).await;
    text(&preview, "content_hash");
    Prepared { approval: mailings::approval(&preview), id }
}

/// Sends it; the answer has come when this returns.
pub async fn send(app: &TestApp, prepared: &Prepared) {
    mailings::send(app, &prepared.id, &prepared.approval, &prepared.id).await.expect_status(202);
}
