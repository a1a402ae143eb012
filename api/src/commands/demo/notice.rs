//! The mailing that the demo sends: a notice of a water cut.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// The texts of one language; `DATE` stands for the day.
struct Version {
    language: &'static str,
    date_format: &'static str,
    subject: &'static str,
    body: &'static str,
}

const VERSIONS: [Version; 3] = [
    Version {
        language: "fi",
        date_format: "%-d.%-m.%Y",
        subject: "Vesikatko DATE klo 9–13: {{ property.street }}",
        body: "Hei {{ recipient.first_name|default(recipient.name) }},\n\n\
            vesi on poikki osoitteessa {{ property.street }} DATE klo 9–13,\n\
            koska vesilaitos uusii sulkuventtiilejä.\n\n\
            - Varatkaa juomavettä etukäteen.\n\
            - Pitäkää hanat suljettuina katkon ajan.\n\
            - Kun vesi palaa, juoksuttakaa sitä muutama minuutti, kunnes se on kirkasta.\n\n\
            Pahoittelemme häiriötä.\n\n\
            Ystävällisin terveisin  \n{{ sender.name }}\n",
    },
    Version {
        language: "sv",
        date_format: "%-d.%-m.%Y",
        subject: "Vattenavbrott DATE kl. 9–13: {{ property.street }}",
        body: "Hej {{ recipient.first_name|default(recipient.name) }},\n\n\
            vattnet är avstängt på adressen {{ property.street }} den DATE kl. 9–13,\n\
            eftersom vattenverket byter avstängningsventiler.\n\n\
            - Ta fram dricksvatten i förväg.\n\
            - Håll kranarna stängda under avbrottet.\n\
            - När vattnet är tillbaka, låt det rinna några minuter tills det är klart.\n\n\
            Vi beklagar besväret.\n\n\
            Med vänlig hälsning  \n{{ sender.name }}\n",
    },
    Version {
        language: "en",
        date_format: "%-d %B %Y",
        subject: "Water cut on DATE, 9 a.m. to 1 p.m.: {{ property.street }}",
        body: "Dear {{ recipient.first_name|default(recipient.name) }},\n\n\
            The water at {{ property.street }} will be cut off on DATE\n\
            from 9 a.m. to 1 p.m., because the waterworks is replacing shut-off valves.\n\n\
            - Please set aside drinking water beforehand.\n\
            - Keep the taps closed during the cut.\n\
            - When the water is back, let it run for a few minutes until it is clear.\n\n\
            We apologise for the inconvenience.\n\n\
            Kind regards  \n{{ sender.name }}\n",
    },
];

/// Everyone whom a water cut concerns today: who lives in a housing company, sits on its board, or looks after it.
pub(super) fn everyone_concerned() -> Value {
    json!({"all": [
        {"role": {"codes": ["resident", "board_member", "maintenance", "property_manager"]}},
        {"property": {"field": "kind", "op": "eq", "value": "company"}},
    ]})
}

/// The residents of one housing company today.
pub(super) fn residents_of(property_id: i64) -> Value {
    json!({"all": [
        {"role": {"codes": ["resident"]}},
        {"property": {"field": "property_id", "op": "eq", "value": property_id.to_string()}},
    ]})
}

/// The draft: to everyone concerned, and to the people named besides. The cut is a week from `today`.
pub(super) fn mailing(today: NaiveDate, named: &[i64]) -> Value {
    let day = today.checked_add_days(Days::new(7)).unwrap_or(today);
    let contents: Vec<Value> = VERSIONS.iter().map(|version| content(version, day)).collect();
    let english = day.format("%-d %B %Y");
    json!({
        "name": format!("Water cut on {english}"),
        "purpose": "service",
        "delivery": {"mode": "fallback", "channels": ["email"]},
        "recipients": {"filter": everyone_concerned(), "party_ids": named},
        "contents": contents,
        "sender": {"name": "Isännöinti Järvi & Mäki Oy", "address": "isannointi@example.fi"},
        "missing_language": "fallback",
        "fallback_language": "en",
    })
}

fn content(version: &Version, day: NaiveDate) -> Value {
    let Version { language, date_format, subject, body } = version;
    let day = day.format(date_format).to_string();
    json!({
        "channel": "email",
        "language": language,
        "subject": subject.replace("DATE", &day),
        "body": body.replace("DATE", &day),
        "format": "markdown",
    })
}
