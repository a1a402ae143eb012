//! What a draft was made for, in the words of whoever handed it over: by it, a calling system finds its drafts again.

use serde::{Deserialize, Serialize};

use crate::invalid::{Checked, FieldError};

/// The longest kind, in characters.
pub const MAX_KIND: usize = 50;
/// The longest reference, in characters.
pub const MAX_REF: usize = 200;

/// Where a draft comes from. It is given when the draft is made and stays as it is; several drafts may have the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// What kind of thing it was made for, for instance `key_loans` or `erp.work_order`: a letter `a` to `z`, then letters,
    /// digits, `_`, `-` and `.`; at most [`MAX_KIND`] characters.
    pub kind: String,
    /// Which of them, in the caller's own words: one line of 1 to [`MAX_REF`] characters.
    #[serde(rename = "ref")]
    pub reference: String,
}

impl Origin {
    /// What is wrong with it, with pointers below `pointer`.
    pub fn check(&self, pointer: &str) -> Checked<()> {
        let Self { kind, reference } = self;
        let mut errors = Vec::new();
        if !is_kind(kind) {
            let message = format!(
                "Write 1 to {MAX_KIND} characters: a letter from a to z first, then letters, digits, _, - and dots."
            );
            errors.push(FieldError::new(format!("{pointer}/kind"), "invalid_value", message));
        }
        let length = reference.chars().count();
        if length == 0 || length > MAX_REF || reference.chars().any(char::is_control) {
            let message = format!("Write 1 to {MAX_REF} characters, without line breaks.");
            errors.push(FieldError::new(format!("{pointer}/ref"), "invalid_value", message));
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors),
        }
    }
}

fn is_kind(kind: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    kind.starts_with(|c: char| c.is_ascii_lowercase()) && kind.chars().all(allowed) && kind.len() <= MAX_KIND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(kind: &str, reference: &str) -> Vec<String> {
        let origin = Origin { kind: kind.to_owned(), reference: reference.to_owned() };
        origin.check("/origin").err().unwrap_or_default().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn kind_is_a_word_of_programs_and_ref_any_line() {
        for (kind, reference) in [("key_loans", "1"), ("erp.work-order2", "TT 2026/17 – ä"), ("a", &"x".repeat(200))]
        {
            assert!(faults(kind, reference).is_empty(), "{kind} {reference}");
        }
        for kind in ["", "Key", "1a", "_a", "a b", "ä", "a/b", &"a".repeat(51)] {
            assert_eq!(faults(kind, "1"), ["/origin/kind"], "{kind:?}");
        }
        for reference in ["", "a\nb", "a\0", &"x".repeat(201)] {
            assert_eq!(faults("a", reference), ["/origin/ref"], "{reference:?}");
        }
    }
}
