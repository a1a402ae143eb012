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

    /// The tag of one language of a resource that counts its versions.
    pub fn of_version_in(version: i64, language: &str) -> Self {
        Self(format!("\"{version}-{language}\""))
    }

    /// The tag of a resource that does not: from its representation.
    pub fn of_bytes(representation: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(representation).into();
        Self(format!("\"{}\"", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>()))
    }

    /// The tag of bytes whose SHA-256 is known, in hexadecimal digits.
    pub fn of_digest(sha256: &str) -> Self {
        Self(format!("\"{}\"", sha256.get(..32).unwrap_or(sha256)))
    }

    /// The tag of a representation that shows more than the resource this tag is of: whoever has seen it has seen that too.
    #[must_use]
    pub fn beside(&self, shown: &str) -> Self {
        Self(format!("{}-{shown}\"", self.0.trim_end_matches('"')))
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
            Tags::Listed(tags) => tags.iter().any(|(weak, tag)| !weak && is_of(tag, current)),
        };
        if seen {
            return Ok(());
        }
        let detail =
            format!("The current version is {current}. Read it again, and repeat the change with that If-Match.");
        Err(Problem::new(Code::StaleVersion, detail).with_header(header::ETAG, current.header_value()))
    }
}

/// Whether a tag is the current one, or [`ETag::beside`] it.
fn is_of(tag: &str, current: &ETag) -> bool {
    let current = current.as_str().trim_end_matches('"');
    tag.strip_prefix(current).is_some_and(|rest| rest == "\"" || rest.starts_with('-'))
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let required = || Problem::new(Code::IfMatchRequired, "Send If-Match with the ETag of the version you change.");
        ready(read(request.headers(), &header::IF_MATCH).and_then(|tags| tags.map(Self).ok_or_else(required)))
    }
}

impl IfMatch {
    /// As [`IfMatch::check`], for a resource with languages: a tag of any of them stands for its version.
    ///
    /// # Errors
    /// 412 `stale_version`.
    pub fn check_version(&self, version: i64) -> Result<(), Problem> {
        let current = ETag::of_version(version);
        let prefix = format!("\"{version}-");
        match &self.0 {
            Tags::Listed(tags) if tags.iter().any(|(weak, tag)| !weak && tag.starts_with(&prefix)) => Ok(()),
            _ => self.check(&current),
        }
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

/// The optional `If-Match` and `If-None-Match` of a PUT that creates or replaces; 400 `invalid_header` when one is not a list
/// of tags.
#[derive(Debug, Clone)]
pub struct PutConditions {
    if_match: Option<IfMatch>,
    if_none_match: IfNoneMatch,
}

impl PutConditions {
    /// Lets the PUT pass when the caller knows what it replaces, or asked for no such check. `current` is `None` when there is
    /// nothing yet.
    ///
    /// # Errors
    /// 412 `stale_version`.
    pub fn check(&self, current: Option<&ETag>) -> Result<(), Problem> {
        match (current, &self.if_match) {
            (Some(current), Some(if_match)) => if_match.check(current)?,
            (None, Some(_)) => {
                let detail = "There is nothing to replace yet. Send If-None-Match: * to create it.";
                return Err(Problem::new(Code::StaleVersion, detail));
            }
            (_, None) => {}
        }
        match current {
            Some(current) if self.if_none_match.matches(current) => {
                let detail = format!("It is there already; its version is {current}.");
                Err(Problem::new(Code::StaleVersion, detail).with_header(header::ETAG, current.header_value()))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequest for PutConditions {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let conditions = || {
            let if_match = read(request.headers(), &header::IF_MATCH)?.map(IfMatch);
            let if_none_match = IfNoneMatch(read(request.headers(), &header::IF_NONE_MATCH)?);
            Ok(Self { if_match, if_none_match })
        };
        ready(conditions())
    }
}

/// The conditions of a PUT in the OpenAPI document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes headers; PutConditions reads them")]
pub struct PutConditionHeaders {
    /// The `ETag` of the version to replace; 412 when it is another one by now, or nothing is there.
    #[param(
        rename = "If-Match",
        required = false,
        nullable = false,
        pattern = r#"^(\*|(,[ \t]*)*(W/)?"[!#-~]*"([ \t]*,([ \t]*(W/)?"[!#-~]*")?)*)$"#,
        example = "\"3\""
    )]
    if_match: Option<String>,
    /// `*` to create only: 412 when it is there already.
    #[param(
        rename = "If-None-Match",
        required = false,
        nullable = false,
        pattern = r#"^(\*|(,[ \t]*)*(W/)?"[!#-~]*"([ \t]*,([ \t]*(W/)?"[!#-~]*")?)*)$"#,
        example = "*"
    )]
    if_none_match: Option<String>,
}

/// `If-Match` in the OpenAPI document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IfMatch reads it")]
pub struct IfMatchHeader {
    /// The `ETag` of the version the change is meant for. Without it the answer is 428 (`if_match_required`).
    #[param(
        rename = "If-Match",
        pattern = r#"^(\*|(,[ \t]*)*(W/)?"[!#-~]*"([ \t]*,([ \t]*(W/)?"[!#-~]*")?)*)$"#,
        example = "\"3\""
    )]
    if_match: String,
}

/// `If-None-Match` in the OpenAPI document.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header; IfNoneMatch reads it")]
pub struct IfNoneMatchHeader {
    /// The `ETag` of a version you have: 304 when it is still current.
    #[param(
        rename = "If-None-Match",
        required = false,
        nullable = false,
        pattern = r#"^(\*|(,[ \t]*)*(W/)?"[!#-~]*"([ \t]*,([ \t]*(W/)?"[!#-~]*")?)*)$"#,
        example = "\"3\""
    )]
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
        let line = line.to_str().map_err(|_unreadable| malformed())?.trim();
        if line == "*" {
            return Ok(Some(Tags::Any));
        }
        let mut rest = without_empty_elements(line);
        while !rest.is_empty() {
            let (tag, after) = next_tag(rest).ok_or_else(malformed)?;
            listed.push(tag);
            rest = without_empty_elements(after);
        }
    }
    if listed.is_empty() { Err(malformed()) } else { Ok(Some(Tags::Listed(listed))) }
}

/// Empty elements of a list count for nothing (RFC 9110, section 5.6.1.2).
fn without_empty_elements(list: &str) -> &str {
    list.trim_start_matches([',', ' ', '\t'])
}

/// The first tag of a list (RFC 9110, section 8.8.3) and what follows it: nothing, or a comma and more. A comma within the quotes is
/// part of the tag.
fn next_tag(list: &str) -> Option<((bool, String), &str)> {
    let (weak, opaque) = list.strip_prefix("W/").map_or((false, list), |opaque| (true, opaque));
    let (inside, after) = opaque.strip_prefix('"')?.split_once('"')?;
    let after = after.trim_start();
    let ends = after.is_empty() || after.starts_with(',');
    (ends && inside.bytes().all(|byte| byte.is_ascii_graphic())).then(|| ((weak, format!("\"{inside}\"")), after))
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
    fn who_has_seen_more_than_the_resource_may_change_it() {
        let current = ETag::of_version(3);
        let shown = current.beside("fi.party");
        assert_eq!(shown.as_str(), "\"3-fi.party\"");
        for (line, passes) in [(shown.as_str(), true), ("\"3-\"", true), ("\"31\"", false), ("\"2-fi\"", false)] {
            assert_eq!(IfMatch(tags(line).unwrap().unwrap()).check(&current).is_ok(), passes, "{line}");
        }
    }

    #[test]
    fn a_comma_within_the_quotes_is_part_of_the_tag() {
        let listed = tags("\"a,b\" , W/\"c\"").unwrap();
        let wanted = vec![(false, "\"a,b\"".to_owned()), (true, "\"c\"".to_owned())];
        assert_eq!(listed, Some(Tags::Listed(wanted)));
    }

    #[test]
    fn a_put_passes_without_conditions_and_is_held_to_those_it_has() {
        let current = ETag::of_version(3);
        for (name, line, there, not_there) in [
            (header::ACCEPT, "*/*", true, true),
            (header::IF_MATCH, "\"3\"", true, false),
            (header::IF_MATCH, "\"2\"", false, false),
            (header::IF_NONE_MATCH, "*", false, true),
            (header::IF_NONE_MATCH, "\"2\"", true, true),
        ] {
            let request = actix_web::test::TestRequest::put().insert_header((name, line)).to_http_request();
            let conditions = PutConditions::from_request(&request, &mut Payload::None).into_inner().unwrap();
            assert_eq!(conditions.check(Some(&current)).is_ok(), there, "{line}");
            assert_eq!(conditions.check(None).is_ok(), not_there, "{line}");
        }
    }

    #[test]
    fn a_stale_version_is_told_the_current_one() {
        let problem = IfMatch(tags("\"2\"").unwrap().unwrap()).check(&ETag::of_version(3)).unwrap_err();
        assert_eq!(problem.code(), Code::StaleVersion);
        assert!(problem.body("r").detail.contains("\"3\""));
    }

    #[test]
    fn empty_elements_of_a_list_are_ignored() {
        let one = || (false, "\"1\"".to_owned());
        for line in ["\"1\"", "\"1\", ", "\"1\",", ", \"1\"", " ,\t,\"1\" ,, "] {
            assert_eq!(tags(line).unwrap(), Some(Tags::Listed(vec![one()])), "{line}");
        }
        let two = vec![one(), (true, "\"2\"".to_owned())];
        assert_eq!(tags("\"1\",, , W/\"2\"").unwrap(), Some(Tags::Listed(two.clone())));

        // Several lines are one list.
        let mut headers = HeaderMap::new();
        for line in ["\"1\"", "", "W/\"2\""] {
            headers.append(header::IF_MATCH, HeaderValue::from_static(line));
        }
        assert_eq!(read(&headers, &header::IF_MATCH).unwrap(), Some(Tags::Listed(two)));
    }

    #[test]
    fn what_is_no_list_of_quoted_tags_is_refused() {
        for line in
            ["3", "\"3", "\"a\"b\"", "", ",", " , ,", "W/3", "\"a b\"", "\"3\" \"4\"", "\"3\", 4", "*,", "\"3\", *"]
        {
            assert_eq!(tags(line).unwrap_err().code(), Code::InvalidHeader, "{line}");
        }
    }
}
