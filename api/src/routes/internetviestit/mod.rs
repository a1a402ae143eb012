//! Messages that portals show (internetviestit): the portals' own calls, and those of the tool that writes them. This resource
//! keeps the Finnish words that portals know.

pub mod ketju;
mod kieli;
pub mod kohteittain;
pub mod liite;
pub mod linkki;
pub mod lisaa;
pub mod listaa;
pub mod luettu;
pub mod lukemattomat;
pub mod lukijat;
pub mod muokkaa;
pub mod muokkaus;
pub mod muokkaus_dto;
pub mod muutokset;
mod nakokulma;
pub mod otsikko;
pub mod otsikot;
pub mod poista;
pub mod pyynto_dto;
mod saving;
pub mod viesti;
pub mod viesti_dto;
pub mod yksi;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::etag::{ETag, IfNoneMatch};
use crate::problem::Problem;

/// What the answers depend on, beside the address.
const VARY: HeaderValue = HeaderValue::from_static("authorization, accept-language");
/// Kept by the reader's browser only, and asked about each time.
const CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// 200 or 304 with one message in one language.
fn answer_one(seen: &IfNoneMatch, version: i64, language: &str, body: &impl Serialize) -> HttpResponse {
    let mut answer = seen.answer(&ETag::of_version_in(version, language), body);
    let headers = answer.headers_mut();
    headers.insert(header::VARY, VARY);
    headers.insert(header::CACHE_CONTROL, CACHE);
    if let Ok(language) = HeaderValue::from_str(language) {
        headers.insert(header::CONTENT_LANGUAGE, language);
    }
    answer
}

/// 200 or 304 with a list; the tag is that of `tagged`.
fn answer_list(seen: &IfNoneMatch, tagged: &impl Serialize, body: &impl Serialize) -> Result<HttpResponse, Problem> {
    let tag = ETag::of_bytes(&serde_json::to_vec(tagged).map_err(Problem::internal)?);
    let mut answer = seen.answer(&tag, body);
    answer.headers_mut().insert(header::VARY, VARY);
    answer.headers_mut().insert(header::CACHE_CONTROL, CACHE);
    Ok(answer)
}

/// Registers the operations. What is named comes before what has an id.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(listaa::list_internetviestit)
        .service(lisaa::create_internetviesti)
        .service(otsikot::list_internetviesti_otsikot)
        .service(lukemattomat::get_lukemattomat)
        .service(liite::get_internetviesti_liite)
        .service(linkki::get_internetviesti_liite_linkki)
        .service(otsikko::get_internetviesti_otsikko)
        .service(luettu::mark_internetviesti_luettu)
        .service(ketju::get_internetviesti_ketju)
        .service(muokkaus::get_internetviesti_muokkaus)
        .service(muutokset::list_internetviesti_muutokset)
        .service(lukijat::list_internetviesti_lukijat)
        .service(kohteittain::list_internetviesti_kohteet)
        .service(viesti::get_internetviesti)
        .service(muokkaa::update_internetviesti)
        .service(poista::delete_internetviesti);
}
