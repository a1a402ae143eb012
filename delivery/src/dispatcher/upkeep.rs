//! What a dispatcher does beside sending: it renews its lease, settles what a crash cut off, and notices what is finished.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::mailing::retry::after_crash;
use persistence::deliveries::journal::{self, Finish};
use persistence::deliveries::{lease, recovery};
use persistence::{StoreResult, Writer, idempotency, mailings};
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::Shared;

/// How many cut-off deliveries are settled in one transaction.
const TOGETHER: i64 = 200;
/// How often finished mailings are looked for.
const OFTEN: Duration = Duration::from_millis(500);
/// How often old idempotency keys and leases are looked for.
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
            let renewed = renew(&shared).await;
            // Without it, deliveries of its own look as if they had been cut off: a long import may hold up every write.
            let is_renewed = renewed.is_ok();
            warn("the lease cannot be renewed", renewed);
            if is_renewed {
                warn("interrupted deliveries cannot be settled", settle(&shared).await);
            }
        }
        warn("finished mailings cannot be marked", finish(&shared).await);
        if is_due(&mut last_cleaning, SELDOM) {
            warn("old idempotency keys and leases cannot be deleted", forget(&shared).await);
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

async fn renew(shared: &Arc<Shared>) -> StoreResult<()> {
    let owner = shared.owner;
    let until = shared.clock.now() + shared.settings.lease;
    shared.db.write(move |writer| lease::renew(writer, owner, until)).await
}

/// An attempt without an outcome, of a dispatcher that is gone: held or queued again, as its mailing says.
async fn settle(shared: &Arc<Shared>) -> StoreResult<()> {
    loop {
        let (owner, now) = (shared.owner, shared.clock.now());
        let settled = shared
            .db
            .write(move |writer| {
                let cut_off = recovery::interrupted(writer, now, TOGETHER)?;
                let mut outcomes = Vec::with_capacity(cut_off.len());
                let mut policies = HashMap::new();
                for delivery in &cut_off {
                    let policy = match policies.get(&delivery.mailing_id) {
                        Some(policy) => *policy,
                        None => {
                            let Some(mailing) = mailings::find(writer, delivery.mailing_id)? else { continue };
                            *policies.entry(delivery.mailing_id).or_insert(mailing.draft.unknown_outcome())
                        }
                    };
                    let next = after_crash(policy, now);
                    outcomes.push(Finish {
                        attempt: delivery.attempt,
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
                    });
                }
                journal::record(writer, owner, now, &outcomes, &[])?;
                Ok::<_, persistence::StoreError>(outcomes.len())
            })
            .await?;
        if settled == 0 {
            return Ok(());
        }
        log::warn!(
            "{settled} deliveries had been cut off by a crash; each was held or queued again as its mailing says"
        );
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
    let write = move |writer: &mut Writer<'_>| {
        idempotency::forget(writer, now - KEYS_LIVE)?;
        lease::forget(writer, now)
    };
    shared.db.write(write).await?;
    Ok(())
}
