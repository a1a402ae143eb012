//! Which web pages may call the API from a browser.

use url::Url;

/// `POSTITUS_CORS_ORIGINS`: exact origins, as browsers write them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Reads a list separated by commas.
    ///
    /// # Errors
    /// Names the entry that is no origin.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(parse_one)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there are none: then nothing is said of origins at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether pages of this origin may call.
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed == origin)
    }
}

fn parse_one(entry: &str) -> Result<String, String> {
    let malformed = || format!("\"{entry}\" is no origin; write scheme, host and port, as in https://portal.example");
    let url = Url::parse(entry).map_err(|_no_url| malformed())?;
    let origin = url.origin().ascii_serialization();
    // Nothing may follow the origin, and no user name stand before it: that would promise what is not checked.
    let whole = url.as_str().strip_suffix('/') == Some(origin.as_str()) && !entry.ends_with('/');
    if !matches!(url.scheme(), "http" | "https") || !whole || entry.contains('*') {
        return Err(malformed());
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact_and_written_as_browsers_do() {
        let origins = Origins::parse("https://Portal.Example:443, http://localhost:5173").unwrap();
        for (origin, allowed) in [
            ("https://portal.example", true),
            ("http://localhost:5173", true),
            ("http://portal.example", false),
            ("https://portal.example:8443", false),
            ("https://sub.portal.example", false),
            ("https://portal.example.evil.example", false),
            ("null", false),
        ] {
            assert_eq!(origins.allow(origin), allowed, "{origin}");
        }
    }

    #[test]
    fn what_is_no_exact_origin_is_refused() {
        for entry in [
            "*",
            "null",
            "portal.example",
            "https://*.portal.example",
            "https://portal.example/",
            "https://portal.example/app",
            "https://portal.example?x",
            "https://me@portal.example",
            "ftp://portal.example",
        ] {
            assert!(Origins::parse(entry).is_err(), "{entry}");
        }
    }
}
