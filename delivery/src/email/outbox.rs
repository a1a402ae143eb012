//! The relay of a deployment without one: each message becomes a file that any mail program opens.
//!
//! The name follows from the Message-ID, so that a message sent twice is one file. A file is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::mailing::retry::Outcome;

use super::{BuiltEmail, EmailSession};

/// Writes messages into a folder, which is made when the first one comes.
pub(super) struct OutboxSession {
    folder: PathBuf,
}

impl OutboxSession {
    /// A session that writes into `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl EmailSession for OutboxSession {
    async fn send(&mut self, email: &BuiltEmail) -> Vec<Outcome> {
        let count = email.envelope.to.len();
        let (folder, email) = (self.folder.clone(), email.clone());
        let written = tokio::task::spawn_blocking(move || write(&folder, &email)).await;
        let outcome = match written.map_err(io::Error::other).flatten() {
            Ok(name) => Outcome::Sent { code: 250, text: format!("written to {name}") },
            Err(error) => Outcome::RelayFault { text: format!("outbox folder: {error}") },
        };
        vec![outcome; count]
    }

    async fn close(self: Box<Self>) {}
}

fn write(folder: &Path, email: &BuiltEmail) -> io::Result<String> {
    fs::create_dir_all(folder)?;
    let name = file_name(&email.message_id);
    let unfinished = folder.join(format!(".{name}.tmp"));
    let mut file = File::create(&unfinished)?;
    for piece in email.pieces() {
        file.write_all(piece)?;
    }
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(&name))?;
    Ok(name)
}

/// The part of the Message-ID before the `@`, in characters that are safe in a file name.
fn file_name(message_id: &str) -> String {
    let local = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    format!("{}.eml", local.chars().take(100).map(safe).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::email::{Attached, EmailTransport, Envelope};

    fn email(message_id: &str, text: &str) -> BuiltEmail {
        let envelope = Envelope { from: "a@example.fi".to_owned(), to: vec!["b@example.fi".to_owned()] };
        BuiltEmail {
            envelope,
            message_id: message_id.to_owned(),
            bytes: text.as_bytes().to_vec(),
            attached: Attached::default(),
        }
    }

    #[tokio::test]
    async fn a_message_becomes_one_file_however_often_it_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("new").join("outbox");
        let mut session = EmailTransport::Outbox(outbox.clone()).session();
        for _ in 0..2 {
            let outcome = session.send(&email("<0190-aa@example.fi>", "Hei\r\n")).await;
            assert!(matches!(outcome.as_slice(), [Outcome::Sent { .. }]), "{outcome:?}");
        }
        session.close().await;
        let names: Vec<_> = fs::read_dir(&outbox).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["0190-aa.eml"]);
        assert_eq!(fs::read(outbox.join("0190-aa.eml")).unwrap(), b"Hei\r\n");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_the_relays_fault() {
        let folder = tempfile::tempdir().unwrap();
        let not_a_folder = folder.path().join("file");
        fs::write(&not_a_folder, "").unwrap();
        let outcome = EmailTransport::Outbox(not_a_folder).session().send(&email("<a@b.fi>", "Hei")).await;
        assert!(matches!(outcome.as_slice(), [Outcome::RelayFault { .. }]), "{outcome:?}");
    }

    #[test]
    fn a_message_id_cannot_leave_the_folder() {
        let cases = [
            ("<0190f3aa-1@example.fi>", "0190f3aa-1.eml"),
            ("<../../etc/x@example.fi>", "______etc_x.eml"),
            ("<.hidden@example.fi>", "_hidden.eml"),
            ("", ".eml"),
        ];
        for (message_id, name) in cases {
            assert_eq!(file_name(message_id), name);
        }
    }
}
