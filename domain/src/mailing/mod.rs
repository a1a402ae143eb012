//! One composed send: its draft, in which language each recipient gets it, the states of its rows and what follows an attempt.

pub mod about;
pub mod addressing;
mod check;
mod content_hash;
pub mod draft;
pub mod language;
pub mod message_id;
pub mod origin;
pub mod recipients;
pub mod resolve;
pub mod retry;
pub mod state;

pub use about::About;
pub use addressing::{AddressedAs, Addressing, ExtraAddress, Recipients};
pub use draft::{Content, Dedupe, Delivery, Format, MailingDraft, MissingLanguage, Mode, Sender, UnknownOutcome};
pub use language::{Version, choose_version};
pub use message_id::message_id;
pub use origin::Origin;
pub use recipients::{RecipientChanges, RecipientSet};
pub use resolve::{Recipient, ResolvedRow, Resolver, recipient_values};
pub use state::{DeliveryState, MailingStatus, Progress, RowState, is_finished};
