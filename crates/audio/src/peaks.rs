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

/// Counts samples into pairs, as they come.
///
/// Holds only what it gives in the end: two or four bytes per pixel and channel.
pub struct PeaksBuilder {
    peaks: Peaks,
    /// Lowest and highest of the window so far, for each channel.
    window: Vec<(i16, i16)>,
    /// Samples in the window, all channels together.
    filled: u64,
    mixed: Vec<i16>,
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
        Self { peaks, window: vec![EMPTY; usize::from(channels)], filled: 0, mixed: Vec::new() }
    }

    /// The sample rate of what is counted, in hertz, where it is not the working rate.
    #[must_use]
    pub fn sample_rate(mut self, rate_hz: u32) -> Self {
        self.peaks.rate_hz = rate_hz;
        self
    }

    /// Counts samples, interleaved if there are several channels. A frame may be cut in two between calls.
    pub fn push(&mut self, samples: &[i16]) {
        let channels = u64::from(self.peaks.channels);
        let full = u64::from(self.peaks.samples_per_pixel) * channels;
        for sample in samples {
            let channel = usize::try_from(self.filled % channels).unwrap_or(0);
            let (low, high) = &mut self.window[channel];
            *low = (*low).min(*sample);
            *high = (*high).max(*sample);
            self.filled += 1;
            if self.filled == full {
                self.end_window();
            }
        }
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

    /// The waveform. A last window that is not full counts like the others.
    pub fn finish(mut self) -> Peaks {
        if self.filled >= u64::from(self.peaks.channels) {
            self.end_window();
        }
        self.peaks
    }

    fn end_window(&mut self) {
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

    /// The definition, said slowly: for each window and channel the lowest and highest of the frames in it.
    fn slowly(samples: &[i16], spp: usize, bits: Bits, channels: usize) -> Vec<i16> {
        let frames: Vec<&[i16]> = samples.chunks_exact(channels).collect();
        let mut out = Vec::new();
        let mut start = 0;
        while start < frames.len() {
            let end = (start + spp).min(frames.len());
            for channel in 0..channels {
                let column = || frames[start..end].iter().map(|f| f[channel]);
                for value in
                    [column().min().expect("not empty"), column().max().expect("not empty")]
                {
                    out.push(match bits {
                        Bits::Eight => i16::try_from(i32::from(value) / 256).expect("in range"),
                        Bits::Sixteen => value,
                    });
                }
            }
            start = end;
        }
        out
    }

    proptest! {
        #[test]
        fn peaks_are_what_the_definition_says(
            samples in prop::collection::vec(any::<i16>(), 0..3_000),
            spp in 2_u32..300,
            channels in 1_u16..4,
            eight: bool,
            block in 1_usize..500,
        ) {
            let bits = if eight { Bits::Eight } else { Bits::Sixteen };
            let whole = &samples[..samples.len() / usize::from(channels) * usize::from(channels)];
            let mut builder = PeaksBuilder::new(spp, bits, channels);
            for part in whole.chunks(block) {
                builder.push(part);
            }
            let peaks = builder.finish();
            let expected = slowly(whole, spp as usize, bits, usize::from(channels));
            prop_assert_eq!(peaks.values().collect::<Vec<_>>(), expected.clone());
            let mut json = Vec::new();
            peaks.write_json(&mut json)?;
            let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
            prop_assert_eq!(&json["data"], &serde_json::json!(expected));
            prop_assert_eq!(
                json["length"].as_u64().unwrap_or(0) * u64::from(channels) * 2,
                expected.len() as u64
            );
        }
    }

    #[test]
    fn the_bytes_are_where_readers_look_for_them() {
        let mut builder = PeaksBuilder::new(256, Bits::Sixteen, 1);
        builder.push(&[-16_640; 200]);
        builder.push(&[16_128; 56]);
        builder.push(&[-1, 2]);
        let mut dat = Vec::new();
        builder.finish().write_dat(&mut dat).expect("memory");
        let expected = [
            1, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3e, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0x00, 0xbf, 0x00,
            0x3f, 0xff, 0xff, 0x02, 0x00,
        ];
        assert_eq!(dat, expected);

        let mut builder = PeaksBuilder::new(512, Bits::Eight, 2).sample_rate(48_000);
        builder.push(&[-16_640, 16_128]);
        let mut dat = Vec::new();
        builder.finish().write_dat(&mut dat).expect("memory");
        assert_eq!(&dat[..4], [2, 0, 0, 0]);
        assert_eq!(&dat[8..12], 48_000_u32.to_le_bytes());
        assert_eq!(&dat[20..24], [2, 0, 0, 0]);
        assert_eq!(&dat[24..], [0xbf, 0xbf, 63, 63]);
    }

    #[test]
    fn a_mix_is_the_mean_towards_zero() {
        let mut builder = PeaksBuilder::new(2, Bits::Sixteen, 1);
        builder.push_mixed(&[3, 4, -3, -4, i16::MIN, i16::MIN], 2);
        let peaks = builder.finish();
        assert_eq!(peaks.values().collect::<Vec<_>>(), [-3, 3, i16::MIN, i16::MIN]);
    }
}
