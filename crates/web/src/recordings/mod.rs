//! A recording, from its details to the decision who hears it.

pub(crate) mod bring;
mod details;
pub(crate) mod file;
pub(crate) mod kept;
mod listened;
pub(crate) mod moments;
pub(crate) mod multipart;
pub(crate) mod refused;
pub(crate) mod sharing;
pub(crate) mod show;
pub(crate) mod sound;
pub(crate) mod start;
pub(crate) mod status;
pub(crate) mod stopping;
pub(crate) mod transcript;
pub(crate) use self::details::MOST as MOST_PEOPLE;
