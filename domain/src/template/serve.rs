//! Which language version of a template somebody is shown, and why that one.

use serde::Serialize;

use super::LanguageVersion;
use crate::language::lookup;

/// Why a version was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is in the language asked for.
    AskedLanguage,
    /// It is in the party's service language.
    ServiceLanguage,
    /// There is none in either, and it is in the deployment's default language.
    DefaultLanguage,
    /// There is none in any of these, and it is the first.
    FirstVersion,
}

/// The index of the version to show: in the language asked for, else in the service language, else in the default one, each
/// found by RFC 4647 lookup (`sv-FI` finds `sv`); else the first. `None` only when there are no versions.
pub fn choose(
    versions: &[LanguageVersion],
    asked: Option<&str>,
    service_language: &str,
    default: &str,
) -> Option<(usize, Why)> {
    let languages = || versions.iter().map(|version| version.language.as_str());
    let wishes = [
        (asked, Why::AskedLanguage),
        (Some(service_language), Why::ServiceLanguage),
        (Some(default), Why::DefaultLanguage),
    ];
    let found = wishes.into_iter().find_map(|(range, why)| Some((lookup(languages(), range?)?, why)));
    found.or_else(|| (!versions.is_empty()).then_some((0, Why::FirstVersion)))
}
