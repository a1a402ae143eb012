//! `docs/seed-behaviours.md` names a test for each behaviour that users asked for; every one of them is there.

use std::collections::BTreeMap;
use std::path::Path;

/// The behaviours of the sources 000, 003 and 004 on selection, language, templates, lists and occasions.
const ASKED_FOR: [(&str, &[u32]); 3] = [
    (
        "000",
        &[
            1, 2, 3, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 30, 31, 35, 39, 40, 41, 42, 46,
            47, 48, 49, 58, 59, 60, 61, 62, 63,
        ],
    ),
    ("003", &[3, 4, 9, 10, 11, 13, 16]),
    ("004", &[10, 11, 13, 14, 15, 16]),
];

/// The tests of each id, as `file` and `function`.
fn named(list: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut tests: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in list.lines().filter(|line| line.starts_with("| 0")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, id, _behaviour, named, _] = cells.as_slice() else { panic!("not three cells: {line}") };
        let named = named.split(", ").map(|test| {
            let (file, function) = test.trim_matches('`').split_once("::").unwrap_or_else(|| panic!("no test: {line}"));
            (file.to_owned(), function.to_owned())
        });
        assert!(tests.insert((*id).to_owned(), named.collect()).is_none(), "{id} is listed twice");
    }
    tests
}

#[test]
fn every_behaviour_asked_for_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let list = std::fs::read_to_string(root.join("docs/seed-behaviours.md")).unwrap();
    let tests = named(&list);
    for (source, numbers) in ASKED_FOR {
        for number in numbers {
            let id = format!("{source}-{number:02}");
            assert!(tests.get(&id).is_some_and(|tests| !tests.is_empty()), "{id} has no test");
        }
    }
    for (id, (file, function)) in tests.iter().flat_map(|(id, tests)| tests.iter().map(move |test| (id, test))) {
        let source = std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{id}: {file}: {error}"));
        let forms = [format!("fn {function}("), format!("on_both!({function},"), format!("\n    {function},")];
        assert!(forms.iter().any(|form| source.contains(form)), "{id}: {file} has no test {function}");
    }
}
