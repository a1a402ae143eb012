//! Phone numbers: read as written in Finland, stored as E.164, and told apart by whether they take text messages.

use phonenumber::metadata::DATABASE;
use phonenumber::{Metadata, Type, country};

use crate::eligibility::PhoneState;

/// The most digits read, an international prefix and a trunk zero included; E.164 has 15.
const MAX_DIGITS: usize = 20;

/// What a phone number is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    pub state: PhoneState,
    /// `+358401234567`; of every valid number, whether text messages reach it or not.
    pub e164: Option<String>,
}

impl Phone {
    const fn without_number(state: PhoneState) -> Self {
        Self { state, e164: None }
    }
}

/// Reads a number as given: Finnish where it has no country code, `+` or `00` before one that has; spaces, dashes, dots and
/// parentheses between the digits. An extension, a second number or a remark makes it invalid; blank counts as missing.
pub fn read(raw: Option<&str>) -> Phone {
    match raw.map(str::trim) {
        None | Some("") => Phone::without_number(PhoneState::Missing),
        Some(raw) => {
            digits(raw).and_then(|digits| classify(&digits)).unwrap_or(Phone::without_number(PhoneState::Invalid))
        }
    }
}

/// The start of a number in the form of E.164: `040 12` gives `+3584012`, `0046` gives `+46`. `None` where there is something
/// else than a number's characters.
pub fn start(raw: &str) -> Option<String> {
    let digits = digits(raw.trim())?;
    Some(match digits.strip_prefix('0') {
        Some(national) => format!("+358{national}"),
        None => digits,
    })
}

/// Any part of a number in the form of E.164, that is without separators and without the zero before a national number:
/// `040-12` gives `4012`. `None` as for [`start`].
pub fn part(raw: &str) -> Option<String> {
    let digits = digits(raw.trim())?;
    Some(digits.strip_prefix('0').filter(|national| !national.is_empty()).map_or(digits.clone(), str::to_owned))
}

/// The digits of `raw`, with a `+` before them where it is written with `+` or `00`. Stricter than the parser, which finds
/// numbers in running text.
fn digits(raw: &str) -> Option<String> {
    let mut digits = String::with_capacity(MAX_DIGITS + 1);
    for letter in raw.chars() {
        match letter {
            '0'..='9' if digits.len() <= MAX_DIGITS => digits.push(letter),
            '+' if digits.is_empty() => digits.push('+'),
            ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2013}' | '.' | '(' | ')' => {}
            _ => return None,
        }
    }
    match digits.strip_prefix("00") {
        Some(international) => Some(format!("+{international}")),
        None if digits.is_empty() => None,
        None => Some(digits),
    }
}

fn classify(digits: &str) -> Option<Phone> {
    // With a region given the parser strips that region's trunk prefix from foreign numbers too.
    let region = (!digits.starts_with('+')).then_some(country::FI);
    let number = phonenumber::parse(region, digits).ok()?;
    if number.extension().is_some() {
        return None;
    }
    let code = number.code().value();
    let national = number.national().to_string();
    let mobile = match number.number_type(&DATABASE) {
        Type::Mobile | Type::FixedLineOrMobile => true,
        Type::Unknown if !number.is_valid() => return None,
        // The type is looked up without the leading zeros that belong to the number in Italy or Ivory Coast.
        Type::Unknown => DATABASE.by_code(&code).into_iter().flatten().any(|country| is_mobile_in(country, &national)),
        _ => false,
    };
    let state = if mobile { PhoneState::Mobile } else { PhoneState::NotMobile };
    Some(Phone { state, e164: Some(format!("+{code}{national}")) })
}

fn is_mobile_in(country: &Metadata, national: &str) -> bool {
    country.descriptors().mobile().is_some_and(|mobile| mobile.is_match(national))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers_are_read_however_they_are_written() {
        for raw in [
            "0401234567",
            "040 1234567",
            "040-123 4567",
            "(040) 123.4567",
            "+358401234567",
            "+358 40 1234567",
            "+358 (0)40 1234567",
            "00358401234567",
            "00358 40 123 4567",
            "358401234567",
            "401234567",
            " 040\u{a0}1234567 ",
            "040–1234567",
        ] {
            assert_eq!(
                read(Some(raw)),
                Phone { state: PhoneState::Mobile, e164: Some("+358401234567".to_owned()) },
                "{raw}"
            );
        }
    }

    #[test]
    fn only_numbers_that_take_text_messages_are_mobile() {
        use PhoneState::{Invalid, Mobile, NotMobile};
        for (raw, state, e164) in [
            ("0457 1234567", Mobile, Some("+3584571234567")),
            ("050 123 4567", Mobile, Some("+358501234567")),
            ("044 1234567", Mobile, Some("+358441234567")),
            ("09 1234567", NotMobile, Some("+35891234567")),
            ("018 12345", NotMobile, Some("+3581812345")),
            ("010 123 4567", NotMobile, Some("+358101234567")),
            ("029 123 4567", NotMobile, Some("+358291234567")),
            ("0600 12345", NotMobile, Some("+35860012345")),
            ("0800 123456", NotMobile, Some("+358800123456")),
            ("+46 70 123 45 67", Mobile, Some("+46701234567")),
            ("0046 (0)70 123 45 67", Mobile, Some("+46701234567")),
            ("+372 5123 4567", Mobile, Some("+37251234567")),
            ("+39 02 36618300", NotMobile, Some("+390236618300")),
            ("+225 07 08 12 34 56", Mobile, Some("+2250708123456")),
            ("+1 650 253 0000", Mobile, Some("+16502530000")),
            ("112", Invalid, None),
            ("040 12", Invalid, None),
            ("049 123456", Invalid, None),
        ] {
            assert_eq!(read(Some(raw)), Phone { state, e164: e164.map(str::to_owned) }, "{raw}");
        }
    }

    #[test]
    fn what_is_not_one_number_is_invalid() {
        for raw in [
            "040 1234567 ext 5",
            "040 1234567 x5",
            "040 1234567;ext=5",
            "tel:+358401234567",
            "040 1234567, 09 1234567",
            "040 1234567 / 050 1234567",
            "Matti 040 1234567",
            "040 1234567 (Matti)",
            "040+1234567",
            "++358401234567",
            "+",
            "-",
            "00",
            "+0",
            "+999123456789",
            "040123456740123456740123456740123456",
            "٠٤٠١٢٣٤٥٦٧",
            "040\u{0}1234567",
        ] {
            assert_eq!(read(Some(raw)), Phone::without_number(PhoneState::Invalid), "{raw:?}");
        }
    }

    #[test]
    fn an_absent_or_blank_number_is_missing() {
        for raw in [None, Some(""), Some(" \t")] {
            assert_eq!(read(raw), Phone::without_number(PhoneState::Missing), "{raw:?}");
        }
    }

    #[test]
    fn parts_of_numbers_are_put_into_the_form_of_e164() {
        for (raw, as_start, as_part) in [
            ("040 12", Some("+3584012"), Some("4012")),
            ("+358 40", Some("+35840"), Some("+35840")),
            ("00358 40", Some("+35840"), Some("+35840")),
            ("0046", Some("+46"), Some("+46")),
            ("+", Some("+"), Some("+")),
            ("40-1", Some("401"), Some("401")),
            ("0", Some("+358"), Some("0")),
            ("abc", None, None),
            ("", None, None),
        ] {
            assert_eq!((start(raw).as_deref(), part(raw).as_deref()), (as_start, as_part), "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_read_without_a_panic_and_e164_reads_as_itself(raw in "[+0-9 ()-]{0,24}|\\PC{0,12}") {
            let phone = read(Some(&raw));
            if let Some(e164) = phone.e164.as_deref() {
                proptest::prop_assert_eq!(read(Some(e164)), phone.clone());
            }
        }
    }
}
