//! From one sample rate to another, a block at a time.

use std::io;

use rubato::{
    Fft, FixedSync, Resampler as _, WindowFunction, audioadapter_buffers::direct::InterleavedSlice,
};

/// Turns interleaved sound at one rate into the same sound at another.
///
/// The filter's delay is taken off, and the number of frames is exact: `round(frames × out ÷ in)` when finished.
pub(crate) struct Resampler {
    filter: Option<Filter>,
    channels: usize,
    rates: (u32, u32),
    frames_in: u64,
    frames_out: u64,
}

struct Filter {
    fft: Fft<f32>,
    pending: Vec<f32>,
    output: Vec<f32>,
    /// Frames of delay still to be dropped.
    delay: usize,
}

/// Frames the filter takes at once, at the least: a twelfth of a second at 48 kHz, and a transition band of a few dozen
/// hertz.
const CHUNK: usize = 4_096;

/// How many frames the filter takes at once: [`CHUNK`] or more, made of whole groups whose number is a power of two. So
/// * an even number comes out, because the filter's delay is half of that, and half a frame could not be taken off
///   again;
/// * no factor is added to those of the rates, over which the transform would be slow.
fn chunk(rate_in: u32, rate_out: u32) -> usize {
    let (mut common, mut rest) = (rate_in, rate_out);
    while rest > 0 {
        (common, rest) = (rest, common % rest);
    }
    let group = (rate_in / common.max(1)).max(1) as usize;
    group * CHUNK.div_ceil(group).next_power_of_two().max(2)
}

impl Resampler {
    pub(crate) fn new(rate_in: u32, rate_out: u32, channels: usize) -> io::Result<Self> {
        let filter = if rate_in == rate_out {
            None
        } else {
            let fft = Fft::new_custom(
                rate_in as usize,
                rate_out as usize,
                chunk(rate_in, rate_out),
                1,
                channels,
                WindowFunction::BlackmanHarris2,
                FixedSync::Both,
            )
            .map_err(io::Error::other)?;
            let output = vec![0.0; fft.output_frames_max() * channels];
            Some(Filter { delay: fft.output_delay(), pending: Vec::new(), output, fft })
        };
        Ok(Self { filter, channels, rates: (rate_in, rate_out), frames_in: 0, frames_out: 0 })
    }

    /// Takes what `write` adds to the samples that wait for the filter, and adds what is ready to `out`.
    pub(crate) fn push(
        &mut self,
        out: &mut Vec<f32>,
        write: impl FnOnce(&mut Vec<f32>),
    ) -> io::Result<()> {
        let waiting = self.filter.as_mut().map_or(&mut *out, |filter| &mut filter.pending);
        let before = waiting.len();
        write(waiting);
        self.frames_in += ((waiting.len() - before) / self.channels) as u64;
        let Some(filter) = &mut self.filter else {
            self.frames_out = self.frames_in;
            return Ok(());
        };
        let need = filter.fft.input_frames_next() * self.channels;
        let mut taken = 0;
        while filter.pending.len() - taken >= need {
            let n = filter.run(taken, self.channels, out)?;
            self.frames_out += n;
            taken += need;
        }
        filter.pending.drain(..taken);
        Ok(())
    }

    /// Adds the rest to `out`.
    pub(crate) fn finish(&mut self, out: &mut Vec<f32>) -> io::Result<()> {
        let (rate_in, rate_out) = (u128::from(self.rates.0), u128::from(self.rates.1));
        let exact = (u128::from(self.frames_in) * rate_out * 2 + rate_in) / (2 * rate_in);
        let exact = u64::try_from(exact).map_err(io::Error::other)?;
        let Some(filter) = &mut self.filter else { return Ok(()) };
        let need = filter.fft.input_frames_next() * self.channels;
        while self.frames_out < exact {
            // Silence after the end pushes the last sound through the filter.
            filter.pending.resize(need, 0.0);
            let n = filter.run(0, self.channels, out)?;
            self.frames_out += n;
            filter.pending.clear();
        }
        let surplus = usize::try_from(self.frames_out - exact).map_err(io::Error::other)?;
        out.truncate(out.len().saturating_sub(surplus * self.channels));
        self.frames_out = exact;
        Ok(())
    }
}

impl Filter {
    /// Puts one chunk, from `at`, through; gives how many frames came out after the delay.
    fn run(&mut self, at: usize, channels: usize, out: &mut Vec<f32>) -> io::Result<u64> {
        let chunk = &self.pending[at..];
        let input = InterleavedSlice::new(chunk, channels, chunk.len() / channels)
            .map_err(io::Error::other)?;
        let capacity = self.output.len() / channels;
        let mut output = InterleavedSlice::new_mut(&mut self.output, channels, capacity)
            .map_err(io::Error::other)?;
        let (_, n) =
            self.fft.process_into_buffer(&input, &mut output, None).map_err(io::Error::other)?;
        let dropped = self.delay.min(n);
        self.delay -= dropped;
        out.extend_from_slice(&self.output[dropped * channels..n * channels]);
        Ok((n - dropped) as u64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resample(input: &[f32], rates: (u32, u32), channels: usize, block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rates.0, rates.1, channels).expect("a usable rate");
        let mut out = Vec::new();
        for part in input.chunks(block * channels) {
            resampler.push(&mut out, |waiting| waiting.extend_from_slice(part)).expect("resamples");
        }
        resampler.finish(&mut out).expect("resamples");
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_number_of_frames_is_exact(
            frames in 0_usize..30_000,
            rate in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]),
            channels in 1_usize..3,
            block in 1_usize..5_000,
        ) {
            let out = resample(&vec![0.25; frames * channels], (rate, 16_000), channels, block);
            let exact = (frames * 16_000 * 2 + rate as usize) / (2 * rate as usize);
            prop_assert_eq!(out.len(), exact * channels);
        }
    }

    #[test]
    fn the_filter_takes_what_it_can_work_on_fast() {
        for (rate, frames) in [(8_000, 4_096), (44_100, 7_056), (48_000, 6_144), (96_000, 6_144)] {
            assert_eq!(chunk(rate, 16_000), frames, "{rate} Hz");
        }
        for rate in 8_000..12_000 {
            let frames = chunk(rate, 16_000);
            assert_eq!(frames * 16_000 % rate as usize, 0, "{rate} Hz: whole groups");
            assert_eq!(frames * 16_000 / rate as usize % 2, 0, "{rate} Hz: an even number");
        }
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "a sine fits")]
    fn a_tone_keeps_its_place_and_its_size() {
        for rate in [8_000_u32, 11_025, 44_100, 48_000] {
            let tone = |i: u16, rate: u32| {
                let turns = f64::from(i) * 440.0 / f64::from(rate);
                (turns * std::f64::consts::TAU).sin() as f32 * 0.5
            };
            let input: Vec<f32> =
                (0..u16::try_from(rate).expect("small")).map(|i| tone(i, rate)).collect();
            let out = resample(&input, (rate, 16_000), 1, 1_000);
            assert_eq!(out.len(), 16_000);
            // Away from the two ends, where the tone begins from nothing.
            let worst = (1_000_u16..15_000)
                .map(|i| (out[usize::from(i)] - tone(i, 16_000)).abs())
                .fold(0.0_f32, f32::max);
            assert!(worst < 0.005, "{rate}: off by {worst}");
        }
    }
}
