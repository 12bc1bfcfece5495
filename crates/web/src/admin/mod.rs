//! What an administrator sees: people and jobs, never content.

pub(crate) mod jobs;
pub(crate) mod people;
