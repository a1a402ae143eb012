//! Versions of resources over HTTP: strong ETags, `If-Match` that is required, `If-None-Match` that saves an answer.

use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use crate::problem::{Code, Problem};

/// The strong entity tag of one version of a resource, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of a resource that counts its versions.
    pub fn of_version(version: i64) -> Self {
        Self(format!("\"{version}\""))
    }

    /// The tag of a resource that does not: from its representation.
    pub fn of_bytes(representation: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(representation).into();
        Self(format!("\"{}\"", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>()))
    }

    /// The tag with its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the `ETag` header.
    pub fn header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("\"\""))
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a conditional header lists.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    Any,
    Listed(Vec<(bool, String)>),
}

/// A required `If-Match`: 428 `if_match_required` without it, 400 `invalid_header` when it is not a list of tags.
#[derive(Debug, Clone)]
pub struct IfMatch(Tags);

impl IfMatch {
    /// Lets the change pass when the caller has seen the current version. Strong comparison: a weak tag never matches.
    ///
    /// # Errors
    /// 412 `stale_version`, with the current tag in `ETag` and in the detail.
    pub fn check(&self, current: &ETag) -> Result<(), Problem> {
        let seen = match &self.0 {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|(weak, tag)| !weak && tag == current.as_str()),
        };
        if seen {
            return Ok(());
        }
        let detail =
            format!("The current version is {current}. Read it again, and repeat the change with that If-Match.");
        Err(Problem::new(Code::StaleVersion, detail).with_header(header::ETAG, current.header_value()))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let required = || Problem::new(Code::IfMatchRequired, "Send If-Match with the ETag of the version you change.");
        ready(read(request.headers(), &header::IF_MATCH).and_then(|tags| tags.map(Self).ok_or_else(required)))
    }
}

/// An optional `If-None-Match`; 400 `invalid_header` when it is not a list of tags.
#[derive(Debug, Clone)]
pub struct IfNoneMatch(Option<Tags>);

impl IfNoneMatch {
    /// Whether the caller has this version already. Weak comparison.
    pub fn matches(&self, current: &ETag) -> bool {
        match &self.0 {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::Listed(tags)) => tags.iter().any(|(_, tag)| tag == current.as_str()),
        }
    }

    /// 304 when the caller has this version, else 200 with the body; both with the tag.
    pub fn answer(&self, current: &ETag, body: &impl Serialize) -> HttpResponse {
        if self.matches(current) {
            return HttpResponse::NotModified().insert_header((header::ETAG, current.header_value())).finish();
        }
        HttpResponse::Ok().insert_header((header::ETAG, current.header_value())).json(body)
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.headers(), &header::IF_NONE_MATCH).map(Self))
    }
}

/// `If-Match` in the OpenAPI document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IfMatch reads it")]
pub struct IfMatchHeader {
    /// The `ETag` of the version the change is meant for.
    #[param(rename = "If-Match", example = "\"3\"")]
    if_match: String,
}

/// `If-None-Match` in the OpenAPI document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IfNoneMatch reads it")]
pub struct IfNoneMatchHeader {
    /// The `ETag` of a version you have: 304 when it is still current.
    #[param(rename = "If-None-Match", required = false, nullable = false, example = "\"3\"")]
    if_none_match: Option<String>,
}

fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Problem> {
    let lines: Vec<&HeaderValue> = headers.get_all(name).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let malformed = || Problem::new(Code::InvalidHeader, format!("{name} must be a quoted ETag such as \"3\"."));
    let mut listed = Vec::new();
    for line in lines {
        let line = line.to_str().map_err(|_unreadable| malformed())?;
        if line.trim() == "*" {
            return Ok(Some(Tags::Any));
        }
        for tag in line.split(',') {
            let tag = tag.trim();
            let (weak, tag) = tag.strip_prefix("W/").map_or((false, tag), |tag| (true, tag));
            let inside = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(malformed)?;
            if inside.contains('"') {
                return Err(malformed());
            }
            listed.push((weak, tag.to_owned()));
        }
    }
    Ok(Some(Tags::Listed(listed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(line: &str) -> Result<Option<Tags>, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_str(line).unwrap());
        read(&headers, &header::IF_MATCH)
    }

    #[test]
    fn if_match_compares_strongly() {
        for (line, passes) in
            [("\"3\"", true), ("*", true), ("\"2\", \"3\"", true), ("\"2\"", false), ("W/\"3\"", false)]
        {
            let matched = IfMatch(tags(line).unwrap().unwrap()).check(&ETag::of_version(3));
            assert_eq!(matched.is_ok(), passes, "{line}");
        }
    }

    #[test]
    fn a_stale_version_is_told_the_current_one() {
        let problem = IfMatch(tags("\"2\"").unwrap().unwrap()).check(&ETag::of_version(3)).unwrap_err();
        assert_eq!(problem.code(), Code::StaleVersion);
        assert!(problem.body("r").detail.contains("\"3\""));
    }

    #[test]
    fn unquoted_tags_are_refused() {
        for line in ["3", "\"3", "\"a\"b\"", "", "W/3"] {
            assert_eq!(tags(line).unwrap_err().code(), Code::InvalidHeader, "{line}");
        }
    }
}
