//! The index of a `CTranslate2` `model.bin`: which tensor lies where.
//!
//! Layout, little endian: version `u32`; specification name; revision `u32`; number of tensors `u32`; then per tensor
//! its name, rank `u8`, dimensions `u32` each, element kind `u8`, length in bytes `u32`, and the numbers; at the end
//! the number of aliases `u32` and per alias its name and the name that it stands for. A name is a `u16` length
//! (the closing zero counted) and the bytes.

use std::{
    collections::BTreeMap,
    io::{Read, Seek, SeekFrom},
};

use super::ConvertError;

/// Element kinds that Whisper weights come in here. Quantised files are refused: their scales are not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    F32,
    F16,
}

impl Kind {
    /// Bytes per number.
    pub(super) const fn width(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F16 => 2,
        }
    }
}

/// One tensor of the file.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// Rows first.
    pub(super) dims: Vec<u32>,
    pub(super) kind: Kind,
    /// Where its first number lies in the file.
    pub(super) offset: u64,
}

/// An opened file and its index.
pub(super) struct Ct2<R> {
    reader: R,
    variables: BTreeMap<String, Variable>,
}

/// No Whisper tensor has more axes than a convolution's three; the file's own limit is higher.
const MAX_RANK: u8 = 4;
/// Large Whisper models have about 1,300 tensors.
const MAX_VARIABLES: u32 = 100_000;

impl<R: Read + Seek> Ct2<R> {
    /// Reads the index. The numbers stay in the file.
    pub(super) fn open(mut reader: R) -> Result<Self, ConvertError> {
        let length = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        let version = u32_of(&mut reader)?;
        if !(4..=6).contains(&version) {
            return Err(ConvertError::malformed(format!(
                "it is not a CTranslate2 file of a known version (found {version})"
            )));
        }
        let specification = name_of(&mut reader)?;
        if specification != "WhisperSpec" {
            return Err(ConvertError::malformed(format!(
                "it holds a `{specification}`, not a Whisper model"
            )));
        }
        let _revision = u32_of(&mut reader)?;
        let number = u32_of(&mut reader)?;
        if number > MAX_VARIABLES {
            return Err(ConvertError::malformed("it claims too many tensors"));
        }
        let mut variables = BTreeMap::new();
        for _ in 0..number {
            if let Some((name, variable)) = variable_of(&mut reader, length)? {
                variables.insert(name, variable);
            }
        }
        let aliases = u32_of(&mut reader)?;
        for _ in 0..aliases.min(MAX_VARIABLES) {
            let alias = name_of(&mut reader)?;
            let target = name_of(&mut reader)?;
            if let Some(variable) = variables.get(&target).cloned() {
                variables.insert(alias, variable);
            }
        }
        Ok(Self { reader, variables })
    }

    /// The tensor of that name.
    pub(super) fn get(&self, name: &str) -> Result<&Variable, ConvertError> {
        self.variables
            .get(name)
            .ok_or_else(|| ConvertError::malformed(format!("tensor `{name}` is missing")))
    }

    /// How many layers `side` (`encoder` or `decoder`) has.
    pub(super) fn layers(&self, side: &str) -> usize {
        (0..self.variables.len())
            .take_while(|layer| {
                let name = format!("{side}/layer_{layer}/self_attention/linear_0/weight");
                self.variables.contains_key(&name)
            })
            .count()
    }

    /// The file, to read numbers from.
    pub(super) fn reader(&mut self) -> &mut R {
        &mut self.reader
    }
}

/// One index entry, or nothing for the scalars that describe the model (they are of kinds that no weight has).
fn variable_of<R: Read + Seek>(
    reader: &mut R,
    length: u64,
) -> Result<Option<(String, Variable)>, ConvertError> {
    let name = name_of(reader)?;
    let rank = u8_of(reader)?;
    if rank > MAX_RANK {
        return Err(ConvertError::malformed(format!("tensor `{name}` has {rank} axes")));
    }
    let dims = (0..rank).map(|_| u32_of(reader)).collect::<Result<Vec<_>, _>>()?;
    let kind = u8_of(reader)?;
    let bytes = u64::from(u32_of(reader)?);
    let offset = reader.stream_position()?;
    let end = offset + bytes;
    if end > length {
        return Err(ConvertError::malformed("it ends in the middle of a tensor"));
    }
    reader.seek(SeekFrom::Start(end))?;
    let kind = match kind {
        0 => Kind::F32,
        4 => Kind::F16,
        _ if dims.is_empty() || dims == [1] => return Ok(None),
        other => {
            return Err(ConvertError::malformed(format!(
                "tensor `{name}` has numbers of kind {other}; only float16 and float32 are understood"
            )));
        }
    };
    let elements = dims.iter().try_fold(1_u64, |n, dim| n.checked_mul(u64::from(*dim)));
    if elements.and_then(|n| n.checked_mul(kind.width())) != Some(bytes) {
        return Err(ConvertError::malformed(format!(
            "tensor `{name}` has a length that does not fit its shape"
        )));
    }
    Ok(Some((name, Variable { dims, kind, offset })))
}

fn bytes_of<const N: usize>(reader: &mut impl Read) -> Result<[u8; N], ConvertError> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn u8_of(reader: &mut impl Read) -> Result<u8, ConvertError> {
    Ok(u8::from_le_bytes(bytes_of(reader)?))
}

fn u32_of(reader: &mut impl Read) -> Result<u32, ConvertError> {
    Ok(u32::from_le_bytes(bytes_of(reader)?))
}

fn name_of(reader: &mut impl Read) -> Result<String, ConvertError> {
    let length = u16::from_le_bytes(bytes_of(reader)?);
    let mut bytes = vec![0; usize::from(length)];
    reader.read_exact(&mut bytes)?;
    // The closing zero.
    bytes.pop();
    String::from_utf8(bytes).map_err(|_| ConvertError::malformed("a tensor's name is not text"))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn name(text: &str) -> Vec<u8> {
        let mut bytes = u16::try_from(text.len() + 1).unwrap().to_le_bytes().to_vec();
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        bytes
    }

    /// A file with one 2x3 float16 tensor and one alias of it.
    fn file() -> Vec<u8> {
        let mut bytes = 6_u32.to_le_bytes().to_vec();
        bytes.extend(name("WhisperSpec"));
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(name("decoder/embeddings/weight"));
        bytes.push(2);
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend(3_u32.to_le_bytes());
        bytes.push(4);
        bytes.extend(12_u32.to_le_bytes());
        bytes.extend([7; 12]);
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(name("decoder/projection/weight"));
        bytes.extend(name("decoder/embeddings/weight"));
        bytes
    }

    #[test]
    fn reads_the_index_and_the_aliases() {
        let model = Ct2::open(Cursor::new(file())).unwrap();
        let weight = model.get("decoder/projection/weight").unwrap();
        assert_eq!(weight.dims, [2, 3]);
        assert_eq!(weight.kind, Kind::F16);
        let start = usize::try_from(weight.offset).unwrap();
        assert_eq!(file()[start..start + 12], [7; 12]);
        assert!(model.get("encoder/conv1/weight").is_err());
    }

    #[test]
    fn every_cut_file_is_refused() {
        let whole = file();
        for length in 0..whole.len() {
            assert!(
                Ct2::open(Cursor::new(whole[..length].to_vec())).is_err(),
                "a file cut to {length} bytes was accepted"
            );
        }
    }

    #[test]
    fn a_length_that_does_not_fit_the_shape_is_refused() {
        let mut bytes = file();
        let at = bytes.windows(4).position(|four| four == 3_u32.to_le_bytes()).unwrap();
        let dims = bytes[at + 4..].windows(4).position(|four| four == 3_u32.to_le_bytes()).unwrap();
        bytes[at + 4 + dims] = 5;
        assert!(matches!(Ct2::open(Cursor::new(bytes)), Err(ConvertError::Malformed(_))));
    }
}
