//! Just enough of the ZIP format to know what is in an archive, without unpacking anything.

/// End of central directory, without its comment.
const END: usize = 22;
/// The longest comment.
const COMMENT: usize = 65_535;

/// The names of all entries, as the central directory has them; `None` when the bytes are no whole archive, or a ZIP64 one.
pub(super) fn entry_names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let end = end_of_directory(bytes)?;
    let count = short(bytes, end.checked_add(10)?)?;
    let size = long(bytes, end.checked_add(12)?)?;
    let mut at = long(bytes, end.checked_add(16)?)?;
    if at.checked_add(size)? != end {
        return None;
    }
    let mut names = Vec::with_capacity(count);
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        let [name, extra, comment] = [28, 30, 32].map(|offset| short(bytes, at.checked_add(offset)?));
        let start = at.checked_add(46)?;
        let after = start.checked_add(name?)?;
        names.push(bytes.get(start..after)?);
        at = after.checked_add(extra?)?.checked_add(comment?)?;
    }
    (at == end).then_some(names)
}

/// The content of a first entry `mimetype` that is stored as it is: how OpenDocument files say what they are.
pub(super) fn stored_mimetype(bytes: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"mimetype";
    let name = short(bytes, 26)?;
    let start = 30_usize.checked_add(name)?;
    if short(bytes, 8)? != 0 || bytes.get(30..start)? != NAME {
        return None;
    }
    let start = start.checked_add(short(bytes, 28)?)?;
    bytes.get(start..start.checked_add(long(bytes, 18)?)?)
}

fn end_of_directory(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END)?;
    let first = last.saturating_sub(COMMENT);
    (first..=last).rev().find(|at| {
        bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06"))
            && short(bytes, at + 20).is_some_and(|comment| at + END + comment == bytes.len())
    })
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let found: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(u16::from_le_bytes(found).into())
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let found: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(found)).ok()
}
