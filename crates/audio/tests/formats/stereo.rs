//! What is made of two channels.

use std::path::Path;

use hearback_audio::{
    Relation, Shape, SideTrack,
    sides::{Shares, Side},
};
use hearback_domain::{Ms, Span};

use crate::{decode, file, signals, voice, voice::Voice};

const RATE: u32 = 44_100;

/// Ten seconds of two people in turns, as two channels.
fn turns(frame: impl Fn(f32, f32) -> [f32; 2]) -> Vec<f32> {
    let (mut one, mut other) = (Voice::new(0, RATE), Voice::new(1, RATE));
    let pairs = (0..6 * RATE).map(|i| {
        let (a, b) = (one.next(), other.next());
        if (i / RATE).is_multiple_of(2) { (a, b * 0.003) } else { (a * 0.003, b) }
    });
    pairs.flat_map(|(a, b)| frame(a, b)).collect()
}

fn wav(dir: &Path, frame: impl Fn(f32, f32) -> [f32; 2]) -> std::path::PathBuf {
    let path = dir.join("turns.wav");
    voice::write(&path, RATE, 2, &turns(frame));
    path
}

pub(crate) fn channels_are_told_apart() {
    type Frame = fn(f32, f32) -> [f32; 2];
    let dir = tempfile::tempdir().expect("a temporary directory");
    let cases: [(Relation, Frame); 4] = [
        (Relation::Apart, |a, b| [a + 0.1 * b, b + 0.1 * a]),
        (Relation::Same, |a, b| [a + b, a + b]),
        (Relation::Opposed, |a, b| [a + b, -a - b]),
        (Relation::RightDead, |a, b| [a + b, 0.0]),
    ];
    for (relation, frame) in cases {
        let wav = wav(dir.path(), frame);
        let mp3 = signals::encode(&wav, "x.mp3", &["-b:a", "128k", "-joint_stereo", "0"]);
        let m4a = signals::encode(&wav, "x.m4a", &["-c:a", "aac", "-b:a", "128k"]);
        for path in [&wav, &mp3, &m4a] {
            for shape in [Shape::WORKING, Shape::CHANNELS] {
                let (report, _) = decode(file(path), shape).expect("decodes");
                let heard = report.stereo.expect("two channels");
                assert_eq!(heard.relation, relation, "{}: {heard:?}", path.display());
                assert_eq!(report.channels, if shape.mono { 1 } else { 2 });
                assert_eq!(report.sides.is_some(), relation == Relation::Apart);
                if let Some(sides) = report.sides {
                    whose_turn_it_is(&sides);
                }
            }
        }
    }
}

/// Every second the other has the word.
fn whose_turn_it_is(sides: &SideTrack) {
    assert_eq!(sides.len() as u64, 6_000 / SideTrack::STEP.get());
    let mut heard = 0;
    for second in 0..6 {
        let turn = Span::new(Ms::new(second * 1_000 + 100), Ms::new(second * 1_000 + 900));
        let whose = if second % 2 == 0 { Side::Left } else { Side::Right };
        let shares = sides.shares(turn.expect("in order"));
        let silent = shares == Shares { silent: 40, ..Shares::default() };
        assert!(silent || shares.side() == Some(whose), "second {second}: {shares:?}");
        heard += u32::from(!silent);
    }
    assert!(heard > 3, "the voices pause, but not for ever");
}

pub(crate) fn opposed_channels_do_not_cancel() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let power = |frame: fn(f32, f32) -> [f32; 2]| {
        let (_, sound) = decode(file(&wav(dir.path(), frame)), Shape::WORKING).expect("decodes");
        sound.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>()
    };
    let straight = power(|a, b| [a + b, a + b]);
    let turned = power(|a, b| [a + b, -a - b]);
    assert!((turned / straight - 1.0).abs() < 0.01, "{turned} of {straight}");
}
