//! Recordings in every form, hostile files, and the fence itself, through the child process that the product uses.
//!
//! This binary is also the child: started as `… decode-child` it is one. It therefore has no usual harness.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]

mod harness;
#[path = "sandbox/proof.rs"]
mod proof;
mod signals;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hearback_audio::{
    AudioError, Bytes, DecodeReport, FileSource, Limit, Limits, RATE, ReadAt, Shape, Verdict,
    Warning,
    sandbox::{self, Drill, DrillOutcome, Runner},
    wav,
};
use hearback_domain::Ms;

use crate::harness::{Test, print};

const TESTS: &[Test] = &[
    ("every_form_is_decoded_in_time", every_form_is_decoded_in_time),
    ("lossless_forms_come_back_sample_for_sample", lossless_forms_come_back_sample_for_sample),
    ("the_file_decides_what_it_is", the_file_decides_what_it_is),
    ("bad_files_get_the_right_verdict", bad_files_get_the_right_verdict),
    ("files_that_make_the_decoder_panic_get_a_verdict", panics_get_a_verdict),
    ("what_was_cut_off_is_saved_up_to_the_cut", what_was_cut_off_is_saved),
    ("a_wav_without_its_lengths_is_whole", a_wav_without_its_lengths_is_whole),
    ("damage_does_not_move_what_follows", damage_does_not_move_what_follows),
    ("limits_hold", limits_hold),
    ("an_hour_needs_no_more_memory_than_a_minute", an_hour_needs_no_more_memory),
    ("the_fence_stands", the_fence_stands),
    ("a_stuck_child_is_stopped", a_stuck_child_is_stopped),
    ("a_talkative_child_is_stopped_too", a_talkative_child_is_stopped_too),
    ("sound_without_end_is_cut_off_by_the_parent", sound_without_end_is_cut_off),
    ("processor_time_in_all_is_bounded", processor_time_in_all_is_bounded),
    ("a_slow_taker_is_not_the_childs_fault", a_slow_taker_is_not_the_childs_fault),
    ("the_parents_own_troubles_are_not_the_files", the_parents_own_troubles_are_not_the_files),
    ("redact_proof_is_made_in_the_child", proof::is_made_in_the_child),
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

fn decode(source: Box<dyn ReadAt>) -> Result<(DecodeReport, Vec<f32>), AudioError> {
    let mut sound = Vec::new();
    let report = runner().decode(source, &Limits::default(), &mut |block, progress| {
        assert!(block.len() <= RATE as usize, "a second at the most");
        sound.extend_from_slice(block);
        assert_eq!(progress.done, Ms::of_frames(sound.len() as u64, RATE));
        Ok(())
    })?;
    assert_eq!(report.frames, sound.len() as u64);
    assert_eq!(report.duration, Ms::of_frames(report.frames, RATE));
    Ok((report, sound))
}

fn verdict(source: Box<dyn ReadAt>) -> Verdict {
    match decode(source) {
        Err(AudioError::Refused(verdict)) => verdict,
        Err(other) => panic!("not a verdict: {other}"),
        Ok((report, _)) => panic!("decoded: {report:?}"),
    }
}

/// One form of file.
struct Form {
    name: &'static str,
    args: &'static [&'static str],
    container: &'static str,
    codec: &'static str,
    /// By how many milliseconds the length may be off, either way.
    length_ms: u64,
    /// By how many samples at 16 kHz the sound may be early or late.
    lag: i64,
}

const fn form(
    name: &'static str,
    args: &'static [&'static str],
    container: &'static str,
    codec: &'static str,
    length_ms: u64,
    lag: i64,
) -> Form {
    Form { name, args, container, codec, length_ms, lag }
}

/// What is written with a note of its priming has to come back exactly; the others are late by what their encoder puts
/// in front, and longer by what it puts behind.
const FORMS: &[Form] = &[
    form("s16.wav", &[], "wav", "pcm_s16le", 0, 0),
    form("u8.wav", &["-c:a", "pcm_u8"], "wav", "pcm_u8", 0, 0),
    form("s24.wav", &["-c:a", "pcm_s24le"], "wav", "pcm_s24le", 0, 0),
    form("s32.wav", &["-c:a", "pcm_s32le"], "wav", "pcm_s32le", 0, 0),
    form("f32.wav", &["-c:a", "pcm_f32le"], "wav", "pcm_f32le", 0, 0),
    form("f64.wav", &["-c:a", "pcm_f64le"], "wav", "pcm_f64le", 0, 0),
    form("alaw.wav", &["-c:a", "pcm_alaw"], "wav", "pcm_alaw", 0, 0),
    form("mulaw.wav", &["-c:a", "pcm_mulaw"], "wav", "pcm_mulaw", 0, 0),
    form("ms.wav", &["-c:a", "adpcm_ms"], "wav", "adpcm_ms", 30, 1),
    form("ima.wav", &["-c:a", "adpcm_ima_wav"], "wav", "adpcm_ima_wav", 30, 1),
    form("s16.aiff", &[], "aiff", "pcm_s16be", 0, 0),
    form("s16.caf", &["-c:a", "pcm_s16le"], "caf", "pcm_s16le", 0, 0),
    form("alac.caf", &["-c:a", "alac"], "caf", "alac", 0, 0),
    form("x.flac", &[], "flac", "flac", 0, 0),
    form("ogg.oga", &["-c:a", "flac", "-f", "ogg"], "ogg", "flac", 0, 0),
    form("x.mp3", &["-b:a", "96k"], "mpeg", "mp3", 0, 1),
    form("tagged.mp3", &["-b:a", "64k", "-metadata", "title=A visit"], "mpeg", "mp3", 0, 1),
    form("untold.mp3", &["-b:a", "96k", "-write_xing", "0"], "mpeg", "mp3", 110, 800),
    form("x.mp2", &["-b:a", "128k"], "mpeg", "mp2", 60, 800),
    form("x.aac", &["-c:a", "aac"], "adts", "aac", 60, 500),
    form("last.m4a", &["-c:a", "aac"], "mp4", "aac", 1, 1),
    form("first.m4a", &["-c:a", "aac", "-movflags", "faststart"], "mp4", "aac", 1, 1),
    form(
        "fragments.mp4",
        &["-c:a", "aac", "-frag_duration", "500000", "-movflags", "empty_moov+default_base_moof"],
        "mp4",
        "aac",
        60,
        500,
    ),
    form("alac.m4a", &["-c:a", "alac"], "mp4", "alac", 0, 0),
    form("opus.mp4", &["-c:a", "libopus", "-strict", "-2"], "mp4", "opus", 1, 1),
    form("aac.mov", &["-c:a", "aac"], "mp4", "aac", 1, 1),
    form("pcm.mov", &["-c:a", "pcm_s16le"], "mp4", "pcm_s16le", 0, 0),
    form("x.ogg", &["-c:a", "libvorbis"], "ogg", "vorbis", 0, 1),
    form("x.opus", &["-c:a", "libopus"], "ogg", "opus", 0, 1),
    form("long.opus", &["-c:a", "libopus", "-frame_duration", "60"], "ogg", "opus", 0, 1),
    form("x.webm", &["-c:a", "libopus"], "matroska", "opus", 25, 1),
    form("live.webm", &["-c:a", "libopus", "-live", "1"], "matroska", "opus", 25, 1),
    form("vorbis.webm", &["-c:a", "libvorbis"], "matroska", "vorbis", 30, 20),
    form("aac.mkv", &["-c:a", "aac"], "matroska", "aac", 60, 500),
    form("mp3.mkv", &["-c:a", "libmp3lame"], "matroska", "mp3", 60, 500),
    form("flac.mka", &["-c:a", "flac"], "matroska", "flac", 0, 0),
];

fn every_form_is_decoded_in_time() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("sound.wav");
    signals::write_wav(&wav, 44_100);
    let expected = signals::expected();
    let mut wrong = Vec::new();
    for form in FORMS {
        let path = signals::encode(&wav, form.name, form.args);
        let (report, sound) = match decode(file(&path)) {
            Ok(done) => done,
            Err(error) => {
                wrong.push(format!("{}: {error}", form.name));
                continue;
            }
        };
        let probe = runner().probe(file(&path)).expect("what decodes can be probed");
        let (lag, alike) = signals::lag(&expected, &sound);
        let length = report.duration.get().abs_diff(3_217);
        let probed = probe.duration.get().abs_diff(report.duration.get());
        let named = (probe.container.as_str(), probe.codec.as_str());
        let facts = format!(
            "{}: {named:?} {} Hz {} ch, {} ms off, probe {probed} ms off, {lag} samples late, {alike:.4} alike",
            form.name, probe.sample_rate_hz, probe.channels, length
        );
        let fine = named == (form.container, form.codec)
            && probe.channels == 2
            && length <= form.length_ms
            && probed <= 25
            && lag.abs() <= form.lag
            && alike > 0.98
            && report.skipped_packets == 0
            && !report.salvaged
            && (report.peak - 0.6).abs() < 0.08;
        print(&facts);
        if !fine {
            wrong.push(format!("{facts} {report:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn lossless_forms_come_back_sample_for_sample() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sound.wav");
    signals::write_wav(&path, 22_050);
    let original: Vec<i16> = hound::WavReader::open(&path)
        .expect("a WAV file")
        .samples()
        .map(|s| s.expect("a sample"))
        .collect();
    for (name, args) in [
        ("same.wav", &[][..]),
        ("x.flac", &[]),
        ("x.aiff", &[]),
        ("alac.m4a", &["-c:a", "alac"]),
        ("alac.caf", &["-c:a", "alac"]),
        ("flac.mka", &["-c:a", "flac"]),
    ] {
        let coded = signals::encode(&path, name, args);
        let mut samples = Vec::new();
        let report = runner()
            .decode_shaped(file(&coded), Shape::NATIVE, &Limits::default(), &mut |block, _| {
                samples.extend(block.iter().map(|s| wav::to_i16(*s)));
                Ok(())
            })
            .expect("decodes");
        assert_eq!((report.rate_hz, report.channels), (22_050, 2), "{name}");
        assert_eq!(report.frames as usize * 2, original.len(), "{name}");
        assert!(samples == original, "{name} differs");
    }
}

fn the_file_decides_what_it_is() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("sound.wav");
    signals::write_wav(&wav, 16_000);
    let flac = signals::encode(&wav, "x.flac", &[]);
    let renamed = dir.path().join("visit.mp3");
    fs::rename(&flac, &renamed).expect("renames");
    let probe = runner().probe(file(&renamed)).expect("a FLAC file by any name");
    assert_eq!((probe.container.as_str(), probe.duration), ("flac", Ms::new(3_217)));
}

fn bad_files_get_the_right_verdict() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("sound.wav");
    signals::write_wav(&wav, 44_100);
    let bytes = |b: &[u8]| -> Box<dyn ReadAt> { Box::new(Bytes(b.to_vec())) };

    assert_eq!(verdict(bytes(b"")), Verdict::Empty);
    assert_eq!(verdict(bytes(&wav::header(0))), Verdict::Empty, "0 seconds of WAV");
    assert_eq!(verdict(bytes(b"Dear Ana,\nthe recording is on my phone.\n")), Verdict::NotAudio);
    let mut page = b"<html><body>fLaC OggS ftyp</body>".repeat(3_000);
    page.extend([0xff, 0xfb, 0x90, 0x00]);
    assert_eq!(verdict(bytes(&page)), Verdict::NotAudio);
    assert_eq!(verdict(bytes(b"#!AMR_MC1.0\n")), Verdict::unsupported("AMR with several channels"));
    assert_eq!(verdict(bytes(b"RIFF\x24\0\0\0WAVE")), Verdict::Corrupt, "a header and no more");

    let m4a = fs::read(signals::encode(&wav, "last.m4a", &["-c:a", "aac"])).expect("reads");
    assert_eq!(verdict(bytes(&m4a[..m4a.len() / 2])), Verdict::TruncatedNoIndex);
    let locked = replaced(&m4a, *b"mp4a", *b"enca");
    assert_eq!(verdict(bytes(&locked)), Verdict::Encrypted);
    let unknown = replaced(&m4a, *b"mp4a", *b"sevc");
    assert_eq!(verdict(bytes(&unknown)), Verdict::unsupported("EVRC"));

    let film = dir.path().join("film.mp4");
    signals::encode(
        Path::new(&wav),
        "film.mp4",
        &["-f", "lavfi", "-i", "color=size=64x64:duration=1", "-map", "1:v", "-c:v", "mpeg4"],
    );
    assert_eq!(verdict(file(&film)), Verdict::NoAudio);

    let rate = |hz: u32| {
        let mut odd = wav::header_of(100, hz, 1).to_vec();
        odd.extend([0; 200]);
        verdict(bytes(&odd))
    };
    for hz in [0, 1, 7_999, 192_001, u32::MAX] {
        let refused = rate(hz);
        assert!(
            matches!(
                refused,
                Verdict::Limits { what: Limit::Rate }
                    | Verdict::Corrupt
                    | Verdict::Unsupported { .. }
            ),
            "{hz} Hz: {refused:?}"
        );
    }
    let mut crowd = wav::header_of(100, 16_000, 9).to_vec();
    crowd.extend([0; 1_800]);
    assert_eq!(verdict(bytes(&crowd)), Verdict::Limits { what: Limit::Channels });
}

/// The first `from` in `bytes` as `to`.
fn replaced(bytes: &[u8], from: [u8; 4], to: [u8; 4]) -> Vec<u8> {
    let at = bytes.windows(4).position(|w| *w == from).expect("it is there");
    let mut out = bytes.to_vec();
    out[at..at + 4].copy_from_slice(&to);
    out
}

fn panics_get_a_verdict() {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files: Vec<PathBuf> =
        fs::read_dir(&dir).expect("the fixtures").map(|e| e.expect("a file").path()).collect();
    assert_eq!(files.len(), 4);
    for path in files {
        let started = Instant::now();
        for result in [
            decode(file(&path)).map(|(report, _)| report.duration),
            runner().probe(file(&path)).map(|probe| probe.duration),
        ] {
            let name = path.file_name().unwrap_or_default().display();
            print(&format!("{name}: {result:?}"));
            assert!(
                matches!(result, Ok(_) | Err(AudioError::Refused(_))),
                "{name}: neither sound nor a verdict: {result:?}"
            );
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{} took long", path.display());
    }
}

fn what_was_cut_off_is_saved() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("sound.wav");
    signals::write_wav(&wav, 44_100);
    let expected = signals::expected();
    for (name, args) in [
        ("s16.wav", &[][..]),
        ("x.flac", &[]),
        ("x.mp3", &["-b:a", "96k"]),
        ("x.aac", &["-c:a", "aac"]),
        ("first.m4a", &["-c:a", "aac", "-movflags", "faststart"]),
        (
            "fragments.mp4",
            &[
                "-c:a",
                "aac",
                "-frag_duration",
                "200000",
                "-movflags",
                "empty_moov+default_base_moof",
            ],
        ),
        ("x.ogg", &["-c:a", "libvorbis", "-page_duration", "200000"]),
        ("x.opus", &["-c:a", "libopus", "-page_duration", "200000"]),
        ("live.webm", &["-c:a", "libopus", "-live", "1", "-cluster_time_limit", "200"]),
        ("x.webm", &["-c:a", "libopus", "-cluster_time_limit", "200"]),
    ] {
        let whole = fs::read(signals::encode(&wav, name, args)).expect("reads");
        let part = whole[..whole.len() * 7 / 10].to_vec();
        let (report, sound) =
            decode(Box::new(Bytes(part))).unwrap_or_else(|error| panic!("{name}, cut: {error}"));
        print(&format!("{name}, cut: {} ms {:?}", report.duration.get(), report.warnings));
        assert!((1_500..2_700).contains(&report.duration.get()), "{name}: {report:?}");
        let (_, alike) = signals::lag(&expected[..sound.len().min(24_000)], &sound);
        assert!(alike > 0.97, "{name}: {alike} alike");
        if matches!(name, "s16.wav" | "x.flac" | "first.m4a" | "x.ogg" | "x.opus" | "x.webm") {
            assert!(report.salvaged && report.warnings.contains(&Warning::Salvaged), "{name}");
        }
    }
}

fn a_wav_without_its_lengths_is_whole() {
    let mut whole = wav::header(16_000).to_vec();
    whole.extend((0..16_000_u32).flat_map(|i| ((i * 7 % 2_000) as i16).to_le_bytes()));
    let (_, expected) = decode(Box::new(Bytes(whole.clone()))).expect("a WAV file");
    for (lengths, salvaged) in [(0, true), (u32::MAX, false)] {
        let mut file = whole.clone();
        file[4..8].copy_from_slice(&lengths.to_le_bytes());
        file[40..44].copy_from_slice(&lengths.to_le_bytes());
        let (report, sound) = decode(Box::new(Bytes(file))).expect("a WAV file without lengths");
        assert!(sound == expected, "{report:?}");
        assert_eq!(report.salvaged, salvaged);
    }
}

fn damage_does_not_move_what_follows() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("sound.wav");
    signals::write_wav(&wav, 44_100);
    let expected = signals::expected();
    for (name, args) in [
        ("x.m4a", &["-c:a", "aac", "-movflags", "faststart"][..]),
        ("x.ogg", &["-c:a", "libvorbis", "-page_duration", "100000"]),
        ("x.opus", &["-c:a", "libopus", "-page_duration", "250000"]),
    ] {
        let mut bytes = fs::read(signals::encode(&wav, name, args)).expect("reads");
        let middle = bytes.len() / 2;
        for byte in &mut bytes[middle..middle + 400] {
            *byte = !*byte;
        }
        let (report, sound) =
            decode(Box::new(Bytes(bytes))).unwrap_or_else(|error| panic!("{name}: {error}"));
        print(&format!("{name}, damaged: {report:?}"));
        assert!(report.duration.get().abs_diff(3_217) <= 200, "{name}: {report:?}");
        // The last second is where it was, as near as a hole shorter than what is filled may move it.
        let tail = 35_000;
        let (lag, alike) = signals::lag(&expected[tail..], &sound[tail..]);
        assert!(alike > 0.9 && lag.abs() <= 3_200, "{name}: {lag} late, {alike} alike");
    }
}

fn limits_hold() {
    let mut long = wav::header(RATE.into()).to_vec();
    long.extend(vec![1; 2 * RATE as usize]);
    let limits = Limits { max_duration: Ms::new(999), ..Limits::default() };
    let result = runner().decode(Box::new(Bytes(long)), &limits, &mut |_, _| Ok(()));
    assert!(
        matches!(result, Err(AudioError::Refused(Verdict::Limits { what: Limit::Duration }))),
        "{result:?}"
    );
}

/// An hour of sound that is made while it is read.
struct Hour;

impl ReadAt for Hour {
    fn len(&self) -> u64 {
        wav::HEADER_LEN + 3_600 * u64::from(RATE) * wav::FRAME_LEN
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = buf.len().min(self.len().saturating_sub(offset) as usize);
        let header = wav::header(3_600 * u64::from(RATE));
        for (at, byte) in (offset..).zip(&mut buf[..n]) {
            *byte = header.get(at as usize).copied().unwrap_or((at >> 9) as u8);
        }
        Ok(n)
    }
}

fn an_hour_needs_no_more_memory() {
    // 115 MB of samples; the program itself takes about 11.
    let limits = Limits { memory: 32 << 20, ..Limits::default() };
    let mut frames = 0;
    let report = runner()
        .decode(Box::new(Hour), &limits, &mut |block, _| {
            frames += block.len() as u64;
            Ok(())
        })
        .expect("an hour in 32 MB");
    assert_eq!((report.duration, frames), (Ms::from_seconds(3_600), 3_600 * u64::from(RATE)));
}

fn the_fence_stands() {
    let limits = Limits::default();
    for (drill, outcomes) in [
        (Drill::OpenFile, &[DrillOutcome::Killed(31)][..]),
        (Drill::OpenFileBeside, &[DrillOutcome::Killed(31)]),
        (Drill::Connect, &[DrillOutcome::Killed(31)]),
        (Drill::StartProgram, &[DrillOutcome::Killed(31)]),
        (Drill::RunMemory, &[DrillOutcome::Killed(31)]),
        (Drill::Allocate, &[DrillOutcome::Killed(6)]),
        (Drill::Panic, &[DrillOutcome::Ended(101)]),
    ] {
        let outcome = runner().drill(drill, &limits);
        assert!(outcome.as_ref().is_ok_and(|o| outcomes.contains(o)), "{drill:?}: {outcome:?}");
    }
}

fn a_stuck_child_is_stopped() {
    let limits = Limits {
        stall_cpu: Duration::from_millis(300),
        stall_wall: Duration::from_mins(1),
        ..Limits::default()
    };
    let busy = runner().drill(Drill::Spin, &limits);
    assert!(matches!(busy, Ok(DrillOutcome::Stopped { busy: true })), "{busy:?}");
    let limits = Limits { stall_wall: Duration::from_millis(500), ..Limits::default() };
    let waiting = runner().drill(Drill::Sleep, &limits);
    assert!(matches!(waiting, Ok(DrillOutcome::Stopped { busy: false })), "{waiting:?}");
}

/// Messages that bring nothing new, in a steady flow: neither silence nor progress.
fn a_talkative_child_is_stopped_too() {
    for drill in [Drill::ReadForever, Drill::TalkEmpty] {
        let limits = Limits { stall_cpu: Duration::from_millis(300), ..Limits::default() };
        let busy = runner().drill(drill, &limits);
        assert!(matches!(busy, Ok(DrillOutcome::Stopped { busy: true })), "{drill:?}: {busy:?}");
        let limits = Limits { stall_wall: Duration::from_millis(500), ..Limits::default() };
        let idle = runner().drill(drill, &limits);
        assert!(matches!(idle, Ok(DrillOutcome::Stopped { busy: false })), "{drill:?}: {idle:?}");
    }
}

fn sound_without_end_is_cut_off() {
    let limits = Limits { max_duration: Ms::from_seconds(60), ..Limits::default() };
    let outcome = runner().drill(Drill::TalkForever, &limits);
    assert!(matches!(outcome, Ok(DrillOutcome::TooLong)), "{outcome:?}");
    // Sound is progress, but not for ever: whichever of the two clocks of the whole is first.
    let limits = Limits {
        max_duration: Ms::from_seconds(1_000_000_000),
        total_wall: Duration::from_secs(2),
        ..Limits::default()
    };
    let outcome = runner().drill(Drill::TalkForever, &limits);
    assert!(
        matches!(outcome, Ok(DrillOutcome::Stopped { busy: false } | DrillOutcome::Killed(24))),
        "{outcome:?}"
    );
}

/// Three seconds on the processor of six on the clock. Where nothing else runs the processor's are over first, and the
/// signal tells that it was the file; on a busy machine the clock's may be. It is one of the two, and never more.
fn processor_time_in_all_is_bounded() {
    let limits = Limits {
        stall_cpu: Duration::from_mins(10),
        total_wall: Duration::from_secs(6),
        ..Limits::default()
    };
    let before = childrens_ticks();
    let outcome = runner().drill(Drill::Spin, &limits);
    // A hundred in a second, on every Linux there is.
    let seconds = (childrens_ticks() - before) / 100;
    let expected = match outcome {
        Ok(DrillOutcome::Killed(24)) => 2..=4,
        Ok(DrillOutcome::Stopped { busy: false }) => 0..=3,
        other => panic!("{other:?}"),
    };
    assert!(expected.contains(&seconds), "{outcome:?} after {seconds} s");
}

/// The processor's time that children which ended have taken, in ticks (proc(5)).
fn childrens_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("one's own state can be read");
    let (_, behind) = stat.rsplit_once(')').expect("a name in brackets");
    let fields = behind.split_whitespace().skip(13).take(2);
    fields.map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

fn a_slow_taker_is_not_the_childs_fault() {
    let mut sound = wav::header(10 * u64::from(RATE)).to_vec();
    sound.extend(vec![0; 10 * 2 * RATE as usize]);
    let limits = Limits {
        stall_wall: Duration::from_secs(5),
        total_wall: Duration::from_secs(5),
        ..Limits::default()
    };
    let report = runner()
        .decode(Box::new(Bytes(sound)), &limits, &mut |_, _| {
            // The work of a taker that is slower than the decoder: six seconds in all.
            std::thread::sleep(Duration::from_millis(600));
            Ok(())
        })
        .expect("the child did nothing wrong");
    assert_eq!(report.duration, Ms::from_seconds(10));
}

/// A source that breaks off with an error of its own.
struct Broken;

impl ReadAt for Broken {
    fn len(&self) -> u64 {
        1_000_000
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        if offset > 0 {
            return Err(std::io::Error::other("the disk is on fire"));
        }
        buf.fill(0);
        buf[..44].copy_from_slice(&wav::header(400_000));
        Ok(buf.len().min(30_000))
    }
}

fn the_parents_own_troubles_are_not_the_files() {
    let burning = decode(Box::new(Broken));
    assert!(
        matches!(&burning, Err(AudioError::Io(e)) if e.to_string() == "the disk is on fire"),
        "{burning:?}"
    );
    let absent = Runner::new("/nowhere/hearback").probe(Box::new(Bytes(vec![1])));
    assert!(matches!(absent, Err(AudioError::Sandbox(_))), "{absent:?}");
    let mut sound = wav::header(16_000).to_vec();
    sound.extend(vec![0; 32_000]);
    let full = runner().decode(Box::new(Bytes(sound)), &Limits::default(), &mut |_, _| {
        Err(std::io::ErrorKind::StorageFull.into())
    });
    assert!(
        matches!(&full, Err(AudioError::Io(e)) if e.kind() == std::io::ErrorKind::StorageFull),
        "{full:?}"
    );
}
