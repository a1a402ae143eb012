//! A message as the tool sees it.

use chrono::{DateTime, Utc};
use persistence::internetviestit::{Change, StoredInternetviesti, StoredLiite};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::pyynto_dto::InternetviestiPyynto;

/// A message as it is kept, whatever its state.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiMuokkaus {
    /// Its id.
    #[schema(example = 1207)]
    pub(super) internetviesti_id: i64,
    /// Counts its changes, from 1.
    #[schema(example = 1)]
    pub(super) versio: i64,
    /// `luonnos`, `julkaistu` or `poistettu`. New values may appear.
    #[schema(example = "julkaistu")]
    tila: String,
    /// What its author decided, as a request would say it.
    sisalto: InternetviestiPyynto,
    /// The ids of its attachments for portals.
    liitteet: Vec<TallennettuLiite>,
    /// When it came or comes into view; null of a draft.
    #[schema(required = true)]
    julkaistu: Option<DateTime<Utc>>,
    /// The mailing that made it; else null.
    #[schema(required = true)]
    mailing_id: Option<Uuid>,
    /// When it was added.
    lisatty: DateTime<Utc>,
    /// Who added it.
    #[schema(example = "isannoitsija")]
    lisaaja: String,
    /// When it was changed last.
    muutettu: DateTime<Utc>,
}

/// An attachment of a kept message.
#[derive(Debug, Serialize, ToSchema)]
pub struct TallennettuLiite {
    /// Its id for portals.
    #[schema(example = 311)]
    liite_id: i64,
    /// Its id among the uploaded files.
    tiedosto_id: Uuid,
    /// The language that it goes with; null when it goes with all.
    #[schema(required = true, example = json!(null))]
    kieli: Option<String>,
}

impl From<StoredInternetviesti> for InternetviestiMuokkaus {
    fn from(stored: StoredInternetviesti) -> Self {
        let liite = |StoredLiite { liite_id, attachment_id, language }| TallennettuLiite {
            liite_id,
            tiedosto_id: attachment_id,
            kieli: language,
        };
        Self {
            internetviesti_id: stored.internetviesti_id,
            versio: stored.version,
            tila: stored.state.as_str().to_owned(),
            sisalto: InternetviestiPyynto::of(stored.message, stored.state),
            liitteet: stored.liitteet.into_iter().map(liite).collect(),
            julkaistu: stored.shown_at,
            mailing_id: stored.mailing_id,
            lisatty: stored.created_at,
            lisaaja: stored.created_by,
            muutettu: stored.changed_at,
        }
    }
}

/// One change of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiMuutos {
    /// The version that came of it.
    #[schema(example = 2)]
    versio: i64,
    /// When.
    aika: DateTime<Utc>,
    /// Who.
    #[schema(example = "isannoitsija")]
    tekija: String,
    /// What: `luonnosteltu`, `julkaistu`, `muutettu` or `poistettu`. New values may appear.
    #[schema(example = "muutettu")]
    tapahtuma: String,
    /// The message as it was from then on.
    sisalto: InternetviestiPyynto,
}

impl From<Change> for InternetviestiMuutos {
    fn from(Change { version, at, by, what, state, message }: Change) -> Self {
        Self {
            versio: version,
            aika: at,
            tekija: by,
            tapahtuma: what.as_str().to_owned(),
            sisalto: InternetviestiPyynto::of(message, state),
        }
    }
}

/// A page of changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiMuutosPage {
    /// The changes, newest first.
    pub(super) items: Vec<InternetviestiMuutos>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
}
