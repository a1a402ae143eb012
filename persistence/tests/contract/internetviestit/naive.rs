//! Who is meant by a message, and through what, one by one as RULES 8 words it.

use std::collections::{BTreeMap, BTreeSet};

use domain::internetviesti::InternetviestiId;
use domain::register::{Party, PartyId, PropertyId, Role};
use domain::text::sort_key;
use persistence::internetviestit::Source;

use super::Told;
use crate::support::{Register, today};

/// Addressed party, property of the bulletin, and whether it is inherited: how a message concerns a viewpoint.
pub type Place = (Option<PartyId>, Option<PropertyId>, bool);

/// Register and messages.
pub struct Naive<'a> {
    pub register: &'a Register,
    pub messages: &'a [Told],
}

impl Naive<'_> {
    /// What of the messages that are shown concerns a viewpoint, and how.
    pub fn list(&self, source: &Source) -> BTreeMap<InternetviestiId, Place> {
        let shown = self.messages.iter().filter(|told| !told.withdrawn);
        shown.filter_map(|told| Some((told.id, self.place(told, source)?))).collect()
    }

    /// What of the withdrawn messages concerned it.
    pub fn withdrawn(&self, source: &Source) -> Vec<InternetviestiId> {
        let gone = self.messages.iter().filter(|told| told.withdrawn && self.place(told, source).is_some());
        gone.map(|told| told.id).collect()
    }

    fn place(&self, told: &Told, source: &Source) -> Option<Place> {
        match source {
            Source::Party { party_id, bulletins } => self.of_parties(told, &[*party_id], *bulletins),
            Source::Residents(party_ids) => self.of_parties(told, party_ids, true),
            Source::Property { property_id, inherited, viewers } => {
                let reached = told.message.property_ids.iter().filter(|target| {
                    let is_own = *target == property_id;
                    let comes_down = *inherited && told.message.reaches_down && self.is_above(**target, *property_id);
                    let viewers = viewers.as_deref();
                    let is_meant = |target| viewers.is_none_or(|viewers| self.through(told, viewers, target).is_some());
                    (is_own || comes_down) && is_meant(**target)
                });
                let nearest = reached.map(|target| (target != property_id, *target)).min();
                nearest.map(|(inherited, target)| (None, Some(target), inherited))
            }
        }
    }

    fn of_parties(&self, told: &Told, party_ids: &[PartyId], bulletins: bool) -> Option<Place> {
        let addressed = party_ids.iter().filter(|id| told.message.party_ids.contains(id)).min();
        if let Some(party_id) = addressed {
            return Some((Some(*party_id), None, false));
        }
        let targets = told.message.property_ids.iter().filter(|_| bulletins);
        let nearest = targets.filter_map(|target| Some((self.through(told, party_ids, *target)?, *target))).min();
        nearest.map(|(inherited, target)| (None, Some(target), inherited))
    }

    /// Whether one of these parties is meant through a property of the bulletin: `false` when it has its role right there.
    fn through(&self, told: &Told, party_ids: &[PartyId], target: PropertyId) -> Option<bool> {
        let roles = self.valid_roles().filter(|role| party_ids.contains(&role.party_id));
        roles.filter(|role| self.means(told, role, target)).map(|role| role.property_id != target).min()
    }

    /// Whether a bulletin of this property means who has this role.
    fn means(&self, told: &Told, role: &Role, target: PropertyId) -> bool {
        let below = told.message.reaches_down && self.is_above(target, role.property_id);
        let for_role = told.message.roles.is_empty() || told.message.roles.contains(&role.role);
        for_role && (role.property_id == target || below)
    }

    /// Whether one of these parties has a role at the property or below it.
    pub fn holds(&self, party_ids: &[PartyId], property_id: PropertyId) -> bool {
        self.valid_roles().any(|role| {
            let at = role.property_id == property_id || self.is_above(property_id, role.property_id);
            at && party_ids.contains(&role.party_id)
        })
    }

    /// The audience in Finnish order: each party, with the properties through which it is meant, and whether it is addressed.
    pub fn audience(&self, told: &Told) -> Vec<(&Party, BTreeSet<PropertyId>, bool)> {
        let mut people: Vec<_> =
            self.register.parties.iter().filter(|party| !party.archived && !party.deceased).collect();
        people.sort_by_key(|party| (sort_key(&party.name), party.party_id));
        let targets = &told.message.property_ids;
        let one = |party: &'_ Party| -> (BTreeSet<PropertyId>, bool) {
            let roles = self.valid_roles().filter(|role| role.party_id == party.party_id);
            let meant = roles.filter(|role| targets.iter().any(|target| self.means(told, role, *target)));
            (meant.map(|role| role.property_id).collect(), told.message.party_ids.contains(&party.party_id))
        };
        let with = people.into_iter().map(|party| {
            let (through, addressed) = one(party);
            (party, through, addressed)
        });
        with.filter(|(_, through, addressed)| *addressed || !through.is_empty()).collect()
    }

    fn valid_roles(&self) -> impl Iterator<Item = &Role> {
        self.register.roles.iter().filter(|role| {
            role.valid_from.is_none_or(|from| from <= today()) && role.valid_to.is_none_or(|to| to >= today())
        })
    }

    fn is_above(&self, upper: PropertyId, lower: PropertyId) -> bool {
        let parent =
            |id| self.register.properties.iter().find(|one| one.property_id == id).and_then(|one| one.parent_id);
        std::iter::successors(parent(lower), |id| parent(*id)).any(|id| id == upper)
    }
}
