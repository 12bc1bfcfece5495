//! Files around samples.

use std::io::Cursor;

use hearback_audio::{
    flac::FlacWriter,
    wav::{Form, header},
};

pub(crate) fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// A WAV file in the working form.
pub(crate) fn wav(samples: &[i16]) -> Vec<u8> {
    let mut file = header(samples.len() as u64).to_vec();
    file.extend(bytes(samples));
    file
}

/// A FLAC file in the working form.
pub(crate) fn flac(samples: &[i16]) -> Vec<u8> {
    flac_of(Form::WORKING, samples)
}

pub(crate) fn flac_of(form: Form, samples: &[i16]) -> Vec<u8> {
    let mut writer = FlacWriter::new(Cursor::new(Vec::new()), form).expect("a form of FLAC");
    writer.push_i16(samples).expect("memory");
    writer.finish().expect("memory").0.into_inner()
}
