//! The decoder itself: any file in, 16 kHz mono out, a block at a time.
//!
//! **Only for inside the child** (and for fuzzing): what runs here may panic, hang or ask for all the memory there is.
//! Everyone else calls [`crate::sandbox::Runner`].

mod aac;
mod amr;
mod belt;
mod desk;
mod enter;
mod frames;
mod mend;
mod mix;
mod mpeg;
mod one_track;
mod open;
mod packets;
mod pair;
mod place;
mod plain;
mod quality;
mod stereo;
mod typed;
mod wave;

use std::io;

use hearback_domain::Ms;

pub(crate) use self::amr::{MARK as AMR_MARK, WIDE_MARK as AMR_WIDE_MARK};
use self::{belt::Belt, desk::Desk, open::Opened, packets::Packets};
use crate::{AudioError, DecodeReport, Limit, Limits, Probe, Progress, ReadAt, Shape, Verdict};

/// A stretch of decoded sound.
pub struct Block<'a> {
    /// Samples, interleaved if there are several channels; never more than a second of them.
    pub samples: &'a [f32],
    /// How far this brings us, its own samples included.
    pub progress: Progress,
    /// Of a recording with two channels: which was the louder in the steps that ended since the block before.
    pub(crate) sides: &'a [i8],
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
    let mut reading = Reading::new(source, limits)?;
    let mut desk = Desk::new(shape, reading.declared());
    let mut sound = Vec::new();
    while let Some(form) = reading.next(&mut sound)? {
        desk.push(&mut sound, form, sink)?;
    }
    reading.end()?;
    desk.finish(sink)?;
    reading.report(&desk)
}

/// The same with two threads: this one decodes, and the one that `start` gives the other half to mixes, resamples and
/// calls `sink`.
pub(crate) fn run_in_two(
    source: Box<dyn ReadAt>,
    shape: Shape,
    limits: &Limits,
    start: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<()>,
    sink: Box<belt::Sink>,
) -> Result<DecodeReport, AudioError> {
    let mut reading = Reading::new(source, limits)?;
    let mut belt = Belt::new(Desk::new(shape, reading.declared()), start, sink)?;
    let mut ended = || -> Result<(), AudioError> {
        loop {
            let mut sound = belt.empty();
            match reading.next(&mut sound)? {
                Some(form) => belt.put(sound, form)?,
                None => return reading.end(),
            }
        }
    };
    let ended = ended();
    // What the other half has to say is why this one could not go on.
    let desk = belt.finish(ended.is_ok())?;
    ended?;
    reading.report(&desk)
}

/// The half that decodes.
struct Reading {
    allowance: Allowance,
    packets: Packets,
    of: Option<Ms>,
    container: &'static str,
    codec: String,
    /// Rate and channels of the first sound.
    form: Option<(u32, usize)>,
}

impl Reading {
    fn new(source: Box<dyn ReadAt>, limits: &Limits) -> Result<Self, AudioError> {
        let allowance = Allowance::new(source.len(), limits);
        let opened = Opened::new(source)?;
        let (of, container) = (opened.declared(), opened.container.name());
        let codec = opened.codec.clone();
        Ok(Self { allowance, packets: Packets::new(opened), of, container, codec, form: None })
    }

    /// How long the file says that it is.
    fn declared(&self) -> Option<Ms> {
        self.of
    }

    /// Puts the next stretch into `sound` (what was there goes) and gives its rate and channels; nothing at the end.
    fn next(&mut self, sound: &mut Vec<f32>) -> Result<Option<(u32, usize)>, AudioError> {
        let form = self.packets.next(sound)?;
        if form.is_some() {
            self.allowance.check(self.packets.heard())?;
            self.form = self.form.or(form);
        }
        Ok(form)
    }

    /// After the last stretch: whether there was any sound.
    fn end(&self) -> Result<(), AudioError> {
        if self.form.is_none() || !self.packets.anything_decoded() {
            return Err(self.packets.nothing_found().into());
        }
        Ok(())
    }

    /// What came of it, at the desk too.
    fn report(self, desk: &Desk) -> Result<DecodeReport, AudioError> {
        let duration = Ms::of_frames(desk.frames(), desk.rate_hz());
        let (Some((rate, channels)), true) = (self.form, duration > Ms::ZERO) else {
            // Less than the clock can tell is nothing that anybody could hear.
            return Err(self.packets.nothing_found().into());
        };
        Ok(DecodeReport {
            probe: Probe {
                container: self.container.to_owned(),
                codec: self.codec,
                channels: u16::try_from(channels).unwrap_or(u16::MAX),
                sample_rate_hz: rate,
                duration,
            },
            duration,
            frames: desk.frames(),
            rate_hz: desk.rate_hz(),
            channels: desk.channels(),
            skipped_packets: self.packets.skipped,
            salvaged: self.packets.salvaged,
            peak: desk.peak(),
            stereo: desk.stereo(),
            sides: None,
            warnings: desk.quality().warnings(&self.packets, rate),
        })
    }
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
