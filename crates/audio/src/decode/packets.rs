//! From a demuxer and a decoder to a stream of sound that never slips: what cannot be decoded is silent for as long as
//! it lasted, and holes in the file's time are silent for as long as they are.

use std::io;

use hearback_domain::Ms;
use symphonia::core::{errors::Error, packet::Packet};

use super::{
    open::{Opened, refusal},
    place::Place,
};
use crate::{
    AudioError, Limit, Verdict,
    limits::{MAX_CHANNELS, RATES_HZ},
    source::source_failed,
};

/// Demuxer errors in a row after which the rest is given up.
const MAX_ERRORS: u32 = 64;

/// A hole shorter than this, in milliseconds, is jitter of the file's own clock and is not filled: phones and browsers
/// write down when sound came, not how much there was before it.
const JITTER_MS: u64 = 200;
/// Where something is known to be lost, or where the file's clock counts samples, only rounding is let pass.
const ROUNDING_MS: u64 = 3;
/// In a file in which damage was covered, less than the shortest packet that recorders write.
const MENDED_MS: u64 = 15;

/// So much less than a file says may be missing at its end.
const MISSING: Ms = Ms::new(500);

/// The sound of one file, in order.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things that are true independently of each other"
)]
pub(super) struct Packets {
    // `None` only while it is being opened again.
    opened: Option<Opened>,
    place: Option<Place>,
    /// Rate and channels of what was decoded last, or else what the container says.
    form: Option<(u32, usize)>,
    /// Frames of silence to give out before anything else.
    silence: u64,
    held: Option<Packet>,
    /// The packet after that one, where something has to be done about the last.
    ahead: Option<Packet>,
    /// Whether the packet that is held is the last.
    last: bool,
    /// Frames in the last packet that was decoded, for one that says nothing about its length.
    usual: u64,
    good: u64,
    errors: u32,
    /// The time of the last packet; after a file was opened again, the last one that is not wanted any more.
    at: Option<i64>,
    again: bool,
    /// Whether something was lost since the last packet.
    lost: bool,
    ended: bool,
    before: Ms,
    pub(super) skipped: u64,
    pub(super) holes: u64,
    pub(super) salvaged: bool,
}

impl Packets {
    pub(super) fn new(opened: Opened) -> Self {
        Self {
            form: opened.form,
            opened: Some(opened),
            place: None,
            silence: 0,
            held: None,
            ahead: None,
            last: false,
            usual: 0,
            good: 0,
            errors: 0,
            at: None,
            again: false,
            lost: false,
            ended: false,
            before: Ms::ZERO,
            skipped: 0,
            holes: 0,
            salvaged: false,
        }
    }

    /// Puts the next stretch of sound that is heard into `sound` (what was there goes) and gives its rate and
    /// channels; nothing at the end.
    pub(super) fn next(
        &mut self,
        sound: &mut Vec<f32>,
    ) -> Result<Option<(u32, usize)>, AudioError> {
        loop {
            sound.clear();
            if let (Some((rate, channels)), true) = (self.form, self.silence > 0) {
                // Half a second at a time: a hole may be hours long.
                let frames = self.silence.min(u64::from(rate / 2).max(1));
                self.silence -= frames;
                sound.resize(usize::try_from(frames).unwrap_or(0) * channels, 0.0);
            } else if let Some(packet) = self.held.take() {
                self.decode(&packet, sound)?;
            } else if self.ended || self.place.as_ref().is_some_and(Place::over) {
                return Ok(None);
            } else {
                self.read()?;
                continue;
            }
            let (Some((rate, channels)), Some(place)) = (self.form, &mut self.place) else {
                continue;
            };
            place.keep(sound, channels);
            if !sound.is_empty() {
                return Ok(Some((rate, channels)));
            }
        }
    }

    /// How much was heard so far.
    pub(super) fn heard(&self) -> Ms {
        let rate = self.form.map_or(0, |(rate, _)| rate);
        let here = self.place.as_ref().map_or(0, Place::kept);
        self.before.plus(Ms::of_frames(here, rate))
    }

    /// Whether any packet at all was decoded: silence alone stands in for damage.
    pub(super) fn anything_decoded(&self) -> bool {
        self.good > 0
    }

    /// What to say of a file in which nothing was heard.
    pub(super) fn nothing_found(&self) -> Verdict {
        if self.skipped > 0 || self.salvaged || self.errors > 0 {
            Verdict::Corrupt
        } else {
            Verdict::Empty
        }
    }

    /// Reads the next packet of the track and holds it; finds the end.
    fn read(&mut self) -> Result<(), AudioError> {
        let Some(opened) = &mut self.opened else {
            self.ended = true;
            return Ok(());
        };
        match opened.reader.next_packet() {
            Ok(Some(packet)) if packet.track_id == opened.track => {
                self.errors = 0;
                if self.again && self.at.is_some_and(|at| packet.pts.get() <= at) {
                    return Ok(());
                }
                self.again = false;
                self.at = Some(packet.pts.get());
                let next =
                    if opened.filled_ns == 0 { Some(packet) } else { self.ahead.replace(packet) };
                self.hold(next);
            }
            Ok(Some(_)) => {}
            Ok(None) if self.mend(true)? => {}
            Ok(None) => {
                let Some(opened) = &self.opened else { return Ok(()) };
                self.ended = true;
                self.salvaged |= opened.cut;
                self.hold_last();
            }
            Err(Error::ResetRequired) => self.reopen()?,
            Err(Error::IoError(error)) if source_failed(&error) => {
                return Err(AudioError::Io(error));
            }
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                if self.mend(true)? {
                    return Ok(());
                }
                let Some(opened) = &self.opened else { return Ok(()) };
                self.ended = true;
                self.salvaged = !opened.open_ended;
                self.hold_last();
            }
            Err(error) => {
                if self.mend(false)? {
                    return Ok(());
                }
                let Some(opened) = &self.opened else { return Ok(()) };
                self.errors += 1;
                self.lost = true;
                if self.errors >= MAX_ERRORS {
                    self.ended = true;
                    self.salvaged = true;
                    if self.good == 0 {
                        return Err(refusal(error, opened.container.name(), None));
                    }
                    self.hold_last();
                }
            }
        }
        Ok(())
    }

    /// Covers damage within the file and begins it again, up to where it was; not where it `ended` as late as it says,
    /// if it says so, nor a second time.
    fn mend(&mut self, ended: bool) -> Result<bool, AudioError> {
        let Some(opened) = &self.opened else { return Ok(false) };
        let short = |length: Ms| self.heard().plus(MISSING) < length;
        if ended && !opened.declared().is_none_or(short) {
            return Ok(false);
        }
        match opened.mended() {
            None => Ok(false),
            Some(opened) => {
                // What was read ahead is counted, and is still to be decoded.
                self.opened = Some(opened?);
                (self.again, self.lost, self.ended, self.errors) = (true, true, false, 0);
                Ok(true)
            }
        }
    }

    fn hold(&mut self, packet: Option<Packet>) {
        if let Some(packet) = &packet {
            self.look_for_hole(packet);
        }
        self.held = packet;
    }

    fn hold_last(&mut self) {
        let last = self.ahead.take();
        self.last = last.is_some();
        self.hold(last);
    }

    /// Frames at the end of the packet that is decoded that only fill it up.
    fn filled(&self, rate: u32) -> usize {
        let ns = self.opened.as_ref().filter(|_| self.last).map_or(0, |opened| opened.filled_ns);
        usize::try_from(ns.saturating_mul(rate.into()) / 1_000_000_000).unwrap_or(0)
    }

    /// The demuxer has come to another recording in the same file: its clock follows on from ours.
    fn reopen(&mut self) -> Result<(), AudioError> {
        self.before = self.heard();
        self.place = None;
        let opened = match self.opened.take() {
            Some(opened) => opened.reopen(),
            None => return Ok(()),
        };
        match opened {
            Ok(opened) => {
                self.form = opened.form.or(self.form);
                self.opened = Some(opened);
                Ok(())
            }
            // What came before can be heard.
            Err(_) if self.good > 0 => {
                self.ended = true;
                self.salvaged = true;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn look_for_hole(&mut self, packet: &Packet) {
        let (Some((rate, _)), Some(place)) = (self.form, &self.place) else { return };
        let missing = place.missing(start(packet));
        let counts = self.opened.as_ref().is_some_and(|o| o.container.counts_samples());
        let mended = self.opened.as_ref().is_some_and(|o| o.mended);
        let least = match (counts || self.lost, mended) {
            (true, _) => ROUNDING_MS,
            (false, true) => MENDED_MS,
            (false, false) => JITTER_MS,
        };
        self.lost = false;
        if missing > u64::from(rate) * least / 1_000 {
            self.silence = missing;
            self.holes += 1;
        }
    }

    fn decode(&mut self, packet: &Packet, sound: &mut Vec<f32>) -> Result<(), AudioError> {
        let Some(opened) = &mut self.opened else { return Ok(()) };
        if let (Some(plain), Some(form)) = (opened.plain, opened.form) {
            plain.read(&packet.data, sound);
            self.good += 1;
            self.settle(form, packet);
            return Ok(());
        }
        match opened.decoder.decode(packet) {
            Ok(buffer) => {
                let form = (buffer.spec().rate(), buffer.spec().channels().count());
                if !RATES_HZ.contains(&form.0) {
                    return Err(Verdict::Limits { what: Limit::Rate }.into());
                }
                if form.1 > MAX_CHANNELS || form.1 == 0 {
                    return Err(Verdict::Limits { what: Limit::Channels }.into());
                }
                buffer.copy_to_vec_interleaved(sound);
                self.usual = buffer.frames() as u64;
                self.good += 1;
                let filled = self.filled(form.0).saturating_mul(form.1);
                sound.truncate(sound.len().saturating_sub(filled));
                self.settle(form, packet);
            }
            Err(Error::ResetRequired) => self.reopen()?,
            // A packet lies in memory: whatever is wrong with it is damage, also where it is called a failure to read.
            Err(_) => {
                self.skipped += 1;
                if let Some(form) = self.form {
                    self.settle(form, packet);
                }
                let ticks = i64::try_from(packet.dur.get()).unwrap_or(0);
                let frames = self.place.as_ref().map_or(0, |p| p.frames(ticks));
                self.silence = match u64::try_from(frames) {
                    Ok(frames) if frames > 0 => frames,
                    _ => self.usual,
                };
            }
        }
        Ok(())
    }

    /// Starts the clock, or starts it again where the rate changes.
    fn settle(&mut self, form: (u32, usize), packet: &Packet) {
        if self.place.is_some() && self.form.is_some_and(|(rate, _)| rate != form.0) {
            self.before = self.heard();
            self.place = None;
        }
        self.form = Some(form);
        if let (None, Some(opened)) = (&self.place, &self.opened) {
            let (rate, _) = form;
            let first = self.before == Ms::ZERO;
            let priming = if first { opened.priming } else { 0 };
            let late = if first { opened.late } else { 0 };
            let start = start(packet);
            let place = Place::new(rate, opened.time_base, start, priming, &opened.presented);
            self.place = Some(place.later(late));
        }
    }
}

/// Where what is decoded from a packet begins: the decoders take off what is to be trimmed at the front.
fn start(packet: &Packet) -> i64 {
    let trimmed = i64::try_from(packet.trim_start.get()).unwrap_or(0);
    packet.pts.get().saturating_add(trimmed)
}
