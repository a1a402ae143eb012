//! The service language of `party p` as SQL; the rule itself is `domain::service_language`.

use chrono::NaiveDate;

use super::compile::Context;
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
