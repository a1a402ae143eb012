//! Roles: who has which role in which property, and when.

mod dto;
pub(super) mod get;
pub(super) mod list;
