//! The command line: what `postitus` understands, and which command does it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::imports::ImportMode;

/// Customer communication for property management.
///
/// Settings come from POSTITUS_* variables or a postitus.toml in the working folder.
#[derive(Debug, Parser)]
#[command(name = "postitus", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests and deliver mailings, until SIGTERM or SIGINT.
    Serve,
    /// Bring the database up to date and end.
    Migrate,
    /// Bring a register of CSV files into the database.
    Import(ImportArgs),
    /// Print a token for the API.
    Token(TokenArgs),
    /// Print the OpenAPI document as YAML.
    Openapi,
    /// Load a sample register, send a mailing in three languages, and show what went where.
    Demo(DemoArgs),
}

/// Arguments of `postitus import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The folder with parties.csv, properties.csv, contracts.csv and roles.csv.
    pub dir: PathBuf,
    /// Keep the good rows and list the bad ones; by default one bad row leaves everything as it was.
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// What the rows mean that the files lack: nothing (delta), or that they are gone (full).
    #[arg(long, value_enum, default_value = "delta")]
    pub mode: ImportMode,
    /// Let a full import end or archive more than a tenth of the rows of a kind.
    #[arg(long)]
    pub allow_mass_end: bool,
}

/// Arguments of `postitus token`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The scopes, separated by spaces, for instance "mailings:read mailings:write"; admin includes all.
    #[arg(long)]
    pub scope: String,
    /// Who the bearer is.
    #[arg(long, default_value = "postitus")]
    pub subject: String,
    /// Limits the token to this resident; may be repeated.
    #[arg(long = "party-id", value_parser = clap::value_parser!(i64).range(1..=domain::register::MAX_ID))]
    pub party_ids: Vec<i64>,
    /// For how many seconds the token is valid.
    #[arg(long = "ttl", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..))]
    pub ttl: u32,
}

/// Arguments of `postitus demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// How many parties the sample register has.
    #[arg(long, default_value_t = 200)]
    pub parties: u32,
    /// The same seed gives the same register.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only write the sample register as CSV files into this folder.
    #[arg(long)]
    pub write_csv: Option<PathBuf>,
    /// End after showing who got what, instead of serving on.
    #[arg(long)]
    pub exit: bool,
}

/// Runs the command of the process's arguments. An error goes to standard error, with exit code 1.
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    // The demo tells itself what it does.
    let logged = if matches!(command, Command::Demo(_)) { "warn" } else { "info,actix_server=warn" };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(logged)).init();
    crate::outbound::use_ring();
    let done = match command {
        Command::Serve => commands::serve::run(),
        Command::Migrate => commands::migrate::run(),
        Command::Import(args) => commands::import::run(&args),
        Command::Token(args) => commands::token::run(&args),
        Command::Openapi => commands::openapi::run(),
        Command::Demo(args) => commands::demo::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postitus: {error}");
            ExitCode::FAILURE
        }
    }
}
