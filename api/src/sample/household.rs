//! Who lives in a home and who owns it, now, before and later. What a household is like goes by its number, so that even a
//! small register has every kind.

use std::io;

use domain::register::{Contract, ContractId, PartyId};

use super::{
    firms::{self, Trade},
    housing_company::Unit,
    person::{self, Address, NewPerson, Person, Tongue},
    places::{ABROAD, TOWNS},
    world::{Validity, World},
};

/// Fills a home; answers with an owner who lives there and could be on the board.
pub(super) fn settle(world: &mut World, unit: &Unit) -> io::Result<Option<PartyId>> {
    let number = world.households;
    world.households += 1;
    let tongue = tongue(world, unit, number);
    match number % 10 {
        0..=4 => return owner_occupiers(world, unit, tongue, number),
        5 | 6 => {
            landlord(world, unit, number)?;
            let term = (world.day(2015, 2024), None);
            tenants(world, unit, tongue, number, term)?;
        }
        7 => {
            landlord(world, unit, number)?;
            let term = (world.day(2009, 2014), world.day(2016, 2024));
            tenants(world, unit, tongue, number, term)?;
            let term = (world.day(2025, 2025), None);
            tenants(world, unit, Tongue::Finnish, number + 1, term)?;
        }
        8 => {
            landlord(world, unit, number)?;
            let (leaves, arrives) = (world.day(2030, 2030), world.day(2031, 2033));
            let term = (world.day(2018, 2024), leaves);
            tenants(world, unit, tongue, number, term)?;
            tenants(world, unit, tongue, number + 1, (arrives, None))?;
        }
        _ => {
            // Let to nobody just now.
            landlord(world, unit, number)?;
            let term = (world.day(1998, 2008), world.day(2010, 2024));
            tenants(world, unit, tongue, number, term)?;
        }
    }
    Ok(None)
}

fn tongue(world: &mut World, unit: &Unit, number: u64) -> Tongue {
    let (swedish, foreign) = (unit.town.swedish_speakers, unit.town.foreigners);
    match (number % 16, world.dice.below(100)) {
        (6, _) => Tongue::English,
        (11, _) => Tongue::Swedish,
        (_, thrown) if thrown < swedish => Tongue::Swedish,
        (_, thrown) if thrown < swedish + foreign => Tongue::English,
        _ => Tongue::Finnish,
    }
}

/// Owners who live in their home.
fn owner_occupiers(world: &mut World, unit: &Unit, tongue: Tongue, number: u64) -> io::Result<Option<PartyId>> {
    let since = (world.day(1985, 2024), None);
    let set = world.dice.chance(65) || number % 10 == 2;
    let own_language = Some(tongue.tag()).filter(|_| set);
    let people = people(world, &unit.address, tongue, own_language, number)?;
    for person in &people {
        world.assign(person.party_id, "shareholder", unit.property_id, since, None)?;
        world.assign(person.party_id, "resident", unit.property_id, since, None)?;
    }
    let Some(first) = people.first() else { return Ok(None) };
    if number % 10 == 3 {
        contract(world, first.party_id, unit, "parking", None, since)?;
    }
    Ok(people.iter().find(|person| person.active).map(|person| person.party_id))
}

/// Someone who owns the home and lives elsewhere: a firm, an owner of another home, or a person here or abroad.
fn landlord(world: &mut World, unit: &Unit, number: u64) -> io::Result<()> {
    let since = (world.day(1990, 2014), None);
    let owner = match (number / 10 % 4, world.earlier_owner) {
        (1, _) if world.has_room() => Some(firms::write(world, Trade::Letting, unit.town)?),
        (2, Some(earlier)) => Some(earlier),
        _ if world.has_room() => Some(distant_owner(world, number)?),
        _ => None,
    };
    match owner {
        Some(owner) => world.assign(owner, "shareholder", unit.property_id, since, None),
        None => Ok(()),
    }
}

fn distant_owner(world: &mut World, number: u64) -> io::Result<PartyId> {
    let abroad = if number % 10 == 6 { world.dice.choose(ABROAD) } else { None };
    let address = match (abroad, world.dice.choose(TOWNS)) {
        (Some((street, postal_code, city, country)), _) => Address {
            street: (*street).to_owned(),
            postal_code: (*postal_code).to_owned(),
            city: (*city).to_owned(),
            country: (*country).to_owned(),
        },
        (None, Some(town)) => firms::address(world, town),
        (None, None) => return Err(io::Error::other("the sample has no towns")),
    };
    let tongue = if world.dice.chance(12) { Tongue::Swedish } else { Tongue::Finnish };
    let own_language = Some(tongue.tag()).filter(|_| world.dice.chance(50));
    let new = NewPerson { tongue, own_language, address: &address, last_name: None, email: None };
    Ok(person::write(world, new)?.party_id)
}

/// Tenants with a tenancy. The service language is the party's own, the contract's, both or nobody's.
fn tenants(world: &mut World, unit: &Unit, tongue: Tongue, number: u64, term: Validity) -> io::Result<()> {
    let (own, of_contract) = match number % 4 {
        0 => (true, false),
        1 => (true, true),
        2 => (false, true),
        _ => (false, world.dice.chance(60)),
    };
    let people = people(world, &unit.address, tongue, Some(tongue.tag()).filter(|_| own), number)?;
    let Some(first) = people.first() else { return Ok(()) };
    let language = Some(tongue.tag()).filter(|_| of_contract);
    let contract_id = contract(world, first.party_id, unit, "tenancy", language, term)?;
    for person in &people {
        world.assign(person.party_id, "resident", unit.property_id, term, Some(contract_id))?;
    }
    Ok(())
}

/// One to three people, as far as there is room: mostly one, or a couple, of whom some share an e-mail address.
fn people(
    world: &mut World,
    address: &Address,
    tongue: Tongue,
    own_language: Option<String>,
    number: u64,
) -> io::Result<Vec<Person>> {
    let shares_email = number % 4 == 1;
    let count = match world.dice.below(100) {
        _ if shares_email => 2,
        0..=49 => 1,
        50..=91 => 2,
        _ => 3,
    };
    let mut people: Vec<Person> = Vec::new();
    for _ in 0..count {
        if !world.has_room() {
            break;
        }
        let same_name = world.dice.chance(70) || shares_email;
        let (last_name, email) = match people.first() {
            Some(first) if same_name && tongue != Tongue::English => {
                (Some(first.last_name.clone()), first.email.clone().filter(|_| shares_email))
            }
            _ => (None, None),
        };
        let new = NewPerson { tongue, own_language: own_language.clone(), address, last_name, email };
        people.push(person::write(world, new)?);
    }
    Ok(people)
}

fn contract(
    world: &mut World,
    party_id: PartyId,
    unit: &Unit,
    kind: &str,
    language: Option<String>,
    (valid_from, valid_to): Validity,
) -> io::Result<ContractId> {
    let contract_id = world.next_contract_id();
    let points_enrolled = kind == "tenancy" && world.dice.chance(30);
    world.files.contract(Contract {
        contract_id,
        party_id,
        property_id: unit.property_id,
        kind: kind.to_owned(),
        language,
        valid_from,
        valid_to,
        points_enrolled,
        points_enrolled_on: valid_from.filter(|_| points_enrolled),
    })?;
    Ok(contract_id)
}
