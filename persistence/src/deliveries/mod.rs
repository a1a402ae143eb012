//! Deliveries: [`queue`] hands due ones to a dispatcher that holds a [`lease`], [`journal`] records each attempt before and after the
//! wire call, [`recovery`] finds those that a crash cut off, [`listing`] shows the rows of a mailing, [`depth`] counts
//! what is waiting.

pub mod depth;
pub mod journal;
pub mod lease;
pub mod listing;
pub mod queue;
pub mod recovery;
