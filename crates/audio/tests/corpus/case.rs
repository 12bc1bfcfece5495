//! One file and what is expected of it, and the classes of defects that such files are made by.

use std::{io, sync::Arc, time::Duration};

use hearback_audio::{Limits, ReadAt};

use crate::{base::Form, chance::Chance, expect::Expected};

/// A file, what is expected of it, and within which time.
pub(crate) struct Case {
    pub(crate) body: Woven,
    pub(crate) expected: Expected,
    pub(crate) limits: Limits,
    pub(crate) wall: Duration,
}

/// How long a file of up to ten megabytes may take.
const WALL: Duration = Duration::from_secs(2);
/// How long a file may take that is, or claims to be, hours of sound.
const BOMB_WALL: Duration = Duration::from_mins(2);

impl Case {
    pub(crate) fn new(bytes: Vec<u8>, expected: Expected) -> Self {
        Self::woven(Woven::of(vec![(bytes, 1)]), expected)
    }

    pub(crate) fn woven(body: Woven, expected: Expected) -> Self {
        Self { body, expected, limits: Limits::default(), wall: WALL }
    }

    /// The same, with the time that hours of sound may take.
    pub(crate) fn long(mut self) -> Self {
        self.wall = BOMB_WALL;
        self
    }

    /// The same; with that time if a clock that was made to lie may make it hours of sound.
    pub(crate) fn long_if_endless(self) -> Self {
        if *self.expected.ms.end() > 3_600_000 { self.long() } else { self }
    }
}

/// A kind of defect, made on every form where it makes sense.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    /// How many files of each form.
    pub(crate) variants: usize,
    pub(crate) make: fn(&Form, &mut Chance, usize) -> Option<Case>,
}

pub(crate) const fn class(
    name: &'static str,
    variants: usize,
    make: fn(&Form, &mut Chance, usize) -> Option<Case>,
) -> Class {
    Class { name, variants, make }
}

/// A file in pieces, each of which may stand there many times: hundreds of megabytes that take no memory.
#[derive(Clone)]
pub(crate) struct Woven {
    pieces: Arc<Vec<(Vec<u8>, u64)>>,
    len: u64,
}

impl Woven {
    pub(crate) fn of(pieces: Vec<(Vec<u8>, u64)>) -> Self {
        let len = pieces.iter().map(|(bytes, times)| bytes.len() as u64 * times).sum();
        Self { pieces: Arc::new(pieces), len }
    }
}

impl ReadAt for Woven {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let (mut from, mut done) = (0, 0);
        for (bytes, times) in self.pieces.iter().filter(|(bytes, _)| !bytes.is_empty()) {
            let end = from + bytes.len() as u64 * times;
            while done < buf.len() && (from..end).contains(&(offset + done as u64)) {
                let at = ((offset + done as u64 - from) % bytes.len() as u64) as usize;
                let n = (bytes.len() - at).min(buf.len() - done);
                buf[done..done + n].copy_from_slice(&bytes[at..at + n]);
                done += n;
            }
            from = end;
        }
        Ok(done)
    }
}
