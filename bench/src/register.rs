//! The sample registers that are measured with.

use std::path::Path;

use integration_tests::TestApp;
use integration_tests::register::{Register, import_folder, person};

/// Writes the program's own sample register of so many parties.
pub async fn write_sample(app: &TestApp, parties: u32, folder: &Path) {
    let folder = folder.display().to_string();
    let output = app.command(&["demo", "--parties", &parties.to_string(), "--seed", "1", "--write-csv", &folder]).await;
    assert!(output.status.success(), "no sample register: {}{}", output.stdout, output.stderr);
}

/// Imports so many people of one town, each with an address of its own.
pub async fn import_people(app: &TestApp, people: u32) {
    let rows = (1..=i64::from(people)).map(|id| person(id, &format!("Asukas {id}")).with("city", "Turku"));
    let folder = app.folder().join("people");
    Register::of(rows).write(&folder);
    import_folder(app, &folder).await;
}
