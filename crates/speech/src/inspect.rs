//! Reads a ggml file's skeleton without its numbers.
//!
//! whisper.cpp's loader trusts its file: a damaged count makes it allocate without bound or abort the process. So the
//! whole structure is walked here first: every header, every name, every length, up to the last byte.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use crate::{convert::MAGIC, spectrum::BINS};

/// The sizes in a Whisper model's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) vocabulary: u32,
    pub(crate) audio_context: u32,
    pub(crate) audio_width: u32,
    pub(crate) audio_heads: u32,
    pub(crate) audio_layers: u32,
    pub(crate) text_context: u32,
    pub(crate) text_width: u32,
    pub(crate) text_heads: u32,
    pub(crate) text_layers: u32,
    pub(crate) mels: u32,
}

/// Entries of the English-only models' vocabulary; the multilingual ones have one more, the third large one two. The
/// loader counts its languages by this number, and throws on others.
const ENGLISH_ONLY: u32 = 51_864;

impl Header {
    pub(crate) const fn english_only(&self) -> bool {
        self.vocabulary == ENGLISH_ONLY
    }
}

/// Why a file is not a Whisper model.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Flaw {
    /// It is something else altogether.
    #[error("it is not a ggml Whisper model")]
    NotAModel,
    /// It begins as a model and then does not hold together.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// The disk refused.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Bytes per block and numbers per block of each ggml tensor kind that Whisper files use.
const fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (4, 1),
        1 => (2, 1),
        2 => (18, 32),
        3 => (20, 32),
        6 => (22, 32),
        7 => (24, 32),
        8 => (34, 32),
        10 => (84, 256),
        11 => (110, 256),
        12 => (144, 256),
        13 => (176, 256),
        14 => (210, 256),
        _ => return None,
    })
}

/// How many tensors the loader will look for: what whisper.cpp builds for these sizes.
const fn tensors(header: &Header) -> u64 {
    11 + 15 * header.audio_layers as u64 + 24 * header.text_layers as u64
}

/// What the file says of its sizes; nothing else of it is looked at.
pub(crate) fn header(path: &Path) -> Result<Header, Flaw> {
    Walk::new(path)?.header()
}

/// The filters that the model hears with: for each band its weight for every bin.
pub(crate) fn filters(path: &Path) -> Result<Vec<[f32; BINS]>, Flaw> {
    let mut walk = Walk::new(path)?;
    let header = walk.header()?;
    walk.filters(&header)
}

/// Walks the file from its first byte to its last.
pub(crate) fn inspect(path: &Path) -> Result<Header, Flaw> {
    let mut walk = Walk::new(path)?;
    let header = walk.header()?;
    walk.filters(&header)?;
    walk.tokens(&header)?;
    let mut found = 0;
    while walk.at < walk.length {
        walk.tensor(&header)?;
        found += 1;
    }
    if found < tensors(&header) {
        return Err(Flaw::Damaged("it ends before its last tensor"));
    }
    if found > tensors(&header) {
        return Err(Flaw::Damaged("it has more tensors than such a model has"));
    }
    Ok(header)
}

struct Walk {
    reader: BufReader<File>,
    at: u64,
    length: u64,
    /// Names of the tensors so far. whisper.cpp counts tensors, so one that comes twice hides one that is missing.
    names: BTreeSet<Vec<u8>>,
}

impl Walk {
    fn new(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { reader: BufReader::new(file), at: 0, length, names: BTreeSet::new() })
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Flaw> {
        let mut bytes = [0; N];
        if self.length - self.at < N as u64 {
            return Err(Flaw::Damaged("it ends too early"));
        }
        self.reader.read_exact(&mut bytes)?;
        self.at += N as u64;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u32, Flaw> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Flaw> {
        if self.length - self.at < bytes {
            return Err(Flaw::Damaged("it ends too early"));
        }
        let step = i64::try_from(bytes).map_err(|_| Flaw::Damaged("a length is impossible"))?;
        self.reader.seek_relative(step)?;
        self.at += bytes;
        Ok(())
    }

    fn header(&mut self) -> Result<Header, Flaw> {
        self.reader.seek(SeekFrom::Start(0))?;
        if self.length < 48 || self.number()? != MAGIC {
            return Err(Flaw::NotAModel);
        }
        let header = Header {
            vocabulary: self.number()?,
            audio_context: self.number()?,
            audio_width: self.number()?,
            audio_heads: self.number()?,
            audio_layers: self.number()?,
            text_context: self.number()?,
            text_width: self.number()?,
            text_heads: self.number()?,
            text_layers: self.number()?,
            mels: self.number()?,
        };
        let mix = self.number()?;
        let likely = (ENGLISH_ONLY..=ENGLISH_ONLY + 2).contains(&header.vocabulary)
            && header.audio_context == 1_500
            && header.text_context == 448
            && matches!(header.mels, 80 | 128)
            && (1..=64).contains(&header.audio_layers)
            && (1..=64).contains(&header.text_layers)
            && header.audio_width == header.text_width
            && (64..=2_048).contains(&header.text_width)
            // Which kinds of numbers it mixes, and a thousand times the version of that list.
            && mix < 10_000
            && matches!(mix % 1_000, 0..=3 | 7..=14)
            && header.text_width.is_multiple_of(64)
            && header.audio_heads == header.text_width / 64
            && header.text_heads == header.text_width / 64;
        if likely { Ok(header) } else { Err(Flaw::Damaged("its sizes are not a Whisper model's")) }
    }

    fn filters(&mut self, header: &Header) -> Result<Vec<[f32; BINS]>, Flaw> {
        let (mels, bins) = (self.number()?, self.number()?);
        if mels != header.mels || bins as usize != BINS {
            return Err(Flaw::Damaged("its filter bank has a wrong size"));
        }
        let mut filters = vec![[0.0; BINS]; mels as usize];
        for weight in filters.iter_mut().flatten() {
            *weight = f32::from_le_bytes(self.bytes()?);
        }
        Ok(filters)
    }

    fn tokens(&mut self, header: &Header) -> Result<(), Flaw> {
        let tokens = self.number()?;
        if tokens > header.vocabulary {
            return Err(Flaw::Damaged("its vocabulary is too long"));
        }
        for _ in 0..tokens {
            let length = self.number()?;
            if length > 1_024 {
                return Err(Flaw::Damaged("a token is too long"));
            }
            self.skip(u64::from(length))?;
        }
        Ok(())
    }

    fn tensor(&mut self, header: &Header) -> Result<(), Flaw> {
        let (rank, name, kind) = (self.number()?, self.number()?, self.number()?);
        if !(1..=3).contains(&rank) || !(1..=128).contains(&name) {
            return Err(Flaw::Damaged("a tensor's header makes no sense"));
        }
        // The largest matrix of any Whisper model is its vocabulary times its width.
        let most = u64::from(header.vocabulary) * u64::from(header.text_width);
        let mut elements = 1_u64;
        for _ in 0..rank {
            let axis = u64::from(self.number()?);
            elements = elements.saturating_mul(axis);
            if axis == 0 || elements > most {
                return Err(Flaw::Damaged("a tensor has an impossible shape"));
            }
        }
        let mut text = vec![0; name as usize];
        if self.length - self.at < u64::from(name) {
            return Err(Flaw::Damaged("it ends too early"));
        }
        self.reader.read_exact(&mut text)?;
        self.at += u64::from(name);
        if !(text.starts_with(b"encoder.") || text.starts_with(b"decoder.")) {
            return Err(Flaw::Damaged("a tensor has an unknown name"));
        }
        if !self.names.insert(text) {
            return Err(Flaw::Damaged("it has a tensor twice"));
        }
        let (bytes, numbers) =
            block(kind).ok_or(Flaw::Damaged("a tensor is of an unknown kind"))?;
        self.skip(elements / numbers * bytes)
    }
}
