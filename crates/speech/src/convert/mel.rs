//! The mel filter banks that Whisper and the voice encoder were trained with, computed.
//!
//! Triangular filters on Slaney's mel scale (linear below 1 kHz, logarithmic above), each divided by its width in
//! hertz so that every filter has the same area (Slaney's Auditory Toolbox, 1998): 16 kHz sound, windows of 400
//! samples.

/// Frequency bins of a 400-sample Fourier transform.
pub(crate) const BINS: usize = 201;
/// Hertz between two bins: 16,000 / 400.
const BIN_HZ: f64 = 40.0;
const HIGHEST_HZ: f64 = 8_000.0;

/// Below this the scale is linear.
const BREAK_HZ: f64 = 1_000.0;
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const BREAK_MEL: f64 = BREAK_HZ / HZ_PER_MEL;

/// Above the break, 27 mel are a factor of 6.4.
fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < BREAK_HZ { hz / HZ_PER_MEL } else { BREAK_MEL + (hz / BREAK_HZ).ln() / log_step() }
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < BREAK_MEL {
        mel * HZ_PER_MEL
    } else {
        BREAK_HZ * (log_step() * (mel - BREAK_MEL)).exp()
    }
}

/// `mels` filters (80, or 128 for the third large model; 40 for voices), each with its weight for every bin.
#[expect(clippy::cast_precision_loss, reason = "indices below a thousand are exact")]
#[expect(clippy::cast_possible_truncation, reason = "the file keeps float32")]
pub(crate) fn filter_bank(mels: usize) -> Vec<[f32; BINS]> {
    let highest = hz_to_mel(HIGHEST_HZ);
    let step = highest / (mels + 1) as f64;
    // The last corner exactly: a rounding error above it would let the bin at 8 kHz in.
    let corners: Vec<f64> = (0..=mels)
        .map(|i| mel_to_hz(i as f64 * step))
        .chain(std::iter::once(mel_to_hz(highest)))
        .collect();
    corners
        .windows(3)
        .map(|corner| {
            let (low, peak, high) = (corner[0], corner[1], corner[2]);
            let area = 2.0 / (high - low);
            std::array::from_fn(|bin| {
                let hz = bin as f64 * BIN_HZ;
                let rising = (hz - low) / (peak - low);
                let falling = (high - hz) / (high - peak);
                let height = rising.min(falling).max(0.0);
                // Rounded twice because the reference rounds twice.
                (f64::from(height as f32) * area) as f32
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // From librosa's `filters.mel(sr=16000, n_fft=400, n_mels=80)`, which Whisper's own bank was made with.
        let bank = filter_bank(80);
        for (mel, bin, expected) in [
            (0, 0, 0.0),
            (0, 1, 0.024_862_595),
            (1, 1, 0.001_990_822),
            (1, 2, 0.022_871_772),
            (79, 195, 0.002_243_795_2),
            (79, 199, 0.000_448_759_03),
        ] {
            let found: f32 = bank[mel][bin];
            assert!(
                (found - expected).abs() <= f32::EPSILON * expected,
                "[{mel}][{bin}] = {found}"
            );
        }
    }

    #[test]
    fn shape_of_the_bank() {
        let bank = filter_bank(80);
        assert_eq!(bank.len(), 80);
        assert_eq!(bank.iter().flatten().filter(|weight| **weight != 0.0).count(), 391);
        let sum: f32 = bank.iter().flatten().sum();
        assert!((sum - 1.999_024).abs() < 1e-4, "sum {sum}");
        // Equal areas: weight per hertz times 40 Hz per bin. Bins are coarse, so no filter hits one exactly.
        let areas: Vec<f32> =
            bank[40..].iter().map(|filter| filter.iter().sum::<f32>() * 40.0).collect();
        assert!(areas.iter().all(|area| (area - 1.0).abs() < 0.15), "{areas:?}");
        // One peak each: rises, then falls.
        for filter in &bank {
            let peak = filter.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            assert!(filter[..=peak].is_sorted());
            assert!(filter[peak..].iter().rev().is_sorted());
        }
    }
}
