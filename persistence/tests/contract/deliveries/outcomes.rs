//! How attempts end: told once or again, late, together, by several.

use persistence::testing::Session;

use super::*;

on_both!(a_sent_message_is_one_contact_of_everyone_it_was_for, |database| {
    let db = database.open();
    let first = row(1, 101);
    let id = first.delivery_id.unwrap();
    let rows = vec![first.clone(), shared_row(2, 102, &first), row(3, 103), skipped_row(4, 104, "no_email")];
    let mailing_id = sent_mailing(&db, &rows);
    let owner = new_id();
    claim(&db, owner, 10);
    let attempt = start(&db, id, owner);
    finish(&db, vec![outcome(attempt, id, DeliveryState::Sent)]);
    // Told twice, it is still one message.
    finish(&db, vec![outcome(attempt, id, DeliveryState::Sent)]);
    for (party_id, row_no) in [(101, 1), (102, 2)] {
        let found = contacts_of(&db, party_id);
        assert_eq!(found.len(), 1, "{party_id}");
        let contact = &found[0].contact;
        assert_eq!((contact.delivery_id, contact.mailing_id), (Some(id), Some(mailing_id)));
        assert_eq!((contact.thread_id, contact.occurred_at), (contact.contact_id, now() + Duration::seconds(1)));
        let frozen = found[0].row.as_ref().unwrap();
        // Who shares a message is shown that message.
        assert_eq!((found[0].row_no, &frozen.address, frozen.version_no), (Some(row_no), &first.address, Some(0)));
        assert_eq!(frozen.merge_values, first.merge_values);
        assert_eq!(state_of(&db, mailing_id, row_no), DeliveryState::Sent);
    }
    assert!(contacts_of(&db, 103).is_empty() && contacts_of(&db, 104).is_empty());
    let sent = view(&db, mailing_id, 2);
    assert_eq!((sent.sent_at, sent.attempts, sent.last_code), (Some(now() + Duration::seconds(1)), 1, Some(250)));
    assert_eq!(sent.last_detail.as_deref(), Some("2.0.0 Ok: jonossa"));
});

on_both!(outcomes_of_several_mailings_may_be_told_at_once, |database| {
    let db = database.open();
    let (one, other) = (rows(3), vec![row(1, 101)]);
    sent_mailing(&db, &one);
    sent_mailing(&db, &other);
    let ids: Vec<Uuid> = one.iter().chain(&other).filter_map(|row| row.delivery_id).collect();
    let owner = new_id();
    claim(&db, owner, 10);
    let unknown = ToSend { mailing_id: new_id(), delivery_id: new_id() };
    let begun: Vec<_> = ids.iter().map(|id| to_send(&db, *id)).chain([unknown]).collect();
    let held = db.write_blocking(move |writer| journal::record(writer, owner, now(), &[], &[], &begun)).unwrap();
    assert_eq!(held, [true, true, true, true, false], "an answer to each, in order");
    let attempt = Some(Attempt { dispatcher: owner, started_at: now() });
    finish(&db, ids.iter().map(|id| outcome(attempt, *id, DeliveryState::Sent)).collect());
    assert_eq!(contacts_of(&db, 101).len(), 2);
    assert_eq!(contacts_of(&db, 103).len(), 1);
});

on_both!(what_was_recorded_may_be_recorded_again, |database| {
    let db = database.open();
    let rows = rows(2);
    let mailing_id = sent_mailing(&db, &rows);
    let [ended, begun] = [0, 1].map(|row: usize| rows[row].delivery_id.unwrap());
    let owner = new_id();
    claim(&db, owner, 10);
    let attempt = start(&db, ended, owner);
    let at = now() + Duration::seconds(2);
    let start = to_send(&db, begun);
    let record = |at| {
        let sent = telling(&db, vec![outcome(attempt, ended, DeliveryState::Sent)]);
        db.write_blocking(move |writer| journal::record(writer, owner, at, &sent, &[], &[start])).unwrap()
    };
    assert_eq!((record(at), record(at)), (vec![true], vec![true]), "its answer was lost");
    assert!(claim(&db, new_id(), 10).is_empty(), "nor is anything to be claimed");
    assert_eq!((state_of(&db, mailing_id, 1), contacts_of(&db, 101).len()), (DeliveryState::Sent, 1));
    assert_eq!(state_of(&db, mailing_id, 2), DeliveryState::Sending);
});

on_both!(every_attempt_is_told_that_which_sent_by_its_delivery, |database| {
    let db = database.open();
    let rows = rows(2);
    sent_mailing(&db, &rows);
    let [first, late] = [0, 1].map(|row: usize| rows[row].delivery_id.unwrap());
    let (owner, heir) = (new_id(), new_id());
    claim(&db, owner, 10);
    let attempt = start(&db, first, owner);
    finish(&db, vec![Finish { outcome: "deferred", ..outcome(attempt, first, DeliveryState::Deferred) }]);
    let attempt = start_at(&db, first, owner, now() + Duration::minutes(1));
    finish(&db, vec![Finish { outcome: "sent", ..outcome(attempt, first, DeliveryState::Sent) }]);
    let cut_off = start(&db, late, owner);
    assert_eq!(take_over(&db, heir, lease()).len(), 1);
    let settled = Finish { outcome: "unknown", ..outcome(cut_off, late, DeliveryState::Unknown) };
    db.write_blocking(move |writer| journal::settle(writer, std::slice::from_ref(&settled))).unwrap();
    let mut session = Session::open(database.url());
    let mut attempts = || {
        let told = "SELECT outcome || ' ' || count(*) AS text FROM (SELECT delivery_id, started_at, dispatcher, outcome \
                    FROM delivery_attempt UNION SELECT delivery_id, begun_at, sent_by, 'sent' FROM delivery \
                    WHERE sent_by IS NOT NULL) a GROUP BY outcome ORDER BY outcome";
        session.texts(told).unwrap()
    };
    assert_eq!(attempts(), ["deferred 1", "sent 1", "unknown 1"]);
    finish(&db, vec![Finish { outcome: "sent", ..outcome(cut_off, late, DeliveryState::Sent) }]);
    assert_eq!(attempts(), ["deferred 1", "sent 2"], "a late truth takes the place of what was not known");
});

on_both!(of_two_outcomes_told_at_once_the_sent_one_stands, |database| {
    let (sent, failed, unknown) = (DeliveryState::Sent, DeliveryState::Failed, DeliveryState::Unknown);
    let db = database.open();
    for (contacts, states) in (1..).zip([[sent, failed], [unknown, sent], [sent, sent]]) {
        let rows = rows(1);
        let mailing_id = sent_mailing(&db, &rows);
        let id = rows[0].delivery_id.unwrap();
        finish(&db, states.map(|state| outcome(None, id, state)).into());
        assert_eq!((state_of(&db, mailing_id, 1), contacts_of(&db, 101).len()), (sent, contacts), "{states:?}");
    }
});

on_both!(a_late_outcome_does_not_undo_what_was_sent, |database| {
    let db = database.open();
    let rows = rows(2);
    let mailing_id = sent_mailing(&db, &rows);
    let id = rows[0].delivery_id.unwrap();
    settle(&db, id, DeliveryState::Sent);
    for state in [DeliveryState::Failed, DeliveryState::Deferred, DeliveryState::Unknown, DeliveryState::Queued] {
        finish(&db, vec![outcome(None, id, state)]);
        assert_eq!(state_of(&db, mailing_id, 1), DeliveryState::Sent, "{state:?}");
    }
    assert!(claim(&db, new_id(), 10).iter().all(|claimed| *claimed != id), "nor is it claimed again");
    assert_eq!(contacts_of(&db, 101).len(), 1);
});

on_both!(a_late_truth_corrects_what_was_not_known, |database| {
    let db = database.open();
    let rows = rows(2);
    let mailing_id = sent_mailing(&db, &rows);
    for (row, wrong) in rows.iter().zip([DeliveryState::Unknown, DeliveryState::Failed]) {
        let id = row.delivery_id.unwrap();
        settle(&db, id, wrong);
        assert_eq!(state_of(&db, mailing_id, row.row_no), wrong);
        assert!(contacts_of(&db, row.party_id.unwrap()).is_empty());
        finish(&db, vec![outcome(None, id, DeliveryState::Sent)]);
        assert_eq!(state_of(&db, mailing_id, row.row_no), DeliveryState::Sent);
        assert_eq!(contacts_of(&db, row.party_id.unwrap()).len(), 1);
    }
});

on_both!(a_deferred_delivery_is_due_again_at_its_time, |database| {
    let db = database.open();
    let delivery = row(1, 101);
    let id = delivery.delivery_id.unwrap();
    let mailing_id = sent_mailing(&db, &[delivery]);
    settle(&db, id, DeliveryState::Deferred);
    let seen = view(&db, mailing_id, 1);
    assert_eq!((seen.state, seen.due_at), (DeliveryState::Deferred, Some(now() + Duration::minutes(1))));
    assert!(claim(&db, new_id(), 10).is_empty());
    assert_eq!(claim_at(&db, new_id(), now() + Duration::minutes(1), 10), [id]);
});
