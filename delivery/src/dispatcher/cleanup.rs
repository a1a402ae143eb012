//! Deletes attachments that no mailing names, and the bytes that no attachment has any more.
//!
//! A file is marked as being deleted just before it is, so that a round that ends early leaves no mark on files that it has
//! not tried. One whose deletion failed keeps its mark: a store that answered an error may delete it yet. The mark also says
//! when it was tried, so that others come before it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};
use persistence::{StoreError, StoreResult, attachments};
use tokio::sync::watch;
use tokio::time::{Instant, interval, timeout};

use super::Shared;
use crate::files::{FilesError, ListedFile};

/// How often it is looked for what can go.
const SELDOM: Duration = Duration::from_secs(3600);
/// How many files are looked for at a time. When none of them can be deleted, the rest waits for the next round.
const TOGETHER: i64 = 20;
/// When a deletion that has begun but not ended was given up by whoever began it.
const ABANDONED: TimeDelta = TimeDelta::hours(1);
/// How long after its mark a file may be deleted: well before somebody else may think the deletion given up.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// How long a stop waits for the file that is being deleted.
const LAST_FILE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
enum CleanupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// Works until told to stop.
pub(super) async fn run(shared: Arc<Shared>, mut stopping: watch::Receiver<bool>) {
    let mut seldom = interval(SELDOM);
    let told = stopping.clone();
    loop {
        tokio::select! {
            _ = seldom.tick() => {}
            _ = stopping.changed() => return,
        }
        let mut cleaning = std::pin::pin!(clean(&shared, &told));
        tokio::select! {
            () = &mut cleaning => {}
            _ = stopping.changed() => {
                // Cut off, it would keep its mark, and the same bytes be refused until it counts as given up.
                let _ = timeout(LAST_FILE, cleaning).await;
                return;
            }
        }
    }
}

/// One round. What fails in one half keeps nothing of the other from being deleted.
async fn clean(shared: &Arc<Shared>, stopping: &watch::Receiver<bool>) {
    let before = shared.clock.now() - shared.settings.keep_attachments;
    report("that nothing needs", remove_unneeded(shared, before, stopping).await);
    report("that the database does not know", remove_strays(shared, before, stopping).await);
}

fn report(which: &str, deleted: Result<usize, CleanupError>) {
    match deleted {
        Ok(0) => {}
        Ok(count) => log::info!("deleted {count} attachment files {which}"),
        Err(error) => log::warn!("attachment files {which} cannot be deleted: {error}"),
    }
}

/// Deletes the files of attachments that are gone; answers how many.
async fn remove_unneeded(
    shared: &Arc<Shared>,
    before: DateTime<Utc>,
    stopping: &watch::Receiver<bool>,
) -> Result<usize, CleanupError> {
    shared.db.write(move |writer| attachments::forget_unnamed(writer, before)).await?;
    // The same for the whole round, however long it takes, so that no file is tried twice in it.
    let abandoned = shared.clock.now() - ABANDONED;
    let mut deleted = 0;
    loop {
        let found = shared.db.read(move |reader| attachments::removable(reader, before, abandoned, TOGETHER)).await?;
        let mut gone = 0;
        for sha256 in found {
            if *stopping.borrow() {
                return Ok(deleted + gone);
            }
            let (key, now, since) = (sha256.clone(), shared.clock.now(), Instant::now());
            let begun =
                shared.db.write(move |writer| attachments::start_removing(writer, &key, before, abandoned, now));
            if begun.await? && remove(shared, sha256, now, since).await? {
                gone += 1;
            }
        }
        deleted += gone;
        if gone == 0 {
            return Ok(deleted);
        }
    }
}

/// Deletes what the store has and the database does not know, once it is as old as an attachment that nothing names.
async fn remove_strays(
    shared: &Arc<Shared>,
    before: DateTime<Utc>,
    stopping: &watch::Receiver<bool>,
) -> Result<usize, CleanupError> {
    let files = shared.settings.files.clone();
    let old = |file: &ListedFile| std::future::ready(file.written_at < before);
    let mut batches = std::pin::pin!(files.list().try_filter(old).try_chunks(100));
    let mut deleted = 0;
    while let Some(batch) = batches.next().await {
        if *stopping.borrow() {
            break;
        }
        let batch: Vec<_> = batch.map_err(|error| error.1)?.into_iter().map(|file| (file.sha256, file.size)).collect();
        let strays = shared.db.read(move |reader| attachments::strays(reader, batch)).await?;
        for (sha256, size) in strays {
            if *stopping.borrow() {
                return Ok(deleted);
            }
            let (key, now, since) = (sha256.clone(), shared.clock.now(), Instant::now());
            let begun = shared.db.write(move |writer| attachments::start_removing_stray(writer, &key, size, now));
            if begun.await? && remove(shared, sha256, now, since).await? {
                deleted += 1;
            }
        }
    }
    Ok(deleted)
}

/// Deletes a file that was marked with `now` a moment after `since`; answers whether it is gone.
async fn remove(shared: &Arc<Shared>, sha256: String, now: DateTime<Utc>, since: Instant) -> StoreResult<bool> {
    if since.elapsed() > PATIENCE {
        return Ok(false);
    }
    if let Err(error) = shared.settings.files.delete(&sha256).await {
        log::warn!("an attachment file cannot be deleted, which is tried again later: {error}");
        return Ok(false);
    }
    shared.db.write(move |writer| attachments::removed(writer, &sha256, now)).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use bytes::Bytes;
    use domain::clock::{Clock as _, FixedClock, SystemClock};
    use persistence::{DatabaseUrl, Db, DbSettings};

    use super::*;
    use crate::dispatcher::{DispatcherSettings, Outcomes, blame, claims, mailings, parts};
    use crate::files::{FileStore, FilesLocation, sha256};

    struct Scene {
        shared: Arc<Shared>,
        clock: Arc<FixedClock>,
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            // Ahead of the machine's clock, so that files that are written now are old.
            let clock = Arc::new(FixedClock::new(SystemClock.now() + TimeDelta::hours(1)));
            let shown = Arc::clone(&clock);
            let url = DatabaseUrl::own_file(&folder.path().join("test.db"));
            let shared = Shared {
                db: Db::open(&DbSettings { url, connections: 2 }).unwrap(),
                clock: shown,
                settings: DispatcherSettings {
                    workers: 1,
                    connections: 1,
                    lease: Duration::from_secs(60),
                    relay_patience: Duration::from_secs(60),
                    files: FileStore::open(&FilesLocation::Folder(folder.path().join("files"))).unwrap(),
                    keep_attachments: TimeDelta::zero(),
                    journal: true,
                },
                mailings: mailings::Cache::default(),
                parts: parts::Parts::default(),
                claims: claims::Claims::default(),
                outcomes: Outcomes::default(),
                blame: blame::Blame::default(),
            };
            Self { shared: Arc::new(shared), clock, folder }
        }

        /// Whether the bytes are taken in, as they were so many hours ago.
        async fn hold(&self, digest: &str, hours: i64) -> bool {
            let (key, at) = (digest.to_owned(), self.clock.now() - TimeDelta::hours(hours));
            self.shared.db.write(move |writer| attachments::hold(writer, &key, 5, at)).await.unwrap()
        }

        async fn put(&self, digest: &str) {
            self.shared.settings.files.put(digest, Bytes::from_static(b"bytes")).await.unwrap();
        }

        fn path(&self, digest: &str) -> PathBuf {
            self.folder.path().join("files").join(&digest[..2]).join(digest)
        }

        /// Puts a folder where a file should be: it cannot be deleted as one.
        fn obstruct(&self, digest: &str) {
            std::fs::create_dir_all(self.path(digest)).unwrap();
        }

        async fn clean(&self, stop: bool) {
            let (_stop, stopping) = watch::channel(stop);
            clean(&self.shared, &stopping).await;
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_deleted_keeps_no_other_from_being_deleted() {
        let scene = Scene::new();
        let [faulty, other, stray] = ["faulty", "other", "stray"].map(|name| sha256(name.as_bytes()));
        assert!(scene.hold(&faulty, 2).await && scene.hold(&other, 1).await);
        scene.obstruct(&faulty);
        scene.put(&other).await;
        scene.put(&stray).await;
        scene.clean(false).await;
        assert_eq!([&faulty, &other, &stray].map(|digest| scene.path(digest).exists()), [true, false, false]);
        assert!(!scene.hold(&faulty, 0).await, "nobody knows whether it is going");
        assert!(scene.hold(&other, 0).await && scene.hold(&stray, 0).await);

        std::fs::remove_dir(scene.path(&faulty)).unwrap();
        scene.clock.advance(TimeDelta::hours(2));
        scene.clean(false).await;
        assert!(scene.hold(&faulty, 0).await, "the next try");
    }

    #[tokio::test]
    async fn a_store_that_deletes_nothing_is_left_alone_until_the_next_round() {
        let scene = Scene::new();
        let digests: Vec<_> = (0..=TOGETHER).map(|number| sha256(&number.to_be_bytes())).collect();
        for digest in &digests {
            assert!(scene.hold(digest, 1).await);
            scene.obstruct(digest);
        }
        scene.clean(false).await;
        let mut untried = 0;
        for digest in &digests {
            untried += usize::from(scene.hold(digest, 0).await);
        }
        assert_eq!(untried, 1);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_store_that_cannot_be_listed_loses_what_nothing_needs() {
        let scene = Scene::new();
        let known = sha256(b"known");
        assert!(scene.hold(&known, 1).await);
        scene.put(&known).await;
        let files = scene.folder.path().join("files");
        std::os::unix::fs::symlink(&files, files.join("loop")).unwrap();
        assert!(scene.shared.settings.files.list().try_collect::<Vec<_>>().await.is_err());
        scene.clean(false).await;
        assert!(!scene.path(&known).exists());
    }

    #[tokio::test]
    async fn a_stop_leaves_no_mark_on_what_was_not_tried() {
        let scene = Scene::new();
        let [known, stray] = ["known", "stray"].map(|name| sha256(name.as_bytes()));
        assert!(scene.hold(&known, 1).await);
        for digest in [&known, &stray] {
            scene.put(digest).await;
        }
        scene.clean(true).await;
        for digest in [&known, &stray] {
            assert!(scene.path(digest).exists() && scene.hold(digest, 0).await);
        }
    }
}
