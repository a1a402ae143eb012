//! The values: few, so that conditions meet both those they match and those they just miss.

use domain::eligibility::{AddressState, PhoneState};

/// Written, E.164 if it is a valid number, and what it is worth.
pub const PHONES: [(&str, Option<&str>, PhoneState); 5] = [
    ("040 1234567", Some("+358401234567"), PhoneState::Mobile),
    ("+358 40 1234567", Some("+358401234567"), PhoneState::Mobile),
    ("+46 70 123 45 67", Some("+46701234567"), PhoneState::Mobile),
    ("09 1234567", Some("+35891234567"), PhoneState::NotMobile),
    ("Soita iltaisin", None, PhoneState::Invalid),
];

/// Operator, part of a number as written, and as it is compared.
pub const PHONE_PARTS: [(&str, &str, &str); 8] = [
    ("starts_with", "040", "+35840"),
    ("starts_with", "+46", "+46"),
    ("starts_with", "0046 70", "+4670"),
    ("starts_with", "soita", "soita"),
    ("contains", "040-12", "4012"),
    ("contains", "345", "345"),
    ("contains", "9 123", "9123"),
    ("contains", "ILTA", "ilta"),
];

pub const EMAILS: [(&str, AddressState); 6] = [
    ("aino@aalto.fi", AddressState::Valid),
    ("AINO@Aalto.fi", AddressState::Valid),
    ("bo.berg@example.se", AddressState::Valid),
    ("åke@öhman.fi", AddressState::Valid),
    ("aino(at)aalto.fi", AddressState::Invalid),
    ("aino@aalto", AddressState::Invalid),
];

/// The customer's own fields of parties, with their types.
pub const PARTY_ATTRIBUTES: [(&str, &str); 4] =
    [("class", "string"), ("debt", "number"), ("vip", "bool"), ("since", "date")];

/// Those of properties.
pub const PROPERTY_ATTRIBUTES: [(&str, &str); 4] =
    [("heating", "string"), ("built", "number"), ("lift", "bool"), ("renovated", "date")];

pub const ATTRIBUTE_TEXTS: [&str; 6] = ["A", "a", "Äpy", "B_1", "b%1", "Kaukolämpö"];
pub const ATTRIBUTE_NUMBERS: [&str; 7] = ["-12.5", "-3", "0", "0.1", "7", "1962", "9007199254740991"];
pub const ATTRIBUTE_DAYS: [&str; 4] = ["1962-05-01", "2025-12-31", "2026-06-15", "2026-06-16"];

pub const NAMES: [&str; 12] = [
    "Aalto Aino",
    "aalto aino",
    "Aalto Aino Maria",
    "Berg Bo",
    "Öhman Åke",
    "Ohman Ake",
    "Äijälä-Virtanen Eeva",
    "Wirtanen Eeva",
    "Åberg Åsa",
    "Mäki 100% Oy",
    "Mäki_100 Oy",
    "Helsingin \\ Kiinteistöt Oy",
];
pub const FIRST_NAMES: [&str; 4] = ["Aino", "aino maria", "Åke", "Eeva"];
pub const LAST_NAMES: [&str; 4] = ["Aalto", "Öhman", "Ohman", "Äijälä-Virtanen"];
pub const BUSINESS_IDS: [&str; 2] = ["1234567-1", "FI 7654321-2"];
pub const LANGUAGES: [&str; 4] = ["fi", "sv", "sv-FI", "en"];
pub const STREETS: [&str; 4] = ["Öljytie 5", "Mannerheimintie 1 A", "mannerheimintie 1 a", "Bulevarden 12"];
pub const POSTAL_CODES: [&str; 3] = ["00100", "00120", "20100"];
pub const CITIES: [&str; 4] = ["Helsinki", "HELSINKI", "Åbo", "Espoo"];
pub const COUNTRIES: [&str; 2] = ["FI", "SE"];
pub const KINDS: [&str; 4] = ["company", "building", "stairway", "unit"];
pub const CODES: [&str; 4] = ["A 1", "a 1", "B12", "Ö-9"];
pub const PROPERTY_NAMES: [&str; 4] = ["As Oy Aalto", "Bostads Ab Öljytie", "Porras A", "Helsingin talo"];
pub const ROLES: [&str; 4] = ["resident", "owner", "Resident", "board_member"];
pub const WORDS: [&str; 22] = [
    "aal",
    "AINO",
    "maria",
    "öh",
    "oh",
    "åke",
    "äijälä",
    "virt",
    "100",
    "oy",
    "helsin",
    "001",
    "20100",
    "040",
    "358",
    "1234567",
    "iltaisin",
    "b12",
    "öljytie",
    "mannerheimintie",
    "fi",
    "xyz",
];
