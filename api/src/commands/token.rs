//! `postitus token`.

use std::error::Error;
use std::sync::Arc;

use chrono::Duration;
use domain::clock::{Clock as _, SystemClock};

use super::{Done, keys};
use crate::auth::{Authenticator, TokenRequest, perm};
use crate::cli::TokenArgs;
use crate::settings::Settings;

/// Prints a token, and nothing else.
pub(crate) fn run(args: &TokenArgs) -> Done {
    let request = request(args)?;
    let settings = Settings::load()?;
    let auth = Authenticator::new(keys(&settings, Arc::new(SystemClock))?, &settings.jwt);
    println!("{}", auth.mint(&request, SystemClock.now())?);
    Ok(())
}

fn request(args: &TokenArgs) -> Result<TokenRequest, Box<dyn Error>> {
    let scopes: Vec<String> = args.scope.split_whitespace().map(str::to_owned).collect();
    if let Some(unknown) = scopes.iter().find(|scope| !perm::is_known(scope)) {
        let known: Vec<&str> = perm::ALL.iter().map(|(scope, _)| *scope).chain(["admin"]).collect();
        return Err(format!("--scope: there is no scope {unknown}; there are {}", known.join(", ")).into());
    }
    if args.subject.is_empty() || args.subject.len() > 255 || args.subject.chars().any(char::is_control) {
        return Err("--subject: must be 1 to 255 bytes without control characters".into());
    }
    Ok(TokenRequest {
        subject: args.subject.clone(),
        scopes,
        party_ids: (!args.party_ids.is_empty()).then(|| args.party_ids.clone()),
        time_to_live: Duration::seconds(i64::from(args.ttl)),
    })
}
