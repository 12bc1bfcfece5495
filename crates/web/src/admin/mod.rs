//! What an administrator sees: people and jobs, never content.

pub(crate) mod audit;
pub(crate) mod audit_file;
pub(crate) mod holdings;
pub(crate) mod jobs;
pub(crate) mod managers;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod retention;
