//! Black-box tests. A scenario that needs a database is written once, with `on_both_databases!`, and run on both.

#[cfg(test)]
mod contacts;
#[cfg(test)]
mod mailing;
#[cfg(test)]
mod register;
#[cfg(test)]
mod smtp_server;
