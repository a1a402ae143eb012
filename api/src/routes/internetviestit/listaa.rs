//! `GET /api/v1/internetviestit`.

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use domain::internetviesti::State;
use domain::language::parse;
use persistence::internetviestit::{ListedInternetviesti, ToolFilter, list_all};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Require;
use crate::auth::perm::InternetviestitRead;
use crate::extract::{QueryParams, refused_parameter};
use crate::paging::{self, Cursor};
use crate::problem::Problem;
use crate::routes::register::page::{cut, rows_for};
use crate::routes::register::search_words::search_words;
use crate::state::AppState;

/// Which messages to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListInternetviestitQuery {
    /// Those addressed to this party.
    #[param(required = false, nullable = false, example = 1)]
    osapuoli_id: Option<i64>,
    /// Those that are bulletins of this property itself.
    #[param(required = false, nullable = false, example = 1)]
    kohde_id: Option<i64>,
    /// Those with these words in title or message, in any order, each the beginning of a word.
    #[param(required = false, nullable = false, example = "vesi")]
    teksti: Option<String>,
    /// Those that came or come into view then or later; drafts made then or later.
    #[param(required = false, nullable = false)]
    alkaen: Option<DateTime<Utc>>,
    /// Those that came or come into view before this; drafts made before this.
    #[param(required = false, nullable = false)]
    paattyen: Option<DateTime<Utc>>,
    /// Those with a version in this language (BCP 47).
    #[param(
        required = false,
        nullable = false,
        pattern = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$",
        example = "fi"
    )]
    kieli: Option<String>,
    /// Those that this subject added.
    #[param(required = false, nullable = false, example = "isannoitsija")]
    lisaaja: Option<String>,
    /// `luonnos`, `julkaistu` or `poistettu`.
    #[param(required = false, nullable = false, pattern = "^(luonnos|julkaistu|poistettu)$", example = "julkaistu")]
    tila: Option<String>,
    /// How many messages a page has at most.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// A message in the tool's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiListalla {
    /// Its id.
    #[schema(example = 1207)]
    internetviesti_id: i64,
    /// Its version.
    #[schema(example = 1)]
    versio: i64,
    /// `luonnos`, `julkaistu` or `poistettu`. New values may appear.
    #[schema(example = "julkaistu")]
    tila: String,
    /// The title of its first version.
    #[schema(example = "Vesikatko 12.3.")]
    otsikko: String,
    /// The languages of its versions.
    #[schema(example = json!(["fi", "sv"]))]
    kielet: Vec<String>,
    /// When it came or comes into view; null of a draft.
    #[schema(required = true)]
    julkaistu: Option<DateTime<Utc>>,
    /// From when it is to be shown; null when at once.
    #[schema(required = true)]
    voimassa_alkaen: Option<DateTime<Utc>>,
    /// From when it is not shown; null when it does not end.
    #[schema(required = true)]
    voimassa_paattyen: Option<DateTime<Utc>>,
    /// Whether it is important.
    tarkea: bool,
    /// The earlier message that it corrects or follows up; else null.
    #[schema(required = true, example = json!(null))]
    korjaa_id: Option<i64>,
    /// How many parties it is addressed to.
    #[schema(example = 0)]
    osapuolia: i64,
    /// How many properties it is a bulletin of.
    #[schema(example = 1)]
    kohteita: i64,
    /// How many attachments it has, of all languages.
    #[schema(example = 0)]
    liitteita: i64,
    /// How many have marked it as read.
    #[schema(example = 12)]
    lukeneita: i64,
    /// When it was added.
    lisatty: DateTime<Utc>,
    /// Who added it.
    #[schema(example = "isannoitsija")]
    lisaaja: String,
    /// When it was changed last.
    muutettu: DateTime<Utc>,
}

impl From<ListedInternetviesti> for InternetviestiListalla {
    fn from(listed: ListedInternetviesti) -> Self {
        Self {
            internetviesti_id: listed.internetviesti_id,
            versio: listed.version,
            tila: listed.state.as_str().to_owned(),
            otsikko: listed.title,
            kielet: listed.languages,
            julkaistu: listed.shown_at,
            voimassa_alkaen: listed.valid_from,
            voimassa_paattyen: listed.valid_to,
            tarkea: listed.important,
            korjaa_id: listed.corrects,
            osapuolia: listed.parties,
            kohteita: listed.properties,
            liitteita: listed.attachments,
            lukeneita: listed.readers,
            lisatty: listed.created_at,
            lisaaja: listed.created_by,
            muutettu: listed.changed_at,
        }
    }
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiListallaPage {
    /// The messages, newest first.
    items: Vec<InternetviestiListalla>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    next_cursor: Option<String>,
}

/// List all messages, for the tool.
///
/// Drafts, expired and withdrawn ones too, newest first by id. Conditions are joined.
#[utoipa::path(
    operation_id = "listInternetviestit",
    tag = "internetviestit",
    security(("bearer" = ["internetviestit:read"])),
    params(ListInternetviestitQuery),
    responses((status = 200, description = "A page of messages.", body = InternetviestiListallaPage)),
)]
#[get("/internetviestit")]
pub async fn list_internetviestit(
    _caller: Require<InternetviestitRead>,
    query: QueryParams<ListInternetviestitQuery>,
    state: web::Data<AppState>,
) -> Result<web::Json<InternetviestiListallaPage>, Problem> {
    let query = query.into_inner();
    let ListInternetviestitQuery {
        osapuoli_id,
        kohde_id,
        teksti,
        alkaen,
        paattyen,
        kieli,
        lisaaja,
        tila,
        limit: _,
        cursor: _,
    } = &query;
    let cursors =
        state.cursors.of(&("internetviestit", osapuoli_id, kohde_id, teksti, alkaen, paattyen, kieli, lisaaja, tila));
    let limit = paging::limit(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => Some(cursors.open(cursor)?.numeric_id()?),
        None => None,
    };
    let filter = filter(query)?;
    let found = state.db.read(move |reader| list_all(reader, &filter, before, rows_for(limit))).await?;
    let position =
        |listed: &ListedInternetviesti| Cursor { sort: Vec::new(), id: listed.internetviesti_id.to_string() };
    let (found, next_cursor) = cut(found, limit, &cursors, position);
    Ok(web::Json(InternetviestiListallaPage { items: found.into_iter().map(Into::into).collect(), next_cursor }))
}

fn filter(query: ListInternetviestitQuery) -> Result<ToolFilter, Problem> {
    let language = |tag: String| {
        parse(&tag)
            .ok_or_else(|| refused_parameter("kieli", "invalid_language", "Give a language tag such as fi (BCP 47)."))
    };
    let state = |word: String| {
        let refused = || refused_parameter("tila", "unknown_value", "A message is luonnos, julkaistu or poistettu.");
        State::parse(&word).ok_or_else(refused)
    };
    Ok(ToolFilter {
        party_id: query.osapuoli_id,
        property_id: query.kohde_id,
        words: search_words("teksti", query.teksti.as_deref())?,
        from: query.alkaen,
        to: query.paattyen,
        language: query.kieli.map(language).transpose()?,
        created_by: query.lisaaja,
        state: query.tila.map(state).transpose()?,
    })
}
