//! The front of the listening copy: an MP4 file's boxes (ISO/IEC 14496-12; Opus in them as the Opus codec's own
//! specification of encapsulation in the ISO base media file format, version 0.8.1, has it).

use std::io::{self, Write};

use super::{BYTES, FRAMES, OPUS_RATE, PACKETS_PER_SECOND};
use crate::RATE;

/// Packets that lie together, and are found by one entry of the index: 10 s of them.
const PACKETS_PER_CHUNK: u32 = 10 * PACKETS_PER_SECOND;

/// What a packet lasts on the file's clock.
#[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
const TICKS: u32 = FRAMES as u32 * (OPUS_RATE / RATE);

/// Bytes of a packet.
#[expect(clippy::cast_possible_truncation, reason = "a few dozen")]
const PACKET: u32 = BYTES as u32;

/// Ticks that a decoder is better to have heard before it is in tune: 80 ms, in packets.
const ROLL: i16 = -4;

/// Where everything lies.
pub(super) struct Layout {
    /// Packets in the file.
    pub(super) packets: u64,
    count: u32,
    /// How long it is to whoever listens, in ticks.
    heard: u32,
    /// Bytes of all packets.
    data: u32,
}

impl Layout {
    /// For a recording of so many frames in the working form.
    pub(super) fn of(frames: u64) -> io::Result<Self> {
        let fits = |_| io::Error::new(io::ErrorKind::InvalidInput, "too long for its clock");
        let heard = frames.saturating_mul(u64::from(OPUS_RATE / RATE));
        let packets = heard.div_ceil(u64::from(TICKS)).max(1);
        Ok(Self {
            packets,
            count: u32::try_from(packets).map_err(fits)?,
            heard: u32::try_from(heard).map_err(fits)?,
            data: u32::try_from(packets.saturating_mul(BYTES as u64) + 8).map_err(fits)?,
        })
    }

    /// Writes everything up to the first packet.
    pub(super) fn write_front(&self, out: &mut dyn Write) -> io::Result<()> {
        let kind = file_type();
        // Where the packets begin depends on how long the index is, which does not depend on where they begin.
        let length = self.movie(0).len();
        let first = u32::try_from(kind.len() + length + 8).map_err(io::Error::other)?;
        out.write_all(&kind)?;
        out.write_all(&self.movie(first))?;
        out.write_all(&self.data.to_be_bytes())?;
        out.write_all(b"mdat")
    }

    fn movie(&self, first: u32) -> Vec<u8> {
        let header = full(*b"mvhd", 0, 0, |b| {
            times(b);
            number(b, OPUS_RATE);
            number(b, self.heard);
            number(b, 0x0001_0000); // at its own speed
            b.extend(0x0100_u16.to_be_bytes()); // at its own volume
            b.extend([0; 10]);
            matrix(b);
            b.extend([0; 24]);
            number(b, 2); // the next track's number
        });
        let track = full(*b"tkhd", 0, 0b0111, |b| {
            times(b);
            number(b, 1);
            number(b, 0);
            number(b, self.heard);
            b.extend([0; 12]);
            b.extend(0x0100_u16.to_be_bytes());
            b.extend([0; 2]);
            matrix(b);
            b.extend([0; 8]);
        });
        let edits = full(*b"elst", 0, 0, |b| {
            number(b, 1);
            number(b, self.heard);
            number(b, 0);
            number(b, 0x0001_0000);
        });
        let media = self.media(first);
        let track = boxed(*b"trak", &[&track, &boxed(*b"edts", &[&edits]), &media]);
        boxed(*b"moov", &[&header, &track])
    }

    fn media(&self, first: u32) -> Vec<u8> {
        let header = full(*b"mdhd", 0, 0, |b| {
            times(b);
            number(b, OPUS_RATE);
            number(b, self.heard);
            b.extend([0x55, 0xC4, 0, 0]); // a language that nobody has said
        });
        let handler = full(*b"hdlr", 0, 0, |b| {
            number(b, 0);
            b.extend(b"soun");
            b.extend([0; 12]);
            b.push(0);
        });
        let volume = full(*b"smhd", 0, 0, |b| b.extend([0; 4]));
        let here = full(*b"url ", 0, 1, |_| ());
        let places = full(*b"dref", 0, 0, |b| {
            number(b, 1);
            b.extend(&here);
        });
        let information =
            boxed(*b"minf", &[&volume, &boxed(*b"dinf", &[&places]), &self.table(first)]);
        boxed(*b"mdia", &[&header, &handler, &information])
    }

    /// What lies where: all packets are equally long in time and in bytes.
    fn table(&self, first: u32) -> Vec<u8> {
        let (chunks, rest) = (self.count / PACKETS_PER_CHUNK, self.count % PACKETS_PER_CHUNK);
        let description = full(*b"stsd", 0, 0, |b| {
            number(b, 1);
            b.extend(opus());
        });
        // What the last packet was filled up with is not heard.
        let last = self.heard - (self.count - 1) * TICKS;
        let runs: Vec<[u32; 2]> =
            [[self.count - 1, TICKS], [1, last]].into_iter().filter(|run| run[0] > 0).collect();
        let durations = full(*b"stts", 0, 0, |b| {
            number(b, if self.count > 1 { 2 } else { 1 });
            runs.as_flattened().iter().for_each(|n| number(b, *n));
        });
        let grouped = full(*b"stsc", 0, 0, |b| {
            // Runs of chunks with equally many packets: the number of the first, packets in each, description.
            let whole = (chunks > 0).then_some([1, PACKETS_PER_CHUNK, 1]);
            let last = (rest > 0).then_some([chunks + 1, rest, 1]);
            let runs: Vec<[u32; 3]> = whole.into_iter().chain(last).collect();
            number(b, if whole.is_some() && last.is_some() { 2 } else { 1 });
            runs.as_flattened().iter().for_each(|n| number(b, *n));
        });
        let sizes = full(*b"stsz", 0, 0, |b| {
            number(b, PACKET);
            number(b, self.count);
        });
        let places = full(*b"stco", 0, 0, |b| {
            let count = chunks + u32::from(rest > 0);
            number(b, count);
            let step = PACKETS_PER_CHUNK * PACKET;
            (0..count).for_each(|chunk| number(b, first + chunk * step));
        });
        let rolls = full(*b"sgpd", 1, 0, |b| {
            b.extend(b"roll");
            number(b, 2);
            number(b, 1);
            b.extend(ROLL.to_be_bytes());
        });
        let all = full(*b"sbgp", 0, 0, |b| {
            b.extend(b"roll");
            number(b, 1);
            number(b, self.count);
            number(b, 1);
        });
        boxed(*b"stbl", &[&description, &durations, &grouped, &sizes, &places, &rolls, &all])
    }
}

/// The codec: one channel, all of which is heard.
fn opus() -> Vec<u8> {
    let mut specific = vec![0, 1, 0, 0];
    number(&mut specific, RATE);
    specific.extend([0, 0, 0]); // no gain of its own, one channel as it is
    let mut entry = vec![0; 6];
    entry.extend(1_u16.to_be_bytes());
    entry.extend([0; 8]);
    entry.extend(1_u16.to_be_bytes());
    entry.extend(16_u16.to_be_bytes());
    entry.extend([0; 4]);
    number(&mut entry, OPUS_RATE << 16);
    boxed(*b"Opus", &[&entry, &boxed(*b"dOps", &[&specific])])
}

fn file_type() -> Vec<u8> {
    boxed(*b"ftyp", &[b"isom", &0x0200_u32.to_be_bytes(), b"isomiso2mp41"])
}

/// A box of that name with these parts in it. None of ours is near four gigabytes.
fn boxed(name: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    number(&mut bytes, u32::try_from(length).unwrap_or(u32::MAX));
    bytes.extend(name);
    for part in parts {
        bytes.extend(*part);
    }
    bytes
}

/// A box with a version and flags.
fn full(name: [u8; 4], version: u8, flags: u8, fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = vec![version, 0, 0, flags];
    fill(&mut body);
    boxed(name, &[&body])
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_be_bytes());
}

/// When it was made and changed: nobody's business.
fn times(bytes: &mut Vec<u8>) {
    bytes.extend([0; 8]);
}

/// The picture's place in the plane, for a file without one.
fn matrix(bytes: &mut Vec<u8>) {
    for value in [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] {
        number(bytes, value);
    }
}
