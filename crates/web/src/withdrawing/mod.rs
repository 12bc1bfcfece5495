//! Taking a yes back, and the receipt of it (ETH-04, ETH-14, K-24).

pub(crate) mod ask;
pub(crate) mod code;
pub(crate) mod ledger;
pub(crate) mod receipt;

use hearback_domain::{KeyClass, Purpose};

/// Copies of the keys in backups live so long at the most: backups of the keyring are replaced, never piled up.
pub(crate) const KEY_COPIES_SECONDS: i64 = 7 * 86_400;

/// What is destroyed, in words that name nobody.
pub(crate) const fn goes(class: KeyClass) -> &'static str {
    match class {
        KeyClass::Sound => "the recording’s sound, and who is heard on it",
        KeyClass::Text => "the written words",
        KeyClass::Extracts => "the short pieces, with what was written about them",
        KeyClass::Coding => "what a researcher noted while listening",
    }
}

/// What may not be done any more, after "Nobody".
pub(crate) const fn closes(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Record => "hears the recording any more",
        Purpose::Transcribe => "reads the words any more, and none are written",
        Purpose::CodeResearch => "listens for research any more",
        Purpose::CoachPlayback => "plays pieces of it in coaching any more",
        Purpose::ManagerPresentPlayback => "plays pieces of it with the manager in the room",
        Purpose::TeachingPlayback => "plays pieces of it in teaching",
        Purpose::ResearchArchive => "keeps what was learned from it for later research",
        Purpose::Quote => "quotes what was said",
        Purpose::ToldResult => "sends a result",
        Purpose::ImproveTools => "uses it to make the computer better at this",
    }
}
