//! The lists of names in `data/`, one a line, the common ones first.

/// Everything that has a name in a sample register.
pub(super) struct Names {
    pub(super) finnish_first: Vec<&'static str>,
    pub(super) finnish_last: Vec<&'static str>,
    pub(super) swedish_first: Vec<&'static str>,
    pub(super) swedish_last: Vec<&'static str>,
    pub(super) sami_first: Vec<&'static str>,
    pub(super) sami_last: Vec<&'static str>,
    /// First and last name of people who moved to Finland, of one origin each.
    pub(super) foreign: Vec<(&'static str, &'static str)>,
    pub(super) firm_words: Vec<&'static str>,
    pub(super) finnish_streets: Vec<&'static str>,
    pub(super) swedish_streets: Vec<&'static str>,
    /// What housing companies call themselves.
    pub(super) finnish_companies: Vec<&'static str>,
    pub(super) swedish_companies: Vec<&'static str>,
}

impl Names {
    pub(super) fn load() -> Self {
        let foreign = include_str!("data/foreign.txt").lines();
        Self {
            finnish_first: lines(include_str!("data/finnish_first.txt")),
            finnish_last: lines(include_str!("data/finnish_last.txt")),
            swedish_first: lines(include_str!("data/swedish_first.txt")),
            swedish_last: lines(include_str!("data/swedish_last.txt")),
            sami_first: lines(include_str!("data/sami_first.txt")),
            sami_last: lines(include_str!("data/sami_last.txt")),
            foreign: foreign.filter_map(|line| line.split_once('|')).collect(),
            firm_words: lines(include_str!("data/firm_words.txt")),
            finnish_streets: lines(include_str!("data/finnish_streets.txt")),
            swedish_streets: lines(include_str!("data/swedish_streets.txt")),
            finnish_companies: lines(include_str!("data/finnish_companies.txt")),
            swedish_companies: lines(include_str!("data/swedish_companies.txt")),
        }
    }
}

fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().collect()
}
