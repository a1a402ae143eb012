//! Permission as an argument of the handler.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

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

/// A token with the scope of `P`, of staff, of a machine, or of a resident, who sees what is theirs.
#[derive(Debug)]
pub struct Permitted<P>(Arc<Principal>, PhantomData<P>);

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

impl<P> Deref for Permitted<P> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { authenticate(&request).await.map(Self) }.boxed_local()
    }
}

impl<P: Permission> FromRequest for Require<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let principal = authenticate(&request).await?;
            if principal.is_resident() {
                return Err(Problem::not_found());
            }
            permitted::<P>(principal).map(|principal| Self(principal, PhantomData))
        }
        .boxed_local()
    }
}

impl<P: Permission> FromRequest for Permitted<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let principal = authenticate(&request).await?;
            permitted::<P>(principal).map(|principal| Self(principal, PhantomData))
        }
        .boxed_local()
    }
}

fn permitted<P: Permission>(principal: Arc<Principal>) -> Result<Arc<Principal>, Problem> {
    if principal.may(P::SCOPE) { Ok(principal) } else { Err(missing_scope(P::SCOPE)) }
}

/// Who calls, if they may call now: found out and counted once a request. Callers who fail are limited apart: behind a proxy, the
/// good ones share their address. That the issuer's keys cannot be had is no failure of theirs.
async fn authenticate(request: &HttpRequest) -> Result<Arc<Principal>, Problem> {
    if let Some(principal) = request.extensions().get::<Arc<Principal>>() {
        return Ok(Arc::clone(principal));
    }
    let state = AppState::of(request)?;
    let now = state.clock.now();
    let verified = match bearer(request) {
        Ok(token) => state.auth.verify(token, now).await,
        Err(refusal) => Err(refusal),
    };
    let quota = match &verified {
        Ok(principal) => state.limits.request_of(&principal.subject, now),
        Err(refusal) if refusal.code == Code::Unavailable => None,
        Err(_) => request.peer_addr().and_then(|peer| state.limits.failure_from(peer.ip(), now)),
    };
    if let (Ok(_), Some(quota)) = (&verified, quota) {
        // The frame tells it in the answer's headers.
        request.extensions_mut().insert(quota);
    }
    if let Some(refusal) = quota.and_then(|quota| quota.refusal()) {
        return Err(refusal);
    }
    let principal = verified.map_err(unauthorized)?;
    request.extensions_mut().insert(Arc::clone(&principal));
    Ok(principal)
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
    if refusal.code == Code::Unavailable {
        return Problem::unavailable(refusal.detail);
    }
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
