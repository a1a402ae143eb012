//! The language a party is written in (RULES 4).

use chrono::NaiveDate;

use crate::register::{ContractId, valid_on};

/// Where a service language comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LanguageSource {
    /// The party's own setting.
    Party,
    /// A contract of the party.
    Contract,
    /// The deployment's default, since nothing is known.
    Assumed,
}

impl LanguageSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Party, Self::Contract, Self::Assumed];

    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Contract => "contract",
            Self::Assumed => "assumed",
        }
    }

    /// Reads the word stored.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// The language a party is served in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLanguage {
    /// BCP 47 tag.
    pub language: String,
    pub source: LanguageSource,
}

/// Which of a party's contracts gives the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContractChoice {
    /// The one valid today with the latest start.
    Current,
    /// None is valid today: the next to start.
    Next,
    /// None is valid or to come: the newest ended.
    Ended,
}

impl ContractChoice {
    /// The word shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Ended => "ended",
        }
    }
}

/// The language a party is served in, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageReason {
    pub served: ServiceLanguage,
    /// The contract that gives it, when one does.
    pub contract: Option<(ContractId, ContractChoice)>,
}

/// What the rule looks at in a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractLanguage {
    pub contract_id: ContractId,
    /// The language chosen with the contract; a contract without one does not count.
    pub language: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

/// The party's own setting; else the contract valid today with the latest start (tie: the highest id); else the next to
/// start; else the newest ended; else the deployment's `default`.
///
/// A missing start counts as the earliest of all. Of ended contracts the newest is the one that ended last, then the one
/// that started last.
pub fn service_language(
    own: Option<&str>,
    contracts: &[ContractLanguage],
    today: NaiveDate,
    default: &str,
) -> ServiceLanguage {
    explained(own, contracts, today, default).served
}

/// [`service_language`], and the contract that gave it.
pub fn explained(own: Option<&str>, contracts: &[ContractLanguage], today: NaiveDate, default: &str) -> LanguageReason {
    let served = |language: &str, source| ServiceLanguage { language: language.to_owned(), source };
    if let Some(own) = own {
        return LanguageReason { served: served(own, LanguageSource::Party), contract: None };
    }
    match deciding(contracts, today) {
        Some((language, contract)) => {
            LanguageReason { served: served(language, LanguageSource::Contract), contract: Some(contract) }
        }
        None => LanguageReason { served: served(default, LanguageSource::Assumed), contract: None },
    }
}

fn deciding(contracts: &[ContractLanguage], today: NaiveDate) -> Option<(&str, (ContractId, ContractChoice))> {
    let with_language = || contracts.iter().filter(|contract| contract.language.is_some());
    let current = with_language()
        .filter(|contract| valid_on(today, contract.valid_from, contract.valid_to))
        .max_by_key(|contract| (contract.valid_from, contract.contract_id));
    let next = || {
        with_language()
            .filter(|contract| contract.valid_from.is_some_and(|from| today < from))
            // Reversed, so that a tie goes to the highest id here too.
            .max_by_key(|contract| (std::cmp::Reverse(contract.valid_from), contract.contract_id))
    };
    let ended = || {
        with_language()
            .filter(|contract| contract.valid_to.is_some_and(|to| to < today))
            .max_by_key(|contract| (contract.valid_to, contract.valid_from, contract.contract_id))
    };
    let (contract, choice) = current
        .map(|contract| (contract, ContractChoice::Current))
        .or_else(|| next().map(|contract| (contract, ContractChoice::Next)))
        .or_else(|| ended().map(|contract| (contract, ContractChoice::Ended)))?;
    Some((contract.language.as_deref()?, (contract.contract_id, choice)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn contract(contract_id: ContractId, language: &str, from: &str, to: &str) -> ContractLanguage {
        let end = |text: &str| (!text.is_empty()).then(|| day(text));
        let language = (!language.is_empty()).then(|| language.to_owned());
        ContractLanguage { contract_id, language, valid_from: end(from), valid_to: end(to) }
    }

    fn derived(contracts: &[ContractLanguage]) -> (String, LanguageSource) {
        let ServiceLanguage { language, source } = service_language(None, contracts, day("2026-06-15"), "fi");
        (language, source)
    }

    #[test]
    fn the_partys_own_setting_stands_over_its_contracts() {
        let contracts = [contract(1, "en", "2026-01-01", "")];
        let found = service_language(Some("sv"), &contracts, day("2026-06-15"), "fi");
        assert_eq!(found, ServiceLanguage { language: "sv".to_owned(), source: LanguageSource::Party });
    }

    #[test]
    fn without_any_language_the_default_is_assumed() {
        assert_eq!(derived(&[]), ("fi".to_owned(), LanguageSource::Assumed));
        assert_eq!(derived(&[contract(1, "", "2026-01-01", "")]), ("fi".to_owned(), LanguageSource::Assumed));
    }

    #[test]
    fn contracts_decide_in_the_order_current_next_ended() {
        let older = || contract(9, "en", "2020-01-01", "");
        let newer = || contract(1, "sv", "2024-01-01", "");
        let cases = [
            ("the latest start of those valid", vec![older(), newer()], "sv"),
            ("whatever the order", vec![newer(), older()], "sv"),
            ("of equal starts the highest id", vec![contract(2, "en", "2024-01-01", ""), newer()], "en"),
            ("an open start is the earliest", vec![contract(10, "sv", "", ""), older()], "en"),
            ("one with an open start alone", vec![contract(9, "sv", "", "2026-06-15")], "sv"),
            ("valid on its first day", vec![older(), contract(1, "sv", "2026-06-15", "")], "sv"),
            ("valid on its last day", vec![contract(1, "sv", "2025-01-01", "2026-06-15"), older()], "sv"),
            ("not the day after", vec![contract(1, "sv", "2025-01-01", "2026-06-14"), older()], "en"),
            ("one without language does not count", vec![contract(8, "", "2025-01-01", ""), older()], "en"),
            ("a current one before the next", vec![contract(1, "sv", "2026-06-16", ""), older()], "en"),
            (
                "the next to start before those ended",
                vec![
                    contract(1, "en", "2026-08-01", ""),
                    contract(2, "sv", "2026-07-01", ""),
                    contract(3, "ru", "2020-01-01", "2026-06-14"),
                ],
                "sv",
            ),
            (
                "of equal next starts the highest id",
                vec![contract(2, "sv", "2026-07-01", ""), contract(1, "en", "2026-07-01", "")],
                "sv",
            ),
            (
                "the newest ended",
                vec![contract(1, "sv", "2019-01-01", "2026-01-31"), contract(2, "en", "2020-01-01", "2025-12-31")],
                "sv",
            ),
            (
                "of equal ends the latest start",
                vec![contract(1, "sv", "2022-01-01", "2025-12-31"), contract(2, "en", "2020-01-01", "2025-12-31")],
                "sv",
            ),
            (
                "of equal ends and starts the highest id",
                vec![contract(2, "sv", "2020-01-01", "2025-12-31"), contract(1, "en", "2020-01-01", "2025-12-31")],
                "sv",
            ),
        ];
        for (case, contracts, language) in cases {
            assert_eq!(derived(&contracts), (language.to_owned(), LanguageSource::Contract), "{case}");
        }
    }

    #[test]
    fn the_contract_that_decides_is_told_with_why_it_does() {
        let (current, next) = (contract(1, "sv", "2024-01-01", ""), contract(2, "en", "2026-07-01", ""));
        let ended = contract(3, "ru", "2020-01-01", "2026-06-14");
        let told = |own: Option<&str>, contracts: &[ContractLanguage]| {
            let reason = explained(own, contracts, day("2026-06-15"), "fi");
            (reason.served.language, reason.contract)
        };
        let all = [ended.clone(), next.clone(), current];
        assert_eq!(told(None, &all), ("sv".to_owned(), Some((1, ContractChoice::Current))));
        assert_eq!(told(None, &[ended.clone(), next]), ("en".to_owned(), Some((2, ContractChoice::Next))));
        assert_eq!(told(None, &[ended]), ("ru".to_owned(), Some((3, ContractChoice::Ended))));
        assert_eq!(told(Some("se"), &all), ("se".to_owned(), None));
        assert_eq!(told(None, &[]), ("fi".to_owned(), None));
        let words = [ContractChoice::Current, ContractChoice::Next, ContractChoice::Ended].map(ContractChoice::as_str);
        assert_eq!(words, ["current", "next", "ended"]);
    }

    #[test]
    fn every_source_reads_back() {
        for source in LanguageSource::ALL {
            assert_eq!(LanguageSource::parse(source.as_str()), Some(source));
        }
        assert_eq!(LanguageSource::parse("guessed"), None);
    }
}
