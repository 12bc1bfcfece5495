//! The decoder itself: any file in, 16 kHz mono out, a block at a time.
//!
//! **Only for inside the child** (and for fuzzing): what runs here may panic, hang or ask for all the memory there is.
//! Everyone else calls [`crate::sandbox::Runner`].

mod aac;
mod amr;
mod enter;
mod frames;
mod mix;
mod mpeg;
mod one_track;
mod open;
mod packets;
mod place;
mod quality;
mod stereo;
mod wave;

use std::io;

use hearback_domain::Ms;

pub(crate) use self::amr::{MARK as AMR_MARK, WIDE_MARK as AMR_WIDE_MARK};
use self::{mix::Mixer, open::Opened, packets::Packets, quality::Quality, stereo::Sides};
use crate::{AudioError, DecodeReport, Limit, Limits, Probe, Progress, ReadAt, Shape, Verdict};
use crate::{lanes::loudest, limits::MAX_CHANNELS, resample::Resampler};

/// A stretch of decoded sound.
pub struct Block<'a> {
    /// Samples, interleaved if there are several channels; never more than a second of them.
    pub samples: &'a [f32],
    /// How far this brings us, its own samples included.
    pub progress: Progress,
}

/// Decodes `source` to 16 kHz mono and hands it to `sink`, in order. An error of `sink` stops the decoding.
pub fn run(
    source: Box<dyn ReadAt>,
    limits: &Limits,
    sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
) -> Result<DecodeReport, AudioError> {
    run_shaped(source, Shape::WORKING, limits, sink)
}

/// Decodes `source` to the form `shape` and hands it to `sink`, in order. An error of `sink` stops the decoding.
pub fn run_shaped(
    source: Box<dyn ReadAt>,
    shape: Shape,
    limits: &Limits,
    sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
) -> Result<DecodeReport, AudioError> {
    let allowance = Allowance::new(source.len(), limits);
    let opened = Opened::new(source)?;
    let of = opened.declared();
    let (container, codec) = (opened.container, opened.codec.clone());
    let mut packets = Packets::new(opened);
    let mut sound = Vec::new();
    let mut desk: Option<Desk> = None;
    let mut source_form = None;
    while let Some(form) = packets.next(&mut sound)? {
        allowance.check(packets.heard())?;
        source_form.get_or_insert(form);
        let desk = match &mut desk {
            Some(desk) => {
                desk.follow(form, of, sink)?;
                desk
            }
            empty => empty.insert(Desk::new(shape, form)?),
        };
        desk.push(&mut sound, of, sink)?;
    }
    let (Some(mut desk), Some((rate, channels))) = (desk, source_form) else {
        return Err(packets.nothing_found().into());
    };
    if !packets.anything_decoded() {
        return Err(packets.nothing_found().into());
    }
    desk.finish(of, sink)?;
    let duration = Ms::of_frames(desk.frames, desk.rate_out);
    // Less than the clock can tell is nothing that anybody could hear.
    if duration == Ms::ZERO {
        return Err(packets.nothing_found().into());
    }
    Ok(DecodeReport {
        probe: Probe {
            container: container.name().to_owned(),
            codec,
            channels: u16::try_from(channels).unwrap_or(u16::MAX),
            sample_rate_hz: rate,
            duration,
        },
        duration,
        frames: desk.frames,
        rate_hz: desk.rate_out,
        channels: u16::try_from(desk.channels_out).unwrap_or(u16::MAX),
        skipped_packets: packets.skipped,
        salvaged: packets.salvaged,
        peak: desk.peak,
        stereo: desk.sides.as_ref().and_then(Sides::verdict),
        warnings: desk.quality.warnings(&packets, rate),
    })
}

/// Finds out what `source` is. Its first sound is decoded, so that rate and channels are true; how long it lasts comes
/// from the file's own tables where these are sound, else everything is gone through.
pub fn probe(source: Box<dyn ReadAt>, limits: &Limits) -> Result<Probe, AudioError> {
    let allowance = Allowance::new(source.len(), limits);
    let opened = Opened::new(source)?;
    let declared = opened.declared().filter(|_| opened.declares_truly());
    let (container, codec) = (opened.container, opened.codec.clone());
    let mut packets = Packets::new(opened);
    let mut sound = Vec::new();
    let Some((rate, channels)) = packets.next(&mut sound)? else {
        return Err(packets.nothing_found().into());
    };
    let duration = match declared {
        Some(duration) if duration > Ms::ZERO => duration,
        _ => {
            let mut frames = (sound.len() / channels) as u64;
            while let Some((_, channels)) = packets.next(&mut sound)? {
                allowance.check(packets.heard())?;
                frames += (sound.len() / channels) as u64;
            }
            Ms::of_frames(frames, rate)
        }
    };
    Ok(Probe {
        container: container.name().to_owned(),
        codec,
        channels: u16::try_from(channels).unwrap_or(u16::MAX),
        sample_rate_hz: rate,
        duration,
    })
}

/// How much sound may come out of a file.
struct Allowance {
    duration: Ms,
    /// What a file of this size can hold.
    by_size: Ms,
}

impl Allowance {
    /// However small the file, so much may come out of it.
    const FREE: Ms = Ms::from_seconds(60);

    fn new(bytes: u64, limits: &Limits) -> Self {
        // The working form has 32 bytes in a millisecond.
        let by_size = Ms::new(bytes.saturating_mul(limits.max_ratio.into()) / 32);
        Self { duration: limits.max_duration, by_size: by_size.plus(Self::FREE) }
    }

    fn check(&self, heard: Ms) -> Result<(), Verdict> {
        if heard > self.duration {
            return Err(Verdict::Limits { what: Limit::Duration });
        }
        if heard > self.by_size {
            return Err(Verdict::Limits { what: Limit::Ratio });
        }
        Ok(())
    }
}

/// Mixes, resamples, cuts into blocks, and listens along.
struct Desk {
    shape: Shape,
    form: (u32, usize),
    rate_out: u32,
    channels_out: usize,
    resampler: Resampler,
    /// For sound of two channels.
    sides: Option<Sides>,
    mixer: Option<Mixer>,
    mixed: Vec<f32>,
    ready: Vec<f32>,
    frames: u64,
    /// The loudest sample that was handed out.
    peak: f32,
    quality: Quality,
}

impl Desk {
    fn new(shape: Shape, form: (u32, usize)) -> io::Result<Self> {
        let rate_out = shape.rate_hz.unwrap_or(form.0);
        let channels_out = if shape.mono { 1 } else { form.1 };
        Ok(Self {
            shape,
            form,
            rate_out,
            channels_out,
            resampler: Resampler::new(form.0, rate_out, channels_out)?,
            sides: (form.1 == 2).then(|| Sides::new(form.0)),
            mixer: shape.mono.then(|| Mixer::new(form.0)),
            mixed: Vec::new(),
            ready: Vec::new(),
            frames: 0,
            peak: 0.0,
            quality: Quality::default(),
        })
    }

    /// A file may change its rate or channels on the way (recordings that were strung together). What comes out keeps
    /// the form it began with.
    fn follow(
        &mut self,
        form: (u32, usize),
        of: Option<Ms>,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if form.0 != self.form.0 {
            self.end_of_stretch(of, sink)?;
            self.resampler = Resampler::new(form.0, self.rate_out, self.channels_out)?;
            self.mixer = self.shape.mono.then(|| Mixer::new(form.0));
        }
        self.form = form;
        Ok(())
    }

    fn push(
        &mut self,
        sound: &mut [f32],
        of: Option<Ms>,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let channels = self.form.1.clamp(1, MAX_CHANNELS);
        for sample in sound.iter_mut() {
            *sample = tame(*sample);
        }
        self.quality.listen(sound, channels);
        if let (Some(sides), 2) = (&mut self.sides, channels) {
            sides.listen(sound);
        }
        self.mixed.clear();
        if let Some(mixer) = &mut self.mixer {
            mixer.push(sound, channels, &mut self.mixed);
        } else if channels == self.channels_out {
            self.mixed.extend_from_slice(sound);
        } else {
            for frame in sound.chunks_exact(channels) {
                let missing = frame[channels - 1];
                let fill = |c| frame.get(c).copied().unwrap_or(missing);
                self.mixed.extend((0..self.channels_out).map(fill));
            }
        }
        self.resampler.push(&self.mixed, &mut self.ready)?;
        self.drain(of, false, sink)
    }

    fn finish(
        &mut self,
        of: Option<Ms>,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.end_of_stretch(of, sink)?;
        self.drain(of, true, sink)
    }

    /// Brings out what mixer and resampler still hold.
    fn end_of_stretch(
        &mut self,
        of: Option<Ms>,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(mixer) = &mut self.mixer {
            self.mixed.clear();
            mixer.finish(&mut self.mixed);
            self.resampler.push(&self.mixed, &mut self.ready)?;
        }
        self.resampler.finish(&mut self.ready)?;
        self.drain(of, false, sink)
    }

    /// Hands out whole seconds, and at the end the rest.
    fn drain(
        &mut self,
        of: Option<Ms>,
        all: bool,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let block = self.rate_out as usize * self.channels_out;
        let whole = if all { self.ready.len() } else { self.ready.len() / block * block };
        for samples in self.ready[..whole].chunks(block) {
            self.frames += (samples.len() / self.channels_out) as u64;
            self.peak = self.peak.max(loudest(samples));
            let done = Ms::of_frames(self.frames, self.rate_out);
            sink(Block { samples, progress: Progress { done, of } })?;
        }
        self.ready.drain(..whole);
        Ok(())
    }
}

/// A float file may hold anything. Four times full scale is louder than any decoder overshoots.
fn tame(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-4.0, 4.0) } else { 0.0 }
}
