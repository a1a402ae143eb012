//! The transaction of one message, told as an outcome, and the keeping of the connection between messages.
//!
//! Whose fault a failure is depends on the phase it happens in (RULES 6): until the relay has taken the sender it is
//! the relay's, a refused RCPT or DATA is the message's, and once the text is on its way silence means uncertainty.

use async_trait::async_trait;
use domain::mailing::retry::Outcome;
use lettre::Address;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};
use tokio::time::Instant;

use super::connection::{Broken, Connection, Reply};
use super::settings::SmtpSettings;
use super::{BuiltEmail, EmailSession};

/// The relay ends the connection with this code, whatever it was asked.
const CLOSING: u16 = 421;
/// The relay wants the message now.
const START_MAIL_INPUT: u16 = 354;
/// RFC 6531: the address needs SMTPUTF8.
const ADDRESS_NEEDS_UTF8: u16 = 553;

/// A session with a relay.
pub(super) struct SmtpSession {
    settings: SmtpSettings,
    idle: Option<Idle>,
}

/// A connection between two messages.
struct Idle {
    connection: Connection,
    messages: u32,
    since: Instant,
}

/// How a transaction left the connection.
enum Ended {
    /// Ready for the next message.
    Usable(Outcome),
    /// Not to be used again.
    Spent(Outcome),
    /// Not to be used again, and the relay had not even taken the sender.
    NotBegun(String),
}

/// The addresses of an envelope, in the form that cannot break out of a command.
struct Route {
    from: Address,
    to: Address,
    needs_utf8: bool,
}

impl SmtpSession {
    /// A session that connects when the first message comes.
    pub(super) fn new(settings: SmtpSettings) -> Self {
        Self { settings, idle: None }
    }

    /// The connection kept from the message before, if it is still good. Old ones are closed.
    async fn kept(&mut self) -> Option<(Connection, u32)> {
        let Idle { connection, messages, since } = self.idle.take()?;
        if messages < self.settings.messages_per_connection && since.elapsed() <= self.settings.idle_limit {
            return Some((connection, messages));
        }
        connection.quit().await;
        None
    }

    /// Runs a transaction; the connection is kept only when it ended cleanly, so that a dropped send leaves none behind.
    async fn transact(
        &mut self,
        (mut connection, messages): (Connection, u32),
        route: &Route,
        email: &BuiltEmail,
    ) -> Ended {
        let ended = transaction(&mut connection, route, email).await;
        if matches!(ended, Ended::Usable(_)) {
            self.idle = Some(Idle { connection, messages: messages.saturating_add(1), since: Instant::now() });
        }
        ended
    }
}

#[async_trait]
impl EmailSession for SmtpSession {
    async fn send(&mut self, email: &BuiltEmail) -> Outcome {
        let route = match Route::of(email) {
            Ok(route) => route,
            Err(outcome) => return outcome,
        };
        if let Some(kept) = self.kept().await {
            match self.transact(kept, &route, email).await {
                Ended::Usable(outcome) | Ended::Spent(outcome) => return outcome,
                // Relays hang up on a quiet or much used connection as they like; that says nothing about the next.
                Ended::NotBegun(text) => log::debug!("the relay gave up a kept connection: {text}"),
            }
        }
        let fresh = match Connection::open(&self.settings).await {
            Ok(connection) => (connection, 0),
            Err(Broken(text)) => return Outcome::RelayFault { text },
        };
        match self.transact(fresh, &route, email).await {
            Ended::Usable(outcome) | Ended::Spent(outcome) => outcome,
            Ended::NotBegun(text) => Outcome::RelayFault { text },
        }
    }

    async fn close(mut self: Box<Self>) {
        if let Some(Idle { connection, .. }) = self.idle.take() {
            connection.quit().await;
        }
    }
}

impl Route {
    fn of(email: &BuiltEmail) -> Result<Self, Outcome> {
        let from = email.envelope.from.parse::<Address>();
        let from = from.map_err(|error| Outcome::RelayFault { text: format!("the sender's address: {error}") })?;
        let to = email.envelope.to.parse::<Address>().map_err(|error| Outcome::RejectedPermanently {
            code: ADDRESS_NEEDS_UTF8,
            text: format!("5.1.3 the recipient's address: {error} (not sent)"),
        })?;
        Ok(Self { from, to, needs_utf8: !email.envelope.to.is_ascii() || !email.bytes.is_ascii() })
    }

    fn mail(&self) -> String {
        let parameters = if self.needs_utf8 {
            vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]
        } else {
            Vec::new()
        };
        Mail::new(Some(self.from.clone()), parameters).to_string()
    }

    fn rcpt(&self) -> String {
        Rcpt::new(self.to.clone(), Vec::new()).to_string()
    }
}

async fn transaction(connection: &mut Connection, route: &Route, email: &BuiltEmail) -> Ended {
    if route.needs_utf8 && !connection.smtputf8() {
        let text = "5.6.7 the address is not ASCII and the relay does not support SMTPUTF8 (not sent)".to_owned();
        return Ended::Usable(Outcome::RejectedPermanently { code: ADDRESS_NEEDS_UTF8, text });
    }
    let pipelined = connection.pipelining();
    let opening = if pipelined { format!("{}{}{Data}", route.mail(), route.rcpt()) } else { route.mail() };
    match connection.command(opening).await {
        Ok(mail) if mail.is_success() => {}
        Ok(mail) if mail.code == CLOSING => return Ended::NotBegun(told("MAIL FROM", &mail)),
        Ok(mail) => return Ended::Spent(Outcome::RelayFault { text: told("MAIL FROM", &mail) }),
        Err(Broken(text)) => return Ended::NotBegun(format!("MAIL FROM: {text}")),
    }

    let rcpt = if pipelined { connection.reply().await } else { connection.command(route.rcpt()).await };
    match rcpt {
        Ok(rcpt) if rcpt.is_success() => {}
        Ok(rcpt) if pipelined && rcpt.code != CLOSING => {
            let outcome = rejected("RCPT TO", rcpt);
            // DATA is on its way already. A relay that takes it without a recipient waits for a text we will not give.
            return match connection.reply().await {
                Ok(data) if data.code != START_MAIL_INPUT && data.code != CLOSING => reset(connection, outcome).await,
                _ => Ended::Spent(outcome),
            };
        }
        Ok(rcpt) => return after_rejection(connection, "RCPT TO", rcpt).await,
        Err(Broken(text)) => return Ended::Spent(Outcome::RelayFault { text: format!("RCPT TO: {text}") }),
    }

    let data = if pipelined { connection.reply().await } else { connection.command(Data.to_string()).await };
    match data {
        Ok(data) if data.code == START_MAIL_INPUT => {}
        Ok(data) => return after_rejection(connection, "DATA", data).await,
        Err(Broken(text)) => return Ended::Spent(Outcome::RelayFault { text: format!("DATA: {text}") }),
    }

    match connection.message(email).await {
        Ok(reply) if reply.is_success() => Ended::Usable(Outcome::Sent { code: reply.code, text: reply.text }),
        Ok(reply) if reply.code == CLOSING => Ended::Spent(Outcome::RelayFault { text: told("message", &reply) }),
        Ok(reply) if reply.code >= 400 => Ended::Usable(rejected("message", reply)),
        Ok(reply) => Ended::Spent(Outcome::Uncertain { text: told("message", &reply) }),
        Err(Broken(text)) => Ended::Spent(Outcome::Uncertain { text: format!("message: {text}") }),
    }
}

async fn after_rejection(connection: &mut Connection, command: &str, reply: Reply) -> Ended {
    if reply.code == CLOSING {
        return Ended::Spent(Outcome::RelayFault { text: told(command, &reply) });
    }
    reset(connection, rejected(command, reply)).await
}

/// Clears the transaction, so that one refused recipient does not cost a new connection.
async fn reset(connection: &mut Connection, outcome: Outcome) -> Ended {
    match connection.command("RSET\r\n".to_owned()).await {
        Ok(reply) if reply.is_success() => Ended::Usable(outcome),
        _ => Ended::Spent(outcome),
    }
}

/// A refusal of this message: 5xx for good, 4xx for now, and anything else is a relay that does not speak SMTP.
fn rejected(command: &str, reply: Reply) -> Outcome {
    match reply.code {
        500.. => Outcome::RejectedPermanently { code: reply.code, text: reply.text },
        400..500 => Outcome::RejectedForNow { code: reply.code, text: reply.text },
        _ => Outcome::RelayFault { text: told(command, &reply) },
    }
}

fn told(command: &str, reply: &Reply) -> String {
    format!("{command}: {} {}", reply.code, reply.text)
}
