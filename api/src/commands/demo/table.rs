//! Columns that stand below each other.

use std::fmt;

/// Rows of texts, shown indented, each column as wide as its widest text. Texts are composed (NFC), so that a character is a
/// column.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with this heading.
    pub(super) fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|text| (*text).to_owned()).collect()] }
    }

    pub(super) fn row(&mut self, texts: impl IntoIterator<Item = String>) {
        self.rows.push(texts.into_iter().collect());
    }

    fn width(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let mut line = String::from(" ");
            for (column, text) in row.iter().enumerate() {
                line.push_str(&format!(" {text:<width$} ", width = self.width(column)));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters_not_bytes() {
        let mut table = Table::new(&["Name", "Status"]);
        table.row(["Mäkelä Äimä".to_owned(), "sent".to_owned()]);
        table.row(["Aho Ari".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "  Name         Status\n  Mäkelä Äimä  sent\n  Aho Ari\n");
    }
}
