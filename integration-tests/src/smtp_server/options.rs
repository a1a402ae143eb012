//! How a test wants its SMTP server to behave.

use std::sync::Arc;
use std::time::Duration;

/// How connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all; STARTTLS is not offered.
    None,
    /// STARTTLS is offered and required before MAIL and AUTH.
    StartTls,
    /// TLS from the first byte.
    Implicit,
}

/// The points of a session at which a test can have its own answer given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The greeting of a new connection.
    Connect,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS, before the handshake.
    StartTls,
    /// AUTH, once the credentials are there.
    Auth,
    /// MAIL FROM.
    MailFrom,
    /// RCPT TO.
    RcptTo,
    /// DATA, before the message.
    Data,
    /// The dot that ends the message.
    EndOfData,
}

/// What the server does instead of what it would do by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Refuses with this code and text; after a 421 it also closes the connection.
    Refuse(u16, String),
    /// Closes the connection without an answer; nothing is accepted.
    Disconnect,
    /// At [`Stage::EndOfData`]: accepts the message, then closes the connection without saying so. Elsewhere as
    /// [`Answer::Disconnect`].
    AcceptThenDisconnect,
}

impl Answer {
    /// A refusal with this code and text.
    pub fn refuse(code: u16, text: &str) -> Self {
        Self::Refuse(code, text.to_owned())
    }
}

type RcptRule = Arc<dyn Fn(&str) -> Option<Answer> + Send + Sync>;

/// The server's behaviour; start from [`SmtpOptions::plain`], [`SmtpOptions::starttls`] or [`SmtpOptions::implicit_tls`].
#[derive(Clone)]
pub struct SmtpOptions {
    pub(super) security: Security,
    pub(super) smtputf8: bool,
    pub(super) credentials: Option<(String, String)>,
    pub(super) final_delay: Duration,
    pub(super) rcpt_rule: Option<RcptRule>,
}

impl SmtpOptions {
    /// Takes mail unencrypted.
    pub fn plain() -> Self {
        Self::with(Security::None)
    }

    /// Takes mail after STARTTLS only.
    pub fn starttls() -> Self {
        Self::with(Security::StartTls)
    }

    /// Takes mail over TLS from the first byte.
    pub fn implicit_tls() -> Self {
        Self::with(Security::Implicit)
    }

    fn with(security: Security) -> Self {
        Self { security, smtputf8: true, credentials: None, final_delay: Duration::ZERO, rcpt_rule: None }
    }

    /// Does not offer SMTPUTF8, and refuses addresses and headers that need it.
    pub fn without_smtputf8(mut self) -> Self {
        self.smtputf8 = false;
        self
    }

    /// Takes mail only from who logs in with these, by PLAIN or LOGIN.
    pub fn credentials(mut self, user: &str, password: &str) -> Self {
        self.credentials = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Waits this long after the final dot before it accepts and answers.
    pub fn final_delay(mut self, delay: Duration) -> Self {
        self.final_delay = delay;
        self
    }

    /// Asks `rule` about each recipient's address; `None` accepts it.
    pub fn rcpt_rule(mut self, rule: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> Self {
        self.rcpt_rule = Some(Arc::new(rule));
        self
    }
}

impl std::fmt::Debug for SmtpOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpOptions").field("security", &self.security).finish_non_exhaustive()
    }
}
