//! An issuer that publishes a key set, counts who fetches it, and can go down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(super) struct Issuer {
    pub url: url::Url,
    fetches: Arc<AtomicUsize>,
    answers: Arc<Mutex<Answers>>,
}

#[derive(Clone)]
enum Answers {
    Body(String),
    /// Breaks the connection off.
    Down,
    /// Takes the request and never answers.
    Hangs,
}

impl Issuer {
    pub(super) async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap()).parse().unwrap();
        let issuer = Self { url, fetches: Arc::default(), answers: Arc::new(Mutex::new(Answers::Down)) };
        issuer.publish(keys);
        let (fetches, answers) = (Arc::clone(&issuer.fetches), Arc::clone(&issuer.answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                fetches.fetch_add(1, Ordering::SeqCst);
                let answer = answers.lock().unwrap().clone();
                tokio::spawn(serve(stream, answer));
            }
        });
        issuer
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        self.answer(json!({"keys": keys}).to_string());
    }

    pub(super) fn answer(&self, body: String) {
        *self.answers.lock().unwrap() = Answers::Body(body);
    }

    pub(super) fn go_down(&self) {
        *self.answers.lock().unwrap() = Answers::Down;
    }

    pub(super) fn hang(&self) {
        *self.answers.lock().unwrap() = Answers::Hangs;
    }

    pub(super) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, answer: Answers) {
    let body = match answer {
        Answers::Body(body) => body,
        Answers::Down => return,
        Answers::Hangs => std::future::pending().await,
    };
    let _ = stream.read(&mut [0; 4096]).await;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
}
