//! The merge fields: their one documented list, and the values they have for a recipient.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::occasion::OccasionKind;

/// A field that a template may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeField {
    /// As written in a template, for instance `recipient.name`.
    pub name: &'static str,
    /// One English sentence.
    pub description: &'static str,
    pub example: &'static str,
    /// Whether it differs between recipients in a way that only concerns themselves: content that uses one is not shared
    /// between people with the same address.
    pub personal: bool,
    /// The occasion that offers it; of most fields none, and they are there always.
    pub occasion: Option<OccasionKind>,
}

impl MergeField {
    const fn personal(name: &'static str, description: &'static str, example: &'static str) -> Self {
        Self { name, description, example, personal: true, occasion: None }
    }

    const fn common(name: &'static str, description: &'static str, example: &'static str) -> Self {
        Self { name, description, example, personal: false, occasion: None }
    }

    /// A field of an occasion, which tells of the recipient's own matter.
    const fn of(occasion: OccasionKind, name: &'static str, description: &'static str, example: &'static str) -> Self {
        Self { name, description, example, personal: true, occasion: Some(occasion) }
    }

    /// The part before the dot and the part behind it.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or((self.name, ""))
    }
}

/// Every merge field, in the order of the documentation.
pub const MERGE_FIELDS: &[MergeField] = &[
    MergeField::personal("recipient.name", "The recipient's name.", "Virtanen Matti"),
    MergeField::personal("recipient.first_name", "The recipient's first name.", "Matti"),
    MergeField::personal("recipient.last_name", "The recipient's last name.", "Virtanen"),
    MergeField::personal("recipient.party_id", "The recipient's id in the register.", "1042"),
    MergeField::personal("recipient.email", "The e-mail address the message goes to.", "matti.virtanen@example.fi"),
    MergeField::personal("recipient.street", "The recipient's street address.", "Mannerheimintie 1 A 2"),
    MergeField::personal("recipient.postal_code", "The recipient's postal code.", "00100"),
    MergeField::personal("recipient.city", "The recipient's city.", "Helsinki"),
    MergeField::common("recipient.language", "The recipient's service language.", "fi"),
    MergeField::personal(
        "property.name",
        "The name of the property by which the recipient was found.",
        "Asunto Oy Esimerkki",
    ),
    MergeField::personal("property.code", "The code of that property.", "A 2"),
    MergeField::personal("property.kind", "The kind of that property.", "unit"),
    MergeField::personal("property.street", "The street address of that property.", "Mannerheimintie 1"),
    MergeField::personal("property.postal_code", "The postal code of that property.", "00100"),
    MergeField::personal("property.city", "The city of that property.", "Helsinki"),
    MergeField::common("mailing.name", "The name of the mailing.", "Vesikatko 12.3."),
    MergeField::common("sender.name", "The name the message is from.", "Isännöinti Oy"),
    MergeField::common("sender.address", "The address the message is from.", "tiedote@example.fi"),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.key", "The key that was lent.", "A 17"),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.description", "More about the key.", "Ullakon avain"),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.property", "The name of what the key opens.", "As Oy Esimerkki"),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.lent_date", "The day on which it was lent.", "1.11.2026"),
    MergeField::of(
        OccasionKind::OverdueKeyLoan,
        "loan.due_at",
        "When it should have been back.",
        "20.11.2026 klo 16.00",
    ),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.due_date", "The day of that.", "20.11.2026"),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.days_late", "How many days late it is.", "2"),
    MergeField::of(OccasionKind::OverdueKeyLoan, "loan.count", "Of how many keys the message tells.", "1"),
    MergeField::of(OccasionKind::MoveInInspectionDue, "inspection.property", "The name of what was moved into.", "A 2"),
    MergeField::of(
        OccasionKind::MoveInInspectionDue,
        "inspection.deadline",
        "Until when the inspection should be answered.",
        "30.11.2026 klo 23.59",
    ),
    MergeField::of(OccasionKind::MoveInInspectionDue, "inspection.deadline_date", "The day of that.", "30.11.2026"),
    MergeField::of(OccasionKind::MoveInInspectionDue, "inspection.days_late", "How many days late it is.", "1"),
    MergeField::of(
        OccasionKind::MoveInInspectionDue,
        "inspection.link",
        "Where the inspection is answered.",
        "https://asukas.example.fi/tarkastus/4711",
    ),
    MergeField::of(
        OccasionKind::MoveInInspectionDue,
        "inspection.count",
        "Of how many inspections the message tells.",
        "1",
    ),
];

/// The groups whose fields a loop goes through, row by row, and what the list is called: `{% for loan in loans %}`.
pub(super) const LOOPS: [(&str, &str); 2] = [("loan", "loans"), ("inspection", "inspections")];

/// What stands between the name of a field and the number of its row.
const ROW: char = '#';

/// The field that counts the rows of a group.
pub(super) fn count_field(group: &str) -> String {
    format!("{group}.count")
}

/// Whether the field tells where its recipient lives, which nobody is told of a protected party (RULES 2).
pub fn tells_residence(name: &str) -> bool {
    matches!(
        name,
        "recipient.street"
            | "recipient.postal_code"
            | "recipient.city"
            | "loan.key"
            | "loan.description"
            | "loan.property"
            | "inspection.property"
            | "inspection.link"
    ) || name.starts_with("property.")
}

/// The merge field of this name.
pub fn merge_field(name: &str) -> Option<&'static MergeField> {
    MERGE_FIELDS.iter().find(|field| field.name == name)
}

/// Whether the field of this name speaks of the recipient: a message that several people share has no value for it.
pub fn is_of_recipient(name: &str) -> bool {
    name.starts_with("recipient.") || merge_field(name).is_some_and(|field| field.personal)
}

/// The merge fields that a template uses, or several templates together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateFields(BTreeSet<&'static str>);

impl TemplateFields {
    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().copied()
    }

    /// Whether the field of this name is used.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether any `property.*` field is used.
    pub fn uses_property(&self) -> bool {
        self.iter().any(|name| name.starts_with("property."))
    }

    /// Whether any field is used that is personal, see [`MergeField::personal`].
    pub fn uses_personal_fields(&self) -> bool {
        self.iter().filter_map(merge_field).any(|field| field.personal)
    }

    /// Adds a field.
    pub(super) fn insert(&mut self, field: &MergeField) {
        self.0.insert(field.name);
    }

    /// Adds another template's fields.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

/// What the merge fields are for one recipient; cheap to clone. Written as a flat JSON object, `{"recipient.name": "…"}`.
///
/// A value is one line of text: control characters become spaces, and what is empty then is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergeValues(Arc<BTreeMap<String, String>>);

impl MergeValues {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of a field; nothing or an empty text removes it.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let values = Arc::make_mut(&mut self.0);
        match value.map(one_line).filter(|value| !value.is_empty()) {
            Some(value) => values.insert(name.to_owned(), value),
            None => values.remove(name),
        };
    }

    /// The value of a field, if it is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a field in a row, counted from 0.
    pub fn of_row(&self, name: &str, row: usize) -> Option<&str> {
        self.get(&format!("{name}{ROW}{row}"))
    }

    /// How many rows there are of a group, for instance `loan`.
    pub fn rows(&self, group: &str) -> usize {
        self.get(&count_field(group)).and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// Sets the fields of several rows. In a loop a field has the value of its row, elsewhere those of all rows, with commas.
    pub fn set_rows(&mut self, rows: impl IntoIterator<Item = Vec<(&'static str, Option<String>)>>) {
        let mut all: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for (number, row) in rows.into_iter().enumerate() {
            for (name, value) in row {
                let (group, _) = name.split_once('.').unwrap_or((name, ""));
                counts.insert(group, number + 1);
                self.set(&format!("{name}{ROW}{number}"), value.as_deref());
                all.entry(name).or_default().extend(value);
            }
        }
        for (name, values) in all {
            self.set(name, Some(&values.join(", ")));
        }
        for (group, count) in counts {
            self.set(&count_field(group), Some(&count.to_string()));
        }
    }

    /// Adds other values to these.
    pub fn extend(&mut self, other: &Self) {
        let values = Arc::make_mut(&mut self.0);
        values.extend(other.0.iter().map(|(name, value)| (name.clone(), value.clone())));
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Only the values that the given fields ask for: what a frozen row needs to keep.
    #[must_use]
    pub fn only(&self, fields: &TemplateFields) -> Self {
        Self(Arc::new(
            self.0
                .iter()
                .filter(|(name, _)| fields.contains(field_of(name)))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
        ))
    }
}

/// The field whose value it is, in whichever row.
fn field_of(name: &str) -> &str {
    name.split(ROW).next().unwrap_or(name)
}

impl<'a> FromIterator<(&'a str, Option<&'a str>)> for MergeValues {
    fn from_iter<I: IntoIterator<Item = (&'a str, Option<&'a str>)>>(pairs: I) -> Self {
        let mut values = Self::new();
        for (name, value) in pairs {
            values.set(name, value);
        }
        values
    }
}

impl Serialize for MergeValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MergeValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = BTreeMap::<String, Option<String>>::deserialize(deserializer)?;
        Ok(raw.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect())
    }
}

/// The text on one line, trimmed. A line break in a name would otherwise start a paragraph, or a header.
pub(super) fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.split(breaks).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_group_and_a_name() {
        let mut names = BTreeSet::new();
        for field in MERGE_FIELDS {
            let (group, name) = field.parts();
            let groups = ["recipient", "property", "mailing", "sender"];
            assert_eq!(groups.contains(&group), field.occasion.is_none(), "{}", field.name);
            let others = MERGE_FIELDS.iter().filter(|other| other.parts().0 == group);
            assert!(others.map(|other| other.occasion).all(|occasion| occasion == field.occasion), "{}", field.name);
            assert!(!name.is_empty() && !field.description.is_empty() && !field.example.is_empty());
            assert!(names.insert(field.name), "{} twice", field.name);
            assert_eq!(merge_field(field.name), Some(field));
        }
        assert_eq!(merge_field("recipient.shoe_size"), None);
    }

    #[test]
    fn what_differs_between_recipients_is_personal_but_the_language() {
        for field in MERGE_FIELDS {
            let differs =
                field.name.starts_with("recipient.") || field.name.starts_with("property.") || field.occasion.is_some();
            assert_eq!(field.personal, differs && field.name != "recipient.language", "{}", field.name);
        }
    }

    #[test]
    fn values_are_one_line_and_never_empty() {
        for (given, kept) in [
            ("Matti", Some("Matti")),
            ("  Åke  ", Some("Åke")),
            ("a\r\nBcc: x@y.fi", Some("a Bcc: x@y.fi")),
            ("a\u{2028}\tb\u{0}", Some("a b")),
            (" \n ", None),
            ("", None),
        ] {
            let mut values = MergeValues::new();
            values.set("recipient.name", Some(given));
            assert_eq!(values.get("recipient.name"), kept, "{given:?}");
        }
    }

    #[test]
    fn values_are_a_flat_json_object() {
        let values: MergeValues =
            [("recipient.name", Some("Åsa")), ("recipient.city", None), ("sender.name", Some("Oy"))]
                .into_iter()
                .collect();
        let json = serde_json::to_string(&values).unwrap();
        assert_eq!(json, r#"{"recipient.name":"Åsa","sender.name":"Oy"}"#);
        assert_eq!(serde_json::from_str::<MergeValues>(&json).unwrap(), values);
        let hostile: MergeValues = serde_json::from_str(r#"{"recipient.name":"a\nb","recipient.city":""}"#).unwrap();
        assert_eq!(hostile.iter().collect::<Vec<_>>(), [("recipient.name", "a b")]);
    }

    #[test]
    fn a_row_keeps_only_what_its_templates_use() {
        let values: MergeValues =
            [("recipient.name", Some("Åsa")), ("recipient.city", Some("Turku"))].into_iter().collect();
        let mut fields = TemplateFields::default();
        fields.insert(merge_field("recipient.city").unwrap());
        assert_eq!(values.only(&fields).iter().collect::<Vec<_>>(), [("recipient.city", "Turku")]);
    }
}
