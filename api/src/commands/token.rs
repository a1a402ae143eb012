//! `postitus token`.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use chrono::Duration;
use domain::clock::{Clock as _, SystemClock};

use super::{Done, given_keys};
use crate::auth::{Authenticator, Keys, LOCAL_KEY_FILE, TokenRequest, perm};
use crate::cli::TokenArgs;
use crate::settings::Settings;

/// Prints a token, and nothing else.
pub(crate) fn run(args: &TokenArgs) -> Done {
    let request = request(args)?;
    let settings = Settings::load()?;
    let keys = match given_keys(&settings, Arc::new(SystemClock))? {
        Some(keys) => keys,
        None => keys_of_a_server(&settings.data_dir)?,
    };
    let auth = Authenticator::new(keys, &settings.jwt);
    println!("{}", auth.mint(&request, SystemClock.now())?);
    Ok(())
}

/// Makes no key: no server would accept the tokens of one that was made in the wrong folder.
fn keys_of_a_server(data_dir: &Path) -> Result<Keys, Box<dyn Error>> {
    // A file that cannot be looked at is told of when it is read.
    if matches!(data_dir.join(LOCAL_KEY_FILE).try_exists(), Ok(false)) {
        return Err(format!(
            "there is no key of a server in {}: start postitus serve (or postitus demo) first, run this where the server \
             runs, or set POSTITUS_DATA_DIR",
            data_dir.display()
        )
        .into());
    }
    Ok(Keys::local(data_dir)?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_servers_and_never_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        for data_dir in [folder.path(), &folder.path().join("missing")] {
            let fault = keys_of_a_server(data_dir).err().unwrap().to_string();
            assert!(fault.starts_with(&format!("there is no key of a server in {}", data_dir.display())), "{fault}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        Keys::local(folder.path()).unwrap();
        assert!(keys_of_a_server(folder.path()).is_ok());
    }
}
