//! The voice encoder: a stretch of speech becomes a direction in a space of 256, the same voice always much the same
//! one.
//!
//! Three LSTM layers of 256 cells, the last state through a linear layer, its negative parts cut off, brought to length
//! one: a d-vector (Wan, Wang, Papir and Lopez Moreno, "Generalized End-to-End Loss for Speaker Verification", 2018).
//! Any model of that shape can be run; the tensors have the names that `PyTorch` gives them.

use std::{fs::File, io::Read, path::Path};

use safetensors::{Dtype, SafeTensors};

use super::mel::MELS;
use crate::{lstm, matrix::add_products};

/// Cells of each layer, and numbers of a voice.
pub(crate) const WIDTH: usize = 256;
const GATES: usize = 4 * WIDTH;
const LAYERS: usize = 3;
/// Stretches that are worked on together: the weights are read once for all of them.
pub(crate) const TOGETHER: usize = 64;
/// Rows of the gates that are worked out ahead, so that they stay near the processor.
const AHEAD: usize = 512;
/// No voice encoder of this shape is larger. 1.4 million numbers are 5.7 MB.
const LARGEST: u64 = 8 << 20;

/// What a voice sounds like: a direction, so of length one; or all zeros where nothing was heard.
pub(crate) type Timbre = [f32; WIDTH];

/// The encoder's weights.
#[derive(Debug)]
pub(crate) struct Encoder {
    layers: Vec<Layer>,
    linear: Vec<f32>,
    bias: Vec<f32>,
}

/// One LSTM layer, row by row; the gates in `PyTorch`'s order: input, forget, cell, output.
#[derive(Debug)]
struct Layer {
    /// Numbers of one frame of what it hears.
    width: usize,
    /// [`GATES`] rows of `width`.
    input: Vec<f32>,
    /// [`GATES`] rows of [`WIDTH`].
    state: Vec<f32>,
    bias: Vec<f32>,
}

/// Why a file is no voice encoder, for the sentence that tells it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncoderError {
    /// It is something else, or damaged.
    #[error("{0}")]
    NotOne(String),
    /// The disk refused.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl Encoder {
    /// Reads a safetensors file. Every name and shape is checked, and that all numbers are numbers.
    pub(crate) fn load(path: &Path) -> Result<Self, EncoderError> {
        let mut bytes = Vec::new();
        File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Err(EncoderError::NotOne("it is too large for a voice encoder".to_owned()));
        }
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|_| EncoderError::NotOne("it is not a safetensors file".to_owned()))?;
        let layers = (0..LAYERS)
            .map(|layer| {
                let width = if layer == 0 { MELS } else { WIDTH };
                let mut bias = numbers(&file, &format!("lstm.bias_ih_l{layer}"), &[GATES])?;
                let more = numbers(&file, &format!("lstm.bias_hh_l{layer}"), &[GATES])?;
                bias.iter_mut().zip(more).for_each(|(a, b)| *a += b);
                Ok(Layer {
                    width,
                    input: numbers(&file, &format!("lstm.weight_ih_l{layer}"), &[GATES, width])?,
                    state: numbers(&file, &format!("lstm.weight_hh_l{layer}"), &[GATES, WIDTH])?,
                    bias,
                })
            })
            .collect::<Result<_, EncoderError>>()?;
        let linear = numbers(&file, "linear.weight", &[WIDTH, WIDTH])?;
        Ok(Self { layers, linear, bias: numbers(&file, "linear.bias", &[WIDTH])? })
    }

    /// The timbres of stretches of mel frames ([`MELS`] numbers each, longest stretch first), one for each `(stretch,
    /// frames)` of `reads`: as it is when so many frames of the stretch were heard.
    pub(crate) fn timbres(&self, stretches: &[&[f32]], reads: &[(usize, usize)]) -> Vec<Timbre> {
        let rows = Rows::of(stretches);
        let mut sound = vec![0.0; rows.total * MELS];
        for (index, stretch) in stretches.iter().enumerate() {
            for (step, frame) in stretch.chunks_exact(MELS).enumerate() {
                let at = rows.at(step, index) * MELS;
                sound[at..at + MELS].copy_from_slice(frame);
            }
        }
        for layer in &self.layers {
            sound = layer.run(&sound, &rows);
        }
        let mut states = vec![0.0; reads.len() * WIDTH];
        for (state, (stretch, frames)) in states.chunks_exact_mut(WIDTH).zip(reads) {
            if *frames > 0 {
                let at = rows.at(frames - 1, *stretch) * WIDTH;
                state.copy_from_slice(&sound[at..at + WIDTH]);
            }
        }
        let mut timbres = self.bias.repeat(reads.len());
        add_products(&states, &self.linear, WIDTH, &mut timbres);
        let (timbres, _) = timbres.as_chunks::<WIDTH>();
        timbres
            .iter()
            .map(|raw| {
                let mut timbre = raw.map(|number| number.max(0.0));
                normalise(&mut timbre);
                timbre
            })
            .collect()
    }
}

/// Brings a timbre to length one.
pub(crate) fn normalise(timbre: &mut Timbre) {
    let length = timbre.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in timbre {
            *number /= length;
        }
    }
}

/// Where the stretches lie in one matrix: step by step, in each step those that are not over yet.
struct Rows {
    /// The first row of each step, and one more.
    starts: Vec<usize>,
    total: usize,
}

impl Rows {
    fn of(stretches: &[&[f32]]) -> Self {
        let steps = stretches.first().map_or(0, |longest| longest.len() / MELS);
        let mut starts = vec![0];
        let mut total = 0;
        for step in 0..steps {
            total += stretches.partition_point(|stretch| stretch.len() / MELS > step);
            starts.push(total);
        }
        Self { starts, total }
    }

    fn at(&self, step: usize, stretch: usize) -> usize {
        self.starts[step] + stretch
    }

    fn width(&self, step: usize) -> usize {
        self.starts[step + 1] - self.starts[step]
    }

    const fn steps(&self) -> usize {
        self.starts.len() - 1
    }
}

impl Layer {
    fn run(&self, sound: &[f32], rows: &Rows) -> Vec<f32> {
        let most = if rows.steps() == 0 { 0 } else { rows.width(0) };
        let mut cells = vec![0.0; most * WIDTH];
        let mut states = vec![0.0; rows.total * WIDTH];
        let mut gates = Vec::with_capacity(AHEAD.max(most) * GATES);
        let mut step = 0;
        while step < rows.steps() {
            let first = rows.starts[step];
            let mut end = step + 1;
            while end < rows.steps() && rows.starts[end + 1] - first <= AHEAD {
                end += 1;
            }
            let part = &sound[first * self.width..rows.starts[end] * self.width];
            gates.clear();
            (first..rows.starts[end]).for_each(|_| gates.extend_from_slice(&self.bias));
            add_products(part, &self.input, self.width, &mut gates);
            for step in step..end {
                let (from, width) = (rows.starts[step], rows.width(step));
                let now = &mut gates[(from - first) * GATES..(from - first + width) * GATES];
                let (before, after) = states.split_at_mut(from * WIDTH);
                if step > 0 {
                    let start = rows.starts[step - 1] * WIDTH;
                    let before = &before[start..start + width * WIDTH];
                    add_products(before, &self.state, WIDTH, now);
                }
                let states = after.chunks_exact_mut(WIDTH).zip(cells.chunks_exact_mut(WIDTH));
                for (gates, (state, cells)) in now.chunks_exact(GATES).zip(states) {
                    lstm::step(gates, cells, state);
                }
            }
            step = end;
        }
        states
    }
}

fn numbers(file: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, EncoderError> {
    let tensor = file
        .tensor(name)
        .map_err(|_| EncoderError::NotOne(format!("it has no tensor `{name}`")))?;
    if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
        return Err(EncoderError::NotOne(format!("its tensor `{name}` has another shape")));
    }
    let numbers: Vec<f32> = tensor
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    if numbers.iter().all(|number| number.is_finite()) {
        Ok(numbers)
    } else {
        Err(EncoderError::NotOne(format!("its tensor `{name}` holds what is not a number")))
    }
}
