//! What an address must be like before anything is sent to it, channel by channel.
//!
//! These are worked out when a party is written and stored with it, so that a search or a send never parses one.

pub mod email;
pub mod phone;
pub mod postal;
