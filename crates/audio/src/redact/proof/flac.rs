//! FLAC (RFC 9639), gone through bit by bit: which bits are there, not what they sound like.
//!
//! A decoder skips what it does not know, and stops where the sound does. Here every bit up to the last has to be one
//! that the format needs for the sound.

use super::{Doubt, bits::Bits, container::Contents};

/// Bits of a sample.
const DEPTH: usize = 16;

/// What the stream says of itself.
struct Stream {
    blocks: Range,
    frames_long: Range,
    samples: u64,
    md5: [u8; 16],
}

/// The least and the most of something.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Range {
    least: u64,
    most: u64,
}

impl Range {
    const NOTHING: Self = Self { least: u64::MAX, most: 0 };

    fn add(&mut self, value: u64) {
        *self = Self { least: self.least.min(value), most: self.most.max(value) };
    }

    /// Whether it was said so, or left open.
    fn is_said_by(self, said: Self) -> bool {
        [(said.least, self.least), (said.most, self.most)].iter().all(|(a, b)| *a == 0 || a == b)
    }
}

/// Goes through what follows the mark of a FLAC file: 16-bit mono sound at 16 kHz, of so many samples.
pub(super) fn check(file: &[u8], samples: u64) -> Result<Contents, Doubt> {
    let mut bits = Bits::new(file);
    let stream = stream(&mut bits)?;
    if stream.samples != samples {
        return Err(Doubt::Length { frames: stream.samples, expected: samples });
    }
    let mut rest = &file[bits.taken().len()..];
    let (mut done, mut blocks, mut frames_long) = (0, Range::NOTHING, Range::NOTHING);
    for number in 0.. {
        if rest.is_empty() {
            break;
        }
        let (block, len) =
            frame(rest, number, done).ok_or(Doubt::Container("it has bytes that are no sound"))?;
        rest = &rest[len..];
        done += block;
        frames_long.add(len as u64);
        // The last block may be shorter, and a stream of one block may say anything longer.
        if !rest.is_empty() {
            blocks.add(block);
        } else if block > stream.blocks.most {
            return Err(Doubt::Container("it is not as it says of itself"));
        }
    }
    if done != samples {
        return Err(Doubt::Length { frames: done, expected: samples });
    }
    let one_block = blocks == Range::NOTHING;
    if !(one_block || blocks == stream.blocks) || !frames_long.is_said_by(stream.frames_long) {
        return Err(Doubt::Container("it is not as it says of itself"));
    }
    let md5 = (stream.md5 != [0; 16]).then_some(stream.md5);
    Ok(Contents { md5 })
}

/// The one block of facts that may be there.
fn stream(bits: &mut Bits<'_>) -> Result<Stream, Doubt> {
    let short = || Doubt::Container("it ends in its header");
    let mut read = |count| bits.read(count).ok_or_else(short);
    // The last block, and the first: a stream's facts, in 34 bytes.
    if (read(1)?, read(7)?, read(24)?) != (1, 0, 34) {
        return Err(Doubt::Container("it holds more than its sound"));
    }
    let blocks = Range { least: read(16)?, most: read(16)? };
    let frames_long = Range { least: read(24)?, most: read(24)? };
    let (rate_hz, channels, depth) = (read(20)?, read(3)? + 1, read(5)? + 1);
    if (rate_hz, channels, depth) != (u64::from(crate::RATE), 1, DEPTH as u64) {
        return Err(Doubt::Container("its sound is not of 16 bits, mono, at 16 kHz"));
    }
    let samples = read(36)?;
    let mut md5 = [0; 16];
    for byte in &mut md5 {
        *byte = u8::try_from(read(8)?).unwrap_or(0);
    }
    Ok(Stream { blocks, frames_long, samples, md5 })
}

/// One frame, which is the stream's `number`th and comes after `done` samples: how many samples and bytes it has.
/// Nothing if any bit of it is not needed for them.
fn frame(file: &[u8], number: u64, done: u64) -> Option<(u64, usize)> {
    let mut bits = Bits::new(file);
    // The mark and a zero; then whether frames are counted by their samples.
    if bits.read(15)? != 0b111_1111_1111_1100 {
        return None;
    }
    let by_samples = bits.read(1)? == 1;
    let (block, rate, channels, depth) =
        (bits.read(4)?, bits.read(4)?, bits.read(4)?, bits.read(3)?);
    // One channel; the depth either said before or 16 bits; a zero.
    if channels != 0 || !matches!(depth, 0 | 4) || bits.read(1)? != 0 {
        return None;
    }
    if coded_number(&mut bits)? != if by_samples { done } else { number } {
        return None;
    }
    let block = match block {
        1 => 192,
        2..=5 => 144 << block,
        6 => bits.read(8)? + 1,
        7 => bits.read(16)? + 1,
        8.. => 1 << block,
        0 => return None,
    };
    let rate_is_ours = match rate {
        0 | 5 => true,
        12 => bits.read(8)? == 16,
        13 => bits.read(16)? == 16_000,
        14 => bits.read(16)? == 1_600,
        _ => false,
    };
    let head = crc(bits.taken(), 8, 0x07);
    if !rate_is_ours || bits.read(8)? != head {
        return None;
    }
    subframe(&mut bits, usize::try_from(block).ok()?)?;
    bits.align()?;
    let sum = crc(bits.taken(), 16, 0x8005);
    (bits.read(16)? == sum).then(|| (block, bits.taken().len()))
}

/// A number in as few bytes as UTF-8 would take (and up to seven).
fn coded_number(bits: &mut Bits<'_>) -> Option<u64> {
    let first = bits.read(8)?;
    let ones = u8::try_from(first).ok()?.leading_ones();
    let more = match ones {
        0 => return Some(first),
        2..=7 => ones - 1,
        _ => return None,
    };
    let mut value = first & (0x7f >> ones);
    for _ in 0..more {
        let byte = bits.read(8)?;
        if byte >> 6 != 0b10 {
            return None;
        }
        value = value << 6 | byte & 0x3f;
    }
    // What fits into fewer bytes is written in fewer.
    let least = if more == 1 { 0x80 } else { 1 << (5 * more + 1) };
    (value >= least).then_some(value)
}

/// The samples of one channel.
fn subframe(bits: &mut Bits<'_>, block: usize) -> Option<()> {
    if bits.read(1)? != 0 {
        return None;
    }
    let kind = usize::try_from(bits.read(6)?).ok()?;
    let wasted = if bits.read(1)? == 1 { bits.zeros()? + 1 } else { 0 };
    let depth = DEPTH.checked_sub(wasted).filter(|depth| *depth > 0)?;
    match kind {
        0 => bits.skip(depth),
        1 => bits.skip(depth * block),
        8..=12 => {
            let order = kind - 8;
            bits.skip(depth * order)?;
            residual(bits, block, order)
        }
        32.. => {
            let order = kind - 31;
            bits.skip(depth * order)?;
            let precision = usize::try_from(bits.read(4)?).ok()? + 1;
            // How far the sum is shifted.
            bits.skip(5)?;
            if precision > 15 {
                return None;
            }
            bits.skip(precision * order)?;
            residual(bits, block, order)
        }
        _ => None,
    }
}

/// What a prediction of so many samples back left over, in Rice codes.
fn residual(bits: &mut Bits<'_>, block: usize, order: usize) -> Option<()> {
    let width = match bits.read(2)? {
        0 => 4,
        1 => 5,
        _ => return None,
    };
    let parts = 1_usize << bits.read(4)?;
    let each = block / parts;
    if !block.is_multiple_of(parts) || each < order {
        return None;
    }
    for part in 0..parts {
        let samples = if part == 0 { each - order } else { each };
        let parameter = usize::try_from(bits.read(width)?).ok()?;
        if parameter == (1 << width) - 1 {
            let plain = usize::try_from(bits.read(5)?).ok()?;
            bits.skip(plain * samples)?;
        } else {
            for _ in 0..samples {
                bits.zeros()?;
                bits.skip(parameter)?;
            }
        }
    }
    Some(())
}

/// The checksum of `bytes` in so many bits.
fn crc(bytes: &[u8], width: u32, polynomial: u64) -> u64 {
    let top = 1 << (width - 1);
    let mut sum = 0;
    for byte in bytes {
        sum ^= u64::from(*byte) << (width - 8);
        for _ in 0..8 {
            sum = if sum & top == 0 { sum << 1 } else { sum << 1 ^ polynomial };
        }
    }
    sum & ((1 << width) - 1)
}
