//! Sound as it arrives: bit by bit.

use std::io;

/// Hands out `sound` in pieces of at most `piece` samples.
pub(crate) fn pieces(
    sound: &[f32],
    piece: usize,
) -> impl FnMut(&mut Vec<f32>, usize) -> io::Result<usize> {
    let mut rest = sound;
    move |out, wanted| {
        let (now, later) = rest.split_at(wanted.min(piece).min(rest.len()));
        out.extend_from_slice(now);
        rest = later;
        Ok(now.len())
    }
}
