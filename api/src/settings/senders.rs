//! Which addresses mail may come from.

use std::fmt;

/// `POSTITUS_SENDERS`: addresses and `*@domain`, compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Senders(Vec<Sender>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sender {
    Address(String),
    Domain(String),
}

impl Senders {
    /// Reads a list separated by commas.
    ///
    /// # Errors
    /// Names the entry that is neither an address nor `*@domain`.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(parse_one)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether mail may come from this address. Without the setting any may, as long as mail only goes to files.
    pub fn allow(&self, address: &str, only_to_files: bool) -> bool {
        if self.0.is_empty() {
            return only_to_files;
        }
        let address = address.to_lowercase();
        let domain = address.rsplit_once('@').map(|(_, domain)| domain);
        self.0.iter().any(|sender| match sender {
            Sender::Address(allowed) => *allowed == address,
            Sender::Domain(allowed) => domain == Some(allowed),
        })
    }
}

impl fmt::Display for Senders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = |sender: &Sender| match sender {
            Sender::Address(address) => address.clone(),
            Sender::Domain(domain) => format!("*@{domain}"),
        };
        f.write_str(&self.0.iter().map(entry).collect::<Vec<_>>().join(", "))
    }
}

fn parse_one(entry: &str) -> Result<Sender, String> {
    let malformed = || format!("\"{entry}\" is neither an address nor *@domain");
    let (local, domain) = entry.rsplit_once('@').ok_or_else(malformed)?;
    if local.is_empty() || domain.is_empty() || domain.contains('*') || entry.contains(char::is_whitespace) {
        return Err(malformed());
    }
    if local == "*" {
        return Ok(Sender::Domain(domain.to_lowercase()));
    }
    Ok(Sender::Address(entry.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_addresses_and_domains_may_send() {
        let senders = Senders::parse("Isannointi@Talo.example, *@viestit.example").unwrap();
        for (address, allowed) in [
            ("isannointi@talo.example", true),
            ("muu@talo.example", false),
            ("mika.tahansa@VIESTIT.example", true),
            ("x@ali.viestit.example", false),
            ("x@eviestit.example", false),
            ("viestit.example", false),
        ] {
            assert_eq!(senders.allow(address, true), allowed, "{address}");
        }
    }

    #[test]
    fn without_the_setting_any_address_may_send_to_files_only() {
        assert!(Senders::default().allow("a@b.example", true));
        assert!(!Senders::default().allow("a@b.example", false));
    }
}
