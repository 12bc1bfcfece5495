//! From Resemblyzer's checkpoint to a safetensors file.
//!
//! The checkpoint is a sequence of Python pickles with the numbers behind them, in the form of `PyTorch` before 1.6. A
//! pickle is a program, and none is run here: nothing of them is read at all. The wheel is pinned by its hash, so where
//! the numbers lie in it is known beforehand, and the hash of the result proves that it was right. The optimiser's
//! numbers, two thirds of the file, stay behind.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use safetensors::{Dtype, tensor::TensorView};

use super::ConvertError;

/// Name, shape, and the place of the first number in Resemblyzer 0.1.4's `pretrained.pt`.
const TENSORS: [(&str, &[usize], u64); 14] = [
    ("linear.bias", &[256], 6_699),
    ("linear.weight", &[256, 256], 7_731),
    ("lstm.weight_ih_l0", &[1024, 40], 269_883),
    ("lstm.weight_hh_l0", &[1024, 256], 433_723),
    ("lstm.weight_ih_l1", &[1024, 256], 1_482_299),
    ("lstm.weight_hh_l1", &[1024, 256], 2_530_875),
    ("lstm.weight_ih_l2", &[1024, 256], 3_579_451),
    ("lstm.weight_hh_l2", &[1024, 256], 4_628_027),
    ("lstm.bias_ih_l0", &[1024], 5_676_603),
    ("lstm.bias_hh_l0", &[1024], 5_680_699),
    ("lstm.bias_ih_l1", &[1024], 5_684_795),
    ("lstm.bias_hh_l1", &[1024], 5_688_891),
    ("lstm.bias_ih_l2", &[1024], 5_692_987),
    ("lstm.bias_hh_l2", &[1024], 5_697_083),
];

/// Writes the voice encoder of the checkpoint at `checkpoint` to `out`. Always the same bytes.
pub(crate) fn resemblyzer(checkpoint: &Path, out: &mut dyn Write) -> Result<(), ConvertError> {
    let mut file = File::open(checkpoint)?;
    let mut numbers = Vec::new();
    for (_, shape, offset) in &TENSORS {
        let mut bytes = vec![0; shape.iter().product::<usize>() * 4];
        file.seek(SeekFrom::Start(*offset))?;
        file.read_exact(&mut bytes)
            .map_err(|_| ConvertError::malformed("the checkpoint is too short"))?;
        numbers.push(bytes);
    }
    let mut views = Vec::new();
    for ((name, shape, _), bytes) in TENSORS.iter().zip(&numbers) {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes)
            .map_err(|error| ConvertError::malformed(error.to_string()))?;
        views.push((*name, view));
    }
    let file = safetensors::serialize(views, None)
        .map_err(|error| ConvertError::malformed(error.to_string()))?;
    out.write_all(&file)?;
    Ok(())
}
