//! CSV for people's spreadsheets and for programs: RFC 4180 in UTF-8, with a byte order mark, by which Excel knows the encoding.
//! Programs read it as `utf-8-sig` or the like.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

/// What a file begins with.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What stands between two columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    Comma,
    /// What spreadsheets expect where a comma is the decimal sign, as in Finland.
    Semicolon,
}

impl Separator {
    /// Reads the word of the API.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "comma" => Some(Self::Comma),
            "semicolon" => Some(Self::Semicolon),
            _ => None,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
        }
    }
}

/// Records as lines, each ended by CRLF. No cell can act as a formula in a spreadsheet.
///
/// # Errors
/// A failure of the writer, of which there is none in memory.
pub fn lines<const N: usize>(
    records: impl IntoIterator<Item = [String; N]>,
    separator: Separator,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        WriterBuilder::new().delimiter(separator.byte()).terminator(Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        writer.write_record(record.iter().map(|cell| guarded(cell).into_owned().into_bytes()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// The cell with an apostrophe before what a spreadsheet would take for a formula (CWE-1236); names and addresses come from
/// people.
fn guarded(cell: &str) -> Cow<'_, str> {
    let first = cell.trim_start().chars().next();
    let starts = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    match first.is_some_and(starts) || cell.starts_with(['\t', '\r', '\n']) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_would_be_formulas_are_text() {
        for cell in ["=1+1", "+358", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", "=cmd|' /C calc'!A0"] {
            assert_eq!(guarded(cell), format!("'{cell}"));
        }
        for cell in ["", "Åke =1", "a@b.fi", "2.0.0 Ok", "'=1", "5-1"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    #[test]
    fn lines_are_those_of_rfc_4180() {
        let record = ["Öhman, Åke".to_owned(), "a \"b\"\nc".to_owned(), "x;y".to_owned()];
        let text = |separator| String::from_utf8(lines([record.clone()], separator).unwrap()).unwrap();
        assert_eq!(text(Separator::Comma), "\"Öhman, Åke\",\"a \"\"b\"\"\nc\",x;y\r\n");
        assert_eq!(text(Separator::Semicolon), "Öhman, Åke;\"a \"\"b\"\"\nc\";\"x;y\"\r\n");
    }
}
