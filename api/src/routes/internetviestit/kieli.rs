//! The language a message is served in: what the request says of it, and the rule of `domain`.

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptLanguage, Header as _};
use chrono::NaiveDate;
use domain::internetviesti::{Wish, choose};
use domain::language::parse;
use domain::register::PartyId;
use domain::service_language::LanguageSource;
use persistence::internetviestit::{Head, VersionHead};
use persistence::{Reader, recipient_query};

use crate::extract::refused_parameter;
use crate::problem::Problem;
use crate::state::AppState;

/// What is known of the reader's languages.
#[derive(Debug, Clone)]
pub(super) struct Kielet {
    asked: Option<String>,
    party: Option<String>,
    accepted: Vec<String>,
    default: String,
}

impl Kielet {
    /// What the request says.
    ///
    /// # Errors
    /// 400 `invalid_query`, when `kieli` is no language tag.
    pub(super) fn of(request: &HttpRequest, state: &AppState, kieli: Option<&str>) -> Result<Self, Problem> {
        let read = |tag: &str| {
            let refused = || refused_parameter("kieli", "invalid_language", "Give a language tag such as fi (BCP 47).");
            parse(tag).ok_or_else(refused)
        };
        // A header that cannot be read says nothing.
        let ranges = AcceptLanguage::parse(request).map(|header| header.ranked()).unwrap_or_default();
        let accepted = ranges.into_iter().filter_map(|range| parse(&range.to_string())).collect();
        let default = state.settings.default_language.clone();
        Ok(Self { asked: kieli.map(read).transpose()?, party: None, accepted, default })
    }

    /// Adds what is known of the party it is read for.
    ///
    /// # Errors
    /// A failure of the database; 404 when there is no such party.
    pub(super) fn add_party(
        &mut self,
        reader: &mut Reader<'_>,
        party_id: PartyId,
        today: NaiveDate,
    ) -> Result<(), Problem> {
        let found = recipient_query::service_language(reader, party_id, today, &self.default)?;
        let found = found.ok_or_else(Problem::not_found)?;
        // An assumed language is the deployment's own, which comes after what the browser asks for.
        self.party = (found.source != LanguageSource::Assumed).then_some(found.language);
        Ok(())
    }

    /// The version to serve.
    pub(super) fn choose<'h>(&self, head: &'h Head) -> Option<&'h VersionHead> {
        let languages: Vec<&str> = head.versions.iter().map(|version| version.language.as_str()).collect();
        let wish = Wish {
            asked: self.asked.as_deref(),
            party: self.party.as_deref(),
            accepted: &self.accepted,
            default: &self.default,
        };
        head.versions.get(choose(&languages, wish)?)
    }
}
