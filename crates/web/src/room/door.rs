//! What browsers and a room say to each other about seats.

use serde::{Deserialize, Serialize};

use super::Seat;
use crate::{WebError, error::Result};

/// A seat that is kept free.
#[derive(Serialize)]
pub(crate) struct Kept {
    pub(crate) seat: Seat,
    /// The room's clock (ms).
    pub(crate) now: u64,
}

/// The room's clock (ms).
#[derive(Serialize)]
pub(crate) struct Clock {
    pub(crate) now: u64,
}

/// Which seat somebody has.
#[derive(Deserialize)]
pub(crate) struct Seated {
    pub(crate) seat: String,
}

/// Nobody sits there: the page comes in anew.
pub(crate) fn gone() -> WebError {
    WebError::conflict("you are not in the room; come in again")
}

/// Reads which seat somebody has.
pub(crate) fn seat(text: &str) -> Result<Seat> {
    Seat::parse(text).ok_or_else(gone)
}
