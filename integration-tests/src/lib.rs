//! What the black-box tests stand on: the server as a child process, both databases, HTTP, a real SMTP server, and a
//! reader of what it received. A failure of any of this fails the test that uses it.
#![expect(clippy::expect_used, reason = "a test harness reports its faults by panicking")]

pub mod app;
pub mod attachments;
pub mod database;
pub mod http;
pub mod imports;
pub mod internetviestit;
pub mod mailbox;
pub mod mailings;
mod process;
pub mod register;
pub mod smtp_server;
pub mod templates;
pub mod token;

pub use app::TestApp;
pub use database::Database;
pub use http::{Call, Reply};
pub use mailbox::{Mail, MailFile};
pub use token::token;
