//! `GET /api/v1/openapi.json`.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};

/// The document as served, written once at start.
#[derive(Debug, Clone)]
pub struct DocumentJson(pub Bytes);

/// Get this document.
///
/// OpenAPI 3.1 as JSON. Needs no token.
#[utoipa::path(
    operation_id = "getOpenApi",
    tag = "system",
    security(),
    responses((status = 200, description = "The OpenAPI document.", body = Object, content_type = "application/json", example = json!({"openapi": "3.1.0", "info": {"title": "Postitus"}, "paths": {}}))),
)]
#[get("/openapi.json")]
pub async fn get_openapi(document: web::Data<DocumentJson>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .content_type("application/json")
        .body(document.0.clone())
}
