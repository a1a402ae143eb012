//! Parties: everyone in the register.

mod dto;
pub(super) mod get;
mod language;
pub(super) mod list;
pub(super) mod put;
mod request;
pub(super) mod update;
