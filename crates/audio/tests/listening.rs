//! The listening copy, heard with other people's programs: where everything lies in time and in the file, and how loud
//! it is.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of a test"
)]

#[expect(dead_code, reason = "other tests use the rest of it")]
mod signals;

use std::{fs, path::Path, process::Command};

use ebur128::{EbuR128, Mode};
use hearback_audio::{
    Bytes, Limits, RATE, decode,
    listening::{BITRATE, ListeningCopy, MAX_FRAMES},
    loudness::{LoudnessMeter, SPEECH_LUFS},
};
use hearback_domain::Ms;

/// Sound that is like itself at no other time: each second a sweep over the frequencies of speech, in syllables.
fn sweeps(seconds: f64, height: f64) -> Vec<f32> {
    let at = |i: usize| {
        let t = i as f64 / f64::from(RATE);
        let (second, within) = (t.floor(), t.fract());
        let sweep = (std::f64::consts::TAU * (300.0 * within + 800.0 * within * within)).sin();
        let syllable = 0.55 + 0.45 * (std::f64::consts::TAU * (2.0 + second % 3.0) * within).cos();
        (height * sweep * syllable) as f32
    };
    (0..(seconds * f64::from(RATE)).round() as usize).map(at).collect()
}

fn copy(samples: &[f32], gain_db: f64) -> Vec<u8> {
    let mut copy =
        ListeningCopy::begin(Vec::new(), samples.len() as u64, gain_db).expect("an encoder");
    for block in samples.chunks(4_001) {
        copy.push(block).expect("memory");
    }
    copy.finish().expect("as many as were announced")
}

fn gain_of(samples: &[f32]) -> f64 {
    let mut meter = LoudnessMeter::new().expect("a meter");
    meter.push(samples).expect("counts");
    meter.finish().gain_db()
}

fn run(name: &str, before: &[&str], file: &Path, after: &[&str]) -> Vec<u8> {
    let done = Command::new(name).args(before).arg(file).args(after).output();
    let done = done.expect("`cargo xtask test` installs ffmpeg");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// What ffmpeg plays of it, from a moment on.
fn played(file: &Path, from: f64, rate: u32) -> Vec<f32> {
    let (from, rate) = (from.to_string(), rate.to_string());
    let before = ["-nostdin", "-v", "error", "-ss", &from, "-i"];
    let bytes = run("ffmpeg", &before, file, &["-f", "f32le", "-ac", "1", "-ar", &rate, "-"]);
    bytes.as_chunks::<4>().0.iter().map(|sample| f32::from_le_bytes(*sample)).collect()
}

#[test]
fn it_lies_in_time_where_the_recording_does() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("copy.mp4");
    // Whole packets, a rest of one sample, and less than a packet; with and without a last chunk that is short.
    for frames in [319, 320, 16_001, 10 * 16_000, 35 * 16_000 + 77] {
        let sound = sweeps(frames as f64 / f64::from(RATE), 0.3);
        assert_eq!(sound.len(), frames);
        let made = copy(&sound, 0.0);
        fs::write(&file, &made).expect("room");

        // By ffmpeg: to the sample as long as the recording, to the sample in its place.
        if frames > 16_000 {
            let heard = played(&file, 0.0, RATE);
            // An older ffmpeg plays the silence with which the last packet was filled up, too.
            let surplus = heard.len().checked_sub(frames);
            assert!(surplus.is_some_and(|n| n < 320), "as long as the recording: {surplus:?}");
            let (late, alike) = signals::lag(&sound, &heard);
            assert!(late.abs() <= 1, "{frames} frames: {late} samples late");
            assert!(alike > 0.9, "{frames} frames: {alike}");
        }
        // And by our own decoder.
        let mut ours = 0;
        let report = decode::run(Box::new(Bytes(made)), &Limits::default(), &mut |block| {
            ours += block.samples.len();
            Ok(())
        })
        .expect("decodes");
        assert_eq!((ours, &*report.probe.codec), (frames, "opus"));
        assert_eq!(report.duration, Ms::of_frames(frames as u64, RATE));
    }
}

#[test]
fn every_moment_is_found_by_arithmetic() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("copy.mp4");
    let seconds = 61.3;
    let sound = sweeps(seconds, 0.3);
    let made = copy(&sound, 0.0);
    fs::write(&file, &made).expect("room");
    let kilobytes = f64::from(BITRATE) * seconds / 8_000.0;
    assert!((made.len() as f64 / 1_000.0 - kilobytes).abs() < 2.0, "{} bytes", made.len());

    let show = ["-v", "error", "-show_entries", "packet=pts,size,pos", "-of", "csv=p=0"];
    let packets = String::from_utf8(run("ffprobe", &show, &file, &[])).expect("text");
    let packets: Vec<[i64; 3]> = packets
        .lines()
        .filter(|line| line.contains(','))
        .map(|line| {
            let mut fields = line.split(',').map(|n| n.parse().expect("a number"));
            std::array::from_fn(|_| fields.next().expect("three numbers"))
        })
        .collect();
    let [first_tick, _, first_byte] = packets[0];
    assert_eq!(first_tick, 0, "nothing comes before the beginning");
    assert!(first_byte < 1_500, "the index is small and in front: {first_byte} bytes");
    for (n, [tick, size, byte]) in (0..).zip(&packets) {
        assert_eq!((*tick, *size, *byte), (n * 960, 80, first_byte + n * 80));
    }
    let behind = i64::try_from(packets.len()).expect("a count") * 80 + first_byte;
    assert_eq!(usize::try_from(behind), Ok(made.len()), "and nothing after it");

    // A jump to anywhere is exact; a tenth of a second later the decoder is in tune.
    for from in [0.02, 7.777, 31.5, 59.999] {
        let heard = played(&file, from, RATE);
        let at = (from * f64::from(RATE)).round() as usize;
        let (settle, window) = (1_600, 12_000);
        let expected = &sound[at + settle..at + settle + window];
        let (late, alike) = signals::lag(expected, &heard[settle..settle + window]);
        assert!(late.abs() <= 1 && alike > 0.9, "{from} s: {late} samples late, {alike}");
    }
}

#[test]
fn soft_and_loud_recordings_come_out_alike() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("copy.mp4");
    for height in [0.01, 0.05, 0.9] {
        let mut sound = sweeps(60.0, height);
        // A door slams, and something is knocked against the recorder: up at once, down over some time.
        for (at, hertz, fall) in [(80_000, 900.0, 0.004), (200_000, 110.0, 0.000_5)] {
            for (n, sample) in (0_u16..8_000).zip(&mut sound[at..]) {
                let turn = (f32::from(n) / RATE as f32 * hertz * std::f32::consts::TAU).sin();
                *sample += 0.95 * turn * (-f32::from(n) * fall).exp();
                *sample = sample.clamp(-1.0, 1.0);
            }
        }
        let gain = gain_of(&sound);
        fs::write(&file, copy(&sound, gain)).expect("room");
        let heard = played(&file, 0.0, 48_000);
        let mut meter = EbuR128::new(1, 48_000, Mode::I | Mode::TRUE_PEAK).expect("a meter");
        meter.add_frames_f32(&heard).expect("counts");
        let lufs = meter.loudness_global().expect("a figure");
        let peak = 20.0 * meter.true_peak(0).expect("a figure").log10();
        assert!((lufs - SPEECH_LUFS).abs() < 1.5, "height {height}: {lufs} LUFS");
        assert!(peak <= -1.0, "height {height}: {peak} dBTP");
    }
}

#[test]
fn what_does_not_come_as_announced_is_no_copy() {
    let begin = |frames| ListeningCopy::begin(Vec::new(), frames, 0.0);
    let mut short = begin(1_000).expect("an encoder");
    short.push(&[0.0; 999]).expect("memory");
    assert!(short.finish().is_err());
    let mut long = begin(1_000).expect("an encoder");
    long.push(&[0.0; 1_001]).expect("memory");
    assert!(long.finish().is_err());
    assert!(begin(MAX_FRAMES + 1).is_err());
    assert!(begin(MAX_FRAMES).is_ok());
    assert!(begin(0).expect("an encoder").finish().is_ok(), "nothing is soon copied");
}
