//! Where a setting's value comes from: variable, `…_FILE` variable, or the same in `postitus.toml`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{FILE, SettingsError};

const PREFIX: &str = "POSTITUS_";
/// Variables of the test suites, which are none of the product's business.
const FOREIGN_PREFIX: &str = "POSTITUS_TEST_";
const FILE_SUFFIX: &str = "_FILE";

/// Every setting, and whether it is a secret that may come from a file of its own.
const KNOWN: &[(&str, bool)] = &[
    ("ATTACHMENT_KEEP_HOURS", false),
    ("ATTACHMENT_LIMIT", false),
    ("BODY_LIMIT", false),
    ("CORS_ORIGINS", false),
    ("DATABASE_URL", true),
    ("DATA_DIR", false),
    ("DB_CONNECTIONS", false),
    ("DEFAULT_LANGUAGE", false),
    ("FILES_URL", false),
    ("JWKS_URL", false),
    ("IMPORT_LIMIT", false),
    ("JWT_AUDIENCE", false),
    ("JWT_ISSUER", false),
    ("JWT_PUBLIC_KEY", true),
    ("JWT_SECRET", true),
    ("LEASE_SECONDS", false),
    ("LISTEN", false),
    ("OUTBOUND_PRIVATE", false),
    ("PUBLIC_URL", false),
    ("RATE_LIMIT", false),
    ("RELAY_PATIENCE_SECONDS", false),
    ("SENDERS", false),
    ("SMTP_CA_FILE", false),
    ("SMTP_URL", true),
    ("TIME_ZONE", false),
    ("SMTP_CONNECTIONS", false),
    ("WORKERS", false),
];

/// A value and what to call it in an error.
#[derive(Debug)]
struct Given {
    value: String,
    origin: String,
}

/// The values given, by the setting's name without prefix.
pub(super) struct Source(BTreeMap<&'static str, Given>);

impl Source {
    /// Gathers the values; a variable stands over the file.
    pub(super) fn new(environment: BTreeMap<String, OsString>, file: Option<&str>) -> Result<Self, SettingsError> {
        let mut layers = vec![variables(environment)?];
        if let Some(text) = file {
            layers.push(toml_values(text)?);
        }
        let mut values = BTreeMap::new();
        for mut layer in layers {
            for (name, secret) in KNOWN {
                let from_file = if *secret { layer.remove(&format!("{name}{FILE_SUFFIX}")) } else { None };
                let given = match (layer.remove(*name), from_file) {
                    (Some(direct), Some(file)) => {
                        return Err(SettingsError(format!(
                            "{} and {} are both given; keep one",
                            direct.origin, file.origin
                        )));
                    }
                    (Some(direct), None) => direct,
                    (None, Some(file)) => read_secret(file)?,
                    (None, None) => continue,
                };
                values.entry(*name).or_insert(given);
            }
        }
        Ok(Self(values))
    }

    /// The parsed value of a setting, if it is given.
    pub(super) fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SettingsError> {
        let Some(given) = self.0.get(name) else { return Ok(None) };
        parse(&given.value).map(Some).map_err(|reason| SettingsError(format!("{}: {reason}", given.origin)))
    }

    /// Refuses several of these settings together.
    pub(super) fn at_most_one(&self, names: &[&str]) -> Result<(), SettingsError> {
        let mut given = names.iter().filter_map(|name| self.0.get(*name));
        match (given.next(), given.next()) {
            (Some(first), Some(second)) => {
                Err(SettingsError(format!("{} and {} are both given; keep one", first.origin, second.origin)))
            }
            _ => Ok(()),
        }
    }
}

/// The text of `postitus.toml`, if there is one.
pub(super) fn read_file(path: &Path) -> Result<Option<String>, SettingsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingsError(format!("{} cannot be read: {error}", path.display()))),
    }
}

fn variables(environment: BTreeMap<String, OsString>) -> Result<BTreeMap<String, Given>, SettingsError> {
    let mut given = BTreeMap::new();
    for (variable, value) in environment {
        let Some(name) = variable.strip_prefix(PREFIX) else { continue };
        if variable.starts_with(FOREIGN_PREFIX) {
            continue;
        }
        if !is_known(name) {
            let closest = closest(name);
            return Err(SettingsError(format!("{variable} is not a setting; the closest is {PREFIX}{closest}")));
        }
        let value = value.into_string().map_err(|_unreadable| SettingsError(format!("{variable} is not UTF-8")))?;
        // An empty variable is how container files leave a setting out.
        if !value.is_empty() {
            given.insert(name.to_owned(), Given { value, origin: variable });
        }
    }
    Ok(given)
}

fn toml_values(text: &str) -> Result<BTreeMap<String, Given>, SettingsError> {
    let table: toml::Table = text.parse().map_err(|error| SettingsError(format!("{FILE} cannot be read: {error}")))?;
    let mut given = BTreeMap::new();
    for (key, value) in table {
        let name = key.to_ascii_uppercase();
        if key != key.to_ascii_lowercase() || !is_known(&name) {
            let closest = closest(&name).to_ascii_lowercase();
            return Err(SettingsError(format!("{key} in {FILE} is not a setting; the closest is {closest}")));
        }
        let origin = format!("{key} in {FILE}");
        let value = plain(&value)
            .ok_or_else(|| SettingsError(format!("{origin}: must be a text, a whole number or a list of texts")))?;
        given.insert(name, Given { value, origin });
    }
    Ok(given)
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}

fn read_secret(file: Given) -> Result<Given, SettingsError> {
    let text = fs::read_to_string(&file.value)
        .map_err(|error| SettingsError(format!("{}: {} cannot be read: {error}", file.origin, file.value)))?;
    let value = text.trim_end_matches(['\r', '\n']).to_owned();
    if value.is_empty() {
        return Err(SettingsError(format!("{}: {} is empty", file.origin, file.value)));
    }
    Ok(Given { value, origin: file.origin })
}

fn names() -> impl Iterator<Item = String> {
    KNOWN.iter().flat_map(|(name, secret)| {
        [Some((*name).to_owned()), secret.then(|| format!("{name}{FILE_SUFFIX}"))].into_iter().flatten()
    })
}

fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

fn closest(name: &str) -> String {
    names().min_by_key(|known| distance(known, name)).unwrap_or_default()
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((to, pair), above) in b.iter().zip(row.windows(2)).zip(row.iter().skip(1)) {
            let kept = pair.first().copied().unwrap_or_default() + usize::from(from != *to);
            let left = next.last().copied().unwrap_or_default();
            next.push(kept.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(variables: &[(&str, &str)], file: &str) -> Result<Source, SettingsError> {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
        Source::new(environment, Some(file))
    }

    fn value(source: &Source, name: &str) -> Option<String> {
        source.parsed(name, |text| Ok(text.to_owned())).unwrap()
    }

    #[test]
    fn a_variable_stands_over_the_file() {
        let source =
            source(&[("POSTITUS_WORKERS", "2"), ("POSTITUS_LISTEN", "")], "workers = 8\nlisten = \"[::1]:1\"").unwrap();
        assert_eq!(value(&source, "WORKERS").as_deref(), Some("2"));
        assert_eq!(value(&source, "LISTEN").as_deref(), Some("[::1]:1"));
        assert_eq!(value(&source, "SENDERS"), None);
    }

    #[test]
    fn a_list_in_the_file_is_a_list() {
        let source = source(&[], "senders = [\"a@b.example\", \"*@c.example\"]").unwrap();
        assert_eq!(value(&source, "SENDERS").as_deref(), Some("a@b.example,*@c.example"));
    }

    #[test]
    fn a_fault_of_the_file_is_named() {
        for (file, named) in [
            ("lisen = \"x\"", "closest is listen"),
            ("LISTEN = \"x\"", "closest is listen"),
            ("listen = true", "listen in postitus.toml"),
            ("listen = ", "postitus.toml cannot be read"),
            ("[jwt]\nsecret = 1", "jwt in postitus.toml"),
        ] {
            let message = source(&[], file).err().unwrap().to_string();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn a_secret_is_read_from_its_file_and_not_given_twice() {
        let folder = std::env::temp_dir().join(domain::ids::new_id().to_string());
        fs::create_dir(&folder).unwrap();
        let path = folder.join("secret");
        fs::write(&path, "from the file\n").unwrap();
        let path = path.to_str().unwrap();
        let read = source(&[("POSTITUS_JWT_SECRET_FILE", path)], "jwt_secret = \"from toml\"").unwrap();
        assert_eq!(value(&read, "JWT_SECRET").as_deref(), Some("from the file"));
        assert!(source(&[("POSTITUS_JWT_SECRET_FILE", path), ("POSTITUS_JWT_SECRET", "x")], "").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
