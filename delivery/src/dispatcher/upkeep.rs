//! What a dispatcher does beside sending: it renews its lease, settles what a crash cut off, and notices what is finished.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::mailing::UnknownOutcome;
use domain::mailing::retry::after_crash;
use persistence::deliveries::journal::{self, Finish};
use persistence::deliveries::lease;
use persistence::deliveries::recovery::{self, Interrupted};
use persistence::{StoreError, StoreResult, Writer, idempotency, mailings};
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::Shared;

/// How often finished mailings and dispatchers that are gone are looked for.
const OFTEN: Duration = Duration::from_millis(500);
/// How often old idempotency keys are looked for.
const SELDOM: Duration = Duration::from_secs(3600);
/// How long an answer is kept for a repeated request (DESIGN 4).
const KEYS_LIVE: TimeDelta = TimeDelta::days(7);

/// Works until told to stop.
pub(super) async fn run(shared: Arc<Shared>, mut stopping: watch::Receiver<bool>) {
    let mut often = interval(OFTEN.min(shared.settings.lease / 3));
    let mut last_renewal = None;
    let mut last_cleaning = None;
    while !*stopping.borrow() {
        tokio::select! {
            _ = often.tick() => {}
            _ = stopping.changed() => return,
        }
        if is_due(&mut last_renewal, shared.settings.lease / 3) {
            warn("the lease cannot be renewed", renew(&shared).await);
        }
        warn("a dispatcher that is gone cannot be taken over from", take_over(&shared).await);
        warn("finished mailings cannot be marked", finish(&shared).await);
        if is_due(&mut last_cleaning, SELDOM) {
            warn("old idempotency keys cannot be deleted", forget(&shared).await);
        }
    }
}

fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= every);
    if due {
        *last = Some(Instant::now());
    }
    due
}

fn warn(what: &str, result: StoreResult<()>) {
    if let Err(error) = result {
        log::warn!("{what}: {error}");
    }
}

async fn renew(shared: &Shared) -> StoreResult<()> {
    let (owner, until) = (shared.claims.owner(), shared.clock.now() + shared.settings.lease);
    // Where another has taken over, the next claim finds out.
    shared.db.write(move |writer| lease::renew(writer, owner, until)).await?;
    Ok(())
}

/// An attempt without an outcome, of a dispatcher that is gone: held or queued again, as its mailing says.
async fn take_over(shared: &Shared) -> StoreResult<()> {
    let (heir, now) = (shared.claims.owner(), shared.clock.now());
    // Most of the time there is none, and looking needs no write.
    if !shared.db.read(move |reader| recovery::any_gone(reader, heir, now)).await? {
        return Ok(());
    }
    let settle = move |writer: &mut Writer<'_>| {
        let mut outcomes = Vec::new();
        let mut policies = HashMap::new();
        for delivery in recovery::take_over(writer, heir, now)? {
            let policy = match policies.get(&delivery.mailing_id) {
                Some(policy) => *policy,
                None => {
                    let Some(mailing) = mailings::find(writer, delivery.mailing_id)? else { continue };
                    *policies.entry(delivery.mailing_id).or_insert(mailing.draft.unknown_outcome())
                }
            };
            outcomes.push(cut_off(&delivery, policy, now));
        }
        journal::settle(writer, &outcomes)?;
        Ok::<_, StoreError>(outcomes.len())
    };
    let settled = shared.db.write(settle).await?;
    if settled > 0 {
        log::warn!(
            "{settled} deliveries had been cut off by a crash; each was held or queued again as its mailing says"
        );
    }
    Ok(())
}

fn cut_off(delivery: &Interrupted, policy: UnknownOutcome, now: DateTime<Utc>) -> Finish {
    let next = after_crash(policy, now);
    Finish {
        attempt: Some(delivery.attempt),
        delivery_id: delivery.delivery_id,
        at: now,
        outcome: "unknown",
        code: None,
        detail: "the sending process ended before the relay's answer was recorded".to_owned(),
        state: next.state,
        reason: None,
        due_at: next.due_at,
        attempts: delivery.attempts + i64::from(next.counts),
        message: None,
        // Nobody, as long as it is not known to have been sent.
        told: Vec::new(),
    }
}

async fn finish(shared: &Arc<Shared>) -> StoreResult<()> {
    let now = shared.clock.now();
    // Most of the time there is nothing to mark, and looking needs no write.
    if !shared.db.read(mailings::any_done).await? {
        return Ok(());
    }
    shared.db.write(move |writer| mailings::finish_done(writer, now)).await?;
    Ok(())
}

async fn forget(shared: &Arc<Shared>) -> StoreResult<()> {
    let now = shared.clock.now();
    shared.db.write(move |writer| idempotency::forget(writer, now - KEYS_LIVE)).await?;
    Ok(())
}
