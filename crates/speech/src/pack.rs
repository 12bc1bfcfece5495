//! Packs speech into windows that the model hears at once.
//!
//! Only speech is packed, with a little of the silence around it; windows are cut in pauses, in the longest one near
//! their end. Whatever was left out, a position in a window is a position on the recording's clock.

use std::{collections::VecDeque, io};

use hearback_domain::{Ms, Span};

use crate::{
    RATE,
    vad::{Sign, Vad, Voice},
};

/// The caller's sound: appends at most that many samples, returns how many; none at the end.
pub(crate) type Source<'a> = &'a mut dyn FnMut(&mut Vec<f32>, usize) -> io::Result<usize>;

/// Samples of one millisecond.
const MS: u64 = RATE as u64 / 1_000;
/// What is taken from the source at once: one second.
const TAKE: usize = RATE as usize;
/// The silence that speech keeps on either side.
const PAD_MS: u64 = 200;
/// A window is not longer.
const LONGEST_MS: u64 = 15_000;
/// A window is cut in the longest pause after so much of it.
const EARLIEST_CUT_MS: u64 = 8_000;
/// Whoever spoke waits no longer than that for somebody to go on.
const PATIENCE_MS: u64 = 20_000;

/// What comes next in the recording.
pub(crate) enum Next {
    /// Something to hear.
    Window(Window),
    /// Nobody has spoken before this since the last window; a new run may begin here.
    Silence(Ms),
}

/// Speech that is heard at once.
pub(crate) struct Window {
    /// The sound, without what was left out.
    pub(crate) samples: Vec<f32>,
    /// Its pieces, in order, on the recording's clock.
    pieces: Vec<Span>,
    /// When somebody speaks in it, on the recording's clock.
    pub(crate) voice: Vec<Span>,
    /// The stretch of the recording that it stands for: windows follow each other without a gap.
    pub(crate) heard: Span,
    /// A new run may begin there, and hears the same from there on. None at the recording's end.
    pub(crate) done: Option<Ms>,
}

impl Window {
    /// A stretch of the window (milliseconds) on the recording's clock. What lies over a seam is given to the side that
    /// has more of it; what lies after everything, to the end.
    pub(crate) fn on_the_clock(&self, start: u64, end: u64) -> (u64, u64) {
        let mut at = 0;
        let last = self.pieces.last().map_or(self.heard.end(), |piece| piece.end()).get();
        let mut best = (last, last, 0);
        for piece in &self.pieces {
            let (from, length) = (piece.start().get(), piece.len().get());
            let inside = (start.clamp(at, at + length), end.clamp(at, at + length));
            let shared = inside.1 - inside.0 + 1;
            let touches = start <= at + length && end >= at;
            if touches && shared > best.2 {
                best = (from + inside.0 - at, from + inside.1 - at, shared);
            }
            at += length;
        }
        (best.0, best.1)
    }

    /// A moment on the recording's clock in the window's own milliseconds; the next piece's start if it was left out.
    pub(crate) fn inside(&self, ms: u64) -> u64 {
        let mut at = 0;
        for piece in &self.pieces {
            if ms < piece.end().get() {
                return at + ms.saturating_sub(piece.start().get());
            }
            at += piece.len().get();
        }
        at
    }
}

/// Sound that is being packed. Holds at most a window and what was looked at beyond it.
pub(crate) struct Packer<'a> {
    source: Source<'a>,
    vad: Vad,
    buffer: Vec<f32>,
    /// Samples of the source that lie before the buffer.
    before: u64,
    ended: bool,
    /// Where the source begins on the recording's clock.
    from: Ms,
    /// What was noticed and is not packed yet; on the source's own clock, like everything below.
    signs: VecDeque<Sign>,
    /// Everything before it is packed or left out.
    packed: Ms,
}

impl<'a> Packer<'a> {
    /// `from` is where the source begins on the recording's clock.
    pub(crate) fn new(source: Source<'a>, voice: &Voice, from: Ms) -> Self {
        Self {
            source,
            vad: Vad::new(voice),
            buffer: Vec::new(),
            before: 0,
            ended: false,
            from,
            signs: VecDeque::new(),
            packed: Ms::ZERO,
        }
    }

    /// Where the sound that was taken so far ends on the recording's clock.
    pub(crate) fn taken(&self) -> Ms {
        self.from.plus(Ms::of_frames(self.before + self.buffer.len() as u64, RATE))
    }

    /// Whether the source has ended and everything of it is packed.
    pub(crate) fn is_over(&self) -> bool {
        self.ended && self.voices().next().is_none()
    }

    /// The next window, or news of a long silence. Nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Next>> {
        loop {
            if let Some(count) = self.ready() {
                return Ok(Some(Next::Window(self.pack(count))));
            }
            if self.ended {
                return Ok(None);
            }
            self.take()?;
            let silent = self.voices().next().is_none();
            if let (true, Some(Sign::Fresh(at))) = (silent, self.signs.back().copied()) {
                self.signs.clear();
                self.packed = at;
                self.forget(at);
                return Ok(Some(Next::Silence(self.from.plus(at))));
            }
        }
    }

    fn take(&mut self) -> io::Result<()> {
        let had = self.buffer.len();
        (self.source)(&mut self.buffer, TAKE)?;
        // What counts is what came, not what was said to have come.
        let new = self.buffer.get_mut(had..).unwrap_or_default();
        for sample in &mut *new {
            // A decoder's overflow: one such number would spoil a whole window.
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        self.ended = new.is_empty();
        let signs = if self.ended { self.vad.end() } else { self.vad.listen(new) };
        self.signs.extend(signs);
        Ok(())
    }

    fn voices(&self) -> impl Iterator<Item = Span> + '_ {
        self.signs.iter().filter_map(|sign| match sign {
            Sign::Voice(span) => Some(*span),
            Sign::Fresh(_) => None,
        })
    }

    /// How many voices make the next window, if that can be said yet.
    fn ready(&self) -> Option<usize> {
        let voices: Vec<Span> = self.voices().collect();
        let last = voices.last()?;
        let mut length = 0;
        let mut cut = (0, 0);
        for (index, voice) in voices.iter().enumerate() {
            let gap_before = index
                .checked_sub(1)
                .map_or(2 * PAD_MS, |before| voice.start().since(voices[before].end()).get());
            let more = voice.len().get() + gap_before.min(2 * PAD_MS);
            if index > 0 && length + more > LONGEST_MS {
                // Too long: cut in the longest of the pauses that were passed since it was long enough.
                return Some(if cut.0 > 0 { cut.0 } else { index });
            }
            length += more;
            let gap_after =
                voices.get(index + 1).map(|after| after.start().since(voice.end()).get());
            if let Some(gap) = gap_after {
                if gap >= PATIENCE_MS {
                    return Some(index + 1);
                }
                if length >= EARLIEST_CUT_MS && gap.min(2_000) >= cut.1 {
                    cut = (index + 1, gap.min(2_000));
                }
            }
        }
        let waited = self.vad.settled().since(last.end()).get() >= PATIENCE_MS;
        (self.ended || waited).then_some(voices.len())
    }

    /// Makes a window of the first voices.
    fn pack(&mut self, count: usize) -> Window {
        let mut voice = Vec::with_capacity(count);
        let mut pieces: Vec<(Ms, Ms)> = Vec::new();
        let mut done = None;
        let mut floor = self.packed;
        while let Some(sign) = self.signs.front().copied() {
            match sign {
                Sign::Fresh(at) => {
                    // What a run from here would not know is left out here as well.
                    floor = floor.max(at);
                    if voice.len() == count {
                        done = Some(at);
                    }
                }
                Sign::Voice(_) if voice.len() == count => break,
                Sign::Voice(span) => {
                    let start = Ms::new(span.start().get().saturating_sub(PAD_MS)).max(floor);
                    let end = self.padded(span, self.signs.get(1).copied());
                    match pieces.last_mut() {
                        Some(last) if last.1 >= start => last.1 = end,
                        _ => pieces.push((start, end)),
                    }
                    floor = floor.max(end);
                    voice.push(span);
                }
            }
            self.signs.pop_front();
        }
        let end = pieces.last().map_or(floor, |last| last.1);
        let until = done.unwrap_or(end).max(end);
        let goes_on = done.is_none() && !self.signs.is_empty();
        if goes_on {
            // Nobody paused long enough: here the detector begins afresh because it is told to.
            done = Some(until);
        }
        let clock = |(start, end): (Ms, Ms)| {
            Span::at_least_a_millisecond(self.from.plus(start), self.from.plus(end))
        };
        let window = Window {
            samples: pieces.iter().flat_map(|piece| self.samples(*piece)).copied().collect(),
            voice: voice.iter().map(|span| clock((span.start(), span.end()))).collect(),
            heard: clock((self.packed, until)),
            done: done.map(|done| self.from.plus(done.max(end))),
            pieces: pieces.into_iter().map(clock).collect(),
        };
        self.packed = until;
        self.forget(until);
        if goes_on {
            self.vad.restart(until);
            self.signs = self.vad.listen(&self.buffer).into();
            if self.ended {
                self.signs.extend(self.vad.end());
            }
        }
        window
    }

    /// A voice's end with the silence that it keeps: as far as the middle of the pause, or to where the detector began
    /// afresh.
    fn padded(&self, span: Span, next: Option<Sign>) -> Ms {
        let end = span.end();
        let limit = match next {
            Some(Sign::Fresh(at)) => at,
            Some(Sign::Voice(next)) => {
                let middle = Ms::new(end.get().midpoint(next.start().get()));
                Vad::aligned(middle.min(end.plus(Ms::new(PAD_MS))))
            }
            None => Ms::of_frames(self.before + self.buffer.len() as u64, RATE),
        };
        end.plus(Ms::new(PAD_MS)).min(limit).max(end)
    }

    fn samples(&self, (start, end): (Ms, Ms)) -> &[f32] {
        let index = |at: Ms| {
            let index = (at.get() * MS).saturating_sub(self.before);
            usize::try_from(index).unwrap_or(usize::MAX).min(self.buffer.len())
        };
        &self.buffer[index(start)..index(end)]
    }

    /// Forgets the sound before a moment.
    fn forget(&mut self, until: Ms) {
        let samples = (until.get() * MS).saturating_sub(self.before);
        let samples = usize::try_from(samples).unwrap_or(usize::MAX).min(self.buffer.len());
        self.buffer.drain(..samples);
        self.before += samples as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::made_of as sound;

    /// Everything that is packed of a sound that arrives in pieces of an odd size.
    fn packed(sound: &[f32]) -> Vec<Window> {
        let mut rest = sound;
        let mut source = |out: &mut Vec<f32>, wanted: usize| {
            let (now, later) = rest.split_at(wanted.min(7_001).min(rest.len()));
            out.extend_from_slice(now);
            rest = later;
            Ok(now.len())
        };
        let mut packer = Packer::new(&mut source, &Voice::by_loudness(), Ms::ZERO);
        let mut windows = Vec::new();
        while let Some(next) = packer.next().unwrap() {
            // Twenty seconds of waiting and what belongs to a window.
            assert!(packer.buffer.len() < 60 * RATE as usize);
            if let Next::Window(window) = next {
                windows.push(window);
            }
        }
        assert_eq!(packer.taken(), Ms::of_frames(sound.len() as u64, RATE));
        windows
    }

    #[test]
    fn silence_is_left_out_and_positions_are_those_of_the_recording() {
        let sound = sound(&[(5_000, 0.0), (2_000, 0.1), (3_000, 0.0), (4_000, 0.1), (9_000, 0.0)]);
        let windows = packed(&sound);
        assert_eq!(windows.len(), 1);
        let window = &windows[0];
        assert!(window.samples.len() < 7_000 * 16, "{} samples", window.samples.len());
        // Where each sample came from is where it lies on the clock.
        for ms in (0..window.samples.len() as u64 / 16).step_by(97) {
            let (start, _) = window.on_the_clock(ms, ms + 1);
            let of = |samples: &[f32], ms: u64| samples[usize::try_from(ms).unwrap() * 16].abs();
            assert!((of(&window.samples, ms) - of(&sound, start)).abs() < 1e-6, "{ms} ms");
        }
        // What lies over the seam belongs to one side.
        let seam = window.inside(9_000);
        let (start, end) = window.on_the_clock(seam - 300, seam + 200);
        assert!(start >= 5_000 && end <= 7_250, "{start} to {end}");
        let length = window.samples.len() as u64 / 16;
        let last = window.pieces[1].end().get();
        assert_eq!(window.on_the_clock(length + 40, length + 90), (last, last));
        let silence = packed(&vec![0.0; 70 * RATE as usize]);
        assert!(silence.is_empty());
    }

    #[test]
    fn windows_are_short_enough_and_leave_out_no_voice() {
        let mut parts = Vec::new();
        for index in 0..30 {
            parts.extend([(900 + index * 397 % 7_000, 0.1), (200 + index * 811 % 2_500, 0.0)]);
        }
        let windows = packed(&sound(&parts));
        let mut after = 0;
        for window in &windows {
            assert!(window.samples.len() as u64 / 16 <= LONGEST_MS, "{}", window.samples.len());
            assert!(window.heard.start().get() >= after);
            after = window.heard.end().get();
            for voice in &window.voice {
                let inside =
                    |piece: &Span| piece.start() <= voice.start() && voice.end() <= piece.end();
                assert!(window.pieces.iter().any(inside), "{voice:?} in {:?}", window.pieces);
            }
        }
        let spoken: u64 = windows.iter().flat_map(|w| &w.voice).map(|v| v.len().get()).sum();
        let said: usize = parts.iter().step_by(2).map(|(ms, _)| ms).sum();
        assert!(spoken >= said as u64, "{spoken} of {said} ms");
    }

    #[test]
    fn a_source_that_breaks_is_an_error() {
        let mut source = |_: &mut Vec<f32>, _: usize| Err(io::Error::other("gone"));
        let mut packer = Packer::new(&mut source, &Voice::by_loudness(), Ms::ZERO);
        assert!(packer.next().is_err());
    }
}
