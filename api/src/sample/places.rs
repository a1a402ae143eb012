//! Towns, and addresses abroad.

/// A Finnish town.
#[derive(Debug, Clone, Copy)]
pub(super) struct Town {
    pub(super) name: &'static str,
    /// As in the name of a housing company: “As Oy Helsingin …”.
    pub(super) genitive: &'static str,
    pub(super) postal_codes: &'static [&'static str],
    /// Addresses and names of housing companies are in Swedish.
    pub(super) swedish: bool,
    /// Of a hundred households, how many speak Swedish, and how many neither Finnish nor Swedish.
    pub(super) swedish_speakers: u64,
    pub(super) foreigners: u64,
}

const fn finnish(
    name: &'static str,
    genitive: &'static str,
    postal_codes: &'static [&'static str],
    swedish_speakers: u64,
    foreigners: u64,
) -> Town {
    Town { name, genitive, postal_codes, swedish: false, swedish_speakers, foreigners }
}

const fn swedish(name: &'static str, postal_codes: &'static [&'static str], swedish_speakers: u64) -> Town {
    Town { name, genitive: name, postal_codes, swedish: true, swedish_speakers, foreigners: 4 }
}

/// The towns in the order in which housing companies are founded in them, so that a small register has both languages.
pub(super) const TOWNS: &[Town] = &[
    finnish("Helsinki", "Helsingin", &["00100", "00500", "00530", "00250", "00810", "00940"], 6, 14),
    finnish("Tampere", "Tampereen", &["33100", "33200", "33500", "33720"], 1, 7),
    swedish("Jakobstad", &["68600", "68620"], 35),
    finnish("Espoo", "Espoon", &["02100", "02200", "02600", "02770"], 8, 14),
    swedish("Ekenäs", &["10600"], 60),
    finnish("Oulu", "Oulun", &["90100", "90500", "90570"], 1, 4),
    finnish("Turku", "Turun", &["20100", "20500", "20720", "20810"], 6, 9),
    finnish("Vantaa", "Vantaan", &["01300", "01600", "01620", "01710"], 3, 18),
    finnish("Jyväskylä", "Jyväskylän", &["40100", "40600", "40740"], 1, 5),
    swedish("Borgå", &["06100", "06150"], 35),
    finnish("Kuopio", "Kuopion", &["70100", "70600", "70820"], 0, 3),
    finnish("Lahti", "Lahden", &["15100", "15110", "15700"], 0, 7),
    finnish("Rovaniemi", "Rovaniemen", &["96100", "96200"], 0, 3),
    swedish("Mariehamn", &["22100"], 85),
    finnish("Pori", "Porin", &["28100", "28130", "28360"], 1, 3),
    finnish("Hämeenlinna", "Hämeenlinnan", &["13100", "13210"], 0, 4),
    swedish("Vasa", &["65100", "65200", "65280"], 30),
    finnish("Joensuu", "Joensuun", &["80100", "80220"], 0, 4),
    finnish("Seinäjoki", "Seinäjoen", &["60100", "60320"], 0, 3),
    finnish("Inari", "Inarin", &["99800", "99870"], 0, 2),
    finnish("Mikkeli", "Mikkelin", &["50100", "50170"], 0, 3),
    swedish("Hangö", &["10900", "10960"], 45),
    finnish("Lappeenranta", "Lappeenrannan", &["53100", "53850"], 0, 6),
    finnish("Äänekoski", "Äänekosken", &["44100", "44150"], 0, 2),
];

/// Where owners who live abroad do so: street, postal code, city, country.
pub(super) const ABROAD: &[(&str, &str, &str, &str)] = &[
    ("Götgatan 41", "116 21", "Stockholm", "SE"),
    ("Pärnu mnt 12", "10148", "Tallinn", "EE"),
    ("Schönhauser Allee 7", "10119", "Berlin", "DE"),
    ("Calle Málaga 3", "29640", "Fuengirola", "ES"),
    ("12 Camden Road", "NW1 9LJ", "London", "GB"),
    ("Storgata 5", "9008", "Tromsø", "NO"),
];
