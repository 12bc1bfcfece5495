//! Streams of frames that carry their own length and nothing else: MPEG audio, AAC in ADTS, AMR.
//!
//! Their clock is the number of frames. So where bytes are damaged it has to be worked out how many frames were there:
//! those whose heads are left are counted, and the bytes that belong to none of these held as many as usually lie in as
//! many bytes, before the damage and behind it.

use symphonia::core::{
    errors::Result,
    formats::FormatInfo,
    io::MediaSourceStream,
    packet::Packet,
    units::{Duration, Timestamp},
};

use super::one_track::{Cut, fill};

/// A frame by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes, the head included.
    pub(super) len: usize,
    /// Bytes that the decoder does not take.
    pub(super) skip: usize,
    /// Samples of each channel.
    pub(super) samples: u64,
    /// What all frames of one recording have in common.
    pub(super) kind: u32,
    /// Whether its length says something about the others' length.
    pub(super) usual: bool,
}

/// How frames begin.
pub(super) trait Framing: Send + Sync {
    const INFO: &'static FormatInfo;
    /// Bytes of a head.
    const HEAD: usize;
    /// Whether a head is so long that hardly anything else looks like one.
    const TELLING: bool;

    /// The frame whose head this is.
    fn head(&self, bytes: &[u8]) -> Option<Head>;
}

/// Cuts a stream into frames.
pub(super) struct Frames<F> {
    framing: F,
    /// Samples so far.
    at: i64,
    /// The last sample that is heard, as far as the frames were counted by whoever wrote them.
    end: Option<i64>,
    /// How many frames there were that say how long one is, and their bytes.
    known: (u64, u64),
    samples: u64,
    kind: Option<u32>,
    /// Bytes that are read and not yet used.
    window: Vec<u8>,
}

/// How many frames have to follow each other where the order of bytes was lost.
const CHAIN: usize = 10;
/// Bytes that are looked at for that.
const WINDOW: usize = 32 * 1024;
/// How many frames behind damage say, with those before it, how long one usually is. The beginning of a recording alone
/// may be silence, which takes next to no bytes.
const AHEAD: usize = 64;

/// What was skipped.
#[derive(Default)]
struct Lost {
    bytes: u64,
    /// Samples of the frames whose heads are in it, and how many bytes these frames had.
    samples: u64,
    told: u64,
}

impl<F: Framing> Frames<F> {
    pub(super) fn new(framing: F) -> Self {
        let (known, window) = ((0, 0), Vec::new());
        Self { framing, at: 0, end: None, known, samples: 0, kind: None, window }
    }

    /// The same, where the clock starts before zero, and the last samples are not heard.
    pub(super) fn heard(mut self, start: i64, end: Option<i64>) -> Self {
        self.at = start;
        self.end = end;
        self
    }

    /// Has `len` bytes ready, or as many as there are.
    fn peek(&mut self, stream: &mut MediaSourceStream<'_>, len: usize) -> Result<&[u8]> {
        let have = self.window.len();
        if have < len {
            self.window.resize(len, 0);
            let n = fill(stream, &mut self.window[have..])?;
            self.window.truncate(have + n);
        }
        Ok(&self.window)
    }

    fn head_at(&self, at: usize) -> Option<Head> {
        self.framing.head(self.window.get(at..)?)
    }

    /// Whether frames of one kind follow each other from `at`, up to the end of what is there.
    fn chained(&self, at: usize) -> bool {
        let Some(first) = self.head_at(at) else { return false };
        let mut next = at + first.len;
        for _ in 1..CHAIN {
            if next.saturating_add(F::HEAD) > self.window.len() {
                return next <= self.window.len();
            }
            match self.head_at(next) {
                Some(head) if head.kind == first.kind => next += head.len,
                _ => return false,
            }
        }
        true
    }

    /// Whether a frame like the ones before stands here, or one that others follow.
    fn believable(&mut self, stream: &mut MediaSourceStream<'_>) -> Result<Option<Head>> {
        self.peek(stream, F::HEAD)?;
        let Some(head) = self.head_at(0) else { return Ok(None) };
        // The first was looked at when the file was identified.
        if self.kind.is_none_or(|kind| kind == head.kind) {
            return Ok(Some(head));
        }
        self.peek(stream, WINDOW)?;
        Ok(self.chained(0).then_some(head))
    }

    /// Skips damage: a packet without bytes stands for the frames that were probably there; nothing at the end.
    fn resume(&mut self, stream: &mut MediaSourceStream<'_>) -> Result<Option<Packet>> {
        let mut lost = Lost::default();
        self.skip(1, &mut lost);
        loop {
            let there = self.peek(stream, WINDOW)?.len();
            if let Some(found) = (0..there).find(|at| self.chained(*at)) {
                self.skip(found, &mut lost);
                break;
            }
            if there < WINDOW {
                // What recorders and other programs write behind the sound: no frame was lost in it.
                self.window.clear();
                return Ok(None);
            }
            // A head may have begun at the very end of what was looked at.
            self.skip(there - (F::HEAD - 1), &mut lost);
        }
        self.peek(stream, WINDOW)?;
        let (ahead, ahead_bytes) = self.ahead();
        let (frames, bytes) = (self.known.0 + ahead, self.known.1 + ahead_bytes);
        let mean = bytes.checked_div(frames).unwrap_or(u64::MAX).max(1);
        let untold = lost.bytes.saturating_sub(lost.told);
        let guessed = untold.saturating_add(mean / 2) / mean * self.samples;
        Ok(Some(self.packet(lost.samples + guessed, Vec::new())))
    }

    /// Drops the first bytes of the window, and counts the frames that begin in them.
    ///
    /// Frames that cannot be decoded because none follow them where they end, as in a file whose blocks were written
    /// down in another order, say all the same that they were there, and how long they were.
    fn skip(&mut self, bytes: usize, lost: &mut Lost) {
        lost.bytes += bytes as u64;
        for at in (0..bytes).filter(|_| F::TELLING) {
            let Some(head) = self.head_at(at).filter(|head| self.kind == Some(head.kind)) else {
                continue;
            };
            lost.samples += head.samples;
            lost.told += head.len as u64;
            self.known.0 += 1;
            self.known.1 += head.len as u64;
        }
        self.window.drain(..bytes);
    }

    /// How many of the frames that follow say how long one is, and their bytes.
    fn ahead(&self) -> (u64, u64) {
        let (mut frames, mut bytes, mut at) = (0, 0, 0);
        for _ in 0..AHEAD {
            let Some(head) = self.head_at(at) else { break };
            at += head.len;
            if head.usual {
                frames += 1;
                bytes += head.len as u64;
            }
        }
        (frames, bytes)
    }

    fn packet(&mut self, samples: u64, data: Vec<u8>) -> Packet {
        let start = self.at;
        self.at = start.saturating_add_unsigned(samples);
        let beyond = self.end.map_or(0, |end| self.at.saturating_sub(end));
        let silent = u64::try_from(beyond).unwrap_or(0).min(samples);
        let counted = self.end.is_some_and(|end| start < end);
        let trimmed = if counted { silent } else { 0 };
        let heard = Duration::new(samples - trimmed);
        let mut packet = Packet::new(0, Timestamp::new(start), heard, data);
        packet.trim_end = Duration::new(trimmed);
        packet
    }
}

impl<F: Framing> Cut for Frames<F> {
    const INFO: &'static FormatInfo = F::INFO;

    fn next(&mut self, stream: &mut MediaSourceStream<'static>) -> Result<Option<Packet>> {
        loop {
            if self.peek(stream, F::HEAD)?.is_empty() {
                return Ok(None);
            }
            let Some(head) = self.believable(stream)? else {
                match self.resume(stream)? {
                    Some(nothing) if nothing.dur == Duration::ZERO => continue,
                    other => return Ok(other),
                }
            };
            if self.peek(stream, head.len)?.len() < head.len {
                // The last frame was cut off.
                self.window.clear();
                return Ok(None);
            }
            if head.usual {
                self.known.0 += 1;
                self.known.1 += head.len as u64;
            }
            self.samples = head.samples;
            self.kind = Some(head.kind);
            let data = self.window.drain(..head.len).skip(head.skip).collect();
            return Ok(Some(self.packet(head.samples, data)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use symphonia::core::io::MediaSourceStreamOptions;

    use super::*;
    use crate::{Bytes, source::Stream};

    /// Frames that begin with 0xA5 and their length, of ten samples each.
    struct Toy;

    impl Framing for Toy {
        const INFO: &'static FormatInfo = &FormatInfo {
            format: symphonia::core::formats::FORMAT_ID_NULL,
            short_name: "toy",
            long_name: "Toy",
        };
        const HEAD: usize = 2;
        const TELLING: bool = true;

        fn head(&self, bytes: &[u8]) -> Option<Head> {
            match bytes {
                [0xa5, len, ..] if *len > 2 => Some(Head {
                    len: usize::from(*len),
                    skip: 2,
                    samples: 10,
                    kind: 7,
                    usual: true,
                }),
                _ => None,
            }
        }
    }

    /// Samples of the packets, and whether they hold bytes.
    fn packets(bytes: &[u8]) -> Vec<(u64, bool)> {
        let stream = Stream::new(Box::new(Bytes(bytes.to_vec())), 0, None);
        let mut stream =
            MediaSourceStream::new(Box::new(stream), MediaSourceStreamOptions::default());
        let mut frames = Frames::new(Toy);
        let mut found = Vec::new();
        while let Some(packet) = frames.next(&mut stream).expect("memory can be read") {
            found.push((packet.dur.get(), !packet.data.is_empty()));
        }
        found
    }

    #[test]
    fn frames_that_were_lost_are_counted() {
        let frame = || [0xa5, 8, 1, 2, 3, 4, 5, 6];
        let whole: Vec<u8> = (0..12).flat_map(|_| frame()).collect();
        assert_eq!(packets(&whole), [(10, true); 12]);
        assert_eq!(packets(&whole[..90]), [(10, true); 11], "the last one is cut off");
        let mut damaged = whole.clone();
        damaged[24..40].fill(0xff);
        let expected = [vec![(10, true); 3], vec![(20, false)], vec![(10, true); 7]].concat();
        assert_eq!(packets(&damaged), expected);
        let mut noted = whole.clone();
        noted.extend(b"TAG and what else there is");
        assert_eq!(packets(&noted), [(10, true); 12], "a note behind is no sound");
        whole.iter().enumerate().skip(16).step_by(8).for_each(|(at, _)| {
            let mut longer = whole.clone();
            longer.splice(at..at, [0, 0]);
            assert_eq!(packets(&longer), [(10, true); 12], "two bytes too many at {at}");
        });
    }

    /// A frame of so many bytes.
    fn frame(len: u8) -> Vec<u8> {
        let mut frame = vec![0; len.into()];
        frame[..2].copy_from_slice(&[0xa5, len]);
        frame
    }

    /// Samples in all.
    fn samples(bytes: &[u8]) -> u64 {
        packets(bytes).iter().map(|(samples, _)| samples).sum()
    }

    #[test]
    fn what_follows_says_with_what_came_before_how_much_was_lost() {
        // Silence, which takes next to nothing, then a hole where ten frames of sound were, then sound.
        let silence = frame(4).repeat(20);
        let sound = frame(100).repeat(AHEAD);
        let bytes = [silence, vec![0xff; 1_000], sound].concat();
        let lost = samples(&bytes) - (20 + AHEAD as u64) * 10;
        assert!((100..=150).contains(&lost), "{lost} samples for 100");
    }

    proptest! {
        #[test]
        fn frames_that_are_torn_apart_are_counted_by_their_heads(
            torn in prop::collection::vec((10_u8..=60, 1_usize..=5), 1..60),
        ) {
            // The end of each is missing, so that none follows where the one before says.
            let whole = frame(8).repeat(CHAIN);
            let parts = torn.iter().flat_map(|(len, missing)| {
                let mut part = frame(*len);
                part.truncate(part.len() - missing);
                part
            });
            let bytes = [whole.clone(), vec![0], parts.collect(), whole].concat();
            let all = (2 * CHAIN + torn.len()) as u64;
            prop_assert_eq!(samples(&bytes) / 10, all);
        }
    }
}
