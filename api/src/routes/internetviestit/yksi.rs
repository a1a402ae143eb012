//! What the operations on one message share: for whom and in which language it is read, and the page of what belongs to it.

use persistence::Reader;
use persistence::internetviestit::{Head, find_shown};
use serde::Deserialize;
use utoipa::IntoParams;

use super::nakokulma::{Asked, View};
use crate::problem::Problem;

/// For whom, and in which language, a message is read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InternetviestiQuery {
    /// The party it is read for: 404 when it is none of its messages and bulletins. At most one of this and `kohde_id`.
    #[param(required = false, nullable = false, minimum = 1, maximum = 9007199254740991i64, example = 1)]
    osapuoli_id: Option<i64>,
    /// The property it is read for: 404 when it is none of its bulletins. At most one of this and `osapuoli_id`.
    #[param(required = false, nullable = false, minimum = 1, maximum = 9007199254740991i64, example = 1)]
    kohde_id: Option<i64>,
    /// The language wanted (BCP 47). Else the party's service language, `Accept-Language`, the deployment's own.
    #[param(
        required = false,
        nullable = false,
        pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$",
        example = "sv"
    )]
    kieli: Option<String>,
}

/// Which part of a list that belongs to one message.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SivuQuery {
    /// How many items a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    pub(super) limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    pub(super) cursor: Option<String>,
}

impl From<InternetviestiQuery> for Asked {
    fn from(InternetviestiQuery { osapuoli_id, kohde_id, kieli }: InternetviestiQuery) -> Self {
        Self { osapuoli_id, kohde_id, kieli }
    }
}

/// The message, if it is shown now and to this caller.
///
/// # Errors
/// 404; a failure of the database.
pub(super) fn shown(reader: &mut Reader<'_>, id: i64, view: &mut View) -> Result<Head, Problem> {
    let shown = view.of_one(reader)?;
    find_shown(reader, id, &shown)?.ok_or_else(Problem::not_found)
}
