//! The register: parties, properties, roles, contracts, key loans and move-in inspections as the ERP gives them, with what is set here.
//!
//! What a caller without the scope `parties:protected` sees of a protected party is decided in [`visibility`] and in one
//! function of each resource, and nowhere else.

mod conflicts;
mod contracts;
mod due;
mod found;
mod imports;
mod key_loans;
mod move_in_inspections;
pub(super) mod page;
mod parties;
mod properties;
mod references;
mod roles;
pub(super) mod search_words;
pub(super) mod visibility;
mod writing;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes of the register.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(imports::create::create_register_import)
        .service(imports::bad_rows::list_register_import_bad_rows)
        .service(conflicts::list::list_register_conflicts)
        .service(parties::list::list_parties)
        .service(parties::get::get_party)
        .service(parties::put::put_party)
        .service(parties::update::update_party)
        .service(properties::list::list_properties)
        .service(properties::get::get_property)
        .service(properties::put::put_property)
        .service(properties::update::update_property)
        .service(properties::delete::delete_property)
        .service(roles::list::list_roles)
        .service(roles::get::get_role)
        .service(roles::put::put_role)
        .service(roles::update::update_role)
        .service(roles::delete::delete_role)
        .service(contracts::list::list_contracts)
        .service(contracts::get::get_contract)
        .service(contracts::put::put_contract)
        .service(contracts::update::update_contract)
        .service(contracts::delete::delete_contract)
        .service(key_loans::list::list_key_loans)
        .service(key_loans::create::create_key_loan)
        .service(key_loans::draft::create_key_loan_mailing_draft)
        .service(key_loans::get::get_key_loan)
        .service(key_loans::put::put_key_loan)
        .service(key_loans::update::update_key_loan)
        .service(key_loans::delete::delete_key_loan)
        .service(move_in_inspections::list::list_move_in_inspections)
        .service(move_in_inspections::create::create_move_in_inspection)
        .service(move_in_inspections::draft::create_move_in_inspection_mailing_draft)
        .service(move_in_inspections::get::get_move_in_inspection)
        .service(move_in_inspections::put::put_move_in_inspection)
        .service(move_in_inspections::update::update_move_in_inspection)
        .service(move_in_inspections::delete::delete_move_in_inspection);
}
