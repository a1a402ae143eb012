//! How a row of each file becomes a value of the register.

use chrono::{DateTime, Utc};
use domain::{
    due::{KeyLoan, MoveInInspection},
    ids::new_id,
    invalid::FieldError,
    register::{Contract, Party, PartyKind, Property, Role},
};
use serde_json::{Map, Value};

use super::{columns::RegisterFile, error::RowFault, fields::Fields};

const NAME_CHARS: usize = 200;
const SHORT_CHARS: usize = 64;
const POSTAL_CODE_CHARS: usize = 20;
/// The longest address that SMTP carries; longer ones are no addresses at all.
const EMAIL_CHARS: usize = 320;
/// The longest id of the ERP that is no number.
pub(crate) const ERP_ID_CHARS: usize = 128;
const LINK_CHARS: usize = 2000;

/// Something that a register import brings.
pub(super) trait ReadRow: Sized {
    /// Where its rows are.
    const FILE: RegisterFile;
    /// The column of its id.
    const ID: &'static str;

    /// The row's value, or its first fault.
    fn read(fields: &Fields<'_>) -> Result<Self, RowFault>;
}

/// A row from a JSON object with the names and the rules of the CSV columns. `None` when its id is none at all.
///
/// # Errors
/// The first fault, with the pointer of its field.
#[expect(private_bounds, reason = "the kinds are a closed set")]
pub fn read_json<T: ReadRow>(object: &Map<String, Value>) -> Result<Option<T>, FieldError> {
    match T::read(&Fields::of_json(object)) {
        Ok(row) => Ok(Some(row)),
        Err(RowFault { column: Some(column), .. }) if column == T::ID => Ok(None),
        Err(RowFault { column, reason }) => {
            let pointer = column.map(|column| format!("/{column}")).unwrap_or_default();
            Err(FieldError::new(pointer, "invalid_value", reason))
        }
    }
}

impl ReadRow for Party {
    const FILE: RegisterFile = RegisterFile::Parties;
    const ID: &'static str = "party_id";

    fn read(fields: &Fields<'_>) -> Result<Self, RowFault> {
        Ok(Self {
            party_id: fields.required_id("party_id")?,
            kind: party_kind(fields)?,
            name: fields.required_text("name", NAME_CHARS)?,
            first_name: fields.text("first_name", NAME_CHARS)?,
            last_name: fields.text("last_name", NAME_CHARS)?,
            business_id: fields.text("business_id", SHORT_CHARS)?,
            language: fields.language("language")?,
            email: fields.text("email", EMAIL_CHARS)?,
            email_marketing: fields.boolean("email_marketing")?,
            phone: fields.text("phone", SHORT_CHARS)?,
            phone_marketing: fields.boolean("phone_marketing")?,
            street: fields.text("street", NAME_CHARS)?,
            postal_code: fields.text("postal_code", POSTAL_CODE_CHARS)?,
            city: fields.text("city", NAME_CHARS)?,
            country: fields.country("country")?,
            address_protected: fields.boolean("address_protected")?,
            deceased: fields.boolean("deceased")?,
            archived: fields.boolean("archived")?,
            attributes: fields.attributes("attributes")?,
        })
    }
}

fn party_kind(fields: &Fields<'_>) -> Result<PartyKind, RowFault> {
    let word = fields.word("kind")?;
    PartyKind::parse(&word).ok_or_else(|| RowFault::of("kind", format!("“{word}” is neither person nor company")))
}

impl ReadRow for Property {
    const FILE: RegisterFile = RegisterFile::Properties;
    const ID: &'static str = "property_id";

    fn read(fields: &Fields<'_>) -> Result<Self, RowFault> {
        let property_id = fields.required_id("property_id")?;
        let parent_id = fields.id("parent_id")?;
        if parent_id == Some(property_id) {
            return Err(RowFault::of("parent_id", format!("property {property_id} can't be its own parent")));
        }
        Ok(Self {
            property_id,
            parent_id,
            kind: fields.word("kind")?,
            code: fields.text("code", SHORT_CHARS)?,
            name: fields.required_text("name", NAME_CHARS)?,
            street: fields.text("street", NAME_CHARS)?,
            postal_code: fields.text("postal_code", POSTAL_CODE_CHARS)?,
            city: fields.text("city", NAME_CHARS)?,
            country: fields.country("country")?,
            attributes: fields.attributes("attributes")?,
        })
    }
}

impl ReadRow for Contract {
    const FILE: RegisterFile = RegisterFile::Contracts;
    const ID: &'static str = "contract_id";

    fn read(fields: &Fields<'_>) -> Result<Self, RowFault> {
        let (contract_id, party_id) = (fields.required_id("contract_id")?, fields.required_id("party_id")?);
        let property_id = fields.required_id("property_id")?;
        let (kind, language) = (fields.word("kind")?, fields.language("language")?);
        let (valid_from, valid_to) = fields.validity()?;
        Ok(Self {
            contract_id,
            party_id,
            property_id,
            kind,
            language,
            valid_from,
            valid_to,
            points_enrolled: fields.boolean("points_enrolled")?,
            points_enrolled_on: fields.date("points_enrolled_on")?,
        })
    }
}

impl ReadRow for Role {
    const FILE: RegisterFile = RegisterFile::Roles;
    const ID: &'static str = "role_id";

    /// `role_id` is a new one each time: the store keeps the one it has.
    fn read(fields: &Fields<'_>) -> Result<Self, RowFault> {
        let erp_role_id = fields.text("role_id", ERP_ID_CHARS)?;
        let (party_id, property_id) = (fields.required_id("party_id")?, fields.required_id("property_id")?);
        let role = fields.word("role")?;
        let (valid_from, valid_to) = fields.validity()?;
        let contract_id = fields.id("contract_id")?;
        Ok(Self { role_id: new_id(), erp_role_id, party_id, property_id, role, valid_from, valid_to, contract_id })
    }
}

impl ReadRow for KeyLoan {
    const FILE: RegisterFile = RegisterFile::KeyLoans;
    const ID: &'static str = "loan_id";

    /// `loan_id` is a new one each time: the store keeps the one it has.
    fn read(fields: &Fields<'_>) -> Result<Self, RowFault> {
        let erp_loan_id = fields.text("loan_id", ERP_ID_CHARS)?;
        let (party_id, property_id) = (fields.required_id("party_id")?, fields.id("property_id")?);
        let key_code = fields.required_text("key_code", NAME_CHARS)?;
        let description = fields.text("description", NAME_CHARS)?;
        let (lent_at, due_at) = (fields.instant("lent_at")?, fields.required_instant("due_at")?);
        let returned_at = fields.instant("returned_at")?;
        not_before("due_at", Some(due_at), "lent_at", lent_at)?;
        not_before("returned_at", returned_at, "lent_at", lent_at)?;
        let loan_id = new_id();
        Ok(Self { loan_id, erp_loan_id, party_id, property_id, key_code, description, lent_at, due_at, returned_at })
    }
}

impl ReadRow for MoveInInspection {
    const FILE: RegisterFile = RegisterFile::MoveInInspections;
    const ID: &'static str = "inspection_id";

    /// `inspection_id` is a new one each time: the store keeps the one it has.
    fn read(fields: &Fields<'_>) -> Result<Self, RowFault> {
        let erp_inspection_id = fields.text("inspection_id", ERP_ID_CHARS)?;
        let (party_id, property_id) = (fields.required_id("party_id")?, fields.required_id("property_id")?);
        let (deadline, answered_at) = (fields.required_instant("deadline")?, fields.instant("answered_at")?);
        let link = fields.link("link", LINK_CHARS)?;
        Ok(Self { inspection_id: new_id(), erp_inspection_id, party_id, property_id, deadline, answered_at, link })
    }
}

fn not_before(
    column: &'static str,
    later: Option<DateTime<Utc>>,
    other: &str,
    earlier: Option<DateTime<Utc>>,
) -> Result<(), RowFault> {
    match (earlier, later) {
        (Some(earlier), Some(later)) if later < earlier => {
            Err(RowFault::of(column, format!("{later:?} lies before {other}, which is {earlier:?}")))
        }
        _ => Ok(()),
    }
}
