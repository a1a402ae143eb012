//! Random registers and filters. There are few parties and fewer values, so that conditions meet both those they match
//! and those they just miss.

mod dice;
mod filter;
mod register;
mod values;

pub use self::dice::Dice;
pub use self::filter::filter;
pub use self::register::register;
pub use self::values::{EMAILS, PARTY_ATTRIBUTES, PHONE_PARTS, PHONES, PROPERTY_ATTRIBUTES};
