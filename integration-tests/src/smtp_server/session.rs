//! One connection of the SMTP server, from greeting to QUIT.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::transaction::Transaction;
use super::{Answer, Security, Shared, Stage, parse};

/// RFC 5321 section 4.5.3.1.4 asks for 512 octets; parameters and AUTH need more.
const LONGEST_COMMAND: usize = 12_288;

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What happens after a command.
pub(super) enum Flow {
    Continue,
    Encrypt,
    Close,
}

/// The state of a connection.
pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) connection: usize,
    pub(super) stream: BufReader<Box<dyn Stream>>,
    pub(super) tls: bool,
    pub(super) greeted: bool,
    pub(super) user: Option<String>,
    pub(super) transaction: Option<Transaction>,
}

/// Serves a connection until either side closes it.
pub(super) async fn serve(shared: Arc<Shared>, stream: TcpStream, connection: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let implicit = shared.options.security == Security::Implicit;
    let stream: Box<dyn Stream> =
        if implicit { Box::new(shared.acceptor.accept(stream).await?) } else { Box::new(stream) };
    let mut session = Session {
        shared,
        connection,
        stream: BufReader::new(stream),
        tls: implicit,
        greeted: false,
        user: None,
        transaction: None,
    };
    let mut flow = match session.scripted(Stage::Connect).await? {
        Some(flow) => flow,
        None => session.reply(220, "localhost ESMTP Postitus test server").await?,
    };
    loop {
        match flow {
            Flow::Continue => {}
            Flow::Encrypt => session = session.encrypt().await?,
            Flow::Close => return Ok(()),
        }
        let Some(line) = session.read_command().await? else { return Ok(()) };
        flow = session.command(&line).await?;
    }
}

impl Session {
    async fn encrypt(self) -> io::Result<Self> {
        // What the client sent in the clear behind STARTTLS goes with the old buffer (CVE-2011-0411).
        let plain = self.stream.into_inner();
        let encrypted: Box<dyn Stream> = Box::new(self.shared.acceptor.accept(plain).await?);
        Ok(Self {
            stream: BufReader::new(encrypted),
            tls: true,
            greeted: false,
            user: None,
            transaction: None,
            shared: self.shared,
            connection: self.connection,
        })
    }

    async fn read_command(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 || line.len() > LONGEST_COMMAND {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
    }

    pub(super) async fn reply(&mut self, code: u16, text: &str) -> io::Result<Flow> {
        self.stream.write_all(format!("{code} {text}\r\n").as_bytes()).await?;
        self.stream.flush().await?;
        Ok(if code == 421 || code == 221 { Flow::Close } else { Flow::Continue })
    }

    pub(super) async fn answer(&mut self, answer: Answer) -> io::Result<Flow> {
        match answer {
            Answer::Refuse(code, text) => self.reply(code, &text).await,
            Answer::Disconnect | Answer::AcceptThenDisconnect => Ok(Flow::Close),
        }
    }

    pub(super) async fn scripted(&mut self, stage: Stage) -> io::Result<Option<Flow>> {
        match self.shared.next_scripted(stage) {
            Some(answer) => self.answer(answer).await.map(Some),
            None => Ok(None),
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Flow> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.hello(argument, true).await,
            "HELO" => self.hello(argument, false).await,
            "STARTTLS" => self.starttls().await,
            "AUTH" => self.auth(argument).await,
            "MAIL" => self.mail(argument).await,
            "RCPT" => self.rcpt(argument).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.transaction = None;
                self.reply(250, "2.0.0 forgotten").await
            }
            "NOOP" => self.reply(250, "2.0.0 still here").await,
            "VRFY" => self.reply(252, "2.1.5 try it").await,
            "QUIT" => self.reply(221, "2.0.0 bye").await,
            _ => self.reply(500, "5.5.1 unknown command").await,
        }
    }

    async fn hello(&mut self, name: &str, extended: bool) -> io::Result<Flow> {
        if let Some(flow) = self.scripted(Stage::Hello).await? {
            return Ok(flow);
        }
        if name.is_empty() {
            return self.reply(501, "5.5.4 who are you?").await;
        }
        self.greeted = true;
        self.transaction = None;
        if !extended {
            return self.reply(250, "localhost").await;
        }
        let mut lines = vec!["localhost", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"];
        if self.shared.options.smtputf8 {
            lines.push("SMTPUTF8");
        }
        let may_encrypt = self.shared.options.security == Security::StartTls && !self.tls;
        if may_encrypt {
            lines.push("STARTTLS");
        } else if self.shared.options.credentials.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        let last = lines.pop().unwrap_or_default();
        let head: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        self.stream.write_all(head.as_bytes()).await?;
        self.reply(250, last).await
    }

    async fn starttls(&mut self) -> io::Result<Flow> {
        if let Some(flow) = self.scripted(Stage::StartTls).await? {
            return Ok(flow);
        }
        if self.shared.options.security != Security::StartTls || self.tls {
            return self.reply(503, "5.5.1 not available").await;
        }
        self.reply(220, "2.0.0 go ahead").await?;
        Ok(Flow::Encrypt)
    }

    pub(super) fn needs_encryption(&self) -> bool {
        self.shared.options.security == Security::StartTls && !self.tls
    }

    async fn auth(&mut self, argument: &str) -> io::Result<Flow> {
        let Some(expected) = self.shared.options.credentials.clone() else {
            return self.reply(502, "5.5.1 no login here").await;
        };
        if self.needs_encryption() {
            return self.reply(538, "5.7.11 encryption required").await;
        }
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let given = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => self.prompted("", initial).await?.as_deref().and_then(parse::plain_credentials),
            "LOGIN" => {
                let user = self.prompted("Username:", initial).await?;
                let password = self.prompted("Password:", "").await?;
                user.zip(password)
            }
            _ => return self.reply(504, "5.5.4 unknown mechanism").await,
        };
        if let Some(flow) = self.scripted(Stage::Auth).await? {
            return Ok(flow);
        }
        if given.as_ref() == Some(&expected) {
            self.user = Some(expected.0);
            return self.reply(235, "2.7.0 welcome").await;
        }
        self.reply(535, "5.7.8 wrong user or password").await
    }

    /// Asks for a part of the credentials, unless the client sent it along.
    async fn prompted(&mut self, prompt: &str, sent_along: &str) -> io::Result<Option<String>> {
        if !sent_along.is_empty() {
            return Ok(parse::base64_text(sent_along));
        }
        self.reply(334, &parse::to_base64(prompt)).await?;
        Ok(self.read_command().await?.as_deref().and_then(parse::base64_text))
    }
}
