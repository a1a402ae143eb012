//! Templates and their folders: as they are now, and as they were at every save.

mod folders;
mod list;
mod stored;
mod versions;
mod write;

pub use folders::{
    FolderDeletion, StoredFolder, delete_folder, find_folder, insert_folder, list_folders, update_folder,
};
pub use list::{TemplateFilter, default_of_occasion, list, of_occasion};
pub use stored::{StoredTemplate, find};
pub use versions::{SavedVersion, find_version, list_versions};
pub use write::{Save, Taken, delete, insert, taken, update};

use domain::eligibility::Channel;

use crate::error::{StoreError, StoreResult};

fn channel(word: &str) -> StoreResult<Channel> {
    Channel::parse(word).ok_or_else(|| StoreError::Inconsistent(format!("channel of a template: {word}")))
}
