//! Which language version is served (RULES 8): never none.

use crate::language::lookup;

/// What is known of the reader's languages, in the order in which it counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    /// Asked for by name.
    pub asked: Option<&'a str>,
    /// The service language of the party it is read for.
    pub party: Option<&'a str>,
    /// The ranges of `Accept-Language`, most wanted first.
    pub accepted: &'a [String],
    /// The deployment's own.
    pub default: &'a str,
}

/// The index of the version to serve, of versions in these languages: the first language of the wish that one of them has, by
/// RFC 4647 lookup; else the first version. `None` only when there are no versions.
pub fn choose(languages: &[&str], wish: Wish<'_>) -> Option<usize> {
    let wanted = wish.asked.into_iter().chain(wish.party).chain(wish.accepted.iter().map(String::as_str));
    wanted
        .chain([wish.default])
        .find_map(|range| lookup(languages.iter().copied(), range))
        .or_else(|| (!languages.is_empty()).then_some(0))
}
