//! HE-AAC, which no free encoder writes: AAC at half of the rate, whose header says that a decoder is to double it.
//!
//! That is what every HE-AAC file is at its core. What is left out is the description of the upper half, which a
//! decoder of the core does not read either.

use std::{fs, path::Path};

use crate::signals;

/// Makes an M4A with HE-AAC at 44.1 kHz out of the sound in `wav`.
pub(crate) fn write(wav: &Path, name: &str) -> std::path::PathBuf {
    let path = signals::encode(wav, name, &["-c:a", "aac", "-ar", "22050", "-b:a", "64k"]);
    let mut bytes = fs::read(&path).expect("what ffmpeg wrote");
    // The audio-specific configuration (ISO 14496-3 §1.6.2.1): a descriptor of five bytes.
    let head = b"\x05\x80\x80\x80\x05";
    let at = bytes.windows(5).position(|w| w == head).expect("a configuration of five bytes") + 5;
    // SBR (5), 22.05 kHz (7), two channels, doubled to 44.1 kHz (4), of AAC-LC (2); no further tools.
    let fields = [(5_u64, 5), (7, 4), (2, 4), (4, 4), (2, 5), (0, 3)];
    let bits = fields.iter().fold(0, |all, (value, width)| all << width | value) << (40 - 25);
    bytes[at..at + 5].copy_from_slice(&bits.to_be_bytes()[3..]);
    fs::write(&path, bytes).expect("a file in a temporary directory");
    path
}
