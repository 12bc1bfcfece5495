//! The decoder itself: any file in, 16 kHz mono out, a block at a time.
//!
//! **Only for inside the child** (and for fuzzing): what runs here may panic, hang or ask for all the memory there is.
//! Everyone else calls [`crate::sandbox::Runner`].

mod open;
mod packets;
mod place;
mod quality;

use std::io;

use hearback_domain::Ms;

use self::{open::Opened, packets::Packets, quality::Quality};
use crate::{AudioError, DecodeReport, Limit, Limits, Probe, Progress, ReadAt, Shape, Verdict};
use crate::{limits::MAX_CHANNELS, resample::Resampler};

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
    let opened = Opened::new(source)?;
    let of = opened.declared();
    let (container, codec) = (opened.container, opened.codec.clone());
    let mut packets = Packets::new(opened);
    let mut sound = Vec::new();
    let mut desk: Option<Desk> = None;
    let mut source_form = None;
    while let Some(form) = packets.next(&mut sound)? {
        check_duration(&packets, limits)?;
        source_form.get_or_insert(form);
        let desk = match &mut desk {
            Some(desk) => {
                desk.follow(form, of, sink)?;
                desk
            }
            empty => empty.insert(Desk::new(shape, form)?),
        };
        desk.push(&sound, of, sink)?;
    }
    let (Some(mut desk), Some((rate, channels))) = (desk, source_form) else {
        return Err(packets.nothing_found().into());
    };
    if !packets.anything_decoded() {
        return Err(packets.nothing_found().into());
    }
    desk.finish(of, sink)?;
    let duration = Ms::of_frames(desk.frames, desk.rate_out);
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
        peak: desk.quality.peak(),
        warnings: desk.quality.warnings(&packets, rate),
    })
}

/// Finds out what `source` is. Its first sound is decoded, so that rate and channels are true; how long it lasts comes
/// from the file's own tables where these are sound, else everything is gone through.
pub fn probe(source: Box<dyn ReadAt>, limits: &Limits) -> Result<Probe, AudioError> {
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
                check_duration(&packets, limits)?;
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

fn check_duration(packets: &Packets, limits: &Limits) -> Result<(), Verdict> {
    if packets.heard() > limits.max_duration {
        return Err(Verdict::Limits { what: Limit::Duration });
    }
    Ok(())
}

/// Mixes, resamples, cuts into blocks, and listens along.
struct Desk {
    shape: Shape,
    form: (u32, usize),
    rate_out: u32,
    channels_out: usize,
    resampler: Resampler,
    mixed: Vec<f32>,
    ready: Vec<f32>,
    frames: u64,
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
            mixed: Vec::new(),
            ready: Vec::new(),
            frames: 0,
            quality: Quality::new(rate_out, channels_out),
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
            self.resampler.finish(&mut self.ready)?;
            self.drain(of, false, sink)?;
            self.resampler = Resampler::new(form.0, self.rate_out, self.channels_out)?;
        }
        self.form = form;
        Ok(())
    }

    fn push(
        &mut self,
        sound: &[f32],
        of: Option<Ms>,
        sink: &mut dyn FnMut(Block<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let channels = self.form.1.clamp(1, MAX_CHANNELS);
        self.mixed.clear();
        if self.shape.mono {
            let count = f32::from(u16::try_from(channels).unwrap_or(1));
            self.mixed.extend(
                sound
                    .chunks_exact(channels)
                    .map(|f| f.iter().copied().map(tame).sum::<f32>() / count),
            );
        } else if channels == self.channels_out {
            self.mixed.extend(sound.iter().copied().map(tame));
        } else {
            for frame in sound.chunks_exact(channels) {
                let missing = frame[channels - 1];
                let fill = |c| tame(frame.get(c).copied().unwrap_or(missing));
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
        self.resampler.finish(&mut self.ready)?;
        self.drain(of, true, sink)
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
            self.quality.listen(samples);
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
