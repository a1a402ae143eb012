//! Examples of errors: one for each problem code that the description of a response names in backticks.

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{OpenApi, RefOr, Response};

use super::refusals::operations;
use crate::problem::{CONTENT_TYPE, Code, Problem};

/// An id as requests have it.
const REQUEST_ID: &str = "0198c5d2-7a56-7cc0-b4a5-2f4a5f0f2a11";

/// Adds to every error response an example of each code that it names.
pub(super) fn add(document: &mut OpenApi) {
    let own = document.paths.paths.values_mut().flat_map(operations);
    let own = own.flat_map(|operation| operation.responses.responses.iter_mut());
    for (status, response) in own {
        if let RefOr::T(response) = response {
            exemplify(response, |code| code.status().as_str() == status);
        }
    }
    for response in document.components.iter_mut().flat_map(|components| components.responses.values_mut()) {
        if let RefOr::T(response) = response {
            exemplify(response, |_| true);
        }
    }
}

fn exemplify(response: &mut Response, fits: impl Fn(Code) -> bool) {
    let named = |code: &&Code| response.description.contains(&format!("`{}`", code.as_str())) && fits(**code);
    let codes: Vec<Code> = Code::ALL.iter().filter(named).copied().collect();
    let Some(RefOr::T(content)) = response.content.get_mut(CONTENT_TYPE) else { return };
    for code in codes {
        let example = ExampleBuilder::new().summary(code.title()).value(serde_json::to_value(body(code)).ok());
        content.examples.insert(code.as_str().to_owned(), RefOr::T(example.build()));
    }
}

fn body(code: Code) -> impl serde::Serialize {
    Problem::new(code, code.meaning()).body(REQUEST_ID)
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::{Content, Ref};

    use super::*;

    #[test]
    fn a_response_gets_an_example_of_each_code_that_it_names() {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let told = "It is a draft (`mailing_not_draft`) or stale (`stale_version`), or `something_else`.";
        let mut response = Response::builder().description(told).content(CONTENT_TYPE, problem).build();
        exemplify(&mut response, |code| code.status().as_u16() == 409);
        let RefOr::T(content) = &response.content[CONTENT_TYPE] else { panic!("a reference") };
        let examples = &content.examples;
        assert_eq!(examples.keys().collect::<Vec<_>>(), ["mailing_not_draft"]);
    }
}
