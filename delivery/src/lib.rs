//! The channels of Postitus: how messages leave it.

pub mod email;
