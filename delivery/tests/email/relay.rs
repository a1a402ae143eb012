//! A relay with a script: it answers politely unless the test says otherwise, and remembers what it was told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the relay does about a command.
pub enum Act {
    /// What a relay does when all is well.
    Polite,
    /// Answers with these lines.
    Say(&'static str),
    /// Hangs up without a word.
    HangUp,
    /// Never answers.
    Silence,
}

/// An act, made anew for each connection.
pub type MakeAct = fn() -> Act;

/// The relay's TLS.
#[derive(Clone)]
pub enum Security {
    None,
    StartTls(Arc<ServerConfig>),
    Implicit(Arc<ServerConfig>),
}

/// Decides by the number of the connection (from 1) and the command; `GREETING` and `.` count as commands.
type Script = dyn Fn(usize, &str) -> Act + Send + Sync;

pub struct Relay {
    pub port: u16,
    log: Arc<Mutex<Vec<String>>>,
    messages: Arc<Mutex<Vec<String>>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

#[derive(Clone)]
struct Manners {
    extensions: &'static [&'static str],
    security: Security,
    script: Arc<Script>,
    log: Arc<Mutex<Vec<String>>>,
    messages: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    pub async fn start(
        extensions: &'static [&'static str],
        security: Security,
        script: impl Fn(usize, &str) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (log, messages) = (Arc::default(), Arc::default());
        let relay = Self { port, log: Arc::clone(&log), messages: Arc::clone(&messages) };
        let manners = Manners { extensions, security, script: Arc::new(script), log, messages };
        tokio::spawn(async move {
            let count = AtomicUsize::new(0);
            while let Ok((tcp, _)) = listener.accept().await {
                let nth = count.fetch_add(1, Ordering::SeqCst) + 1;
                let manners = manners.clone();
                // A test's client that hangs up mid-way ends the connection, not the relay.
                tokio::spawn(async move { manners.serve(nth, tcp).await.ok() });
            }
        });
        relay
    }

    /// Every command as `connection:command`, in order.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// How many connections were greeted.
    pub fn connections(&self) -> usize {
        self.log().iter().filter(|line| line.ends_with(":GREETING")).count()
    }

    /// The messages as they came over the wire, dots still doubled, up to the final dot.
    pub fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap().clone()
    }
}

impl Manners {
    async fn serve(self, nth: usize, tcp: TcpStream) -> std::io::Result<()> {
        tcp.set_nodelay(true)?;
        let mut stream: BufReader<Box<dyn Stream>> = BufReader::new(match &self.security {
            Security::Implicit(config) => Box::new(TlsAcceptor::from(Arc::clone(config)).accept(tcp).await?),
            Security::None | Security::StartTls(_) => Box::new(tcp),
        });
        let mut command = "GREETING".to_owned();
        let mut encrypted = !matches!(self.security, Security::StartTls(_));
        let mut has_recipient = false;
        loop {
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            self.log.lock().unwrap().push(format!("{nth}:{command}"));
            let reply = match (self.script)(nth, &command) {
                Act::Polite => self.polite(&verb, encrypted, has_recipient),
                Act::Say(reply) => format!("{reply}\r\n"),
                Act::HangUp => return Ok(()),
                Act::Silence => std::future::pending().await,
            };
            has_recipient = (has_recipient && verb != "MAIL") || (verb == "RCPT" && reply.starts_with("250"));
            stream.write_all(reply.as_bytes()).await?;
            stream.flush().await?;
            if verb == "QUIT" {
                return Ok(());
            }
            if let (Security::StartTls(config), "STARTTLS", true) =
                (&self.security, verb.as_str(), reply.starts_with("220"))
            {
                let accepted = TlsAcceptor::from(Arc::clone(config)).accept(stream.into_inner()).await?;
                stream = BufReader::new(Box::new(accepted));
                encrypted = true;
            }
            command = if reply.starts_with("354") {
                self.read_message(&mut stream).await?
            } else {
                line(&mut stream).await?
            };
        }
    }

    fn polite(&self, verb: &str, encrypted: bool, has_recipient: bool) -> String {
        match verb {
            "GREETING" => "220 relay.test ESMTP\r\n".to_owned(),
            "EHLO" => {
                let offered =
                    self.extensions.iter().map(|extension| format!("250-{extension}\r\n")).collect::<String>();
                let starttls = if encrypted { "" } else { "250-STARTTLS\r\n" };
                format!("250-relay.test\r\n{starttls}{offered}250 SIZE 1000000\r\n")
            }
            "STARTTLS" => "220 go ahead\r\n".to_owned(),
            "AUTH" => "235 2.7.0 welcome\r\n".to_owned(),
            "DATA" if !has_recipient => "503 5.5.1 no valid recipients\r\n".to_owned(),
            "DATA" => "354 go ahead\r\n".to_owned(),
            "QUIT" => "221 bye\r\n".to_owned(),
            _ => "250 2.0.0 ok\r\n".to_owned(),
        }
    }

    async fn read_message(&self, stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<String> {
        let mut message = String::new();
        loop {
            let from = message.len();
            if stream.read_line(&mut message).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if &message[from..] == ".\r\n" {
                message.truncate(from);
                self.messages.lock().unwrap().push(message);
                return Ok(".".to_owned());
            }
        }
    }
}

async fn line(stream: &mut BufReader<Box<dyn Stream>>) -> std::io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
