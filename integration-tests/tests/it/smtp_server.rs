//! The test SMTP server itself, seen by an independent client (lettre) and by a bare socket.

use std::time::{Duration, Instant};

use integration_tests::Mail;
use integration_tests::smtp_server::{Answer, SmtpOptions, SmtpServer, Stage};
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::Response;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

type Client = AsyncSmtpTransport<Tokio1Executor>;
type Sent = Result<Response, lettre::transport::smtp::Error>;

const SOON: Duration = Duration::from_secs(10);

fn tls(server: &SmtpServer) -> TlsParameters {
    let ca = Certificate::from_pem(server.ca_pem().as_bytes()).unwrap();
    TlsParameters::builder("localhost".to_owned()).add_root_certificate(ca).build().unwrap()
}

fn client(server: &SmtpServer, tls: Tls) -> Client {
    Client::builder_dangerous("localhost").port(server.port()).tls(tls).build()
}

fn login(server: &SmtpServer, mechanism: Mechanism, password: &str) -> Client {
    Client::builder_dangerous("localhost")
        .port(server.port())
        .tls(Tls::Required(tls(server)))
        .credentials(Credentials::new("postitus".to_owned(), password.to_owned()))
        .authentication(vec![mechanism])
        .build()
}

async fn send(client: &Client, to: &str) -> Sent {
    let message = Message::builder()
        .message_id(Some(format!("<for-{to}>")))
        .from("Isännöinti Oy <info@isannointi.example>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Vesikatko päättyy")
        .body("Hei Åke,\r\n.\r\n..piste\r\nloppu\r\n".to_owned())
        .unwrap();
    client.send(message).await
}

async fn send_raw(client: &Client, message: &[u8]) -> Sent {
    let envelope = Envelope::new(Some("a@a.example".parse().unwrap()), vec!["b@b.example".parse().unwrap()]);
    client.send_raw(&envelope.unwrap(), message).await
}

fn code(sent: Sent) -> u16 {
    match sent {
        Ok(response) => response.code().into(),
        Err(error) => error.status().map_or(0, u16::from),
    }
}

/// Sends a script over a bare connection, and gives all that the server answers until it has nothing to add.
async fn talk(server: &SmtpServer, script: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
    stream.write_all(script.as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(Ok(length @ 1..)) = tokio::time::timeout(Duration::from_millis(300), stream.read(&mut buffer)).await {
        answers.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8(answers).unwrap()
}

fn codes(answers: &str) -> Vec<&str> {
    answers.lines().filter(|line| line.get(3..4) == Some(" ")).map(|line| &line[..3]).collect()
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = SmtpServer::start(SmtpOptions::plain());
    let before = Instant::now();
    assert_eq!(code(send(&client(&server, Tls::None), "ake@example.fi").await), 250);

    let received = &server.wait_for(1, SOON).await[0];
    assert_eq!(received.from, "info@isannointi.example");
    assert_eq!(received.to, ["ake@example.fi"]);
    assert_eq!((received.tls, received.user.as_deref(), received.connection), (false, None, 1));
    assert!(received.at > before);
    let mail = Mail::from(received);
    assert_eq!(mail.message_id, "for-ake@example.fi");
    assert_eq!((mail.from.as_str(), mail.from_name.as_deref()), ("info@isannointi.example", Some("Isännöinti Oy")));
    assert_eq!(mail.to, ["ake@example.fi"]);
    assert_eq!(mail.subject, "Vesikatko päättyy");
    // lettre ends the message's last line itself, whether or not it has an end.
    assert_eq!(mail.text.as_deref().map(str::trim_end), Some("Hei Åke,\r\n.\r\n..piste\r\nloppu"));
    assert_eq!(mail.html, None);
    assert_eq!(mail.header("TO"), Some("ake@example.fi"));
    assert!(mail.mentions("päättyy") && !mail.mentions("bertil"));
}

#[tokio::test]
async fn starttls_encrypts_for_who_trusts_the_authority_and_stops_who_does_not() {
    let server = SmtpServer::start(SmtpOptions::starttls());
    assert_eq!(code(send(&client(&server, Tls::Required(tls(&server))), "a@example.fi").await), 250);
    assert!(server.wait_for(1, SOON).await[0].tls);

    let distrustful = TlsParameters::new("localhost".to_owned()).unwrap();
    assert_eq!(code(send(&client(&server, Tls::Required(distrustful)), "b@example.fi").await), 0);
    assert_eq!(code(send(&client(&server, Tls::None), "c@example.fi").await), 530);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn implicit_tls_encrypts_from_the_first_byte() {
    let server = SmtpServer::start(SmtpOptions::implicit_tls());
    assert_eq!(code(send(&client(&server, Tls::Wrapper(tls(&server))), "a@example.fi").await), 250);
    assert!(server.messages()[0].tls);
}

#[tokio::test]
async fn who_must_log_in_can_do_so_by_plain_and_by_login_and_not_otherwise() {
    let server = SmtpServer::start(SmtpOptions::starttls().credentials("postitus", "sala sana"));
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        assert_eq!(code(send(&login(&server, mechanism, "sala sana"), "a@example.fi").await), 250, "{mechanism}");
        assert_eq!(code(send(&login(&server, mechanism, "wrong"), "b@example.fi").await), 535, "{mechanism}");
    }
    assert_eq!(code(send(&client(&server, Tls::Required(tls(&server))), "c@example.fi").await), 530);
    let users: Vec<_> = server.messages().into_iter().map(|message| (message.to, message.user)).collect();
    let expected = (vec!["a@example.fi".to_owned()], Some("postitus".to_owned()));
    assert_eq!(users, [expected.clone(), expected]);
}

#[tokio::test]
async fn a_rule_refuses_some_recipients_and_a_script_refuses_once() {
    let options = SmtpOptions::plain()
        .rcpt_rule(|address| address.starts_with("gone").then(|| Answer::refuse(550, "5.1.1 no such user")));
    let server = SmtpServer::start(options);
    let client = client(&server, Tls::None);
    assert_eq!(code(send(&client, "gone@example.fi").await), 550);
    server.script(Stage::EndOfData, [Answer::refuse(451, "4.3.0 later"), Answer::refuse(421, "4.3.2 closing")]);
    server.script(Stage::Connect, [Answer::refuse(554, "5.0.0 go away")]);
    let sent = [
        code(send(&client, "a@example.fi").await),
        code(send(&client, "a@example.fi").await),
        code(send(&client, "a@example.fi").await),
        code(send(&client, "a@example.fi").await),
    ];
    assert_eq!(sent, [554, 451, 421, 250]);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_connection_lost_at_the_end_leaves_the_client_in_doubt_about_what_the_server_knows() {
    let server = SmtpServer::start(SmtpOptions::plain());
    let client = client(&server, Tls::None);
    server.script(Stage::EndOfData, [Answer::Disconnect, Answer::AcceptThenDisconnect]);
    assert_eq!(code(send(&client, "lost@example.fi").await), 0);
    assert_eq!(server.count(), 0);
    assert_eq!(code(send(&client, "kept@example.fi").await), 0);
    assert_eq!(server.wait_for(1, SOON).await[0].to, ["kept@example.fi"]);
}

#[tokio::test]
async fn a_client_that_dies_before_the_final_dot_has_sent_nothing_and_after_it_has_sent_all() {
    let server = SmtpServer::start(SmtpOptions::plain().final_delay(Duration::from_millis(500)));
    let start = "EHLO test\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\nSubject: x\r\n\r\nbody\r\n";
    assert_eq!(codes(&talk(&server, start).await), ["220", "250", "250", "250", "354"]);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(server.count(), 0);

    assert_eq!(codes(&talk(&server, &format!("{start}.\r\n")).await), ["220", "250", "250", "250", "354"]);
    assert_eq!(server.count(), 0, "not before the delay is over");
    assert_eq!(server.wait_for(1, SOON).await[0].raw, b"Subject: x\r\n\r\nbody\r\n");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn pipelined_transactions_share_a_connection_and_a_stuffed_dot_is_one_dot() {
    let server = SmtpServer::start(SmtpOptions::plain());
    let mail = "MAIL FROM:<>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n..\r\n...x\r\n.\r\n";
    let answers = talk(&server, &format!("EHLO test\r\n{mail}RSET\r\n{mail}QUIT\r\n")).await;
    let transaction = ["250", "250", "354", "250"];
    let expected: Vec<_> = [&["220", "250"][..], &transaction, &["250"], &transaction, &["221"]].concat();
    assert_eq!(codes(&answers), expected);
    for message in server.messages() {
        assert_eq!((message.raw.as_slice(), message.from.as_str(), message.connection), (&b".\r\n..x\r\n"[..], "", 1));
    }
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn what_the_standards_forbid_is_refused() {
    let server = SmtpServer::start(SmtpOptions::plain().without_smtputf8());
    let client = client(&server, Tls::None);
    let long = format!("Subject: x\r\n\r\n{}\r\n", "x".repeat(999));
    let cases: [(&str, &[u8]); 4] = [
        ("bare line feed", b"Subject: x\n\r\nbody\r\n"),
        ("bare carriage return", b"Subject: x\r\n\r\nbo\rdy\r\n"),
        ("long line", long.as_bytes()),
        ("header in UTF-8", "Subject: ä\r\n\r\nbody\r\n".as_bytes()),
    ];
    for (name, message) in cases {
        assert_eq!(code(send_raw(&client, message).await), 554, "{name}");
    }
    let answers = talk(&server, "EHLO t\r\nMAIL FROM:<ä@a.example>\r\nMAIL FROM:<a@a.example> SMTPUTF8\r\n").await;
    assert_eq!(codes(&answers), ["220", "250", "550", "555"]);
    let answers = talk(&server, "MAIL FROM:<a@a.example>\r\nEHLO t\r\nRCPT TO:<b@b.example>\r\nDATA\r\nHELP\r\n").await;
    assert_eq!(codes(&answers), ["220", "503", "250", "503", "554", "500"]);
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn the_address_to_configure_says_how_to_connect() {
    for (options, start, end) in [
        (SmtpOptions::plain(), "smtp://127.0.0.1:", "?tls=none"),
        (SmtpOptions::starttls().credentials("u", "p"), "smtp://u:p@127.0.0.1:", "?tls=required"),
        (SmtpOptions::implicit_tls(), "smtps://127.0.0.1:", ""),
    ] {
        let url = SmtpServer::start(options).url();
        assert!(url.starts_with(start) && url.ends_with(end), "{url}");
    }
}
