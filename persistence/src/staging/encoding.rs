//! The form of a staged row in a file: a length before whatever varies in length, a letter before each value.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{StagedRow, broken};
use crate::error::StoreResult;
use crate::fragment::Value;
use crate::types::DbId;

impl StagedRow {
    /// Appends the row to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        push_bytes(out, self.key.as_bytes());
        push_bytes(out, &self.json);
        push_bytes(out, &self.hash);
        push_length(out, self.columns.len());
        for value in &self.columns {
            push_value(out, value);
        }
        push_length(out, self.words.len());
        for (word, hidden) in &self.words {
            push_bytes(out, word.as_bytes());
            out.push(u8::from(*hidden));
        }
        push_length(out, self.attributes.len());
        for (name, form) in &self.attributes {
            push_bytes(out, name.as_bytes());
            push_bytes(out, form.as_bytes());
        }
    }

    /// Reads what [`StagedRow::encode`] wrote, all of it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for anything else.
    pub fn decode(mut bytes: &[u8]) -> StoreResult<Self> {
        let input = &mut bytes;
        let key = take_text(input)?;
        let (json, hash) = (take_bytes(input)?.to_vec(), take_bytes(input)?.to_vec());
        let columns = (0..take_length(input)?).map(|_| take_value(input)).collect::<StoreResult<Vec<Value>>>()?;
        let words = (0..take_length(input)?)
            .map(|_| Ok((take_text(input)?, take(input, 1)? == [1])))
            .collect::<StoreResult<Vec<(String, bool)>>>()?;
        let attributes = (0..take_length(input)?)
            .map(|_| Ok((take_text(input)?, take_text(input)?)))
            .collect::<StoreResult<Vec<(String, String)>>>()?;
        if input.is_empty() {
            Ok(Self { key, json, hash, columns, words, attributes })
        } else {
            Err(broken(&"trailing bytes"))
        }
    }
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    push_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn push_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Text(Some(text)) => {
            out.push(b'T');
            push_bytes(out, text.as_bytes());
        }
        Value::Text(None) => out.push(b't'),
        Value::Integer(Some(number)) => {
            out.push(b'I');
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Integer(None) => out.push(b'i'),
        Value::Bool(value) => out.extend_from_slice(&[b'B', u8::from(*value)]),
        Value::Date(Some(day)) => {
            out.push(b'D');
            push_bytes(out, day.to_string().as_bytes());
        }
        Value::Date(None) => out.push(b'd'),
        Value::Id(Some(id)) => {
            out.push(b'U');
            out.extend_from_slice(id.0.as_bytes());
        }
        Value::Id(None) => out.push(b'u'),
        Value::Bytes(Some(bytes)) => {
            out.push(b'X');
            push_bytes(out, bytes);
        }
        Value::Bytes(None) => out.push(b'x'),
        Value::Time(Some(time)) => {
            out.push(b'M');
            out.extend_from_slice(&DateTime::<Utc>::from(*time).timestamp_micros().to_le_bytes());
        }
        Value::Time(None) => out.push(b'm'),
    }
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> StoreResult<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(count).ok_or_else(|| broken(&"cut off"))?;
    *input = rest;
    Ok(taken)
}

fn take_array<const N: usize>(input: &mut &[u8]) -> StoreResult<[u8; N]> {
    take(input, N)?.try_into().map_err(|error| broken(&error))
}

fn take_length(input: &mut &[u8]) -> StoreResult<usize> {
    usize::try_from(u32::from_le_bytes(take_array(input)?)).map_err(|error| broken(&error))
}

fn take_bytes<'a>(input: &mut &'a [u8]) -> StoreResult<&'a [u8]> {
    let length = take_length(input)?;
    take(input, length)
}

fn take_text(input: &mut &[u8]) -> StoreResult<String> {
    String::from_utf8(take_bytes(input)?.to_vec()).map_err(|error| broken(&error))
}

fn take_value(input: &mut &[u8]) -> StoreResult<Value> {
    let tag = take(input, 1)?;
    Ok(match tag {
        b"T" => Value::Text(Some(take_text(input)?)),
        b"t" => Value::Text(None),
        b"I" => Value::Integer(Some(i64::from_le_bytes(take_array(input)?))),
        b"i" => Value::Integer(None),
        b"B" => Value::Bool(take(input, 1)? == [1]),
        b"D" => {
            let day: NaiveDate = take_text(input)?.parse().map_err(|error| broken(&error))?;
            Value::Date(Some(day))
        }
        b"d" => Value::Date(None),
        b"U" => Value::Id(Some(DbId(Uuid::from_bytes(take_array(input)?)))),
        b"u" => Value::Id(None),
        b"X" => Value::Bytes(Some(take_bytes(input)?.to_vec())),
        b"x" => Value::Bytes(None),
        b"M" => {
            let micros = i64::from_le_bytes(take_array(input)?);
            let time = DateTime::from_timestamp_micros(micros).ok_or_else(|| broken(&"no instant"))?;
            Value::Time(Some(time.into()))
        }
        b"m" => Value::Time(None),
        _ => return Err(broken(&"an unknown tag")),
    })
}

#[cfg(test)]
mod tests {
    use domain::ids::new_id;

    use super::*;

    #[test]
    fn a_staged_row_reads_back_as_it_was_written_and_nothing_else_does() {
        let row = StagedRow {
            key: "7".to_owned(),
            json: b"{\"a\":1}".to_vec(),
            hash: vec![0, 255],
            columns: vec![
                Some("ä".to_owned()).into(),
                None::<String>.into(),
                i64::MIN.into(),
                None::<i64>.into(),
                true.into(),
                NaiveDate::from_ymd_opt(2026, 2, 28).into(),
                None::<NaiveDate>.into(),
                new_id().into(),
                None::<Uuid>.into(),
                vec![1_u8, 2].into(),
                None::<Vec<u8>>.into(),
                DateTime::from_timestamp_micros(1_795_300_000_000_001).into(),
                None::<DateTime<Utc>>.into(),
            ],
            words: vec![("åke".to_owned(), true), ("b".to_owned(), false)],
            attributes: vec![("class".to_owned(), "ö".to_owned())],
        };
        let mut bytes = Vec::new();
        row.encode(&mut bytes);
        assert_eq!(format!("{:?}", StagedRow::decode(&bytes).unwrap()), format!("{row:?}"));
        for length in 0..bytes.len() {
            assert!(StagedRow::decode(bytes.get(..length).unwrap()).is_err(), "{length}");
        }
        bytes.push(0);
        assert!(StagedRow::decode(&bytes).is_err());
    }
}
