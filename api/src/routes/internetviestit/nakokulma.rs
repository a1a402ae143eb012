//! From where a caller looks: which party or property was asked for, and whether the caller may ask for it.

use actix_web::HttpRequest;
use chrono::{DateTime, NaiveDate, Utc};
use domain::register::{PartyId, PropertyId};
use persistence::internetviestit::{Shown, Source, holds_property};
use persistence::{Reader, register};

use super::kieli::Kielet;
use crate::auth::Principal;
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// What was asked for, and who asks.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The residents that the token is limited to; `None` of staff and machines.
    residents: Option<Vec<PartyId>>,
    party_id: Option<PartyId>,
    property_id: Option<PropertyId>,
    pub(super) kielet: Kielet,
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
}

/// The parameters that say for whom and in which language a message is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) osapuoli_id: Option<PartyId>,
    pub(super) kohde_id: Option<PropertyId>,
    pub(super) kieli: Option<String>,
}

impl View {
    /// The view of a request; at most one of `osapuoli_id` and `kohde_id`.
    ///
    /// # Errors
    /// 400 `exactly_one_target` for both, 400 for a language that is none, 404 for a party that the token is not for.
    pub(super) fn new(
        request: &HttpRequest,
        state: &AppState,
        caller: &Principal,
        asked: Asked,
    ) -> Result<Self, Problem> {
        if asked.osapuoli_id.is_some() && asked.kohde_id.is_some() {
            return Err(exactly_one());
        }
        let residents = caller.party_ids.clone();
        if let (Some(residents), Some(party_id)) = (&residents, asked.osapuoli_id)
            && !residents.contains(&party_id)
        {
            return Err(Problem::not_found());
        }
        let kielet = Kielet::of(request, state, asked.kieli.as_deref())?;
        let (party_id, property_id) = (asked.osapuoli_id, asked.kohde_id);
        Ok(Self { residents, party_id, property_id, kielet, now: state.clock.now(), today: state.today() })
    }

    /// The party it is read for: the one asked for, or the only one of the token.
    pub(super) fn reader_party(&self) -> Option<PartyId> {
        self.party_id.or(match self.residents.as_deref() {
            Some([only]) => Some(*only),
            _ => None,
        })
    }

    /// For a list: what was asked for must be there and may be known. Adds the party's language.
    ///
    /// # Errors
    /// 400 `exactly_one_target` without any, 404.
    pub(super) fn source_of_list(
        &mut self,
        reader: &mut Reader<'_>,
        bulletins: bool,
        inherited: bool,
    ) -> Result<Source, Problem> {
        let source = match (self.party_id, self.property_id) {
            (Some(party_id), _) => Source::Party { party_id, bulletins },
            (None, Some(property_id)) => self.property(reader, property_id, inherited)?,
            (None, None) => return Err(exactly_one()),
        };
        self.add_language(reader)?;
        Ok(source)
    }

    /// For one message. Adds the party's language.
    ///
    /// # Errors
    /// 404 when what was asked for is not there or may not be known.
    pub(super) fn of_one(&mut self, reader: &mut Reader<'_>) -> Result<Shown, Problem> {
        let source = match (self.party_id, self.property_id, &self.residents) {
            (Some(party_id), _, _) => Some(Source::Party { party_id, bulletins: true }),
            (None, Some(property_id), _) => Some(self.property(reader, property_id, true)?),
            (None, None, Some(residents)) => Some(Source::Residents(residents.clone())),
            (None, None, None) => None,
        };
        self.add_language(reader)?;
        Ok(Shown { source, now: self.now, today: self.today })
    }

    fn property(&self, reader: &mut Reader<'_>, property_id: PropertyId, inherited: bool) -> Result<Source, Problem> {
        let is_known = match &self.residents {
            Some(residents) => holds_property(reader, residents, property_id, self.today)?,
            None => register::known_properties(reader, &[property_id])?.contains(&property_id),
        };
        if !is_known {
            return Err(Problem::not_found());
        }
        Ok(Source::Property { property_id, inherited, viewers: self.residents.clone() })
    }

    fn add_language(&mut self, reader: &mut Reader<'_>) -> Result<(), Problem> {
        match self.reader_party() {
            Some(party_id) => self.kielet.add_party(reader, party_id, self.today),
            None => Ok(()),
        }
    }
}

fn exactly_one() -> Problem {
    Problem::new(Code::ExactlyOneTarget, "Give osapuoli_id or kohde_id, exactly one of them.")
}
