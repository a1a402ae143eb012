//! Which messages a portal is shown, and who is meant by one: over random small registers the databases answer what [`naive`] says.
//!
//! `POSTITUS_PROPERTY_CASES` is the number of registers per database, `POSTITUS_PROPERTY_SEED` the seed of the first.

mod naive;

use std::collections::BTreeMap;

use chrono::{Days, TimeDelta};
use domain::internetviesti::{Internetviesti, InternetviestiId, MessageFormat, Written};
use domain::register::{PartyId, Role};
use persistence::internetviestit::{
    self, Audience, Author, ListFilter, Shown, Source, Unread, audience, find, find_shown, holds_property, insert,
    mark_read, readers, units, unread, withdraw, withdrawn_since,
};
use persistence::{Db, StoreError};

use self::naive::Naive;
use crate::recipient_query::random::Dice;
use crate::support::{Register, now, person, property, role, setting, today};

const ROLES: [&str; 3] = ["resident", "owner", "board_member"];
const MESSAGES: usize = 8;

/// A message that was written.
#[derive(Debug)]
pub struct Told {
    pub id: InternetviestiId,
    pub message: Internetviesti,
    pub withdrawn: bool,
    /// Who has marked it as read.
    pub read_by: Vec<PartyId>,
}

/// A register of its own range of ids, so that many are in one database.
fn register(dice: &mut Dice, base: i64) -> Register {
    let mut register = Register::default();
    for id in base + 1..=base + 6 {
        let mut party = person(id, dice.pick(&["Aalto Aino", "Öhman Åke", "Åberg Åsa", "Berg Bo"]));
        (party.address_protected, party.archived, party.deceased) = (dice.chance(25), dice.chance(10), dice.chance(10));
        register.parties.push(party);
    }
    for number in 0..8 {
        let parent = (number > 0 && dice.chance(80)).then(|| base + 1 + i64::try_from(dice.below(number)).unwrap());
        let id = base + 1 + i64::try_from(number).unwrap();
        register.properties.push(property(id, parent, "unit", dice.pick(&["A 1", "A 2", "As Oy Öljy"])));
    }
    for _ in 0..10 {
        let (party, place) = (dice.below(6), dice.below(8));
        let at = |number: usize| base + 1 + i64::try_from(number).unwrap();
        let mut role = role(at(party), at(place), dice.pick(&ROLES));
        let day = |days: usize| today() + Days::new(2) - Days::new(u64::try_from(days).unwrap());
        role.valid_from = dice.chance(50).then(|| day(dice.below(5)));
        role.valid_to = dice.chance(30).then(|| day(dice.below(5)));
        let key = |role: &Role| (role.party_id, role.property_id, role.role.clone(), role.valid_from);
        let is_new = register.roles.iter().all(|other| key(other) != key(&role));
        if is_new && role.valid_to.is_none_or(|to| role.valid_from.is_none_or(|from| from <= to)) {
            register.roles.push(role);
        }
    }
    register
}

fn message(dice: &mut Dice, base: i64) -> Internetviesti {
    let mut some =
        |of: i64, percent: usize| (1..=of).filter(|_| dice.chance(percent)).map(|id| base + id).collect::<Vec<_>>();
    let (party_ids, property_ids) = (some(6, 15), some(8, 25));
    let roles = if dice.chance(50) {
        Vec::new()
    } else {
        ROLES.iter().filter(|_| dice.chance(50)).map(|role| (*role).to_owned()).collect()
    };
    let version = Written {
        language: "fi".to_owned(),
        title: "Vesikatko".to_owned(),
        message: "Vesi on poikki.".to_owned(),
        format: MessageFormat::Text,
        attachment_ids: Vec::new(),
    };
    Internetviesti {
        party_ids,
        property_ids,
        reaches_down: dice.chance(60),
        roles,
        versions: vec![version],
        attachment_ids: Vec::new(),
        valid_from: None,
        valid_to: None,
        important: false,
        corrects: None,
    }
}

fn tell(db: &Db, dice: &mut Dice, base: i64) -> Told {
    let message = message(dice, base);
    let (withdrawn, written) = (dice.chance(15), message.clone());
    let read_by: Vec<PartyId> = (base + 1..=base + 6).filter(|_| dice.chance(40)).collect();
    let marks = read_by.clone();
    let at = now() - TimeDelta::days(1);
    let author = Author { subject: "tester".to_owned(), at, mailing_id: None };
    let id = db.write_blocking(move |writer| {
        let id = insert(writer, &written, false, &author)?;
        for party_id in &marks {
            mark_read(writer, id, *party_id, at)?;
        }
        if withdrawn {
            let stored = find(writer, id)?.unwrap();
            withdraw(writer, &stored, &author)?;
        }
        Ok::<_, StoreError>(id)
    });
    Told { id: id.unwrap(), message, withdrawn, read_by }
}

fn viewpoints(dice: &mut Dice, base: i64) -> Vec<Source> {
    let mut sources = Vec::new();
    for party_id in base + 1..=base + 6 {
        sources.extend([true, false].map(|bulletins| Source::Party { party_id, bulletins }));
    }
    for property_id in base + 1..=base + 8 {
        let some: Vec<PartyId> = (base + 1..=base + 6).filter(|_| dice.chance(35)).collect();
        let viewers = [None, Some(vec![base + 1]), (!some.is_empty()).then(|| some.clone())];
        let of = |viewers: Option<Vec<PartyId>>| {
            [true, false].map(|inherited| Source::Property { property_id, inherited, viewers: viewers.clone() })
        };
        sources.extend(viewers.into_iter().flat_map(of));
        sources.extend((!some.is_empty()).then_some(Source::Residents(some)));
    }
    sources
}

on_both!(each_viewpoint_is_shown_what_means_it_and_each_audience_is_whom_it_means, |database| {
    let db = database.open();
    let first_seed = setting("POSTITUS_PROPERTY_SEED", 20_261_122);
    let mut found = 0;
    for (case, seed) in (0..).zip(first_seed..).take(usize::try_from(setting("POSTITUS_PROPERTY_CASES", 30)).unwrap()) {
        let (mut dice, base) = (Dice(seed), case * 100);
        let register = register(&mut dice, base);
        register.store(&db);
        let messages: Vec<Told> = (0..MESSAGES).map(|_| tell(&db, &mut dice, base)).collect();
        let naive = Naive { register: &register, messages: &messages };
        for source in viewpoints(&mut dice, base) {
            found += seen_from(&db, &naive, &source, &|| {
                format!("{source:?} of seed {seed}: {messages:#?} {:#?} {:#?}", register.roles, register.properties)
            });
        }
        for told in &messages {
            for see_protected in [false, true] {
                meant_by(&db, &naive, told, see_protected, &|| {
                    format!("{told:#?} of seed {seed}: {:#?}", register.roles)
                });
            }
        }
    }
    assert!(found > 100, "only {found} messages were seen");
});

/// Compares what a viewpoint is shown, together and one by one; how many messages that are.
fn seen_from(db: &Db, naive: &Naive<'_>, source: &Source, context: &dyn Fn() -> String) -> usize {
    let party = match source {
        Source::Party { party_id, .. } => Some(*party_id),
        _ => None,
    };
    let filter = ListFilter { source: source.clone(), reader: party, changed_since: None, now: now(), today: today() };
    let ids: Vec<InternetviestiId> = naive.messages.iter().map(|told| told.id).collect();
    let (listed, gone, alone, counts) = db
        .read_blocking(move |reader| {
            let listed = internetviestit::list(reader, &filter, None, 1000)?;
            let gone = withdrawn_since(reader, &filter, now() - TimeDelta::days(2))?;
            let shown = Shown { source: Some(filter.source.clone()), now: now(), today: today() };
            let mut alone = BTreeMap::new();
            for id in ids {
                if let Some(head) = find_shown(reader, id, &shown)? {
                    alone.insert(id, (head.party_id, head.property_id, head.inherited));
                }
            }
            let counts = party.map(|party_id| unread(reader, party_id, &filter)).transpose()?;
            Ok::<_, StoreError>((listed, gone, alone, counts))
        })
        .unwrap();
    let expected = naive.list(source);
    let places: BTreeMap<_, _> =
        listed.iter().map(|head| (head.internetviesti_id, (head.party_id, head.property_id, head.inherited))).collect();
    assert_eq!(places.len(), listed.len(), "one twice: {}", context());
    assert_eq!(places, expected, "listed: {}", context());
    assert_eq!(alone, expected, "one by one: {}", context());
    assert_eq!(gone, naive.withdrawn(source), "withdrawn: {}", context());
    if let (Some(party_id), Some(counts)) = (party, counts) {
        let is_read =
            |id: InternetviestiId| naive.messages.iter().any(|told| told.id == id && told.read_by.contains(&party_id));
        assert!(listed.iter().all(|head| head.read == Some(is_read(head.internetviesti_id))), "read: {}", context());
        let all = naive.list(&Source::Party { party_id, bulletins: true });
        let left = |addressed: bool| {
            let of = all.iter().filter(|(id, place)| !is_read(**id) && place.0.is_some() == addressed);
            i64::try_from(of.count()).unwrap()
        };
        assert_eq!(counts, Unread { messages: left(true), bulletins: left(false) }, "unread: {}", context());
    }
    if let Source::Property { property_id, viewers: Some(viewers), .. } = source {
        let (viewers, property_id, holds) = (viewers.clone(), *property_id, naive.holds(viewers, *property_id));
        let held = db.read_blocking(move |reader| holds_property(reader, &viewers, property_id, today())).unwrap();
        assert_eq!(held, holds, "held: {}", context());
    }
    expected.len()
}

/// Compares whom a message means: counted, by person and by unit.
fn meant_by(db: &Db, naive: &Naive<'_>, told: &Told, see_protected: bool, context: &dyn Fn() -> String) {
    let id = told.id;
    let (counted, people, places) = db
        .read_blocking(move |reader| {
            let counted = audience(reader, id, today())?;
            let people = readers(reader, id, today(), see_protected, None, None, 1000)?;
            Ok::<_, StoreError>((counted, people, units(reader, id, today(), see_protected, None, 1000)?))
        })
        .unwrap();
    let meant = naive.audience(told);
    let count = |number: usize| i64::try_from(number).unwrap();
    let has_read = |party_id: &PartyId| told.read_by.contains(party_id);
    let expected = Audience {
        people: count(meant.len()),
        readers: count(meant.iter().filter(|(party, ..)| has_read(&party.party_id)).count()),
        protected: count(meant.iter().filter(|(party, _, addressed)| party.address_protected && !addressed).count()),
    };
    assert_eq!(counted, expected, "counted: {}", context());
    let told_of = meant.iter().filter(|(party, _, addressed)| see_protected || !party.address_protected || *addressed);
    let expected: Vec<_> = told_of
        .map(|(party, through, addressed)| {
            let place = through.first().copied().filter(|_| !addressed);
            (party.party_id, place, has_read(&party.party_id))
        })
        .collect();
    let answered: Vec<_> = people.iter().map(|one| (one.party_id, one.property_id, one.read_at.is_some())).collect();
    assert_eq!(answered, expected, "by person: {}", context());
    let mut expected: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for (party, through, _) in meant.iter().filter(|(party, ..)| see_protected || !party.address_protected) {
        for place in through {
            let (people, readers) = expected.entry(*place).or_default();
            (*people, *readers) = (*people + 1, *readers + i64::from(has_read(&party.party_id)));
        }
    }
    let answered: BTreeMap<_, _> = places.iter().map(|unit| (unit.property_id, (unit.people, unit.readers))).collect();
    assert_eq!(answered, expected, "by unit: {}", context());
}
