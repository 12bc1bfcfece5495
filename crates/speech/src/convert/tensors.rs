//! Which ggml tensor comes from which part of which `CTranslate2` tensor.
//!
//! `CTranslate2` stacks the query, key and value projections of self-attention into one matrix, and the key and value
//! projections of cross-attention into another; the key's bias, which Whisper does not have, is zeros there. Here they
//! are rows again.

use std::io::{Read, Seek};

use super::{
    ConvertError,
    ct2::{Ct2, Kind, Variable},
};

/// Rows of one attention head in every Whisper model.
const HEAD: u32 = 64;
/// Entries of the English-only models' vocabulary; the multilingual ones have more.
const ENGLISH_ONLY: u32 = 51_864;

/// The sizes that whisper.cpp's header carries.
pub(super) struct Shape {
    pub(super) vocabulary: u32,
    pub(super) width: u32,
    pub(super) audio_context: u32,
    pub(super) audio_layers: u32,
    pub(super) text_context: u32,
    pub(super) text_layers: u32,
    pub(super) mels: u32,
}

impl Shape {
    /// Reads the sizes off the tensors.
    pub(super) fn of<R: Read + Seek>(model: &Ct2<R>) -> Result<Self, ConvertError> {
        let axis =
            |name: &str, axis: usize| {
                let variable = model.get(name)?;
                variable.dims.get(axis).copied().ok_or_else(|| {
                    ConvertError::malformed(format!("tensor `{name}` has too few axes"))
                })
            };
        Ok(Self {
            vocabulary: axis("decoder/embeddings/weight", 0)?,
            width: axis("decoder/embeddings/weight", 1)?,
            audio_context: axis("encoder/position_encodings/encodings", 0)?,
            audio_layers: super::count(model.layers("encoder"))?,
            text_context: axis("decoder/position_encodings/encodings", 0)?,
            text_layers: super::count(model.layers("decoder"))?,
            mels: axis("encoder/conv1/weight", 1)?,
        })
    }

    pub(super) const fn heads(&self) -> u32 {
        self.width / HEAD
    }

    pub(super) const fn english_only(&self) -> bool {
        self.vocabulary == ENGLISH_ONLY
    }
}

/// One tensor to write.
#[derive(Debug)]
pub(super) struct Tensor {
    pub(super) name: String,
    /// Rows first.
    pub(super) dims: Vec<u32>,
    /// Kind and place of the numbers in the `CTranslate2` file.
    pub(super) kind: Kind,
    pub(super) offset: u64,
    /// Whether it is written as float32; else as float16.
    pub(super) wide: bool,
}

impl Tensor {
    pub(super) fn elements(&self) -> u64 {
        self.dims.iter().map(|dim| u64::from(*dim)).product()
    }

    pub(super) fn bytes_out(&self) -> u64 {
        self.elements() * if self.wide { 4 } else { 2 }
    }
}

/// Collects the tensors of one model.
struct Plan<'a, R> {
    model: &'a Ct2<R>,
    width: u32,
    tensors: Vec<Tensor>,
}

/// All tensors in the order in which they are written.
pub(super) fn plan<R: Read + Seek>(
    model: &Ct2<R>,
    shape: &Shape,
) -> Result<Vec<Tensor>, ConvertError> {
    let mut plan = Plan { model, width: shape.width, tensors: Vec::new() };
    for convolution in ["conv1", "conv2"] {
        plan.whole(
            &format!("encoder.{convolution}.weight"),
            &format!("encoder/{convolution}/weight"),
        )?;
        plan.column(
            &format!("encoder.{convolution}.bias"),
            &format!("encoder/{convolution}/bias"),
        )?;
    }
    for side in ["encoder", "decoder"] {
        let positions = format!("{side}/position_encodings/encodings");
        plan.whole(&format!("{side}.positional_embedding"), &positions)?;
        plan.last_is_wide();
    }
    plan.whole("decoder.token_embedding.weight", "decoder/embeddings/weight")?;
    plan.norm("encoder.ln_post", "encoder/layer_norm")?;
    plan.norm("decoder.ln", "decoder/layer_norm")?;
    for layer in 0..shape.audio_layers {
        plan.block("encoder", layer)?;
    }
    for layer in 0..shape.text_layers {
        plan.block("decoder", layer)?;
    }
    Ok(plan.tensors)
}

impl<R: Read + Seek> Plan<'_, R> {
    fn push(&mut self, name: &str, dims: Vec<u32>, source: &Variable, offset: u64) {
        let wide = dims.len() < 2;
        let kind = source.kind;
        self.tensors.push(Tensor { name: name.to_owned(), dims, kind, offset, wide });
    }

    fn last_is_wide(&mut self) {
        if let Some(last) = self.tensors.last_mut() {
            last.wide = true;
        }
    }

    fn whole(&mut self, name: &str, source: &str) -> Result<(), ConvertError> {
        let source = self.model.get(source)?;
        self.push(name, source.dims.clone(), source, source.offset);
        Ok(())
    }

    /// A vector as a float32 matrix of one column: what whisper.cpp expects of the convolutions' biases.
    fn column(&mut self, name: &str, source: &str) -> Result<(), ConvertError> {
        self.whole(name, source)?;
        if let Some(last) = self.tensors.last_mut() {
            last.dims.push(1);
        }
        self.last_is_wide();
        Ok(())
    }

    /// The `part`-th stack of `width` rows (or numbers) of a fused tensor of `parts`.
    fn part(
        &mut self,
        name: &str,
        source: &str,
        part: u32,
        parts: u32,
    ) -> Result<(), ConvertError> {
        let fused = self.model.get(source)?;
        let mut dims = fused.dims.clone();
        match dims.first_mut() {
            Some(rows) if *rows == self.width * parts => *rows = self.width,
            _ => return Err(ConvertError::malformed(format!("`{source}` has an unknown shape"))),
        }
        let bytes = dims.iter().map(|dim| u64::from(*dim)).product::<u64>() * fused.kind.width();
        self.push(name, dims, fused, fused.offset + u64::from(part) * bytes);
        Ok(())
    }

    fn norm(&mut self, name: &str, source: &str) -> Result<(), ConvertError> {
        self.whole(&format!("{name}.weight"), &format!("{source}/gamma"))?;
        self.whole(&format!("{name}.bias"), &format!("{source}/beta"))
    }

    fn linear(&mut self, name: &str, source: &str) -> Result<(), ConvertError> {
        self.whole(&format!("{name}.weight"), &format!("{source}/weight"))?;
        self.whole(&format!("{name}.bias"), &format!("{source}/bias"))
    }

    fn linear_part(
        &mut self,
        name: &str,
        source: &str,
        part: u32,
        parts: u32,
    ) -> Result<(), ConvertError> {
        self.part(&format!("{name}.weight"), &format!("{source}/weight"), part, parts)?;
        self.part(&format!("{name}.bias"), &format!("{source}/bias"), part, parts)
    }

    fn block(&mut self, side: &str, layer: u32) -> Result<(), ConvertError> {
        let from = format!("{side}/layer_{layer}");
        let to = format!("{side}.blocks.{layer}");

        let fused = format!("{from}/self_attention/linear_0");
        self.linear_part(&format!("{to}.attn.query"), &fused, 0, 3)?;
        self.part(&format!("{to}.attn.key.weight"), &format!("{fused}/weight"), 1, 3)?;
        self.linear_part(&format!("{to}.attn.value"), &fused, 2, 3)?;
        self.linear(&format!("{to}.attn.out"), &format!("{from}/self_attention/linear_1"))?;
        self.norm(&format!("{to}.attn_ln"), &format!("{from}/self_attention/layer_norm"))?;

        if side == "decoder" {
            let cross = format!("{from}/attention");
            self.linear(&format!("{to}.cross_attn.query"), &format!("{cross}/linear_0"))?;
            let fused = format!("{cross}/linear_1");
            self.part(&format!("{to}.cross_attn.key.weight"), &format!("{fused}/weight"), 0, 2)?;
            self.linear_part(&format!("{to}.cross_attn.value"), &fused, 1, 2)?;
            self.linear(&format!("{to}.cross_attn.out"), &format!("{cross}/linear_2"))?;
            self.norm(&format!("{to}.cross_attn_ln"), &format!("{cross}/layer_norm"))?;
        }

        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"))?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"))?;
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))
    }
}
