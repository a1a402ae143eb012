//! Recipients: whom a filter reaches, and why not the others.

pub mod filter;
pub mod search;
pub(crate) mod words;
