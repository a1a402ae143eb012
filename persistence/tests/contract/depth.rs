//! What the metrics ask: the depth of the delivery queue, and the waits before the doors.

use std::sync::mpsc;
use std::time::Duration as StdDuration;

use chrono::Duration;
use domain::ids::new_id;
use domain::mailing::state::DeliveryState;
use persistence::StoreError;
use persistence::deliveries::depth::{Depth, depth};
use persistence::deliveries::journal::{self, Attempt, Finish};
use persistence::deliveries::lease;
use persistence::deliveries::queue::{self, Claim};
use persistence::deliveries::sending::ToSend;

use crate::support::{now, row, run, sent_mailing, skipped_row};

on_both!(the_queue_is_counted_by_state_and_what_is_done_is_not, |database| {
    let db = database.open();
    let of = |state, deliveries, oldest_due| Depth { state, deliveries, oldest_due };
    let none = [DeliveryState::Queued, DeliveryState::Deferred, DeliveryState::Sending, DeliveryState::Unknown]
        .map(|state| of(state, 0, None));
    assert_eq!(db.read_blocking(depth).unwrap(), none, "an empty queue");

    let rows: Vec<_> = (1..=6).map(|number| row(number, 100 + number)).collect();
    let frozen: Vec<_> = rows.iter().cloned().chain([skipped_row(7, 107, "no_email")]).collect();
    let mailing_id = sent_mailing(&db, &frozen);
    let owner = new_id();
    let until = now() + Duration::minutes(5);
    db.write_blocking(move |writer| lease::register(writer, owner, until)).unwrap();
    let claim = Claim { owner, now: now(), until, held: Vec::new(), after: None, limit: 10 };
    db.write_blocking(move |writer| queue::claim(writer, &claim)).unwrap();
    let ends = [DeliveryState::Sent, DeliveryState::Deferred, DeliveryState::Unknown, DeliveryState::Failed];
    let later = now() + Duration::minutes(1);
    for (number, row) in rows.iter().take(5).enumerate() {
        let delivery_id = row.delivery_id.unwrap();
        let start = ToSend { mailing_id, delivery_id };
        let begun = db.write_blocking(move |writer| journal::record(writer, owner, now(), &[], &[], &[start]));
        assert_eq!(begun.unwrap(), [true]);
        let Some(state) = ends.get(number) else { continue };
        let finish = Finish {
            attempt: Some(Attempt { dispatcher: owner, started_at: now() }),
            delivery_id,
            at: now(),
            outcome: "some",
            code: None,
            detail: String::new(),
            state: *state,
            reason: None,
            due_at: (*state == DeliveryState::Deferred).then_some(later),
            attempts: 1,
            message: None,
            told: Vec::new(),
        };
        db.write_blocking(move |writer| journal::record(writer, owner, now(), std::slice::from_ref(&finish), &[], &[]))
            .unwrap();
    }
    let wanted = [
        of(DeliveryState::Queued, 1, Some(now())),
        of(DeliveryState::Deferred, 1, Some(later)),
        of(DeliveryState::Sending, 1, Some(now())),
        of(DeliveryState::Unknown, 1, Some(now())),
    ];
    assert_eq!(db.read_blocking(depth).unwrap(), wanted);
});

on_both!(who_waits_before_a_door_is_counted, |database| {
    let db = database.open();
    let waits = |door: &str| db.waits().into_iter().find(|(name, _)| *name == door).unwrap().1;
    let before = waits("write");
    assert_eq!(before.waiting, 0);
    run(async {
        // More writers than any door has connections, all held up by the same event.
        let (go, held) = mpsc::channel::<()>();
        let held = std::sync::Arc::new(std::sync::Mutex::new(held));
        let writers: Vec<_> = (0..20)
            .map(|_| {
                let (db, held) = (db.clone(), std::sync::Arc::clone(&held));
                tokio::spawn(async move {
                    db.write(move |_| {
                        // Ends when the sender is gone.
                        let _ = held.lock().unwrap().recv();
                        Ok::<_, StoreError>(())
                    })
                    .await
                })
            })
            .collect();
        while waits("write").waiting < 10 {
            tokio::time::sleep(StdDuration::from_millis(1)).await;
        }
        tokio::time::sleep(StdDuration::from_millis(30)).await;
        drop(go);
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
    });
    let after = waits("write");
    assert_eq!((after.waiting, after.served), (0, before.served + 20));
    assert!(after.waited - before.waited >= StdDuration::from_millis(10 * 30), "{:?}", after.waited);
});
