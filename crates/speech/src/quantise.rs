//! From a model in float16 to one in fewer bits, as whisper.cpp's own tool makes it.
//!
//! Every matrix that is a multiple of 32 wide is stored in blocks of 32 numbers with a scale of their own; the rest
//! stays as it was. The numbers themselves are rounded by ggml, whose code reads them again later.

use std::io::{self, Read, Write};

use half::f16;
use whisper_rs::whisper_rs_sys as sys;

use crate::convert::MAGIC;

/// In how many bits a model's numbers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Eight: half the size of float16, and faster where the processor multiplies bytes.
    Q8_0,
    /// Five, with a scale and an offset for each block: a third of the size.
    Q5_1,
    /// Five, with a scale for each block.
    Q5_0,
}

impl Precision {
    /// All of them, most bits first.
    pub const ALL: [Self; 3] = [Self::Q8_0, Self::Q5_1, Self::Q5_0];

    /// As it stands in a model's name: `q8_0`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Q8_0 => "q8_0",
            Self::Q5_1 => "q5_1",
            Self::Q5_0 => "q5_0",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bits| bits.as_str() == name)
    }

    const fn kind(self) -> sys::ggml_type {
        match self {
            Self::Q8_0 => sys::ggml_type_GGML_TYPE_Q8_0,
            Self::Q5_1 => sys::ggml_type_GGML_TYPE_Q5_1,
            Self::Q5_0 => sys::ggml_type_GGML_TYPE_Q5_0,
        }
    }

    /// How the whole file is marked: the mix of kinds, and a thousand times the version of the rounding.
    const fn mix(self) -> u32 {
        2_000
            + match self {
                Self::Q8_0 => 7,
                Self::Q5_0 => 8,
                Self::Q5_1 => 9,
            }
    }

    /// Bytes of a block.
    const fn block(self) -> usize {
        match self {
            Self::Q8_0 => 34,
            Self::Q5_1 => 24,
            Self::Q5_0 => 22,
        }
    }
}

/// Numbers of a block.
const BLOCK: usize = 32;
/// The mark of a file whose matrices are float16.
const HALVES: u32 = 1;
/// Matrices that are added, not multiplied: the loader wants them as they are.
const KEPT: [&[u8]; 4] = [
    b"encoder.conv1.bias",
    b"encoder.conv2.bias",
    b"encoder.positional_embedding",
    b"decoder.positional_embedding",
];

/// Copies a model that [`crate::inspect`] has passed, with its matrices in fewer bits. `progress` hears how many bytes
/// were read.
pub(crate) fn quantise(
    from: &mut dyn Read,
    to: &mut dyn Write,
    bits: Precision,
    progress: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let mut copy = Copying { from, to, read: 0 };
    let mut header = [0_u32; 12];
    for number in &mut header {
        *number = copy.number()?;
    }
    if header[0] != MAGIC || header[11] != HALVES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not in float16"));
    }
    header[11] = bits.mix();
    for number in header {
        copy.to.write_all(&number.to_le_bytes())?;
    }
    let filters = u64::from(copy.same()?) * u64::from(copy.same()?) * 4;
    copy.bytes(filters)?;
    for _ in 0..copy.same()? {
        let length = copy.same()?;
        copy.bytes(u64::from(length))?;
    }
    while let Some(rank) = copy.first()? {
        tensor(&mut copy, rank, bits)?;
        progress(copy.read);
    }
    Ok(())
}

fn tensor(copy: &mut Copying<'_>, rank: u32, bits: Precision) -> io::Result<()> {
    let (length, kind) = (copy.number()?, copy.number()?);
    let axes = (0..rank).map(|_| copy.number()).collect::<io::Result<Vec<_>>>()?;
    let mut name = vec![0; length as usize];
    copy.read(&mut name)?;
    let width = axes.first().map_or(1, |width| *width as usize);
    let rows: usize = axes.iter().skip(1).map(|axis| *axis as usize).product();
    let fewer = rank == 2 && width.is_multiple_of(BLOCK) && !KEPT.contains(&&*name);
    let kept = if fewer { bits.kind() } else { kind };
    for number in [rank, length, kept].iter().chain(&axes) {
        copy.to.write_all(&number.to_le_bytes())?;
    }
    copy.to.write_all(&name)?;
    let bytes = if kind == 0 { 4 } else { 2 };
    if !fewer {
        return copy.bytes((width * rows * bytes) as u64);
    }
    let mut raw = vec![0; width * bytes];
    let mut numbers = vec![0.0; width];
    for _ in 0..rows {
        copy.read(&mut raw)?;
        for (number, raw) in numbers.iter_mut().zip(raw.chunks_exact(bytes)) {
            *number = match *raw {
                [a, b] => f16::from_le_bytes([a, b]).to_f32(),
                [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
                _ => 0.0,
            };
        }
        copy.to.write_all(&round(&numbers, bits))?;
    }
    Ok(())
}

/// One row in blocks.
#[expect(unsafe_code, reason = "ggml's rounding takes pointers")]
fn round(row: &[f32], bits: Precision) -> Vec<u8> {
    let mut blocks = vec![0_u8; row.len() / BLOCK * bits.block()];
    assert!(row.len().is_multiple_of(BLOCK));
    // SAFETY: ggml reads one row of `row.len()` numbers, a whole number of blocks as asserted, and writes as many
    // blocks, each `bits.block()` bytes long (the size of its `block_q8_0`, `block_q5_1`, `block_q5_0`); these kinds
    // take no matrix of importances, which may be null.
    let written = unsafe {
        sys::ggml_quantize_chunk(
            bits.kind(),
            row.as_ptr(),
            blocks.as_mut_ptr().cast(),
            0,
            1,
            row.len().cast_signed() as i64,
            std::ptr::null(),
        )
    };
    debug_assert_eq!(written, blocks.len());
    blocks
}

struct Copying<'a> {
    from: &'a mut dyn Read,
    to: &'a mut dyn Write,
    read: u64,
}

impl Copying<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(out)?;
        self.read += out.len() as u64;
        Ok(())
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.read(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// The next tensor's first number; none at the file's end.
    fn first(&mut self) -> io::Result<Option<u32>> {
        match self.number() {
            Ok(number) => Ok(Some(number)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Copies a number.
    fn same(&mut self) -> io::Result<u32> {
        let number = self.number()?;
        self.to.write_all(&number.to_le_bytes())?;
        Ok(number)
    }

    /// Copies so many bytes.
    fn bytes(&mut self, count: u64) -> io::Result<()> {
        let copied = io::copy(&mut (&mut *self.from).take(count), self.to)?;
        self.read += copied;
        if copied == count { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
