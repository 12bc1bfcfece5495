//! The smallest file that has the structure of a Whisper model in ggml form. It has no sense in it.

/// One layer on either side, 64 numbers wide.
pub(crate) fn bytes() -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |numbers: &[u32]| numbers.iter().for_each(|n| out.extend(n.to_le_bytes()));
    put(&[0x6767_6d6c, 51_864, 1_500, 64, 1, 1, 448, 64, 1, 1, 80, 1]);
    put(&[80, 201]);
    put(&vec![0; 80 * 201]);
    put(&[2, 1]);
    out.extend(b"!");
    out.extend(1_u32.to_le_bytes());
    out.extend(b"\"");
    // 11 tensors, 15 of an encoder's layer, 24 of a decoder's.
    for index in 0..50_u32 {
        let name = format!("encoder.tensor.{index}");
        for number in [2, u32::try_from(name.len()).unwrap(), 1, 8, 4] {
            out.extend(number.to_le_bytes());
        }
        out.extend(name.as_bytes());
        out.extend([0; 8 * 4 * 2]);
    }
    out
}
