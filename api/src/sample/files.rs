//! The four files being written.

use std::{fs::File, io, path::Path};

use chrono::NaiveDate;
use domain::register::{Contract, Party, Property, Role};
use serde_json::{Map, Value};

use crate::register_import::columns::RegisterFile;

/// How many rows each file has, its header not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SampleSummary {
    pub parties: u64,
    pub properties: u64,
    pub contracts: u64,
    pub roles: u64,
}

/// Writes rows and counts them.
pub(super) struct SampleFiles {
    parties: csv::Writer<File>,
    properties: csv::Writer<File>,
    contracts: csv::Writer<File>,
    roles: csv::Writer<File>,
    pub(super) written: SampleSummary,
}

impl SampleFiles {
    pub(super) fn create(dir: &Path) -> io::Result<Self> {
        Ok(Self {
            parties: writer(dir, RegisterFile::Parties)?,
            properties: writer(dir, RegisterFile::Properties)?,
            contracts: writer(dir, RegisterFile::Contracts)?,
            roles: writer(dir, RegisterFile::Roles)?,
            written: SampleSummary::default(),
        })
    }

    pub(super) fn party(&mut self, party: Party) -> io::Result<()> {
        let Party {
            party_id,
            kind,
            name,
            first_name,
            last_name,
            business_id,
            language,
            email,
            email_marketing,
            phone,
            phone_marketing,
            street,
            postal_code,
            city,
            country,
            address_protected,
            deceased,
            archived,
            attributes,
        } = party;
        self.written.parties += 1;
        let row = [
            party_id.to_string(),
            kind.as_str().to_owned(),
            name,
            first_name.unwrap_or_default(),
            last_name.unwrap_or_default(),
            business_id.unwrap_or_default(),
            language.unwrap_or_default(),
            email.unwrap_or_default(),
            email_marketing.to_string(),
            phone.unwrap_or_default(),
            phone_marketing.to_string(),
            street.unwrap_or_default(),
            postal_code.unwrap_or_default(),
            city.unwrap_or_default(),
            country.unwrap_or_default(),
            address_protected.to_string(),
            deceased.to_string(),
            archived.to_string(),
            json(attributes),
        ];
        Ok(self.parties.write_record(&row)?)
    }

    pub(super) fn property(&mut self, property: Property) -> io::Result<()> {
        let Property { property_id, parent_id, kind, code, name, street, postal_code, city, country, attributes } =
            property;
        self.written.properties += 1;
        let row = [
            property_id.to_string(),
            number(parent_id),
            kind,
            code.unwrap_or_default(),
            name,
            street.unwrap_or_default(),
            postal_code.unwrap_or_default(),
            city.unwrap_or_default(),
            country.unwrap_or_default(),
            json(attributes),
        ];
        Ok(self.properties.write_record(&row)?)
    }

    pub(super) fn contract(&mut self, contract: Contract) -> io::Result<()> {
        let Contract {
            contract_id,
            party_id,
            property_id,
            kind,
            language,
            valid_from,
            valid_to,
            points_enrolled,
            points_enrolled_on,
        } = contract;
        self.written.contracts += 1;
        let row = [
            contract_id.to_string(),
            party_id.to_string(),
            property_id.to_string(),
            kind,
            language.unwrap_or_default(),
            day(valid_from),
            day(valid_to),
            points_enrolled.to_string(),
            day(points_enrolled_on),
        ];
        Ok(self.contracts.write_record(&row)?)
    }

    /// `role_id` is not written: only the ERP's id is a column.
    pub(super) fn role(&mut self, role: Role) -> io::Result<()> {
        let Role { role_id: _, erp_role_id, party_id, property_id, role, valid_from, valid_to, contract_id } = role;
        self.written.roles += 1;
        let row = [
            erp_role_id.unwrap_or_default(),
            party_id.to_string(),
            property_id.to_string(),
            role,
            day(valid_from),
            day(valid_to),
            number(contract_id),
        ];
        Ok(self.roles.write_record(&row)?)
    }

    /// Writes out what is still in memory.
    pub(super) fn finish(mut self) -> io::Result<SampleSummary> {
        self.parties.flush()?;
        self.properties.flush()?;
        self.contracts.flush()?;
        self.roles.flush()?;
        Ok(self.written)
    }
}

fn writer(dir: &Path, file: RegisterFile) -> io::Result<csv::Writer<File>> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(64 * 1024).from_path(dir.join(file.name()))?;
    writer.write_record(file.columns())?;
    Ok(writer)
}

fn number(id: Option<i64>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn day(day: Option<NaiveDate>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn json(attributes: Map<String, Value>) -> String {
    if attributes.is_empty() { String::new() } else { Value::Object(attributes).to_string() }
}
