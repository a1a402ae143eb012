//! Viewpoints as SQL: which messages concern a party, a property, or residents.

use chrono::NaiveDate;
use diesel::sql_types::Bool;
use diesel::{QueryableByName, RunQueryDsl};
use domain::register::{PartyId, PropertyId};

use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;
use crate::recipient_query::push_valid_on;

/// From where messages are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// What is addressed to the party; with `bulletins` also the bulletins of its properties, by its roles of today.
    Party { party_id: PartyId, bulletins: bool },
    /// The bulletins of a property; with `inherited` also those from above that reach down. With `viewers` only those that one of
    /// these parties is meant by.
    Property { property_id: PropertyId, inherited: bool, viewers: Option<Vec<PartyId>> },
    /// What any of these parties may see, as [`Source::Party`] with bulletins.
    Residents(Vec<PartyId>),
}

impl Source {
    /// Whether messages can be bulletins from here.
    pub(crate) fn has_bulletins(&self) -> bool {
        !matches!(self, Self::Party { bulletins: false, .. })
    }

    fn viewers(&self) -> Option<&[PartyId]> {
        match self {
            Self::Party { bulletins: false, .. } => None,
            Self::Party { party_id, bulletins: true } => Some(std::slice::from_ref(party_id)),
            Self::Property { viewers, .. } => viewers.as_deref(),
            Self::Residents(party_ids) => Some(party_ids),
        }
    }
}

/// What stands before the SELECT of [`push_source`]: `mine`, the properties at and above the viewers' roles of today, and `up`, the
/// property asked for and those above it.
fn push_with(sql: &mut Fragment, source: &Source, today: NaiveDate) {
    let mut separator = "WITH RECURSIVE ";
    if let Some(viewers) = source.viewers() {
        sql.sql(separator).sql("mine (property_id, role, inherited) AS (SELECT r.property_id, r.role, FALSE FROM role r WHERE r.party_id IN ");
        sql.list(viewers.iter().copied()).sql(" AND ");
        push_valid_on(sql, today);
        sql.sql(
            " UNION SELECT q.parent_id, m.role, TRUE FROM mine m JOIN property q ON q.property_id = m.property_id \
             WHERE q.parent_id IS NOT NULL)",
        );
        separator = ", ";
    }
    if let Source::Property { property_id, inherited, .. } = source {
        sql.sql(separator)
            .sql("up (property_id, inherited) AS (SELECT q.property_id, FALSE FROM property q WHERE q.property_id = ");
        sql.bind(*property_id);
        if *inherited {
            sql.sql(
                " UNION SELECT q.parent_id, TRUE FROM up u JOIN property q ON q.property_id = u.property_id \
                 WHERE q.parent_id IS NOT NULL",
            );
        }
        sql.sql(")");
    }
    sql.sql(" ");
}

/// Appends `WITH … SELECT` over `(…) s`, `columns` first, up to and including the FROM clause: `s` has the id of each message of the
/// source once, with `party_id`, `property_id` and `inherited`.
pub(in crate::internetviestit) fn push_source(
    sql: &mut Fragment,
    source: &Source,
    today: NaiveDate,
    columns: &[&'static str],
) {
    push_with(sql, source, today);
    sql.sql("SELECT ");
    for column in columns {
        sql.sql(column);
    }
    sql.sql(" FROM (");
    if source.has_bulletins() {
        sql.sql(
            "SELECT x.*, ROW_NUMBER() OVER (PARTITION BY x.internetviesti_id ORDER BY x.nearness, x.party_id, x.property_id) AS choice \
             FROM (",
        );
    }
    let by_party = match source {
        Source::Party { party_id, .. } => Some(std::slice::from_ref(party_id)),
        Source::Residents(party_ids) => Some(party_ids.as_slice()),
        Source::Property { .. } => None,
    };
    if let Some(party_ids) = by_party {
        sql.sql(
            "SELECT t.internetviesti_id, t.shown_at, t.party_id, CAST(NULL AS BIGINT) AS property_id, FALSE AS inherited, \
             0 AS nearness FROM internetviesti_party t WHERE t.party_id IN ",
        );
        sql.list(party_ids.iter().copied());
    }
    if by_party.is_some() && source.has_bulletins() {
        sql.sql(" UNION ALL ");
    }
    if source.has_bulletins() {
        push_bulletins(sql, source);
        sql.sql(") x) s JOIN internetviesti i ON i.internetviesti_id = s.internetviesti_id WHERE s.choice = 1");
    } else {
        sql.sql(") s JOIN internetviesti i ON i.internetviesti_id = s.internetviesti_id WHERE TRUE");
    }
}

fn push_bulletins(sql: &mut Fragment, source: &Source) {
    let places = if matches!(source, Source::Property { .. }) { "up" } else { "mine" };
    sql.sql(
        "SELECT t.internetviesti_id, t.shown_at, CAST(NULL AS BIGINT) AS party_id, t.property_id, g.inherited, \
         CASE WHEN g.inherited THEN 2 ELSE 1 END AS nearness FROM ",
    );
    sql.sql(places).sql(
        " g JOIN internetviesti_property t ON t.property_id = g.property_id \
         JOIN internetviesti b ON b.internetviesti_id = t.internetviesti_id WHERE (b.reaches_down OR NOT g.inherited)",
    );
    match source {
        Source::Property { viewers: None, .. } => {}
        Source::Property { .. } => {
            sql.sql(" AND EXISTS (SELECT 1 FROM mine m WHERE m.property_id = t.property_id AND (b.reaches_down OR NOT m.inherited)");
            push_is_for_role(sql, "m.role");
            sql.sql(")");
        }
        _ => push_is_for_role(sql, "g.role"),
    }
}

/// The bulletin `t` is for everybody, or for those with the role.
fn push_is_for_role(sql: &mut Fragment, role: &'static str) {
    sql.sql(
        " AND (NOT EXISTS (SELECT 1 FROM internetviesti_role z WHERE z.internetviesti_id = t.internetviesti_id) \
         OR EXISTS (SELECT 1 FROM internetviesti_role z WHERE z.internetviesti_id = t.internetviesti_id AND z.role = ",
    );
    sql.sql(role).sql("))");
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Whether one of these parties has a role today at the property or below it.
///
/// # Errors
/// A failure of the database.
pub fn holds_property(
    reader: &mut Reader<'_>,
    party_ids: &[PartyId],
    property_id: PropertyId,
    today: NaiveDate,
) -> StoreResult<bool> {
    let mut sql = Fragment::new("");
    push_with(&mut sql, &Source::Residents(party_ids.to_vec()), today);
    sql.sql("SELECT EXISTS (SELECT 1 FROM mine m WHERE m.property_id = ").bind(property_id).sql(") AS found");
    Ok(sql.get_result::<Found>(reader.conn)?.found)
}
