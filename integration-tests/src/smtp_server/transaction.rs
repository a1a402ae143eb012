//! The part of a session that brings a message: MAIL, RCPT, DATA.

use std::io;
use std::time::Instant;

use tokio::io::AsyncBufReadExt as _;

use super::parse::{self, Allowed};
use super::session::{Flow, Session};
use super::{Answer, ReceivedMessage, Stage};

/// What MAIL and RCPT have said so far.
#[derive(Default)]
pub(super) struct Transaction {
    from: String,
    to: Vec<String>,
    allowed: Allowed,
}

impl Session {
    pub(super) async fn mail(&mut self, argument: &str) -> io::Result<Flow> {
        if let Some(flow) = self.scripted(Stage::MailFrom).await? {
            return Ok(flow);
        }
        if !self.greeted || self.transaction.is_some() {
            return self.reply(503, "5.5.1 out of order").await;
        }
        if self.needs_encryption() {
            return self.reply(530, "5.7.0 STARTTLS first").await;
        }
        if self.shared.options.credentials.is_some() && self.user.is_none() {
            return self.reply(530, "5.7.0 log in first").await;
        }
        let Some(path) = parse::path(argument, "FROM:") else {
            return self.reply(501, "5.5.4 MAIL FROM:<address>").await;
        };
        let mut allowed = Allowed::default();
        for parameter in &path.parameters {
            match parameter.as_str() {
                "BODY=7BIT" => {}
                "BODY=8BITMIME" => allowed.eight_bit = true,
                "SMTPUTF8" if self.shared.options.smtputf8 => allowed.utf8_headers = true,
                _ => return self.reply(555, "5.5.4 unknown parameter").await,
            }
        }
        if !path.address.is_ascii() && !allowed.utf8_headers {
            return self.reply(550, "5.6.7 address needs SMTPUTF8").await;
        }
        self.transaction = Some(Transaction { from: path.address, to: Vec::new(), allowed });
        self.reply(250, "2.1.0 sender ok").await
    }

    pub(super) async fn rcpt(&mut self, argument: &str) -> io::Result<Flow> {
        if let Some(flow) = self.scripted(Stage::RcptTo).await? {
            return Ok(flow);
        }
        let Some(transaction) = &mut self.transaction else { return self.reply(503, "5.5.1 MAIL first").await };
        let path = parse::path(argument, "TO:").filter(|path| path.address.contains('@') && path.parameters.is_empty());
        let Some(path) = path else { return self.reply(501, "5.5.4 RCPT TO:<address>").await };
        if !path.address.is_ascii() && !transaction.allowed.utf8_headers {
            return self.reply(553, "5.6.7 address needs SMTPUTF8").await;
        }
        if let Some(answer) = self.shared.options.rcpt_rule.as_ref().and_then(|rule| rule(&path.address)) {
            return self.answer(answer).await;
        }
        transaction.to.push(path.address);
        self.reply(250, "2.1.5 recipient ok").await
    }

    pub(super) async fn data(&mut self) -> io::Result<Flow> {
        if let Some(flow) = self.scripted(Stage::Data).await? {
            return Ok(flow);
        }
        if self.transaction.as_ref().is_none_or(|transaction| transaction.to.is_empty()) {
            return self.reply(554, "5.5.1 no valid recipients").await;
        }
        self.reply(354, "end with <CRLF>.<CRLF>").await?;
        // Nothing is accepted unless the final dot has come: a client killed before it has sent nothing.
        let Some(raw) = self.read_message().await? else { return Ok(Flow::Close) };
        let Transaction { from, to, allowed } = self.transaction.take().unwrap_or_default();
        let delay = self.shared.state().final_delay;
        tokio::time::sleep(delay).await;
        let scripted = self.shared.next_scripted(Stage::EndOfData);
        if let Some(answer @ (Answer::Refuse(..) | Answer::Disconnect)) = scripted {
            return self.answer(answer).await;
        }
        if let Some(fault) = parse::fault(&raw, allowed) {
            return self.reply(554, fault).await;
        }
        let (tls, user, connection) = (self.tls, self.user.clone(), self.connection);
        self.shared.record(ReceivedMessage { from, to, raw, tls, user, connection, at: Instant::now() });
        match scripted {
            Some(answer) => self.answer(answer).await,
            None => self.reply(250, "2.0.0 accepted").await,
        }
    }

    /// The message up to its final dot, dot-stuffing undone; `None` when the client went away before it.
    async fn read_message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut line = Vec::new();
        let mut at_line_start = true;
        loop {
            line.clear();
            if self.stream.read_until(b'\n', &mut line).await? == 0 || !line.ends_with(b"\n") {
                return Ok(None);
            }
            // A dot counts only between two CRLF: a server that takes a bare LF for one lets mail be smuggled in.
            if at_line_start && line == b".\r\n" {
                return Ok(Some(message));
            }
            let stuffed = at_line_start && line.starts_with(b".");
            message.extend(line.iter().skip(usize::from(stuffed)));
            at_line_start = line.ends_with(b"\r\n");
        }
    }
}
