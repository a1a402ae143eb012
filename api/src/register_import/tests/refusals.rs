//! What makes a row bad by itself, and how that is reported.

use super::{super::KEPT_BAD_ROWS, *};

/// Each: the file, the column, a bad value, and the reason given.
const BAD_VALUES: &[(RegisterFile, &str, &str, &str)] = &[
    (RegisterFile::Parties, "party_id", "", "must not be empty"),
    (RegisterFile::Parties, "party_id", "0", "“0” is no id; ids are whole numbers from 1 to 9007199254740991"),
    (RegisterFile::Parties, "party_id", "-4", "“-4” is no id"),
    (RegisterFile::Parties, "party_id", "+4", "“+4” is no id"),
    (RegisterFile::Parties, "party_id", "4.0", "“4.0” is no id"),
    (RegisterFile::Parties, "party_id", "9007199254740992", "is no id"),
    (RegisterFile::Parties, "party_id", "99999999999999999999", "is no id"),
    (RegisterFile::Parties, "kind", "", "must not be empty"),
    (RegisterFile::Parties, "kind", "people", "“people” is neither person nor company"),
    (RegisterFile::Parties, "kind", "Person", "“Person” is no code; write a lower-case snake word"),
    (RegisterFile::Parties, "name", " \u{a0} ", "must not be empty"),
    (RegisterFile::Parties, "name", "a\u{0}b", "a control character is not allowed"),
    (RegisterFile::Parties, "name", LONG, "250 characters; at most 200 are allowed"),
    (
        RegisterFile::Parties,
        "language",
        "suomi",
        "“suomi” is no language tag; write BCP 47, for instance fi, sv or en-GB",
    ),
    (RegisterFile::Parties, "email_marketing", "yes", "“yes” is neither true nor false; write true, false, 1 or 0"),
    (RegisterFile::Parties, "phone", LONG, "250 characters; at most 64 are allowed"),
    (RegisterFile::Parties, "postal_code", LONG, "250 characters; at most 20 are allowed"),
    (
        RegisterFile::Parties,
        "country",
        "Suomi",
        "“Suomi” is no country; write two letters (ISO 3166-1), for instance FI",
    ),
    (RegisterFile::Parties, "country", "F1", "“F1” is no country"),
    (RegisterFile::Parties, "address_protected", "2", "“2” is neither true nor false"),
    (RegisterFile::Parties, "deceased", "kyllä", "“kyllä” is neither true nor false"),
    (RegisterFile::Parties, "attributes", "{", "not readable as JSON"),
    (RegisterFile::Parties, "attributes", "[1]", "the JSON is no object"),
    (RegisterFile::Parties, "attributes", "{\"a\": \"\\u0000\"}", "the character U+0000 is not allowed"),
    (RegisterFile::Properties, "parent_id", "x", "“x” is no id"),
    (RegisterFile::Properties, "parent_id", "1", "property 1 can't be its own parent"),
    (RegisterFile::Properties, "kind", "2nd", "“2nd” is no code"),
    (RegisterFile::Properties, "kind", "talo å", "“talo å” is no code"),
    (RegisterFile::Properties, "kind", LONG, "is no code"),
    (RegisterFile::Properties, "name", "", "must not be empty"),
    (RegisterFile::Contracts, "contract_id", "", "must not be empty"),
    (
        RegisterFile::Contracts,
        "valid_from",
        "1.2.2024",
        "“1.2.2024” is no day; write YYYY-MM-DD, for instance 2026-01-31",
    ),
    (RegisterFile::Contracts, "valid_from", "2024-2-1", "“2024-2-1” is no day"),
    (RegisterFile::Contracts, "valid_to", "2023-02-29", "“2023-02-29” is no day"),
    (RegisterFile::Contracts, "points_enrolled", "true.", "is neither true nor false"),
    (RegisterFile::Contracts, "points_enrolled_on", "today", "“today” is no day"),
    (RegisterFile::Roles, "party_id", "", "must not be empty"),
    (RegisterFile::Roles, "role", "", "must not be empty"),
    (RegisterFile::Roles, "role", "board-member", "“board-member” is no code"),
    (RegisterFile::Roles, "contract_id", "S-1", "“S-1” is no id"),
    (RegisterFile::KeyLoans, "loan_id", "", "must not be empty"),
    (RegisterFile::KeyLoans, "key_code", "", "must not be empty"),
    (
        RegisterFile::KeyLoans,
        "property_id",
        "7",
        "property 7 is neither a good row of properties.csv nor in the register",
    ),
    (RegisterFile::KeyLoans, "due_at", "", "must not be empty"),
    (RegisterFile::KeyLoans, "due_at", "2026-11-22", "“2026-11-22” is no time; write RFC 3339 with the offset"),
    (RegisterFile::KeyLoans, "due_at", "2026-11-22T16:00:00", "“2026-11-22T16:00:00” is no time"),
    (RegisterFile::KeyLoans, "due_at", "2026-10-22T14:00:00Z", "2026-10-22T14:00:00Z lies before lent_at"),
    (RegisterFile::KeyLoans, "returned_at", "2026-10-22T14:00:00Z", "2026-10-22T14:00:00Z lies before lent_at"),
    (RegisterFile::MoveInInspections, "inspection_id", "", "must not be empty"),
    (
        RegisterFile::MoveInInspections,
        "party_id",
        "7",
        "party 7 is neither a good row of parties.csv nor in the register",
    ),
    (RegisterFile::MoveInInspections, "link", "javascript:alert(1)", "“javascript:alert(1)” is no link"),
    (RegisterFile::MoveInInspections, "link", "https://a b", "“https://a b” is no link"),
];

const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn every_bad_value_is_reported_with_file_line_column_and_reason() {
    for (file, column, value, reason) in BAD_VALUES {
        let folder = Folder::good();
        // The good row has an id of its own, so that only the value is at fault.
        let own_ids = [("contract_id", "1"), ("loan_id", "G"), ("inspection_id", "G")];
        let good = [&[("party_id", "1"), ("property_id", "1")][..], &own_ids].concat();
        let bad: &[(&str, &str)] = &[(column, value)];
        folder.write(file.name(), csv(*file, &[&good, bad]));
        let mut register = Register::default();
        register.parties.insert(1);
        register.properties.insert(1, None);
        register.contracts.insert(1);
        let validated = folder.validate_against(&mut register);
        let [row] = validated.bad_rows.as_slice() else { panic!("{file:?} {column} {value:?}: {validated:?}") };
        assert_eq!((row.file.as_str(), row.line, row.column.as_deref()), (file.name(), 3, Some(*column)), "{row:?}");
        assert!(row.reason.contains(reason), "{column} {value:?}: {}", row.reason);
        assert_eq!(validated.bad_rows_total, 1);
    }
}

#[test]
fn a_validity_that_ends_before_it_begins_is_refused() {
    for file in [RegisterFile::Contracts, RegisterFile::Roles] {
        let folder = Folder::good();
        folder.write(file.name(), csv(file, &[&[("valid_from", "2024-06-02"), ("valid_to", "2024-06-01")]]));
        let expected = format!("{}:2: valid_to: 2024-06-01 lies before valid_from, which is 2024-06-02", file.name());
        let report = report(&folder.validate());
        assert!(report.contains(&expected), "{report:?}");
    }
}

#[test]
fn a_row_with_too_few_or_too_many_fields_is_refused_as_a_whole() {
    let folder = Folder::good();
    let good = csv(RegisterFile::Roles, &[&[]]);
    folder.write("roles.csv", format!("{good}R1,1,1\nR2,1,1,resident,,,,,\n"));
    assert_eq!(
        report(&folder.validate()),
        [
            "roles.csv:3: the row has 3 fields where the header has 7",
            "roles.csv:4: the row has 9 fields where the header has 7"
        ]
    );
}

#[test]
fn a_field_in_another_encoding_is_refused_by_its_column() {
    let folder = Folder::good();
    let mut content = csv(RegisterFile::Parties, &[&[]]).into_bytes();
    content.extend(b"2,person,M\xE4kinen,,,,,,,,,,,,,,,,\n");
    folder.write("parties.csv", content);
    assert_eq!(report(&folder.validate()), ["parties.csv:3: name: not readable as UTF-8; save the file in UTF-8"]);
}

#[test]
fn lines_are_those_of_the_file_behind_blank_lines_and_quoted_line_breaks() {
    for line_end in ["\n", "\r\n"] {
        let folder = Folder::new();
        let rows: &[&[(&str, &str)]] = &[
            &[("name", "Mäkinen\nÄimi")],
            &[("party_id", "x")],
            &[("party_id", "3"), ("street", "Kalevankatu 12\n\nA 5"), ("country", "Suomi")],
            &[("party_id", "4")],
            &[("party_id", "y")],
        ];
        let content = csv(RegisterFile::Parties, rows).replacen("\"4\"", "\n\n\"4\"", 1).replace('\n', line_end);
        folder.write("parties.csv", content.trim_end());
        let validated = folder.validate();
        let places: Vec<(u64, &str)> =
            validated.bad_rows.iter().map(|row| (row.line, row.column.as_deref().unwrap_or("-"))).collect();
        assert_eq!(places, [(4, "party_id"), (5, "country"), (11, "party_id")], "{line_end:?}");
        assert_eq!((validated.parties.good, validated.parties.bad), (2, 3));
        let files = folder.open().unwrap();
        let first = files.parties(&validated).unwrap().next().unwrap().unwrap();
        assert_eq!(first.name, "Mäkinen Äimi");
    }
}

#[test]
fn a_quote_left_open_is_reported_where_it_was_opened() {
    let folder = Folder::good();
    let good = csv(RegisterFile::Roles, &[&[], &[("role_id", "R2")]]);
    folder.write("roles.csv", format!("{good}R3,1,1,\"resident,,,\nR4,1,1,resident,,,\nR5,1,1,resident,,,\n"));
    let validated = folder.validate();
    assert_eq!(report(&validated), ["roles.csv:4: a quote opened in this row is never closed"]);
    assert_eq!((validated.roles.good, validated.roles.bad), (2, 1));

    let lines = "R,1,1,resident,,,\n".repeat(100_000);
    folder.write("roles.csv", format!("{good}R3,1,1,\"resident,,,\n{lines}"));
    let validated = folder.validate();
    assert_eq!(report(&validated), ["roles.csv:4: the row is longer than 1 MiB; is a quote left open?"]);
    let files = folder.open().unwrap();
    assert_eq!(files.roles(&validated).unwrap().filter(Result::is_ok).count(), 2);
}

#[test]
fn an_end_of_file_character_does_not_hide_the_rest() {
    let folder = Folder::good();
    let good = csv(RegisterFile::Roles, &[&[]]);
    folder.write("roles.csv", format!("{good}\u{4}\nR2,1,1,resident,,,\n"));
    let report = report(&folder.validate());
    assert_eq!(report, ["roles.csv:3: the row is an end-of-file character, but the file goes on; remove it"]);
}

#[test]
fn all_bad_rows_are_counted_but_only_the_first_are_kept() {
    let folder = Folder::good();
    let good = csv(RegisterFile::Roles, &[&[]]);
    folder.write("roles.csv", format!("{good}{}", "R,1\n".repeat(KEPT_BAD_ROWS + 500)));
    let validated = folder.validate();
    assert_eq!(validated.bad_rows.len(), KEPT_BAD_ROWS);
    assert_eq!(validated.bad_rows_total, 1500);
    assert_eq!((validated.roles.good, validated.roles.bad), (1, 1500));
}
