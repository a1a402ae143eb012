//! Key loans: who has which key, and until when.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod draft;
mod dto;
pub(super) mod get;
pub(super) mod list;
pub(super) mod put;
mod request;
pub(super) mod update;
