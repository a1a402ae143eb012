//! People: a name, a language, an address and what else the register knows of them.

use std::io;

use domain::register::{Party, PartyId, PartyKind};
use serde_json::{Map, Value};

use super::{contact_details, world::World};

/// What someone speaks with the housing company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    Finnish,
    Swedish,
    English,
}

impl Tongue {
    pub(super) fn tag(self) -> String {
        let tag = match self {
            Self::Finnish => "fi",
            Self::Swedish => "sv",
            Self::English => "en",
        };
        tag.to_owned()
    }
}

/// Where someone gets letters.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) street: String,
    pub(super) postal_code: String,
    pub(super) city: String,
    pub(super) country: String,
}

/// Someone about to be written down.
pub(super) struct NewPerson<'a> {
    pub(super) tongue: Tongue,
    /// The service language set on the party, if one is.
    pub(super) own_language: Option<String>,
    pub(super) address: &'a Address,
    /// The name and address of the person they live with, if they share them.
    pub(super) last_name: Option<String>,
    pub(super) email: Option<String>,
}

/// Who has been written down.
pub(super) struct Person {
    pub(super) party_id: PartyId,
    pub(super) last_name: String,
    pub(super) email: Option<String>,
    /// Neither archived nor deceased.
    pub(super) active: bool,
}

/// Writes a person. Protection, death and the gaps of registers go by the party's number.
pub(super) fn write(world: &mut World, new: NewPerson<'_>) -> io::Result<Person> {
    let (number, party_id) = (world.next_party_number(), world.next_party_id());
    let (first_name, last_name) = name(world, new.tongue, number, new.last_name);
    let own_email = contact_details::email(&mut world.dice, number, &first_name, &last_name);
    let email = new.email.or(own_email);
    let phone = contact_details::phone(&mut world.dice, number);
    let email_marketing = world.dice.chance(40) && email.is_some();
    let phone_marketing = world.dice.chance(25) && phone.is_some();
    let Address { street, postal_code, city, country } = new.address.clone();
    let (has_address, has_postal_code) = (number % 23 != 8, number % 23 != 15);
    let (deceased, archived) = (number % 67 == 30, number % 71 == 44);
    let name = format!("{last_name} {first_name}");
    world.files.party(Party {
        party_id,
        kind: PartyKind::Person,
        name,
        first_name: if number % 57 == 25 { None } else { Some(first_name) },
        last_name: Some(last_name.clone()),
        business_id: None,
        language: new.own_language,
        email: email.clone(),
        email_marketing,
        phone,
        phone_marketing,
        street: Some(street).filter(|_| has_address),
        postal_code: Some(postal_code).filter(|_| has_address && has_postal_code),
        city: Some(city).filter(|_| has_address),
        country: Some(country).filter(|_| has_address),
        address_protected: number % 41 == 19,
        deceased,
        archived,
        attributes: attributes(number),
    })?;
    Ok(Person { party_id, last_name, email, active: !deceased && !archived })
}

fn name(world: &mut World, tongue: Tongue, number: u64, shared: Option<String>) -> (String, String) {
    let World { dice, names, .. } = world;
    let (first, last) = match tongue {
        Tongue::Finnish if number % 59 == 21 => (dice.word(&names.sami_first), dice.word(&names.sami_last)),
        Tongue::Finnish => (dice.common_word(&names.finnish_first), dice.common_word(&names.finnish_last)),
        Tongue::Swedish => (dice.common_word(&names.swedish_first), dice.common_word(&names.swedish_last)),
        Tongue::English => dice.choose(&names.foreign).copied().unwrap_or_default(),
    };
    (first.to_owned(), shared.unwrap_or_else(|| last.to_owned()))
}

fn attributes(number: u64) -> Map<String, Value> {
    let attribute = match number % 18 {
        1 => ("key_count", Value::from(number % 4 + 1)),
        7 => ("parking_space", Value::from(format!("P{}", number % 60 + 1))),
        13 => ("sauna_turn", Value::from("pe 18–19")),
        _ => return Map::new(),
    };
    Map::from_iter([(attribute.0.to_owned(), attribute.1)])
}
