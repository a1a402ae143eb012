//! A mail server that takes everything, counts it and forgets it. It does as little as it can, so that the sender is what is
//! measured; each connection has a thread of its own.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// The server; its threads live until the process ends.
pub struct Sink {
    port: u16,
    received: Arc<Received>,
}

#[derive(Default)]
struct Received {
    messages: AtomicU64,
    bytes: AtomicU64,
    first: OnceLock<Instant>,
}

impl Sink {
    /// Starts it on a free port of 127.0.0.1.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("the port").port();
        let received = Arc::new(Received::default());
        let counted = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                // A sender that hangs up ends its connection and nothing else.
                std::thread::spawn(move || serve(&stream, &counted));
            }
        });
        Self { port, received }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its `POSTITUS_SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// How many messages it has taken.
    pub fn messages(&self) -> u64 {
        self.received.messages.load(Ordering::Acquire)
    }

    /// How large they were, on average.
    pub fn average_bytes(&self) -> u64 {
        self.received.bytes.load(Ordering::Acquire).checked_div(self.messages()).unwrap_or_default()
    }

    /// When it had taken the first.
    pub fn first(&self) -> Option<Instant> {
        self.received.first.get().copied()
    }

    /// Waits until it has taken so many.
    pub async fn wait_for(&self, count: u64, limit: Duration) {
        let started = Instant::now();
        while self.messages() < count {
            assert!(started.elapsed() < limit, "{} of {count} messages came within {limit:?}", self.messages());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn serve(stream: &TcpStream, received: &Received) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut input, mut output) = (BufReader::with_capacity(64 * 1024, stream), BufWriter::new(stream));
    output.write_all(b"220 sink ESMTP\r\n")?;
    let mut line = Vec::new();
    loop {
        // Replies to pipelined commands go together.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let verb: String = line.iter().take(4).map(|byte| char::from(byte.to_ascii_uppercase())).collect();
        let reply: &[u8] = match verb.as_str() {
            "EHLO" => b"250-sink\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
            "DATA" => {
                output.write_all(b"354 go on\r\n")?;
                output.flush()?;
                let bytes = message(&mut input)?;
                received.bytes.fetch_add(bytes, Ordering::AcqRel);
                received.messages.fetch_add(1, Ordering::AcqRel);
                received.first.get_or_init(Instant::now);
                b"250 2.0.0 taken\r\n"
            }
            "QUIT" => {
                output.write_all(b"221 bye\r\n")?;
                return output.flush();
            }
            _ => b"250 2.0.0 ok\r\n",
        };
        output.write_all(reply)?;
    }
}

/// Reads a message up to its final dot; answers its size. Senders wait for the reply to it, so that nothing comes behind it.
fn message(input: &mut BufReader<&TcpStream>) -> std::io::Result<u64> {
    const END: &[u8] = b"\r\n.\r\n";
    let mut bytes = 0;
    // What was read last, as long as the end; the line of DATA ended before the message began.
    let mut last = b"\r\n".to_vec();
    while last != END {
        let chunk = input.fill_buf()?;
        let length = chunk.len();
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        last.extend_from_slice(chunk.get(length.saturating_sub(END.len())..).unwrap_or(chunk));
        last.drain(..last.len().saturating_sub(END.len()));
        input.consume(length);
        bytes += u64::try_from(length).unwrap_or_default();
    }
    Ok(bytes)
}
