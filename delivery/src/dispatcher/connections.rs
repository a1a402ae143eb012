//! The connections to the relay, fewer than the workers: while one worker's message is on the wire, others have theirs
//! prepared and journalled, so that no connection waits for a commit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::mailing::retry::Outcome;
use tokio::sync::{oneshot, watch};

use crate::email::{BuiltEmail, EmailSession, EmailTransport};
use crate::message::{Addressees, MessageError, SentMailing};

/// So many sessions at the most, each with one message on the wire.
pub(super) struct Connections {
    transport: EmailTransport,
    count: usize,
    stopping: watch::Receiver<bool>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Letter, oneshot::Sender<Told>)>,
    /// How many connections are at work. When any message waits, one is.
    busy: usize,
    /// The one used last comes first, so that the others may grow old when there is little to send.
    idle: Vec<Box<dyn EmailSession>>,
}

/// What became of a message for each of its recipients, or why there is none.
pub(super) type Told = Result<Vec<Outcome>, MessageError>;

/// All that a message is made of. It is made when a connection is free for it: one that was made long before has left the processor's
/// caches by then.
pub(super) struct Letter {
    pub mailing: Arc<SentMailing>,
    pub addressees: Addressees,
    pub version_no: Option<i64>,
    pub merge_values: String,
    /// Of its attachments.
    pub parts: Vec<Arc<[u8]>>,
}

impl Letter {
    fn email(self) -> Result<BuiltEmail, MessageError> {
        let Self { mailing, addressees, version_no, merge_values, parts } = self;
        mailing.email(addressees, version_no, &merge_values, parts)
    }
}

impl Connections {
    pub(super) fn new(transport: EmailTransport, count: usize, stopping: watch::Receiver<bool>) -> Arc<Self> {
        Arc::new(Self { transport, count: count.max(1), stopping, state: Mutex::default() })
    }

    /// Sends a message as soon as a connection is free; none when the dispatcher was to stop before its turn had come.
    pub(super) async fn send(self: &Arc<Self>, letter: Letter) -> Option<Told> {
        let (told, answer) = oneshot::channel();
        {
            let mut state = self.state();
            state.waiting.push_back((letter, told));
            if state.busy < self.count {
                state.busy += 1;
                let session = state.idle.pop().unwrap_or_else(|| self.transport.session());
                tokio::spawn(Arc::clone(self).serve(session));
            }
        }
        answer.await.ok()
    }

    /// Sends what waits, one after the other: a connection that waited until another worker has its turn would be idle meanwhile.
    async fn serve(self: Arc<Self>, mut session: Box<dyn EmailSession>) {
        loop {
            let (letter, told) = {
                let mut state = self.state();
                if *self.stopping.borrow() {
                    state.waiting.clear();
                }
                let Some(next) = state.waiting.pop_front() else {
                    state.busy -= 1;
                    state.idle.push(session);
                    return;
                };
                next
            };
            let outcomes = match letter.email() {
                Ok(email) => Ok(session.send(&email).await),
                Err(error) => Err(error),
            };
            // Its worker waits for it, whatever else has ended.
            let _ = told.send(outcomes);
        }
    }

    /// Ends the sessions politely.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        for session in idle {
            session.close().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
