//! The second pass: the good rows of one file, one at a time.

use std::{collections::HashSet, fs::File, marker::PhantomData};

use super::{
    BadRow, ImportError,
    error::RowFault,
    fields::Fields,
    files::SourceFile,
    records::{RecordFault, Records},
    row::ReadRow,
};

/// Yields the rows of one file, but for those known to be bad. An `Err` means that the file has changed since it was
/// validated, or can't be read any more; nothing comes after it.
pub struct Rows<'a, T> {
    open: Option<(&'a SourceFile, Records<File>)>,
    bad_lines: &'a HashSet<u64>,
    row: PhantomData<T>,
}

#[expect(private_bounds, reason = "the files are a closed set")]
impl<'a, T: ReadRow> Rows<'a, T> {
    pub(super) fn open(source: Option<&'a SourceFile>, bad_lines: &'a HashSet<u64>) -> Result<Self, ImportError> {
        let open = match source {
            Some(source) => Some((source, source.records()?)),
            None => None,
        };
        Ok(Self { open, bad_lines, row: PhantomData })
    }

    fn read_next(&mut self) -> Option<Result<T, BadRow>> {
        let (source, records) = self.open.as_mut()?;
        loop {
            let (line, record) = match records.next_record()? {
                Ok(found) => found,
                Err(RecordFault::Broken { line, .. }) if self.bad_lines.contains(&line) => return None,
                Err(RecordFault::Broken { line, reason }) => {
                    return Some(Err(RowFault::of_row(reason).at(source.file, line)));
                }
                Err(RecordFault::Io(error)) => {
                    return Some(Err(RowFault::of_row(format!("the file can't be read: {error}")).at(source.file, 0)));
                }
            };
            if self.bad_lines.contains(&line) {
                continue;
            }
            let row = Fields::new(record, source.file.columns(), &source.places).and_then(|fields| T::read(&fields));
            return Some(row.map_err(|fault| fault.at(source.file, line)));
        }
    }
}

impl<T> Rows<'_, T> {
    /// Bytes of this file read so far, for a progress bar over [`super::RegisterFiles::bytes_total`].
    pub fn bytes_done(&self) -> u64 {
        self.open.as_ref().map_or(0, |(source, records)| records.bytes_done().min(source.bytes))
    }
}

impl<T: ReadRow> Iterator for Rows<'_, T> {
    type Item = Result<T, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.read_next();
        if matches!(item, Some(Err(_))) {
            self.open = None;
        }
        item
    }
}
