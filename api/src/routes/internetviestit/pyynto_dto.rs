//! A message as its author gives it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::internetviesti::{Internetviesti, MessageFormat, State, Written};
use domain::invalid::FieldError;
use domain::language::parse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A message to parties, a bulletin of properties, or both.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kohde_idt": [1],
    "versiot": [{"kieli": "fi", "otsikko": "Vesikatko 12.3.", "viesti": "Vesi on poikki torstaina klo 9–12."}],
}))]
pub struct InternetviestiPyynto {
    /// The parties it is addressed to.
    #[serde(default)]
    #[schema(nullable = false, example = json!([]))]
    osapuoli_idt: Vec<i64>,
    /// The properties whose bulletin it is.
    #[serde(default)]
    #[schema(nullable = false, example = json!([1]))]
    kohde_idt: Vec<i64>,
    /// As a bulletin, shown also to what is below its properties. By default true.
    #[serde(default = "yes")]
    #[schema(nullable = false)]
    ulottuu_alas: bool,
    /// As a bulletin, only for those with one of these roles today; for all when there are none.
    #[serde(default)]
    #[schema(nullable = false, example = json!([]))]
    roolit: Vec<String>,
    /// The language versions, at least one; the first is served where nothing tells which.
    #[schema(min_items = 1)]
    versiot: Vec<InternetviestiVersio>,
    /// Uploaded files (`POST /attachments`) that go with every version.
    #[serde(default)]
    #[schema(nullable = false, example = json!([]))]
    tiedosto_idt: Vec<Uuid>,
    /// Files that go with every version, given here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    liitteet: Vec<LiitePyynto>,
    /// Shown from then on; without it at once.
    #[schema(nullable = true)]
    voimassa_alkaen: Option<DateTime<Utc>>,
    /// Not shown from then on; without it for ever.
    #[schema(nullable = true)]
    voimassa_paattyen: Option<DateTime<Utc>>,
    /// Whether it is important. By default false.
    #[serde(default)]
    #[schema(nullable = false)]
    tarkea: bool,
    /// The earlier message that this one corrects or follows up. Those who had that one are its audience too.
    #[schema(nullable = true, example = json!(null))]
    korjaa_id: Option<i64>,
    /// `luonnos` keeps it for the tool; `julkaistu`, the default, shows it.
    #[serde(default = "published")]
    #[schema(nullable = false, example = "julkaistu", pattern = "^(luonnos|julkaistu)$")]
    tila: String,
}

/// A language version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InternetviestiVersio {
    /// Its language (BCP 47).
    #[schema(example = "fi")]
    kieli: String,
    /// Its title, one line of at most 200 characters.
    #[schema(example = "Vesikatko 12.3.", min_length = 1, max_length = 200)]
    otsikko: String,
    /// The message, at most 200,000 characters.
    #[schema(example = "Vesi on poikki torstaina klo 9–12.", min_length = 1, max_length = 200_000)]
    viesti: String,
    /// How the message is written: `teksti`, the default, `markdown` or `html`. HTML is made safe.
    #[serde(default = "text")]
    #[schema(nullable = false, example = "teksti", pattern = "^(teksti|markdown|html)$")]
    muoto: String,
    /// Uploaded files (`POST /attachments`) that go with this version alone.
    #[serde(default)]
    #[schema(nullable = false, example = json!([]))]
    tiedosto_idt: Vec<Uuid>,
    /// Files that go with this version alone, given here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    liitteet: Vec<LiitePyynto>,
}

/// A file given with the message. What it is, is read from its bytes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiitePyynto {
    /// Its name, with its extension.
    #[schema(example = "Ohje.txt")]
    tiedostonimi: String,
    /// Its content type; must agree with its bytes.
    #[schema(nullable = true, example = "text/plain")]
    sisaltotyyppi: Option<String>,
    /// Its bytes in base64 (RFC 4648, section 4).
    #[schema(example = "VmVzaSBvbiBwb2lra2kuCg==")]
    sisalto_base64: String,
}

/// A file given with the message, decoded.
pub(super) struct GivenFile {
    /// Where in the request it stands.
    pub(super) pointer: String,
    /// The index of its version; `None` for every version.
    pub(super) version: Option<usize>,
    pub(super) name: String,
    pub(super) declared: Option<String>,
    pub(super) bytes: Vec<u8>,
}

fn yes() -> bool {
    true
}

fn published() -> String {
    State::Published.as_str().to_owned()
}

fn text() -> String {
    MessageFormat::Text.as_str().to_owned()
}

impl InternetviestiPyynto {
    /// What the author decides, as a request would say it.
    pub(super) fn of(message: Internetviesti, state: State) -> Self {
        let versions = message.versions.into_iter().map(|version| InternetviestiVersio {
            kieli: version.language,
            otsikko: version.title,
            viesti: version.message,
            muoto: version.format.as_str().to_owned(),
            tiedosto_idt: version.attachment_ids,
            liitteet: Vec::new(),
        });
        Self {
            osapuoli_idt: message.party_ids,
            kohde_idt: message.property_ids,
            ulottuu_alas: message.reaches_down,
            roolit: message.roles,
            versiot: versions.collect(),
            tiedosto_idt: message.attachment_ids,
            liitteet: Vec::new(),
            voimassa_alkaen: message.valid_from,
            voimassa_paattyen: message.valid_to,
            tarkea: message.important,
            korjaa_id: message.corrects,
            tila: state.as_str().to_owned(),
        }
    }

    /// The message and its state, and the files that were given with it, whose ids are yet to be added.
    ///
    /// # Errors
    /// Unknown words, and files that are not base64.
    pub(super) fn read(self) -> Result<(Internetviesti, State, Vec<GivenFile>), Vec<FieldError>> {
        let (mut errors, mut files) = (Vec::new(), Vec::new());
        let mut unknown =
            |pointer: String, message: &str| errors.push(FieldError::new(pointer, "unknown_value", message));
        let state = match State::parse(&self.tila) {
            Some(state @ (State::Draft | State::Published)) => state,
            _ => {
                unknown("/tila".to_owned(), "A message is luonnos or julkaistu.");
                State::Draft
            }
        };
        let mut given = vec![(String::new(), None, self.liitteet)];
        let mut versions = Vec::with_capacity(self.versiot.len());
        for (index, version) in self.versiot.into_iter().enumerate() {
            let format = MessageFormat::parse(&version.muoto);
            if format.is_none() {
                unknown(format!("/versiot/{index}/muoto"), "A message is written as teksti, markdown or html.");
            }
            given.push((format!("/versiot/{index}"), Some(index), version.liitteet));
            versions.push(Written {
                language: parse(&version.kieli).unwrap_or(version.kieli),
                title: version.otsikko.trim().to_owned(),
                message: version.viesti,
                format: format.unwrap_or(MessageFormat::Text),
                attachment_ids: version.tiedosto_idt,
            });
        }
        for (base, version, liitteet) in given {
            for (index, LiitePyynto { tiedostonimi, sisaltotyyppi, sisalto_base64 }) in liitteet.into_iter().enumerate()
            {
                let pointer = format!("{base}/liitteet/{index}");
                match STANDARD.decode(sisalto_base64.trim()) {
                    Ok(bytes) => {
                        files.push(GivenFile { pointer, version, name: tiedostonimi, declared: sisaltotyyppi, bytes });
                    }
                    Err(_) => errors.push(FieldError::new(
                        format!("{pointer}/sisalto_base64"),
                        "invalid_base64",
                        "Give the bytes in base64, with the alphabet of RFC 4648, section 4, and padding.",
                    )),
                }
            }
        }
        let message = Internetviesti {
            party_ids: self.osapuoli_idt,
            property_ids: self.kohde_idt,
            reaches_down: self.ulottuu_alas,
            roles: self.roolit,
            versions,
            attachment_ids: self.tiedosto_idt,
            valid_from: self.voimassa_alkaen,
            valid_to: self.voimassa_paattyen,
            important: self.tarkea,
            corrects: self.korjaa_id,
        };
        if errors.is_empty() { Ok((message, state, files)) } else { Err(errors) }
    }
}
