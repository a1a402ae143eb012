//! The content types of files: a response that is `application/octet-stream` is a file that was taken in, of any of those types.
//! That one stays the first: generators of SDKs take the first type they know, and would read a file as text.

use domain::attachment::FileType;
use utoipa::openapi::{OpenApi, RefOr};

use super::refusals::operations;

const ANY: &str = "application/octet-stream";

/// Names the types that files are of.
pub(super) fn name(document: &mut OpenApi) {
    let operations = document.paths.paths.values_mut().flat_map(operations);
    for response in operations.flat_map(|operation| operation.responses.responses.values_mut()) {
        let RefOr::T(response) = response else { continue };
        if let Some(content) = response.content.get(ANY).cloned() {
            let types = FileType::ALL.map(|one| (one.content_type().to_owned(), content.clone()));
            response.content.extend(types);
        }
    }
}
