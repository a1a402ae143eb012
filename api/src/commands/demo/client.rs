//! A client of the demo's own API.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answers::{Page, Problem};
use crate::routes::BASE;

/// Nothing the demo asks takes this long, unless something is wrong.
const LONGEST_CALL: Duration = Duration::from_secs(300);

/// Calls the API with one token.
pub(super) struct Client {
    http: reqwest::Client,
    /// `http://127.0.0.1:8080`.
    pub(super) origin: String,
    token: String,
}

impl Client {
    /// A client of the server that listens there.
    pub(super) fn new(listens: SocketAddr, token: String) -> Result<Self, reqwest::Error> {
        let ip = match listens.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let origin = format!("http://{}", SocketAddr::new(ip, listens.port()));
        // A proxy of the environment has no way to this machine; nor is there TLS, for which it would need certificates.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(LONGEST_CALL).build()?;
        Ok(Self { http, origin, token })
    }

    /// The address of an operation; `path` is below the API's base.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{BASE}{path}", self.origin)
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Box<dyn Error>> {
        self.call(Method::GET, path, |request| request).await
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Box<dyn Error>> {
        self.call(Method::POST, path, |request| request.json(body)).await
    }

    /// A POST that has its effect once, however often it is made.
    pub(super) async fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<T, Box<dyn Error>> {
        self.call(Method::POST, path, |request| request.header("Idempotency-Key", key).json(body)).await
    }

    /// One page of a list; `path` has a query already.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        cursor: Option<&str>,
    ) -> Result<Page<T>, Box<dyn Error>> {
        match cursor {
            None => self.get(path).await,
            Some(cursor) => self.get(&format!("{path}&cursor={cursor}")).await,
        }
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        fill: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, Box<dyn Error>> {
        let answer = loop {
            let request = self.http.request(method.clone(), self.url(path)).bearer_auth(&self.token);
            let answer = fill(request).send().await?;
            if answer.status() != StatusCode::TOO_MANY_REQUESTS {
                break answer;
            }
            let told = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            tokio::time::sleep(Duration::from_secs(told.unwrap_or(1))).await;
        };
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.json().await?);
        }
        let called = format!("{method} {BASE}{path} answered {status}");
        let Ok(Problem { code, detail, errors }) = answer.json().await else { return Err(called.into()) };
        let faults = errors.into_iter().map(|fault| format!("{}: {}", fault.pointer, fault.message));
        let told: Vec<String> = detail.into_iter().chain(faults).collect();
        Err(format!("{called}, {code}: {}", told.join("; ")).into())
    }
}
