//! Parties: everyone in the register.

mod dto;
pub(super) mod get;
pub(super) mod list;
