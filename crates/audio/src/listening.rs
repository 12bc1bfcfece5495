//! The listening copy: a recording as people play it, on whatever they have with them.
//!
//! # The form
//!
//! Opus at 32 kbit/s in an MP4 file, one channel, 20 ms a packet: 14.4 MB for an hour, where the samples it is made of
//! are 115 MB. Wideband speech at this rate is hard to tell from its original, and it plays over a second-generation
//! mobile connection.
//!
//! **Every packet is equally long.** The rate is constant, so where a packet lies is arithmetic, and the file's whole
//! index is known before the first packet is made. It stands in front, in some hundreds of bytes: a player that has
//! read the first kilobyte plays, and knows for each moment which byte range it wants. The copy is written once, front
//! to back, and nothing is held but one packet. And lengths tell nothing: packets of variable rate give away a good
//! part of what is said to whoever sees only their sizes (RFC 6562).
//!
//! *Who plays it.* Chromium and Firefox for years; Safari since version 17 (its release notes name Opus in MP4). An
//! older Safari is offered the WAV file beside it.
//!
//! *Instead of* Ogg, which has no index, so that players guess and correct themselves; WebM, whose index has to be
//! patched in or to be last; FLAC, which is five times as large; AAC, for which there is no encoder that we may ship.
//!
//! # Time
//!
//! Position 0 is the recording's first audible sample, and every moment lies where it lies in the recording. A coder is
//! 2.5 ms late (others 6.5); files usually begin with that and say that it is to be skipped, once as the codec's
//! pre-skip and once as an edit. Chromium 156 takes the first for jumps, and both for the beginning: whichever is left
//! out, one of the two is off by as much (measured). So the coder is given the sound that much earlier, and there is
//! nothing to skip: the file declares a pre-skip of zero, and all players agree. What it costs is the first 2.5 ms,
//! which are silent.
//!
//! Each packet is a place to begin; for the first 80 ms after a jump a decoder would better have heard what came
//! before, which the file declares too.
//!
//! # Loudness
//!
//! The whole is made louder or softer by one gain ([`crate::loudness`]); only moments above −2 dBTP are turned down
//! ([`crate::limiter`]). A decibel is left to the coder, whose output is not quite what went in, so that what is heard
//! stays below −1 dBTP. The recording's own samples stay as they were.

mod mp4;

use std::io::{self, Write};

use opusic_c::{Application, Bitrate, Channels, Encoder, ErrorCode, SampleRate};

use self::mp4::Layout;
use crate::{RATE, limiter::Limiter, loudness::factor};

/// The media type, for players that ask before they fetch.
pub const MEDIA_TYPE: &str = "audio/mp4; codecs=\"opus\"";

/// Bits in a second.
pub const BITRATE: u32 = 32_000;

/// The longest recording that gets a copy, in frames of the working form: 24 hours, which its clock can count.
pub const MAX_FRAMES: u64 = 24 * 3_600 * RATE as u64;

/// The highest that the curve through the samples may rise before it is coded, in decibels of full scale.
const CEILING_DB: f64 = -2.0;

/// Packets in a second, frames and bytes in one.
const PACKETS_PER_SECOND: u32 = 50;
const FRAMES: usize = (RATE / PACKETS_PER_SECOND) as usize;
const BYTES: usize = (BITRATE / 8 / PACKETS_PER_SECOND) as usize;

/// Opus counts at 48 kHz, whatever went in.
const OPUS_RATE: u32 = 48_000;

/// How hard the encoder thinks, of ten: above this, speech at this rate gains nothing that is heard, for twice the
/// time.
const COMPLEXITY: u8 = 7;

/// Makes a listening copy from samples of the working form.
pub struct ListeningCopy<W> {
    out: W,
    limiter: Limiter,
    encoder: Encoder,
    /// Louder, and not coded yet.
    ready: Vec<f32>,
    /// Frames still to be left out, so that the rest comes that much earlier.
    early: usize,
    packet: [u8; BYTES],
    /// Frames that were announced, and that came.
    frames: u64,
    taken: u64,
    packets_left: u64,
}

impl<W: Write> ListeningCopy<W> {
    /// Begins the copy of a recording of exactly `frames` frames ([`MAX_FRAMES`] at most), which is to be `gain_db`
    /// louder. Writes everything that stands before the first packet.
    pub fn begin(mut out: W, frames: u64, gain_db: f64) -> io::Result<Self> {
        if frames > MAX_FRAMES {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too long for a copy"));
        }
        let mut encoder = encoder().map_err(could_not)?;
        let late = encoder.get_look_ahead().map_err(could_not)?;
        let layout = Layout::of(frames)?;
        layout.write_front(&mut out)?;
        Ok(Self {
            out,
            limiter: Limiter::new(factor(gain_db), factor(CEILING_DB)),
            encoder,
            ready: Vec::new(),
            early: usize::try_from(late).map_err(io::Error::other)?,
            packet: [0; BYTES],
            frames,
            taken: 0,
            packets_left: layout.packets,
        })
    }

    /// Takes samples, 1.0 being full scale.
    pub fn push(&mut self, samples: &[f32]) -> io::Result<()> {
        self.taken += samples.len() as u64;
        self.limiter.push(samples, &mut self.ready);
        self.code()
    }

    /// Ends the copy, and gives back what was written to. An error if more or fewer frames came than were announced:
    /// then what was written is no copy.
    pub fn finish(mut self) -> io::Result<W> {
        if self.taken != self.frames {
            let reason = format!("{} frames were announced and {} came", self.frames, self.taken);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let limiter = std::mem::replace(&mut self.limiter, Limiter::new(1.0, 1.0));
        limiter.finish(&mut self.ready);
        // The last packets are filled up with silence, which also pushes the last sound through the coder.
        while self.packets_left > 0 {
            self.ready.resize(self.ready.len().next_multiple_of(FRAMES).max(FRAMES), 0.0);
            self.code()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    /// Codes every whole packet that is ready.
    fn code(&mut self) -> io::Result<()> {
        let early = self.early.min(self.ready.len());
        self.ready.drain(..early);
        self.early -= early;
        let mut whole = self.ready.chunks_exact(FRAMES);
        for frames in whole.by_ref().take(usize::try_from(self.packets_left).unwrap_or(usize::MAX))
        {
            let n =
                self.encoder.encode_float_to_slice(frames, &mut self.packet).map_err(could_not)?;
            if n != BYTES {
                return Err(io::Error::other("a packet of constant rate was not that long"));
            }
            self.out.write_all(&self.packet)?;
            self.packets_left -= 1;
        }
        let rest = whole.remainder().len();
        self.ready.drain(..self.ready.len() - rest);
        Ok(())
    }
}

fn encoder() -> Result<Encoder, ErrorCode> {
    // Its transform coder alone: the one for voices makes pure tones, whistles and sirens up to 8 dB louder at a
    // constant rate (measured on sweeps), and takes five times as long.
    let mut encoder = Encoder::new(Channels::Mono, SampleRate::Hz16000, Application::LowDelay)?;
    encoder.set_bitrate(Bitrate::Value(BITRATE))?;
    encoder.set_vbr(false)?;
    encoder.set_complexity(COMPLEXITY)?;
    // What is coded is what was recorded with sixteen bits.
    encoder.set_lsb_depth(16)?;
    Ok(encoder)
}

fn could_not(code: ErrorCode) -> io::Error {
    io::Error::other(format!("the Opus encoder refused: {code:?}"))
}
