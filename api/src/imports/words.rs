//! The search words of staged rows, sorted on disk. Written in the order of their table they cost a fraction of what they cost
//! in the order of the rows.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use persistence::staging::StagedWord;

/// How much is sorted in memory, in bytes, words and places together.
const MEMORY: usize = 24 * 1024 * 1024;
const BUFFER: usize = 64 * 1024;

/// Takes words in any order.
pub(super) struct WordSorter {
    folder: PathBuf,
    name: String,
    /// The letters of all words, one behind the other: a text of its own for each would take longer to make than to sort.
    letters: Vec<u8>,
    places: Vec<Place>,
    runs: Vec<PathBuf>,
}

/// Where a word is, and what it belongs to.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The first eight bytes, in which most words differ.
    first: u64,
    at: usize,
    length: usize,
    id: i64,
    hidden: bool,
}

impl Place {
    fn word(self, letters: &[u8]) -> &[u8] {
        letters.get(self.at..self.at + self.length).unwrap_or_default()
    }

    /// As [`StagedWord`] is ordered.
    fn order(self, other: Self, letters: &[u8]) -> Ordering {
        let rest = || self.word(letters).cmp(other.word(letters));
        let of_word = self.first.cmp(&other.first).then_with(|| match (self.length, other.length) {
            (0..=8, 0..=8) => self.length.cmp(&other.length),
            _ => rest(),
        });
        of_word.then(self.id.cmp(&other.id)).then(self.hidden.cmp(&other.hidden))
    }
}

fn first_bytes(word: &[u8]) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(first)
}

/// The words, sorted.
#[derive(Debug, Clone, Default)]
pub(super) struct SortedWords {
    runs: Vec<PathBuf>,
}

impl WordSorter {
    /// A sorter with its files in `folder`.
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        Self { folder, name, letters: Vec::new(), places: Vec::new(), runs: Vec::new() }
    }

    pub(super) fn push(&mut self, word: &StagedWord) -> io::Result<()> {
        let StagedWord { word, id, hidden } = word;
        let word = word.as_bytes();
        let (first, at, length) = (first_bytes(word), self.letters.len(), word.len());
        self.places.push(Place { first, at, length, id: *id, hidden: *hidden });
        self.letters.extend_from_slice(word);
        let memory = self.letters.len() + self.places.len() * size_of::<Place>();
        if memory >= MEMORY { self.spill() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> io::Result<SortedWords> {
        self.spill()?;
        Ok(SortedWords { runs: self.runs })
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        let letters = &self.letters;
        self.places.sort_unstable_by(|one, other| one.order(*other, letters));
        let path = self.folder.join(format!("{}-{}.words", self.name, self.runs.len()));
        let mut out = BufWriter::with_capacity(BUFFER, File::create(&path)?);
        for place in self.places.drain(..) {
            out.write_all(&u32::try_from(place.length).map_err(io::Error::other)?.to_le_bytes())?;
            out.write_all(place.word(letters))?;
            out.write_all(&place.id.to_le_bytes())?;
            out.write_all(&[u8::from(place.hidden)])?;
        }
        out.flush()?;
        self.letters.clear();
        self.runs.push(path);
        Ok(())
    }
}

impl SortedWords {
    /// Reads them in order.
    pub(super) fn read(&self) -> io::Result<WordReader> {
        let mut reader = WordReader { runs: Vec::new(), next: BinaryHeap::new() };
        for path in &self.runs {
            reader.runs.push(BufReader::with_capacity(BUFFER, File::open(path)?));
            reader.refill(reader.runs.len() - 1)?;
        }
        Ok(reader)
    }
}

/// Merges the sorted runs.
pub(super) struct WordReader {
    runs: Vec<BufReader<File>>,
    next: BinaryHeap<Reverse<(StagedWord, usize)>>,
}

impl WordReader {
    /// The next words, at most so many; none at the end.
    pub(super) fn batch(&mut self, count: usize) -> io::Result<Vec<StagedWord>> {
        let mut words = Vec::with_capacity(count);
        while words.len() < count
            && let Some(Reverse((word, run))) = self.next.pop()
        {
            words.push(word);
            self.refill(run)?;
        }
        Ok(words)
    }

    fn refill(&mut self, run: usize) -> io::Result<()> {
        if let Some(input) = self.runs.get_mut(run)
            && let Some(word) = read_word(input)?
        {
            self.next.push(Reverse((word, run)));
        }
        Ok(())
    }
}

fn read_word(input: &mut BufReader<File>) -> io::Result<Option<StagedWord>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    let mut word = vec![0; usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?];
    let (mut id, mut hidden) = ([0; 8], [0; 1]);
    input.read_exact(&mut word)?;
    input.read_exact(&mut id)?;
    input.read_exact(&mut hidden)?;
    let word = String::from_utf8(word).map_err(io::Error::other)?;
    Ok(Some(StagedWord { word, id: i64::from_le_bytes(id), hidden: hidden == [1] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(number: usize) -> StagedWord {
        let id = i64::try_from(number).unwrap();
        // Of up to 15 bytes, many of which differ in the last alone, and some of them several times.
        let letters = ["", "ö", "katu 12", "asukkaantie "][number % 4];
        StagedWord { word: format!("{letters}{}", number % 1009), id: id % 7, hidden: number.is_multiple_of(3) }
    }

    #[test]
    fn words_come_out_sorted_however_many_there_are() {
        for count in [0, 1, 700_000] {
            let folder = tempfile::tempdir().unwrap();
            let mut sorter = WordSorter::new(folder.path(), "parties");
            for number in 0..count {
                sorter.push(&word(number)).unwrap();
            }
            let sorted = sorter.finish().unwrap();
            assert_eq!(sorted.runs.len() > 1, count > 1, "{count}");
            let mut reader = sorted.read().unwrap();
            let mut read = Vec::new();
            loop {
                let batch = reader.batch(1000).unwrap();
                if batch.is_empty() {
                    break;
                }
                read.extend(batch);
            }
            let mut expected: Vec<StagedWord> = (0..count).map(word).collect();
            expected.sort();
            assert!(read == expected, "{count}");
        }
    }
}
