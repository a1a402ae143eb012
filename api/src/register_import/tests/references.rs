//! Rows against each other and against the register.

use super::*;

#[test]
fn an_id_given_twice_is_refused_the_second_time() {
    let folder = Folder::good();
    for file in [RegisterFile::Parties, RegisterFile::Properties, RegisterFile::Contracts] {
        folder.write(file.name(), csv(file, &[&[], &[]]));
    }
    folder.write("roles.csv", csv(RegisterFile::Roles, &[&[("role_id", "R1")], &[("role_id", " R1 ")]]));
    assert_eq!(
        report(&folder.validate()),
        [
            "parties.csv:3: party_id: 1 is already the id of an earlier row of parties.csv",
            "properties.csv:3: property_id: 1 is already the id of an earlier row of properties.csv",
            "contracts.csv:3: contract_id: 1 is already the id of an earlier row of contracts.csv",
            "roles.csv:3: role_id: “R1” is already the id of an earlier row of roles.csv",
        ]
    );
}

#[test]
fn roles_without_an_id_differ_in_party_property_role_or_start() {
    let folder = Folder::good();
    folder.write("parties.csv", csv(RegisterFile::Parties, &[&[], &[("party_id", "2")]]));
    folder.write("properties.csv", csv(RegisterFile::Properties, &[&[], &[("property_id", "2")]]));
    let rows: &[&[(&str, &str)]] = &[
        &[],
        &[("party_id", "2")],
        &[("property_id", "2")],
        &[("role", "shareholder")],
        &[("valid_from", "2024-01-01")],
        &[("role_id", "R1")],
        &[("valid_to", "2024-01-01")],
    ];
    folder.write("roles.csv", csv(RegisterFile::Roles, rows));
    let report = report(&folder.validate());
    let [only] = report.as_slice() else { panic!("{report:?}") };
    assert!(
        only.starts_with("roles.csv:8: an earlier row without role_id has the same party_id, property_id"),
        "{only}"
    );
}

#[test]
fn references_that_lead_nowhere_are_refused_by_their_column() {
    let folder = Folder::good();
    folder.write(
        "contracts.csv",
        csv(RegisterFile::Contracts, &[&[("party_id", "7")], &[("contract_id", "2"), ("property_id", "8")]]),
    );
    let rows: &[&[(&str, &str)]] = &[
        &[("party_id", "7")],
        &[("property_id", "8")],
        &[("contract_id", "9")],
        &[("contract_id", "2"), ("role", "owner")],
    ];
    folder.write("roles.csv", csv(RegisterFile::Roles, rows));
    assert_eq!(
        report(&folder.validate()),
        [
            "contracts.csv:2: party_id: party 7 is neither a good row of parties.csv nor in the register",
            "contracts.csv:3: property_id: property 8 is neither a good row of properties.csv nor in the register",
            "roles.csv:2: party_id: party 7 is neither a good row of parties.csv nor in the register",
            "roles.csv:3: property_id: property 8 is neither a good row of properties.csv nor in the register",
            "roles.csv:4: contract_id: contract 9 is neither a good row of contracts.csv nor in the register",
            "roles.csv:5: contract_id: contract 2 is neither a good row of contracts.csv nor in the register",
        ]
    );
}

#[test]
fn references_may_lead_into_the_register() {
    let folder = Folder::new();
    folder.write("contracts.csv", csv(RegisterFile::Contracts, &[&[("party_id", "7"), ("property_id", "8")]]));
    folder.write("properties.csv", csv(RegisterFile::Properties, &[&[("parent_id", "8")]]));
    folder.write("roles.csv", csv(RegisterFile::Roles, &[&[("party_id", "7"), ("contract_id", "9")]]));
    let mut register = Register::default();
    register.parties.insert(7);
    register.properties.insert(8, None);
    register.contracts.insert(9);
    assert_eq!(report(&folder.validate_against(&mut register)), Vec::<String>::new());
}

#[test]
fn a_row_may_refer_to_a_bad_row_when_the_register_holds_what_it_was_about() {
    let folder = Folder::good();
    folder.write("parties.csv", csv(RegisterFile::Parties, &[&[("kind", "ghost")]]));
    let without = folder.validate();
    assert_eq!((without.parties.bad, without.contracts.bad, without.roles.bad), (1, 1, 1));

    let mut register = Register::default();
    register.parties.insert(1);
    let with = folder.validate_against(&mut register);
    assert_eq!((with.parties.bad, with.contracts.bad, with.roles.bad), (1, 0, 0));
}

#[test]
fn a_parent_may_come_after_its_children() {
    let folder = Folder::new();
    let rows: &[&[(&str, &str)]] =
        &[&[("property_id", "3"), ("parent_id", "2")], &[("property_id", "2"), ("parent_id", "1")], &[]];
    folder.write("properties.csv", csv(RegisterFile::Properties, rows));
    assert_eq!(report(&folder.validate()), Vec::<String>::new());
}

#[test]
fn a_missing_parent_takes_everything_below_it_along() {
    let folder = Folder::new();
    let rows: &[&[(&str, &str)]] = &[
        &[("parent_id", "77")],
        &[("property_id", "2"), ("parent_id", "1")],
        &[("property_id", "3"), ("parent_id", "2")],
    ];
    folder.write("properties.csv", csv(RegisterFile::Properties, rows));
    let validated = folder.validate();
    assert_eq!(
        report(&validated),
        [
            "properties.csv:2: parent_id: property 77 is neither a good row of properties.csv nor in the register",
            "properties.csv:3: parent_id: property 1 is neither a good row of properties.csv nor in the register",
            "properties.csv:4: parent_id: property 2 is neither a good row of properties.csv nor in the register",
        ]
    );
    assert_eq!((validated.properties.good, validated.properties.bad), (0, 3));
}

#[test]
fn properties_in_a_circle_are_refused_and_what_hangs_below_them() {
    let folder = Folder::new();
    let rows: &[&[(&str, &str)]] = &[
        &[("property_id", "1"), ("parent_id", "2")],
        &[("property_id", "2"), ("parent_id", "1")],
        &[("property_id", "3"), ("parent_id", "2")],
        &[("property_id", "4")],
    ];
    folder.write("properties.csv", csv(RegisterFile::Properties, rows));
    let validated = folder.validate();
    let lines: Vec<u64> = validated.bad_rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert!(validated.bad_rows[0].reason.starts_with("property 1 would be above itself: "), "{:?}", validated.bad_rows);
    assert_eq!(validated.bad_rows[0].column.as_deref(), Some("parent_id"));
    assert_eq!(validated.properties.good, 1);
}

#[test]
fn a_circle_that_closes_through_the_register_is_refused() {
    // The register has 1 at the top, 2 below it and 3 below that; the file hangs 1 below 3.
    let folder = Folder::new();
    folder.write("properties.csv", csv(RegisterFile::Properties, &[&[("property_id", "1"), ("parent_id", "3")]]));
    let mut register = Register::default();
    register.properties.extend([(1, None), (2, Some(1)), (3, Some(2))]);
    let validated = folder.validate_against(&mut register);
    let report = report(&validated);
    assert_eq!(report, ["properties.csv:2: parent_id: property 1 would be above itself: 1 below 3 below 2 below 1"]);

    // With 2 moved to the top by the same file there is no circle.
    let rows: &[&[(&str, &str)]] = &[&[("property_id", "1"), ("parent_id", "3")], &[("property_id", "2")]];
    folder.write("properties.csv", csv(RegisterFile::Properties, rows));
    assert_eq!(folder.validate_against(&mut register).bad_rows_total, 0);
}

#[test]
fn the_register_is_asked_in_batches() {
    let folder = Folder::new();
    let mut content = RegisterFile::Roles.columns().join(",");
    for number in 1..=5000 {
        content.push_str(&format!("\nR{number},{number},{number},resident,,,"));
    }
    folder.write("roles.csv", content);
    let mut register = Register { parties: (1..=5000).collect(), ..Register::default() };
    register.properties.extend((1..=5000).map(|id| (id, None)));
    let validated = folder.validate_against(&mut register);
    assert_eq!((validated.roles.good, validated.bad_rows_total), (5000, 0));
    assert_eq!(register.asked, 6);
}

#[test]
fn a_register_that_does_not_answer_stops_the_import() {
    struct Unreachable;
    impl KnownIds for Unreachable {
        fn parties(&mut self, _: &[i64]) -> Result<HashSet<i64>, LookupError> {
            Err("the connection is gone".into())
        }
        fn properties(&mut self, _: &[i64]) -> Result<HashSet<i64>, LookupError> {
            Err("the connection is gone".into())
        }
        fn property_parents(&mut self, _: &[i64]) -> Result<HashMap<i64, i64>, LookupError> {
            Err("the connection is gone".into())
        }
        fn attributes(&mut self) -> Result<Attributes, LookupError> {
            Ok(Attributes::default())
        }

        fn contracts(&mut self, _: &[i64]) -> Result<HashSet<i64>, LookupError> {
            Err("the connection is gone".into())
        }
    }
    let folder = Folder::new();
    folder.write("roles.csv", csv(RegisterFile::Roles, &[&[]]));
    let error = validate(&folder.open().unwrap(), &mut Unreachable, &|_, _| {}).unwrap_err().to_string();
    assert_eq!(error, "the register could not be asked for the ids it knows: the connection is gone");
}
