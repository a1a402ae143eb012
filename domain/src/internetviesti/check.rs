//! Which messages can be kept and published.

use std::collections::HashSet;
use std::hash::Hash;

use super::{Internetviesti, served};
use crate::invalid::{Checked, FieldError};
use crate::language;
use crate::register::MAX_ID;

/// How many language versions a message has at most.
const MAX_VERSIONS: usize = 20;
/// How long a title is at most, in characters.
const MAX_TITLE: usize = 200;
/// How long a message is at most, in characters.
const MAX_MESSAGE: usize = 200_000;
/// How many parties, and how many properties, a message is addressed to at most.
const MAX_TARGETS: usize = 20_000;
const MAX_ROLES: usize = 50;
/// How many attachments go with one version at most.
const MAX_ATTACHMENTS: usize = 20;

/// Checks a message; pointers are those of its JSON in the API. A draft may still lack its targets.
///
/// # Errors
/// Each fault.
pub fn check(message: &Internetviesti, is_draft: bool) -> Checked<()> {
    let mut faults = Faults::default();
    faults.versions(message);
    faults.targets(message, is_draft);
    if let (Some(from), Some(to)) = (message.valid_from, message.valid_to)
        && to <= from
    {
        faults.add("/voimassa_paattyen", "ends_before_it_begins", "Let voimassa_paattyen be after voimassa_alkaen.");
    }
    if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
}

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError::new(pointer, code, message));
    }

    fn versions(&mut self, message: &Internetviesti) {
        let versions = &message.versions;
        if versions.is_empty() || versions.len() > MAX_VERSIONS {
            self.add("/versiot", "out_of_range", format!("Give 1 to {MAX_VERSIONS} language versions."));
        }
        let mut languages = HashSet::new();
        for (index, version) in versions.iter().enumerate() {
            let at = |field: &str| format!("/versiot/{index}/{field}");
            match language::parse(&version.language) {
                None => self.add(at("kieli"), "invalid_language", "Give a language tag such as fi or sv (BCP 47)."),
                Some(tag) => {
                    if !languages.insert(tag) {
                        self.add(at("kieli"), "duplicate_language", "Give each language once.");
                    }
                }
            }
            let title = version.title.trim();
            if title.is_empty() || title.chars().count() > MAX_TITLE || title.chars().any(char::is_control) {
                self.add(
                    at("otsikko"),
                    "invalid_title",
                    format!("Give a title of one line, of 1 to {MAX_TITLE} characters."),
                );
            }
            if version.message.trim().is_empty() {
                self.add(at("viesti"), "required", "Write the message.");
            } else if version.message.chars().count() > MAX_MESSAGE || served(version).is_err() {
                self.add(at("viesti"), "too_long", format!("A message has at most {MAX_MESSAGE} characters."));
            }
            if version.attachment_ids.len() + message.attachment_ids.len() > MAX_ATTACHMENTS {
                self.add(
                    at("tiedosto_idt"),
                    "too_many",
                    format!("At most {MAX_ATTACHMENTS} attachments go with one version."),
                );
            }
            self.no_duplicates(&at("tiedosto_idt"), &version.attachment_ids);
            for (place, id) in version.attachment_ids.iter().enumerate() {
                if message.attachment_ids.contains(id) {
                    let pointer = format!("{}/{place}", at("tiedosto_idt"));
                    self.add(pointer, "duplicate", "It goes with every version already.");
                }
            }
        }
        self.no_duplicates("/tiedosto_idt", &message.attachment_ids);
    }

    fn targets(&mut self, message: &Internetviesti, is_draft: bool) {
        let Internetviesti { party_ids, property_ids, roles, corrects, .. } = message;
        if !is_draft && party_ids.is_empty() && property_ids.is_empty() && corrects.is_none() {
            self.add("", "no_target", "Say to whom: osapuoli_idt, kohde_idt, or the korjaa_id of an earlier message.");
        }
        for (pointer, ids) in [("/osapuoli_idt", party_ids), ("/kohde_idt", property_ids)] {
            if ids.len() > MAX_TARGETS {
                self.add(pointer, "too_many", format!("At most {MAX_TARGETS} at a time."));
            }
            self.no_duplicates(pointer, ids);
            for (index, id) in ids.iter().enumerate().filter(|(_, id)| !(1..=MAX_ID).contains(*id)).take(20) {
                self.add(
                    format!("{pointer}/{index}"),
                    "out_of_range",
                    format!("{id} is no id: ids are 1 to {MAX_ID}."),
                );
            }
        }
        if roles.len() > MAX_ROLES {
            self.add("/roolit", "too_many", format!("At most {MAX_ROLES} roles."));
        }
        self.no_duplicates("/roolit", roles);
        for (index, _) in roles.iter().enumerate().filter(|(_, role)| role.trim().is_empty()) {
            self.add(format!("/roolit/{index}"), "required", "Give the code of a role.");
        }
        if !roles.is_empty() && property_ids.is_empty() {
            self.add("/roolit", "without_property", "Roles choose among the people of properties: name kohde_idt too.");
        }
    }

    fn no_duplicates<T: Eq + Hash>(&mut self, pointer: &str, values: &[T]) {
        let mut seen = HashSet::new();
        if let Some(index) = values.iter().position(|value| !seen.insert(value)) {
            self.add(format!("{pointer}/{index}"), "duplicate", "Name it once.");
        }
    }
}
