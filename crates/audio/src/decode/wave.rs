//! The demuxer for WAV files, and for CAF files with plain samples: blocks of them, as [`riff`](crate::riff) and
//! [`caf`](crate::caf) found them.
//!
//! Our own, because recorders write WAV files that others refuse or cut (RF64, a last block that is not full, lengths
//! that were never written), and because hostile ones make others panic.

use symphonia::core::{
    audio::Channels,
    codecs::audio::{AudioCodecId, AudioCodecParameters, well_known as id},
    errors::Result,
    formats::{FormatInfo, well_known::FORMAT_ID_WAVE},
    io::MediaSourceStream,
    packet::Packet,
    units::{Duration, Timestamp},
};

use super::one_track::{Cut, OneTrack, fill};
use crate::riff::{Coding, Wave};

/// Frames in a packet, about: a tenth of a second at 44.1 kHz.
const FRAMES: u64 = 4_096;

/// The position in the sound.
pub(super) struct Blocks {
    block: u64,
    frames_per_block: u64,
    /// Blocks in a packet.
    at_once: u64,
    /// Frames so far.
    at: u64,
    /// Frames in all.
    frames: u64,
}

/// A demuxer for the sound of a WAV file; `stream` begins where the sound begins, and ends where it ends.
pub(super) fn reader(stream: MediaSourceStream<'static>, wave: &Wave) -> OneTrack<Blocks> {
    let (block, frames_per_block) = (u64::from(wave.block), u64::from(wave.frames_per_block));
    let bytes = wave.end.saturating_sub(wave.start);
    let most = if frames_per_block == 1 {
        bytes / block.max(1)
    } else {
        bytes.div_ceil(block.max(1)).saturating_mul(frames_per_block)
    };
    // What fills up the last block is not sound. A count that takes away more than that is not to be believed.
    let frames = wave.counted.filter(|n| (1..frames_per_block).contains(&most.saturating_sub(*n)));
    let frames = frames.unwrap_or(most);
    let blocks_per_packet = (FRAMES / frames_per_block.max(1)).max(1);
    let mut params = AudioCodecParameters::new();
    params
        .for_codec(codec(wave.coding))
        .with_sample_rate(wave.rate)
        .with_channels(channels(wave.channels))
        .with_max_frames_per_packet(blocks_per_packet.saturating_mul(frames_per_block))
        .with_frames_per_block(frames_per_block);
    let blocks = Blocks { block, frames_per_block, at_once: blocks_per_packet, at: 0, frames };
    OneTrack::new(stream, params, Some(frames), blocks)
}

fn codec(coding: Coding) -> AudioCodecId {
    match coding {
        Coding::Pcm(1) => id::CODEC_ID_PCM_U8,
        Coding::Pcm(2) => id::CODEC_ID_PCM_S16LE,
        Coding::Pcm(3) => id::CODEC_ID_PCM_S24LE,
        Coding::Pcm(_) => id::CODEC_ID_PCM_S32LE,
        Coding::PcmBig(1) => id::CODEC_ID_PCM_S8,
        Coding::PcmBig(2) => id::CODEC_ID_PCM_S16BE,
        Coding::PcmBig(3) => id::CODEC_ID_PCM_S24BE,
        Coding::PcmBig(_) => id::CODEC_ID_PCM_S32BE,
        Coding::FloatBig(8) => id::CODEC_ID_PCM_F64BE,
        Coding::FloatBig(_) => id::CODEC_ID_PCM_F32BE,
        Coding::Float(8) => id::CODEC_ID_PCM_F64LE,
        Coding::Float(_) => id::CODEC_ID_PCM_F32LE,
        Coding::ALaw => id::CODEC_ID_PCM_ALAW,
        Coding::MuLaw => id::CODEC_ID_PCM_MULAW,
        Coding::AdpcmMs => id::CODEC_ID_ADPCM_MS,
        Coding::AdpcmIma => id::CODEC_ID_ADPCM_IMA_WAV,
        Coding::Mpeg => id::CODEC_ID_MP3,
        Coding::Adts => id::CODEC_ID_AAC,
    }
}

/// So many channels. Where they stand in the room does not matter here.
fn channels(count: u16) -> Channels {
    match count {
        1 => symphonia::core::audio::layouts::CHANNEL_LAYOUT_MONO,
        2 => symphonia::core::audio::layouts::CHANNEL_LAYOUT_STEREO,
        other => Channels::Discrete(other),
    }
}

impl Cut for Blocks {
    const INFO: &'static FormatInfo = &FormatInfo {
        format: FORMAT_ID_WAVE,
        short_name: "wav",
        long_name: "Waveform Audio File Format",
    };

    fn next(&mut self, stream: &mut MediaSourceStream<'static>) -> Result<Option<Packet>> {
        let rest = self.frames.saturating_sub(self.at);
        let blocks = rest.div_ceil(self.frames_per_block).min(self.at_once);
        let mut data = vec![0; usize::try_from(blocks * self.block).unwrap_or(0)];
        let n = fill(stream, &mut data)? as u64;
        let blocks = if self.frames_per_block == 1 {
            n / self.block.max(1)
        } else {
            // A block that was cut off decodes to what there is of it, and then to next to nothing.
            n.div_ceil(self.block.max(1))
        };
        if blocks == 0 {
            return Ok(None);
        }
        data.truncate(usize::try_from(blocks * self.block).unwrap_or(0));
        let decoded = blocks * self.frames_per_block;
        let heard = decoded.min(rest);
        let at = Timestamp::new(i64::try_from(self.at).unwrap_or(i64::MAX));
        let mut packet = Packet::new(0, at, Duration::new(heard), data);
        packet.trim_end = Duration::new(decoded - heard);
        self.at += heard;
        Ok(Some(packet))
    }
}
