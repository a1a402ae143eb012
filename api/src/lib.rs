//! The HTTP interface of Postitus, its settings and its command line.
//!
//! A request passes the [`frame`], finds its handler in [`routes`], which takes what it needs by [`extract`] and [`auth`],
//! and answers, or fails with a [`problem`].

pub mod auth;
pub mod cli;
mod commands;
pub mod csv_output;
pub mod disclosure;
pub mod etag;
pub mod extract;
pub mod frame;
pub mod idempotency;
pub mod imports;
pub mod links;
pub mod metrics;
pub mod openapi;
pub mod outbound;
pub mod paging;
pub mod patch;
pub mod problem;
pub mod rate_limit;
pub mod reference;
pub mod register_import;
pub mod routes;
pub mod sample;
pub mod secrets;
pub mod server;
pub mod settings;
pub mod state;
mod wording;

#[cfg(test)]
mod testing;
