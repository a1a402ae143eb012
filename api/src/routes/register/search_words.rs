//! A parameter of a list that searches for words.

use domain::recipient_query::{MAX_WORDS, searched_words};

use crate::extract::refused_parameter;
use crate::problem::Problem;

/// The folded words of a search, in the order written; none when nothing is searched for.
///
/// # Errors
/// 400 `invalid_query` for more than 20 words, and for a text in which there is no word at all.
pub(in crate::routes) fn search_words(name: &str, q: Option<&str>) -> Result<Vec<String>, Problem> {
    let Some(q) = q.filter(|q| !q.trim().is_empty()) else { return Ok(Vec::new()) };
    let words = searched_words(q);
    match words.len() {
        0 => {
            Err(refused_parameter(name, "no_words", "Search for words: there is neither a letter nor a digit in this."))
        }
        1..=MAX_WORDS => Ok(words),
        _ => Err(refused_parameter(name, "too_many_words", format!("Search for at most {MAX_WORDS} words."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_folded_words() {
        assert_eq!(search_words("q", Some(" MÄKI-katu  5b ")).unwrap(), ["mäki", "katu", "5b"]);
        assert_eq!(search_words("q", Some("Matti 040 123 4567")).unwrap(), ["matti", "358401234567"]);
        assert!(search_words("q", None).unwrap().is_empty());
        assert!(search_words("q", Some("  ")).unwrap().is_empty());
        assert_eq!(search_words("q", Some(&"a ".repeat(20))).unwrap().len(), 20);
    }

    #[test]
    fn a_search_without_words_or_with_too_many_is_refused() {
        for (q, code) in [("--", "no_words"), (&*"a ".repeat(21), "too_many_words")] {
            let problem = search_words("q", Some(q)).unwrap_err();
            assert_eq!((problem.errors()[0].pointer.as_str(), problem.errors()[0].code), ("?q", code));
        }
    }
}
