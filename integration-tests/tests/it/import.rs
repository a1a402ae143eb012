//! `postitus import` through the real program: what it counts, what it refuses, and that a refusal changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use integration_tests::app::CommandOutput;
use integration_tests::register::{Register, Row, person};
use integration_tests::{Database, TestApp, on_both_databases};

/// A housing company with a home, two people who live there, and a tenancy.
fn sample() -> Register {
    let mut register = Register::of([person(1, "Äimi Mäkelä"), person(2, "Örjan Åberg")])
        .property(10, None, "company", "As Oy Mäntylä")
        .property(11, Some(10), "unit", "A 1")
        .role(1, 11, "resident")
        .role(2, 11, "resident")
        .role(2, 10, "board_member");
    register.contracts.push(
        Row::default()
            .with("contract_id", 100)
            .with("party_id", 1)
            .with("property_id", 11)
            .with("kind", "tenancy")
            .with("language", "sv"),
    );
    register
}

/// What an import of the sample prints when every row of it has this fate.
fn summary(fate: &str) -> String {
    let line = |kind: &str, rows: usize| {
        let counts =
            ["added", "changed", "unchanged"].map(|word| format!("{} {word}", if word == fate { rows } else { 0 }));
        format!("{kind}: {}\n", counts.join(", "))
    };
    [("parties", 2), ("properties", 2), ("contracts", 1), ("roles", 3)].map(|(kind, rows)| line(kind, rows)).concat()
}

/// Writes the files into a folder of the app's.
fn written(app: &TestApp, register: &Register) -> PathBuf {
    let folder = app.folder().join("register");
    register.write(&folder);
    folder
}

async fn import(app: &TestApp, folder: &Path) -> CommandOutput {
    app.command(&["import", &folder.display().to_string()]).await
}

#[track_caller]
fn assert_refused(output: &CommandOutput, told: &str) {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains(told), "not told: {told}\n{}", output.stderr);
}

async fn party_name(app: &TestApp, party_id: i64) -> Option<String> {
    let reply = app.get(&format!("/api/v1/parties/{party_id}")).send().await;
    match reply.status {
        200 => reply.json["name"].as_str().map(str::to_owned),
        _ => None,
    }
}

on_both_databases! {
    async fn an_import_counts_what_is_new_what_has_changed_and_what_has_not(database: Database) {
        let app = TestApp::start(database).await;
        let mut register = sample();
        let folder = written(&app, &register);
        let first = import(&app, &folder).await;
        assert!(first.status.success(), "{first:?}");
        assert_eq!(first.stdout, summary("added"));
        assert_eq!(party_name(&app, 1).await.as_deref(), Some("Äimi Mäkelä"), "a running server sees it at once");

        let again = import(&app, &folder).await;
        assert_eq!(again.stdout, summary("unchanged"));

        register.parties[0] = register.parties[0].clone().with("name", "Äimi Mäkelä-Öhman");
        register.parties.push(person(3, "Zaïre Łukasz"));
        let changed = import(&app, &written(&app, &register)).await;
        assert!(changed.stdout.starts_with("parties: 1 added, 1 changed, 1 unchanged\n"), "{changed:?}");
        assert_eq!(party_name(&app, 1).await.as_deref(), Some("Äimi Mäkelä-Öhman"));
        assert_eq!(party_name(&app, 3).await.as_deref(), Some("Zaïre Łukasz"));
    }

    async fn a_bad_row_is_named_and_by_default_nothing_is_imported(database: Database) {
        let app = TestApp::start(database).await;
        let mut register = sample();
        register.parties.push(person(3, "Aino Aho").with("address_protected", "ehkä"));
        register.roles.push(Row::default().with("party_id", 99).with("property_id", 10).with("role", "resident"));
        let folder = written(&app, &register);
        let output = import(&app, &folder).await;
        assert_refused(&output, "parties.csv:4: address_protected: “ehkä” is neither true nor false");
        assert_refused(&output, "roles.csv:5: party_id: party 99 is neither");
        assert_refused(&output, "postitus: nothing was imported: 2 bad rows");
        assert_eq!(party_name(&app, 1).await, None);

        let output = app.command(&["import", "--skip-bad-rows", &folder.display().to_string()]).await;
        assert!(output.status.success(), "{output:?}");
        assert_eq!(output.stdout, summary("added"));
        assert!(output.stderr.contains("parties.csv:4: address_protected: "), "{}", output.stderr);
        assert!(output.stderr.contains("roles.csv:5: party_id: "), "{}", output.stderr);
        assert!(output.stderr.ends_with("2 bad rows left out\n"), "{}", output.stderr);
        assert!(party_name(&app, 1).await.is_some());
        assert_eq!(party_name(&app, 3).await, None);
    }

    async fn a_file_may_refer_to_what_the_register_holds_but_not_hang_it_below_itself(database: Database) {
        let app = TestApp::prepare(database);
        assert!(import(&app, &written(&app, &sample())).await.status.success());

        let folder = app.folder().join("roles-only");
        fs::create_dir(&folder).unwrap();
        let header = "role_id,party_id,property_id,role,valid_from,valid_to,contract_id\n";
        fs::write(folder.join("roles.csv"), format!("{header}R1,1,10,shareholder,,,100\n")).unwrap();
        let output = import(&app, &folder).await;
        assert!(output.stdout.ends_with("roles: 1 added, 0 changed, 0 unchanged\n"), "{output:?}");

        let circle = Register::default().property(10, Some(12), "company", "As Oy Mäntylä").property(12, Some(11), "unit", "A 2");
        let output = import(&app, &written(&app, &circle)).await;
        assert_refused(&output, "properties.csv:2: parent_id: property 10 would be above itself");
    }

    async fn two_imports_at_once_both_succeed_and_add_every_row_once(database: Database) {
        let app = TestApp::start(database).await;
        let folder = written(&app, &Register::of((1..=1500).map(|id| person(id, "Äimi Mäkelä"))));
        let (one, other) = tokio::join!(import(&app, &folder), import(&app, &folder));
        let mut told = [one, other].map(|output| {
            assert!(output.status.success(), "{output:?}");
            output.stdout.lines().next().unwrap_or_default().to_owned()
        });
        told.sort();
        assert_eq!(told, ["parties: 0 added, 0 changed, 1500 unchanged", "parties: 1500 added, 0 changed, 0 unchanged"]);
    }
}

#[tokio::test]
async fn a_folder_that_is_no_register_is_refused_before_anything_is_made() {
    let app = TestApp::prepare(Database::Sqlite);
    let folder = app.folder().join("files");
    assert_refused(&import(&app, &folder).await, "files can't be read");
    fs::create_dir(&folder).unwrap();
    assert_refused(&import(&app, &folder).await, "there is nothing to import in");
    fs::write(folder.join("tenants.csv"), "party_id\n").unwrap();
    assert_refused(&import(&app, &folder).await, "tenants.csv is no file of a register import");
    fs::rename(folder.join("tenants.csv"), folder.join("parties.csv")).unwrap();
    assert_refused(&import(&app, &folder).await, "parties.csv: the header row lacks kind, name");
    assert!(!app.data_dir().exists());
}

#[tokio::test]
async fn of_very_many_bad_rows_the_first_thousand_are_listed() {
    let app = TestApp::prepare(Database::Sqlite);
    let rows = (1..=1005).map(|id| person(id, "Äimi Mäkelä").with("kind", "robot"));
    let output = import(&app, &written(&app, &Register::of(rows))).await;
    assert_refused(&output, "\nparties.csv:1001: kind: “robot” is neither person nor company\nand 5 more\n");
    assert_refused(&output, "postitus: nothing was imported: 1005 bad rows");
    assert!(!output.stderr.contains("parties.csv:1002:"));
}
