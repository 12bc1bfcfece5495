//! Several clips as one sound, with something between them that tells them apart.
//!
//! Numbers are counted in tones, not spoken: a spoken "three" would need a synthesiser wherever Hearback runs.

use std::{
    f64::consts::{PI, TAU},
    io,
};

use hearback_domain::{Ms, Span};

use crate::{
    AudioError, ReadAt,
    clip::{self, Cut},
    ramp::round,
    wav::Form,
};

/// What tells clips apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// Nothing: one clip follows on the other.
    None,
    /// Silence of this length between two clips.
    Silence(Ms),
    /// A soft tone between two clips, with a breath before and after it.
    Tone,
    /// Before each clip its number: a long low tone for every ten, a short high one for every one.
    Count,
}

/// A sound that grows clip by clip.
///
/// In it each clip begins at a whole millisecond, so that whoever plays it can say which clip is heard. All recordings
/// have to have the form that it has.
pub struct Playlist<'a> {
    form: Form,
    separator: Separator,
    sink: &'a mut dyn FnMut(&[i16]) -> io::Result<()>,
    frames: u64,
    clips: Vec<Span>,
}

impl<'a> Playlist<'a> {
    /// An empty one. Its samples go to `sink`, in order, interleaved if there are several channels.
    pub fn new(
        form: Form,
        separator: Separator,
        sink: &'a mut dyn FnMut(&[i16]) -> io::Result<()>,
    ) -> Self {
        Self { form, separator, sink, frames: 0, clips: Vec::new() }
    }

    /// Adds a clip of `source`; says where in the playlist it is heard.
    ///
    /// If this fails, the playlist is spoilt: what was handed out so far may end in the middle of the clip.
    pub fn add(&mut self, source: &mut dyn ReadAt, cut: &Cut<'_>) -> Result<Span, AudioError> {
        if clip::form(source)? != self.form {
            let reason =
                "the clips of a playlist have to have one sample rate and as many channels";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason).into());
        }
        self.separate()?;
        let start = self.whole_millisecond()?;
        self.frames += clip::samples(source, cut, self.sink)?;
        let heard = Span::new(start, start.plus(cut.span.len()))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        self.clips.push(heard);
        Ok(heard)
    }

    /// Where each clip is heard, in order, and how long the whole is.
    pub fn finish(self) -> (Vec<Span>, Ms) {
        (self.clips, Ms::of_frames(self.frames, self.form.rate_hz))
    }

    fn separate(&mut self) -> io::Result<()> {
        let first = self.clips.is_empty();
        match self.separator {
            Separator::Silence(ms) if !first => self.silence(ms),
            Separator::Tone if !first => {
                self.silence(BREATH)?;
                self.pip(&CHIME)?;
                self.silence(BREATH)
            }
            Separator::Count => {
                if !first {
                    self.silence(BREATH)?;
                }
                self.count(self.clips.len() + 1)?;
                self.silence(BREATH)
            }
            Separator::None | Separator::Silence(_) | Separator::Tone => Ok(()),
        }
    }

    fn count(&mut self, number: usize) -> io::Result<()> {
        let tones =
            std::iter::repeat_n(&TEN, number / 10).chain(std::iter::repeat_n(&ONE, number % 10));
        for (nth, pip) in tones.enumerate() {
            if nth > 0 {
                self.silence(BETWEEN_PIPS)?;
            }
            self.pip(pip)?;
        }
        Ok(())
    }

    /// At rates of which a millisecond is no whole number of frames, fills up to the next one.
    fn whole_millisecond(&mut self) -> io::Result<Ms> {
        let rate = self.form.rate_hz;
        let here = Ms::of_frames(self.frames, rate);
        let start = if here.to_frames(rate) < self.frames { here.plus(Ms::new(1)) } else { here };
        self.push((self.frames..start.to_frames(rate)).map(|_| 0))?;
        Ok(start)
    }

    fn silence(&mut self, length: Ms) -> io::Result<()> {
        // A second at a time: how long a silence is wanted is not ours to say.
        let frames = length.to_frames(self.form.rate_hz);
        let mut left = frames;
        while left > 0 {
            let some = left.min(u64::from(self.form.rate_hz));
            self.push((0..some).map(|_| 0))?;
            left -= some;
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "less than a second")]
    fn pip(&mut self, pip: &Pip) -> io::Result<()> {
        let rate = f64::from(self.form.rate_hz);
        let frames = pip.length.to_frames(self.form.rate_hz);
        self.push((0..frames).map(|at| {
            let swell = (PI * at as f64 / frames as f64).sin().powi(2);
            round((TAU * pip.hz * at as f64 / rate).sin() * swell * PIP_HEIGHT * 32_768.0)
        }))
    }

    /// The same on every channel.
    fn push(&mut self, frames: impl Iterator<Item = i16>) -> io::Result<()> {
        let channels = usize::from(self.form.channels);
        let samples: Vec<i16> =
            frames.flat_map(|sample| std::iter::repeat_n(sample, channels)).collect();
        self.frames += (samples.len() / channels) as u64;
        if samples.is_empty() { Ok(()) } else { (self.sink)(&samples) }
    }
}

/// A tone that swells and dies away, so that it never clicks.
struct Pip {
    hz: f64,
    length: Ms,
}

/// Between two clips.
const CHIME: Pip = Pip { hz: 523.25, length: Ms::new(400) };
/// Counts one, and ten.
const ONE: Pip = Pip { hz: 659.25, length: Ms::new(160) };
const TEN: Pip = Pip { hz: 329.63, length: Ms::new(480) };
/// Silence between the tones of one number, and around what separates two clips.
const BETWEEN_PIPS: Ms = Ms::new(120);
const BREATH: Ms = Ms::new(500);
/// How high a tone swells (−24 dB): softer than speech.
const PIP_HEIGHT: f64 = 0.063;
