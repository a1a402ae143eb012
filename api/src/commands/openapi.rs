//! `postitus openapi`.

use std::io::Write as _;

use super::Done;

/// Prints the OpenAPI document as YAML.
pub(crate) fn run() -> Done {
    std::io::stdout().write_all(crate::openapi::openapi_yaml()?.as_bytes())?;
    Ok(())
}
