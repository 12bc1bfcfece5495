//! Every kind of recording, against ffmpeg's decoding of the same file: how long, from when on, and how alike; what is
//! refused by its name; what is saved of a file that was cut off; how channels are told apart; how much memory a long
//! one takes.
//!
//! This binary is also the decoding child.

#![expect(clippy::cast_precision_loss, reason = "small numbers of a test")]

mod evidence;
mod forms;
#[path = "../harness/mod.rs"]
mod harness;
mod he_aac;
mod long;
mod measure;
mod refused;
mod saved;
#[expect(dead_code, reason = "other sounds are listened to here")]
#[path = "../signals/mod.rs"]
mod signals;
mod stereo;
mod table;
mod voice;

use std::path::Path;

use hearback_audio::{
    AudioError, DecodeReport, FileSource, Limits, ReadAt, Shape, Verdict,
    sandbox::{self, Runner},
};

use crate::harness::Test;

const TESTS: &[Test] = &[
    ("formats::every_form_is_as_ffmpeg_decodes_it", table::every_form_is_as_ffmpeg_decodes_it),
    ("formats::what_is_not_read_is_named_with_advice", refused::what_is_not_read_is_named),
    ("formats::what_was_cut_off_is_saved", saved::what_was_cut_off_is_saved),
    ("formats::films_without_a_type_are_read", saved::films_without_a_type_are_read),
    ("formats::damage_is_silent_and_moves_nothing", saved::damage_is_silent_and_moves_nothing),
    ("formats::what_lasts_too_long_is_refused", saved::what_lasts_too_long_is_refused),
    ("formats::channels_are_told_apart_in_every_form", stereo::channels_are_told_apart),
    ("formats::opposed_channels_do_not_cancel", stereo::opposed_channels_do_not_cancel),
    ("formats::three_hours_take_no_more_memory", long::three_hours_take_no_more_memory),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == sandbox::CHILD_ARG) {
        sandbox::child_main();
    }
    harness::run(TESTS, &args);
}

fn runner() -> Runner {
    Runner::new(std::env::current_exe().expect("this very executable"))
}

fn file(path: &Path) -> Box<dyn ReadAt> {
    Box::new(FileSource::open(path).expect("a test file"))
}

/// Decodes in the child, to this form.
fn decode(source: Box<dyn ReadAt>, shape: Shape) -> Result<(DecodeReport, Vec<f32>), AudioError> {
    let mut sound = Vec::new();
    let report = runner().decode_shaped(source, shape, &Limits::default(), &mut |block, _| {
        sound.extend_from_slice(block);
        Ok(())
    })?;
    assert_eq!(report.frames * u64::from(report.channels), sound.len() as u64);
    Ok((report, sound))
}

fn verdict(source: Box<dyn ReadAt>) -> Verdict {
    match decode(source, Shape::WORKING) {
        Err(AudioError::Refused(verdict)) => verdict,
        Err(other) => panic!("not a verdict: {other}"),
        Ok((report, _)) => panic!("decoded: {report:?}"),
    }
}
