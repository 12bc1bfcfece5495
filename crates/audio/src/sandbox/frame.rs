//! What parent and child say to each other: a tag, a length, and so many bytes.

use std::io::{self, Read, Write};

use hearback_domain::Ms;
use serde::{Deserialize, Serialize};

use crate::{Limits, Progress, Shape, Verdict, sandbox::Drill};

/// No message is longer: a second of eight channels at 192 kHz is cut into several.
pub(super) const MAX_LEN: usize = 1 << 20;

/// The most bytes that are asked for at once.
pub(super) const MAX_READ: usize = 256 * 1024;

/// What kind of message follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// JSON [`Request`].
    Request = 1,
    /// Bytes that were asked for; fewer than asked for at the end, none past it.
    Bytes = 2,
    /// It did not work: text for the log.
    Failed = 3,
    /// The fence stands: text about what of it is missing where that is allowed, else nothing.
    Ready = 4,
    /// Offset (8 bytes) and length (4 bytes), little end first.
    Read = 5,
    /// Decoded so far and expected (8 bytes each, `u64::MAX` for unknown), how many steps of 20 ms follow (4 bytes) and
    /// these (a byte each, as [`SideTrack`](crate::SideTrack) has them), then 32-bit floats; little end first.
    Samples = 6,
    /// JSON [`crate::Probe`].
    Probe = 7,
    /// JSON [`crate::DecodeReport`].
    Report = 8,
    /// JSON [`Verdict`].
    Verdict = 9,
    /// The fence cannot be put up: text for the administrator.
    NoFence = 10,
}

impl Tag {
    fn from_byte(byte: u8) -> Option<Self> {
        const ALL: [Tag; 10] = [
            Tag::Request,
            Tag::Bytes,
            Tag::Failed,
            Tag::Ready,
            Tag::Read,
            Tag::Samples,
            Tag::Probe,
            Tag::Report,
            Tag::Verdict,
            Tag::NoFence,
        ];
        ALL.into_iter().find(|tag| *tag as u8 == byte)
    }
}

/// What the child is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) task: Task,
    pub(super) limits: Limits,
    /// How many bytes the recording has.
    pub(super) len: u64,
    /// Whether to go on where the kernel has neither Landlock nor seccomp.
    pub(super) allow_rlimit_only: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Task {
    Decode(Shape),
    Probe,
    Drill(Drill),
}

/// How a task ended that did not end well.
pub(super) enum Ended {
    Refused(Verdict),
    Failed(String),
}

/// Sends one message.
pub(super) fn send(to: &mut dyn Write, tag: Tag, body: &[u8]) -> io::Result<()> {
    let len = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut header = [tag as u8, 0, 0, 0, 0];
    header[1..].copy_from_slice(&len.to_le_bytes());
    to.write_all(&header)?;
    to.write_all(body)
}

/// Sends one message as JSON.
pub(super) fn send_json<T: Serialize>(to: &mut dyn Write, tag: Tag, body: &T) -> io::Result<()> {
    send(to, tag, &serde_json::to_vec(body)?)
}

/// Receives one message into `body`; nothing at the end of the stream.
pub(super) fn receive(from: &mut dyn Read, body: &mut Vec<u8>) -> io::Result<Option<Tag>> {
    let mut header = [0; 5];
    match from.read_exact(&mut header) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let [tag, a, b, c, d] = header;
    let len = u32::from_le_bytes([a, b, c, d]) as usize;
    let tag = Tag::from_byte(tag).filter(|_| len <= MAX_LEN);
    let tag = tag.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    body.resize(len, 0);
    from.read_exact(body)?;
    Ok(Some(tag))
}

/// Reads JSON from a message.
pub(super) fn json<T: for<'a> Deserialize<'a>>(body: &[u8]) -> io::Result<T> {
    serde_json::from_slice(body).map_err(io::Error::from)
}

/// Adds what [`Tag::Samples`] has to a message. Samples as whole words into their places: one copy, where a machine has
/// its little end first.
pub(super) fn put_samples(body: &mut Vec<u8>, progress: Progress, sides: &[i8], samples: &[f32]) {
    body.extend(progress.done.get().to_le_bytes());
    body.extend(progress.of.map_or(u64::MAX, Ms::get).to_le_bytes());
    body.extend(u32::try_from(sides.len()).unwrap_or(0).to_le_bytes());
    body.extend(sides.iter().map(|step| step.cast_unsigned()));
    let start = body.len();
    body.resize(start + samples.len() * 4, 0);
    for (word, sample) in body[start..].as_chunks_mut::<4>().0.iter_mut().zip(samples) {
        *word = sample.to_le_bytes();
    }
}

/// Takes apart what [`put_samples`] put together: the samples go into `samples`, the steps behind those in `sides`. A
/// child that has been taken over cannot make samples anything but numbers.
pub(super) fn take_samples(
    body: &[u8],
    samples: &mut Vec<f32>,
    sides: &mut Vec<i8>,
) -> io::Result<Progress> {
    let strange = || io::Error::from(io::ErrorKind::InvalidData);
    let (done, of) = (number(body, 0)?, number(body, 8)?);
    let (count, rest) =
        body.get(16..).and_then(<[u8]>::split_first_chunk::<4>).ok_or_else(strange)?;
    let count = u32::from_le_bytes(*count) as usize;
    let (steps, words) = rest.split_at_checked(count).ok_or_else(strange)?;
    sides.extend(steps.iter().map(|step| step.cast_signed()));
    samples.clear();
    let words = words.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word));
    samples.extend(words.map(|s| if s.is_finite() { s } else { 0.0 }));
    Ok(Progress { done: Ms::new(done), of: (of != u64::MAX).then_some(Ms::new(of)) })
}

/// Eight bytes of a message, little end first.
pub(super) fn number(body: &[u8], at: usize) -> io::Result<u64> {
    let bytes = body.get(at..at + 8).and_then(|b| b.try_into().ok());
    bytes.map(u64::from_le_bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_comes_through_with_its_sides() {
        let progress = Progress { done: Ms::new(1_234), of: None };
        let (mut body, mut samples, mut sides) = (Vec::new(), vec![9.0], vec![7]);
        put_samples(&mut body, progress, &[-128, 3], &[0.5, f32::NAN, -1.0]);
        assert_eq!(take_samples(&body, &mut samples, &mut sides).ok(), Some(progress));
        assert_eq!(
            (samples.as_slice(), sides.as_slice()),
            (&[0.5, 0.0, -1.0][..], &[7, -128, 3][..])
        );
        for cut in 0..22 {
            assert!(take_samples(&body[..cut], &mut samples, &mut sides).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_message_comes_through_and_nonsense_does_not() {
        let mut wire = Vec::new();
        send(&mut wire, Tag::Bytes, b"abc").expect("memory");
        let mut body = Vec::new();
        assert_eq!(receive(&mut wire.as_slice(), &mut body).ok().flatten(), Some(Tag::Bytes));
        assert_eq!(body, b"abc");
        assert!(matches!(receive(&mut &[][..], &mut body), Ok(None)));
        assert!(receive(&mut &[0, 0, 0, 0, 0][..], &mut body).is_err(), "no such tag");
        assert!(receive(&mut &[2, 255, 255, 255, 255][..], &mut body).is_err(), "too long");
        assert!(receive(&mut &[2, 4, 0, 0, 0, 1][..], &mut body).is_err(), "cut short");
    }
}
