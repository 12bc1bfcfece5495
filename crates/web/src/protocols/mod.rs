//! Protocols: which part of each recording is coded, how many of them by two people, blind to what.

pub(crate) mod assign;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod write;
