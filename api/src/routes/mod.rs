//! Every route, registered so that it is in the OpenAPI document by the same line: a route cannot be served without being
//! documented, nor documented without being served. One operation per file.

mod attachments;
mod attributes;
pub mod contact_lists;
mod contacts;
pub mod internetviestit;
mod last_messages;
pub mod mailings;
mod me;
pub mod operations;
pub mod projects;
pub mod recipients;
mod register;
mod resident_tokens;
pub mod saved_queries;
mod system;
pub mod templates;

use utoipa_actix_web::service_config::ServiceConfig;

pub use system::openapi_json::DocumentJson;

/// The path below which the API lives.
pub const BASE: &str = "/api/v1";

/// Registers every route. Only `.service(…)`, which also documents; never `.route(…)`, which does not.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(system::healthz::get_health)
        .service(system::readyz::get_readiness)
        .service(system::metrics::get_metrics);
    config.service(
        utoipa_actix_web::scope(BASE)
            // First, since routes are tried in turn and nothing else is asked for as often as what portals show.
            .configure(internetviestit::configure)
            .service(system::openapi_json::get_openapi)
            .service(me::get_me)
            .service(last_messages::get::get_last_message)
            .service(last_messages::clear::delete_last_message)
            .configure(register::configure)
            .configure(attributes::configure)
            .service(operations::get::get_operation)
            .configure(recipients::configure)
            .configure(saved_queries::configure)
            .configure(contact_lists::configure)
            .configure(projects::configure)
            .configure(attachments::configure)
            .configure(mailings::configure)
            .configure(templates::configure)
            .configure(contacts::configure)
            .service(resident_tokens::mint::create_resident_token),
    );
}
