//! From the forms that weights come in to those that are used: here from a `CTranslate2` Whisper model to the ggml file
//! that whisper.cpp loads; [`resemblyzer()`] has the voice encoder's.
//!
//! Some package registries carry `OpenAI`'s Whisper weights as `CTranslate2` files (float16). The numbers are the same
//! as in whisper.cpp's own files; the container, the tensor names and a few fusions differ. This module
//! undoes the fusions, names the tensors as whisper.cpp expects them, computes the mel filter bank and the token
//! bytes, and writes everything in one pass without ever holding the weights in memory.

mod ct2;
pub(crate) mod mel;
mod resemblyzer;
mod tensors;
mod vocabulary;

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};

use half::f16;

pub(crate) use self::resemblyzer::resemblyzer;
use self::{ct2::Ct2, tensors::Tensor};

/// Marks a ggml file; its first four bytes, little endian.
pub(crate) const MAGIC: u32 = 0x6767_6d6c;

/// "Most tensors are float16" in whisper.cpp's header and in a tensor's header.
const FTYPE_F16: u32 = 1;
const FTYPE_F32: u32 = 0;

/// Why a file cannot be converted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConvertError {
    /// The file is not what it claims to be.
    #[error("the downloaded weights cannot be converted: {0}")]
    Malformed(String),
    /// The disk refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ConvertError {
    fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }
}

/// Converts `weights` (a `CTranslate2` `model.bin`) and `vocabulary` (`.txt` or `.json`) to a ggml file in `out`.
///
/// `progress` hears how many bytes of the result are written, and of how many.
pub(crate) fn ctranslate2(
    weights: &Path,
    vocabulary: &Path,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), ConvertError> {
    let mut model = Ct2::open(BufReader::new(File::open(weights)?))?;
    let shape = tensors::Shape::of(&model)?;
    let tokens = vocabulary::read(vocabulary, shape.english_only())?;
    let plan = tensors::plan(&model, &shape)?;
    let total: u64 = plan.iter().map(Tensor::bytes_out).sum();

    let mut out = BufWriter::with_capacity(1 << 16, out);
    write_header(&mut out, &shape)?;
    write_mel(&mut out, shape.mels)?;
    write_tokens(&mut out, &tokens)?;
    let mut done = 0;
    for tensor in &plan {
        write_tensor(&mut out, &mut model, tensor)?;
        done += tensor.bytes_out();
        progress(done, total);
    }
    out.flush()?;
    Ok(())
}

fn put(out: &mut dyn Write, value: u32) -> io::Result<()> {
    out.write_all(&value.to_le_bytes())
}

/// A count as the file's 32-bit integer. Every count here comes from a file whose own counts are 32 bits wide.
fn count(n: usize) -> Result<u32, ConvertError> {
    u32::try_from(n).map_err(|_| ConvertError::malformed("a count does not fit 32 bits"))
}

fn write_header(out: &mut dyn Write, shape: &tensors::Shape) -> Result<(), ConvertError> {
    for value in [
        MAGIC,
        shape.vocabulary,
        shape.audio_context,
        shape.width,
        shape.heads(),
        shape.audio_layers,
        shape.text_context,
        shape.width,
        shape.heads(),
        shape.text_layers,
        shape.mels,
        FTYPE_F16,
    ] {
        put(out, value)?;
    }
    Ok(())
}

fn write_mel(out: &mut dyn Write, mels: u32) -> Result<(), ConvertError> {
    let bank = mel::filter_bank(mels as usize);
    put(out, mels)?;
    put(out, count(mel::BINS)?)?;
    for weight in bank.iter().flatten() {
        out.write_all(&weight.to_le_bytes())?;
    }
    Ok(())
}

fn write_tokens(out: &mut dyn Write, tokens: &[Vec<u8>]) -> Result<(), ConvertError> {
    put(out, count(tokens.len())?)?;
    for token in tokens {
        put(out, count(token.len())?)?;
        out.write_all(token)?;
    }
    Ok(())
}

fn write_tensor<R: Read + Seek>(
    out: &mut dyn Write,
    model: &mut Ct2<R>,
    tensor: &Tensor,
) -> Result<(), ConvertError> {
    put(out, count(tensor.dims.len())?)?;
    put(out, count(tensor.name.len())?)?;
    put(out, if tensor.wide { FTYPE_F32 } else { FTYPE_F16 })?;
    // ggml names the fastest-moving axis first.
    for dim in tensor.dims.iter().rev() {
        put(out, *dim)?;
    }
    out.write_all(tensor.name.as_bytes())?;
    copy_numbers(out, model, tensor)
}

/// Copies a tensor's numbers through a small buffer, changing their width where the two files differ.
fn copy_numbers<R: Read + Seek>(
    out: &mut dyn Write,
    model: &mut Ct2<R>,
    tensor: &Tensor,
) -> Result<(), ConvertError> {
    let source = model.reader();
    source.seek(SeekFrom::Start(tensor.offset))?;
    let width = tensor.kind.width();
    let mut left = tensor.elements();
    let mut numbers = vec![0_u8; 1 << 15];
    let room = u64::try_from(numbers.len()).unwrap_or(u64::MAX) / width;
    let mut widened = Vec::with_capacity(1 << 16);
    while left > 0 {
        let take = left.min(room);
        let bytes = usize::try_from(take * width)
            .map_err(|_| ConvertError::malformed("a tensor is too large"))?;
        let chunk = &mut numbers[..bytes];
        source.read_exact(chunk)?;
        widened.clear();
        match (tensor.kind, tensor.wide) {
            (ct2::Kind::F16, false) | (ct2::Kind::F32, true) => widened.extend_from_slice(chunk),
            (ct2::Kind::F16, true) => {
                for pair in chunk.chunks_exact(2) {
                    let number = f16::from_le_bytes([pair[0], pair[1]]);
                    widened.extend_from_slice(&number.to_f32().to_le_bytes());
                }
            }
            (ct2::Kind::F32, false) => {
                for four in chunk.chunks_exact(4) {
                    let number = f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
                    widened.extend_from_slice(&f16::from_f32(number).to_le_bytes());
                }
            }
        }
        out.write_all(&widened)?;
        left -= take;
    }
    Ok(())
}
