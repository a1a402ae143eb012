//! The customer's own fields of parties and properties: declared with a type, they can be searched by.

mod delete;
mod dto;
mod get;
mod list;
mod put;
mod update;
mod writing;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the routes of declared attributes.
pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list_attributes)
        .service(get::get_attribute)
        .service(put::put_attribute)
        .service(update::update_attribute)
        .service(delete::delete_attribute);
}
