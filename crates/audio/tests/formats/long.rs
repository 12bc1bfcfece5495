//! A long recording takes no more memory than a short one.

use std::fs;

use hearback_audio::{Limits, RATE, ReadAt, wav};
use hearback_domain::Ms;
use serde_json::json;

use crate::{evidence, file, harness::print, runner};

const SECONDS: u64 = 3 * 3_600;

/// Three hours of sound that is made while it is read.
struct ThreeHours;

impl ReadAt for ThreeHours {
    fn len(&self) -> u64 {
        wav::HEADER_LEN + SECONDS * u64::from(RATE) * wav::FRAME_LEN
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let rest = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let n = buf.len().min(rest);
        let header = wav::header(SECONDS * u64::from(RATE));
        for (at, byte) in (offset..).zip(&mut buf[..n]) {
            let of_header = usize::try_from(at).ok().and_then(|at| header.get(at));
            let [low, ..] = (at >> 9).to_le_bytes();
            *byte = of_header.copied().unwrap_or(low);
        }
        Ok(n)
    }
}

/// With `HEARBACK_TEST_DEEP` in the forms that phones write too.
pub(crate) fn three_hours_take_no_more_memory() {
    let mut worst = needed("wav", Box::new(ThreeHours), Ms::ZERO);
    if std::env::var_os("HEARBACK_TEST_DEEP").is_some() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for (name, args) in [
            ("long.m4a", &["-c:a", "aac", "-b:a", "64k"][..]),
            ("long.mp3", &["-b:a", "64k"]),
            ("long.opus", &["-c:a", "libopus", "-b:a", "24k"]),
            ("long.webm", &["-c:a", "libopus", "-b:a", "24k"]),
            ("long.flac", &[]),
            (
                "long.amr",
                &["-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"],
            ),
        ] {
            let path = dir.path().join(name);
            let made = std::process::Command::new("ffmpeg")
                .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"])
                .arg(format!(
                    "anoisesrc=color=pink:amplitude=0.1:sample_rate=44100:duration={SECONDS}"
                ))
                .args(args)
                .arg(&path)
                .status();
            assert!(made.is_ok_and(|status| status.success()), "{name}");
            // Its encoder is 5 ms late, so that the file has one whole frame more and no place to say so.
            let padding = Ms::new(if name == "long.amr" { 20 } else { 0 });
            worst = worst.max(needed(name, file(&path), padding));
            fs::remove_file(path).expect("a file in a temporary directory");
        }
    }
    evidence::add(&[("three_hours_resident_mb", json!(worst))]);
    assert!(worst <= 150, "{worst} MB");
}

/// The most megabytes that the child held at any time. The file holds three hours, and `padding`.
fn needed(name: &str, source: Box<dyn ReadAt>, padding: Ms) -> u64 {
    let mut most_kb = 0;
    let mut blocks = 0_u32;
    let report = runner()
        .decode(source, &Limits::default(), &mut |_, _| {
            if blocks.is_multiple_of(500) {
                most_kb = most_kb.max(childs_peak_kb());
            }
            blocks += 1;
            Ok(())
        })
        .expect("three hours");
    print(&format!("three hours of {name}: {} MB, {} ms", most_kb / 1_024, report.duration.get()));
    let held = Ms::from_seconds(SECONDS).get() + padding.get();
    assert!(report.duration.get().abs_diff(held) <= 1, "{report:?}");
    most_kb / 1_024
}

/// The peak of the one child of this process, which is at work.
fn childs_peak_kb() -> u64 {
    let thread = fs::read_link("/proc/thread-self").expect("proc is mounted");
    let children = fs::read_to_string(std::path::Path::new("/proc").join(thread).join("children"));
    let children = children.expect("the kernel tells");
    let child = children.split_ascii_whitespace().next().expect("a child is at work");
    let status = fs::read_to_string(format!("/proc/{child}/status")).expect("it has a status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its peak");
    line.split_ascii_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}
