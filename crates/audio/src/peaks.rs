//! The waveform as pairs of lowest and highest sample, in the format of the BBC's audiowaveform
//! (<https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md>): version 1 for one channel, 2 for more.

use std::io::{self, Write};

use crate::RATE;

/// How finely each pair is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// One byte: the sample divided by 256, towards zero.
    Eight,
    /// Two bytes: the sample as it is.
    Sixteen,
}

/// Counts samples into pairs, as they come, at one level of zoom or several.
///
/// Holds only what it gives in the end: two or four bytes per pixel and channel.
pub struct PeaksBuilder {
    peaks: Peaks,
    /// Lowest and highest of the window so far, for each channel.
    window: Vec<(i16, i16)>,
    /// Samples in the window, all channels together.
    filled: u64,
    mixed: Vec<i16>,
    /// The next level, counted from the windows of this one: a lowest of lowests is the lowest.
    coarser: Option<Box<Self>>,
}

/// A finished waveform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peaks {
    rate_hz: u32,
    samples_per_pixel: u32,
    bits: Bits,
    channels: u16,
    /// Pixels per channel.
    length: u32,
    data: Vec<u8>,
}

impl PeaksBuilder {
    /// Pairs over windows of `samples_per_pixel` frames (at least 2) of sound in the working rate with so many
    /// channels (at least 1).
    pub fn new(samples_per_pixel: u32, bits: Bits, channels: u16) -> Self {
        let channels = channels.max(1);
        let peaks = Peaks {
            rate_hz: RATE,
            samples_per_pixel: samples_per_pixel.clamp(2, i32::MAX.unsigned_abs()),
            bits,
            channels,
            length: 0,
            data: Vec::new(),
        };
        let window = vec![EMPTY; usize::from(channels)];
        Self { peaks, window, filled: 0, mixed: Vec::new(), coarser: None }
    }

    /// One more level, with `factor` pixels (at least 2) of the coarsest level so far in each of its own.
    #[must_use]
    pub fn and_coarser(mut self, factor: u32) -> Self {
        let coarser = if let Some(level) = self.coarser.take() {
            level.and_coarser(factor)
        } else {
            let samples = self.peaks.samples_per_pixel.saturating_mul(factor.max(2));
            Self::new(samples, self.peaks.bits, self.peaks.channels).sample_rate(self.peaks.rate_hz)
        };
        self.coarser = Some(Box::new(coarser));
        self
    }

    /// The sample rate of what is counted, in hertz, where it is not the working rate.
    #[must_use]
    pub fn sample_rate(mut self, rate_hz: u32) -> Self {
        self.peaks.rate_hz = rate_hz;
        self.coarser = self.coarser.map(|level| Box::new(level.sample_rate(rate_hz)));
        self
    }

    /// Counts samples, interleaved if there are several channels. A frame may be cut in two between calls.
    pub fn push(&mut self, mut samples: &[i16]) {
        while !samples.is_empty() {
            let left = usize::try_from(self.full() - self.filled).unwrap_or(usize::MAX);
            let (here, rest) = samples.split_at(left.min(samples.len()));
            self.widen(here);
            self.filled += here.len() as u64;
            self.end_window_if_full();
            samples = rest;
        }
    }

    /// Widens the window's pairs so that these samples lie within.
    fn widen(&mut self, samples: &[i16]) {
        if let [(low, high)] = self.window.as_mut_slice() {
            // Two plain loops, which the compiler turns into one instruction for many samples.
            *low = samples.iter().fold(*low, |low, sample| low.min(*sample));
            *high = samples.iter().fold(*high, |high, sample| high.max(*sample));
            return;
        }
        let channels = self.window.len();
        let first = usize::try_from(self.filled % channels as u64).unwrap_or(0);
        for (i, sample) in samples.iter().enumerate() {
            let (low, high) = &mut self.window[(first + i) % channels];
            *low = (*low).min(*sample);
            *high = (*high).max(*sample);
        }
    }

    /// Takes over a finer level's window of so many samples.
    fn push_window(&mut self, finer: &[(i16, i16)], samples: u64) {
        for ((low, high), (finer_low, finer_high)) in self.window.iter_mut().zip(finer) {
            *low = (*low).min(*finer_low);
            *high = (*high).max(*finer_high);
        }
        self.filled += samples;
        self.end_window_if_full();
    }

    /// Samples in a whole window.
    fn full(&self) -> u64 {
        u64::from(self.peaks.samples_per_pixel) * u64::from(self.peaks.channels)
    }

    /// Mixes frames of `channels` by their mean, towards zero as the BBC's tool does, and counts the result. For a
    /// waveform of one channel.
    pub fn push_mixed(&mut self, samples: &[i16], channels: u16) {
        let count = i32::from(channels.max(1));
        let mut mixed = std::mem::take(&mut self.mixed);
        mixed.clear();
        let frames = samples.chunks_exact(usize::from(channels.max(1)));
        mixed.extend(frames.map(|frame| {
            let sum: i32 = frame.iter().map(|s| i32::from(*s)).sum();
            // A mean of 16-bit numbers is one.
            i16::try_from(sum / count).unwrap_or(0)
        }));
        self.push(&mixed);
        self.mixed = mixed;
    }

    /// The waveform at its finest level. A last window that is not full counts like the others.
    pub fn finish(self) -> Peaks {
        self.finish_first().0
    }

    /// The waveform at every level, the finest first.
    pub fn finish_all(self) -> Vec<Peaks> {
        let mut levels = Vec::new();
        let mut next = Some(self);
        while let Some(level) = next {
            let (peaks, coarser) = level.finish_first();
            levels.push(peaks);
            next = coarser.map(|level| *level);
        }
        levels
    }

    fn finish_first(mut self) -> (Peaks, Option<Box<Self>>) {
        if self.filled >= u64::from(self.peaks.channels) {
            self.end_window();
        }
        (self.peaks, self.coarser)
    }

    fn end_window_if_full(&mut self) {
        if self.filled >= self.full() {
            self.end_window();
        }
    }

    fn end_window(&mut self) {
        if let Some(coarser) = &mut self.coarser {
            coarser.push_window(&self.window, self.filled);
        }
        for (low, high) in &mut self.window {
            for value in [*low, *high] {
                match self.peaks.bits {
                    Bits::Eight => {
                        let [byte, _] = (value / 256).to_le_bytes();
                        self.peaks.data.push(byte);
                    }
                    Bits::Sixteen => self.peaks.data.extend(value.to_le_bytes()),
                }
            }
            (*low, *high) = EMPTY;
        }
        self.peaks.length = self.peaks.length.saturating_add(1);
        self.filled = 0;
    }
}

/// A window in which nothing was counted.
const EMPTY: (i16, i16) = (i16::MAX, i16::MIN);

impl Peaks {
    /// Samples in each pixel.
    pub fn samples_per_pixel(&self) -> u32 {
        self.samples_per_pixel
    }

    /// Pixels per channel.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// Every value in the order of the file: lowest and highest of each channel, pixel by pixel.
    pub fn values(&self) -> impl Iterator<Item = i16> + '_ {
        let width = match self.bits {
            Bits::Eight => 1,
            Bits::Sixteen => 2,
        };
        self.data.chunks_exact(width).map(|b| match b {
            [low, high] => i16::from_le_bytes([*low, *high]),
            [byte] => i16::from(byte.cast_signed()),
            _ => 0,
        })
    }

    /// Writes the binary form, `.dat`.
    pub fn write_dat(&self, out: &mut dyn Write) -> io::Result<()> {
        let version: i32 = if self.channels == 1 { 1 } else { 2 };
        let flags = u32::from(self.bits == Bits::Eight);
        out.write_all(&version.to_le_bytes())?;
        for field in [flags, self.rate_hz, self.samples_per_pixel, self.length] {
            out.write_all(&field.to_le_bytes())?;
        }
        if version == 2 {
            out.write_all(&u32::from(self.channels).to_le_bytes())?;
        }
        out.write_all(&self.data)
    }

    /// Writes the text form, `.json`, which is always version 2.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let bits = match self.bits {
            Bits::Eight => 8,
            Bits::Sixteen => 16,
        };
        write!(
            out,
            "{{\"version\":2,\"channels\":{},\"sample_rate\":{},\"samples_per_pixel\":{},\"bits\":{bits},\"length\":{},\
             \"data\":[",
            self.channels, self.rate_hz, self.samples_per_pixel, self.length
        )?;
        for (i, value) in self.values().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(out, "{comma}{value}")?;
        }
        writeln!(out, "]}}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A whole `.dat` file from the format's description, said slowly: the header field by field, then for each window
    /// and channel the lowest and highest of the frames in it.
    fn slowly(samples: &[i16], spp: usize, bits: Bits, channels: usize) -> Vec<u8> {
        let frames: Vec<&[i16]> = samples.chunks_exact(channels).collect();
        let windows: Vec<&[&[i16]]> = frames.chunks(spp).collect();
        let int = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
        let mut dat = Vec::new();
        dat.extend(int(if channels == 1 { 1 } else { 2 }));
        dat.extend(int(usize::from(bits == Bits::Eight)));
        dat.extend(int(16_000));
        dat.extend(int(spp));
        dat.extend(int(windows.len()));
        if channels != 1 {
            dat.extend(int(channels));
        }
        for window in windows {
            for channel in 0..channels {
                let column = || window.iter().map(|frame| f64::from(frame[channel]));
                for value in [column().fold(f64::MAX, f64::min), column().fold(f64::MIN, f64::max)]
                {
                    #[expect(clippy::cast_possible_truncation, reason = "whole numbers of 16 bits")]
                    match bits {
                        Bits::Eight => dat.extend(((value / 256.0).trunc() as i8).to_le_bytes()),
                        Bits::Sixteen => dat.extend((value as i16).to_le_bytes()),
                    }
                }
            }
        }
        dat
    }

    fn dat(peaks: &Peaks) -> Vec<u8> {
        let mut dat = Vec::new();
        peaks.write_dat(&mut dat).expect("memory");
        dat
    }

    proptest! {
        #[test]
        fn every_level_is_what_the_definition_says(
            samples in prop::collection::vec(any::<i16>(), 0..3_000),
            spp in 2_u32..100,
            factors in prop::collection::vec(2_u32..6, 0..4),
            channels in 1_u16..4,
            eight: bool,
            block in 1_usize..500,
        ) {
            let bits = if eight { Bits::Eight } else { Bits::Sixteen };
            let whole = &samples[..samples.len() / usize::from(channels) * usize::from(channels)];
            let mut builder = PeaksBuilder::new(spp, bits, channels);
            for factor in &factors {
                builder = builder.and_coarser(*factor);
            }
            for part in whole.chunks(block) {
                builder.push(part);
            }
            let levels = builder.finish_all();
            prop_assert_eq!(levels.len(), 1 + factors.len());
            let mut each = spp;
            for (level, factor) in levels.iter().zip(factors.iter().chain([&1])) {
                prop_assert_eq!(level.samples_per_pixel(), each);
                prop_assert_eq!(dat(level), slowly(whole, each as usize, bits, usize::from(channels)));
                each *= factor;
            }
        }

        #[test]
        fn the_text_says_the_same(samples in prop::collection::vec(any::<i16>(), 0..600), stereo: bool) {
            let channels = if stereo { 2 } else { 1 };
            let mut builder = PeaksBuilder::new(16, Bits::Eight, channels);
            builder.push(&samples[..samples.len() / 2 * 2]);
            let peaks = builder.finish();
            let mut json = Vec::new();
            peaks.write_json(&mut json)?;
            let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
            let values: Vec<i16> = peaks.values().collect();
            prop_assert_eq!(&json["data"], &serde_json::json!(values));
            let length = json["length"].as_u64().unwrap_or(0);
            prop_assert_eq!(length * u64::from(channels) * 2, values.len() as u64);
            prop_assert_eq!(&json["version"], &serde_json::json!(2));
        }
    }

    #[test]
    fn the_bytes_are_where_readers_look_for_them() {
        let mut builder = PeaksBuilder::new(256, Bits::Sixteen, 1);
        builder.push(&[-16_640; 200]);
        builder.push(&[16_128; 56]);
        builder.push(&[-1, 2]);
        let expected = [
            1, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3e, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0x00, 0xbf, 0x00,
            0x3f, 0xff, 0xff, 0x02, 0x00,
        ];
        assert_eq!(dat(&builder.finish()), expected);

        // Three pixels of −65…63, −66…64 and −40…41 at one byte each, and the same with a second channel.
        let mut builder = PeaksBuilder::new(256, Bits::Eight, 1);
        for (low, high) in [(-65, 63), (-66, 64), (-40, 41)] {
            builder.push(&[low * 256; 100]);
            builder.push(&[high * 256; 156]);
        }
        let expected = [
            1, 0, 0, 0, 1, 0, 0, 0, 0x80, 0x3e, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 0xbf, 0x3f, 0xbe,
            0x40, 0xd8, 0x29,
        ];
        assert_eq!(dat(&builder.finish()), expected);

        let mut builder = PeaksBuilder::new(512, Bits::Eight, 2).sample_rate(48_000);
        for (low, high) in [((-65, -66), (63, 64)), ((-40, -39), (41, 45)), ((-55, -55), (43, 44))]
        {
            for _ in 0..256 {
                builder.push(&[low.0 * 256, low.1 * 256]);
                builder.push(&[high.0 * 256, high.1 * 256]);
            }
        }
        let expected = [
            2, 0, 0, 0, 1, 0, 0, 0, 0x80, 0xbb, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0xbf,
            0x3f, 0xbe, 0x40, 0xd8, 0x29, 0xd9, 0x2d, 0xc9, 0x2b, 0xc9, 0x2c,
        ];
        assert_eq!(dat(&builder.finish()), expected);
    }

    #[test]
    fn eight_bits_are_cut_towards_zero() {
        let mut builder = PeaksBuilder::new(2, Bits::Eight, 1);
        builder.push(&[-255, 255, -257, 511, i16::MIN, i16::MAX]);
        assert_eq!(builder.finish().values().collect::<Vec<_>>(), [0, 0, -1, 1, -128, 127]);
    }

    #[test]
    fn a_mix_is_the_mean_towards_zero() {
        let mut builder = PeaksBuilder::new(2, Bits::Sixteen, 1);
        builder.push_mixed(&[3, 4, -3, -4, i16::MIN, i16::MIN], 2);
        let peaks = builder.finish();
        assert_eq!(peaks.values().collect::<Vec<_>>(), [-3, 3, i16::MIN, i16::MIN]);
    }
}
