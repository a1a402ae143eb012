//! The words that people search by.

use crate::address::phone;
use crate::text;

/// With fewer digits a phone number cannot be told from a postal code beside a house number.
const LEAST_DIGITS: usize = 9;

/// The folded words of a text that is searched for, in the order written. A whole phone number, however it is written, is one
/// word: the digits of its E.164 form, which every valid number in the register is found by.
pub fn searched_words(written: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = written;
    while let Some((before, number, after)) = next_number(rest) {
        words.extend(text::words(before));
        words.push(number);
        rest = after;
    }
    words.extend(text::words(rest));
    words
}

/// What stands before the first whole phone number, its digits, and what stands behind it.
fn next_number(written: &str) -> Option<(&str, String, &str)> {
    let part_of_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '.' | '(' | ')');
    let mut searched = 0;
    loop {
        let found = written.get(searched..)?.find(['+', '0', '('])? + searched;
        let (before, from) = written.split_at_checked(found)?;
        let length = from.find(|c| !part_of_number(c)).unwrap_or(from.len());
        let (run, after) = from.split_at_checked(length)?;
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        // Letters or digits right beside it make it a part of something else.
        let joined_before = before.ends_with(char::is_alphanumeric) && run.starts_with('0');
        let joined_after = run.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(char::is_alphanumeric);
        let alone = !joined_before && !joined_after;
        if alone
            && digits >= LEAST_DIGITS
            && let Some(number) = phone::read(Some(run.trim())).e164
        {
            return Some((before, number.trim_start_matches('+').to_owned(), after));
        }
        searched = found + length.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_phone_number_is_one_word_however_it_is_written() {
        for written in
            ["0401234567", "040 123 4567", "040-1234567", "(040) 123 4567", "+358 40 123 4567", "00358401234567"]
        {
            assert_eq!(searched_words(written), ["358401234567"], "{written}");
            for beside in [format!("Virtanen {written}, Åbo"), format!("Virtanen {written} Åbo")] {
                assert_eq!(searched_words(&beside), ["virtanen", "358401234567", "åbo"], "{beside}");
            }
        }
    }

    #[test]
    fn other_digits_are_words_as_they_stand() {
        for (written, words) in [
            ("040 12", vec!["040", "12"]),
            ("Mäkikatu 12 00100 Helsinki", vec!["mäkikatu", "12", "00100", "helsinki"]),
            ("00100", vec!["00100"]),
            ("0401234567x", vec!["0401234567x"]),
            ("KP-0042/A", vec!["kp", "0042", "a"]),
            ("12345 0401", vec!["12345", "0401"]),
            ("+", vec![]),
            ("((((", vec![]),
            ("0000000000", vec!["0000000000"]),
            ("å+ö", vec!["å", "ö"]),
        ] {
            assert_eq!(searched_words(written), words, "{written}");
        }
    }
}
