//! Properties: upsert in sets, and reading the tree back.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::attribute::{AttributeRegister, Attributes};
use domain::register::local::RegisterKind;
use domain::register::{Property, PropertyId};
use domain::text::{fold, sort_key, words};

use crate::attributes;
use crate::connection::MultiBackend;
use crate::door::{Reader, Writer};
use crate::error::{StoreError, StoreResult};
use crate::fill::fill_rows;
use crate::fragment::{Fragment, Value};
use crate::insert::insert_rows;
use crate::local_values::{self, RegisterRow as _};
use crate::parties::folded;
use crate::recipient_query::push_word_range;
use crate::register::{Upserted, hashed, hashes};
use crate::schema::{contract, due_item, internetviesti_property, property, role};
use crate::staging::{self, Filled, Stage, StagedRow, StagedWord, Words};

/// A property with what the list and the ETag need.
#[derive(Debug, Clone)]
pub struct StoredProperty {
    pub property: Property,
    /// Finnish collation key of the name.
    pub sort_key: Vec<u8>,
    /// Hash of the row, as the ETag shows it.
    pub row_hash: Vec<u8>,
}

/// Which properties to list.
#[derive(Debug, Clone, Default)]
pub struct PropertyFilter {
    /// Folded words, each of which must begin some word of the name, the code or the street.
    pub words: Vec<String>,
    /// Only the children of this one.
    pub parent_id: Option<PropertyId>,
    /// Only the tops of trees.
    pub roots: bool,
    pub kind: Option<String>,
}

/// Adds and changes properties; unchanged ones are left alone. A parent may come later in the same transaction.
///
/// # Errors
/// A failure of the database.
pub fn upsert(writer: &mut Writer<'_>, properties: Vec<Property>) -> StoreResult<Upserted> {
    staging::upsert(writer, properties)
}

impl Filled for Property {
    const INSERT: &'static str = INSERT;
}

struct PropertyWord;

impl Filled for PropertyWord {
    const INSERT: &'static str = "INSERT INTO property_word (word, property_id)";
}

impl Stage for Property {
    const TABLES: &'static [&'static str] = &["property", "property_word", "property_attribute"];

    fn stage(self, declared: &Attributes) -> StoreResult<StagedRow> {
        let attributes = declared.searchable(AttributeRegister::Property, &self.attributes);
        let (json, hash) = hashed(&self)?;
        let (key, words) = (self.row_key(), searchable_words(&self));
        Ok(StagedRow { key, json, hash: hash.clone(), columns: columns(self, hash).into(), words, attributes })
    }

    fn hashes(reader: &mut Reader<'_>, keys: &[&str]) -> StoreResult<HashMap<String, Vec<u8>>> {
        hashes(reader, "SELECT property_id AS id, row_hash FROM property WHERE property_id IN ", keys)
    }

    fn write(writer: &mut Writer<'_>, new: Vec<StagedRow>, changed: Vec<StagedRow>) -> StoreResult<()> {
        if !changed.is_empty() {
            for delete in [
                "DELETE FROM property_word WHERE property_id IN ",
                "DELETE FROM property_attribute WHERE property_id IN ",
            ] {
                let mut clear = Fragment::new(delete);
                clear.list(changed.iter().filter_map(|row| row.key.parse::<i64>().ok()));
                clear.execute(writer.conn)?;
            }
        }
        let (mut rows, mut words): (Vec<Vec<Value>>, Vec<[Value; 2]>) = (Vec::new(), Vec::new());
        let mut staged: Vec<StagedRow> = new.into_iter().chain(changed).collect();
        for row in &mut staged {
            let property_id = row.key.parse::<i64>().ok();
            words.extend(std::mem::take(&mut row.words).into_iter().map(|(word, _)| [word.into(), property_id.into()]));
            rows.push(std::mem::take(&mut row.columns));
        }
        insert_rows(writer, INSERT, rows, ON_CONFLICT)?;
        insert_rows(writer, PropertyWord::INSERT, words, "")?;
        Self::write_attributes(writer, &mut staged)
    }

    fn write_attributes(writer: &mut Writer<'_>, rows: &mut [StagedRow]) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let values =
            rows.iter_mut().filter_map(|row| Some((row.key.parse().ok()?, std::mem::take(&mut row.attributes))));
        let values = values.flat_map(|(id, values)| values.into_iter().map(move |(name, form)| (id, name, form)));
        attributes::insert_values(writer, AttributeRegister::Property, values)?;
        attributes::hold(writer, AttributeRegister::Property)
    }

    fn write_words(writer: &mut Writer<'_>, words: Vec<StagedWord>, there: Words) -> StoreResult<()> {
        let rows: Vec<[Value; 2]> =
            words.into_iter().map(|StagedWord { word, id, .. }| [word.into(), id.into()]).collect();
        match there {
            Words::Some => {
                insert_rows(writer, PropertyWord::INSERT, rows, " ON CONFLICT (word, property_id) DO NOTHING")
            }
            Words::None => fill_rows::<PropertyWord, _>(writer, rows),
        }
    }
}

/// In the order of [`columns`].
const INSERT: &str = "INSERT INTO property (property_id, parent_id, kind, code_fold, code, name_fold, sort_key, name, \
    street_fold, street, postal_code_fold, postal_code, city_fold, city, country, attributes, row_hash)";

const ON_CONFLICT: &str = " ON CONFLICT (property_id) DO UPDATE SET parent_id = excluded.parent_id, kind = excluded.kind, \
    code = excluded.code, code_fold = excluded.code_fold, name = excluded.name, name_fold = excluded.name_fold, \
    street = excluded.street, street_fold = excluded.street_fold, postal_code = excluded.postal_code, \
    postal_code_fold = excluded.postal_code_fold, city = excluded.city, city_fold = excluded.city_fold, \
    country = excluded.country, attributes = excluded.attributes, sort_key = excluded.sort_key, \
    row_hash = excluded.row_hash";

fn columns(property: Property, hash: Vec<u8>) -> [Value; 17] {
    let Property { property_id, parent_id, kind, code, name, street, postal_code, city, country, attributes } =
        property;
    [
        property_id.into(),
        parent_id.into(),
        kind.into(),
        folded(code.as_deref()).into(),
        code.into(),
        fold(&name).into(),
        sort_key(&name).into(),
        name.into(),
        folded(street.as_deref()).into(),
        street.into(),
        folded(postal_code.as_deref()).into(),
        postal_code.into(),
        folded(city.as_deref()).into(),
        city.into(),
        country.into(),
        serde_json::Value::Object(attributes).to_string().into(),
        hash.into(),
    ]
}

fn searchable_words(property: &Property) -> Vec<(String, bool)> {
    let texts = [Some(property.name.as_str()), property.code.as_deref(), property.street.as_deref()];
    let found: BTreeSet<String> = texts.into_iter().flatten().flat_map(words).collect();
    found.into_iter().map(|word| (word, false)).collect()
}

/// One property.
///
/// # Errors
/// A failure of the database.
pub fn find(reader: &mut Reader<'_>, property_id: PropertyId) -> StoreResult<Option<StoredProperty>> {
    Ok(by_ids(reader, &[property_id])?.into_values().next())
}

/// Whether a property below it, a role, a contract or a bulletin refers to the property.
///
/// # Errors
/// A failure of the database.
pub fn is_in_use(reader: &mut Reader<'_>, property_id: PropertyId) -> StoreResult<bool> {
    let child = exists(property::table.filter(property::parent_id.eq(property_id)));
    let of_role = exists(role::table.filter(role::property_id.eq(property_id)));
    let of_contract = exists(contract::table.filter(contract::property_id.eq(property_id)));
    let of_bulletin =
        exists(internetviesti_property::table.filter(internetviesti_property::property_id.eq(property_id)));
    let of_item = exists(due_item::table.filter(due_item::property_id.eq(property_id)));
    let used = child.or(of_role).or(of_contract).or(of_bulletin).or(of_item);
    Ok(diesel::select(used).get_result(reader.conn)?)
}

/// Deletes a property to which nothing refers, and what was set here for it.
///
/// # Errors
/// A failure of the database.
pub fn delete(writer: &mut Writer<'_>, property_id: PropertyId) -> StoreResult<()> {
    for delete in
        ["DELETE FROM property_word WHERE property_id = ", "DELETE FROM property_attribute WHERE property_id = "]
    {
        let mut sql = Fragment::new(delete);
        sql.bind(property_id);
        sql.execute(writer.conn)?;
    }
    diesel::delete(property::table.find(property_id)).execute(writer.conn)?;
    local_values::forget(writer, RegisterKind::Property, &[property_id.to_string()])
}

/// These properties, by id.
///
/// # Errors
/// A failure of the database.
pub fn by_ids(reader: &mut Reader<'_>, ids: &[PropertyId]) -> StoreResult<HashMap<PropertyId, StoredProperty>> {
    let rows: Vec<PropertyRow> = property::table
        .filter(property::property_id.eq_any(ids))
        .select(<PropertyRow as Selectable<MultiBackend>>::construct_selection())
        .load(reader.conn)?;
    rows.into_iter().map(|row| Ok((row.property_id, row.into_stored()?))).collect()
}

/// A page of properties in Finnish order of their names, after the one with the given sort key and id.
///
/// # Errors
/// A failure of the database.
pub fn list(
    reader: &mut Reader<'_>,
    filter: &PropertyFilter,
    after: Option<(Vec<u8>, PropertyId)>,
    limit: i64,
) -> StoreResult<Vec<StoredProperty>> {
    let mut query = Fragment::new("SELECT q.property_id AS id FROM property q WHERE TRUE");
    for word in &filter.words {
        query.sql(" AND q.property_id IN (SELECT w.property_id FROM property_word w WHERE ");
        push_word_range(&mut query, word);
        query.sql(")");
    }
    if let Some(parent_id) = filter.parent_id {
        query.sql(" AND q.parent_id = ").bind(parent_id);
    }
    if filter.roots {
        query.sql(" AND q.parent_id IS NULL");
    }
    if let Some(kind) = &filter.kind {
        query.sql(" AND q.kind = ").bind(kind.as_str());
    }
    if let Some((key, id)) = after {
        query.sql(" AND (q.sort_key, q.property_id) > (").bind(key).sql(", ").bind(id).sql(")");
    }
    query.sql(" ORDER BY q.sort_key, q.property_id LIMIT ").bind(limit);
    let ids: Vec<i64> = query.one_off().load::<IdRow>(reader.conn)?.into_iter().map(|row| row.id).collect();
    let mut found = by_ids(reader, &ids)?;
    Ok(ids.into_iter().filter_map(|id| found.remove(&id)).collect())
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = property)]
struct PropertyRow {
    property_id: i64,
    parent_id: Option<i64>,
    kind: String,
    code: Option<String>,
    name: String,
    street: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    country: Option<String>,
    attributes: String,
    sort_key: Vec<u8>,
    row_hash: Vec<u8>,
}

impl PropertyRow {
    fn into_stored(self) -> StoreResult<StoredProperty> {
        let attributes = serde_json::from_str(&self.attributes).map_err(|error| {
            StoreError::Inconsistent(format!("property.attributes of {}: {error}", self.property_id))
        })?;
        Ok(StoredProperty {
            property: Property {
                property_id: self.property_id,
                parent_id: self.parent_id,
                kind: self.kind,
                code: self.code,
                name: self.name,
                street: self.street,
                postal_code: self.postal_code,
                city: self.city,
                country: self.country,
                attributes,
            },
            sort_key: self.sort_key,
            row_hash: self.row_hash,
        })
    }
}
