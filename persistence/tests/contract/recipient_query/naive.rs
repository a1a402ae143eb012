//! What a filter means, written from the rules a second time: party by party, on the filter as it was written.
//!
//! An answer is `Some(true)`, `Some(false)` or `None`: unknown, because it would tell where a protected party lives or how
//! to call it. Unknown stays unknown when it is negated, and leaves the party out.

mod values;

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use domain::eligibility::{AddressState, PartyFacts, PhoneState};
use domain::recipient_query::{FieldTest, PropertyTest, RecipientFilter, RoleTest};
use domain::register::{Contract, Party, PartyId, Property, PropertyId, Role};
use domain::service_language::LanguageSource;
use domain::text::sort_key;

use self::values::{
    Value, attribute, boolean, contract_passes, e164, folded, integer, language, passes, phone, phone_part,
    property_field, searched, valid_on, words,
};
use super::random::{EMAILS, PARTY_ATTRIBUTES, PHONES};
use crate::support::{ListOf, Register};

/// A register seen by a caller on a day.
pub struct Naive<'a> {
    pub register: &'a Register,
    pub today: NaiveDate,
    pub default_language: &'a str,
    pub see_protected: bool,
}

/// How many of those that match have these facts and this language.
pub type Counts = HashMap<(PartyFacts, String, LanguageSource), i64>;

impl Naive<'_> {
    /// The parties that match, by Finnish order of their names, then id.
    pub fn matching(&self, filter: &RecipientFilter) -> Vec<&Party> {
        self.matching_within(filter, filter)
    }

    /// Those of the parties that the whole filter looks at who match a part of it.
    pub fn matching_within(&self, filter: &RecipientFilter, whole: &RecipientFilter) -> Vec<&Party> {
        let mut named = HashSet::new();
        self.collect_named(whole, &mut named);
        let mut found: Vec<&Party> = self
            .register
            .parties
            .iter()
            .filter(|party| !party.archived && !party.deceased || named.contains(&party.party_id))
            .filter(|party| self.truth(party, filter) == Some(true))
            .collect();
        found.sort_by_key(|party| (sort_key(&party.name), party.party_id));
        found
    }

    /// The parties counted by facts and language.
    pub fn counts(&self, parties: &[&Party]) -> Counts {
        let mut counts = Counts::new();
        for party in parties {
            let (language, source) = self.service_language(party);
            *counts.entry((facts(party), language, source)).or_default() += 1;
        }
        counts
    }

    /// The property that the merge fields of a party speak of: the lowest of those by which it was found.
    pub fn merge_property(&self, party: &Party, filter: &RecipientFilter) -> Option<PropertyId> {
        if let Some(saved) = self.saved(filter) {
            return self.merge_property(party, saved);
        }
        let alone = std::slice::from_ref(filter);
        let spoken = Spoken::of(filter.all.as_deref().unwrap_or(alone));
        // A contract alone speaks of no assignment, and so does not choose one.
        let spoken = if spoken.is_assignment() { spoken } else { Spoken::default() };
        self.assignments(party, &spoken).map(|role| role.property_id).min()
    }

    pub fn truth(&self, party: &Party, filter: &RecipientFilter) -> Option<bool> {
        if let Some(children) = &filter.all {
            let joined = self.joined(party, &Spoken::of(children));
            let others = children
                .iter()
                .filter(|child| child.role.is_none() && child.property.is_none() && child.contract.is_none());
            and(others.map(|child| self.truth(party, child)).chain(joined.map(Some)))
        } else if let Some(children) = &filter.any {
            or(children.iter().map(|child| self.truth(party, child)))
        } else if let Some(child) = &filter.not {
            self.truth(party, child).map(|truth| !truth)
        } else if let Some(truth) = self.joined(party, &Spoken::of(std::slice::from_ref(filter))) {
            Some(truth)
        } else if let Some(test) = &filter.party {
            self.party_field(party, test)
        } else if let Some(text) = &filter.text {
            and(searched(text).iter().map(|word| self.text_word(party, word)))
        } else if let Some(ids) = &filter.party_ids {
            Some(ids.contains(&party.party_id))
        } else if let Some(saved) = self.saved(filter) {
            self.truth(party, saved)
        } else if filter.list_id.is_some() {
            Some(self.members(filter).contains(&party.party_id))
        } else {
            panic!("a filter without a key")
        }
    }

    /// The saved query that a node names, by itself or by a list of it.
    fn saved(&self, filter: &RecipientFilter) -> Option<&RecipientFilter> {
        let by_list = || match self.list(filter)? {
            ListOf::Query(id) => Some(*id),
            ListOf::Members(_) => None,
        };
        let id = filter.query_id.or_else(by_list)?;
        self.register.queries.iter().find(|query| query.0 == id).map(|query| &query.1)
    }

    fn list(&self, filter: &RecipientFilter) -> Option<&ListOf> {
        self.register.lists.iter().find(|list| Some(list.0) == filter.list_id).map(|list| &list.1)
    }

    /// Who was put on the list that a node names.
    fn members(&self, filter: &RecipientFilter) -> &[PartyId] {
        match self.list(filter) {
            Some(ListOf::Members(ids)) => ids,
            Some(ListOf::Query(_)) | None => &[],
        }
    }

    fn collect_named(&self, filter: &RecipientFilter, named: &mut HashSet<PartyId>) {
        named.extend(filter.party_ids.iter().flatten());
        named.extend(self.members(filter));
        for child in filter.all.iter().chain(&filter.any).flatten().chain(self.saved(filter)) {
            self.collect_named(child, named);
        }
    }

    fn hidden(&self, party: &Party) -> bool {
        party.address_protected && !self.see_protected
    }

    /// Whether the party has the assignment, or the contract alone, that is spoken of; none if neither is.
    fn joined(&self, party: &Party, spoken: &Spoken<'_>) -> Option<bool> {
        if spoken.is_assignment() {
            Some(self.assignments(party, spoken).next().is_some())
        } else if spoken.contracts.is_empty() {
            None
        } else {
            let mut own = self.register.contracts.iter().filter(|contract| contract.party_id == party.party_id);
            Some(own.any(|contract| contract_passes(contract, &spoken.contracts, self.today)))
        }
    }

    /// The party's assignments that pass: one and the same for the role, every property test and every contract test.
    fn assignments<'a>(&'a self, party: &'a Party, spoken: &Spoken<'a>) -> impl Iterator<Item = &'a Role> {
        let Spoken { role, properties, contracts } = spoken.clone();
        let on = role.and_then(|role| role.on.as_deref()).map_or(self.today, |on| self.day(on));
        let of_role = move |held: &Role| {
            let its = |contract: &&Contract| match held.contract_id {
                Some(id) => contract.contract_id == id,
                None => contract.party_id == held.party_id && contract.property_id == held.property_id,
            };
            self.register.contracts.iter().filter(its).any(|contract| contract_passes(contract, &contracts, on))
                || contracts.is_empty()
        };
        self.register
            .roles
            .iter()
            .filter(move |held| held.party_id == party.party_id)
            .filter(move |held| valid_on(on, held.valid_from, held.valid_to))
            .filter(move |held| role.is_none_or(|role| role.codes.contains(&held.role)))
            .filter(move |held| properties.iter().all(|test| self.selects(test, held.property_id)))
            .filter(move |held| of_role(held))
    }

    fn day(&self, text: &str) -> NaiveDate {
        match text.strip_prefix("today").map(|offset| offset.trim_end_matches('d')) {
            None => text.parse().unwrap(),
            Some("") => self.today,
            Some(offset) => {
                let days = Days::new(offset[1..].parse().unwrap());
                if offset.starts_with('-') { self.today - days } else { self.today + days }
            }
        }
    }

    /// Whether the property passes the test, or one above it does.
    fn selects(&self, test: &PropertyTest, property_id: PropertyId) -> bool {
        let property = self.property(property_id);
        if property_field(property, test) {
            return true;
        }
        test.include_descendants != Some(false) && property.parent_id.is_some_and(|parent| self.selects(test, parent))
    }

    fn property(&self, id: PropertyId) -> &Property {
        self.register.properties.iter().find(|property| property.property_id == id).unwrap()
    }

    fn party_field(&self, party: &Party, test: &FieldTest) -> Option<bool> {
        let text = |value: &Option<String>| value.as_deref().map(folded);
        let (value, read, protected): (Option<Value>, fn(&str) -> Value, bool) = match test.field.as_str() {
            "party_id" => (Some(Value::Integer(party.party_id)), integer, false),
            "kind" => (Some(folded(party.kind.as_str())), folded, false),
            "name" => (Some(folded(&party.name)), folded, false),
            "first_name" => (text(&party.first_name), folded, false),
            "last_name" => (text(&party.last_name), folded, false),
            "business_id" => (text(&party.business_id), folded, false),
            "service_language" => (Some(Value::Text(self.service_language(party).0)), language, false),
            "email" => (text(&party.email), folded, false),
            "email_marketing" => (Some(Value::Bool(party.email_marketing)), boolean, false),
            "phone" => (party.phone.as_deref().map(phone), phone, true),
            "phone_marketing" => (Some(Value::Bool(party.phone_marketing)), boolean, false),
            "street" => (text(&party.street), folded, true),
            "postal_code" => (text(&party.postal_code), folded, true),
            "city" => (text(&party.city), folded, true),
            "country" => (text(&party.country), folded, true),
            name => {
                let (value, read) = attribute(&party.attributes, name, PARTY_ATTRIBUTES);
                (value, read, true)
            }
        };
        if protected && self.hidden(party) {
            return None;
        }
        let read = match (test.field.as_str(), test.op.as_str()) {
            ("phone", "contains" | "starts_with") => phone_part,
            _ => read,
        };
        Some(passes(value.as_ref(), &test.op, test.value.as_deref(), test.values.as_deref(), read))
    }

    /// Whether some word begins so. That none does is not said of a protected party: it would tell where it does not live.
    fn text_word(&self, party: &Party, start: &str) -> Option<bool> {
        let begins = |text: &str| words(text).iter().any(|word| word.starts_with(start));
        let some = |text: &Option<String>| text.as_deref().is_some_and(begins);
        let open = begins(&party.name) || some(&party.first_name) || some(&party.last_name) || some(&party.email);
        let by_property = || {
            self.assignments(party, &Spoken::default()).any(|held| {
                let property = self.property(held.property_id);
                begins(&property.name) || some(&property.code) || some(&property.street)
            })
        };
        if open || by_property() {
            return Some(true);
        }
        if self.hidden(party) {
            return None;
        }
        let by_phone = party.phone.as_deref().is_some_and(|raw| begins(raw) || e164(raw).is_some_and(begins));
        Some(by_phone || some(&party.street) || some(&party.postal_code) || some(&party.city))
    }

    /// The party's own setting, else that of a contract, else the default.
    pub fn service_language(&self, party: &Party) -> (String, LanguageSource) {
        if let Some(own) = &party.language {
            return (own.clone(), LanguageSource::Party);
        }
        let contracts: Vec<&Contract> = self
            .register
            .contracts
            .iter()
            .filter(|contract| contract.party_id == party.party_id && contract.language.is_some())
            .collect();
        match contracts
            .iter()
            .max_by_key(|contract| self.precedence(contract))
            .and_then(|contract| contract.language.clone())
        {
            Some(language) => (language, LanguageSource::Contract),
            None => (self.default_language.to_owned(), LanguageSource::Assumed),
        }
    }

    /// Greater is better: valid today, then still to start, then ended.
    fn precedence(&self, contract: &Contract) -> (u8, Option<i64>, Option<NaiveDate>, i64) {
        let (from, to, id) = (contract.valid_from, contract.valid_to, contract.contract_id);
        if valid_on(self.today, from, to) {
            (3, None, from, id)
        } else if let Some(wait) = from.map(|from| (from - self.today).num_days()).filter(|days| *days > 0) {
            (2, Some(-wait), None, id)
        } else {
            (1, to.map(|to| (to - self.today).num_days()), from, id)
        }
    }
}

/// What direct children of one `all` say of one assignment, or of one contract.
#[derive(Default, Clone)]
struct Spoken<'a> {
    role: Option<&'a RoleTest>,
    properties: Vec<&'a PropertyTest>,
    contracts: Vec<&'a FieldTest>,
}

impl<'a> Spoken<'a> {
    fn of(children: &'a [RecipientFilter]) -> Self {
        Self {
            role: children.iter().find_map(|child| child.role.as_ref()),
            properties: children.iter().filter_map(|child| child.property.as_ref()).collect(),
            contracts: children.iter().filter_map(|child| child.contract.as_ref()).collect(),
        }
    }

    fn is_assignment(&self) -> bool {
        self.role.is_some() || !self.properties.is_empty()
    }
}

fn and(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    match (truths.contains(&Some(false)), truths.contains(&None)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    }
}

fn or(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    and(truths.map(|truth| truth.map(|truth| !truth))).map(|none| !none)
}

/// What eligibility looks at, of the values that [`super::random`] gives.
pub fn facts(party: &Party) -> PartyFacts {
    let email = party
        .email
        .as_deref()
        .map_or(AddressState::Missing, |raw| EMAILS.iter().find(|email| email.0 == raw).expect("a known address").1);
    let phone = party
        .phone
        .as_deref()
        .map_or(PhoneState::Missing, |raw| PHONES.iter().find(|phone| phone.0 == raw).expect("a known number").2);
    PartyFacts {
        deceased: party.deceased,
        archived: party.archived,
        email,
        email_marketing: party.email_marketing,
        phone,
        phone_marketing: party.phone_marketing,
        has_postal_address: party.street.is_some() && party.postal_code.is_some() && party.city.is_some(),
        address_protected: party.address_protected,
    }
}
