//! Imports of the register over HTTP.

pub(super) mod bad_rows;
pub(super) mod create;
