//! Deliveries: claimed by one dispatcher at a time, journalled before and after the wire call, each message a contact.

mod outcomes;
mod plans;
mod takeover;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use domain::ids::new_id;
use domain::mailing::state::{DeliveryState, MailingStatus, Progress};
use domain::register::PartyId;
use persistence::deliveries::claimed::{self, Told};
use persistence::deliveries::journal::{self, Attempt, Finish};
use persistence::deliveries::queue::{self, Claim};
use persistence::deliveries::recovery::{self, Interrupted};
use persistence::deliveries::sending::{self, BeingSent, ToSend};
use persistence::deliveries::{lease, listing};
use persistence::mailings::FrozenRow;
use persistence::{Db, StoreError, Writer, contacts, mailings};
use uuid::Uuid;

use crate::support::{now, person, row, run, sent_mailing, shared_row, skipped_row, stored_draft};

fn lease() -> DateTime<Utc> {
    now() + Duration::minutes(5)
}

fn rows(count: i64) -> Vec<FrozenRow> {
    (1..=count).map(|number| row(number, 100 + number)).collect()
}

/// Claims while it still holds what it claimed before; none when it is not registered.
fn try_claim(db: &Db, owner: Uuid, at: DateTime<Utc>, held: &[Uuid], limit: i64) -> Option<Vec<Uuid>> {
    let claim = Claim { owner, now: at, until: at + Duration::minutes(5), held: held.to_vec(), after: None, limit };
    Some(db.write_blocking(move |writer| queue::claim(writer, &claim)).unwrap()?.0)
}

/// As [`try_claim`], by an owner that registers first where it must.
fn claim_more(db: &Db, owner: Uuid, at: DateTime<Utc>, held: &[Uuid], limit: i64) -> Vec<Uuid> {
    try_claim(db, owner, at, held, limit).unwrap_or_else(|| {
        db.write_blocking(move |writer| lease::register(writer, owner, at)).unwrap();
        try_claim(db, owner, at, held, limit).unwrap()
    })
}

fn claim_at(db: &Db, owner: Uuid, at: DateTime<Utc>, limit: i64) -> Vec<Uuid> {
    claim_more(db, owner, at, &[], limit)
}

fn claim(db: &Db, owner: Uuid, limit: i64) -> Vec<Uuid> {
    claim_at(db, owner, now(), limit)
}

pub fn to_send(db: &Db, delivery_id: Uuid) -> ToSend {
    let loaded = db.read_blocking(move |reader| claimed::load(reader, &[delivery_id])).unwrap();
    ToSend { mailing_id: loaded[0].mailing_id, delivery_id }
}

/// Starts one while nothing else is being sent.
fn start_at(db: &Db, delivery_id: Uuid, owner: Uuid, at: DateTime<Utc>) -> Option<Attempt> {
    start_beside(db, delivery_id, owner, at, &[])
}

fn start_beside(db: &Db, delivery_id: Uuid, owner: Uuid, at: DateTime<Utc>, still: &[BeingSent]) -> Option<Attempt> {
    let still = still.to_vec();
    let start = to_send(db, delivery_id);
    let begun = move |writer: &mut Writer<'_>| journal::record(writer, owner, at, &[], &still, &[start]);
    db.write_blocking(begun).unwrap()[0].then_some(Attempt { dispatcher: owner, started_at: at })
}

fn start(db: &Db, delivery_id: Uuid, owner: Uuid) -> Option<Attempt> {
    start_at(db, delivery_id, owner, now())
}

pub fn outcome(attempt: Option<Attempt>, delivery_id: Uuid, state: DeliveryState) -> Finish {
    Finish {
        attempt,
        delivery_id,
        at: now() + Duration::seconds(1),
        outcome: "some",
        code: Some(250),
        detail: "2.0.0 Ok: jonossa".to_owned(),
        state,
        reason: None,
        due_at: (state == DeliveryState::Deferred).then(|| now() + Duration::minutes(1)),
        attempts: 1,
        message: None,
        told: Vec::new(),
    }
}

/// Each with whom it tells.
fn telling(db: &Db, mut outcomes: Vec<Finish>) -> Vec<Finish> {
    let ids: Vec<Uuid> = outcomes.iter().map(|ended| ended.delivery_id).collect();
    let loaded = db.read_blocking(move |reader| {
        let mut loaded = claimed::load(reader, &ids)?;
        claimed::add_sharing(reader, &mut loaded)?;
        Ok::<_, StoreError>(loaded)
    });
    let told: HashMap<Uuid, Vec<Told>> = loaded.unwrap().into_iter().map(|one| (one.delivery_id, one.told)).collect();
    for ended in &mut outcomes {
        ended.told.clone_from(&told[&ended.delivery_id]);
    }
    outcomes
}

/// Records outcomes by the dispatcher of the attempts, which is sending nothing else then, or by another where there was no attempt.
pub fn finish(db: &Db, outcomes: Vec<Finish>) {
    finish_beside(db, outcomes, &[]);
}

fn finish_beside(db: &Db, outcomes: Vec<Finish>, still: &[BeingSent]) {
    let (outcomes, still) = (telling(db, outcomes), still.to_vec());
    let by = outcomes.iter().find_map(|ended| ended.attempt).map(|attempt| attempt.dispatcher);
    let write = move |writer: &mut Writer<'_>| match by {
        Some(owner) => journal::record(writer, owner, now(), &outcomes, &still, &[]).map(|_none| ()),
        None => journal::settle(writer, &outcomes),
    };
    db.write_blocking(write).unwrap();
}

fn take_over(db: &Db, heir: Uuid, at: DateTime<Utc>) -> Vec<Interrupted> {
    let is_any = db.read_blocking(move |reader| recovery::any_gone(reader, heir, at)).unwrap();
    let found = db.write_blocking(move |writer| recovery::take_over(writer, heir, at)).unwrap();
    assert!(is_any || found.is_empty());
    found
}

/// Claims, starts and finishes one delivery.
fn settle(db: &Db, delivery_id: Uuid, state: DeliveryState) {
    let owner = new_id();
    assert!(claim(db, owner, 1000).contains(&delivery_id));
    let attempt = start(db, delivery_id, owner);
    assert!(attempt.is_some());
    finish(db, vec![outcome(attempt, delivery_id, state)]);
    db.write_blocking(move |writer| lease::let_go(writer, owner)).unwrap();
}

fn state_of(db: &Db, mailing_id: Uuid, row_no: i64) -> DeliveryState {
    view(db, mailing_id, row_no).state
}

fn view(db: &Db, mailing_id: Uuid, row_no: i64) -> listing::RowView {
    db.read_blocking(move |reader| listing::find(reader, mailing_id, row_no)).unwrap().unwrap()
}

pub fn contacts_of(db: &Db, party_id: PartyId) -> Vec<contacts::StoredContact> {
    db.read_blocking(move |reader| contacts::of_party(reader, party_id, None, 100)).unwrap()
}

fn progress(db: &Db, mailing_id: Uuid) -> Progress {
    db.read_blocking(move |reader| mailings::progress(reader, &[mailing_id])).unwrap()[&mailing_id]
}

on_both!(two_dispatchers_never_claim_the_same, |database| {
    let db = database.open();
    let rows = rows(120);
    sent_mailing(&db, &rows);
    let claimed = run(async {
        let dispatchers: Vec<_> = (0..8)
            .map(|_| {
                let (db, owner) = (db.clone(), new_id());
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    db.write(move |writer| lease::register(writer, owner, lease())).await.unwrap();
                    loop {
                        let held = mine.clone();
                        let claim = Claim { owner, now: now(), until: lease(), held, after: None, limit: 7 };
                        let work = move |writer: &mut Writer<'_>| queue::claim(writer, &claim);
                        let (claimed, _) = db.write(work).await.unwrap().unwrap();
                        if claimed.is_empty() {
                            return mine;
                        }
                        mine.extend(claimed);
                    }
                })
            })
            .collect();
        let mut claimed = Vec::new();
        for dispatcher in dispatchers {
            claimed.extend(dispatcher.await.unwrap());
        }
        claimed
    });
    let due: HashSet<_> = rows.iter().filter_map(|row| row.delivery_id).collect();
    assert_eq!(claimed.len(), 120, "each once");
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), due, "and all of them");
});

on_both!(the_queue_is_claimed_from_where_the_last_claim_ended, |database| {
    let db = database.open();
    let rows = rows(5);
    sent_mailing(&db, &rows);
    let mut ids: Vec<Uuid> = rows.iter().filter_map(|row| row.delivery_id).collect();
    ids.sort_unstable();
    let owner = new_id();
    db.write_blocking(move |writer| lease::register(writer, owner, lease())).unwrap();
    let claim = |after, limit| {
        let claim = Claim { owner, now: now(), until: lease(), held: Vec::new(), after, limit };
        db.write_blocking(move |writer| queue::claim(writer, &claim)).unwrap().unwrap()
    };
    let (first, place) = claim(None, 2);
    assert_eq!((first.as_slice(), place), (&ids[..2], Some((now(), ids[1]))));
    assert_eq!(claim(place, 2), (ids[2..4].to_vec(), Some((now(), ids[3]))), "behind it, and not what was let go of");
    assert_eq!(claim(Some((now(), ids[3])), 2), (ids[4..].to_vec(), None), "the end: from the beginning again");
    assert_eq!(claim(None, 9).0, ids);
});

on_both!(what_is_claimed_is_what_was_frozen, |database| {
    let db = database.open();
    let frozen = rows(2);
    let mailing_id = sent_mailing(&db, &frozen);
    db.write_blocking(|writer| {
        let gone = domain::register::Party { archived: true, deceased: true, ..person(102, "Person 102") };
        persistence::parties::upsert(writer, vec![gone])
    })
    .unwrap();
    let ids = claim(&db, new_id(), 10);
    let mut claimed = db.read_blocking(move |reader| claimed::load(reader, &ids)).unwrap();
    claimed.sort_by_key(|claimed| claimed.party_id);
    let [first, second] = claimed.as_slice() else { panic!("{claimed:?}") };
    assert_eq!((first.delivery_id, first.mailing_id), (frozen[0].delivery_id.unwrap(), mailing_id));
    assert_eq!((first.address.as_deref(), first.version_no, first.attempts), (Some("101@example.fi"), Some(0), 0));
    assert_eq!(first.merge_values, frozen[0].merge_values);
    assert!(!first.archived && !first.deceased);
    assert!(second.archived && second.deceased, "what has changed since is told");
});

on_both!(an_attempt_starts_only_by_a_dispatcher_that_is_there_and_once, |database| {
    let db = database.open();
    let delivery = row(1, 101);
    let id = delivery.delivery_id.unwrap();
    let mailing_id = sent_mailing(&db, &[delivery]);
    let owner = new_id();
    assert_eq!((start(&db, id, owner), try_claim(&db, owner, now(), &[], 10)), (None, None), "not registered");
    assert_eq!(claim(&db, owner, 10), [id]);
    assert_eq!(start(&db, id, new_id()), None, "not registered either");
    assert_eq!(state_of(&db, mailing_id, 1), DeliveryState::Queued);
    assert_eq!(claim(&db, owner, 10), [id], "what may not be sent can be claimed again");
    assert!(start_at(&db, id, owner, lease() + Duration::seconds(1)).is_some(), "nobody has taken over");
    assert_eq!(state_of(&db, mailing_id, 1), DeliveryState::Sending);
    assert_eq!(db.read_blocking(sending::in_flight).unwrap(), 1);
    assert!(claim(&db, owner, 10).is_empty() && claim(&db, new_id(), 10).is_empty(), "one attempt at a time");
    assert_eq!(progress(&db, mailing_id), Progress { frozen: 1, sending: 1, ..Progress::default() });
    let listed = |state| db.read_blocking(move |reader| listing::list(reader, mailing_id, Some(state), 0, 9)).unwrap();
    assert_eq!((listed(DeliveryState::Sending).len(), listed(DeliveryState::Queued).len()), (1, 0));
});

on_both!(what_is_released_can_be_claimed_again_and_what_is_sending_is_kept, |database| {
    let db = database.open();
    let rows = rows(3);
    sent_mailing(&db, &rows);
    let owner = new_id();
    let claimed = claim(&db, owner, 10);
    start(&db, claimed[0], owner).unwrap();
    assert!(claim(&db, new_id(), 10).is_empty());
    db.write_blocking(move |writer| lease::let_go(writer, owner)).unwrap();
    let again: HashSet<_> = claim(&db, new_id(), 10).into_iter().collect();
    assert_eq!(again, claimed[1..].iter().copied().collect());
});

on_both!(what_is_put_off_waits_for_its_time_and_what_is_on_its_way_stays, |database| {
    let db = database.open();
    let frozen = rows(2);
    let mailing_id = sent_mailing(&db, &frozen);
    let (owner, other) = (new_id(), new_id());
    let ids = claim(&db, owner, 2);
    let later = now() + Duration::seconds(10);
    let put_off = |id: Uuid, until: DateTime<Utc>| {
        db.write_blocking(move |writer| queue::put_off(writer, &[id], until, "no file")).unwrap()
    };
    assert!(start(&db, ids[1], owner).is_some());
    assert_eq!(put_off(ids[1], later), 0, "on its way");
    assert_eq!((put_off(ids[0], later), put_off(ids[0], now())), (1, 0), "and no sooner than it was to wait already");
    db.write_blocking(move |writer| lease::let_go(writer, owner)).unwrap();
    assert!(claim_at(&db, other, now() + Duration::seconds(9), 9).is_empty());
    let listed = db.read_blocking(move |reader| listing::list(reader, mailing_id, None, 0, 9)).unwrap();
    let row = listed.iter().find(|row| row.delivery_id == Some(ids[0])).unwrap();
    let told = (row.state, row.attempts, row.due_at, row.last_detail.as_deref());
    assert_eq!(told, (DeliveryState::Queued, 0, Some(later), Some("no file")));
    assert_eq!(claim_at(&db, other, later, 9), [ids[0]]);
});

on_both!(a_mailing_is_finished_when_nothing_is_open, |database| {
    let db = database.open();
    let rows = rows(3);
    let mailing_id = sent_mailing(&db, &rows);
    let draft_id = stored_draft(&db, "Draft");
    let finish_done = || db.write_blocking(|writer| mailings::finish_done(writer, now())).unwrap();
    let stored = |id| db.read_blocking(move |reader| mailings::find(reader, id)).unwrap().unwrap();
    let id = |number: usize| rows[number].delivery_id.unwrap();
    assert_eq!(finish_done(), 0, "all queued");
    settle(&db, id(0), DeliveryState::Sent);
    settle(&db, id(1), DeliveryState::Failed);
    assert_eq!(finish_done(), 0, "one queued");
    settle(&db, id(2), DeliveryState::Deferred);
    assert_eq!(finish_done(), 0, "one deferred");
    finish(&db, vec![outcome(None, id(2), DeliveryState::Unknown)]);
    assert_eq!(finish_done(), 1, "one on hold");
    let done = stored(mailing_id);
    assert_eq!((done.status, done.finished_at, done.version), (MailingStatus::Finished, Some(now()), 2));
    assert_eq!(finish_done(), 0, "once");
    assert_eq!(stored(draft_id).status, MailingStatus::Draft);
    let all_skipped = sent_mailing(&db, &[skipped_row(1, 101, "no_email")]);
    assert_eq!(finish_done(), 1, "nobody to send to");
    assert_eq!(stored(all_skipped).status, MailingStatus::Finished);
});

on_both!(progress_adds_up_to_all_that_was_frozen, |database| {
    let db = database.open();
    let first = row(1, 101);
    let mut rows = vec![first.clone(), shared_row(2, 102, &first)];
    rows.extend((3..=9).map(|number| row(number, 100 + number)));
    rows.push(skipped_row(10, 110, "no_email"));
    let mailing_id = sent_mailing(&db, &rows);
    let other = sent_mailing(&db, &[row(1, 101)]);
    assert_eq!(progress(&db, mailing_id), Progress { frozen: 10, queued: 9, skipped: 1, ..Progress::default() });
    let states = [
        (0, DeliveryState::Sent),
        (2, DeliveryState::Deferred),
        (3, DeliveryState::Failed),
        (4, DeliveryState::Unknown),
        (5, DeliveryState::Skipped),
        (6, DeliveryState::Cancelled),
        (7, DeliveryState::Bounced),
    ];
    for (row, state) in states {
        settle(&db, rows[row].delivery_id.unwrap(), state);
    }
    let expected = Progress {
        frozen: 10,
        queued: 1,
        sending: 0,
        deferred: 1,
        sent: 2,
        bounced: 1,
        failed: 1,
        skipped: 2,
        cancelled: 1,
        unknown: 1,
    };
    assert_eq!(progress(&db, mailing_id), expected);
    assert_eq!(progress(&db, other).frozen, 1);
    assert!(db.read_blocking(|reader| mailings::progress(reader, &[new_id()])).unwrap().is_empty());
});

on_both!(rows_are_listed_by_state_page_by_page, |database| {
    let db = database.open();
    let mut rows = rows(5);
    rows.push(skipped_row(6, 106, "invalid_email"));
    let mailing_id = sent_mailing(&db, &rows);
    settle(&db, rows[1].delivery_id.unwrap(), DeliveryState::Sent);
    let listed = |state, after, limit| {
        let found = db.read_blocking(move |reader| listing::list(reader, mailing_id, state, after, limit)).unwrap();
        found.iter().map(|row| row.row_no).collect::<Vec<_>>()
    };
    assert_eq!(listed(None, 0, 4), [1, 2, 3, 4]);
    assert_eq!(listed(None, 4, 4), [5, 6]);
    assert_eq!(listed(Some(DeliveryState::Queued), 1, 2), [3, 4]);
    assert_eq!(listed(Some(DeliveryState::Sent), 0, 10), [2]);
    assert_eq!(listed(Some(DeliveryState::Skipped), 0, 10), [6]);
    let skipped = view(&db, mailing_id, 6);
    assert_eq!((skipped.state, skipped.reason.as_deref()), (DeliveryState::Skipped, Some("invalid_email")));
    assert_eq!((skipped.delivery_id, skipped.due_at, skipped.name.as_deref()), (None, None, Some("Person 106")));
});
