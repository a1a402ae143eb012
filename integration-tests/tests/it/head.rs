//! HEAD: wherever there is a GET, the same answer without the body, and the connection goes on.

use integration_tests::attachments::{id, taken_in};
use integration_tests::internetviestit::{PATH, added, message, resident, start};
use integration_tests::mailings::{content, create, draft, list, number};
use integration_tests::register::{Register, person};
use integration_tests::{Call, Database, Reply, TestApp, on_both_databases, token};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

const NOWHERE: &str = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";

/// The headers that two calls of the same have in common.
fn lasting(reply: &Reply) -> HeaderMap {
    let mut headers = reply.headers.clone();
    for name in ["date", "x-request-id"] {
        headers.remove(name);
    }
    headers
}

/// Calls with GET and with HEAD, checks that HEAD tells the same without the body, and gives what it told.
async fn head(status: u16, call: impl Fn(Method) -> Call) -> Reply {
    let whole = call(Method::GET).send().await.expect_status(status);
    let head = call(Method::HEAD).send().await.expect_status(status);
    assert_eq!(lasting(&head), lasting(&whole));
    assert!(head.body.is_empty(), "{} bytes of a body", head.body.len());
    head
}

/// The head of the next answer on a connection.
async fn next_head(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).await.unwrap(), 0, "it ends after {head:?}");
    }
    head
}

on_both_databases! {
    async fn head_answers_as_get_does_without_the_body(database: Database) {
        let app = TestApp::prepare(database).setting("POSTITUS_SENDERS", "*@isannointi.example").started().await;
        Register::of([person(1, "Virtanen Matti").with("language", "fi")]).import(&app).await;
        head(200, |method| app.call(method, "/healthz").anonymous()).await;
        let listed = head(200, |method| app.call(method, "/api/v1/parties")).await;
        assert!(listed.header("content-length").is_some());

        let party = head(200, |method| app.call(method, "/api/v1/parties/1")).await;
        let etag = party.etag();
        for seen in [etag.clone(), format!(", {etag},")] {
            let call = |method| app.call(method, "/api/v1/parties/1").header("if-none-match", &seen);
            assert_eq!(head(304, call).await.etag(), etag);
        }

        let bytes = "Hei\r\n".repeat(200_000);
        let file = id(&taken_in(&app, "hei.txt", bytes.as_bytes()).await);
        let path = format!("/api/v1/attachments/{file}/content");
        let told = head(200, |method| app.call(method, &path)).await;
        assert_eq!(told.header("content-length"), Some("1000000"));
        head(304, |method| app.call(method, &path).header("if-none-match", &told.etag())).await;

        // A table whose size is not known before it has been written.
        let mailing = create(&app, &draft(&json!({"party_ids": [1]}), &[content("fi", "Aihe", "Hei")])).await;
        let table = app.call(Method::HEAD, &format!("/api/v1/mailings/{mailing}/recipients")).send().await;
        let table = table.expect_status(200);
        assert_eq!(table.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(table.body.is_empty() && table.header("content-length").is_none());
    }

    async fn head_is_refused_as_get_is(database: Database) {
        let app = TestApp::start(database).await;
        for path in ["/api/v1/parties/999", "/api/v1/parties/x", "/api/v1/nothing", &format!("/api/v1/attachments/{NOWHERE}/content")] {
            let told = head(404, |method| app.call(method, path)).await;
            assert_eq!(told.header("content-type"), Some("application/problem+json"), "{path}");
        }
        let told = head(401, |method| app.call(method, "/api/v1/parties").anonymous()).await;
        assert!(told.header("www-authenticate").is_some());
        let other = token("mailings:read", &json!({}));
        head(403, |method| app.call(method, "/api/v1/parties").bearer(&other)).await;
        head(400, |method| app.call(method, "/api/v1/parties?nothing=1")).await;
        head(400, |method| app.call(method, "/api/v1/me?nothing=1")).await;
        let told = head(405, |method| app.call(method, "/api/v1/recipients/search")).await;
        assert_eq!(told.header("allow"), Some("POST"));
        let told = app.post("/healthz").send().await.expect_problem(405, "method_not_allowed");
        assert_eq!(told.header("allow"), Some("GET, HEAD"));
    }

    async fn head_is_counted_as_itself_and_limited_as_any_request(database: Database) {
        let app = TestApp::prepare(database).setting("POSTITUS_RATE_LIMIT", "3").started().await;
        let me = || app.call(Method::HEAD, "/api/v1/me");
        for _ in 0..3 {
            me().send().await.expect_status(200);
        }
        assert!(me().send().await.expect_status(429).header("retry-after").is_some());
        let other = token("metrics:read", &json!({"sub": "scraper"}));
        let metrics = app.get("/metrics").bearer(&other).send().await.expect_status(200).text();
        for sample in [
            "postitus_http_requests_total{method=\"HEAD\",route=\"/api/v1/me\",status=\"200\"} 3",
            "postitus_http_requests_total{method=\"HEAD\",route=\"/api/v1/me\",status=\"429\"} 1",
        ] {
            assert!(metrics.lines().any(|line| line == sample), "no {sample}");
        }
    }

    async fn a_range_is_no_matter_of_head(database: Database) {
        let app = start(database).await;
        let file = json!({"tiedostonimi": "a.txt", "sisalto_base64": "SGVpIQ=="});
        let kept = added(&app, &message(&json!({"osapuoli_idt": [21], "liitteet": [file]}))).await;
        let path = format!("{PATH}/liitteet/{}", number(&list(&kept, "liitteet")[0], "liite_id"));
        let reader = resident(21);
        let whole = head(200, |method| app.call(method, &path).bearer(&reader)).await;
        for range in ["bytes=0-0", "bytes=9-"] {
            let told = app.call(Method::HEAD, &path).bearer(&reader).header("range", range).send().await;
            assert_eq!(lasting(&told.expect_status(200)), lasting(&whole), "{range}");
        }
    }

    async fn the_connection_goes_on_after_head(database: Database) {
        let app = TestApp::start(database).await;
        let file = id(&taken_in(&app, "hei.txt", "Hei\r\n".repeat(200_000).as_bytes()).await);
        let host = app.address().trim_start_matches("http://");
        let token = token("admin", &json!({}));
        let request = |method: &str, path: &str| {
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n")
        };
        let download = request("HEAD", &format!("/api/v1/attachments/{file}/content"));
        let mut stream = BufReader::new(TcpStream::connect(host).await.unwrap());
        let requests = [download, request("HEAD", "/api/v1/parties/999"), request("GET", "/healthz")];
        // All at once, the server may have read the GET before it answers a HEAD.
        for at_once in [false, true, false] {
            let writes = if at_once { vec![requests.concat()] } else { requests.to_vec() };
            let mut heads = Vec::new();
            for sent in &writes {
                stream.write_all(sent.as_bytes()).await.unwrap();
                for _ in 0..requests.len() / writes.len() {
                    heads.push(next_head(&mut stream).await);
                }
            }
            for (head, status) in heads.iter().zip([200, 404, 200]) {
                assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "at once: {at_once}, {head:?}");
            }
            let length = |head: &str| -> usize {
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap()
            };
            assert_eq!(length(&heads[0]), 1_000_000);
            let mut body = vec![0; length(&heads[2])];
            stream.read_exact(&mut body).await.unwrap();
            assert_eq!((body.first(), stream.buffer()), (Some(&b'{'), &b""[..]), "at once: {at_once}");
        }
    }
}
