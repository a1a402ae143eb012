//! Operations: known from when they are queued until after they ended, whatever becomes of whoever does them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::new_id;
use persistence::operations::{self, ImportBadRow, OperationProgress, OperationStatus, Owner, StoredOperation};
use persistence::{Db, StoreResult, Writer};
use uuid::Uuid;

use crate::support::now;

fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

fn owner() -> Owner {
    Owner { owner: new_id(), alive_until: later(30) }
}

fn queued(db: &Db, owner: Owner) -> StoredOperation {
    let operation = StoredOperation {
        operation_id: new_id(),
        kind: "register_import".to_owned(),
        status: OperationStatus::Queued,
        request: "{}".to_owned(),
        progress: OperationProgress { phase: "queued".to_owned(), done: 0, total: 0 },
        result: None,
        error: None,
        created_at: now(),
        created_by: "tester".to_owned(),
        started_at: None,
        finished_at: None,
    };
    let stored = operation.clone();
    write(db, move |writer| operations::insert(writer, &stored, owner));
    operation
}

fn write<T: Send + 'static>(db: &Db, work: impl FnMut(&mut Writer<'_>) -> StoreResult<T> + Send + 'static) -> T {
    db.write_blocking(work).unwrap()
}

fn find(db: &Db, id: Uuid) -> StoredOperation {
    db.read_blocking(move |reader| operations::find(reader, id)).unwrap().unwrap()
}

fn lost(db: &Db, at: DateTime<Utc>) -> Vec<Uuid> {
    let found = db.read_blocking(move |reader| operations::lost(reader, "register_import", at)).unwrap();
    found.into_iter().map(|operation| operation.operation_id).collect()
}

on_both!(an_operation_is_followed_from_queue_to_end_and_its_end_is_final, |database| {
    let db = database.open();
    let first = owner();
    let operation = queued(&db, first);
    let id = operation.operation_id;
    assert_eq!(find(&db, id), operation);
    assert!(!write(&db, move |writer| operations::start(writer, id, new_id(), later(1))), "another's");
    assert!(write(&db, move |writer| operations::start(writer, id, first.owner, later(1))));
    let progress = OperationProgress { phase: "merging".to_owned(), done: 3, total: 9 };
    let told = progress.clone();
    write(&db, move |writer| operations::advance(writer, id, &told));
    let running = find(&db, id);
    assert_eq!(
        (running.status, running.started_at, running.progress),
        (OperationStatus::Running, Some(later(1)), progress)
    );
    let last = OperationProgress { phase: "merging".to_owned(), done: 9, total: 9 };
    let (told, again) = (last.clone(), last.clone());
    assert!(write(&db, move |writer| operations::finish(writer, id, Err("{\"code\":\"x\"}"), &told, later(2))));
    assert!(!write(&db, move |writer| operations::finish(writer, id, Ok("{}"), &again, later(3))), "it had ended");
    assert!(!write(&db, move |writer| operations::start(writer, id, first.owner, later(3))), "it had ended");
    let ended = find(&db, id);
    assert_eq!((ended.status, ended.finished_at, ended.progress), (OperationStatus::Failed, Some(later(2)), last));
    assert_eq!((ended.result, ended.error.as_deref()), (None, Some("{\"code\":\"x\"}")));
    assert!(db.read_blocking(|reader| operations::find(reader, new_id())).unwrap().is_none());
});

on_both!(an_operation_whose_owner_is_silent_is_lost_and_a_queued_one_is_taken_over_once, |database| {
    let db = database.open();
    let (first, second) = (owner(), owner());
    let (waiting, begun) = (queued(&db, first).operation_id, queued(&db, first).operation_id);
    write(&db, move |writer| operations::start(writer, begun, first.owner, now()));
    assert!(lost(&db, later(29)).is_empty());
    assert_eq!(lost(&db, later(31)), [waiting, begun]);
    let adopt = |id, at| {
        write(&db, move |writer| operations::adopt(writer, id, Owner { alive_until: later(90), ..second }, at))
    };
    assert!(!adopt(waiting, later(29)), "its owner is alive");
    assert!(!adopt(begun, later(31)), "what has begun is not begun again");
    assert!(adopt(waiting, later(31)));
    assert!(!adopt(waiting, later(31)), "somebody was faster");
    assert_eq!(lost(&db, later(31)), [begun]);
    write(&db, move |writer| operations::renew(writer, Owner { alive_until: later(100), ..first }));
    assert!(lost(&db, later(80)).is_empty());
    assert!(!write(&db, move |writer| operations::fail_lost(writer, begun, "{}", later(80))), "its owner came back");
    write(&db, move |writer| operations::forget_owners(writer, later(1000)));
    assert_eq!(lost(&db, later(95)), [waiting], "what is unfinished keeps its owner");
    let done = OperationProgress::default();
    assert!(write(&db, move |writer| operations::finish(writer, begun, Ok("{}"), &done, later(80))));
    assert_eq!(lost(&db, later(200)), [waiting]);
    assert!(write(&db, move |writer| operations::fail_lost(writer, waiting, "{}", later(200))));
    assert!(!write(&db, move |writer| operations::fail_lost(writer, waiting, "{}", later(200))), "it has ended");
});

on_both!(bad_rows_are_listed_page_by_page, |database| {
    let db = database.open();
    let id = queued(&db, owner()).operation_id;
    let row = |row_no: i64| ImportBadRow {
        row_no,
        file: "parties.csv".to_owned(),
        line: row_no * 10,
        column: (row_no % 2 == 0).then(|| "email".to_owned()),
        reason: format!("reason {row_no}"),
    };
    let rows: Vec<ImportBadRow> = (1..=450).map(row).collect();
    let kept = rows.clone();
    write(&db, move |writer| operations::record_bad_rows(writer, id, &kept));
    let page = |after| db.read_blocking(move |reader| operations::list_bad_rows(reader, id, after, 200)).unwrap();
    assert_eq!(page(0), rows[..200]);
    assert_eq!(page(400), rows[400..]);
});
