//! Which saved queries and contact lists the filters of saved queries and of drafts name. What is named cannot be deleted.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
use domain::recipient_query::{RecipientFilter, SavedId};
use uuid::Uuid;

use crate::door::{Reader, Writer};
use crate::error::StoreResult;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::types::{DbId, UuidT};

/// Who names a saved query or a contact list.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct FilterUse {
    /// `mailing`, `recipient_query` or `contact_list`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = UuidT)]
    id: DbId,
    #[diesel(sql_type = Text)]
    pub name: String,
}

impl FilterUse {
    /// Its id.
    pub fn id(&self) -> Uuid {
        self.id.0
    }
}

/// Notes what the filters of a saved query or of a draft name from now on. The caller has checked, in this transaction, that
/// all of it exists.
pub(crate) fn set<'a>(
    writer: &mut Writer<'_>,
    user_id: Uuid,
    filters: impl IntoIterator<Item = &'a RecipientFilter>,
) -> StoreResult<()> {
    let mut clear = Fragment::new("DELETE FROM filter_use WHERE user_id = ");
    clear.bind(user_id);
    clear.execute(writer.conn)?;
    let mut named: Vec<SavedId> = filters.into_iter().flat_map(RecipientFilter::saved_ids).collect();
    named.sort_unstable();
    named.dedup();
    let rows = named.into_iter().map(|id| -> [Value; 3] {
        match id {
            SavedId::Query(id) => [user_id.into(), id.into(), None::<Uuid>.into()],
            SavedId::List(id) => [user_id.into(), None::<Uuid>.into(), id.into()],
        }
    });
    insert_rows(writer, "INSERT INTO filter_use (user_id, query_id, list_id)", rows, "")
}

/// Who names this, the first `limit`: drafts, saved queries, and contact lists of a query.
///
/// # Errors
/// A failure of the database.
pub fn users(reader: &mut Reader<'_>, of: SavedId, limit: i64) -> StoreResult<Vec<FilterUse>> {
    let (named, id) = match of {
        SavedId::Query(id) => ("u.query_id = ", id),
        SavedId::List(id) => ("u.list_id = ", id),
    };
    let mut sql = Fragment::new(
        "SELECT 'mailing' AS kind, m.mailing_id AS id, m.name FROM filter_use u \
         JOIN mailing m ON m.mailing_id = u.user_id WHERE ",
    );
    sql.sql(named).bind(id).sql(
        " UNION ALL SELECT 'recipient_query', q.query_id, q.name FROM filter_use u \
         JOIN recipient_query q ON q.query_id = u.user_id WHERE ",
    );
    sql.sql(named).bind(id);
    if let SavedId::Query(id) = of {
        sql.sql(" UNION ALL SELECT 'contact_list', l.list_id, l.name FROM contact_list l WHERE l.query_id = ").bind(id);
    }
    sql.sql(" ORDER BY 1, 3, 2 LIMIT ").bind(limit);
    Ok(sql.load(reader.conn)?)
}
