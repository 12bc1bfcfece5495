//! Sums and maxima over many samples, in eight lanes that do not wait for each other.
//!
//! A sum of floats one after the other has to be made in that order, and waits for each addition; the compiler must not
//! change it. Eight sums side by side it turns into vector instructions, on any machine.

const LANES: usize = 8;

/// The sum of the products of two stretches, as far as both go.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let frames = a.len().min(b.len());
    let (a, a_rest) = a[..frames].as_chunks::<LANES>();
    let (b, b_rest) = b[..frames].as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// The height of the loudest sample; what is no number does not count.
pub(crate) fn loudest(samples: &[f32]) -> f32 {
    let (whole, rest) = samples.as_chunks::<LANES>();
    let mut highest = [0.0_f32; LANES];
    for samples in whole {
        for (high, sample) in highest.iter_mut().zip(samples) {
            let size = sample.abs();
            *high = if size > *high { size } else { *high };
        }
    }
    highest.iter().chain(rest).fold(0.0, |high, sample| high.max(sample.abs()))
}

/// The energy of each channel of interleaved sound is added to its place in `energies`, which has one for each.
pub(crate) fn add_energies(samples: &[f32], energies: &mut [f64]) {
    let channels = energies.len();
    let whole = if LANES.is_multiple_of(channels.max(1)) {
        let (whole, _) = samples.as_chunks::<LANES>();
        let mut sums = [0.0_f32; LANES];
        for samples in whole {
            for (sum, sample) in sums.iter_mut().zip(samples) {
                *sum += sample * sample;
            }
        }
        for (lane, sum) in sums.iter().enumerate() {
            energies[lane % channels] += f64::from(*sum);
        }
        whole.len() * LANES
    } else {
        0
    };
    for frame in samples[whole..].chunks_exact(channels.max(1)) {
        for (energy, sample) in energies.iter_mut().zip(frame) {
            *energy += f64::from(sample * sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lanes_find_what_a_plain_loop_finds(
            samples in prop::collection::vec(-1.0_f32..1.0, 0..200),
            channels in 1_usize..9,
            ahead in 0_usize..3,
        ) {
            let whole = &samples[..samples.len() / channels * channels];
            let mut energies = vec![0.0; channels];
            add_energies(whole, &mut energies);
            for (channel, energy) in energies.iter().enumerate() {
                let own = whole.iter().skip(channel).step_by(channels);
                let plain: f64 = own.map(|s| f64::from(*s).powi(2)).sum();
                prop_assert!((energy - plain).abs() < 1e-3, "{} and {}", energy, plain);
            }
            let later = &samples[ahead.min(samples.len())..];
            let plain: f64 = samples.iter().zip(later).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            prop_assert!((f64::from(dot(&samples, later)) - plain).abs() < 1e-3);
            let plain = samples.iter().map(|s| s.abs()).fold(0.0, f32::max);
            prop_assert!((loudest(&samples) - plain).abs() < f32::EPSILON);
        }
    }

    #[test]
    fn what_is_no_number_is_not_loud() {
        assert!((loudest(&[f32::NAN, 0.5, f32::NAN]) - 0.5).abs() < f32::EPSILON);
        assert!((loudest(&[f32::NAN; 20])).abs() < f32::EPSILON);
    }
}
