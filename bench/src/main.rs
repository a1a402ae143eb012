//! Measures Postitus against its budgets: the real program from outside, beside a named reference in the same run.
//!
//! Exits with 1 when a budget is missed, or cannot be measured.
#![expect(clippy::expect_used, reason = "a harness reports its faults by panicking")]

mod load;
mod mail;
mod measures;
mod reference;
mod register;
mod report;
mod sink;
mod smtp_source;
mod timing;
mod without_journal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use integration_tests::Database;

use measures::Measure;
use report::Report;

/// Measures Postitus against its budgets.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    /// What to measure; everything unless said.
    measures: Vec<Measure>,
    /// Which database; both unless said.
    #[arg(long)]
    database: Option<DatabaseName>,
    /// How much of the full size, for a quick look: its ratios mean less.
    #[arg(long, default_value_t = 1.0, value_parser = scale)]
    scale: f64,
    /// How often each pair is measured; a measure has its own number unless said.
    #[arg(long)]
    runs: Option<usize>,
    /// A program that runs postfix's smtp-source, or ends with 127 where it cannot be had.
    #[arg(long)]
    smtp_source: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DatabaseName {
    Sqlite,
    Postgres,
}

/// How to measure.
#[derive(Debug, Clone)]
struct Settings {
    scale: f64,
    runs: Option<usize>,
    smtp_source: Option<PathBuf>,
}

impl Settings {
    /// So many of the full size.
    fn scaled(&self, full: u32) -> u32 {
        let scaled = (f64::from(full) * self.scale).round();
        // A scale is at most 1, so that the text is that of a smaller whole number.
        format!("{scaled:.0}").parse().unwrap_or(full).max(10)
    }

    /// How often to measure.
    fn runs(&self, usual: usize) -> usize {
        self.runs.unwrap_or(usual).max(1)
    }
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if scale > 0.0 && scale <= 1.0 => Ok(scale),
        _ => Err("a scale is above 0 and at most 1".to_owned()),
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let Arguments { measures, database, scale, runs, smtp_source } = Arguments::parse();
    let settings = Settings { scale, runs, smtp_source };
    let databases = match database {
        Some(DatabaseName::Sqlite) => vec![Database::Sqlite],
        Some(DatabaseName::Postgres) => vec![Database::Postgres],
        None => vec![Database::Sqlite, Database::Postgres],
    };
    let measures = if measures.is_empty() { Measure::value_variants().to_vec() } else { measures };
    let mut report = Report::default();
    for measure in measures {
        for database in &databases {
            eprintln!("-- {measure:?} on {database:?}");
            measure.run(&settings, *database, &mut report).await;
        }
    }
    println!("{report}");
    if scale < 1.0 {
        println!("Scale {scale}: the budgets are meant for the full size.");
    }
    if report.is_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
