//! Folders of templates, each for one channel.

pub mod create;
pub mod delete;
mod dto;
pub mod get;
pub mod list;
pub mod update;

use persistence::Reader;
use persistence::templates::{StoredFolder, find_folder};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::problem::{Code, Problem};

/// A folder that is there.
fn existing(reader: &mut Reader<'_>, folder_id: Uuid) -> Result<StoredFolder, Problem> {
    find_folder(reader, folder_id)?.ok_or_else(Problem::not_found)
}

fn name_taken() -> Problem {
    Problem::new(Code::TemplateFolderNameTaken, "The channel has another folder of this name. Choose another name.")
}

/// Registers the operations on folders.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_template_folder)
        .service(list::list_template_folders)
        .service(get::get_template_folder)
        .service(update::update_template_folder)
        .service(delete::delete_template_folder);
}
