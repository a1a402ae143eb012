//! A request with an Idempotency-Key has its effect once, however often and however closely together it comes.

use std::sync::mpsc;
use std::time::Duration;

use chrono::Days;
use persistence::idempotency::{Known, RequestKey, StoredAnswer, begin, forget, store};
use persistence::mailings;
use persistence::{Backend, Db, StoreError};

use crate::support::{draft, now, run};

fn request(key: &str) -> RequestKey {
    RequestKey {
        subject: "tester".to_owned(),
        operation: "POST /api/v1/mailings".to_owned(),
        key: key.to_owned(),
        fingerprint: "of the body".to_owned(),
    }
}

fn answer() -> StoredAnswer {
    StoredAnswer {
        fingerprint: "of the body".to_owned(),
        status: 201,
        headers: r#"{"location":"/api/v1/mailings/1"}"#.to_owned(),
        body: r#"{"name":"Ääni"}"#.to_owned(),
    }
}

fn known(db: &Db, request: RequestKey) -> Known {
    db.write_blocking(move |writer| begin(writer, &request)).unwrap()
}

fn done(db: &Db, request: RequestKey) {
    db.write_blocking(move |writer| {
        assert_eq!(begin(writer, &request)?, Known::New);
        store(writer, &request, &answer(), now())
    })
    .unwrap();
}

on_both!(an_answer_is_given_again_to_the_same_caller_operation_and_key, |database| {
    let db = database.open();
    done(&db, request("one"));
    assert_eq!(known(&db, request("one")), Known::Answered(answer()));
    assert_eq!(known(&db, request("two")), Known::New, "another key");
    assert_eq!(known(&db, RequestKey { subject: "other".to_owned(), ..request("one") }), Known::New, "another caller");
    assert_eq!(known(&db, RequestKey { operation: "POST /x".to_owned(), ..request("one") }), Known::New, "elsewhere");
    let other_body = RequestKey { fingerprint: "of another body".to_owned(), ..request("one") };
    assert_eq!(known(&db, other_body), Known::Answered(answer()), "the caller compares the fingerprints");
});

on_both!(an_answer_is_kept_only_with_its_effect, |database| {
    let db = database.open();
    let failed = db.write_blocking(|writer| {
        begin(writer, &request("one"))?;
        store(writer, &request("one"), &answer(), now())?;
        Err::<(), _>(StoreError::Inconsistent("the effect failed".to_owned()))
    });
    assert!(failed.is_err());
    assert_eq!(known(&db, request("one")), Known::New);
});

on_both!(old_answers_are_forgotten, |database| {
    let db = database.open();
    done(&db, request("one"));
    let forgotten = |before| db.write_blocking(move |writer| forget(writer, before)).unwrap();
    assert_eq!(forgotten(now()), 0, "not before its time");
    assert_eq!(known(&db, request("one")), Known::Answered(answer()));
    assert_eq!(forgotten(now() + Days::new(1)), 1);
    assert_eq!(known(&db, request("one")), Known::New);
});

on_both!(a_request_whose_twin_is_being_done_is_told_so_or_waits, |database| {
    let db = database.open();
    let (begun, has_begun) = mpsc::channel();
    let (finish, may_finish) = mpsc::channel::<()>();
    let first = std::thread::spawn({
        let db = db.clone();
        move || {
            db.write_blocking(move |writer| {
                assert_eq!(begin(writer, &request("one"))?, Known::New);
                begun.send(()).unwrap();
                may_finish.recv_timeout(Duration::from_secs(20)).unwrap();
                store(writer, &request("one"), &answer(), now())
            })
        }
    });
    has_begun.recv_timeout(Duration::from_secs(20)).unwrap();
    if db.backend() == Backend::Postgres {
        assert_eq!(known(&db, request("one")), Known::InFlight);
        assert_eq!(known(&db, request("two")), Known::New, "other keys are not held up");
    }
    finish.send(()).unwrap();
    // On SQLite this waited for its turn.
    let second = known(&db, request("one"));
    first.join().unwrap().unwrap();
    assert!(second != Known::New);
    assert_eq!(known(&db, request("one")), Known::Answered(answer()));
});

on_both!(of_many_requests_at_once_with_one_key_one_has_an_effect, |database| {
    let db = database.open();
    let effects = run(async {
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let db = db.clone();
                let mailing = draft("Vesikatko");
                tokio::spawn(async move {
                    db.write(move |writer| {
                        let known = begin(writer, &request("one"))?;
                        if known == Known::New {
                            mailings::insert(writer, &mailing)?;
                            store(writer, &request("one"), &answer(), now())?;
                        }
                        Ok::<_, StoreError>(known)
                    })
                    .await
                    .unwrap()
                })
            })
            .collect();
        let mut effects = 0;
        for task in tasks {
            effects += usize::from(task.await.unwrap() == Known::New);
        }
        effects
    });
    assert_eq!(effects, 1);
    assert_eq!(
        db.read_blocking(|reader| mailings::list(reader, &mailings::MailingFilter::default(), None, 100))
            .unwrap()
            .len(),
        1
    );
});
