//! Recipients: whom a filter reaches, and why not the others.

mod asked;
pub(super) mod counting;
pub mod coverage;
mod coverage_dto;
mod explaining;
pub mod filter;
pub mod search;
pub mod search_dto;
pub(crate) mod words;
