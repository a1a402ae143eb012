//! Recipients: whom a filter reaches, and why not the others.

mod asked;
pub(super) mod counting;
mod explaining;
pub mod filter;
pub mod search;
pub mod search_dto;
pub(crate) mod words;
