//! Products of matrices for the voice networks, by a kept library.

use matrixmultiply::sgemm;

/// Adds to `out`, row by row, the products of every row of `rows` with every row of `weights`, each `width` long.
///
/// # Panics
/// If the lengths do not fit; the callers' shapes are checked when a network is loaded.
#[expect(unsafe_code, reason = "the library takes pointers; the lengths are asserted below")]
pub(crate) fn add_products(rows: &[f32], weights: &[f32], width: usize, out: &mut [f32]) {
    let (count, outputs) = (rows.len() / width, weights.len() / width);
    assert!(rows.len() == count * width && weights.len() == outputs * width);
    assert!(out.len() == count * outputs);
    let (across, down) = (width.cast_signed(), outputs.cast_signed());
    // SAFETY: with these strides the product reads `count * width` numbers of `rows` and `outputs * width` of
    // `weights`, and writes `count * outputs` of `out`: their lengths, as asserted. `out` is borrowed alone.
    unsafe {
        sgemm(
            count,
            width,
            outputs,
            1.0,
            rows.as_ptr(),
            across,
            1,
            weights.as_ptr(),
            1,
            across,
            1.0,
            out.as_mut_ptr(),
            down,
            1,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_added() {
        let mut out = [1.0; 4];
        add_products(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1.0, 0.0, 1.0, 0.0, 1.0, 0.0], 3, &mut out);
        let expected = [1.0 + 4.0, 1.0 + 2.0, 1.0 + 10.0, 1.0 + 5.0];
        assert!(out.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-6), "{out:?}");
        add_products(&[], &[1.0, 2.0], 2, &mut []);
    }
}
