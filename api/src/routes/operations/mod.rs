//! Operations: work that outlasts its request.

pub mod dto;
pub mod get;
