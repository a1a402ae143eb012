//! Black-box tests. A scenario that needs a database is written once, with `on_both_databases!`, and run on both.

#[cfg(test)]
mod access;
#[cfg(test)]
mod attachments;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod head;
#[cfg(test)]
mod import;
#[cfg(test)]
mod import_races;
#[cfg(test)]
mod internetviestit;
#[cfg(test)]
mod key_loans;
#[cfg(test)]
mod kill_nine;
#[cfg(test)]
mod kill_nine_groups;
#[cfg(test)]
mod large_import;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod mailing;
#[cfg(test)]
mod recipients;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod register;
#[cfg(test)]
mod register_imports;
#[cfg(test)]
mod register_writing;
#[cfg(test)]
mod seed_behaviours;
#[cfg(test)]
mod smtp_server;
#[cfg(test)]
mod startup;
#[cfg(test)]
mod templates;
