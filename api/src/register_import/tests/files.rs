//! Which files an import takes, and how their headers are read.

use super::{super::columns::RegisterFile, *};

const ROLES_HEADER: &str = "role_id,party_id,property_id,role,valid_from,valid_to,contract_id";

#[test]
fn a_folder_without_any_of_the_four_files_is_refused() {
    let folder = Folder::new();
    folder.write("readme.txt", "nothing here");
    let error = folder.open().unwrap_err().to_string();
    assert!(error.contains("there is nothing to import in"), "{error}");
    assert!(error.contains("parties.csv, properties.csv, contracts.csv, roles.csv"), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_refused_by_name() {
    let error = RegisterFiles::open(std::path::Path::new("/nowhere/at-all")).unwrap_err().to_string();
    assert!(error.starts_with("the folder /nowhere/at-all can't be read"), "{error}");
}

#[test]
fn a_csv_file_of_another_name_is_refused_by_name() {
    for name in ["tenants.csv", "Parties.csv", "roles.CSV"] {
        let folder = Folder::good();
        folder.write(name, "a,b\n");
        let error = folder.open().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name} is no file of a register import; they are parties.csv")), "{error}");
    }
}

#[test]
fn a_single_file_is_an_import() {
    let folder = Folder::new();
    folder.write("parties.csv", csv(RegisterFile::Parties, &[&[], &[("party_id", "2")]]));
    let validated = folder.validate();
    assert_eq!(report(&validated), Vec::<String>::new());
    assert_eq!(validated.parties, super::super::FileCounts { good: 2, bad: 0 });
    assert_eq!(validated.roles, super::super::FileCounts::default());
}

#[test]
fn headers_that_are_not_exactly_the_columns_are_refused() {
    let cases: &[(&str, &str)] = &[
        ("", "roles.csv: the header row is missing"),
        ("role_id,party_id\n", "roles.csv: the header row lacks property_id, role, valid_from, valid_to, contract_id;"),
        ("role_id,party_id,property_id,role,valid_from,valid_to,contract_id,note\n", "has the unknown column note"),
        ("role_id,party_id,property_id,role,role,valid_from,valid_to,contract_id\n", "names more than once role"),
        (
            "Role_ID,party_id,property_id,role,valid_from,valid_to,contract_id\n",
            "lacks role_id and has the unknown column",
        ),
        (
            "role_id,party_id,property_id,role,valid_from,valid_to,\"contract_id\n",
            "a quote opened in this row is never closed",
        ),
        ("17,1,1,resident,,,\n", "the columns are role_id, party_id, property_id, role, valid_from"),
    ];
    for (content, expected) in cases {
        let folder = Folder::new();
        folder.write("roles.csv", content);
        let error = folder.open().unwrap_err().to_string();
        assert!(error.contains(expected), "{content:?}: {error}");
    }
    let folder = Folder::new();
    folder.write("roles.csv", b"\xFF\xFEr\0o\0l\0e\0");
    assert!(folder.open().unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn columns_may_come_in_any_order_with_either_delimiter_line_end_and_a_byte_order_mark() {
    let header = "contract_id,role,valid_to,valid_from,property_id,party_id,role_id";
    let row = ",board_member,2030-12-31,2020-01-01,7,5,R1";
    for delimiter in [",", ";"] {
        for line_end in ["\n", "\r\n"] {
            for bom in ["", "\u{feff}"] {
                let content = format!("{bom}{header}{line_end}{row}{line_end}").replace(',', delimiter);
                let folder = Folder::new();
                folder.write("roles.csv", content);
                let mut register = Register::default();
                register.parties.insert(5);
                register.properties.insert(7, None);
                let validated = folder.validate_against(&mut register);
                assert_eq!(report(&validated), Vec::<String>::new(), "{delimiter:?} {line_end:?} {bom:?}");
                let files = folder.open().unwrap();
                let role = files.roles(&validated).unwrap().next().unwrap().unwrap();
                assert_eq!((role.party_id, role.property_id, role.role.as_str()), (5, 7, "board_member"));
                assert_eq!(role.valid_to.unwrap().to_string(), "2030-12-31");
                assert_eq!((role.erp_role_id.as_deref(), role.contract_id), (Some("R1"), None));
            }
        }
    }
}

#[test]
fn progress_runs_from_nothing_to_all_bytes() {
    let folder = Folder::good();
    let files = folder.open().unwrap();
    let told = std::cell::RefCell::new(Vec::new());
    validate(&files, &mut Register::default(), &|done, total| told.borrow_mut().push((done, total))).unwrap();
    let told = told.into_inner();
    assert!(told.is_sorted(), "{told:?}");
    assert!(told.iter().all(|(_, total)| *total == files.bytes_total()));
    assert_eq!(told.last(), Some(&(files.bytes_total(), files.bytes_total())));
}

#[test]
fn a_header_without_rows_imports_nothing() {
    for end in ["", "\n", "\r\n\r\n", "\n;;;;;;\n,,,,,,\n"] {
        let folder = Folder::new();
        folder.write("roles.csv", format!("{ROLES_HEADER}{end}"));
        let validated = folder.validate();
        let expected: &[&str] =
            if end.contains(';') { &["roles.csv:2: the row has 1 fields where the header has 7"] } else { &[] };
        assert_eq!(report(&validated), expected, "{end:?}");
    }
}
