//! Contacts: every message with a party, as its card shows them.

mod content;
mod dto;
mod list;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes of contacts.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list::list_contacts);
}
