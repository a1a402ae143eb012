//! The recipients of a mailing as lines of a table, a thousand at a time: of a draft as they are resolved, of a sent mailing as
//! they were frozen. No connection to the database is held between the pieces, however slowly they are taken.

use std::sync::Arc;

use domain::mailing::resolve::ResolvedRow;
use domain::mailing::{MailingDraft, MailingStatus, message_id};
use persistence::deliveries::listing::{self, RowView};
use persistence::mailings::find;
use persistence::{Db, Reader};
use uuid::Uuid;

use super::resolving::{Resolved, Resolving, Terms};
use crate::csv_output::{BYTE_ORDER_MARK, Separator, lines};
use crate::disclosure::Recorder;
use crate::problem::Problem;

/// How many rows are read at a time.
const TOGETHER: i64 = 1000;

const COLUMNS: [&str; 17] = [
    "row_no",
    "addressed_as",
    "party_id",
    "protected",
    "name",
    "channel",
    "address",
    "language",
    "content_language",
    "status",
    "reason",
    "shared",
    "message_id",
    "attempts",
    "sent_at",
    "last_code",
    "last_detail",
];

type Line = [String; COLUMNS.len()];

/// A table in the making.
pub(super) struct Download {
    db: Db,
    mailing_id: Uuid,
    see_protected: bool,
    recorder: Recorder,
    separator: Separator,
    draft: Arc<MailingDraft>,
    rows: Option<Rows>,
    begun: bool,
}

/// Where the rows come from.
enum Rows {
    /// They are resolved; so many have been.
    Draft(Box<Resolving>, i64),
    /// They are frozen; the number of the last one read.
    Sent(i64),
}

/// Lines, and the protected parties whose identity they show.
struct Piece {
    lines: Vec<Line>,
    disclosed: Vec<i64>,
}

impl Download {
    /// Finds the mailing and, of a draft, everyone who is meant.
    pub(super) async fn start(
        db: Db,
        mailing_id: Uuid,
        terms: Terms,
        recorder: Recorder,
        separator: Separator,
    ) -> Result<Self, Problem> {
        let see_protected = terms.see_protected;
        let found = db.read(move |reader| {
            let mailing = find(reader, mailing_id)?.ok_or_else(Problem::not_found)?;
            let draft = Arc::new(mailing.draft);
            let rows = match mailing.status {
                MailingStatus::Draft => Rows::Draft(Box::new(Resolving::start(reader, &draft, &terms)?), 0),
                _ => Rows::Sent(0),
            };
            Ok::<_, Problem>((draft, rows))
        });
        let (draft, rows) = found.await?;
        Ok(Self { db, mailing_id, see_protected, recorder, separator, draft, rows: Some(rows), begun: false })
    }

    /// The next bytes; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(rows) = self.rows.take() else { return Ok(None) };
        let (mailing_id, draft, see_protected) = (self.mailing_id, Arc::clone(&self.draft), self.see_protected);
        let read = self.db.read(move |reader| rows.read(reader, mailing_id, &draft, see_protected));
        let (rows, Piece { lines: found, disclosed }) = read.await?;
        if !disclosed.is_empty() {
            let recorder = self.recorder.clone();
            // Before anybody sees them.
            self.db.write(move |writer| Ok::<_, Problem>(recorder.record(writer, &disclosed)?)).await?;
        }
        self.rows = (!found.is_empty()).then_some(rows);
        let mut bytes = Vec::new();
        if !self.begun {
            self.begun = true;
            bytes.extend(BYTE_ORDER_MARK.as_bytes());
            bytes.extend(lines([COLUMNS.map(str::to_owned)], self.separator).map_err(Problem::internal)?);
        }
        bytes.extend(lines(found, self.separator).map_err(Problem::internal)?);
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

impl Rows {
    fn read(
        self,
        reader: &mut Reader<'_>,
        mailing_id: Uuid,
        draft: &MailingDraft,
        see_protected: bool,
    ) -> Result<(Self, Piece), Problem> {
        match self {
            Self::Draft(mut resolving, mut number) => {
                let mut piece = Piece { lines: Vec::new(), disclosed: Vec::new() };
                for Resolved { name, protected, rows } in resolving.next(reader)? {
                    for row in rows {
                        number += 1;
                        piece.add(protected, row.party_id, see_protected, |shown| {
                            planned(number, row, name.clone(), protected, draft, shown)
                        });
                    }
                }
                Ok((Self::Draft(resolving, number), piece))
            }
            Self::Sent(after) => {
                let views = listing::list(reader, mailing_id, None, after, TOGETHER)?;
                let last = views.last().map_or(after, |row| row.row_no);
                let mut piece = Piece { lines: Vec::with_capacity(views.len()), disclosed: Vec::new() };
                for row in views {
                    let (protected, party_id) = (row.party_protected, row.party_id);
                    piece.add(protected, party_id, see_protected, |shown| frozen(row, draft, shown));
                }
                Ok((Self::Sent(last), piece))
            }
        }
    }
}

impl Piece {
    fn add(&mut self, protected: bool, party_id: Option<i64>, see_protected: bool, line: impl FnOnce(bool) -> Line) {
        self.lines.push(line(see_protected || !protected));
        self.disclosed.extend(party_id.filter(|_| protected && see_protected));
    }
}

/// The line of a row as it would be frozen; `shown` says whether the caller may see who it is.
fn planned(
    number: i64,
    row: ResolvedRow,
    name: Option<String>,
    protected: bool,
    draft: &MailingDraft,
    shown: bool,
) -> Line {
    let version = row.version.filter(|_| row.reason.is_none());
    let status = if row.reason.is_some() { "skipped" } else { "planned" };
    [
        number.to_string(),
        row.addressed_as.as_str().to_owned(),
        text(row.party_id.filter(|_| shown)),
        protected.to_string(),
        text(name.filter(|_| shown)),
        row.channel.as_str().to_owned(),
        text(row.address.filter(|_| shown)),
        row.language,
        text(version.and_then(|index| draft.contents.get(index)).map(|content| &content.language)),
        status.to_owned(),
        text(row.reason.map(|reason| reason.code().into_owned())),
        text(row.shared_with.map(|_| "duplicate_address")),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    ]
}

/// The line of a frozen row.
fn frozen(row: RowView, draft: &MailingDraft, shown: bool) -> Line {
    let version = row.version_no.filter(|_| row.delivery_id.is_some()).and_then(|index| usize::try_from(index).ok());
    let sender = draft.sender.address.as_deref().unwrap_or_default();
    [
        row.row_no.to_string(),
        row.addressed_as.as_str().to_owned(),
        text(row.party_id.filter(|_| shown)),
        row.party_protected.to_string(),
        text(row.name.filter(|_| shown)),
        row.channel,
        text(row.address.filter(|_| shown)),
        row.language,
        text(version.and_then(|index| draft.contents.get(index)).map(|content| &content.language)),
        row.state.as_str().to_owned(),
        text(row.reason),
        text(row.shared),
        text(row.message_id.map(|id| message_id(id, sender))),
        row.attempts.to_string(),
        text(row.sent_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))),
        text(row.last_code),
        // What the server says may name the address.
        text(row.last_detail.filter(|_| shown)),
    ]
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
