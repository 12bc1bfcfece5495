//! What is hidden of a recording from those who hear extracts of it: marked, listened to as it will be heard, approved.
//!
//! The two who hear the whole recording, its practitioner and the researcher whom they chose, decide about it.

pub(crate) mod edit;
pub(crate) mod hear;
pub(crate) mod show;
mod words;

pub(crate) use self::show::{Back, back, whose};
