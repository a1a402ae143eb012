//! The contacts of a party.

use chrono::Duration;
use domain::mailing::state::DeliveryState;
use persistence::contacts;
use persistence::deliveries::journal::Finish;

use crate::deliveries::{contacts_of, finish, outcome};
use crate::support::{Register, now, person, row, sent_mailing};

on_both!(contacts_are_listed_newest_first_page_by_page, |database| {
    let db = database.open();
    let mut sent = Vec::new();
    for number in 0..5 {
        let delivery = row(1, 101);
        let id = delivery.delivery_id.unwrap();
        sent_mailing(&db, &[delivery]);
        // Two at the same instant.
        let at = now() + Duration::seconds([0, 1, 1, 2, 3][number]);
        finish(&db, vec![Finish { at, ..outcome(None, id, DeliveryState::Sent) }]);
        sent.push(id);
    }
    Register { parties: vec![person(102, "Person 102")], ..Register::default() }.store(&db);
    let mut listed = Vec::new();
    let mut before = None;
    loop {
        let page = db.read_blocking(move |reader| contacts::of_party(reader, 101, before, 2)).unwrap();
        let Some(last) = page.last() else { break };
        before = Some((last.contact.occurred_at, last.contact.contact_id));
        listed.extend(page.iter().filter_map(|stored| stored.contact.delivery_id));
    }
    sent.reverse();
    assert_eq!(listed, sent);
    assert!(contacts_of(&db, 102).is_empty());
});
