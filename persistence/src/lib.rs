//! The registers, mailings and journals of Postitus, on SQLite and on PostgreSQL with the same guarantees.
//!
//! There are two doors: [`Db::read`] and [`Db::write`]. Behind them every module is named after what it stores. Functions
//! take a [`Reader`] or a [`Writer`], so that the type says whether they can change anything.

mod connection;
mod database_url;
mod db;
mod door;
mod error;
mod fill;
mod fragment;
mod insert;
mod migrate;
mod schema;
mod turns;
mod types;
mod waits;

pub mod absent;
pub mod attachments;
pub mod attributes;
pub mod audit;
pub mod bulk;
pub mod contact_lists;
pub mod contacts;
pub mod contracts;
pub mod deliveries;
pub mod due_items;
pub mod filter_uses;
pub mod idempotency;
pub mod internetviestit;
pub mod last_messages;
pub mod local_values;
pub mod mailings;
pub mod operations;
pub mod parties;
pub mod projects;
pub mod properties;
pub mod recipient_query;
pub mod register;
pub mod roles;
pub mod saved_queries;
pub mod service_keys;
pub mod staging;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;

pub use database_url::{Backend, DatabaseUrl};
pub use db::{Db, DbSettings};
pub use door::{DoorError, Reader, Writer};
pub use error::{OpenError, StoreError, StoreResult};
pub use waits::DoorWaits;
