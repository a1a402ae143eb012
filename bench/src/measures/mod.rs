//! What is measured, one file each.

mod first_mail;
mod freeze;
mod import;
mod memory;
mod portal;
mod query;
mod sending;
mod start;

use clap::ValueEnum;
use integration_tests::Database;

use crate::Settings;
use crate::report::Report;

/// Something that has a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Start of an empty server.
    Start,
    /// Recipient query, page and counts.
    Query,
    /// Import of parties.
    Import,
    /// Freezing recipients.
    Freeze,
    /// E-mail sending.
    Sending,
    /// Memory while sending.
    Memory,
    /// First mail on the wire after a send.
    FirstMail,
    /// What portals read.
    Portal,
}

impl Measure {
    /// Measures it on a database.
    pub async fn run(self, settings: &Settings, database: Database, report: &mut Report) {
        match self {
            Self::Start => start::run(settings, database, report).await,
            Self::Query => query::run(settings, database, report).await,
            Self::Import => import::run(settings, database, report).await,
            Self::Freeze => freeze::run(settings, database, report).await,
            Self::Sending => sending::run(settings, database, report).await,
            Self::Memory => memory::run(settings, database, report).await,
            Self::Portal => portal::run(settings, database, report).await,
            Self::FirstMail => first_mail::run(settings, database, report).await,
        }
    }
}
