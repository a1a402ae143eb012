//! What PUT, PATCH and DELETE of an attribute have in common.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use domain::attribute::{Attribute, AttributeRegister, MAX_ATTRIBUTES, MAX_NAME};
use persistence::Writer;
use persistence::attributes::{self, Misfits, StoredAttribute};

use super::dto::AttributeResponse;
use crate::etag::ETag;
use crate::problem::{Code, Problem};

/// The register and the name that a path speaks of.
///
/// # Errors
/// 404 where there can be no such attribute.
pub(super) fn named(path: (String, String)) -> Result<(AttributeRegister, String), Problem> {
    let (register, name) = path;
    let no_register = || Problem::impossible("attributes are of party or property");
    let register = AttributeRegister::parse(&register).ok_or_else(no_register)?;
    if Attribute::is_name(&name) {
        return Ok((register, name));
    }
    let letters = "names are lower-case letters, digits and _, beginning with a letter";
    Err(Problem::impossible(format!("{letters}, at most {MAX_NAME} characters")))
}

/// The attribute before a change of it. Must come first in the transaction: it keeps others from writing the register meanwhile.
pub(super) fn before(
    writer: &mut Writer<'_>,
    register: AttributeRegister,
    name: &str,
) -> Result<Option<StoredAttribute>, Problem> {
    attributes::lock(writer, register)?;
    Ok(attributes::find(writer, register, name)?)
}

/// Writes the declaration.
///
/// # Errors
/// 409 `attribute_misfits` when rows have values of another type, 409 `too_many_attributes`.
pub(super) fn declare(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    before: Option<&StoredAttribute>,
) -> Result<StoredAttribute, Problem> {
    let register = attribute.register;
    if before.is_none() && attributes::declared(writer)?.of(register).count() >= MAX_ATTRIBUTES {
        let detail = format!("A register has at most {MAX_ATTRIBUTES} declared attributes: delete one first.");
        return Err(Problem::new(Code::TooManyAttributes, detail));
    }
    let misfits = attributes::declare(writer, attribute, before)?;
    if misfits != Misfits::default() {
        return Err(misfit(attribute, &misfits));
    }
    attributes::find(writer, register, &attribute.name)?
        .ok_or_else(|| Problem::internal("a declared attribute is not there"))
}

fn misfit(attribute: &Attribute, Misfits { count, ids }: &Misfits) -> Problem {
    let rows = match (attribute.register, *count) {
        (AttributeRegister::Party, 1) => "party",
        (AttributeRegister::Party, _) => "parties",
        (AttributeRegister::Property, 1) => "property",
        (AttributeRegister::Property, _) => "properties",
    };
    let named: Vec<String> = ids.iter().map(i64::to_string).collect();
    let detail = format!(
        "{count} {rows} have a value of `{}` that is no {}: {}{}. Correct the values, or choose another type.",
        attribute.name,
        attribute.attribute_type.as_str(),
        named.join(", "),
        if u64::try_from(ids.len()).is_ok_and(|named| named < *count) { ", …" } else { "" },
    );
    Problem::new(Code::AttributeMisfits, detail)
}

/// The attribute with its version.
pub(super) fn answer(mut response: HttpResponseBuilder, stored: StoredAttribute) -> HttpResponse {
    let etag = ETag::of_version(stored.version);
    response.insert_header((header::ETAG, etag.header_value())).json(AttributeResponse::from(stored))
}
