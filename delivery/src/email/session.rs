//! The transaction of one message, told as an outcome for each of its recipients, and the keeping of the connection between
//! messages.
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
/// Too many recipients in one transaction (RFC 5321, 4.5.3.1.10); also a mailbox that is full.
const TOO_MANY: u16 = 452;
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

/// How a transaction left the connection, with an outcome for each recipient.
enum Ended {
    /// Ready for the next message.
    Usable(Vec<Outcome>),
    /// Not to be used again.
    Spent(Vec<Outcome>),
    /// Not to be used again, and the relay had not even taken the sender.
    NotBegun(String),
}

/// The addresses of an envelope, in the form that cannot break out of a command.
struct Route {
    from: Address,
    to: Vec<Address>,
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

    /// One transaction, over a connection that is there or a new one; an outcome for each recipient of the route.
    async fn hand_over(&mut self, route: &Route, email: &BuiltEmail) -> Vec<Outcome> {
        if let Some(kept) = self.kept().await {
            match self.transact(kept, route, email).await {
                Ended::Usable(outcomes) | Ended::Spent(outcomes) => return outcomes,
                // Relays hang up on a quiet or much used connection as they like; that says nothing about the next.
                Ended::NotBegun(text) => log::debug!("the relay gave up a kept connection: {text}"),
            }
        }
        let fresh = match Connection::open(&self.settings).await {
            Ok(connection) => (connection, 0),
            Err(Broken(text)) => return route.all(&Outcome::RelayFault { text }),
        };
        match self.transact(fresh, route, email).await {
            Ended::Usable(outcomes) | Ended::Spent(outcomes) => outcomes,
            Ended::NotBegun(text) => route.all(&Outcome::RelayFault { text }),
        }
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
    async fn send(&mut self, email: &BuiltEmail) -> Vec<Outcome> {
        let from = match email.envelope.from.parse::<Address>() {
            Ok(from) => from,
            Err(error) => {
                let fault = Outcome::RelayFault { text: format!("the sender's address: {error}") };
                return vec![fault; email.envelope.to.len()];
            }
        };
        let mut outcomes: Vec<Option<Outcome>> = vec![None; email.envelope.to.len()];
        let mut pending = Vec::new();
        for (outcome, to) in outcomes.iter_mut().zip(&email.envelope.to) {
            match to.parse::<Address>() {
                Ok(to) => pending.push((outcome, to)),
                Err(error) => {
                    let text = format!("5.1.3 the recipient's address: {error} (not sent)");
                    *outcome = Some(Outcome::RejectedPermanently { code: ADDRESS_NEEDS_UTF8, text });
                }
            }
        }
        while !pending.is_empty() {
            let route = Route::new(from.clone(), pending.iter().map(|(_, to)| to.clone()).collect(), email);
            let told = self.hand_over(&route, email).await;
            // Whom a relay has no room for in this transaction, it may take in the next, as long as it takes anybody.
            let some_sent = told.iter().any(|outcome| matches!(outcome, Outcome::Sent { .. }));
            let mut left = Vec::new();
            for ((outcome, to), told) in pending.into_iter().zip(told) {
                match some_sent && is_too_many(&told) {
                    true => left.push((outcome, to)),
                    false => *outcome = Some(told),
                }
            }
            pending = left;
        }
        let untold = || Outcome::RelayFault { text: "the relay was not asked".to_owned() };
        outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(untold)).collect()
    }

    async fn close(mut self: Box<Self>) {
        if let Some(Idle { connection, .. }) = self.idle.take() {
            connection.quit().await;
        }
    }
}

fn is_too_many(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::RejectedForNow { code, .. } => *code == TOO_MANY,
        Outcome::RejectedPermanently { text, .. } => text.starts_with("5.5.3"),
        Outcome::Sent { .. } | Outcome::RelayFault { .. } | Outcome::Uncertain { .. } => false,
    }
}

impl Route {
    fn new(from: Address, to: Vec<Address>, email: &BuiltEmail) -> Self {
        let ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        let needs_utf8 = !to.iter().all(ascii) || !email.bytes.is_ascii();
        Self { from, to, needs_utf8 }
    }

    fn mail(&self) -> String {
        let parameters = if self.needs_utf8 {
            vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]
        } else {
            Vec::new()
        };
        Mail::new(Some(self.from.clone()), parameters).to_string()
    }

    fn rcpts(&self) -> impl Iterator<Item = String> {
        self.to.iter().map(|to| Rcpt::new(to.clone(), Vec::new()).to_string())
    }

    /// The same outcome for each recipient.
    fn all(&self, outcome: &Outcome) -> Vec<Outcome> {
        vec![outcome.clone(); self.to.len()]
    }
}

async fn transaction(connection: &mut Connection, route: &Route, email: &BuiltEmail) -> Ended {
    if route.needs_utf8 && !connection.smtputf8() {
        let text = "5.6.7 the address is not ASCII and the relay does not support SMTPUTF8 (not sent)".to_owned();
        return Ended::Usable(route.all(&Outcome::RejectedPermanently { code: ADDRESS_NEEDS_UTF8, text }));
    }
    let pipelined = connection.pipelining();
    let opening = match pipelined {
        true => format!("{}{}{Data}", route.mail(), route.rcpts().collect::<String>()),
        false => route.mail(),
    };
    match connection.command(opening).await {
        Ok(mail) if mail.is_success() => {}
        Ok(mail) if mail.code == CLOSING => return Ended::NotBegun(told("MAIL FROM", &mail)),
        Ok(mail) => return Ended::Spent(route.all(&Outcome::RelayFault { text: told("MAIL FROM", &mail) })),
        Err(Broken(text)) => return Ended::NotBegun(format!("MAIL FROM: {text}")),
    }

    // Of each recipient: nothing as long as the relay takes it.
    let mut refused = Refused(Vec::with_capacity(route.to.len()));
    for rcpt in route.rcpts() {
        let reply = if pipelined { connection.reply().await } else { connection.command(rcpt).await };
        match reply {
            Ok(reply) if reply.is_success() => refused.0.push(None),
            Ok(reply) if reply.code == CLOSING => {
                return Ended::Spent(refused.and(route, &Outcome::RelayFault { text: told("RCPT TO", &reply) }));
            }
            Ok(reply) => refused.0.push(Some(rejected("RCPT TO", reply))),
            Err(Broken(text)) => {
                return Ended::Spent(refused.and(route, &Outcome::RelayFault { text: format!("RCPT TO: {text}") }));
            }
        }
    }
    let nobody = Outcome::RelayFault { text: "RCPT TO: refused".to_owned() };
    if refused.0.iter().all(Option::is_some) {
        let outcomes = refused.and(route, &nobody);
        if !pipelined {
            return reset(connection, outcomes).await;
        }
        // DATA is on its way already. A relay that takes it without a recipient waits for a text we will not give.
        return match connection.reply().await {
            Ok(data) if data.code != START_MAIL_INPUT && data.code != CLOSING => reset(connection, outcomes).await,
            _ => Ended::Spent(outcomes),
        };
    }

    let data = if pipelined { connection.reply().await } else { connection.command(Data.to_string()).await };
    match data {
        Ok(data) if data.code == START_MAIL_INPUT => {}
        Ok(data) if data.code == CLOSING => {
            return Ended::Spent(refused.and(route, &Outcome::RelayFault { text: told("DATA", &data) }));
        }
        Ok(data) => return reset(connection, refused.and(route, &rejected("DATA", data))).await,
        Err(Broken(text)) => {
            return Ended::Spent(refused.and(route, &Outcome::RelayFault { text: format!("DATA: {text}") }));
        }
    }

    let (usable, outcome) = match connection.message(email).await {
        Ok(reply) if reply.is_success() => (true, Outcome::Sent { code: reply.code, text: reply.text }),
        Ok(reply) if reply.code == CLOSING => (false, Outcome::RelayFault { text: told("message", &reply) }),
        Ok(reply) if reply.code >= 400 => (true, rejected("message", reply)),
        Ok(reply) => (false, Outcome::Uncertain { text: told("message", &reply) }),
        Err(Broken(text)) => (false, Outcome::Uncertain { text: format!("message: {text}") }),
    };
    let outcomes = refused.and(route, &outcome);
    if usable { Ended::Usable(outcomes) } else { Ended::Spent(outcomes) }
}

/// The refusals so far, in the order of the recipients; nothing for those whom the relay took.
struct Refused(Vec<Option<Outcome>>);

impl Refused {
    /// What was refused, and this outcome for all others.
    fn and(self, route: &Route, others: &Outcome) -> Vec<Outcome> {
        let told = self.0.into_iter().chain(std::iter::repeat(None));
        told.take(route.to.len()).map(|refusal| refusal.unwrap_or_else(|| others.clone())).collect()
    }
}

/// Clears the transaction, so that one refused message does not cost a new connection.
async fn reset(connection: &mut Connection, outcomes: Vec<Outcome>) -> Ended {
    match connection.command("RSET\r\n".to_owned()).await {
        Ok(reply) if reply.is_success() => Ended::Usable(outcomes),
        _ => Ended::Spent(outcomes),
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
