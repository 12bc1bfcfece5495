//! Files that were cut off, damaged, or made to last for ever.

use std::fs;

use hearback_audio::{
    AudioError, Bytes, DecodeReport, Limit, Limits, Shape, Verdict, Warning, wav,
};
use serde_json::json;

use crate::{decode, evidence, measure::likeness, runner, signals, verdict, voice};

/// What can be saved, and how it is made.
const CUT: &[(&str, &[&str])] = &[
    ("s16.wav", &[]),
    ("ima.wav", &["-c:a", "adpcm_ima_wav"]),
    ("rf64.wav", &["-rf64", "always"]),
    ("x.aiff", &[]),
    ("x.flac", &[]),
    ("x.mp3", &["-b:a", "96k"]),
    ("x.aac", &["-c:a", "aac"]),
    ("first.m4a", &["-c:a", "aac", "-movflags", "faststart"]),
    ("alac.m4a", &["-c:a", "alac", "-movflags", "faststart"]),
    (
        "first.3gp",
        &[
            "-c:a",
            "libopencore_amrnb",
            "-ar",
            "8000",
            "-ac",
            "1",
            "-b:a",
            "12.2k",
            "-movflags",
            "faststart",
        ],
    ),
    (
        "fragments.m4a",
        &[
            "-c:a",
            "aac",
            "-frag_duration",
            "200000",
            "-movflags",
            "empty_moov+default_base_moof",
            "-f",
            "mp4",
        ],
    ),
    ("x.ogg", &["-c:a", "libvorbis", "-page_duration", "200000"]),
    ("x.opus", &["-c:a", "libopus", "-page_duration", "200000"]),
    ("live.webm", &["-c:a", "libopus", "-live", "1", "-cluster_time_limit", "200"]),
    ("x.webm", &["-c:a", "libopus", "-cluster_time_limit", "200"]),
    ("x.mka", &["-c:a", "flac", "-cluster_time_limit", "200"]),
    ("x.amr", &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"]),
];

fn make(name: &str, args: &[&str]) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("voices.wav");
    voice::write(&wav, 44_100, 2, &voice::both(44_100));
    fs::read(signals::encode(&wav, name, args)).expect("what ffmpeg wrote")
}

fn decoded(name: &str, bytes: &[u8]) -> (DecodeReport, Vec<f32>) {
    decode(Box::new(Bytes(bytes.to_vec())), Shape::WORKING)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The boxes of a file, one after the other: where each begins and ends.
fn boxes(bytes: &[u8]) -> Vec<([u8; 4], std::ops::Range<usize>)> {
    let (mut all, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let head: [u8; 8] = bytes[at..at + 8].try_into().expect("eight bytes");
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        all.push(([head[4], head[5], head[6], head[7]], at..at + size));
        at += size;
    }
    all
}

/// `QuickTime` from before files said what they are is decoded as if they did, whatever it begins with.
pub(crate) fn films_without_a_type_are_read() {
    let mut forms = 0;
    for (name, args) in [("aac.mov", &["-c:a", "aac"]), ("pcm.mov", &["-c:a", "pcm_s16le"])] {
        let whole = make(name, args);
        let (with, sound) = decoded(name, &whole);
        let mut same = |how: &str, bytes: &[u8]| {
            let (without, heard) = decoded(how, bytes);
            assert_eq!(
                (without.duration, without.probe.codec),
                (with.duration, with.probe.codec.clone())
            );
            assert!(heard == sound, "{name}, {how}");
            forms += 1;
        };
        let all = boxes(&whole);
        let (kind, _) = &all[0];
        assert_eq!(kind, b"ftyp");
        for other in [b"wide", b"free", b"skip"] {
            let mut bytes = whole.clone();
            bytes[4..8].copy_from_slice(other);
            same(&String::from_utf8_lossy(other), &bytes);
        }
        // The sound first: its box takes in what stood before it, and nothing moves.
        let (_, mdat) = all.iter().find(|(kind, _)| kind == b"mdat").expect("the sound");
        let mut bytes = whole.clone();
        let head = [&[0, 0, 0, 1][..], b"mdat", &(mdat.end as u64).to_be_bytes()].concat();
        bytes[..16].copy_from_slice(&head);
        same("mdat", &bytes);
        // The index first: what stood before it becomes room behind it.
        let first = make(name, &[args, &["-movflags", "faststart"][..]].concat());
        let all = boxes(&first);
        let (_, moov) = all.iter().find(|(kind, _)| kind == b"moov").expect("the index");
        assert_eq!(all[0].1.end, moov.start);
        let mut room = vec![0; moov.start];
        room[..8].copy_from_slice(&first[..8]);
        room[4..8].copy_from_slice(b"free");
        let bytes = [&first[moov.clone()], &room, &first[moov.end..]].concat();
        same("moov", &bytes);
        let (report, part) = decoded("cut", &bytes[..bytes.len() * 6 / 10]);
        assert!(report.warnings.contains(&Warning::Salvaged), "{report:?}");
        assert!(part.len() > sound.len() / 3 && part.len() < sound.len());
    }
    let never = [&b"\0\0\0\x08wide\0\0\x10\0mdat"[..], &[0; 4_096]].concat();
    assert_eq!(verdict(Box::new(Bytes(never))), Verdict::TruncatedNoIndex);
    evidence::add(&[("films_without_a_type", json!(forms))]);
}

/// What is there of a cut file is there at the same time, and as it was.
pub(crate) fn what_was_cut_off_is_saved() {
    for (name, args) in CUT {
        let whole = make(name, args);
        let (_, sound) = decoded(name, &whole);
        for tenth in [3, 6, 9] {
            let (report, part) = decoded(name, &whole[..whole.len() * tenth / 10]);
            let like = likeness(&sound, &part[..part.len().min(sound.len())], 1, 0);
            let share = part.len() as f64 / sound.len() as f64;
            let facts = format!(
                "{name}, {tenth} tenths: {share:.2} of the sound, {:.4} alike, {report:?}",
                like.correlation
            );
            assert!(share > tenth as f64 / 10.0 - 0.25 && share <= 1.0, "{facts}");
            assert!(like.correlation > 0.98, "{facts}");
            // A stream whose end is wherever it ends cannot be told from a whole one.
            let without_end =
                matches!(*name, "x.mp3" | "x.aac" | "live.webm" | "x.amr" | "fragments.m4a");
            assert!(without_end || report.warnings.contains(&Warning::Salvaged), "{facts}");
        }
    }
    let last = make("last.m4a", &["-c:a", "aac"]);
    let cut = verdict(Box::new(Bytes(last[..last.len() / 2].to_vec())));
    assert_eq!(cut, Verdict::TruncatedNoIndex);
    evidence::add(&[
        ("salvaged_forms", json!(CUT.len())),
        ("salvaged_files", json!(CUT.len() * 3)),
    ]);
}

/// Bytes turned over in the middle: what follows is where it was.
pub(crate) fn damage_is_silent_and_moves_nothing() {
    let mut worst: f64 = 0.0;
    for (name, args) in [
        ("x.m4a", &["-c:a", "aac", "-movflags", "faststart"][..]),
        ("x.mp3", &["-b:a", "96k"]),
        ("x.flac", &["-frame_size", "1152"]),
        ("x.ogg", &["-c:a", "libvorbis", "-page_duration", "100000"]),
        ("x.opus", &["-c:a", "libopus", "-page_duration", "100000"]),
        ("x.webm", &["-c:a", "libopus", "-cluster_time_limit", "1000"]),
        (
            "live.webm",
            &["-c:a", "libopus", "-f", "webm", "-live", "1", "-cluster_time_limit", "700"],
        ),
        ("x.mka", &["-c:a", "flac", "-cluster_time_limit", "900"]),
        ("x.aac", &["-c:a", "aac"]),
        ("x.amr", &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"]),
        (
            "x.3gp",
            &[
                "-c:a",
                "libopencore_amrnb",
                "-ar",
                "8000",
                "-ac",
                "1",
                "-b:a",
                "12.2k",
                "-movflags",
                "faststart",
            ],
        ),
    ] {
        let mut bytes = make(name, args);
        let (before, sound) = decoded(name, &bytes);
        // Behind the index, where that comes first.
        let middle = bytes.len() * 3 / 4;
        for byte in &mut bytes[middle..middle + 300] {
            *byte = !*byte;
        }
        let (report, damaged) = decoded(name, &bytes);
        let tail = sound.len() - 16_000;
        let end = damaged.len().min(sound.len());
        let like = likeness(&sound[tail..], &damaged[tail.min(end)..end], 1, 1_600);
        let slip = like.lag as f64 / 16.0;
        worst = worst.max(slip.abs());
        let facts = format!(
            "{name}: {slip} ms later, {:.4} alike, {before:?} {report:?}",
            like.correlation
        );
        crate::harness::print(&facts);
        assert!(slip.abs() <= 1.0 && like.correlation > 0.95, "{facts}");
        assert!(report.duration.get().abs_diff(before.duration.get()) <= 1, "{facts}");
    }
    evidence::add(&[("worst_slip_after_damage_ms", json!(worst))]);
}

pub(crate) fn what_lasts_too_long_is_refused() {
    let mut long = wav::header(80_000).to_vec();
    long.extend(vec![1; 160_000]);
    let limits = Limits { max_duration: hearback_domain::Ms::new(4_999), ..Limits::default() };
    let refused = |bytes: Vec<u8>, limits: &Limits| match runner().decode(
        Box::new(Bytes(bytes)),
        limits,
        &mut |_, _| Ok(()),
    ) {
        Err(AudioError::Refused(Verdict::Limits { what })) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(long, &limits), Limit::Duration);
    // Two packets that lie five hours apart by the file's own clock.
    let webm = make("x.webm", &["-c:a", "libopus", "-cluster_time_limit", "1000"]);
    let mut at = webm.windows(4).enumerate().filter(|(_, w)| *w == b"\x1f\x43\xb6\x75");
    let last = at.next_back().expect("a cluster").0;
    let clock = webm[last..].windows(1).position(|w| w[0] == 0xe7).expect("its time") + last;
    let mut far = webm.clone();
    far.splice(
        clock + 1..clock + 2 + usize::from(webm[clock + 1] & 0x7f),
        [0x84, 1, 0x12, 0xa8, 0x80],
    );
    // Sizes are kept: the cluster's own is found again by its end, which is the file's.
    assert_eq!(refused(far, &Limits { max_ratio: 100, ..Limits::default() }), Limit::Ratio);
}
