//! Projects: what contact lists can be linked to.

pub mod create;
pub mod delete;
pub mod dto;
pub mod get;
pub mod list;
pub mod update;

use domain::invalid::FieldError;
use persistence::Reader;
use persistence::projects::{self, Side, find, linked};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::dto::Project;
use crate::problem::Problem;

/// The most links of one project or one contact list.
const MAX_LINKS: usize = 200;

/// A project as it is shown.
fn shown(reader: &mut Reader<'_>, project_id: Uuid) -> Result<Project, Problem> {
    let stored = find(reader, project_id)?.ok_or_else(Problem::not_found)?;
    let linked = linked(reader, Side::Project, &[project_id])?.remove(&project_id).unwrap_or_default();
    Ok(Project::new(stored, linked))
}

/// Refuses links that one of `side` may not have: too many, or to what is not there.
pub(in crate::routes) fn check_links(reader: &mut Reader<'_>, side: Side, ids: &[Uuid]) -> Result<(), Problem> {
    let (member, code, what) = match side {
        Side::Project => ("/list_ids", "unknown_list", "contact list"),
        Side::ContactList => ("/project_ids", "unknown_project", "project"),
    };
    if ids.len() > MAX_LINKS {
        let message = format!("Link it to at most {MAX_LINKS}.");
        return Err(FieldError::new(member, "too_many_values", message).into());
    }
    let known = projects::existing(reader, side, ids)?;
    let unknown = ids.iter().enumerate().filter(|(_, id)| !known.contains(id));
    let faults: Vec<FieldError> = unknown
        .map(|(at, _)| FieldError::new(format!("{member}/{at}"), code, format!("There is no {what} with this id.")))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// Registers the operations on projects.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_project)
        .service(list::list_projects)
        .service(get::get_project)
        .service(update::update_project)
        .service(delete::delete_project);
}
