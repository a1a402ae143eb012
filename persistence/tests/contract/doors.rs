//! The two doors: who may do what behind them, in which order, and what becomes of work that fails.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use domain::ids::new_id;
use persistence::mailings;
use persistence::testing::{TestDatabase, execute};
use persistence::{Backend, DatabaseUrl, Db, DbSettings, StoreError};
use uuid::Uuid;

use crate::support::{draft, now, run, stored_draft};

const LONG: Duration = Duration::from_secs(20);

fn count(db: &Db) -> usize {
    db.read_blocking(|reader| mailings::list(reader, &mailings::MailingFilter::default(), None, 1000)).unwrap().len()
}

on_both!(a_read_door_cannot_write, |database| {
    let db = database.open();
    stored_draft(&db, "Vesikatko");
    for sql in
        ["DELETE FROM mailing", "UPDATE mailing SET name = 'x'", "CREATE TABLE mine (id BIGINT)", "DROP TABLE role"]
    {
        let refused = db.read_blocking(move |reader| execute(reader, sql)).unwrap_err().to_string();
        assert!(refused.contains("read-only") || refused.contains("readonly"), "{sql}: {refused}");
        let refused = db.read_blocking(move |reader| reader.snapshot(|reader| execute(reader, sql)));
        assert!(refused.is_err(), "{sql} in a snapshot");
    }
    assert_eq!(count(&db), 1, "the door still works");
});

#[test]
fn a_write_that_cannot_begin_in_time_is_not_done_at_all() {
    let database = TestDatabase::create(persistence::testing::Kind::Sqlite);
    let db = database.open();
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let long = db.clone();
    let long = std::thread::spawn(move || {
        long.write_blocking(move |writer| {
            mailings::insert(writer, &draft("Long"))?;
            begun.send(()).unwrap();
            may_go_on.recv_timeout(LONG).unwrap();
            Ok::<_, StoreError>(())
        })
    });
    has_begun.recv_timeout(LONG).unwrap();
    let refused = run(db.write(|writer| mailings::insert(writer, &draft("Impatient"))));
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    assert_eq!(count(&db), 0, "reading goes on, and sees what was there before");
    go_on.send(()).unwrap();
    long.join().unwrap().unwrap();
    stored_draft(&db, "Next");
    assert_eq!(count(&db), 2, "the impatient one is not there");
}

on_both!(a_write_that_fails_changes_nothing, |database| {
    let db = database.open();
    let failed = db.write_blocking(|writer| {
        mailings::insert(writer, &draft("Vesikatko"))?;
        Err::<(), _>(StoreError::Inconsistent("on purpose".to_owned()))
    });
    assert_eq!(failed.unwrap_err().to_string(), "inconsistent data in on purpose", "the error is the work's own");
    assert_eq!(count(&db), 0);
    stored_draft(&db, "Next");
    assert_eq!(count(&db), 1);
});

on_both!(a_write_whose_statement_the_database_refuses_changes_nothing, |database| {
    let db = database.open();
    let failed = db.write_blocking(|writer| {
        let mailing = draft("Vesikatko");
        mailings::insert(writer, &mailing)?;
        mailings::insert(writer, &mailing)
    });
    assert!(matches!(failed, Err(StoreError::Query(_))), "{failed:?}");
    assert_eq!(count(&db), 0);
    stored_draft(&db, "Next");
    assert_eq!(count(&db), 1);
});

on_both!(a_reference_to_nothing_fails_the_write_as_a_whole, |database| {
    let db = database.open();
    let failed = db.write_blocking(|writer| mailings::save_preview(writer, new_id(), "hash", Vec::new()));
    assert!(matches!(failed, Err(StoreError::Dangling)), "{failed:?}");
    // Deferred to the commit.
    let orphan = crate::support::property(2, Some(1), "unit", "A 1");
    let failed = db.write_blocking(move |writer| persistence::properties::upsert(writer, vec![orphan.clone()]));
    assert!(matches!(failed, Err(StoreError::Dangling)), "{failed:?}");
    assert!(db.read_blocking(|reader| persistence::properties::find(reader, 2)).unwrap().is_none());
    stored_draft(&db, "Next");
});

on_both!(work_that_panics_changes_nothing_and_the_doors_stay_open, |database| {
    let db = database.open();
    // More often than there are connections.
    for _ in 0..8 {
        let answer = db.write_blocking::<(), StoreError, _>(|writer| {
            mailings::insert(writer, &draft("Vesikatko"))?;
            panic!("a panic on purpose")
        });
        assert!(matches!(answer, Err(StoreError::Panicked)), "{answer:?}");
        let answer = db.read_blocking::<(), StoreError, _>(|_| panic!("a panic on purpose"));
        assert!(matches!(answer, Err(StoreError::Panicked)), "{answer:?}");
    }
    assert_eq!(count(&db), 0);
    stored_draft(&db, "Next");
    assert_eq!(count(&db), 1);
});

fn bump(mailing_id: Uuid) -> impl FnMut(&mut persistence::Writer<'_>) -> Result<i64, StoreError> {
    move |writer| {
        let stored = mailings::find(writer, mailing_id)?.expect("the mailing is there");
        let version = stored.version + 1;
        mailings::update_draft(writer, mailing_id, version, &stored.draft, now())?;
        Ok(version)
    }
}

fn sixteen_writers(database: &TestDatabase, connections: usize) {
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let db = Db::open(&DbSettings { url, connections }).unwrap();
    let id = stored_draft(&db, "Vesikatko");
    let mut versions = run(async {
        let writers: Vec<_> = (0..16)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { db.write(bump(id)).await })
            })
            .collect();
        let mut versions = Vec::new();
        for writer in writers {
            versions.push(writer.await.unwrap().unwrap_or_else(|error| panic!("{connections} connections: {error}")));
        }
        versions
    });
    versions.sort_unstable();
    assert_eq!(versions, (1..=16).collect::<Vec<_>>(), "no change is lost, with {connections} connections");
    let stored = db.read_blocking(move |reader| mailings::find(reader, id)).unwrap().unwrap();
    assert_eq!(stored.version, 16);
}

on_both!(sixteen_writers_of_one_mailing_all_succeed, |database| {
    for connections in [2, 8, 40] {
        sixteen_writers(database, connections);
    }
});

on_both!(reads_are_served_in_the_order_they_came_and_all_of_them, |database| {
    let db = database.open();
    let id = stored_draft(&db, "Vesikatko");
    let turn = Arc::new(AtomicUsize::new(0));
    let turns = run(async {
        let reads: Vec<_> = (0..200)
            .map(|_| {
                let (db, turn) = (db.clone(), Arc::clone(&turn));
                tokio::spawn(async move {
                    db.read(move |reader| {
                        let turn = turn.fetch_add(1, Ordering::SeqCst);
                        assert!(mailings::find(reader, id)?.is_some());
                        Ok::<_, StoreError>(turn)
                    })
                    .await
                    .unwrap()
                })
            })
            .collect();
        let mut turns = Vec::new();
        for read in reads {
            turns.push(read.await.unwrap());
        }
        turns
    });
    assert_eq!(turns.len(), 200);
    // The threads take the requests in order; the few that the system holds up for a while do not hold up the others.
    let late = turns.iter().enumerate().filter(|(asked, served)| asked.abs_diff(**served) > 20).count();
    assert!(late <= 20, "{late} not in order: {turns:?}");
});

on_both!(reads_go_on_while_a_write_is_open_and_do_not_see_it, |database| {
    let db = database.open();
    let (begun, has_begun) = mpsc::channel();
    let (finish, may_finish) = mpsc::channel::<()>();
    let write = std::thread::spawn({
        let db = db.clone();
        move || {
            db.write_blocking(move |writer| {
                mailings::insert(writer, &draft("Vesikatko"))?;
                begun.send(()).unwrap();
                may_finish.recv_timeout(LONG).unwrap();
                Ok::<_, StoreError>(())
            })
        }
    });
    has_begun.recv_timeout(LONG).unwrap();
    for _ in 0..10 {
        assert_eq!(count(&db), 0);
    }
    finish.send(()).unwrap();
    write.join().unwrap().unwrap();
    assert_eq!(count(&db), 1);
});

on_both!(a_snapshot_is_one_picture_while_others_write, |database| {
    let db = database.open();
    let (first, second) = db
        .read_blocking({
            let db = db.clone();
            move |reader| {
                reader.snapshot(|reader| {
                    let first = mailings::list(reader, &mailings::MailingFilter::default(), None, 10)?.len();
                    stored_draft(&db, "Meanwhile");
                    Ok::<_, StoreError>((
                        first,
                        mailings::list(reader, &mailings::MailingFilter::default(), None, 10)?.len(),
                    ))
                })
            }
        })
        .unwrap();
    assert_eq!((first, second), (0, 0));
    assert_eq!(count(&db), 1, "outside it the newest is seen");
});

on_both!(a_write_is_done_though_its_caller_has_gone, |database| {
    let db = database.open();
    run(async {
        let mailing = draft("Vesikatko");
        let write = db.write(move |writer| mailings::insert(writer, &mailing));
        // Polled once: the request stands in the queue.
        let _ = tokio::time::timeout(Duration::ZERO, write).await;
        let mailing = draft("Next");
        db.write(move |writer| mailings::insert(writer, &mailing)).await.unwrap();
    });
    if db.backend() == Backend::Sqlite {
        assert_eq!(count(&db), 2);
    }
    for _ in 0..100 {
        if count(&db) == 2 {
            return;
        }
    }
    panic!("the write was lost");
});

on_both!(when_too_many_wait_the_next_is_told_that_the_database_is_busy, |database| {
    let db = database.open();
    let (hold, held) = mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    let asked = Arc::new(AtomicUsize::new(0));
    let answers = run(async {
        let mut reads = Vec::new();
        for _ in 0..5000 {
            let (db, held, asked) = (db.clone(), Arc::clone(&held), Arc::clone(&asked));
            reads.push(tokio::spawn(async move {
                asked.fetch_add(1, Ordering::SeqCst);
                db.read(move |_| {
                    // Until the sender goes.
                    let _ = held.lock().unwrap().recv_timeout(LONG);
                    Ok::<_, StoreError>(())
                })
                .await
            }));
        }
        while asked.load(Ordering::SeqCst) < 5000 {
            tokio::task::yield_now().await;
        }
        drop(hold);
        let mut answers = Vec::new();
        for read in reads {
            answers.push(read.await.unwrap());
        }
        answers
    });
    let busy = answers.iter().filter(|answer| matches!(answer, Err(StoreError::Busy))).count();
    let served = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(busy + served, 5000);
    assert!(busy > 0 && served >= 4096, "{busy} busy, {served} served");
    assert_eq!(count(&db), 0, "then the door serves again");
});
