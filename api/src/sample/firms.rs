//! Firms: maintenance, property managers, and those who own homes to let them.

use std::io;

use domain::register::{Party, PartyId, PartyKind};
use serde_json::Map;

use super::{
    contact_details,
    person::{Address, Tongue},
    places::Town,
    world::World,
};

/// What a firm does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trade {
    Maintenance,
    Management,
    Letting,
}

impl Trade {
    fn name(self, word: &str, town: &Town) -> String {
        match (self, town.swedish) {
            (Self::Maintenance, false) => format!("{} Kiinteistöhuolto {word} Oy", town.genitive),
            (Self::Maintenance, true) => format!("{word} Fastighetsservice Ab"),
            (Self::Management, false) => format!("Isännöinti {word} Oy"),
            (Self::Management, true) => format!("Disponentbyrå {word} Ab"),
            (Self::Letting, false) => format!("{word} Sijoitus Oy"),
            (Self::Letting, true) => format!("{word} Invest Ab"),
        }
    }

    fn mailbox(self) -> &'static str {
        match self {
            Self::Maintenance => "huolto",
            Self::Management => "isannointi",
            Self::Letting => "vuokraus",
        }
    }
}

/// Writes a firm of `town`.
pub(super) fn write(world: &mut World, trade: Trade, town: &Town) -> io::Result<PartyId> {
    let (number, party_id) = (world.next_party_number(), world.next_party_id());
    world.firms += 1;
    let business_id = business_id(world.firms);
    let word = world.dice.word(&world.names.firm_words);
    let name = trade.name(word, town);
    let Address { street, postal_code, city, country } = address(world, town);
    let tongue = if town.swedish { Tongue::Swedish } else { Tongue::Finnish };
    let phone = contact_details::phone(&mut world.dice, number);
    let email = if number % 20 == 3 { None } else { Some(format!("{}{number}@example.com", trade.mailbox())) };
    world.files.party(Party {
        party_id,
        kind: PartyKind::Company,
        name,
        first_name: None,
        last_name: None,
        business_id: Some(business_id),
        language: Some(tongue.tag()).filter(|_| world.firms % 3 != 2),
        email_marketing: email.is_some() && world.firms.is_multiple_of(2),
        email,
        phone,
        phone_marketing: false,
        street: Some(street),
        postal_code: Some(postal_code),
        city: Some(city),
        country: Some(country),
        address_protected: false,
        deceased: false,
        archived: false,
        attributes: Map::new(),
    })?;
    Ok(party_id)
}

/// Some address in `town`.
pub(super) fn address(world: &mut World, town: &Town) -> Address {
    let World { dice, names, .. } = world;
    let street = dice.word(if town.swedish { &names.swedish_streets } else { &names.finnish_streets });
    Address {
        street: format!("{street} {}", dice.between(1, 60)),
        postal_code: dice.word(town.postal_codes).to_owned(),
        city: town.name.to_owned(),
        country: "FI".to_owned(),
    }
}

/// The Finnish business id (Y-tunnus) of the `nth` firm: seven digits and a check digit, weighted 7 9 10 5 8 4 2 modulo
/// 11. Numbers from 9 000 000 on have not been given out.
fn business_id(nth: u64) -> String {
    // No business id has remainder 1, which one number in eleven would have; twice as many numbers leave room to skip.
    let mut number = 9_000_000 + (nth * 2) % 1_000_000;
    loop {
        if let Some(check) = check_digit(number) {
            return format!("{number:07}-{check}");
        }
        number += 1;
    }
}

/// The check digit of a business id's number; `None` for numbers that are not given out for want of one.
pub(super) fn check_digit(number: u64) -> Option<u64> {
    let digit = |place: u32| (number / 10_u64.pow(place)) % 10;
    let weights = [(6, 7), (5, 9), (4, 10), (3, 5), (2, 8), (1, 4), (0, 2)];
    let sum: u64 = weights.into_iter().map(|(place, weight)| digit(place) * weight).sum();
    match sum % 11 {
        0 => Some(0),
        1 => None,
        rest => Some(11 - rest),
    }
}
