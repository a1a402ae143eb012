//! The register as imported from the ERP: parties, properties, roles and contracts, read only.
//!
//! What a caller without the scope `parties:protected` sees of a protected party is decided in [`visibility`] and in one
//! function of each resource, and nowhere else.

mod contracts;
mod found;
pub(super) mod page;
mod parties;
mod properties;
mod roles;
mod search_words;
pub(super) mod visibility;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes of the register.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(parties::list::list_parties)
        .service(parties::get::get_party)
        .service(properties::list::list_properties)
        .service(properties::get::get_property)
        .service(roles::list::list_roles)
        .service(roles::get::get_role)
        .service(contracts::list::list_contracts)
        .service(contracts::get::get_contract);
}
