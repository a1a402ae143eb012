//! The service language of `party p` as SQL; the rule itself is `domain::service_language`.

use chrono::NaiveDate;
use diesel::sql_types::{Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use domain::register::PartyId;
use domain::service_language::{LanguageSource, ServiceLanguage};

use super::compile::Context;
use crate::door::Reader;
use crate::error::StoreResult;
use crate::fragment::Fragment;

/// `COALESCE(own setting, newest contract's, default)`.
pub(crate) fn push_service_language(sql: &mut Fragment, context: Context<'_>) {
    sql.sql("COALESCE(p.language, (");
    push_contract_language(sql, context.today);
    sql.sql("), ").bind(context.default_language).sql(")");
}

/// The language of the contract valid today with the latest start, else of the next to start, else of the newest ended.
pub(crate) fn push_contract_language(sql: &mut Fragment, today: NaiveDate) {
    sql.sql("SELECT c.language FROM contract c WHERE c.party_id = p.party_id AND c.language IS NOT NULL ORDER BY CASE WHEN c.valid_from > ");
    sql.bind(today).sql(" THEN 1 WHEN c.valid_to < ").bind(today).sql(" THEN 2 ELSE 0 END");
    // Among those to start the earliest; among the ended the last to end; else the last to start, an open start being first.
    sql.sql(", CASE WHEN c.valid_from > ").bind(today).sql(" THEN c.valid_from END");
    sql.sql(", CASE WHEN c.valid_to < ").bind(today).sql(" THEN c.valid_to END DESC");
    sql.sql(", COALESCE(c.valid_from, ").bind(first_day()).sql(") DESC, c.contract_id DESC LIMIT 1");
}

/// Earlier than any day of a register, and a date both databases can hold.
fn first_day() -> NaiveDate {
    NaiveDate::default() - chrono::Days::new(1969 * 365)
}

#[derive(QueryableByName)]
struct LanguageRow {
    #[diesel(sql_type = Nullable<Text>)]
    own: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    contract: Option<String>,
}

/// The language a party is served in, and where it comes from; `None` when there is no such party.
///
/// # Errors
/// A failure of the database.
pub fn of_party(
    reader: &mut Reader<'_>,
    party_id: PartyId,
    today: NaiveDate,
    default: &str,
) -> StoreResult<Option<ServiceLanguage>> {
    let mut sql = Fragment::new("SELECT p.language AS own, (");
    push_contract_language(&mut sql, today);
    sql.sql(") AS contract FROM party p WHERE p.party_id = ").bind(party_id);
    Ok(sql.load::<LanguageRow>(reader.conn)?.pop().map(|LanguageRow { own, contract }| match (own, contract) {
        (Some(language), _) => ServiceLanguage { language, source: LanguageSource::Party },
        (None, Some(language)) => ServiceLanguage { language, source: LanguageSource::Contract },
        (None, None) => ServiceLanguage { language: default.to_owned(), source: LanguageSource::Assumed },
    }))
}
