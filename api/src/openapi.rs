//! The OpenAPI document, generated from the code: `postitus openapi` prints it, `openapi.yaml` is its committed copy.
//!
//! Routes describe what is theirs. The refusals that follow from an operation's form (its security, parameters, headers
//! and body) are added here, so that none is forgotten and all look the same.

mod error_examples;
mod file_types;
mod refusals;

use std::error::Error;

use actix_web::App;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt as _;

use crate::problem::{FieldProblem, ProblemBody};
use crate::routes;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Postitus",
        description = "Customer communication for property management: the right message, in the right language, to the \
                       right people, with proof of what happened to each one.\n\nEvery error is `application/problem+json` \
                       with a stable `code` and the `request_id`. Unknown fields and parameters are refused. New fields, \
                       new values of enumerations in answers, and new codes may appear in answers.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This service")),
    components(schemas(ProblemBody, FieldProblem)),
    tags(
        (name = "system", description = "Health of the service, and this document."),
        (name = "register", description = "The register as a whole: imports, and values the ERP has overruled."),
        (name = "parties", description = "Everyone in the register."),
        (name = "properties", description = "The tree of companies, buildings, stairways and units."),
        (name = "roles", description = "Who has which role in which property, and when."),
        (name = "contracts", description = "Tenancies and other contracts."),
        (name = "key-loans", description = "Keys that were lent, which are late, and reminders of them."),
        (name = "move-in-inspections", description = "Inspections to be answered, which are late, and reminders of them."),
        (name = "attributes", description = "The customer's own fields of parties and properties, declared with a type."),
        (name = "recipients", description = "Whom a filter reaches, and why not the others."),
        (name = "recipient-queries", description = "Filters kept under a name, with their versions and newest counts."),
        (name = "contact-lists", description = "People put on a list, or whoever matches a saved query."),
        (name = "projects", description = "What contact lists can be linked to."),
        (name = "attachments", description = "Files that go with mailings."),
        (name = "mailings", description = "Composed as a draft, previewed, sent, and followed recipient by recipient."),
        (name = "templates", description = "Texts that mailings begin with, kept by those who write them: folders, templates, their versions, the fields and the occasions there are."),
        (name = "contacts", description = "Every message with a party."),
        (name = "internetviestit", description = "Messages and bulletins that portals show (internetviestit), with the Finnish words that portals know."),
        (name = "operations", description = "Work that outlasts its request."),
        (name = "me", description = "Who the caller is, and what this deployment offers."),
    ),
    modifiers(&Bearer),
)]
struct ApiDoc;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A JWT with the claims `exp`, `iss`, `aud` and `sub`, and scopes in `scope`, separated by spaces. The scope \
                 `admin` includes every other. A claim `party_ids` limits the token to these residents.",
            ))
            .build();
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document. Pure: needs no database, no settings and no server.
pub fn openapi() -> OpenApi {
    let (_, mut document) = App::new().into_utoipa_app().openapi(base()).configure(routes::configure).split_for_parts();
    file_types::name(&mut document);
    refusals::describe(&mut document);
    error_examples::add(&mut document);
    document
}

/// The document as YAML.
///
/// # Errors
/// When it has no form in YAML.
pub fn openapi_yaml() -> Result<String, Box<dyn Error>> {
    let yaml = openapi().to_yaml()?;
    // A bare `on` is a key in YAML 1.2 but a boolean in YAML 1.1, which the parsers of many generators speak.
    let lines = yaml.lines().map(|line| match line.trim_start().trim_end_matches(':') {
        key @ ("on" | "off" | "yes" | "no" | "y" | "n") => format!("{}\n", line.replace(key, &format!("'{key}'"))),
        _ => format!("{line}\n"),
    });
    Ok(lines.collect())
}

/// The document without its paths.
pub(crate) fn base() -> OpenApi {
    ApiDoc::openapi()
}
