//! Attachments: what names them keeps them, and their bytes are never deleted under an upload of the same bytes.

use std::sync::{Arc, Barrier};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use domain::attachment::Attachment;
use domain::ids::new_id;
use domain::mailing::draft::MailingDraft;
use persistence::attachments::{self, Deletion, StoredAttachment};
use persistence::mailings::{self, StoredMailing};
use persistence::{Db, StoreError};
use serde_json::json;
use uuid::Uuid;

use crate::support::{draft, now};

const DIGEST: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const OTHER: &str = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7";

fn later(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

fn attachment(sha256: &str) -> StoredAttachment {
    StoredAttachment {
        attachment: Attachment {
            attachment_id: new_id(),
            file_name: "Ääkköset – ohje.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            size: 5_000_000_000,
            sha256: sha256.to_owned(),
        },
        created_at: now(),
        created_by: "tester".to_owned(),
    }
}

fn hold(db: &Db, sha256: &'static str, at: DateTime<Utc>) -> bool {
    db.write_blocking(move |writer| attachments::hold(writer, sha256, 5, at)).unwrap()
}

pub fn taken_in(db: &Db, sha256: &'static str) -> StoredAttachment {
    assert!(hold(db, sha256, now()));
    let stored = attachment(sha256);
    let new = stored.clone();
    assert!(db.write_blocking(move |writer| attachments::insert(writer, &new)).unwrap());
    stored
}

fn find(db: &Db, id: Uuid) -> Option<StoredAttachment> {
    db.read_blocking(move |reader| attachments::find(reader, id)).unwrap()
}

fn delete(db: &Db, id: Uuid) -> Deletion {
    db.write_blocking(move |writer| attachments::delete(writer, id)).unwrap()
}

fn forget(db: &Db, before: DateTime<Utc>) -> usize {
    db.write_blocking(move |writer| attachments::forget_unnamed(writer, before)).unwrap()
}

fn removable(db: &Db, before: DateTime<Utc>, at: DateTime<Utc>) -> Vec<String> {
    let abandoned = at - TimeDelta::hours(1);
    db.read_blocking(move |reader| attachments::removable(reader, before, abandoned, 10)).unwrap()
}

fn start(db: &Db, sha256: &str, before: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    let (sha256, abandoned) = (sha256.to_owned(), at - TimeDelta::hours(1));
    db.write_blocking(move |writer| attachments::start_removing(writer, &sha256, before, abandoned, at)).unwrap()
}

fn start_removing(db: &Db, before: DateTime<Utc>, at: DateTime<Utc>) -> Vec<String> {
    let mut started = removable(db, before, at);
    started.retain(|sha256| start(db, sha256, before, at));
    started
}

fn start_stray(db: &Db, sha256: &'static str, at: DateTime<Utc>) -> bool {
    db.write_blocking(move |writer| attachments::start_removing_stray(writer, sha256, 7, at)).unwrap()
}

fn removed(db: &Db, sha256: &'static str, since: DateTime<Utc>) {
    db.write_blocking(move |writer| attachments::removed(writer, sha256, since)).unwrap();
}

/// A draft whose only content names these.
fn naming(ids: &[Uuid]) -> MailingDraft {
    let content = json!({"channel": "email", "language": "fi", "body": "Hei", "attachment_ids": ids});
    serde_json::from_value(json!({"name": "Vesikatko", "purpose": "service", "contents": [content]})).unwrap()
}

fn stored(db: &Db, ids: &[Uuid]) -> Uuid {
    let mailing = StoredMailing { draft: naming(ids), ..draft("Vesikatko") };
    let id = mailing.mailing_id;
    db.write_blocking(move |writer| mailings::insert(writer, &mailing)).unwrap();
    id
}

on_both!(an_attachment_reads_back_as_it_was_taken_in, |database| {
    let db = database.open();
    let (one, other) = (taken_in(&db, DIGEST), taken_in(&db, DIGEST));
    assert_eq!(find(&db, one.attachment.attachment_id), Some(one.clone()));
    assert_eq!(find(&db, new_id()), None);
    let ids = [other.attachment.attachment_id, new_id(), one.attachment.attachment_id];
    let known = db.read_blocking(move |reader| attachments::by_ids(reader, &ids)).unwrap();
    assert_eq!(known, [one.attachment, other.attachment]);
    assert!(db.read_blocking(|reader| attachments::by_ids(reader, &[])).unwrap().is_empty());
});

on_both!(a_mailing_reads_back_with_what_its_contents_name, |database| {
    let db = database.open();
    let [one, other] = [taken_in(&db, DIGEST), taken_in(&db, OTHER)].map(|stored| stored.attachment);
    let both = stored(&db, &[other.attachment_id, one.attachment_id, one.attachment_id]);
    let none = stored(&db, &[]);
    let find = |id| db.read_blocking(move |reader| mailings::find(reader, id)).unwrap().unwrap().attachments;
    assert_eq!((find(both), find(none)), (vec![one.clone(), other.clone()], vec![]));
    let listed =
        db.read_blocking(|reader| mailings::list(reader, &mailings::MailingFilter::default(), None, 10)).unwrap();
    let listed: Vec<_> = listed.into_iter().map(|mailing| (mailing.mailing_id, mailing.attachments)).collect();
    assert_eq!(listed, [(none, vec![]), (both, vec![one, other.clone()])]);
    let fewer = naming(&[other.attachment_id]);
    db.write_blocking(move |writer| mailings::update_draft(writer, both, 2, &fewer, now())).unwrap();
    assert_eq!(find(both), [other]);
});

on_both!(what_a_mailing_names_is_neither_deleted_nor_forgotten, |database| {
    let db = database.open();
    let [drafted, sent, loose] = [(); 3].map(|()| taken_in(&db, DIGEST).attachment.attachment_id);
    let (draft, mailing) = (stored(&db, &[drafted]), stored(&db, &[sent]));
    db.write_blocking(move |writer| mailings::mark_sent(writer, mailing, 1, ("c", "r"), "sender", now())).unwrap();
    assert_eq!([drafted, sent].map(|id| delete(&db, id)), [Deletion::InUse; 2]);
    assert_eq!((forget(&db, now()), forget(&db, later(1))), (0, 1), "only what is older");
    assert_eq!((find(&db, loose), delete(&db, loose)), (None, Deletion::Unknown));
    db.write_blocking(move |writer| mailings::delete_draft(writer, draft)).unwrap();
    assert_eq!(delete(&db, drafted), Deletion::Done);
    assert_eq!((find(&db, drafted), forget(&db, later(1))), (None, 0));
    assert!(find(&db, sent).is_some());
});

on_both!(bytes_go_when_no_attachment_has_them_and_nobody_held_them_lately, |database| {
    let db = database.open();
    let one = taken_in(&db, DIGEST).attachment.attachment_id;
    assert!(hold(&db, OTHER, later(20)));
    assert!(start_removing(&db, later(24), later(48)).contains(&OTHER.to_owned()));
    assert!(start_removing(&db, later(24), later(48)).is_empty(), "an attachment has the one, the other is going");
    removed(&db, OTHER, later(48));
    assert_eq!(delete(&db, one), Deletion::Done);
    assert!(start_removing(&db, now(), later(24)).is_empty(), "too young");
    assert_eq!(start_removing(&db, later(1), later(25)), [DIGEST]);

    let stored = attachment(DIGEST);
    let insert = || {
        let new = stored.clone();
        db.write_blocking(move |writer| attachments::insert(writer, &new)).unwrap()
    };
    assert!(!hold(&db, DIGEST, later(25)) && !insert(), "while they are being deleted");
    let given_up = later(26) + TimeDelta::seconds(1);
    assert_eq!(start_removing(&db, later(1), given_up), [DIGEST], "given up after an hour");
    removed(&db, DIGEST, given_up);
    assert!(!insert(), "they are not there");
    assert!(hold(&db, DIGEST, later(26)) && insert());
    removed(&db, DIGEST, given_up);
    assert!(find(&db, stored.attachment.attachment_id).is_some(), "nothing was being deleted");
});

on_both!(bytes_that_cannot_be_deleted_make_room_for_others, |database| {
    let db = database.open();
    assert!(hold(&db, DIGEST, now()) && hold(&db, OTHER, later(1)));
    assert_eq!(removable(&db, later(2), later(25)), [DIGEST, OTHER], "the longest untouched first");
    assert!(start(&db, DIGEST, later(2), later(25)));
    assert!(!start(&db, DIGEST, later(2), later(25)), "they are being deleted already");
    assert!(!hold(&db, DIGEST, later(25)) && hold(&db, OTHER, later(1)), "only those that are being deleted wait");
    assert_eq!(removable(&db, later(2), later(26)), [OTHER]);
    let given_up = later(26) + TimeDelta::seconds(1);
    assert_eq!(removable(&db, later(2), given_up), [OTHER, DIGEST], "the longest untried first");
    assert!(hold(&db, OTHER, later(24)));
    assert!(!start(&db, OTHER, later(2), given_up), "held since they were looked for");
});

on_both!(the_end_of_a_deletion_that_was_given_up_ends_no_other, |database| {
    let db = database.open();
    assert!(hold(&db, DIGEST, now()));
    let given_up = later(26) + TimeDelta::seconds(1);
    assert!(start(&db, DIGEST, later(1), later(25)) && start(&db, DIGEST, later(1), given_up));
    removed(&db, DIGEST, later(25));
    assert!(!hold(&db, DIGEST, given_up));
    removed(&db, DIGEST, given_up);
    assert!(hold(&db, DIGEST, given_up));
});

on_both!(bytes_that_the_database_does_not_know_are_strays, |database| {
    let db = database.open();
    taken_in(&db, DIGEST);
    let listed = vec![(DIGEST.to_owned(), 5), (OTHER.to_owned(), 7)];
    let strays = db.read_blocking(move |reader| attachments::strays(reader, listed)).unwrap();
    assert_eq!(strays, [(OTHER.to_owned(), 7)]);
    assert!(start_stray(&db, OTHER, now()));
    assert!(!start_stray(&db, OTHER, now()) && !start_stray(&db, DIGEST, now()), "they have a row");
    assert!(!hold(&db, OTHER, now()));
    removed(&db, OTHER, now());
    assert!(hold(&db, OTHER, now()));
});

/// Runs both at the same time.
fn at_once<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    let barrier = Arc::new(Barrier::new(2));
    thread::scope(|scope| {
        let own = Arc::clone(&barrier);
        let one = scope.spawn(move || {
            own.wait();
            one()
        });
        barrier.wait();
        let other = other();
        (one.join().unwrap(), other)
    })
}

on_both!(an_attachment_is_either_named_or_deleted_never_both, |database| {
    let db = database.open();
    for _ in 0..30 {
        let id = taken_in(&db, DIGEST).attachment.attachment_id;
        let name = || {
            db.write_blocking(move |writer| {
                if attachments::by_ids(writer, &[id])?.is_empty() {
                    return Ok(false);
                }
                mailings::insert(writer, &StoredMailing { draft: naming(&[id]), ..draft("Vesikatko") })?;
                Ok::<_, StoreError>(true)
            })
            .unwrap()
        };
        let (named, deleted) = at_once(name, || delete(&db, id));
        let expected = if named { Deletion::InUse } else { Deletion::Done };
        assert_eq!((deleted, find(&db, id).is_some()), (expected, named));
    }
});

on_both!(bytes_are_either_taken_in_or_deleted_never_both, |database| {
    let db = database.open();
    for _ in 0..30 {
        assert!(hold(&db, DIGEST, now()));
        let stored = StoredAttachment { created_at: later(24), ..attachment(DIGEST) };
        let id = stored.attachment.attachment_id;
        let insert = || db.write_blocking(move |writer| attachments::insert(writer, &stored)).unwrap();
        let (inserted, removing) = at_once(insert, || start(&db, DIGEST, later(1), later(24)));
        assert_ne!(inserted, removing);
        if inserted {
            assert_eq!(delete(&db, id), Deletion::Done);
            assert!(start(&db, DIGEST, later(48), later(48)));
        }
        removed(&db, DIGEST, later(if inserted { 48 } else { 24 }));
    }
});

on_both!(bytes_are_deleted_by_one_process_at_a_time, |database| {
    let db = database.open();
    for _ in 0..30 {
        assert!(hold(&db, DIGEST, now()));
        let begin = || start(&db, DIGEST, later(1), later(24));
        let (one, other) = at_once(begin, begin);
        assert_ne!(one, other);
        removed(&db, DIGEST, later(24));
    }
});

on_both!(the_same_bytes_can_be_taken_in_many_times_at_once, |database| {
    let db = database.open();
    let taken: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| taken_in(&db, DIGEST))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for stored in taken {
        assert_eq!(find(&db, stored.attachment.attachment_id), Some(stored));
    }
});
