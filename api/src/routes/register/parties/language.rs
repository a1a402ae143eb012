//! The language that parties are served in, with why.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::register::{Party, PartyId};
use domain::service_language::{LanguageReason, explained};
use persistence::{Reader, contracts};

use super::dto::PartyResponse;
use crate::etag::ETag;
use crate::problem::Problem;
use crate::routes::register::writing::Written;
use crate::state::AppState;

/// What the language depends on beside the party.
#[derive(Debug, Clone)]
pub(super) struct Languages {
    today: NaiveDate,
    default: String,
}

impl Languages {
    pub(super) fn of(state: &AppState) -> Self {
        Self { today: state.today(), default: state.settings.default_language.clone() }
    }

    /// That of each of these.
    pub(super) fn served<'a>(
        &self,
        reader: &mut Reader<'_>,
        parties: impl IntoIterator<Item = &'a Party>,
    ) -> Result<HashMap<PartyId, LanguageReason>, Problem> {
        let own: Vec<_> = parties.into_iter().map(|party| (party.party_id, party.language.as_deref())).collect();
        let ids: Vec<_> = own.iter().map(|(id, _)| *id).collect();
        let mut contracts = contracts::languages(reader, &ids)?;
        let reasons = own.into_iter().map(|(id, own)| {
            let of_party = contracts.remove(&id).unwrap_or_default();
            (id, explained(own, &of_party, self.today, &self.default))
        });
        Ok(reasons.collect())
    }

    /// A party after it was written, with its language.
    pub(super) fn written(
        &self,
        reader: &mut Reader<'_>,
        party_id: PartyId,
        written: Written<PartyResponse>,
    ) -> Result<Written<PartyResponse>, Problem> {
        let stored = persistence::parties::find(reader, party_id)?.ok_or_else(Problem::not_found)?;
        let Some(reason) = self.served(reader, [&stored.party])?.remove(&party_id) else { return Ok(written) };
        let etag = tag(&written.etag, &reason);
        Ok(Written { body: written.body.served(reason), etag, created: written.created })
    }
}

/// The tag of a party that is shown with its language.
pub(super) fn tag(etag: &ETag, reason: &LanguageReason) -> ETag {
    let contract = reason.contract.map(|(id, choice)| format!("-{}-{id}", choice.as_str())).unwrap_or_default();
    etag.beside(&format!("{}-{}{contract}", reason.served.language, reason.served.source.as_str()))
}
