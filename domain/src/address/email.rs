//! E-mail addresses: the rule of the source documents (003) first, then what can stand in an envelope.

use std::borrow::Cow;

use idna::AsciiDenyList;
use lettre::Address;

use crate::eligibility::AddressState;

/// What the address of a party is worth. `raw` is the address as given; blank counts as missing.
pub fn state(raw: Option<&str>) -> AddressState {
    match raw.map(str::trim) {
        None | Some("") => AddressState::Missing,
        Some(raw) if envelope_address(raw).is_some() => AddressState::Valid,
        Some(_) => AddressState::Invalid,
    }
}

/// The address as it stands in an envelope and a `To` header, its domain in ASCII (IDNA) and lower case; the part before
/// the `@` is kept as given, and where it is not ASCII the server must offer SMTPUTF8. `None` for an address that nothing
/// is sent to: nothing but what this gives may reach an envelope.
pub fn envelope_address(raw: &str) -> Option<String> {
    let raw = raw.trim();
    if !passes_rule(raw) || raw.chars().any(char::is_control) {
        return None;
    }
    let (local, domain) = raw.rsplit_once('@')?;
    let domain: Cow<'_, str> = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::EMPTY).ok()?;
    let address = Address::new(local, &domain).ok()?.to_string();
    // IDNA drops and maps characters, so that the rule may hold before and not after.
    passes_rule(&address).then_some(address)
}

/// Rule 003: there is an `@`, not first; behind it a dot, not right behind it; at least two characters behind the last dot.
fn passes_rule(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let Some((_, after_last_dot)) = domain.rsplit_once('.') else { return false };
    !local.is_empty() && !domain.starts_with('.') && after_last_dot.chars().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_003_holds_at_each_of_its_boundaries() {
        for (address, passes) in [
            ("a.b.fi", false),
            ("@b.fi", false),
            ("a@b.fi", true),
            ("a@bfi", false),
            ("a@.fi", false),
            ("a@.b.fi", false),
            ("a@b.", false),
            ("a@b.f", false),
            ("a@b.fi.", false),
            ("a@b.c.f", false),
            ("a@b.f.io", true),
            ("a@b.äö", true),
            ("@", false),
            ("", false),
        ] {
            assert_eq!(passes_rule(address), passes, "{address}");
        }
    }

    #[test]
    fn good_addresses_are_kept_with_an_ascii_domain_in_lower_case() {
        for (raw, envelope) in [
            ("a@b.fi", "a@b.fi"),
            (" a@b.fi\t", "a@b.fi"),
            ("Matti.Meikalainen@Example.FI", "Matti.Meikalainen@example.fi"),
            ("a+tag@b.fi", "a+tag@b.fi"),
            ("o'neil@b.fi", "o'neil@b.fi"),
            ("\"a b\"@c.fi", "\"a b\"@c.fi"),
            ("a@ääkkönen.fi", "a@xn--kknen-fraa0m.fi"),
            ("a@ÄÄKKÖNEN.FI", "a@xn--kknen-fraa0m.fi"),
            ("a@xn--kknen-fraa0m.fi", "a@xn--kknen-fraa0m.fi"),
            ("meikäläinen@example.fi", "meikäläinen@example.fi"),
            ("a@b_c.fi", "a@b_c.fi"),
        ] {
            assert_eq!(envelope_address(raw).as_deref(), Some(envelope), "{raw}");
            assert_eq!(state(Some(raw)), AddressState::Valid, "{raw}");
        }
    }

    #[test]
    fn what_passes_the_rule_but_is_no_address_is_invalid() {
        let long = format!("{}@b.fi", "a".repeat(65));
        for raw in [
            "a@b..fi",
            "a b@c.fi",
            "a@b c.fi",
            "a..b@c.fi",
            ".a@c.fi",
            "a@b@c.fi",
            "@a@c.fi",
            "a@-b.fi",
            "a@b.fi;c@d.fi",
            "a@b.fi, c@d.fi",
            "Matti <a@b.fi>",
            "a@b.fi\r\nBcc: x@y.fi",
            "a\r\n@b.fi",
            "\"a\r\n\"@b.fi",
            "\"a\0\"@b.fi",
            "a@xn--\u{e4}.fi",
            "a@b.\u{ad}f",
            "a@b。fi",
            &long,
        ] {
            assert_eq!(envelope_address(raw), None, "{raw:?}");
            assert_eq!(state(Some(raw)), AddressState::Invalid, "{raw:?}");
        }
    }

    #[test]
    fn an_absent_or_blank_address_is_missing() {
        for raw in [None, Some(""), Some("  ")] {
            assert_eq!(state(raw), AddressState::Missing, "{raw:?}");
        }
    }
}
