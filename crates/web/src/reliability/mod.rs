//! How far coders agree: finished, blind codings that count, of recordings on which nobody is still at work (REL-03).

pub(crate) mod drawing;
mod places;
pub(crate) mod ratings;
pub(crate) mod show;
