//! Permission as an argument of the handler.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest};

use super::perm::Permission;
use super::{Principal, Refusal};
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// Any valid token, of staff, machine or resident.
#[derive(Debug, Clone)]
pub struct Authenticated(pub Arc<Principal>);

/// A token of staff or a machine with the scope of `P`; a resident's token gets a 404.
#[derive(Debug)]
pub struct Require<P>(Arc<Principal>, PhantomData<P>);

impl<P> Require<P> {
    /// The bearer, to take along into other tasks.
    pub fn principal(&self) -> Arc<Principal> {
        Arc::clone(&self.0)
    }
}

impl Deref for Authenticated {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<P> Deref for Require<P> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).map(Self))
    }
}

impl<P: Permission> FromRequest for Require<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|principal| {
            if principal.is_resident() {
                return Err(Problem::not_found());
            }
            if !principal.may(P::SCOPE) {
                return Err(missing_scope(P::SCOPE));
            }
            Ok(Self(principal, PhantomData))
        }))
    }
}

fn authenticate(request: &HttpRequest) -> Result<Arc<Principal>, Problem> {
    let state = AppState::of(request)?;
    let token = bearer(request).map_err(unauthorized)?;
    state.auth.verify(token, state.clock.now()).map_err(unauthorized)
}

/// The token of `Authorization: Bearer …`.
fn bearer(request: &HttpRequest) -> Result<&str, Refusal> {
    let missing = || Refusal {
        code: Code::MissingToken,
        detail: "Send Authorization: Bearer with a token of this service.".to_owned(),
    };
    let mut lines = request.headers().get_all(header::AUTHORIZATION);
    let line = lines.next().and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let (scheme, token) = line.split_once(' ').ok_or_else(missing)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(missing());
    }
    if lines.next().is_some() {
        return Err(Refusal::invalid("There is more than one Authorization header."));
    }
    Ok(token)
}

fn unauthorized(refusal: Refusal) -> Problem {
    // RFC 6750, 3.1: without a token, no error code.
    let challenge = match refusal.code {
        Code::MissingToken => "Bearer realm=\"postitus\"",
        _ => "Bearer realm=\"postitus\", error=\"invalid_token\"",
    };
    Problem::new(refusal.code, refusal.detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn missing_scope(scope: &str) -> Problem {
    let challenge = format!("Bearer realm=\"postitus\", error=\"insufficient_scope\", scope=\"{scope}\"");
    let problem = Problem::new(Code::MissingScope, format!("This operation needs a token with the scope {scope}."));
    match HeaderValue::from_str(&challenge) {
        Ok(value) => problem.with_header(header::WWW_AUTHENTICATE, value),
        Err(_) => problem,
    }
}
