//! E-mail: a message built to its final bytes, and a session that hands such messages to a relay, or to a folder.
//!
//! What a relay answered is told in the words of `domain::mailing::retry`; what follows from it is decided there.

mod attachment;
mod body;
mod connection;
mod headers;
pub mod message;
mod outbox;
mod session;
pub mod settings;
mod tls;

use std::path::PathBuf;

use async_trait::async_trait;
use domain::mailing::retry::Outcome;

pub use self::attachment::attachment_part;
pub use self::body::KnownLines;
pub use self::message::{Attached, BuildError, BuiltEmail, Envelope, OutgoingEmail, build};
pub use self::settings::{Secret, SettingsError, SmtpSettings, Tls};

/// One line to the relay. A session has one message in flight and keeps its connection.
#[async_trait]
pub trait EmailSession: Send {
    /// Sends one message and tells what became of it for each recipient of its envelope, in that order. Connects when there is
    /// no usable connection.
    ///
    /// A send that is dropped half-way gives its connection up; the message may then have been sent or not.
    async fn send(&mut self, email: &BuiltEmail) -> Vec<Outcome>;

    /// Ends the session politely.
    async fn close(self: Box<Self>);
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum EmailTransport {
    /// To a relay, over SMTP.
    Smtp(SmtpSettings),
    /// Into a folder, each message a file of its own: nothing leaves the machine.
    Outbox(PathBuf),
}

impl EmailTransport {
    /// A session. Nothing is connected before the first message.
    pub fn session(&self) -> Box<dyn EmailSession> {
        match self {
            Self::Smtp(settings) => Box::new(session::SmtpSession::new(settings.clone())),
            Self::Outbox(folder) => Box::new(outbox::OutboxSession::new(folder.clone())),
        }
    }
}
