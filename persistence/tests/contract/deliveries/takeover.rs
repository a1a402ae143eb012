//! What becomes of a dispatcher whose lease has run out: another takes over what it had claimed and was sending.

use super::*;

on_both!(of_a_lease_that_has_run_out_another_can_take_over, |database| {
    let db = database.open();
    let delivery = row(1, 101);
    let id = delivery.delivery_id.unwrap();
    sent_mailing(&db, &[delivery]);
    let (first, second) = (new_id(), new_id());
    assert!(claim_at(&db, first, now() - Duration::seconds(1), 10).is_empty(), "not before it is due");
    assert_eq!(claim(&db, first, 10), [id]);
    assert!(claim(&db, second, 10).is_empty());
    assert!(claim_more(&db, first, now(), &[id], 10).is_empty(), "not even by its owner");
    let renew = |until| db.write_blocking(move |writer| lease::renew(writer, first, until)).unwrap();
    assert!(renew(lease() + Duration::minutes(5)));
    take_over(&db, second, lease() + Duration::seconds(1));
    assert!(claim_at(&db, second, lease() + Duration::seconds(1), 10).is_empty(), "renewed");
    let later = lease() + Duration::minutes(6);
    assert!(claim_at(&db, second, later, 10).is_empty(), "run out, but its own until somebody takes over");
    assert_eq!(take_over(&db, second, later), [], "nothing was being sent");
    assert_eq!(claim_at(&db, second, later, 10), [id]);
    assert!(!renew(later + Duration::minutes(5)), "the first is no more");
    assert_eq!((start_at(&db, id, first, later), try_claim(&db, first, later, &[id], 10)), (None, None));
    assert!(start_at(&db, id, second, later).is_some());
});

on_both!(after_a_crash_exactly_the_attempts_without_outcome_are_found, |database| {
    let db = database.open();
    let rows = rows(5);
    sent_mailing(&db, &rows);
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.delivery_id).collect();
    let (crashed, alive) = (new_id(), new_id());
    let later = lease() + Duration::seconds(1);
    claim(&db, crashed, 4);
    let cut_off = start(&db, ids[0], crashed).unwrap();
    let still = [(ids[0], cut_off.started_at)];
    let settled = start_beside(&db, ids[1], crashed, now() + Duration::microseconds(1), &still);
    finish_beside(&db, vec![outcome(settled, ids[1], DeliveryState::Sent)], &still);
    let again = start_beside(&db, ids[2], crashed, now() + Duration::microseconds(2), &still);
    let again = Finish { due_at: Some(now()), ..outcome(again, ids[2], DeliveryState::Deferred) };
    finish_beside(&db, vec![again], &still);
    assert!(take_over(&db, alive, now()).is_empty(), "its dispatcher may still be at it");
    assert!(claim_more(&db, crashed, now(), &[ids[3]], 0).is_empty(), "it goes on, and holds what it has not begun");
    assert_eq!(claim_at(&db, alive, later - Duration::minutes(3), 1), [ids[2]]);
    start_at(&db, ids[2], alive, later - Duration::minutes(3)).unwrap();
    assert!(take_over(&db, crashed, lease() - Duration::seconds(1)).is_empty(), "both are alive");
    let found = take_over(&db, alive, later);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].delivery_id, found[0].attempt, found[0].attempts), (ids[0], cut_off, 0));
    finish(&db, vec![outcome(Some(cut_off), ids[0], DeliveryState::Unknown)]);
    assert!(take_over(&db, alive, later).is_empty(), "once it is settled");
    assert_eq!(claim_at(&db, alive, later, 10), ids[3..], "and what it had claimed is free");
});

on_both!(a_claim_that_was_taken_over_is_no_second_attempt, |database| {
    let db = database.open();
    let frozen = rows(2);
    sent_mailing(&db, &frozen);
    let (slow, other) = (new_id(), new_id());
    let ids = claim(&db, slow, 2);
    let (later, retried) = (lease() + Duration::seconds(1), lease() + Duration::minutes(1));
    assert!(take_over(&db, other, later).is_empty());
    assert_eq!(claim_at(&db, other, later, 2), ids);
    let attempt = start_at(&db, ids[0], other, later);
    assert!(attempt.is_some());
    let deferred = Finish { due_at: Some(retried), ..outcome(attempt, ids[0], DeliveryState::Deferred) };
    finish(&db, vec![deferred]);
    assert_eq!(start_at(&db, ids[0], slow, retried), None, "it is due, but another's");
    assert_eq!(start_at(&db, ids[1], slow, later), None, "nor may it begin what nobody has begun");
    assert!(claim_at(&db, new_id(), later, 2).is_empty(), "nor claim it under another id");
    assert!(start_at(&db, ids[1], other, later).is_some());
});
