//! How many requests a caller may make: `POSTITUS_RATE_LIMIT` a minute for each token's subject, and as many failures to
//! authenticate for each address that requests come from.
//!
//! Each caller has a bucket that holds a minute's requests and fills evenly. This process counts for itself; several
//! processes on one database allow that much each.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};

use crate::problem::{Code, Problem};

/// What a bucket holds at the most, as time.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// How many callers are remembered, of each kind.
const CAPACITY: usize = 10_000;

/// The limits of a deployment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RateLimits(Option<Arc<Limits>>);

#[derive(Debug)]
struct Limits {
    per_minute: u32,
    subjects: Buckets,
    addresses: Buckets,
}

/// What is left to a caller after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests a minute.
    limit: u32,
    /// How many more would be answered at once.
    remaining: u32,
    /// How many seconds until all of them are there again, or until one is, when there is none.
    reset: i64,
    /// Whether the request went beyond the limit.
    exceeded: bool,
}

impl RateLimits {
    /// So many requests a minute; 0 limits nothing.
    pub fn new(per_minute: u32) -> Self {
        let limits = Limits { per_minute, subjects: Buckets::default(), addresses: Buckets::default() };
        Self((per_minute > 0).then(|| Arc::new(limits)))
    }

    /// Counts a request of a token's subject. `None` when nothing is limited.
    pub fn request_of(&self, subject: &str, now: DateTime<Utc>) -> Option<Quota> {
        let limits = self.0.as_deref()?;
        Some(limits.subjects.take(subject, limits.per_minute, now))
    }

    /// Counts a failure to authenticate from an address. `None` when nothing is limited.
    pub fn failure_from(&self, address: IpAddr, now: DateTime<Utc>) -> Option<Quota> {
        let limits = self.0.as_deref()?;
        Some(limits.addresses.take(&network_of(address), limits.per_minute, now))
    }
}

impl Quota {
    /// The problem `rate_limited`, when the request went beyond the limit.
    pub fn refusal(&self) -> Option<Problem> {
        if !self.exceeded {
            return None;
        }
        let detail = format!("At most {} requests a minute. Try again in {} s.", self.limit, self.reset);
        Some(Problem::new(Code::RateLimited, detail).with_header(header::RETRY_AFTER, HeaderValue::from(self.reset)))
    }

    /// Writes the headers of draft-ietf-httpapi-ratelimit-headers-10. They are not a standard yet, so only here.
    pub fn write(&self, headers: &mut HeaderMap) {
        let Self { limit, remaining, reset, exceeded: _ } = self;
        let values = [
            (HeaderName::from_static("ratelimit-policy"), format!("\"default\";q={limit};w={}", WINDOW.num_seconds())),
            (HeaderName::from_static("ratelimit"), format!("\"default\";r={remaining};t={reset}")),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

/// For each caller, when the bucket will be full again.
#[derive(Debug, Default)]
struct Buckets(Mutex<HashMap<Box<str>, DateTime<Utc>>>);

impl Buckets {
    /// Takes one request out of the caller's bucket, if there is one in it.
    fn take(&self, caller: &str, per_minute: u32, now: DateTime<Utc>) -> Quota {
        let one = WINDOW / i32::try_from(per_minute).unwrap_or(i32::MAX);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The upper bound is for clocks that were set back.
        let full_at = buckets.get(caller).map_or(now, |full_at| (*full_at).clamp(now, now + WINDOW));
        let after = full_at + one;
        let exceeded = after > now + WINDOW;
        if exceeded {
            if let Some(bucket) = buckets.get_mut(caller) {
                *bucket = full_at;
            }
            return Quota { limit: per_minute, remaining: 0, reset: seconds(after - WINDOW - now), exceeded };
        }
        if let Some(bucket) = buckets.get_mut(caller) {
            *bucket = after;
        } else {
            make_room(&mut buckets, now);
            buckets.insert(caller.into(), after);
        }
        let left = WINDOW - (after - now);
        let remaining = nanoseconds(left).checked_div(nanoseconds(one)).unwrap_or(0);
        let remaining = u32::try_from(remaining).unwrap_or(0).min(per_minute);
        let reset = if remaining == 0 { after + one - WINDOW - now } else { after - now };
        Quota { limit: per_minute, remaining, reset: seconds(reset), exceeded }
    }
}

/// A full memory first forgets those whose bucket is full, which changes nothing, and then everyone.
fn make_room(buckets: &mut HashMap<Box<str>, DateTime<Utc>>, now: DateTime<Utc>) {
    if buckets.len() >= CAPACITY {
        buckets.retain(|_, full_at| now < *full_at);
    }
    if buckets.len() >= CAPACITY {
        buckets.clear();
    }
}

/// Who has one IPv6 address usually has the 2^64 of its network.
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

fn nanoseconds(time: TimeDelta) -> i64 {
    time.num_nanoseconds().unwrap_or(i64::MAX)
}

/// Whole seconds, rounded up, at least one: whoever waits that long does not come too early.
fn seconds(time: TimeDelta) -> i64 {
    time.num_seconds().saturating_add(i64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::now;

    fn take(limits: &RateLimits, at: DateTime<Utc>) -> (bool, u32, i64) {
        let quota = limits.request_of("virpi", at).unwrap();
        (quota.exceeded, quota.remaining, quota.reset)
    }

    #[test]
    fn a_bucket_empties_and_fills_evenly() {
        let limits = RateLimits::new(3);
        assert_eq!(take(&limits, now()), (false, 2, 20));
        assert_eq!(take(&limits, now()), (false, 1, 40));
        assert_eq!(take(&limits, now()), (false, 0, 20), "the next is there in 20 s");
        assert_eq!(take(&limits, now()), (true, 0, 20));
        let later = now() + TimeDelta::milliseconds(19_500);
        assert_eq!(take(&limits, later), (true, 0, 1), "refusals cost nothing");
        assert_eq!(take(&limits, now() + TimeDelta::seconds(20)), (false, 0, 20));
        assert_eq!(take(&limits, now() + TimeDelta::seconds(200)), (false, 2, 20), "no more than a minute's");
    }

    #[test]
    fn the_whole_limit_can_be_used_whatever_it_is() {
        for limit in [1, 7, 600, 999_983] {
            let limits = RateLimits::new(limit);
            let granted = (0..limit + 5).filter(|_| !limits.request_of("virpi", now()).unwrap().exceeded).count();
            assert_eq!(u32::try_from(granted).unwrap(), limit);
        }
    }

    #[test]
    fn each_caller_has_their_own_and_zero_limits_nobody() {
        let limits = RateLimits::new(1);
        assert!(!limits.request_of("a", now()).unwrap().exceeded);
        assert!(limits.request_of("a", now()).unwrap().exceeded);
        assert!(!limits.request_of("b", now()).unwrap().exceeded);
        let from = |address: &str| limits.failure_from(address.parse().unwrap(), now()).unwrap().exceeded;
        assert!(!from("2001:db8::1") && from("2001:db8::ffff") && !from("2001:db8:0:1::1"));
        assert!(!from("192.0.2.1") && from("::ffff:192.0.2.1") && !from("192.0.2.2"));
        assert_eq!(RateLimits::new(0).request_of("a", now()), None);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limits = RateLimits::new(1);
        limits.request_of("a", now());
        let earlier = now() - TimeDelta::days(1);
        assert!(limits.request_of("a", earlier).unwrap().exceeded);
        assert!(!limits.request_of("a", earlier + TimeDelta::minutes(1)).unwrap().exceeded);
    }

    #[test]
    fn the_memory_is_bounded() {
        let limits = RateLimits::new(10);
        for caller in 0..3 * CAPACITY {
            limits.request_of(&caller.to_string(), now());
        }
        let known = limits.0.unwrap().subjects.0.lock().unwrap().len();
        assert!((1..=CAPACITY).contains(&known), "{known}");
    }
}
