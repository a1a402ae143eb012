//! Contracts: tenancies and the like.

mod dto;
pub(super) mod get;
pub(super) mod list;
