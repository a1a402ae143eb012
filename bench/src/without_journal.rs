//! Our own sender without its journal: the same rows read, the same messages rendered, the same sessions, and nothing written
//! down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use delivery::email::{EmailTransport, SmtpSettings};
use delivery::message::{Addressees, SentMailing};
use domain::mailing::retry::Outcome;
use persistence::Db;
use persistence::deliveries::listing;
use persistence::deliveries::queue::{Claimed, load};
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use crate::sink::Sink;

const LIMIT: Duration = Duration::from_secs(600);
const PAGE: i64 = 1000;

/// Sends a mailing again that has been sent; answers messages a second.
pub async fn rate(db: &Db, sink: &Sink, connections: usize, mailing_id: Uuid) -> f64 {
    let stored = db.read(move |reader| persistence::mailings::find(reader, mailing_id)).await;
    let mailing = SentMailing::new(stored.expect("a database that answers").expect("a mailing")).expect("a sent one");
    let ids = deliveries(db, mailing_id).await;
    let transport = EmailTransport::Smtp(SmtpSettings::parse(&sink.url()).expect("a URL"));
    let (before, count, db) = (sink.messages(), ids.len(), db.clone());
    let started = Instant::now();
    // As the dispatcher: one thread for all connections.
    let sender = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(send(&db, &ids, mailing, &transport, connections));
    });
    let count = u32::try_from(count).expect("a number of mails");
    sink.wait_for(before + u64::from(count), LIMIT).await;
    let taken = started.elapsed();
    sender.join().expect("a sender that ends");
    f64::from(count) / taken.as_secs_f64()
}

async fn send(db: &Db, ids: &[Uuid], mailing: Arc<SentMailing>, transport: &EmailTransport, connections: usize) {
    let (jobs, waiting) = mpsc::channel(connections * 4);
    let waiting = Arc::new(Mutex::new(waiting));
    let workers: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(work(Arc::clone(&waiting), Arc::clone(&mailing), transport.clone())))
        .collect();
    for batch in ids.chunks(connections * 4) {
        let batch = batch.to_vec();
        for claimed in db.read(move |reader| load(reader, &batch)).await.expect("rows") {
            jobs.send(claimed).await.expect("workers that wait");
        }
    }
    drop(jobs);
    for worker in workers {
        worker.await.expect("a worker that ends");
    }
}

async fn work(jobs: Arc<Mutex<mpsc::Receiver<Claimed>>>, mailing: Arc<SentMailing>, transport: EmailTransport) {
    let mut session = transport.session();
    loop {
        let Some(claimed) = jobs.lock().await.recv().await else { break };
        let Claimed { delivery_id, address, version_no, merge_values, .. } = claimed;
        let addressees = Addressees::alone(delivery_id, address.expect("an address"));
        let email = mailing.email(addressees, version_no, &merge_values, Vec::new());
        let outcomes = session.send(&email.expect("a message")).await;
        assert!(matches!(outcomes.as_slice(), [Outcome::Sent { .. }]), "not sent: {outcomes:?}");
    }
    session.close().await;
}

async fn deliveries(db: &Db, mailing_id: Uuid) -> Vec<Uuid> {
    let mut ids = Vec::new();
    let mut after = Some(0);
    while let Some(last) = after {
        let page = db.read(move |reader| listing::list(reader, mailing_id, None, last, PAGE)).await.expect("rows");
        after = page.last().map(|row| row.row_no);
        ids.extend(page.into_iter().filter_map(|row| row.delivery_id));
    }
    ids
}
