//! The requests with a key that this process is working on.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::IdempotencyContext;
use crate::problem::Problem;

type Entry = (String, String, String);

/// A set of requests being worked on. Cheap to clone; clones share it.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<Entry>>>);

impl InFlight {
    /// Notes that a request is being worked on, until the guard is dropped.
    ///
    /// # Errors
    /// 409 `request_in_flight` with `Retry-After: 1`, when the same key of the same caller and operation is.
    pub fn enter(&self, context: &IdempotencyContext) -> Result<InFlightGuard, Problem> {
        let entry = (context.subject.clone(), context.path.clone(), context.key.clone());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.clone()) {
            return Ok(InFlightGuard { set: self.clone(), entry });
        }
        Err(context.in_flight())
    }
}

/// Keeps a request in the set until it is dropped.
#[derive(Debug)]
pub struct InFlightGuard {
    set: InFlight,
    entry: Entry,
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.set.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    #[test]
    fn a_second_request_waits_until_the_first_is_done() {
        let in_flight = InFlight::default();
        let context = IdempotencyContext {
            key: "k".to_owned(),
            subject: "me".to_owned(),
            path: "POST /x".to_owned(),
            fingerprint: String::new(),
        };
        let guard = in_flight.enter(&context).unwrap();
        assert_eq!(in_flight.enter(&context).unwrap_err().code(), Code::RequestInFlight);
        assert!(in_flight.enter(&IdempotencyContext { subject: "you".to_owned(), ..context.clone() }).is_ok());
        drop(guard);
        assert!(in_flight.enter(&context).is_ok());
    }
}
