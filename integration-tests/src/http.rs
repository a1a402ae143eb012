//! Calls of the API and what they answer.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// A call that is being put together.
#[derive(Debug)]
pub struct Call {
    request: RequestBuilder,
    headers: HeaderMap,
}

impl Call {
    pub(crate) fn new(client: &reqwest::Client, method: Method, url: &str, token: &str) -> Self {
        Self { request: client.request(method, url), headers: HeaderMap::new() }.bearer(token)
    }

    /// Calls with this token instead of the app's.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Calls without a token.
    pub fn anonymous(mut self) -> Self {
        self.headers.remove("authorization");
        self
    }

    /// Sets a header, in place of one of that name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// Sets `Idempotency-Key`.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Sets `If-Match`.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Sends this as JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sends these bytes as what they are said to be.
    pub fn body(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        let Self { request, headers } = self.header("content-type", content_type);
        Self { request: request.body(body), headers }
    }

    /// Sends a form: fields of texts, and files with a name of their own.
    pub fn form(self, fields: &[(&str, &str)], files: &[(&str, Vec<u8>)]) -> Self {
        const BOUNDARY: &str = "a-boundary-of-the-tests";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes());
            body.extend(format!("{value}\r\n").as_bytes());
        }
        for (name, content) in files {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{name}.csv\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: text/csv\r\n\r\n").as_bytes());
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
    }

    /// Makes the call.
    ///
    /// # Panics
    /// When no answer comes; [`Call::try_send`] is for servers that are being killed.
    pub async fn send(self) -> Reply {
        self.try_send().await.expect("an answer")
    }

    /// Makes the call, which may fail to be answered.
    ///
    /// # Errors
    /// When the connection is refused or breaks, or the answer takes more than a minute.
    pub async fn try_send(self) -> Result<Reply, reqwest::Error> {
        let response = self.request.headers(self.headers).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Reply { status, headers, body, json })
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value of `ETag`.
    ///
    /// # Panics
    /// When there is none.
    pub fn etag(&self) -> String {
        self.header("etag").expect("an ETag").to_owned()
    }

    /// Gives the answer back when it has this status.
    ///
    /// # Panics
    /// When it has another; the message shows the body.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "the body: {}", self.text());
        self
    }

    /// Gives the answer back when it is a problem (RFC 9457) with this status and code, whole as every problem must be.
    ///
    /// # Panics
    /// When it is anything else; the message shows the body.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect_status(status);
        let text = reply.text();
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "the body: {text}");
        let field = |name: &str| reply.json.get(name).cloned().unwrap_or_default();
        assert_eq!(field("code"), code, "the body: {text}");
        assert_eq!(field("status"), status, "the body: {text}");
        for name in ["type", "title", "request_id"] {
            assert!(field(name).as_str().is_some_and(|value| !value.is_empty()), "no {name} in {text}");
        }
        reply
    }
}
