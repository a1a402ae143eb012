//! Mailings as they are stored: drafts, previews, versions.

use domain::ids::new_id;
use domain::mailing::state::MailingStatus;
use persistence::StoreError;
use persistence::mailings::{self, MailingFilter};

use crate::support::{draft, now, stored_draft};

on_both!(a_draft_reads_back_as_it_was_written, |database| {
    let db = database.open();
    let written = draft("Öljysäiliön tarkastus");
    let id = written.mailing_id;
    db.write_blocking(move |writer| mailings::insert(writer, &written)).unwrap();
    let read = db.read_blocking(move |reader| mailings::find(reader, id)).unwrap().unwrap();
    assert_eq!((read.mailing_id, read.version, read.status), (id, 0, MailingStatus::Draft));
    assert_eq!(read.draft, draft("Öljysäiliön tarkastus").draft);
    assert_eq!((read.created_at, read.created_by.as_str()), (now(), "tester"), "to the microsecond");
    assert_eq!((read.sent_at, read.content_hash), (None, None));
    assert!(db.read_blocking(|reader| mailings::find(reader, new_id())).unwrap().is_none());
});

on_both!(mailings_are_listed_newest_first_in_pages, |database| {
    let db = database.open();
    let mut ids: Vec<_> = (0..5).map(|number| stored_draft(&db, &format!("Mailing {number}"))).collect();
    ids.reverse();
    let page = |status, before| {
        let filter = MailingFilter { status, ..MailingFilter::default() };
        let found = db.read_blocking(move |reader| mailings::list(reader, &filter, before, 2)).unwrap();
        found.iter().map(|mailing| mailing.mailing_id).collect::<Vec<_>>()
    };
    assert_eq!(page(None, None), ids[..2]);
    assert_eq!(page(None, Some(ids[1])), ids[2..4]);
    assert_eq!(page(Some(MailingStatus::Draft), Some(ids[3])), ids[4..]);
    assert!(page(Some(MailingStatus::Sending), None).is_empty());
});

on_both!(a_preview_is_known_by_its_hash_until_the_next_one_or_the_send, |database| {
    let db = database.open();
    let id = stored_draft(&db, "Vesikatko");
    let previewed = |hash: &'static str| db.read_blocking(move |reader| mailings::previewed(reader, id, hash)).unwrap();
    let save = |hash: &'static str| {
        db.write_blocking(move |writer| mailings::save_preview(writer, id, hash, vec![0, 159, 255])).unwrap();
    };
    assert_eq!(previewed("first"), None);
    save("first");
    assert_eq!(previewed("first"), Some(vec![0, 159, 255]));
    save("second");
    assert_eq!((previewed("first"), previewed("second").is_some()), (None, true));
    db.write_blocking(move |writer| mailings::mark_sent(writer, id, 1, ("c", "second"), "sender", now())).unwrap();
    assert_eq!(previewed("second"), None);
    let sent = db.read_blocking(move |reader| mailings::find(reader, id)).unwrap().unwrap();
    assert_eq!((sent.status, sent.version, sent.sent_at), (MailingStatus::Sending, 1, Some(now())));
    assert_eq!((sent.content_hash.as_deref(), sent.recipients_hash.as_deref()), (Some("c"), Some("second")));
    assert_eq!(sent.sent_by.as_deref(), Some("sender"));
});

on_both!(a_deleted_draft_is_gone_with_its_preview, |database| {
    let db = database.open();
    let id = stored_draft(&db, "Vesikatko");
    db.write_blocking(move |writer| {
        mailings::save_preview(writer, id, "hash", vec![1])?;
        mailings::delete_draft(writer, id)?;
        Ok::<_, StoreError>(())
    })
    .unwrap();
    assert!(db.read_blocking(move |reader| mailings::find(reader, id)).unwrap().is_none());
    assert_eq!(db.read_blocking(move |reader| mailings::previewed(reader, id, "hash")).unwrap(), None);
});
