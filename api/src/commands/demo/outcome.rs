//! What became of everyone: who got it, who did not, and why.

use std::collections::BTreeMap;
use std::error::Error;

use super::answers::Row;
use super::client::Client;
use super::table::Table;

/// So many who got it are shown of each language.
const SHOWN_OF_LANGUAGE: usize = 5;
/// So many who did not are shown of each reason.
const SHOWN_OF_REASON: usize = 3;
/// So many of whom nothing is shown but that they got it.
const SHOWN_PROTECTED: usize = 2;

/// The rows of a mailing, counted, with some of them to show.
#[derive(Default)]
pub(super) struct Outcome {
    /// By language: how many got it, how many did not, and some who did.
    languages: BTreeMap<String, (u64, u64, Vec<Row>)>,
    /// Some who got it and have no name to show.
    nameless: Vec<Row>,
    /// By status and reason: how many, and some of them.
    others: BTreeMap<(String, String), (u64, Vec<Row>)>,
}

impl Outcome {
    /// Reads all rows of the mailing, a page at a time.
    pub(super) async fn read(client: &Client, mailing_id: &str) -> Result<Self, Box<dyn Error>> {
        let mut outcome = Self::default();
        let path = format!("/mailings/{mailing_id}/deliveries?limit=200");
        let mut cursor: Option<String> = None;
        loop {
            let page = client.page(&path, cursor.as_deref()).await?;
            page.items.into_iter().for_each(|row| outcome.add(row));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(outcome);
            }
        }
    }

    fn add(&mut self, row: Row) {
        let (sent, others, shown) = self.languages.entry(row.language.clone()).or_default();
        if row.status == "sent" {
            *sent += 1;
            match row.name {
                Some(_) if shown.len() < SHOWN_OF_LANGUAGE => shown.push(row),
                None if self.nameless.len() < SHOWN_PROTECTED => self.nameless.push(row),
                Some(_) | None => {}
            }
            return;
        }
        *others += 1;
        let reason = row.reason.clone().unwrap_or_default();
        let (count, shown) = self.others.entry((row.status.clone(), reason)).or_default();
        *count += 1;
        if shown.len() < SHOWN_OF_REASON {
            shown.push(row);
        }
    }

    /// Some of those who got it, and some of those who did not.
    pub(super) fn people(&self) -> Table {
        let mut table = Table::new(&["Name", "Language", "Status", "Reason"]);
        let sent = self.languages.values().flat_map(|(_, _, shown)| shown);
        let others = self.others.values().flat_map(|(_, shown)| shown);
        for row in sent.chain(&self.nameless).chain(others) {
            let name = row.name.clone().unwrap_or_else(|| "(address protected)".to_owned());
            table.row([name, row.language.clone(), row.status.clone(), row.reason.clone().unwrap_or_default()]);
        }
        table
    }

    /// All who did not get it, by reason.
    pub(super) fn reasons(&self) -> Table {
        let mut table = Table::new(&["People", "Reason", "What it means"]);
        for ((status, reason), (count, _)) in &self.others {
            let reason = if reason.is_empty() { status } else { reason };
            table.row([format!("{count:>6}"), reason.clone(), meaning(reason).to_owned()]);
        }
        table
    }

    /// Everyone, by service language.
    pub(super) fn by_language(&self) -> Table {
        let mut table = Table::new(&["Language", "Sent", "Not sent"]);
        for (language, (sent, others, _)) in &self.languages {
            table.row([language.clone(), format!("{sent:>4}"), format!("{others:>8}")]);
        }
        table
    }

    /// One who got it of each language.
    pub(super) fn samples(&self) -> impl Iterator<Item = &Row> {
        self.languages.values().filter_map(|(_, _, shown)| shown.first())
    }
}

fn meaning(reason: &str) -> &'static str {
    match reason {
        "deceased" => "has died",
        "archived" => "is no longer in the active register",
        "no_email" => "has no e-mail address",
        "invalid_email" => "has something else than an e-mail address in its place",
        _ => "",
    }
}
