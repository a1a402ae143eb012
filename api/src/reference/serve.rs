//! `GET /docs`, what belongs to it, and the way there from `/`. Pages for people, and so not operations of the document.

use std::collections::BTreeMap;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use serde_json::Value;

use super::{guides, page};
use crate::etag::{ETag, IfNoneMatch};
use crate::problem::Problem;

/// Nothing but our own style sheet and icon; no script, no frame, no form.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const HTML: &str = "text/html; charset=utf-8";

/// The files of the reference by their paths, made once at start.
#[derive(Debug, Default)]
pub struct Reference(BTreeMap<String, ServedFile>);

#[derive(Debug)]
struct ServedFile {
    content_type: &'static str,
    etag: ETag,
    bytes: Bytes,
}

impl Reference {
    /// From the OpenAPI document as JSON.
    pub fn new(document: &Value) -> Self {
        let mut files = BTreeMap::new();
        let mut add = |path: String, content_type, bytes: Bytes| {
            files.insert(path, ServedFile { content_type, etag: ETag::of_bytes(&bytes), bytes });
        };
        add("/docs".to_owned(), HTML, Bytes::from(page::reference(document)));
        add("/docs/style.css".to_owned(), "text/css; charset=utf-8", Bytes::from_static(include_bytes!("style.css")));
        add("/docs/icon.svg".to_owned(), "image/svg+xml", Bytes::from_static(include_bytes!("icon.svg")));
        for name in guides::names() {
            add(format!("/docs/guides/{name}"), HTML, Bytes::from(guides::page(name).unwrap_or_default()));
        }
        Self(files)
    }
}

/// Registers the pages.
pub fn configure(config: &mut ServiceConfig) {
    config.service(to_reference).service(file);
}

#[get("/")]
async fn to_reference() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, HeaderValue::from_static("/docs"))).finish()
}

#[get("/docs{path:(/.*)?}")]
async fn file(
    request: HttpRequest,
    reference: web::Data<Reference>,
    seen: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let path = request.path().strip_suffix('/').unwrap_or(request.path());
    let file = reference.0.get(path).ok_or_else(Problem::not_found)?;
    let mut answer = match seen.matches(&file.etag) {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    answer
        .insert_header((header::ETAG, file.etag.header_value()))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")));
    if seen.matches(&file.etag) {
        return Ok(answer.finish());
    }
    Ok(answer.content_type(file.content_type).body(file.bytes.clone()))
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::http::StatusCode;
    use actix_web::test::{self, TestRequest};

    use super::*;
    use crate::openapi;

    async fn get(path: &str) -> (StatusCode, header::HeaderMap, String) {
        let document = serde_json::to_value(openapi::openapi()).unwrap();
        let app = App::new().app_data(web::Data::new(Reference::new(&document))).configure(configure);
        let service = test::init_service(app).await;
        let answer = test::call_service(&service, TestRequest::get().uri(path).to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, String::from_utf8(test::read_body(answer).await.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn the_root_leads_to_the_reference() {
        let (status, headers, _) = get("/").await;
        assert_eq!((status, headers.get("location").unwrap()), (StatusCode::FOUND, &HeaderValue::from_static("/docs")));
    }

    #[actix_web::test]
    async fn the_reference_has_every_operation_schema_and_code_once_and_no_script() {
        let (status, headers, page) = get("/docs").await;
        assert_eq!(status, StatusCode::OK);
        assert!(headers.get("content-security-policy").unwrap().to_str().unwrap().starts_with("default-src 'none'"));
        let document = serde_json::to_value(openapi::openapi()).unwrap();
        let mut ids: Vec<String> =
            crate::problem::Code::ALL.iter().map(|code| format!("error-{}", code.as_str())).collect();
        for item in document["paths"].as_object().unwrap().values() {
            ids.extend(item.as_object().unwrap().values().map(|o| o["operationId"].as_str().unwrap().to_owned()));
        }
        ids.extend(document["components"]["schemas"].as_object().unwrap().keys().map(|name| format!("schema-{name}")));
        for id in ids {
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        }
        for forbidden in ["<script", "javascript:", " style=", "src=\"http", "href=\"http", "url(http"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[actix_web::test]
    async fn every_link_within_the_pages_leads_somewhere() {
        let document = serde_json::to_value(openapi::openapi()).unwrap();
        let Reference(files) = Reference::new(&document);
        for (path, served) in &files {
            let page = std::str::from_utf8(&served.bytes).unwrap();
            for link in page.split(" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
                let target = match target {
                    "" => path.clone(),
                    "/api/v1/openapi.json" => continue,
                    rooted if rooted.starts_with('/') => rooted.to_owned(),
                    beside => format!("/docs/guides/{beside}"),
                };
                let found = files.get(&target).unwrap_or_else(|| panic!("{path}: {link}"));
                let id = format!(" id=\"{anchor}\"");
                assert!(
                    anchor.is_empty() || std::str::from_utf8(&found.bytes).unwrap().contains(&id),
                    "{path}: {link}"
                );
            }
        }
    }

    #[actix_web::test]
    async fn guides_are_pages_and_anything_else_is_not_found() {
        assert!(get("/docs/guides/errors").await.2.contains("<h1>"));
        assert!(get("/docs/style.css").await.2.contains("prefers-color-scheme"));
        for path in ["/docs/guides/nothing", "/docs/../Cargo.toml", "/docsx"] {
            assert_eq!(get(path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
