//! The recipients of a mailing's newest preview: what `send` compares with.

use diesel::prelude::*;
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::schema::mailing_preview;
use crate::types::DbId;

/// Keeps the recipients of the newest preview, in the form `domain::mailing::recipients` gives them.
///
/// # Errors
/// A failure of the database.
pub fn save_preview(
    writer: &mut Writer<'_>,
    mailing_id: Uuid,
    recipients_hash: &str,
    recipients: Vec<u8>,
) -> StoreResult<()> {
    let mut sql = Fragment::new("INSERT INTO mailing_preview (mailing_id, recipients_hash, recipients) VALUES ");
    sql.list([Value::from(mailing_id), recipients_hash.into(), recipients.into()]).sql(
        " ON CONFLICT (mailing_id) DO UPDATE SET recipients_hash = excluded.recipients_hash, \
         recipients = excluded.recipients",
    );
    sql.execute(writer.conn)?;
    Ok(())
}

/// The recipients of the newest preview, if it had this hash.
///
/// # Errors
/// A failure of the database.
pub fn previewed(reader: &mut Reader<'_>, mailing_id: Uuid, recipients_hash: &str) -> StoreResult<Option<Vec<u8>>> {
    Ok(mailing_preview::table
        .find(DbId(mailing_id))
        .filter(mailing_preview::recipients_hash.eq(recipients_hash))
        .select(mailing_preview::recipients)
        .first(reader.conn)
        .optional()?)
}
