//! Making a playlist: extracts from codes, listened to and approved one by one, then shared (CM-05).

pub(crate) mod edit;
pub(crate) mod precise;
pub(crate) mod show;
pub(crate) mod taken;
