//! A housing company: its property tree, its households, its board and the firms that serve it.

use std::io;

use domain::register::{PartyId, Property, PropertyId};
use serde_json::{Map, Value};

use super::{
    firms::{self, Trade},
    household,
    person::Address,
    places::{TOWNS, Town},
    world::World,
};

/// Where a unit is.
pub(super) struct Unit {
    pub(super) property_id: PropertyId,
    pub(super) address: Address,
    pub(super) town: &'static Town,
}

/// The housing company while it is being filled.
struct Site {
    town: &'static Town,
    code: String,
    street: String,
    first_number: u64,
    postal_code: String,
    /// Those who own the home they live in, in the order of their homes.
    owners: Vec<PartyId>,
}

/// Writes the housing company with the running number `index`, as far as there is room for its people.
pub(super) fn found(world: &mut World, index: u64) -> io::Result<()> {
    let count = u64::try_from(TOWNS.len()).unwrap_or(1);
    let Some(town) = TOWNS.get(usize::try_from(index % count).unwrap_or(0)) else { return Ok(()) };
    hire_firms(world, index, town)?;
    let mut site = site(world, index, town);
    let company_id = write_company(world, index, &site)?;
    let since = world.day(2012, 2023);
    for (firm, role) in [(world.maintenance, "maintenance"), (world.manager, "property_manager")] {
        if let Some(firm) = firm {
            world.assign(firm, role, company_id, (since, None), None)?;
        }
    }
    if index % 4 == 3 {
        build_row_houses(world, &mut site, company_id)?
    } else {
        build_blocks(world, &mut site, company_id)?
    }
    elect_board(world, &site.owners, company_id)?;
    world.earlier_owner = site.owners.first().copied().or(world.earlier_owner);
    Ok(())
}

/// Every second housing company has a new maintenance firm, every third a new manager.
fn hire_firms(world: &mut World, index: u64, town: &Town) -> io::Result<()> {
    if index.is_multiple_of(2) && world.has_room() {
        world.maintenance = Some(firms::write(world, Trade::Maintenance, town)?);
    }
    if index.is_multiple_of(3) && world.has_room() {
        world.manager = Some(firms::write(world, Trade::Management, town)?);
    }
    Ok(())
}

fn site(world: &mut World, index: u64, town: &'static Town) -> Site {
    let World { dice, names, .. } = world;
    let street = dice.word(if town.swedish { &names.swedish_streets } else { &names.finnish_streets }).to_owned();
    let (first_number, postal_code) = (dice.between(1, 60), dice.word(town.postal_codes).to_owned());
    Site { town, code: format!("{:05}", index + 1), street, first_number, postal_code, owners: Vec::new() }
}

fn write_company(world: &mut World, index: u64, site: &Site) -> io::Result<PropertyId> {
    let World { dice, names, .. } = world;
    let (town, street, number) = (site.town, &site.street, site.first_number);
    let name = match (town.swedish, index % 3) {
        (true, 2) => format!("Bostads Ab {} i {}", dice.word(&names.swedish_companies), town.name),
        (true, _) => format!("As Oy {} Bostads Ab", dice.word(&names.swedish_companies)),
        (false, 0) => format!("As Oy {} {street} {number}", town.genitive),
        (false, _) => format!("As Oy {} {}", town.genitive, dice.word(&names.finnish_companies)),
    };
    let built = Value::from(dice.between(1926, 1985));
    let attributes = Map::from_iter([("built".to_owned(), built), ("heating".to_owned(), Value::from("kaukolämpö"))]);
    let street = format!("{street} {number}");
    write_property(world, site, NewProperty { parent: None, kind: "company", code: "", name, street, attributes })
}

/// Blocks of flats: building, stairway, unit.
fn build_blocks(world: &mut World, site: &mut Site, company_id: PropertyId) -> io::Result<()> {
    for building in 1..=world.dice.between(1, 2) {
        if !world.has_room() {
            return Ok(());
        }
        let street = format!("{} {}", site.street, site.first_number + 2 * (building - 1));
        let name = format!("{} {building}", if site.town.swedish { "Hus" } else { "Talo" });
        let code = format!("-{building}");
        let building_id = write_child(world, site, company_id, "building", &code, name, &street)?;
        let mut door = 0;
        for stairway in ['A', 'B', 'C'].into_iter().take(usize::try_from(world.dice.between(1, 3)).unwrap_or(1)) {
            if !world.has_room() {
                return Ok(());
            }
            let street = format!("{street} {stairway}");
            let name = format!("{} {stairway}", if site.town.swedish { "Trappa" } else { "Porras" });
            let code = format!("{code}-{stairway}");
            let stairway_id = write_child(world, site, building_id, "stairway", &code, name, &street)?;
            for _ in 0..world.dice.between(4, 8) {
                door += 1;
                build_unit(world, site, stairway_id, &code, format!("{stairway} {door}"), format!("{street} {door}"))?;
            }
        }
    }
    Ok(())
}

/// Row houses: building, unit, without stairways.
fn build_row_houses(world: &mut World, site: &mut Site, company_id: PropertyId) -> io::Result<()> {
    let mut door = 0;
    for house in ['A', 'B', 'C', 'D'].into_iter().take(usize::try_from(world.dice.between(2, 4)).unwrap_or(2)) {
        if !world.has_room() {
            return Ok(());
        }
        let street = format!("{} {} {house}", site.street, site.first_number);
        let name = format!("{} {house}", if site.town.swedish { "Radhus" } else { "Rivitalo" });
        let code = format!("-{house}");
        let house_id = write_child(world, site, company_id, "building", &code, name, &street)?;
        for _ in 0..world.dice.between(3, 6) {
            door += 1;
            build_unit(world, site, house_id, &code, format!("{house} {door}"), format!("{street} {door}"))?;
        }
    }
    Ok(())
}

/// A home with its household, unless the register is full.
fn build_unit(
    world: &mut World,
    site: &mut Site,
    parent: PropertyId,
    code: &str,
    name: String,
    street: String,
) -> io::Result<()> {
    if !world.has_room() {
        return Ok(());
    }
    let rooms = world.dice.between(1, 4);
    let area = world.dice.between(18, 24) * rooms + 8;
    let attributes = match world.dice.chance(30) {
        true => Map::from_iter([
            ("rooms".to_owned(), Value::from(format!("{rooms}h+k"))),
            ("area_m2".to_owned(), Value::from(area)),
        ]),
        false => Map::new(),
    };
    let code = format!("{code}-{}", name.replace(' ', ""));
    let new = NewProperty { parent: Some(parent), kind: "unit", code: &code, name, street: street.clone(), attributes };
    let property_id = write_property(world, site, new)?;
    let (postal_code, city, country) = (site.postal_code.clone(), site.town.name.to_owned(), "FI".to_owned());
    let unit = Unit { property_id, address: Address { street, postal_code, city, country }, town: site.town };
    if let Some(owner) = household::settle(world, &unit)? {
        site.owners.push(owner);
    }
    Ok(())
}

/// Three to five owners who live here, two years at a time; and one who was on the board before.
fn elect_board(world: &mut World, owners: &[PartyId], company_id: PropertyId) -> io::Result<()> {
    let seats = usize::try_from(world.dice.between(3, 5)).unwrap_or(3);
    let since = world.day(2023, 2024);
    for owner in owners.iter().take(seats) {
        world.assign(*owner, "board_member", company_id, (since, None), None)?;
    }
    if let Some(owner) = owners.get(seats) {
        let term = (world.day(2016, 2018), world.day(2020, 2022));
        world.assign(*owner, "board_member", company_id, term, None)?;
    }
    Ok(())
}

struct NewProperty<'a> {
    parent: Option<PropertyId>,
    kind: &'a str,
    /// What the code has behind the housing company's own.
    code: &'a str,
    name: String,
    street: String,
    attributes: Map<String, Value>,
}

fn write_child(
    world: &mut World,
    site: &Site,
    parent: PropertyId,
    kind: &str,
    code: &str,
    name: String,
    street: &str,
) -> io::Result<PropertyId> {
    let (street, attributes) = (street.to_owned(), Map::new());
    write_property(world, site, NewProperty { parent: Some(parent), kind, code, name, street, attributes })
}

fn write_property(world: &mut World, site: &Site, new: NewProperty<'_>) -> io::Result<PropertyId> {
    let property_id = world.next_property_id();
    let NewProperty { parent, kind, code, name, street, attributes } = new;
    world.files.property(Property {
        property_id,
        parent_id: parent,
        kind: kind.to_owned(),
        code: Some(format!("{}{code}", site.code)),
        name,
        street: Some(street),
        postal_code: Some(site.postal_code.clone()),
        city: Some(site.town.name.to_owned()),
        country: Some("FI".to_owned()),
        attributes,
    })?;
    Ok(property_id)
}
