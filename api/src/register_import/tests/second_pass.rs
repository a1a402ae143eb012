//! The good rows as they come out.

use domain::register::PartyKind;

use super::*;

#[test]
fn a_party_comes_out_trimmed_composed_and_with_nothing_empty() {
    let folder = Folder::new();
    let row: &[(&str, &str)] = &[
        ("party_id", " 9007199254740991 "),
        ("kind", "company"),
        ("name", "  Ka\u{308}rppa\u{308} Oy "),
        ("first_name", "   "),
        ("language", "SV-fi"),
        ("email", " not an address "),
        ("email_marketing", "TRUE"),
        ("phone_marketing", "1"),
        ("city", "Helsinki\r\n  Helsingfors"),
        ("country", "fi"),
        ("address_protected", "0"),
        ("deceased", ""),
        ("archived", "false"),
        ("attributes", "{\"avaimet\": 2}"),
    ];
    folder.write("parties.csv", csv(RegisterFile::Parties, &[row]));
    let (validated, files) = (folder.validate(), folder.open().unwrap());
    let mut parties = files.parties(&validated).unwrap();
    let party = parties.next().unwrap().unwrap();
    assert_eq!((party.party_id, party.kind), (9_007_199_254_740_991, PartyKind::Company));
    assert_eq!(party.name, "Kärppä Oy");
    assert_eq!((party.first_name.as_deref(), party.street.as_deref()), (None, None));
    assert_eq!(party.language.as_deref(), Some("sv-FI"));
    assert_eq!(party.email.as_deref(), Some("not an address"));
    assert_eq!((party.email_marketing, party.phone_marketing), (true, true));
    assert_eq!((party.city.as_deref(), party.country.as_deref()), (Some("Helsinki Helsingfors"), Some("FI")));
    assert_eq!((party.address_protected, party.deceased, party.archived), (false, false, false));
    assert_eq!(party.attributes["avaimet"], 2);
    assert!(parties.next().is_none());
    assert_eq!(parties.bytes_done(), files.bytes_total());
}

#[test]
fn the_other_three_files_come_out_as_they_are_written() {
    let folder = Folder::good();
    folder.write(
        "properties.csv",
        csv(RegisterFile::Properties, &[&[("property_id", "2"), ("code", "A 5")], &[("parent_id", "2")]]),
    );
    let contract: &[(&str, &str)] =
        &[("valid_from", "2024-02-29"), ("points_enrolled", "1"), ("points_enrolled_on", "2024-03-01")];
    folder.write("contracts.csv", csv(RegisterFile::Contracts, &[contract]));
    folder.write("roles.csv", csv(RegisterFile::Roles, &[&[("valid_to", "9999-12-31")]]));
    let (validated, files) = (folder.validate(), folder.open().unwrap());
    assert_eq!(validated.bad_rows_total, 0);

    let properties: Vec<_> = files.properties(&validated).unwrap().map(Result::unwrap).collect();
    assert_eq!(properties.iter().map(|p| (p.property_id, p.parent_id)).collect::<Vec<_>>(), [(2, None), (1, Some(2))]);
    assert_eq!((properties[0].kind.as_str(), properties[0].code.as_deref()), ("unit", Some("A 5")));

    let contract = files.contracts(&validated).unwrap().next().unwrap().unwrap();
    assert_eq!((contract.kind.as_str(), contract.language.as_deref()), ("tenancy", Some("fi")));
    assert_eq!(contract.valid_from.unwrap().to_string(), "2024-02-29");
    assert_eq!((contract.valid_to, contract.points_enrolled), (None, true));
    assert_eq!(contract.points_enrolled_on.unwrap().to_string(), "2024-03-01");

    let role = files.roles(&validated).unwrap().next().unwrap().unwrap();
    assert_eq!((role.erp_role_id, role.valid_from, role.contract_id), (None, None, Some(1)));
    assert_eq!(role.role_id.get_version_num(), 7);
}

#[test]
fn rows_that_the_first_pass_refused_are_passed_over() {
    let folder = Folder::good();
    let rows: &[&[(&str, &str)]] =
        &[&[], &[("party_id", "x")], &[], &[("party_id", "2")], &[("party_id", "3"), ("kind", "")]];
    folder.write("parties.csv", csv(RegisterFile::Parties, rows));
    folder.write("roles.csv", csv(RegisterFile::Roles, &[&[("party_id", "3")], &[("party_id", "2")]]));
    let (validated, files) = (folder.validate(), folder.open().unwrap());
    let parties: Vec<i64> = files.parties(&validated).unwrap().map(|party| party.unwrap().party_id).collect();
    let roles: Vec<i64> = files.roles(&validated).unwrap().map(|role| role.unwrap().party_id).collect();
    assert_eq!((parties, roles), (vec![1, 2], vec![2]));
}

#[test]
fn an_absent_file_yields_no_rows() {
    let folder = Folder::new();
    folder.write("parties.csv", csv(RegisterFile::Parties, &[&[]]));
    let (validated, files) = (folder.validate(), folder.open().unwrap());
    assert_eq!(files.contracts(&validated).unwrap().count(), 0);
}

#[test]
fn a_file_that_has_changed_since_it_was_validated_ends_with_an_error() {
    let folder = Folder::good();
    let (validated, files) = (folder.validate(), folder.open().unwrap());
    folder.write("parties.csv", csv(RegisterFile::Parties, &[&[("country", "Suomi")], &[("party_id", "2")]]));
    let rows: Vec<_> = files.parties(&validated).unwrap().collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].as_ref().unwrap_err().column.as_deref(), Some("country"));
}

#[test]
fn rows_may_be_read_on_another_thread() {
    let folder = Folder::good();
    let (validated, files) = (folder.validate(), folder.open().unwrap());
    let rows = files.parties(&validated).unwrap();
    let count = std::thread::scope(|scope| scope.spawn(move || rows.count()).join().unwrap());
    assert_eq!(count, 1);
}
