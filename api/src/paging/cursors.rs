//! Cursors as clients get them: encrypted, and good for one list only.
//!
//! The last row of a page may be a protected party (RULES 2), of which the answer tells neither name nor id; nor may the
//! cursor. Equal positions of equal lists give equal cursors, so that a page that has not changed keeps its `ETag`.

use std::error::Error;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use persistence::Db;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::hmac;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Cursor, CursorFault};
use crate::secrets::service_secret;

/// The name of the key among those of the service.
const KEY: &str = "cursors";
/// Cursors are as long as the next multiple of this many bytes, so that they do not tell how long a name is.
const BLOCK: usize = 128;

/// Seals and opens cursors, with a key that all processes on the same database share. Cheap to clone.
#[derive(Clone)]
pub struct Cursors(Arc<Keys>);

struct Keys {
    sealing: LessSafeKey,
    nonces: hmac::Key,
}

/// The cursors of one list.
#[derive(Clone)]
pub struct ListCursors {
    keys: Cursors,
    list: [u8; 32],
}

/// What is encrypted.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    s: String,
    i: String,
}

impl Cursors {
    /// With the key of this database, made now if there is none.
    ///
    /// # Errors
    /// A failure of the database, or a system without randomness.
    pub async fn load(db: &Db) -> Result<Self, Box<dyn Error>> {
        Ok(Self::of_secret(&service_secret(db, KEY).await?).map_err(|error| error.to_string())?)
    }

    /// With keys that are derived from this secret.
    pub(crate) fn of_secret(secret: &[u8]) -> Result<Self, Unspecified> {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = |name: &str| hmac::sign(&secret, name.as_bytes());
        let sealing = UnboundKey::new(&CHACHA20_POLY1305, derived("seal").as_ref())?;
        let nonces = hmac::Key::new(hmac::HMAC_SHA256, derived("nonce").as_ref());
        Ok(Self(Arc::new(Keys { sealing: LessSafeKey::new(sealing), nonces })))
    }

    /// The cursors of a list; `filter` is everything that decides which rows it has, in which order, and who may see them,
    /// but neither limit nor cursor.
    pub fn of(&self, filter: &impl Serialize) -> ListCursors {
        let json = serde_json::to_vec(filter).unwrap_or_default();
        ListCursors { keys: self.clone(), list: Sha256::digest(&json).into() }
    }
}

impl ListCursors {
    /// The cursor as the client gets it: `A-Z a-z 0-9 - _`.
    pub fn seal(&self, cursor: &Cursor) -> String {
        let written = Written { s: URL_SAFE_NO_PAD.encode(&cursor.sort), i: cursor.id.clone() };
        let mut bytes = serde_json::to_vec(&written).unwrap_or_default();
        // Spaces mean nothing in JSON.
        bytes.resize(bytes.len().next_multiple_of(BLOCK), b' ');
        let nonce: [u8; NONCE_LEN] = self.digest(&bytes).as_ref().first_chunk().copied().unwrap_or_default();
        let unique = Nonce::assume_unique_for_key(nonce);
        if self.keys.0.sealing.seal_in_place_append_tag(unique, Aad::from(self.list), &mut bytes).is_err() {
            // Only gigabytes cannot be sealed. Nothing of them goes out.
            bytes.clear();
        }
        URL_SAFE_NO_PAD.encode([nonce.as_slice(), &bytes].concat())
    }

    /// Reads a cursor that a page of the same list gave.
    ///
    /// # Errors
    /// [`CursorFault`], which as a problem is a 400 `invalid_cursor`.
    pub fn open(&self, text: &str) -> Result<Cursor, CursorFault> {
        self.opened(text).ok_or(CursorFault)
    }

    fn opened(&self, text: &str) -> Option<Cursor> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let json = self.keys.0.sealing.open_in_place(nonce, Aad::from(self.list), sealed).ok()?;
        let Written { s, i } = serde_json::from_slice(json).ok()?;
        Some(Cursor { sort: URL_SAFE_NO_PAD.decode(s).ok()?, id: i })
    }

    /// A nonce that only the same cursor of the same list has again.
    fn digest(&self, bytes: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.keys.0.nonces);
        context.update(&self.list);
        context.update(bytes);
        context.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors() -> Cursors {
        Cursors::of_secret(&[7; 32]).unwrap()
    }

    fn position(sort: &[u8], id: &str) -> Cursor {
        Cursor { sort: sort.to_vec(), id: id.to_owned() }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went_out() {
        let list = cursors().of(&("parties", "mäki"));
        for cursor in [position(&[0, 255, 7], "42"), position(&[], ""), position(&[9; 1000], &"x".repeat(1000))] {
            // Another process on the same database opens it.
            let opened = cursors().of(&("parties", "mäki")).open(&list.seal(&cursor));
            assert!(opened == Ok(cursor));
        }
    }

    #[test]
    fn rubbish_and_cursors_of_another_list_or_service_are_refused() {
        let list = cursors().of(&"a");
        let other_list = cursors().of(&"b").seal(&position(&[], "1"));
        let other_service = Cursors::of_secret(&[8; 32]).unwrap().of(&"a").seal(&position(&[], "1"));
        let sealed = list.seal(&position(&[], "1"));
        let mut changed = sealed.clone().into_bytes();
        changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let refused = ["", "x", "%%%", "e30", "null", &other_list, &other_service, &changed, &sealed[..40]];
        for text in refused {
            assert!(list.open(text) == Err(CursorFault), "{text}");
        }
    }

    #[test]
    fn a_cursor_tells_nothing_of_the_row() {
        let list = cursors().of(&"parties");
        let (short, long) = (list.seal(&position(b"Aho", "4711")), list.seal(&position(b"Virtanen-Koskenkorva", "9")));
        assert_eq!(short.len(), long.len());
        let bytes = URL_SAFE_NO_PAD.decode(&short).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"4711") && !short.contains(&URL_SAFE_NO_PAD.encode("Aho")));
        assert_ne!(short, cursors().of(&"others").seal(&position(b"Aho", "4711")));
        assert_eq!(short, list.seal(&position(b"Aho", "4711")), "a page keeps its ETag");
    }
}
