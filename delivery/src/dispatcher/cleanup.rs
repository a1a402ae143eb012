//! Deletes attachments that no mailing names, and the bytes that no attachment has any more.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _};
use persistence::{StoreError, attachments};
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::Shared;
use crate::files::{FilesError, ListedFile};

/// How often it is looked for what can go.
const SELDOM: Duration = Duration::from_secs(3600);
/// How many files are deleted before the database is told.
const TOGETHER: i64 = 20;
/// When a deletion that has begun but not ended was given up by whoever began it.
const ABANDONED: TimeDelta = TimeDelta::hours(1);
/// For how long files are deleted after the deletion has begun: well before somebody else may think it given up.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

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
    loop {
        tokio::select! {
            _ = seldom.tick() => {}
            _ = stopping.changed() => return,
        }
        tokio::select! {
            result = clean(&shared) => match result {
                Ok(0) => {}
                Ok(count) => log::info!("deleted {count} attachment files that nothing needs"),
                Err(error) => log::warn!("attachments that nothing needs cannot be deleted: {error}"),
            },
            _ = stopping.changed() => return,
        }
    }
}

/// Answers how many files were deleted.
async fn clean(shared: &Arc<Shared>) -> Result<usize, CleanupError> {
    let now = shared.clock.now();
    let before = now - shared.settings.keep_attachments;
    shared.db.write(move |writer| attachments::forget_unnamed(writer, before)).await?;
    let mut deleted = remove_strays(shared, before).await?;
    loop {
        let now = shared.clock.now();
        let begun =
            shared.db.write(move |writer| attachments::start_removing(writer, before, now - ABANDONED, now, TOGETHER));
        let begun = begun.await?;
        if begun.is_empty() {
            return Ok(deleted);
        }
        deleted += remove(shared, begun).await?;
    }
}

/// Deletes what the store has and the database does not know, once it is as old as an attachment that nothing names.
async fn remove_strays(shared: &Arc<Shared>, before: DateTime<Utc>) -> Result<usize, CleanupError> {
    let files = shared.settings.files.clone();
    let old = |file: &ListedFile| std::future::ready(file.written_at < before);
    let mut batches = std::pin::pin!(files.list().try_filter(old).try_chunks(100));
    let mut deleted = 0;
    while let Some(batch) = batches.next().await {
        let batch: Vec<_> = batch.map_err(|error| error.1)?.into_iter().map(|file| (file.sha256, file.size)).collect();
        let now = shared.clock.now();
        let strays = shared.db.write(move |writer| attachments::start_removing_strays(writer, &batch, now)).await?;
        deleted += remove(shared, strays).await?;
    }
    Ok(deleted)
}

/// Deletes files whose deletion has begun.
async fn remove(shared: &Arc<Shared>, begun: Vec<String>) -> Result<usize, CleanupError> {
    let since = Instant::now();
    let mut deleted = 0;
    for sha256 in begun {
        if since.elapsed() > PATIENCE {
            break;
        }
        shared.settings.files.delete(&sha256).await?;
        shared.db.write(move |writer| attachments::removed(writer, &sha256)).await?;
        deleted += 1;
    }
    Ok(deleted)
}
