//! Cuts a stream of sound into windows that the model can hear at once.

use std::io;

use crate::{
    RATE,
    sound::{Loudness, STEP},
};

/// What the model hears at once: 30 seconds.
const LONGEST: usize = 30 * RATE as usize;
/// A window is cut somewhere in its last ten seconds.
const EARLIEST_CUT: usize = 20 * RATE as usize;
/// Sound before the first word that is kept, so that its onset is not lost: 200 ms.
const LEAD: usize = RATE as usize / 5;

/// The caller's sound: appends at most that many samples, returns how many; none at the end.
pub(crate) type Source<'a> = &'a mut dyn FnMut(&mut Vec<f32>, usize) -> io::Result<usize>;

/// Sound that is being cut. Holds at most one window.
pub(crate) struct Windows<'a> {
    source: Source<'a>,
    buffer: Vec<f32>,
    /// Samples that lie before the buffer.
    before: u64,
    ended: bool,
}

/// One window. [`Windows::consume`] says how much of it is done with.
pub(crate) struct Window {
    /// Samples of the recording that lie before it.
    pub(crate) start: u64,
    /// How many samples belong to it, from the buffer's start.
    pub(crate) length: usize,
}

impl<'a> Windows<'a> {
    pub(crate) fn new(source: Source<'a>) -> Self {
        Self { source, buffer: Vec::with_capacity(LONGEST), before: 0, ended: false }
    }

    /// Samples of the recording that have been taken from the source.
    pub(crate) fn taken(&self) -> u64 {
        self.before + self.buffer.len() as u64
    }

    /// Samples that are done with.
    pub(crate) const fn done(&self) -> u64 {
        self.before
    }

    /// The next window that holds any sound; silence is passed over.
    pub(crate) fn next(&mut self) -> io::Result<Option<Window>> {
        loop {
            self.fill()?;
            if self.buffer.is_empty() {
                return Ok(None);
            }
            match Loudness::of(&self.buffer).first_sound() {
                // The end of silence may be the onset of a word, unless nothing comes after it.
                None => {
                    let keep = if self.ended { 0 } else { LEAD };
                    self.consume(self.buffer.len().saturating_sub(keep).max(1));
                }
                Some(step) if step * STEP > LEAD => self.consume(step * STEP - LEAD),
                Some(_) => break,
            }
        }
        Ok(Some(Window { start: self.before, length: self.cut() }))
    }

    /// The samples of a window.
    pub(crate) fn samples(&self, window: &Window) -> &[f32] {
        &self.buffer[..window.length]
    }

    /// Forgets the first samples of the buffer.
    pub(crate) fn consume(&mut self, samples: usize) {
        let samples = samples.min(self.buffer.len());
        self.buffer.drain(..samples);
        self.before += samples as u64;
    }

    fn fill(&mut self) -> io::Result<()> {
        while !self.ended && self.buffer.len() < LONGEST {
            let had = self.buffer.len();
            (self.source)(&mut self.buffer, LONGEST - had)?;
            // What counts is what came, not what was said to have come.
            self.ended = self.buffer.len() <= had;
            for sample in self.buffer.iter_mut().skip(had) {
                // A decoder's overflow: one such number would spoil the whole window.
                if !sample.is_finite() {
                    *sample = 0.0;
                }
            }
        }
        Ok(())
    }

    fn cut(&self) -> usize {
        if self.buffer.len() < LONGEST {
            return self.buffer.len();
        }
        let loudness = Loudness::of(&self.buffer[..LONGEST]);
        loudness.quietest(EARLIEST_CUT / STEP, loudness.len()) * STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(height: f32) -> Vec<f32> {
        (0..RATE).map(|i| if i % 20 < 10 { height } else { -height }).collect()
    }

    /// Cuts `sound`, which arrives in odd pieces, and returns each window's start and length in milliseconds.
    fn windows(sound: &[f32]) -> Vec<(u64, usize)> {
        let mut at = 0;
        let mut source = |out: &mut Vec<f32>, wanted: usize| {
            let take = wanted.min(7_001).min(sound.len() - at);
            out.extend_from_slice(&sound[at..at + take]);
            at += take;
            Ok(take)
        };
        let mut windows = Windows::new(&mut source);
        let mut all = Vec::new();
        while let Some(window) = windows.next().unwrap() {
            assert!(windows.samples(&window).len() <= LONGEST);
            all.push((window.start / 16, window.length / 16));
            windows.consume(window.length);
        }
        assert_eq!(windows.taken(), sound.len() as u64);
        assert_eq!(windows.done(), sound.len() as u64);
        all
    }

    #[test]
    fn a_short_sound_is_one_window() {
        assert_eq!(windows(&second(0.1)), [(0, 1_000)]);
    }

    #[test]
    fn a_long_sound_is_cut_in_its_pauses_and_nothing_is_lost() {
        // 24 s of sound, 1 s of pause, 24 s of sound, …
        let mut sound = Vec::new();
        for _ in 0..3 {
            (0..24).for_each(|_| sound.extend(second(0.1)));
            sound.extend(second(0.001));
        }
        let cuts = windows(&sound);
        assert_eq!(cuts.len(), 3, "{cuts:?}");
        let mut end = 0;
        for (start, length) in &cuts {
            assert_eq!(*start, end, "{cuts:?}");
            end = start + *length as u64;
        }
        assert_eq!(end, 75_000);
        for (pause, (start, _)) in [24_000, 49_000].iter().zip(&cuts[1..]) {
            assert!((pause + 300..pause + 700).contains(start), "{cuts:?}");
        }
    }

    #[test]
    fn silence_is_passed_over() {
        let mut sound = vec![0.0; 70 * RATE as usize];
        assert_eq!(windows(&sound), []);
        sound.extend(second(0.1));
        sound.extend(vec![0.0; 40 * RATE as usize]);
        let all = windows(&sound);
        assert_eq!(all.len(), 1, "{all:?}");
        let (start, _) = all[0];
        assert!((69_600..70_000).contains(&start), "{all:?}");
    }

    #[test]
    fn numbers_that_are_not_numbers_are_silence() {
        let mut sound = second(0.1);
        sound[5] = f32::NAN;
        sound[6] = f32::INFINITY;
        assert_eq!(windows(&sound), [(0, 1_000)]);
    }

    #[test]
    fn a_source_that_breaks_is_an_error() {
        let mut source = |_: &mut Vec<f32>, _: usize| Err(io::Error::other("gone"));
        assert!(Windows::new(&mut source).next().is_err());
    }
}
