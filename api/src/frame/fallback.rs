//! What answers when no route does: 405 with `Allow` where the OpenAPI document knows the path, else 404.

use std::future::{Ready, ready};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::{OpenApi, PathItem};

use crate::problem::{Code, Problem};

/// Which methods each documented path has.
#[derive(Debug, Default)]
pub struct Methods(Vec<(Vec<Option<String>>, String)>);

impl Methods {
    /// Reads the paths of the document.
    pub fn of(document: &OpenApi) -> Self {
        let entry = |(path, item): (&String, &PathItem)| (segments_of_template(path), methods_of(item).join(", "));
        Self(document.paths.paths.iter().map(entry).collect())
    }

    /// The value of `Allow` for a path, where the document has it. A path without parameters goes before one with.
    pub fn allowed(&self, path: &str) -> Option<&str> {
        let given: Vec<&str> = path.split('/').collect();
        let fits = |template: &[Option<String>]| {
            template.len() == given.len()
                && template.iter().zip(&given).all(|(wanted, got)| match wanted {
                    Some(word) => word == got,
                    None => !got.is_empty(),
                })
        };
        self.0
            .iter()
            .filter(|(template, _)| fits(template))
            .min_by_key(|(template, _)| template.iter().filter(|segment| segment.is_none()).count())
            .map(|(_, methods)| methods.as_str())
    }
}

/// The default service: always an error.
///
/// # Errors
/// `method_not_allowed` or `not_found`.
pub fn fallback(request: HttpRequest, methods: web::Data<Methods>) -> Ready<Result<HttpResponse, Problem>> {
    ready(Err(refusal(&request, &methods)))
}

fn refusal(request: &HttpRequest, methods: &Methods) -> Problem {
    // A path whose id cannot be one is there for none of its methods.
    let allowed = methods.allowed(request.path()).filter(|allowed| !names(allowed, request.method().as_str()));
    let Some(allowed) = allowed else {
        return Problem::new(Code::NotFound, "There is no such path.");
    };
    let problem =
        Problem::new(Code::MethodNotAllowed, format!("This path has {allowed}, but not {}.", request.method()));
    match HeaderValue::from_str(allowed) {
        Ok(value) => problem.with_header(header::ALLOW, value),
        Err(_) => problem,
    }
}

fn names(allowed: &str, method: &str) -> bool {
    allowed.split(", ").any(|one| one == method)
}

fn segments_of_template(path: &str) -> Vec<Option<String>> {
    path.split('/').map(|segment| (!segment.starts_with('{')).then(|| segment.to_owned())).collect()
}

fn methods_of(item: &PathItem) -> Vec<&'static str> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    // Where there is a GET, HEAD is answered too, though the document names it nowhere.
    [("GET", get), ("HEAD", get), ("PUT", put), ("POST", post), ("DELETE", delete), ("PATCH", patch)]
        .into_iter()
        .filter(|(_, operation)| operation.is_some())
        .map(|(method, _)| method)
        .collect()
}
