//! A message as portals get it: the header alone, or all of it.

use chrono::{DateTime, Utc};
use domain::internetviesti::State;
use persistence::internetviestit::{Head, ServedLiite};
use serde::Serialize;
use utoipa::ToSchema;

use super::kieli::Kielet;

/// A header, and what else a schema has beside it: an OpenAPI document for generators has no `allOf`.
macro_rules! with_header {
    (
        $(#[$doc:meta])*
        pub struct $name:ident { $($(#[$extra_doc:meta])* $extra:ident: $kind:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            /// Its id.
            #[schema(example = 1207)]
            pub(super) internetviesti_id: i64,
            /// The title.
            #[schema(example = "Vesikatko 12.3. klo 9–12")]
            otsikko: String,
            /// The language served (BCP 47).
            #[schema(example = "fi")]
            pub(super) kieli: String,
            /// The languages there are.
            #[schema(example = json!(["fi", "sv"]))]
            kielet: Vec<String>,
            /// The party it is addressed to, of those it was read for; null of a bulletin, and when it was read for nobody.
            #[schema(required = true, example = 1042)]
            osapuoli_id: Option<i64>,
            /// The property it is addressed to, when it is a bulletin that was read for a party or a property; else null.
            #[schema(required = true, example = 1001)]
            kohde_id: Option<i64>,
            /// When it came into view.
            #[schema(example = "2026-03-10T08:00:00Z")]
            julkaistu: DateTime<Utc>,
            /// Shown from then on.
            #[schema(example = "2026-03-10T08:00:00Z")]
            voimassa_alkaen: DateTime<Utc>,
            /// Not shown from then on; null when it does not end.
            #[schema(required = true, example = "2026-03-13T00:00:00Z")]
            voimassa_paattyen: Option<DateTime<Utc>>,
            /// Whether it is important.
            tarkea: bool,
            /// Whether the party has read it. In lists of a party; else null.
            #[schema(required = true)]
            luettu: Option<bool>,
            /// Who added it.
            #[schema(example = "isannoitsija")]
            lisaaja: String,
            /// How many attachments go with this language.
            #[schema(example = 1)]
            liitteita: i64,
            /// Whether the bulletin comes from above the property it was read for.
            peritty: bool,
            /// `julkaistu`. New values may appear.
            #[schema(example = "julkaistu")]
            tila: String,
            /// The earlier message that it corrects or follows up; else null.
            #[schema(required = true, example = json!(null))]
            korjaa_id: Option<i64>,
            /// The newest message that corrects or follows it up. In lists; else null.
            #[schema(required = true, example = json!(null))]
            korjattu_id: Option<i64>,
            $($(#[$extra_doc])* $extra: $kind,)*
        }

        impl $name {
            /// In the language of the reader.
            pub(super) fn new(head: Head, kielet: &Kielet $(, $extra: $kind)*) -> Self {
                let chosen = kielet.choose(&head).cloned();
                let (kieli, otsikko, liitteita) =
                    chosen.map(|version| (version.language, version.title, version.attachments)).unwrap_or_default();
                Self {
                    internetviesti_id: head.internetviesti_id,
                    otsikko,
                    kieli,
                    kielet: head.versions.into_iter().map(|version| version.language).collect(),
                    osapuoli_id: head.party_id,
                    kohde_id: head.property_id,
                    julkaistu: head.shown_at,
                    voimassa_alkaen: head.valid_from.unwrap_or(head.shown_at),
                    voimassa_paattyen: head.valid_to,
                    tarkea: head.important,
                    luettu: head.read,
                    lisaaja: head.created_by,
                    liitteita,
                    peritty: head.inherited,
                    tila: State::Published.as_str().to_owned(),
                    korjaa_id: head.corrects,
                    korjattu_id: head.corrected_by,
                    $($extra,)*
                }
            }
        }
    };
}

with_header! {
    /// The header of a message (internetviesti), in the language that was served.
    pub struct InternetviestiOtsikko {}
}

with_header! {
    /// A message (internetviesti) in the language that was served: its header, and what it says. `luettu` and `korjattu_id` are in
    /// lists only.
    pub struct Internetviesti {
        /// The message as an HTML fragment, safe to put into a page.
        #[schema(example = "<p>Vesi on poikki torstaina klo 9–12.</p>")]
        viesti_html: String,
        /// The message as plain text.
        #[schema(example = "Vesi on poikki torstaina klo 9–12.")]
        viesti_teksti: String,
        /// The attachments of this language, in order.
        liitteet: Vec<InternetviestiLiite>,
    }
}

/// An attachment of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiLiite {
    /// Its id, for `GET /internetviestit/liitteet/{liite_id}`.
    #[schema(example = 311)]
    liite_id: i64,
    /// Its file name.
    #[schema(example = "Ohje.pdf")]
    tiedostonimi: String,
    /// Its content type.
    #[schema(example = "application/pdf")]
    sisaltotyyppi: String,
    /// How large it is, in bytes.
    #[schema(example = 48_213)]
    koko: u64,
}

impl From<ServedLiite> for InternetviestiLiite {
    fn from(liite: ServedLiite) -> Self {
        let ServedLiite { liite_id, file_name, content_type, size, .. } = liite;
        Self { liite_id, tiedostonimi: file_name, sisaltotyyppi: content_type, koko: size }
    }
}

/// A page of headers.
#[derive(Debug, Serialize, ToSchema)]
pub struct InternetviestiOtsikkoPage {
    /// The headers, newest first.
    pub(super) items: Vec<InternetviestiOtsikko>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true, example = json!(null))]
    pub(super) next_cursor: Option<String>,
    /// With `muuttunut_jalkeen`, on the first page: the ids of those that went out of view since; else none.
    #[schema(example = json!([1198]))]
    pub(super) poistetut: Vec<i64>,
    /// Send this as the next `muuttunut_jalkeen`. A little before now, so that nothing is missed.
    #[schema(example = "2026-03-10T08:15:00Z")]
    pub(super) haettu: DateTime<Utc>,
}
