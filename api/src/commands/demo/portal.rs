//! What portals show: bulletins of a housing company, and messages to one who lives there.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answers::Added;
use super::client::Client;
use super::recipients::{Company, Resident};

/// Requests of `POST /internetviestit` without their targets; the texts of the files that go with them are in `sisalto`.
const MESSAGES: &str = include_str!("portal.json");

/// Adds the messages once, however often the demo is run, and answers how many there are.
pub(super) async fn add(client: &Client, company: &Company, resident: &Resident) -> Result<usize, Box<dyn Error>> {
    let messages: Vec<Value> = serde_json::from_str(MESSAGES)?;
    let mut before = None;
    for (number, mut message) in messages.iter().cloned().enumerate() {
        encode_files(&mut message);
        for (field, value) in [
            ("kohde_idt", json!([company.property.property_id])),
            ("osapuoli_idt", json!([resident.party_id])),
            ("korjaa_id", json!(before)),
        ] {
            if let Some(place) = message.get_mut(field) {
                *place = value;
            }
        }
        let key = format!("demo-portal-{}-{}-{number}", company.property.property_id, resident.party_id);
        let added: Added = client.post_once("/internetviestit", &key, &message).await?;
        before = Some(added.internetviesti_id);
    }
    Ok(messages.len())
}

fn encode_files(message: &mut Value) {
    let versions = message.get_mut("versiot").and_then(Value::as_array_mut).into_iter().flatten();
    let files = versions.filter_map(|version| version.get_mut("liitteet")?.as_array_mut()).flatten();
    for file in files.filter_map(Value::as_object_mut) {
        if let Some(Value::String(text)) = file.remove("sisalto") {
            file.insert("sisalto_base64".to_owned(), STANDARD.encode(text).into());
        }
    }
}
