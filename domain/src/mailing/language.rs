//! Which language version a recipient gets (RULES 4).

use crate::eligibility::Channel;
use crate::language::lookup;
use crate::mailing::draft::{Content, MissingLanguage};

/// The version chosen for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The index of the content in the draft's `contents`.
    Index(usize),
    /// There is none: with `refuse` the send is refused, with `skip` the recipient is left out.
    Lacking,
}

/// The version of `channel` for a service language: by RFC 4647 lookup (`sv-FI` finds `sv`), and where that finds nothing
/// under the policy `fallback`, the version of the fallback language.
pub fn choose_version(
    contents: &[Content],
    channel: Channel,
    language: &str,
    policy: &MissingLanguage,
    fallback: Option<&str>,
) -> Version {
    let fallback = match policy {
        MissingLanguage::Fallback => fallback,
        MissingLanguage::Refuse | MissingLanguage::Skip => None,
    };
    let find = |range: &str| {
        let of_channel = contents.iter().enumerate().filter(|(_, content)| content.channel == channel);
        let (indexes, languages): (Vec<_>, Vec<_>) =
            of_channel.map(|(index, content)| (index, content.language.as_str())).unzip();
        indexes.get(lookup(languages.iter().copied(), range)?).copied()
    };
    find(language).or_else(|| fallback.and_then(find)).map_or(Version::Lacking, Version::Index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailing::draft::Format;

    fn contents(versions: &[(Channel, &str)]) -> Vec<Content> {
        versions
            .iter()
            .map(|(channel, language)| Content {
                channel: *channel,
                language: (*language).to_owned(),
                subject: None,
                body: String::new(),
                format: Format::Text,
                attachment_ids: Vec::new(),
            })
            .collect()
    }

    #[test]
    fn the_version_is_found_by_lookup() {
        let contents = contents(&[
            (Channel::Sms, "en"),
            (Channel::Email, "fi"),
            (Channel::Email, "sv"),
            (Channel::Email, "zh-Hant"),
            (Channel::Email, "fi-FI"),
        ]);
        for (language, expected) in [
            ("fi", Version::Index(1)),
            ("fi-FI", Version::Index(4)),
            ("sv-FI", Version::Index(2)),
            ("SV", Version::Index(2)),
            ("zh-Hant-x-private", Version::Index(3)),
            ("zh", Version::Lacking),
            ("en", Version::Lacking),
        ] {
            for policy in [MissingLanguage::Refuse, MissingLanguage::Skip] {
                assert_eq!(
                    choose_version(&contents, Channel::Email, language, &policy, Some("fi")),
                    expected,
                    "{language}"
                );
            }
        }
    }

    #[test]
    fn fallback_serves_those_whose_language_is_missing() {
        let contents = contents(&[(Channel::Email, "fi"), (Channel::Email, "sv")]);
        let choose = |language, fallback| {
            choose_version(&contents, Channel::Email, language, &MissingLanguage::Fallback, fallback)
        };
        assert_eq!(choose("en", Some("sv-FI")), Version::Index(1));
        assert_eq!(choose("fi", Some("sv")), Version::Index(0));
        assert_eq!(choose("en", Some("ru")), Version::Lacking);
        assert_eq!(choose("en", None), Version::Lacking);
    }
}
