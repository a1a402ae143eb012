//! Language tags: which are read, and the form they are kept in.

use icu_locale_core::LanguageIdentifier;

/// The longest tag read (RFC 5646, 4.4.1).
const MAX_TAG: usize = 35;

/// Reads a BCP 47 tag of language, script, region and variants into its canonical case: `FI` gives `fi`, `sv-fi` gives
/// `sv-FI`. `None` for anything else, among it `und`, `fi_FI` and words like `suomi`.
pub fn parse(tag: &str) -> Option<String> {
    if tag.len() > MAX_TAG || tag.contains('_') {
        return None;
    }
    let parsed = LanguageIdentifier::try_from_str(tag).ok()?;
    // Longer language subtags are reserved by BCP 47; in practice they are names of languages.
    let language_is_a_code = !parsed.language.is_unknown() && parsed.language.as_str().len() <= 3;
    language_is_a_code.then(|| parsed.to_string())
}

/// Which of these languages a range finds, by RFC 4647 lookup (3.4): the range is shortened from its end until a tag equals it;
/// a subtag of one character goes with the one behind it. `sv-FI` finds `sv`.
pub fn lookup<'a>(languages: impl Iterator<Item = &'a str> + Clone, range: &str) -> Option<usize> {
    let mut range = range;
    loop {
        let found = languages.clone().position(|language| language.eq_ignore_ascii_case(range));
        if found.is_some() {
            return found;
        }
        range = range.rsplit_once('-')?.0;
        if let Some((shorter, subtag)) = range.rsplit_once('-')
            && subtag.len() == 1
        {
            range = shorter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_into_canonical_case() {
        for (tag, canonical) in [
            ("fi", "fi"),
            ("FI", "fi"),
            ("sv-fi", "sv-FI"),
            ("SV-FI", "sv-FI"),
            ("zh-hans-cn", "zh-Hans-CN"),
            ("es-419", "es-419"),
            ("smn", "smn"),
            ("sl-ROZAJ", "sl-rozaj"),
        ] {
            assert_eq!(parse(tag).as_deref(), Some(canonical), "{tag}");
        }
    }

    #[test]
    fn what_is_not_a_language_tag_is_refused() {
        let long = format!("fi-{}", "abcdefgh-".repeat(5));
        for tag in [
            "", " ", "f", "fi ", "fi_FI", "fi-", "-fi", "suomi", "svenska", "und", "f1", "fi-FI-FI", "ä", "fi\0", &long,
        ] {
            assert_eq!(parse(tag), None, "{tag:?}");
        }
    }
}
