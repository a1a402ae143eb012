//! Properties: the tree of companies, buildings, stairways and units.

mod dto;
pub(super) mod get;
pub(super) mod list;
