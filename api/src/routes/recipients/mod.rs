//! Recipients: whom a filter reaches, and why not the others.

mod asked;
mod choices_dto;
pub(super) mod counting;
pub mod coverage;
mod coverage_dto;
mod explaining;
mod fields;
pub mod filter;
mod languages;
mod person;
mod person_dto;
mod roles;
pub mod search;
pub mod search_dto;
mod values;
pub(crate) mod words;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes of recipients.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(search::search_recipients)
        .service(coverage::search_coverage)
        .service(person::explain_recipient)
        .service(fields::get_recipient_fields)
        .service(roles::get_recipient_roles)
        .service(languages::get_recipient_languages)
        .service(values::get_recipient_values);
}
