//! The small network that hears voices: Silero VAD for 16 kHz sound, from its ggml file.
//!
//! Each 32 ms of sound (with the 4 ms before them) become four spectra, four convolutions reduce them to 128 numbers,
//! and an LSTM that remembers what came before makes a probability of them. After the published network of the Silero
//! team (MIT), versions 5 and 6. Computed here rather than by whisper.cpp, whose detector forgets everything at each
//! call, reads the sound without what was before it, trusts its file, and takes six times as long.

use std::{fs, path::Path};

use half::f16;

use crate::{
    convert::MAGIC,
    lstm::{self, sigmoid},
    matrix::add_products,
};

/// Samples of one judgement: 32 ms.
pub(super) const FRAME: usize = 512;
/// Samples before them that belong to their spectra.
const BEFORE: usize = 64;
/// A frame with what lies before it, and as much of its own end mirrored.
const PADDED: usize = BEFORE + FRAME + 64;
/// Samples of one spectrum, and from one spectrum to the next.
const WINDOW: usize = 256;
const HOP: usize = 128;
/// Spectra of a frame.
const SPECTRA: usize = 4;
/// Frequencies of a spectrum.
const BINS: usize = 129;
/// Numbers that the LSTM remembers.
const MEMORY: usize = 128;
/// Numbers that the LSTM is given: for each that it remembers, four.
pub(super) const GATES: usize = 4 * MEMORY;
/// Frames that are computed together: one second.
const TOGETHER: usize = 32;

/// Why a file is not the network.
#[derive(Debug, thiserror::Error)]
pub(super) enum Flaw {
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("it is not a Silero voice detector for 16 kHz in ggml form")]
    Other,
    #[error("it is damaged")]
    Damaged,
}

/// One convolution over time, three steps wide.
#[derive(Debug)]
struct Convolution {
    inputs: usize,
    outputs: usize,
    stride: usize,
    /// For each output, for each input, three numbers.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// The network's numbers. Shared; what it remembers is a [`Memory`].
#[derive(Debug)]
pub(super) struct Network {
    /// For each frequency, cosine part first, then sine part: [`WINDOW`] numbers.
    spectrum: Vec<f32>,
    convolutions: [Convolution; 4],
    from_input: Vec<f32>,
    /// For each number of the memory its weights for every gate: what is added is added to many gates at a time.
    from_memory: Vec<f32>,
    /// Of both.
    bias: Vec<f32>,
    last: Vec<f32>,
    last_bias: f32,
}

/// What the network remembers of the sound so far.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    hidden: [f32; MEMORY],
    cell: [f32; MEMORY],
    before: [f32; BEFORE],
}

impl Default for Memory {
    /// Of nothing.
    fn default() -> Self {
        Self { hidden: [0.0; MEMORY], cell: [0.0; MEMORY], before: [0.0; BEFORE] }
    }
}

impl Network {
    /// Reads the file and believes nothing in it.
    pub(super) fn load(path: &Path) -> Result<Self, Flaw> {
        let length = fs::metadata(path)?.len();
        if length > 8 << 20 {
            return Err(Flaw::Other);
        }
        Self::read(&fs::read(path)?)
    }

    fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        let mut file = File { rest: bytes };
        if file.number()? != MAGIC || file.number()? != 10 || file.take(10)? != b"silero-16k" {
            return Err(Flaw::Other);
        }
        // Its version; then the sizes that this code is written for.
        file.take(12)?;
        let sizes = [512, 64, 4, 129, 128, 3, 128, 64, 3, 64, 64, 3, 64, 128, 3, 128, 128, 128, 1];
        for size in sizes {
            if file.number()? != size {
                return Err(Flaw::Other);
            }
        }
        let mut convolution = |index: usize, inputs: usize, outputs: usize, stride: usize| {
            let name = |part: &str| format!("_model.encoder.{index}.reparam_conv.{part}");
            Ok::<_, Flaw>(Convolution {
                inputs,
                outputs,
                stride,
                weights: file.tensor(&name("weight"), &[3, inputs, outputs])?,
                bias: file.tensor(&name("bias"), &[outputs])?,
            })
        };
        let convolutions = [
            convolution(0, BINS, 128, 1)?,
            convolution(1, 128, 64, 2)?,
            convolution(2, 64, 64, 2)?,
            convolution(3, 64, MEMORY, 1)?,
        ];
        let from_input = file.tensor("_model.decoder.rnn.weight_ih", &[MEMORY, GATES])?;
        let by_gate = file.tensor("_model.decoder.rnn.weight_hh", &[MEMORY, GATES])?;
        let from_memory = (0..MEMORY)
            .flat_map(|number| by_gate.iter().skip(number).step_by(MEMORY).copied())
            .collect();
        let mut bias = file.tensor("_model.decoder.rnn.bias_ih", &[GATES])?;
        let more = file.tensor("_model.decoder.rnn.bias_hh", &[GATES])?;
        bias.iter_mut().zip(more).for_each(|(bias, more)| *bias += more);
        let last = file.tensor("_model.decoder.decoder.2.weight", &[MEMORY])?;
        let last_bias = file.tensor("_model.decoder.decoder.2.bias", &[])?;
        let spectrum = file.tensor("_model.stft.forward_basis_buffer", &[WINDOW, 1, 2 * BINS])?;
        if !file.rest.is_empty() {
            return Err(Flaw::Damaged);
        }
        let last_bias = last_bias.first().copied().ok_or(Flaw::Damaged)?;
        Ok(Self { spectrum, convolutions, from_input, from_memory, bias, last, last_bias })
    }

    /// What the LSTM is given of each frame: [`GATES`] numbers. The frames come one after the other.
    pub(super) fn prepare(&self, memory: &mut Memory, frames: &[[f32; FRAME]]) -> Vec<f32> {
        let mut prepared = Vec::with_capacity(frames.len() * GATES);
        for frames in frames.chunks(TOGETHER) {
            let mut numbers = self.spectra(memory, frames);
            let mut steps = SPECTRA;
            for convolution in &self.convolutions {
                (numbers, steps) = convolution.run(&numbers, frames.len(), steps);
            }
            let mut gates = self.bias.repeat(frames.len());
            add_products(&numbers, &self.from_input, MEMORY, &mut gates);
            prepared.append(&mut gates);
        }
        prepared
    }

    /// Loudness of each frequency: for each frame, [`SPECTRA`] rows of [`BINS`].
    fn spectra(&self, memory: &mut Memory, frames: &[[f32; FRAME]]) -> Vec<f32> {
        let mut windows = Vec::with_capacity(frames.len() * SPECTRA * WINDOW);
        let mut padded = [0.0; PADDED];
        for frame in frames {
            padded[..BEFORE].copy_from_slice(&memory.before);
            padded[BEFORE..BEFORE + FRAME].copy_from_slice(frame);
            for at in 0..PADDED - BEFORE - FRAME {
                padded[BEFORE + FRAME + at] = frame[FRAME - 2 - at];
            }
            memory.before.copy_from_slice(&frame[FRAME - BEFORE..]);
            for spectrum in 0..SPECTRA {
                windows.extend_from_slice(&padded[spectrum * HOP..spectrum * HOP + WINDOW]);
            }
        }
        let rows = frames.len() * SPECTRA;
        let mut parts = vec![0.0; rows * 2 * BINS];
        add_products(&windows, &self.spectrum, WINDOW, &mut parts);
        parts
            .chunks_exact(2 * BINS)
            .flat_map(|row| {
                let (cosine, sine) = row.split_at(BINS);
                cosine.iter().zip(sine).map(|(c, s)| c.hypot(*s))
            })
            .collect()
    }

    /// How likely the next frame holds a voice, 0 to 1: one step of the LSTM, given what was prepared of the frame.
    pub(super) fn remember(&self, memory: &mut Memory, prepared: &[f32]) -> f32 {
        let mut gates = prepared.to_vec();
        // One row: a library for whole matrices would rearrange all the weights for it.
        for (hidden, weights) in memory.hidden.iter().zip(self.from_memory.chunks_exact(GATES)) {
            for (gate, weight) in gates.iter_mut().zip(weights) {
                *gate += hidden * weight;
            }
        }
        lstm::step(&gates, &mut memory.cell, &mut memory.hidden);
        let weighed = memory.hidden.iter().zip(&self.last).map(|(hidden, w)| hidden.max(0.0) * w);
        sigmoid(self.last_bias + weighed.sum::<f32>())
    }
}

impl Memory {
    /// Forgets what the LSTM remembers.
    pub(super) fn forget(&mut self) {
        (self.hidden, self.cell) = ([0.0; MEMORY], [0.0; MEMORY]);
    }
}

impl Convolution {
    /// `numbers` are `steps` rows of inputs for each frame; returns rows of outputs, and how many for each frame.
    fn run(&self, numbers: &[f32], frames: usize, steps: usize) -> (Vec<f32>, usize) {
        let made = steps.div_ceil(self.stride);
        let width = self.inputs * 3;
        let mut rows = vec![0.0; frames * made * width];
        for (row, target) in rows.chunks_exact_mut(width).enumerate() {
            let (frame, step) = (row / made, row % made * self.stride);
            for tap in 0..3 {
                // The neighbours of the first and of the last step are silence.
                let Some(at) = (step + tap).checked_sub(1).filter(|at| *at < steps) else {
                    continue;
                };
                let source = &numbers[(frame * steps + at) * self.inputs..][..self.inputs];
                for (input, number) in source.iter().enumerate() {
                    target[input * 3 + tap] = *number;
                }
            }
        }
        let mut out = self.bias.repeat(frames * made);
        add_products(&rows, &self.weights, width, &mut out);
        for number in &mut out {
            *number = number.max(0.0);
        }
        debug_assert_eq!(out.len(), frames * made * self.outputs);
        (out, made)
    }
}

struct File<'a> {
    rest: &'a [u8],
}

impl<'a> File<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Flaw> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Flaw::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, Flaw> {
        let bytes = self.take(4)?.try_into().map_err(|_| Flaw::Damaged)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// The next tensor, which has to be that one; as float32. `axes` are in the file's order: fastest first.
    fn tensor(&mut self, name: &str, axes: &[usize]) -> Result<Vec<f32>, Flaw> {
        let rank = self.number()?;
        let length = self.number()?;
        let kind = self.number()?;
        if rank as usize != axes.len() || length as usize != name.len() || kind > 1 {
            return Err(Flaw::Damaged);
        }
        for axis in axes {
            if self.number()? as usize != *axis {
                return Err(Flaw::Damaged);
            }
        }
        if self.take(name.len())? != name.as_bytes() {
            return Err(Flaw::Damaged);
        }
        let count: usize = axes.iter().product();
        let numbers: Vec<f32> = if kind == 0 {
            let (chunks, _) = self.take(count * 4)?.as_chunks::<4>();
            chunks.iter().map(|four| f32::from_le_bytes(*four)).collect()
        } else {
            let (chunks, _) = self.take(count * 2)?.as_chunks::<2>();
            chunks.iter().map(|two| f16::from_le_bytes(*two).to_f32()).collect()
        };
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(numbers)
        } else {
            Err(Flaw::Damaged)
        }
    }
}
