//! Templates: texts that mailings begin with, in folders, with every version they ever had.

pub mod create;
pub mod delete;
pub mod dto;
mod folders;
pub mod get;
mod get_version;
mod list;
mod list_versions;
mod merge_fields;
mod occasions;
mod render;
mod render_dto;
mod restore;
pub(in crate::routes) mod saving;
pub mod update;
mod upload;
mod upload_dto;
mod upload_language;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers the operations on templates, their folders, the merge fields and the occasions.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(folders::configure);
    config
        .service(create::create_template)
        .service(upload::upload_template)
        .service(upload_language::upload_template_language)
        .service(list::list_templates)
        .service(get::get_template)
        .service(update::update_template)
        .service(delete::delete_template)
        .service(list_versions::list_template_versions)
        .service(get_version::get_template_version)
        .service(restore::restore_template_version)
        .service(render::render_template)
        .service(merge_fields::get_merge_fields)
        .service(occasions::get_occasions);
}
