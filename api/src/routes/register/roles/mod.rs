//! Roles: who has which role in which property, and when.

pub(super) mod delete;
mod dto;
pub(super) mod get;
pub(super) mod list;
pub(super) mod put;
mod request;
pub(super) mod update;
