//! E-mail addresses and phone numbers, good, bad and missing. Which it is goes by the party's number, so that even a small
//! register has each kind.

use unicode_normalization::UnicodeNormalization;

use super::dice::Dice;

const MAIL_DOMAINS: &[&str] = &["example.com", "example.fi", "example.org"];
const MOBILE_PREFIXES: &[&str] = &["40", "41", "44", "45", "46", "50"];

/// The e-mail address of party `number`: one in ten has none, and one in twenty one that can't be right.
pub(super) fn email(dice: &mut Dice, number: u64, first: &str, last: &str) -> Option<String> {
    let domain = dice.word(MAIL_DOMAINS);
    let local = format!("{}.{}", plain(first), plain(last));
    match number % 20 {
        3 | 11 => None,
        7 => Some(malformed_email(number / 20, &local)),
        14 => Some(format!("{local}{number}+koti@{domain}")),
        _ => Some(format!("{local}{number}@{domain}")),
    }
}

fn malformed_email(kind: u64, local: &str) -> String {
    match kind % 6 {
        0 => format!("{local}(at)example.com"),
        1 => format!("{local}@example"),
        2 => "@example.fi".to_owned(),
        3 => format!("{local}@example.f"),
        4 => format!("{local} @ example.com"),
        _ => "ei sähköpostia".to_owned(),
    }
}

/// The phone number of party `number`, written as people write them: most are mobile, some are not, missing or wrong.
pub(super) fn phone(dice: &mut Dice, number: u64) -> Option<String> {
    let prefix = dice.word(MOBILE_PREFIXES);
    // Subscriber numbers beginning with 000 are well-formed, and hardly anyone has one.
    let last = dice.below(10_000);
    match number % 16 {
        5 => None,
        9 => Some(format!("09 1000 {last:04}")),
        13 => Some(malformed_phone(number / 16, prefix)),
        1 | 6 | 11 => Some(format!("0{prefix} 000 {last:04}")),
        2 | 8 => Some(format!("0{prefix}000{last:04}")),
        4 => Some(format!("0{prefix}-000 {last:04}")),
        _ => Some(format!("+358 {prefix} 000 {last:04}")),
    }
}

fn malformed_phone(kind: u64, prefix: &str) -> String {
    match kind % 4 {
        0 => format!("0{prefix}-12"),
        1 => "ei puhelinta".to_owned(),
        2 => format!("0{prefix} 000 O123"),
        _ => "+358".to_owned(),
    }
}

/// A name as it stands in an e-mail address: lower-case ASCII.
fn plain(name: &str) -> String {
    let undecorated = name.nfd().flat_map(char::to_lowercase).filter_map(|letter| match letter {
        'ł' => Some('l'),
        'đ' => Some('d'),
        'ø' => Some('o'),
        'þ' => Some('t'),
        'ð' => Some('d'),
        'ı' => Some('i'),
        ' ' => Some('-'),
        letter if letter.is_ascii_alphanumeric() || letter == '-' => Some(letter),
        _ => None,
    });
    undecorated.collect()
}
