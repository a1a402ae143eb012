//! How SQLite finds what the dispatcher asks for, with each message or each claim: never by reading all of a mailing or a table.

use std::collections::BTreeSet;

use persistence::StoreResult;
use persistence::testing::{Kind, Session, TestDatabase};

use super::*;

/// The tables, by the names that the statements give them, that have a row for each recipient.
const LARGE: [&str; 7] = ["a", "contact", "d", "delivery", "mailing_row", "p", "r"];

/// How a row of them is found: by a key of its own, by when it is due, or by an index of the few that share a delivery or a message.
const STEPS: [&str; 11] = [
    "SEARCH a USING PRIMARY KEY (delivery_id=?)",
    "SEARCH d USING INDEX delivery_due ((due_at,delivery_id)>(?,?) AND due_at<?)",
    "SEARCH d USING INDEX delivery_due (due_at<?)",
    "SEARCH d USING INDEX delivery_together (message_id=? AND due_at<?)",
    "SEARCH d USING PRIMARY KEY (delivery_id=?)",
    "SEARCH delivery USING PRIMARY KEY (delivery_id=?)",
    "SEARCH mailing_row USING INDEX mailing_row_shared (mailing_id=? AND delivery_id=?)",
    "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH p USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    "SEARCH r EXISTS USING INDEX mailing_row_shared (mailing_id=?)",
    "SEARCH r USING PRIMARY KEY (mailing_id=? AND row_no=?)",
];

#[test]
fn the_dispatcher_finds_each_delivery_and_row_by_an_index() {
    let database = TestDatabase::create(Kind::Sqlite);
    let db = database.open();
    let owner = new_id();
    let [first, second, third] = [1, 2, 3].map(|number| row(number, 100 + number));
    let third = FrozenRow { message_id: Some(new_id()), ..third };
    let ids = [&first, &second, &third].map(|row| row.delivery_id.unwrap());
    let sharing = shared_row(4, 104, &first);
    sent_mailing(&db, &[first, second, third, sharing]);
    db.write_blocking(move |writer| lease::register(writer, owner, lease())).unwrap();
    let mut session = Session::open(database.url());
    let plans = session.plans_of(|session| work_through(session, owner, ids)).unwrap();
    let is_large = |step: &&String| step.split(' ').nth(1).is_some_and(|table| LARGE.contains(&table));
    let is_read = |step: &&String| step.starts_with("SCAN ") || step.starts_with("SEARCH ");
    let steps: BTreeSet<&String> = plans.values().flatten().filter(is_read).filter(is_large).collect();
    assert_eq!(Vec::from_iter(steps), STEPS, "{plans:#?}");
}

/// Claims, reads, sends, defers and puts off.
fn work_through(session: &mut Session, owner: Uuid, [first, second, third]: [Uuid; 3]) -> StoreResult<()> {
    let claim = Claim { owner, now: now(), until: lease(), held: Vec::new(), after: None, limit: 10 };
    let after = Some((now() - Duration::days(1), new_id()));
    let next = Claim { after, held: vec![first, second, third], ..claim.clone() };
    assert_eq!(session.write(|writer| queue::claim(writer, &claim))?.map(|(ids, _)| ids.len()), Some(3));
    session.write(|writer| queue::claim(writer, &next))?;
    let claimed = session.read(|reader| {
        let mut claimed = claimed::load(reader, &[first, second])?;
        claimed::add_sharing(reader, &mut claimed)?;
        Ok(claimed)
    })?;
    let begun: Vec<ToSend> =
        claimed.iter().map(|one| ToSend { mailing_id: one.mailing_id, delivery_id: one.delivery_id }).collect();
    let granted = session.write(|writer| journal::record(writer, owner, now(), &[], &[], &begun))?;
    assert_eq!(granted, [true, true]);
    let attempt = Some(Attempt { dispatcher: owner, started_at: now() });
    let sent = Finish { told: claimed[0].told.clone(), ..outcome(attempt, first, DeliveryState::Sent) };
    let ended = [sent, outcome(attempt, second, DeliveryState::Deferred)];
    session.write(|writer| journal::record(writer, owner, now(), &ended, &[], &[]).map(|_none| ()))?;
    session.write(|writer| queue::put_off(writer, &[third], lease(), "later")).map(|_count| ())
}
