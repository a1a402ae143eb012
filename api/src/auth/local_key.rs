//! The deployment's own Ed25519 key, in a file of the data folder that only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use rand::TryRng as _;
use rand::rngs::SysRng;

use super::KeyError;

/// The file's name in the data folder (PKCS #8, PEM).
pub(crate) const FILE: &str = "jwt-ed25519.pem";

/// Reads the key, or makes one. Two processes that start at once end up with the same key.
pub(super) fn load_or_make(path: &Path) -> Result<SigningKey, KeyError> {
    let fault = |reason: String| KeyError::File { path: path.display().to_string(), reason };
    match fs::read_to_string(path) {
        Ok(pem) => SigningKey::from_pkcs8_pem(&pem)
            .map_err(|error| fault(format!("is not an Ed25519 key in PEM form: {error}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path, &fault),
        Err(error) => Err(fault(format!("cannot be read: {error}"))),
    }
}

fn make(path: &Path, fault: &dyn Fn(String) -> KeyError) -> Result<SigningKey, KeyError> {
    let mut seed = [0; 32];
    SysRng.try_fill_bytes(&mut seed).map_err(|error| fault(format!("cannot be made: {error}")))?;
    let key = SigningKey::from_bytes(&seed);
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| fault(format!("cannot be made: {error}")))?;
    // Written aside and then linked: whoever sees the file sees all of it, and nobody's key is overwritten.
    let aside = path.with_extension(format!("{}.new", domain::ids::new_id()));
    let linked = write_private(&aside, pem.as_bytes()).and_then(|()| fs::hard_link(&aside, path));
    let removed = fs::remove_file(&aside);
    match linked {
        Ok(()) => {
            removed.map_err(|error| fault(format!("left {} behind: {error}", aside.display())))?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => load_or_make(path),
        Err(error) => Err(fault(format!("cannot be made: {error}"))),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
