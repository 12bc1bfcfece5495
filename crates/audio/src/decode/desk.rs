//! The half of decoding that has no codecs in it: mixes, resamples, cuts into blocks, and listens along.

use std::io;

use hearback_domain::Ms;

use super::{
    Block,
    mix::{Mixer, mean},
    pair::{Steps, Sums},
    quality::Quality,
    stereo::Sides,
};
use crate::{
    Progress, Shape, lanes::loudest, limits::MAX_CHANNELS, report::Stereo, resample::Resampler,
};

/// Four times full scale is louder than any decoder overshoots; a float file may hold anything.
const MOST: f32 = 4.0;

/// Where decoded sound becomes what is handed out.
pub(super) struct Desk {
    shape: Shape,
    /// How long the file says that it is.
    of: Option<Ms>,
    /// Known with the first sound.
    line: Option<Line>,
    /// Steps of 20 ms that were not handed out yet.
    steps: Vec<i8>,
    ready: Vec<f32>,
    frames: u64,
    /// The loudest sample that was handed out.
    peak: f32,
    quality: Quality,
}

/// What depends on the form of the sound.
struct Line {
    /// Rate and channels that come in.
    form: (u32, usize),
    rate_out: u32,
    channels_out: usize,
    resampler: Resampler,
    mixer: Option<Mixer>,
    /// For sound of two channels.
    pair: Option<(Sides, Steps)>,
}

impl Desk {
    pub(super) fn new(shape: Shape, of: Option<Ms>) -> Self {
        Self {
            shape,
            of,
            line: None,
            steps: Vec::new(),
            ready: Vec::new(),
            frames: 0,
            peak: 0.0,
            quality: Quality::default(),
        }
    }

    /// Frames that were handed out.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// The rate of what is handed out, in hertz; zero before the first sound.
    pub(super) fn rate_hz(&self) -> u32 {
        self.line.as_ref().map_or(0, |line| line.rate_out)
    }

    /// The channels of what is handed out; none before the first sound.
    pub(super) fn channels(&self) -> u16 {
        let channels = self.line.as_ref().map_or(0, |line| line.channels_out);
        u16::try_from(channels).unwrap_or(u16::MAX)
    }

    /// The loudest sample that was handed out.
    pub(super) fn peak(&self) -> f32 {
        self.peak
    }

    /// What two channels are to each other.
    pub(super) fn stereo(&self) -> Option<Stereo> {
        self.line.as_ref()?.pair.as_ref()?.0.verdict()
    }

    pub(super) fn quality(&self) -> &Quality {
        &self.quality
    }

    /// Takes sound of so many channels at such a rate.
    pub(super) fn push(
        &mut self,
        sound: &mut [f32],
        form: (u32, usize),
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.follow(form, sink)?;
        let Some(line) = &mut self.line else { return Ok(()) };
        line.push(sound, &mut self.quality, &mut self.ready)?;
        if let Some((_, steps)) = &mut line.pair {
            self.steps.append(&mut steps.ready());
        }
        self.drain(false, sink)
    }

    /// Brings out the rest.
    pub(super) fn finish(
        &mut self,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(line) = &mut self.line {
            line.resampler.finish(&mut self.ready)?;
            if let Some((_, steps)) = &mut line.pair {
                steps.end();
                self.steps.append(&mut steps.ready());
            }
        }
        self.drain(true, sink)
    }

    /// A file may change its rate or channels on the way (recordings that were strung together). What comes out keeps
    /// the form it began with.
    fn follow(
        &mut self,
        form: (u32, usize),
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let line = match &mut self.line {
            Some(line) => line,
            none => none.insert(Line::new(self.shape, form)?),
        };
        let before = std::mem::replace(&mut line.form, form);
        if form.0 == before.0 {
            return Ok(());
        }
        line.resampler.finish(&mut self.ready)?;
        line.resampler = Resampler::new(form.0, line.rate_out, line.channels_out)?;
        line.mixer = self.shape.mono.then(|| Mixer::new(form.0));
        if let Some((sides, steps)) = &mut line.pair {
            sides.follow(form.0);
            steps.follow(form.0);
        }
        self.drain(false, sink)
    }

    /// Hands out whole seconds, and at the end the rest.
    fn drain(
        &mut self,
        all: bool,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(line) = &self.line else { return Ok(()) };
        let (rate, channels) = (line.rate_out, line.channels_out);
        let block = rate as usize * channels;
        let whole = if all { self.ready.len() } else { self.ready.len() / block * block };
        for samples in self.ready[..whole].chunks(block) {
            self.frames += (samples.len() / channels) as u64;
            self.peak = self.peak.max(loudest(samples));
            let done = Ms::of_frames(self.frames, rate);
            let progress = Progress { done, of: self.of };
            sink(Block { samples, progress, sides: &self.steps })?;
            self.steps.clear();
        }
        self.ready.drain(..whole);
        Ok(())
    }
}

impl Line {
    fn new(shape: Shape, form: (u32, usize)) -> io::Result<Self> {
        let rate_out = shape.rate_hz.unwrap_or(form.0);
        let channels_out = if shape.mono { 1 } else { form.1 };
        Ok(Self {
            form,
            rate_out,
            channels_out,
            resampler: Resampler::new(form.0, rate_out, channels_out)?,
            mixer: shape.mono.then(|| Mixer::new(form.0)),
            pair: (form.1 == 2).then(|| (Sides::new(form.0), Steps::new(form.0))),
        })
    }

    fn push(
        &mut self,
        sound: &mut [f32],
        quality: &mut Quality,
        ready: &mut Vec<f32>,
    ) -> io::Result<()> {
        let channels = self.form.1.clamp(1, MAX_CHANNELS);
        if let (Some(_), 2) = (&self.pair, channels) {
            return self.push_pair(sound, quality, ready);
        }
        if let Some((_, steps)) = &mut self.pair {
            // One of several recordings in a file, with other channels: nobody's, and the clock goes on.
            let mut rest = sound.len() / channels;
            while rest > 0 {
                let here = rest.min(steps.missing());
                steps.take(&Sums::default(), here);
                rest -= here;
            }
        }
        if !quality.listen(sound, channels, MOST) {
            for sample in sound.iter_mut() {
                *sample = tame(*sample);
            }
            quality.listen(sound, channels, MOST);
        }
        let (mixer, channels_out) = (&mut self.mixer, self.channels_out);
        self.resampler.push(ready, |waiting| match mixer {
            Some(_) if channels == 1 => waiting.extend_from_slice(sound),
            // Two channels behind a recording of another number.
            Some(mixer) if channels == 2 => {
                let frames = sound.as_chunks::<2>().0;
                mixer.push_pair(frames, &Sums::of(frames), waiting);
            }
            Some(_) => mean(sound, channels, waiting),
            None if channels == channels_out => waiting.extend_from_slice(sound),
            None => spread(sound, channels, channels_out, waiting),
        })
    }

    /// Of two channels everything is learnt while the samples are near: a step of 20 ms at a time.
    fn push_pair(
        &mut self,
        sound: &mut [f32],
        quality: &mut Quality,
        ready: &mut Vec<f32>,
    ) -> io::Result<()> {
        let Some((sides, steps)) = &mut self.pair else { return Ok(()) };
        let (mixer, channels_out) = (&mut self.mixer, self.channels_out);
        let mut rest = sound.as_chunks_mut::<2>().0;
        self.resampler.push(ready, |waiting| {
            while !rest.is_empty() {
                let here = rest.len().min(steps.missing());
                let (frames, behind) = std::mem::take(&mut rest).split_at_mut(here);
                rest = behind;
                let mut sums = Sums::of(frames);
                if !sums.sane(MOST) {
                    for sample in frames.as_flattened_mut() {
                        *sample = tame(*sample);
                    }
                    sums = Sums::of(frames);
                }
                steps.take(&sums, here);
                quality.listen_pair(frames, &sums);
                sides.listen(frames);
                match mixer {
                    Some(mixer) => mixer.push_pair(frames, &sums, waiting),
                    None if channels_out == 2 => {
                        waiting.extend_from_slice(frames.as_flattened());
                    }
                    None => spread(frames.as_flattened(), 2, channels_out, waiting),
                }
            }
        })
    }
}

/// Gives every frame so many channels: what is left over goes, and what is missing is the last.
fn spread(sound: &[f32], channels: usize, channels_out: usize, out: &mut Vec<f32>) {
    for frame in sound.chunks_exact(channels) {
        let missing = frame[channels - 1];
        out.extend((0..channels_out).map(|c| frame.get(c).copied().unwrap_or(missing)));
    }
}

fn tame(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-MOST, MOST) } else { 0.0 }
}
