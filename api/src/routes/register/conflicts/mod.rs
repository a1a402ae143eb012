//! Conflicts: values set here that a change of the ERP has overruled.

mod dto;
pub(super) mod list;
