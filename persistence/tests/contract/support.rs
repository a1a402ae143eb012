//! What the scenarios share: a register in memory, plain rows to vary, and mailings.

use chrono::{DateTime, NaiveDate, Utc};
use domain::attribute::{Attribute, AttributeRegister};
use domain::ids::new_id;
use domain::mailing::AddressedAs;
use domain::mailing::draft::MailingDraft;
use domain::mailing::state::MailingStatus;
use domain::recipient_query::RecipientFilter;
use domain::register::{Contract, ContractId, Party, PartyId, PartyKind, Property, PropertyId, Role};
use persistence::attributes::{self, Misfits};
use persistence::contact_lists::ContactListData;
use persistence::mailings::{self, FrozenRow, StoredMailing};
use persistence::{Db, StoreError, Writer, contact_lists, contracts, parties, properties, roles, saved_queries};
use serde_json::{Map, json};
use uuid::Uuid;

/// The day of every scenario.
pub fn today() -> NaiveDate {
    day("2026-06-15")
}

/// The instant of every scenario, with all the digits that are stored.
pub fn now() -> DateTime<Utc> {
    "2026-06-15T09:00:00.123456Z".parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A register as a test describes it.
#[derive(Debug, Clone, Default)]
pub struct Register {
    pub parties: Vec<Party>,
    pub properties: Vec<Property>,
    pub contracts: Vec<Contract>,
    pub roles: Vec<Role>,
    pub queries: Vec<(Uuid, RecipientFilter)>,
    pub lists: Vec<(Uuid, ListOf)>,
    /// The customer's own fields: register, name and type.
    pub attributes: Vec<(AttributeRegister, &'static str, &'static str)>,
}

/// Who is on a contact list.
#[derive(Debug, Clone)]
pub enum ListOf {
    Members(Vec<PartyId>),
    Query(Uuid),
}

impl Register {
    /// Writes all of it.
    pub fn store(&self, db: &Db) {
        let register = self.clone();
        db.write_blocking(move |writer| {
            let Register { parties, properties, contracts, roles, queries, lists, attributes: _ } = register.clone();
            register.declare(writer)?;
            properties::upsert(writer, properties)?;
            parties::upsert(writer, parties)?;
            contracts::upsert(writer, contracts)?;
            roles::upsert(writer, roles)?;
            for (id, _) in &queries {
                // They may name each other, and lists.
                saved_queries::insert(writer, (*id, "Haku", &RecipientFilter::default()), "tester", now())?;
            }
            for (id, of) in lists {
                let query_id = match of {
                    ListOf::Query(id) => Some(id),
                    ListOf::Members(_) => None,
                };
                let data = ContactListData { name: "Lista".to_owned(), description: None, query_id };
                contact_lists::insert(writer, id, &data, "tester", now())?;
                if let ListOf::Members(ids) = of {
                    contact_lists::add_members(writer, id, &ids, now())?;
                }
            }
            for (id, filter) in &queries {
                saved_queries::update(writer, (*id, 2, "Haku", filter), "tester", now())?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    }

    /// Declares its attributes that are not declared yet.
    pub fn declare(&self, writer: &mut Writer<'_>) -> Result<(), StoreError> {
        for attribute in self.declared() {
            let before = attributes::find(writer, attribute.register, &attribute.name)?;
            assert_eq!(attributes::declare(writer, &attribute, before.as_ref())?, Misfits::default());
        }
        Ok(())
    }

    fn declared(&self) -> Vec<Attribute> {
        let declare = |(register, name, type_word): &(AttributeRegister, &str, &str)| {
            Attribute::declare(*register, name, type_word, None).unwrap()
        };
        self.attributes.iter().map(declare).collect()
    }
}

/// A person of whom only the name is known.
pub fn person(party_id: PartyId, name: &str) -> Party {
    Party {
        party_id,
        kind: PartyKind::Person,
        name: name.to_owned(),
        first_name: None,
        last_name: None,
        business_id: None,
        language: None,
        email: None,
        email_marketing: false,
        phone: None,
        phone_marketing: false,
        street: None,
        postal_code: None,
        city: None,
        country: None,
        address_protected: false,
        deceased: false,
        archived: false,
        attributes: Map::new(),
    }
}

/// A property of which only kind and name are known.
pub fn property(property_id: PropertyId, parent_id: Option<PropertyId>, kind: &str, name: &str) -> Property {
    Property {
        property_id,
        parent_id,
        kind: kind.to_owned(),
        code: None,
        name: name.to_owned(),
        street: None,
        postal_code: None,
        city: None,
        country: None,
        attributes: Map::new(),
    }
}

/// An open-ended role that the ERP has given no id.
pub fn role(party_id: PartyId, property_id: PropertyId, code: &str) -> Role {
    Role {
        role_id: new_id(),
        erp_role_id: None,
        party_id,
        property_id,
        role: code.to_owned(),
        valid_from: None,
        valid_to: None,
        contract_id: None,
    }
}

/// An open-ended tenancy without a language.
pub fn contract(contract_id: ContractId, party_id: PartyId, property_id: PropertyId) -> Contract {
    Contract {
        contract_id,
        party_id,
        property_id,
        kind: "tenancy".to_owned(),
        language: None,
        valid_from: None,
        valid_to: None,
        points_enrolled: false,
        points_enrolled_on: None,
    }
}

/// A draft that is not stored yet.
pub fn draft(name: &str) -> StoredMailing {
    let draft: MailingDraft = serde_json::from_value(json!({"name": name, "purpose": "service"})).unwrap();
    StoredMailing {
        mailing_id: new_id(),
        version: 0,
        status: MailingStatus::Draft,
        draft,
        content_hash: None,
        recipients_hash: None,
        created_at: now(),
        created_by: "tester".to_owned(),
        updated_at: now(),
        sent_at: None,
        sent_by: None,
        finished_at: None,
        pause_reason: None,
        attachments: Vec::new(),
    }
}

/// Stores a new draft; returns its id.
pub fn stored_draft(db: &Db, name: &str) -> Uuid {
    let mailing = draft(name);
    let id = mailing.mailing_id;
    db.write_blocking(move |writer| mailings::insert(writer, &mailing)).unwrap();
    id
}

/// A row with a delivery of its own.
pub fn row(row_no: i64, party_id: PartyId) -> FrozenRow {
    FrozenRow {
        row_no,
        party_id: Some(party_id),
        name: None,
        addressed_as: AddressedAs::To,
        channel: "email",
        address: Some(format!("{party_id}@example.fi")),
        language: "fi".to_owned(),
        version_no: Some(0),
        merge_values: json!({"recipient.name": party_id.to_string()}).to_string(),
        reason: None,
        shared: None,
        delivery_id: Some(new_id()),
        message_id: None,
    }
}

/// A row that is left out.
pub fn skipped_row(row_no: i64, party_id: PartyId, reason: &str) -> FrozenRow {
    FrozenRow {
        address: None,
        version_no: None,
        reason: Some(reason.to_owned()),
        delivery_id: None,
        ..row(row_no, party_id)
    }
}

/// A row that shares the delivery of `other`.
pub fn shared_row(row_no: i64, party_id: PartyId, other: &FrozenRow) -> FrozenRow {
    FrozenRow { shared: Some("duplicate_address"), delivery_id: other.delivery_id, ..row(row_no, party_id) }
}

/// A mailing that is being sent to these rows; its parties are added to the register.
pub fn sent_mailing(db: &Db, rows: &[FrozenRow]) -> Uuid {
    let ids = rows.iter().filter_map(|row| row.party_id);
    let people = ids.map(|id| person(id, &format!("Person {id}"))).collect();
    Register { parties: people, ..Register::default() }.store(db);
    let mailing_id = stored_draft(db, "Vesikatko");
    let rows = rows.to_vec();
    db.write_blocking(move |writer| {
        mailings::freeze(writer, mailing_id, rows.clone(), now())?;
        mailings::mark_sent(writer, mailing_id, 1, ("content", "recipients"), "tester", now())
    })
    .unwrap();
    mailing_id
}

/// Runs async work to its end.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A number from the environment, or the default.
#[expect(clippy::disallowed_methods, reason = "how much a test does is set from outside")]
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}
