//! One step of an LSTM layer, for the voice networks.

/// One step of a layer (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000). `gates` are the sums of
/// what comes in, four numbers for each cell, in `PyTorch`'s order: all input gates, all forget gates, all new values,
/// all output gates.
pub(crate) fn step(gates: &[f32], cells: &mut [f32], states: &mut [f32]) {
    let width = cells.len();
    let (input, rest) = gates.split_at(width);
    let (forget, rest) = rest.split_at(width);
    let (fresh, output) = rest.split_at(width);
    let gates = input.iter().zip(forget).zip(fresh.iter().zip(output));
    for (((input, forget), (fresh, output)), (cell, state)) in
        gates.zip(cells.iter_mut().zip(states))
    {
        *cell = sigmoid(*forget) * *cell + sigmoid(*input) * tanh(*fresh);
        *state = sigmoid(*output) * tanh(*cell);
    }
}

/// From 0 to 1.
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + exp(2.0 * x))
}

/// The exponential function to within a few millionths of its value, in a form that the compiler does many at a time:
/// a whole power of two, put straight into the exponent's bits, times the first terms of the series of the rest.
#[expect(clippy::cast_possible_truncation, reason = "between −127 and 127")]
#[expect(clippy::cast_sign_loss, reason = "an exponent's bits, 0 to 254")]
fn exp(x: f32) -> f32 {
    /// Adding it leaves no bits for fractions: 1.5 · 2²³.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let whole = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let rest = (x - whole * 0.693_145_75) - whole * 1.428_606_8e-6;
    let series = 1.0
        + rest
            * (1.0
                + rest
                    * (0.5
                        + rest
                            * (1.0 / 6.0
                                + rest * (1.0 / 24.0 + rest * (1.0 / 120.0 + rest / 720.0)))));
    series * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_exponential_is_the_exponential() {
        let mut worst = 0.0_f32;
        for i in -8_000..8_000_i16 {
            let x = f32::from(i) / 100.0;
            worst = worst.max((exp(x) / x.exp() - 1.0).abs());
        }
        assert!(worst < 4e-6, "off by {worst}");
        assert!(exp(f32::NEG_INFINITY) < 1e-30 && exp(f32::INFINITY).is_finite());
        assert!((tanh(-50.0) + 1.0).abs() < 1e-6 && (tanh(50.0) - 1.0).abs() < 1e-6);
    }
}
