//! The rules of Postitus, pure: no HTTP, no SQL, no network and no clock but the one it is given.
//!
//! Modules bear the words of the product: a rule about recipients is in [`recipient_query`], about who may be sent what
//! in [`eligibility`], about texts and merge fields in [`content`], about one composed send in [`mailing`].

pub mod address;
pub mod attachment;
pub mod attribute;
pub mod clock;
pub mod contact;
pub mod content;
pub mod due;
pub mod eligibility;
pub mod ids;
pub mod internetviesti;
pub mod invalid;
pub mod language;
pub mod mailing;
pub mod naming;
pub mod occasion;
pub mod recipient_query;
pub mod register;
pub mod service_language;
pub mod sms;
pub mod template;
pub mod text;
