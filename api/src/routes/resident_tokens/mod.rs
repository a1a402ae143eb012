//! Tokens for residents, minted at run time by portals.

pub mod mint;
