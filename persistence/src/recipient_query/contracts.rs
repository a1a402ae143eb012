//! Contracts as SQL.

use domain::recipient_query::{ContractField, ContractTest};

use super::party_fields::{Column, push_test};
use crate::fragment::Fragment;

/// The tests of one contract, over `contract c`.
pub(crate) fn push_contract(sql: &mut Fragment, test: &ContractTest) {
    for (number, (field, test)) in test.fields.iter().enumerate() {
        sql.sql(if number > 0 { " AND " } else { "" });
        push_test(sql, column(*field), test);
    }
    if let Some(day) = test.on {
        sql.sql(" AND (c.valid_from IS NULL OR c.valid_from <= ").bind(day);
        sql.sql(") AND (c.valid_to IS NULL OR c.valid_to >= ").bind(day).sql(")");
    }
}

fn column(field: ContractField) -> Column<'static> {
    Column::Stored(match field {
        ContractField::ContractId => "c.contract_id",
        ContractField::PropertyId => "c.property_id",
        ContractField::Kind => "c.kind",
        ContractField::Language => "c.language",
        ContractField::ValidFrom => "c.valid_from",
        ContractField::ValidTo => "c.valid_to",
        ContractField::PointsEnrolled => "c.points_enrolled",
        ContractField::PointsEnrolledOn => "c.points_enrolled_on",
    })
}
