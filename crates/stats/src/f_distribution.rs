//! Quantiles of the F distribution, to the last digits.
//!
//! F with *d*₁ and *d*₂ degrees of freedom is at most *f* with the probability *I*ₓ(*d*₁/2, *d*₂/2), the regularised
//! incomplete beta function at *x* = *d*₁*f*/(*d*₁*f* + *d*₂) (Abramowitz & Stegun 26.6.2). It is inverted by Newton's
//! steps between two bounds that close in on it.

use statrs::function::{beta::checked_beta_reg, gamma::ln_gamma};

/// More steps than any pair of degrees of freedom takes.
const STEPS: usize = 200;

/// Below which value F lies with a probability between 0 and 1. Degrees of freedom are positive and need not be whole.
pub(crate) fn quantile(probability: f64, d1: f64, d2: f64) -> f64 {
    // From the nearer end, where the function's digits are: 1/F has the degrees of freedom the other way round.
    if probability > 0.5 {
        1.0 / lower(1.0 - probability, d2, d1)
    } else {
        lower(probability, d1, d2)
    }
}

fn lower(probability: f64, d1: f64, d2: f64) -> f64 {
    let (a, b) = (d1 / 2.0, d2 / 2.0);
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    let mut x = a / (a + b);
    for _ in 0..STEPS {
        // What has no degrees of freedom has no quantile either.
        let Ok(up_to) = checked_beta_reg(a, b, x) else { return f64::NAN };
        let off = up_to - probability;
        if off > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - ln_beta).exp();
        let newton = x - off / density;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - x).abs() <= x * f64::EPSILON {
            x = next;
            break;
        }
        x = next;
    }
    d2 * x / (d1 * (1.0 - x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_printed_tables_and_of_other_programs() {
        // scipy.stats.f.ppf
        for (p, d1, d2, f) in [
            (0.95, 1.0, 1.0, 161.447_638_797_588_2),
            (0.975, 9.0, 18.0, 2.929_112_493_123_264),
            (0.975, 18.0, 9.0, 3.701_480_904_616_6),
            (0.025, 5.0, 15.0, 0.155_575_963_078_487_03),
            (0.975, 199.0, 995.0, 1.231_067_003_511_353_6),
            (0.975, 4.7859, 5.0, 7.190_574_901_591_866),
        ] {
            let ours = quantile(p, d1, d2);
            assert!((ours / f - 1.0).abs() < 1e-12, "{p} {d1} {d2}: {ours} is not {f}");
        }
    }
}
