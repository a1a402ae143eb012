//! What is refused: each case answers with a whole problem of its documented status and code, and changes nothing.

mod requests;
mod sends;
mod tokens;

use integration_tests::mailings::{
    all_pages, approval, content, create, draft, finished, list, preview, send, send_out, text, with,
};
use integration_tests::register::{Register, person};
use integration_tests::{Call, Database, Reply, TestApp};
use persistence::{DatabaseUrl, Db, DbSettings};
use serde_json::{Value, json};
use uuid::Uuid;

/// A server in which something may be changed.
struct Fixture {
    app: TestApp,
    db: Db,
    /// A draft that could be sent, its version 1.
    sendable: String,
    /// What a send of it would say.
    approval: Value,
    /// A mailing that has been sent.
    sent: String,
}

/// A refused request, and what it must be answered.
struct Case {
    name: &'static str,
    call: Call,
    status: u16,
    code: &'static str,
    /// Pointer and code of one of the errors.
    error: Option<(&'static str, &'static str)>,
    /// What must stand somewhere in the body.
    says: &'static [&'static str],
}

impl Case {
    fn new(name: &'static str, call: Call, status: u16, code: &'static str) -> Self {
        Self { name, call, status, code, error: None, says: &[] }
    }

    /// A 422 `validation_failed` for this field.
    fn field(name: &'static str, call: Call, pointer: &'static str, code: &'static str) -> Self {
        Self { error: Some((pointer, code)), ..Self::new(name, call, 422, "validation_failed") }
    }

    fn at(self, pointer: &'static str, code: &'static str) -> Self {
        Self { error: Some((pointer, code)), ..self }
    }

    fn says(self, says: &'static [&'static str]) -> Self {
        Self { says, ..self }
    }
}

fn to_parties(ids: &[i64]) -> Value {
    draft(&json!({"party_ids": ids}), &[content("fi", "Aihe", "Hei {{ recipient.name }}")])
}

impl Fixture {
    async fn new(database: Database) -> Self {
        let app = TestApp::prepare(database).setting("POSTITUS_SENDERS", "*@isannointi.example").started().await;
        let languages = ["fi", "fi", "sv"];
        let people = (1..=3).zip(languages);
        Register::of(people.map(|(id, language)| person(id, &format!("Asukas {id}")).with("language", language)))
            .import(&app)
            .await;
        let (sent, _) = send_out(&app, &to_parties(&[1])).await;
        finished(&app, &sent, std::time::Duration::from_secs(30)).await;
        let sendable = create(&app, &to_parties(&[1, 2])).await;
        let approval = approval(&preview(&app, &sendable, 0).await);
        let url = DatabaseUrl::parse(app.database_url()).unwrap();
        let db = Db::open(&DbSettings { url, connections: 2 }).unwrap();
        Self { app, db, sendable, approval, sent }
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/mailings/{}{rest}", self.sendable)
    }

    fn create_with(&self, changes: &Value) -> Call {
        self.app.post("/api/v1/mailings").json(&with(to_parties(&[1]), changes))
    }

    fn search(&self, filter: &Value) -> Call {
        let body = json!({"channel": "email", "purpose": "service", "filter": filter});
        self.app.post("/api/v1/recipients/search").json(&body)
    }

    fn send(&self, id: &str, body: &Value) -> Call {
        let key = Uuid::from_u128(u128::from(rand_like(id, body))).to_string();
        self.app.post(&format!("/api/v1/mailings/{id}/send")).idempotency_key(&key).json(body)
    }

    /// Everything that a client or an administrator can see of what is stored.
    async fn state(&self) -> Value {
        let counts = self.db.read(persistence::testing::row_counts).await.unwrap();
        let mut mailings = Vec::new();
        for item in all_pages(&self.app, "/api/v1/mailings?").await {
            let id = text(&item, "mailing_id");
            let reply = self.app.get(&format!("/api/v1/mailings/{id}")).send().await.expect_status(200);
            mailings.push(json!([item, reply.etag(), reply.json]));
        }
        let parties = all_pages(&self.app, "/api/v1/parties?archived=true").await;
        json!({"rows": counts, "mailings": mailings, "parties": parties})
    }

    /// Makes each call, and checks its answer and that nothing has changed.
    async fn expect_refused(&self, cases: Vec<Case>) {
        let before = self.state().await;
        let mut wrong = Vec::new();
        let cases_in_all = cases.len();
        for Case { name, call, status, code, error, says } in cases {
            let reply = call.header("x-request-id", "a-test-of-refusals").send().await;
            if let Some(fault) = fault(&reply, status, code, error, says) {
                wrong.push(format!("{name}: {fault}\n  {} {}", reply.status, reply.text()));
            }
            let after = self.state().await;
            if after != before {
                wrong.push(format!("{name}: changed {before:#}\n  to {after:#}"));
                break;
            }
        }
        assert!(wrong.is_empty(), "{} of {cases_in_all} cases:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// A number for a key: the same request has the same one, and no other case has it.
fn rand_like(id: &str, body: &Value) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    (id, body.to_string()).hash(&mut hasher);
    hasher.finish()
}

/// What is wrong with an answer that should be this problem.
fn fault(reply: &Reply, status: u16, code: &str, error: Option<(&str, &str)>, says: &[&str]) -> Option<String> {
    let field = |name: &str| reply.json.get(name).cloned().unwrap_or_default();
    if reply.status != status || field("status") != status || field("code") != code {
        return Some(format!("not {status} {code}"));
    }
    if reply.header("content-type") != Some("application/problem+json") {
        return Some(format!("content type {:?}", reply.header("content-type")));
    }
    if field("type") != format!("urn:postitus:problem:{code}")
        || !field("title").is_string()
        || !field("detail").is_string()
    {
        return Some("not a whole problem".to_owned());
    }
    if reply.header("x-request-id") != Some("a-test-of-refusals") || field("request_id") != "a-test-of-refusals" {
        return Some("another request id".to_owned());
    }
    let found = list(&reply.json, "errors").iter().any(|found| {
        let of = |name: &str| found.get(name).cloned().unwrap_or_default();
        error.is_none_or(|(pointer, code)| of("pointer") == pointer && of("code") == code)
            && of("message").as_str().is_some_and(|message| !message.is_empty())
    });
    if error.is_some() && !found {
        return Some(format!("no error {error:?}"));
    }
    let text = reply.text();
    says.iter().find(|words| !text.contains(**words)).map(|words| format!("does not say {words:?}"))
}

/// A send that could be made, to see that a fixture is what it is meant to be.
async fn expect_sendable(fixture: &Fixture) {
    send(&fixture.app, &fixture.sendable, &fixture.approval, "for-real").await.expect_status(202);
}
