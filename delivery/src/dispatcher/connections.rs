//! The connections to the relay, fewer than the workers: while one worker's message is on the wire, others have theirs
//! prepared and journalled, so that no connection waits for a commit.

use std::sync::{Mutex, PoisonError};

use domain::mailing::retry::Outcome;
use tokio::sync::{Semaphore, watch};

use crate::email::{BuiltEmail, EmailSession, EmailTransport};

/// So many sessions at the most, each with one message on the wire.
pub(super) struct Connections {
    transport: EmailTransport,
    free: Semaphore,
    /// The one used last comes first, so that the others may grow old when there is little to send.
    idle: Mutex<Vec<Box<dyn EmailSession>>>,
}

impl Connections {
    pub(super) fn new(transport: EmailTransport, count: usize) -> Self {
        Self { transport, free: Semaphore::new(count.max(1)), idle: Mutex::default() }
    }

    /// Sends one message as soon as a connection is free, and tells what became of it for each of its recipients; nothing when it
    /// was to wait no longer, and has not been begun.
    pub(super) async fn send(&self, email: &BuiltEmail, stopping: &mut watch::Receiver<bool>) -> Option<Vec<Outcome>> {
        let _one = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => return None,
            one = self.free.acquire() => one,
        };
        let idle = self.idle().pop();
        let mut session = idle.unwrap_or_else(|| self.transport.session());
        let outcomes = session.send(email).await;
        self.idle().push(session);
        Some(outcomes)
    }

    /// Ends the sessions politely.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle());
        for session in idle {
            session.close().await;
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn EmailSession>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
