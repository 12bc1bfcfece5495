//! A recording, from its details to the decision who hears it.

mod details;
pub(crate) mod file;
mod listened;
pub(crate) mod multipart;
pub(crate) mod sharing;
pub(crate) mod show;
pub(crate) mod sound;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod transcript;
