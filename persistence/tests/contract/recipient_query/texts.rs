//! Words as people type them into a search box, and names that databases and programs trip over: both databases find the same.

use domain::recipient_query::{Known, RecipientFilter, check};
use domain::register::{Party, PartyId, Property};
use persistence::recipient_query::{RecipientSearch, matching_ids};
use persistence::{Db, attributes};
use serde_json::json;

use crate::support::{Register, person, property, role, today};

fn found(db: &Db, text: &str) -> Vec<PartyId> {
    let filter: RecipientFilter = serde_json::from_value(json!({"text": text})).unwrap();
    let condition =
        check(&filter, "/filter", &Known::on(today())).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let search = RecipientSearch { condition, today: today(), default_language: "fi".to_owned(), see_protected: false };
    let mut ids = db.read_blocking(move |reader| matching_ids(reader, &search)).unwrap();
    ids.sort_unstable();
    ids
}

fn register() -> Register {
    let some = |text: &str| Some(text.to_owned());
    let parties = vec![
        Party { email: some("asa.akerblom@posti.example.fi"), ..person(1, "Åkerblom Åsa") },
        person(2, "O'Brien Conán"),
        person(3, "Weiß Jürgen"),
        person(4, "Mäki-Petäjä Päivi"),
        person(5, "İstanbullu Işıl"),
        // The same letters, each as a base letter and a combining mark.
        person(6, "A\u{30a}kerblom A\u{30a}sa"),
        person(7, "Ma\u{308}ki Oö Oy 🏠🔑"),
        person(8, "von der Leyen Väinö"),
        person(9, "Akerblom Asa"),
        person(10, "Taloyhtiö 24 Oy"),
        Party { phone: some("040 123 4567"), ..person(11, "Puhelin Yksi") },
        Party { phone: some("+358401234567"), ..person(12, "Puhelin Kaksi") },
        Party { phone: some("(040) 123-4567"), ..person(13, "Puhelin Kolme") },
        Party {
            street: some("Ääritie 7 B 12"),
            postal_code: some("00100"),
            city: some("ÅBO"),
            ..person(14, "Koti Kaisa")
        },
        person(15, "100% Siivous_Oy"),
        person(16, "Straße"),
        person(17, "ΣΊΣΥΦΟΣ Άρης"),
        person(18, "D\u{2019}Angelo L\u{2019}uca"),
    ];
    let properties = vec![Property {
        code: some("KP-0042/A"),
        street: some("Öljymäentie 3"),
        ..property(1, None, "company", "Bostads Ab Ålandsvägen")
    }];
    Register { parties, properties, roles: vec![role(2, 1, "resident"), role(3, 1, "owner")], ..Register::default() }
}

on_both!(any_word_in_any_order_finds_by_its_beginning_however_it_is_written, |database| {
    let db = database.open();
    register().store(&db);
    let cases: &[(&str, &[PartyId])] = &[
        // å, ä and ö are letters of their own, in any case and in any composition.
        ("åkerblom", &[1, 6]),
        ("ÅKER", &[1, 6]),
        ("A\u{30a}KER", &[1, 6]),
        ("aker", &[9, 1]),
        ("åsa åkerblom", &[1, 6]),
        ("mäki", &[4, 7]),
        ("MÄKI-PETÄJÄ", &[4]),
        ("petäjä mäki", &[4]),
        ("petaja", &[]),
        ("päivi petä", &[4]),
        ("väi leyen von", &[8]),
        ("von", &[8]),
        ("on", &[]),
        // Marks between letters part words.
        ("o'brien", &[2]),
        ("brien o", &[2]),
        ("obrien", &[]),
        ("d'angelo", &[18]),
        ("angelo", &[18]),
        // Letters of others keep their accents; ß is no ss; a Turkish İ is its small letter with a dot.
        ("weiß", &[3]),
        ("WEISS", &[]),
        ("stra\u{df}e", &[16]),
        ("jürg", &[3]),
        ("conán", &[2]),
        ("conan", &[]),
        ("İstan", &[5]),
        ("işıl", &[5]),
        ("isil", &[]),
        ("άρης", &[17]),
        ("ΆΡΗΣ", &[17]),
        // Digits, and signs that are neither letter nor digit.
        ("24", &[10]),
        ("taloyhtiö 24", &[10]),
        ("100", &[15]),
        ("100%", &[15]),
        ("siivous_oy", &[15]),
        ("% _ 100", &[15]),
        ("oö", &[7]),
        ("oy 🏠 mäki", &[7]),
        // A phone is found by its parts as they are written, and whole however it is written.
        ("0401234567", &[11, 12, 13]),
        ("040 123 4567", &[11, 12, 13]),
        ("(040) 123-4567 puhelin", &[11, 12, 13]),
        ("yksi +358 40 1234567", &[11]),
        ("040", &[11, 13]),
        ("358401234567", &[11, 12, 13]),
        ("+358401234567", &[11, 12, 13]),
        ("123", &[11, 13]),
        ("4567 123", &[11, 13]),
        // E-mail by its parts, and as a whole.
        ("asa.akerblom@posti.example.fi", &[1]),
        ("akerblom posti", &[1]),
        ("example", &[1]),
        ("xample", &[]),
        // The own address, and name, code and street of the property of a role.
        ("ääritie 12 åbo", &[14]),
        ("001", &[14]),
        ("kp-0042", &[2, 3]),
        ("0042", &[2, 3]),
        ("öljymäentie brien", &[2]),
        ("ålandsvägen jürgen", &[3]),
        ("alandsvagen", &[]),
    ];
    for (text, expected) in cases {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found(&db, text), expected, "{text}");
    }
});

/// Strings that mean something to SQL, to LIKE, to JSON and to those who print them.
pub const HOSTILE: [&str; 16] = [
    "'; DROP TABLE party; --",
    "\" OR \"\"=\"",
    "x' OR '1'='1",
    "1); DELETE FROM role WHERE (1=1",
    "Robert'); SELECT pg_sleep(10); --",
    "%",
    "_____",
    "\\",
    "\\' OR 1=1 --",
    "$1 ?1 :name @p",
    "${jndi:ldap://x}",
    "{{ 7*7 }}",
    "a\u{202e}b\u{feff}",
    "\u{1F4A9}\u{10FFFF}",
    "NULL",
    "/* x */ UNION SELECT 1",
];

on_both!(no_string_of_a_filter_reaches_sql_as_text, |database| {
    let db = database.open();
    let register = Register {
        attributes: vec![
            (domain::attribute::AttributeRegister::Party, "class", "string"),
            (domain::attribute::AttributeRegister::Property, "heating", "string"),
        ],
        ..register()
    };
    register.store(&db);
    let known = db.read_blocking(|reader| attributes::known(reader, today())).unwrap();
    let everyone = register.parties.len();
    let texts = ["eq", "ne", "lt", "gte", "contains", "starts_with"];
    let (mut asked, mut refused) = (0, 0);
    for hostile in HOSTILE {
        let mut filters = vec![
            json!({"text": hostile}),
            json!({"role": {"codes": [hostile, "resident"]}}),
            json!({"role": {"codes": ["resident"], "on": hostile}}),
            json!({"party": {"field": hostile, "op": "eq", "value": "a"}}),
            json!({"party": {"field": format!("attributes.{hostile}"), "op": "eq", "value": "a"}}),
            json!({"party": {"field": "name", "op": hostile, "value": "a"}}),
            json!({"property": {"field": hostile, "op": "eq", "value": "a"}}),
            json!({"property": {"field": "name", "op": "in", "values": ["a", hostile]}}),
            json!({"contract": {"field": hostile, "op": "eq", "value": "a"}}),
            json!({"contract": {"field": "kind", "op": "in", "values": [hostile]}}),
            json!({"contract": {"field": "valid_to", "op": "lt", "value": hostile}}),
        ];
        for op in texts {
            for field in ["name", "email", "street", "phone", "attributes.class"] {
                filters.push(json!({"party": {"field": field, "op": op, "value": hostile}}));
            }
            for field in ["name", "code", "attributes.heating"] {
                filters.push(json!({"property": {"field": field, "op": op, "value": hostile}}));
            }
        }
        for field in ["party_id", "kind", "service_language", "country", "email_marketing"] {
            filters.push(json!({"party": {"field": field, "op": "eq", "value": hostile}}));
        }
        for filter in filters {
            let negated = json!({"not": filter});
            let parsed: RecipientFilter = serde_json::from_value(filter.clone()).unwrap();
            let not: RecipientFilter = serde_json::from_value(negated).unwrap();
            let (Ok(condition), Ok(not)) = (check(&parsed, "/filter", &known), check(&not, "/filter", &known)) else {
                refused += 1;
                continue;
            };
            let search = |condition| RecipientSearch {
                condition,
                today: today(),
                default_language: hostile.to_owned(),
                see_protected: true,
            };
            let searches = (search(condition), search(not));
            let (found, others) = db
                .read_blocking(move |reader| {
                    Ok::<_, persistence::StoreError>((
                        matching_ids(reader, &searches.0)?,
                        matching_ids(reader, &searches.1)?,
                    ))
                })
                .unwrap_or_else(|error| panic!("{filter}: {error}"));
            asked += 1;
            // Whatever it asks, each is in one of the two.
            assert_eq!(found.len() + others.len(), everyone, "{filter}");
        }
    }
    assert!(asked > 500 && refused > 100, "{asked} {refused}");
    // Nothing is gone.
    assert_eq!(found(&db, "oy"), [7, 10, 15]);
});
