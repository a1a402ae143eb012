//! Saved queries (`recipient-queries`): filters with a name, usable in other filters, in contact lists and in mailings.

pub mod create;
pub mod delete;
pub mod dto;
pub mod get;
pub mod list;
pub mod run;
pub mod update;
pub mod version;
pub mod versions;

use chrono::NaiveDate;
use domain::invalid::FieldError;
use domain::naming;
use domain::recipient_query::{RecipientFilter, SavedId, check};
use persistence::filter_uses::{self, FilterUse};
use persistence::{Reader, saved_queries};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::auth::perm::Permission as _;
use crate::auth::{Principal, perm};
use crate::problem::{Code, Problem};

/// How many of those who use something are named.
const NAMED: i64 = 20;

/// The name and the filter in the form that is stored. `query_id` is the query they are of, which they may not name again.
fn checked(
    reader: &mut Reader<'_>,
    query_id: Uuid,
    (name, filter): (&str, &RecipientFilter),
    today: NaiveDate,
) -> Result<String, Problem> {
    let mut known = saved_queries::known(reader, today, [filter])?;
    known.saved.within = Some(SavedId::Query(query_id));
    let name = naming::name("/name", name);
    let condition = check(filter, "/filter", &known);
    match (name, condition) {
        (Ok(name), Ok(_)) => Ok(name),
        (name, condition) => {
            Err(Problem::invalid(name.err().into_iter().chain(condition.err().into_iter().flatten()).collect()))
        }
    }
}

/// Refuses to delete what filters or contact lists name, and tells which do, as far as the caller may read them.
pub(in crate::routes) fn refuse_in_use(
    reader: &mut Reader<'_>,
    of: SavedId,
    caller: &Principal,
) -> Result<(), Problem> {
    let users = filter_uses::users(reader, of, NAMED)?;
    if users.is_empty() {
        return Ok(());
    }
    let (code, what) = match of {
        SavedId::Query(_) => (Code::RecipientQueryInUse, "saved query"),
        SavedId::List(_) => (Code::ContactListInUse, "contact list"),
    };
    let detail =
        format!("Drafts, saved queries or contact lists name this {what}; errors tell which. Change those first.");
    Err(Problem::new(code, detail).with_errors(users.iter().map(|user| used_by(user, caller)).collect()))
}

fn used_by(user: &FilterUse, caller: &Principal) -> FieldError {
    let (code, what, scope) = match user.kind.as_str() {
        "mailing" => ("used_by_mailing", "the draft of a mailing", perm::MailingsRead::SCOPE),
        "contact_list" => ("used_by_contact_list", "the contact list", perm::ListsRead::SCOPE),
        _ => ("used_by_recipient_query", "the saved query", perm::ListsRead::SCOPE),
    };
    let which = if caller.may(scope) {
        format!("{} ({})", user.id(), user.name)
    } else {
        format!("that you may not read: it takes the scope {scope}")
    };
    FieldError::new("", code, format!("{what} {which}"))
}

/// Registers the operations on saved queries.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create::create_recipient_query)
        .service(list::list_recipient_queries)
        .service(get::get_recipient_query)
        .service(update::update_recipient_query)
        .service(delete::delete_recipient_query)
        .service(run::run_recipient_query)
        .service(versions::list_recipient_query_versions)
        .service(version::get_recipient_query_version);
}
