//! Text as it is compared, searched and sorted. What is stored for comparing is stored in these forms, so that both
//! databases compare bytes and agree.

use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::locale;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The most bytes that [`sort_key`] gives. Enough for the first 80 letters or more; what ties is sorted by id anyway.
pub const MAX_SORT_KEY: usize = 256;

/// `text` for comparing: trimmed, white space collapsed to one space, lower case, NFC. å, ä and ö stay themselves, and
/// letters with other accents do too.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        if word.is_ascii() {
            folded.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
        } else {
            folded.push_str(&word.to_lowercase());
        }
    }
    if folded.is_ascii() {
        return folded;
    }
    match is_nfc_quick(folded.chars()) {
        IsNormalized::Yes => folded,
        IsNormalized::No | IsNormalized::Maybe => folded.nfc().collect(),
    }
}

/// The folded words of `text`, split at everything that is neither letter nor digit, in the order written.
pub fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Bytes that sort as `text` does in Finnish (å, ä, ö after z), at most [`MAX_SORT_KEY`] of them. Keys are stored, and
/// may change with the version of the collator: keys made by different versions must not be mixed.
pub fn sort_key(text: &str) -> Vec<u8> {
    // The data is compiled in and the tests see that it is Finnish, so the root order is never met.
    static FINNISH: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
        CollatorBorrowed::try_new(CollatorPreferences::from(locale!("fi")), CollatorOptions::default())
            .unwrap_or_else(|_| CollatorBorrowed::new_root(CollatorOptions::default()))
    });
    let mut key = Vec::with_capacity(text.len().saturating_mul(3));
    let Ok(()) = FINNISH.write_sort_key_to(text, &mut key);
    key.truncate(MAX_SORT_KEY);
    key.shrink_to_fit();
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_lowers_trims_and_collapses_but_keeps_the_finnish_letters() {
        for (text, folded) in [
            ("", ""),
            ("  \t\n ", ""),
            ("Matti", "matti"),
            ("  Åke \u{a0}\t ÄIJÄLÄ\r\nÖberg ", "åke äijälä öberg"),
            ("A\u{30a}ke", "åke"),
            ("a\u{308} O\u{308}", "ä ö"),
            ("ŠŽ", "šž"),
            ("ÉÜ", "éü"),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
        assert_ne!(fold("Ääri"), fold("Aari"));
        assert_ne!(fold("Åbo"), fold("Abo"));
        assert_ne!(fold("Öja"), fold("Oja"));
    }

    #[test]
    fn words_are_split_at_everything_that_is_neither_letter_nor_digit() {
        assert_eq!(words("Meikäläinen-Virtanen, Åke (As. 5B)"), ["meikäläinen", "virtanen", "åke", "as", "5b"]);
        assert_eq!(words("matti.m@example.fi"), ["matti", "m", "example", "fi"]);
        assert_eq!(words("+358 40-123"), ["358", "40", "123"]);
        assert_eq!(words("A\u{30a}ke"), ["åke"]);
        assert!(words(" -- ").is_empty());
    }

    #[test]
    fn sort_keys_give_the_finnish_order() {
        let ordered = [
            "1. linja",
            "Aalto Matti",
            "Aaltonen",
            "aho",
            "Aho",
            "Virtanen",
            "Wirtanen",
            "Virtasalo",
            "Zetterberg",
            "Åberg",
            "Äijälä",
            "Öhman",
        ];
        let mut sorted = ordered;
        sorted.reverse();
        sorted.sort_by_key(|name| sort_key(name));
        // v and w are letters of their own, as CLDR has it for Finnish.
        let expected = [
            "1. linja",
            "Aalto Matti",
            "Aaltonen",
            "aho",
            "Aho",
            "Virtanen",
            "Virtasalo",
            "Wirtanen",
            "Zetterberg",
            "Åberg",
            "Äijälä",
            "Öhman",
        ];
        assert_eq!(sorted, expected);
    }

    #[test]
    fn sort_keys_do_not_depend_on_how_a_letter_is_composed() {
        assert_eq!(sort_key("Åke"), sort_key("A\u{30a}ke"));
    }

    #[test]
    fn sort_keys_are_cut_but_still_sort_by_their_beginning() {
        let long = "ö".repeat(1_000);
        assert_eq!(sort_key(&long).len(), MAX_SORT_KEY);
        assert!(sort_key("z") < sort_key(&long));
        assert!(sort_key("ä") < sort_key(&long));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn case_does_not_matter_to_folding(text in "[a-zåäöšžéA-ZÅÄÖŠŽÉ0-9 .-]{0,20}") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text.to_lowercase()));
        }
    }
}
