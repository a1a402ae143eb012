//! CSV records with the physical line each begins on. On top of the csv crate: lines counted right behind blank lines,
//! CRLF and quoted line breaks, a quote that is never closed found out, and a bound on the length of a row.

use std::{
    io::{self, Chain, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use csv::{ByteRecord, ReaderBuilder, Terminator};

/// No row is longer than this, in bytes (give or take the read-ahead).
const MAX_ROW_BYTES: u64 = 1024 * 1024;

/// Read after the end of the file as a row of its own; when it does not come back alone, an open quote swallowed it.
const END_MARK: &[u8] = b"\n\x04";

/// Why there is no further record.
#[derive(Debug)]
pub(super) enum RecordFault {
    /// The file can't be read.
    Io(io::Error),
    /// The row that begins on this line has no end, so what is behind it can't be told apart.
    Broken { line: u64, reason: &'static str },
}

/// Reads records one after the other. A byte order mark is passed over.
pub(super) struct Records<R> {
    csv: csv::Reader<Bounded<Chain<R, &'static [u8]>>>,
    allowance: Arc<AtomicU64>,
    record: ByteRecord,
    done: bool,
}

impl<R: Read> Records<R> {
    /// Reads `input`, whose fields are separated by `delimiter`.
    pub(super) fn new(input: R, delimiter: u8) -> Self {
        let allowance = Arc::new(AtomicU64::new(MAX_ROW_BYTES));
        let bounded = Bounded { input: input.chain(END_MARK), allowance: Arc::clone(&allowance) };
        let csv = ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(64 * 1024)
            .from_reader(bounded);
        Self { csv, allowance, record: ByteRecord::new(), done: false }
    }

    /// Bytes read so far; at the end a few more than the file has.
    pub(super) fn bytes_done(&self) -> u64 {
        self.csv.position().byte()
    }

    /// The next record with anything in it, and the line it begins on. After a fault there is none.
    pub(super) fn next_record(&mut self) -> Option<Result<(u64, &ByteRecord), RecordFault>> {
        loop {
            if self.done {
                return None;
            }
            match self.advance() {
                Ok(None) => {
                    self.done = true;
                    return None;
                }
                Ok(Some(line)) if !is_blank(&self.record) => return Some(Ok((line, &self.record))),
                Ok(Some(_)) => {}
                Err(fault) => {
                    self.done = true;
                    return Some(Err(fault));
                }
            }
        }
    }

    /// Reads one record and tells the line it begins on; `None` at the end.
    fn advance(&mut self) -> Result<Option<u64>, RecordFault> {
        let line_before = self.csv.position().line();
        if !self.read(line_before)? {
            return Ok(None);
        }
        let breaks_within = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let lines_within = u64::try_from(breaks_within).unwrap_or(u64::MAX);
        let line_after = self.csv.position().line();
        if self.record.iter().next_back().is_some_and(|field| field.ends_with(END_MARK)) {
            let line = line_after.saturating_sub(lines_within);
            return Err(RecordFault::Broken { line, reason: "a quote opened in this row is never closed" });
        }
        let line = line_after.saturating_sub(lines_within).saturating_sub(1);
        if self.record.as_slice() == b"\x04" {
            let more = self.read(line)?;
            let reason = "the row is an end-of-file character, but the file goes on; remove it";
            return if more { Err(RecordFault::Broken { line, reason }) } else { Ok(None) };
        }
        Ok(Some(line))
    }

    fn read(&mut self, line: u64) -> Result<bool, RecordFault> {
        self.allowance.store(MAX_ROW_BYTES, Ordering::Relaxed);
        self.csv.read_byte_record(&mut self.record).map_err(|error| match self.allowance.load(Ordering::Relaxed) {
            0 => RecordFault::Broken { line, reason: "the row is longer than 1 MiB; is a quote left open?" },
            _ => RecordFault::Io(error.into()),
        })
    }
}

fn is_blank(record: &ByteRecord) -> bool {
    record.as_slice().iter().all(u8::is_ascii_whitespace)
}

/// Passes on no more than the allowance, which is renewed for each record. It is atomic only so that readers may move to
/// another thread.
struct Bounded<R> {
    input: R,
    allowance: Arc<AtomicU64>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowance = self.allowance.load(Ordering::Relaxed);
        if allowance == 0 {
            return Err(io::Error::other("the row is too long"));
        }
        let count = Read::by_ref(&mut self.input).take(allowance).read(buffer)?;
        let left = allowance.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        self.allowance.store(left, Ordering::Relaxed);
        Ok(count)
    }
}
