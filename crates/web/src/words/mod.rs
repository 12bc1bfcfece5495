//! The words of a recording beside its sound: read, corrected, searched for names.
//!
//! What is read is worked out anew from three things that lie apart in the vault: what the machine wrote, what people
//! changed, and what is hidden. Nothing here writes over what the machine wrote.

pub(crate) mod again;
mod aids;
pub(crate) mod correct;
pub(crate) mod form;
mod kept;
mod language;
pub(crate) mod names;
pub(crate) mod quote;
pub(crate) mod show;
mod view;

pub(crate) use self::{
    kept::{Kept, Places},
    language::{language_name, offered},
    view::voice_name,
};
