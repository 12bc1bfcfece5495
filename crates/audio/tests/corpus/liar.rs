//! A child that was taken over: it speaks to its parent, but says what it likes.
//!
//! What a decoder can be made to do ends at the fence; what it can say reaches the parent. So the parent is told
//! everything that a message can hold, and more.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::fd::AsFd as _,
    process::{abort, exit},
    time::{Duration, Instant},
};

use hearback_audio::{Bytes, Limits, Shape};
use hearback_domain::Ms;

use crate::{chance::Chance, expect::Answers, judge::runner};

/// The argument that makes this program such a child.
pub(crate) const ARG: &str = "liar";

const READY: u8 = 4;

/// The child. `seed` says what it says.
pub(crate) fn main(seed: &str) -> ! {
    let mut chance = Chance::of(seed.parse().unwrap_or(0), &[ARG], 0);
    let _ = lie(&mut chance);
    match chance.below(8) {
        0 => abort(),
        n => exit([0, 0, 1, 2, 42, 101, 101, 255][n]),
    }
}

fn lie(chance: &mut Chance) -> io::Result<()> {
    let mut line = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut request = [0; 4_096];
    let _ = line.read(&mut request)?;
    if chance.below(10) > 0 {
        say(&mut line, READY, &[])?;
    }
    for _ in 0..chance.between(1, 60) {
        let tag =
            if chance.below(20) == 0 { chance.number() as u8 } else { chance.between(1, 11) as u8 };
        let body = body(tag, chance);
        if chance.below(30) == 0 {
            // A length that is not kept.
            line.write_all(&[tag])?;
            line.write_all(
                &(*chance.choose(&[u32::MAX, 1 << 20, (1 << 20) + 1, 3])).to_le_bytes(),
            )?;
        }
        say(&mut line, tag, &body)?;
    }
    Ok(())
}

fn say(line: &mut File, tag: u8, body: &[u8]) -> io::Result<()> {
    line.write_all(&[tag])?;
    line.write_all(&(body.len() as u32).to_le_bytes())?;
    line.write_all(body)
}

fn body(tag: u8, chance: &mut Chance) -> Vec<u8> {
    let most = *chance.choose(&[0, 1, 15, 16, 64, 3_000]);
    match tag {
        // What was asked for: an offset and a length.
        5 => {
            [number(chance).to_le_bytes().to_vec(), (number(chance) as u32).to_le_bytes().to_vec()]
                .concat()
        }
        // Progress, and samples that are no numbers.
        6 => {
            let mut body = [number(chance).to_le_bytes(), number(chance).to_le_bytes()].concat();
            for _ in 0..most {
                let odd = [f32::NAN, f32::INFINITY, f32::MAX, -f32::MAX, 0.5, -0.0];
                body.extend(chance.choose(&odd).to_le_bytes());
            }
            body
        }
        7 => probe(chance).into_bytes(),
        8 => report(chance).into_bytes(),
        9 => verdict(chance).into_bytes(),
        _ => chance.bytes(most),
    }
}

fn number(chance: &mut Chance) -> u64 {
    let drawn = chance.number();
    *chance.choose(&[0, 1, 2, 1_000, 16_000, 1 << 31, u32::MAX.into(), 1 << 62, u64::MAX, drawn])
}

fn word(chance: &mut Chance) -> String {
    let words = ["wav", "", "<script>alert(1)</script>", "a\\nb\\u0000", "../../etc/passwd"];
    match chance.below(6) {
        5 => "a".repeat(100_000),
        n => words[n].to_owned(),
    }
}

fn probe(chance: &mut Chance) -> String {
    format!(
        r#"{{"container":"{}","codec":"{}","channels":{},"sample_rate_hz":{},"duration":{}}}"#,
        word(chance),
        word(chance),
        number(chance) % 70_000,
        number(chance) % (1 << 33),
        number(chance)
    )
}

fn report(chance: &mut Chance) -> String {
    let warning = *chance.choose(&["\"clipped\"", "\"gaps\"", "\"made_up\"", "7"]);
    let warnings = vec![warning; *chance.choose(&[0, 1, 2, 20_000])].join(",");
    format!(
        r#"{{"probe":{},"duration":{},"frames":{},"rate_hz":{},"channels":{},"skipped_packets":{},"salvaged":{},"peak":{},"stereo":null,"warnings":[{warnings}]}}"#,
        probe(chance),
        number(chance),
        number(chance),
        number(chance) % (1 << 33),
        number(chance) % 70_000,
        number(chance),
        chance.below(2) == 0,
        chance.choose(&["0.5", "1e300", "-1", "null"]),
    )
}

fn verdict(chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => format!(r#"{{"unsupported":{{"codec":"{}"}}}}"#, word(chance)),
        1 => r#"{"limits":{"what":"weather"}}"#.to_owned(),
        2 => "\"corrupt\"".to_owned(),
        _ => "{".repeat(100_000),
    }
}

/// Listens to one such child; whatever it says, the parent comes back in time, and with what it counted itself. Gives
/// whether there was an answer, or only a failure.
pub(crate) fn hear(seed: u64) -> bool {
    let limits = Limits {
        max_duration: Ms::from_seconds(60),
        stall_cpu: Duration::from_millis(500),
        stall_wall: Duration::from_millis(500),
        total_wall: Duration::from_secs(2),
        ..Limits::default()
    };
    let started = Instant::now();
    let liar = runner().with_args([ARG.to_owned(), seed.to_string()]);
    let mut heard = 0;
    let result = liar.decode_shaped(
        Box::new(Bytes(vec![7; 100_000])),
        if seed.is_multiple_of(2) { Shape::WORKING } else { Shape::NATIVE },
        &limits,
        &mut |block, _| {
            assert!(block.iter().all(|s| s.is_finite()), "{seed}: a sample that is no number");
            heard += block.len() as u64;
            Ok(())
        },
    );
    assert!(started.elapsed() < Duration::from_secs(10), "{seed}: it was heard for too long");
    if let Ok(report) = &result {
        assert_eq!(report.frames, heard / u64::from(report.channels), "{seed}: {report:?}");
        assert!(report.duration <= Ms::from_seconds(61), "{seed}: {report:?}");
        assert!(report.warnings.len() < 20, "{seed}: said again and again");
        for text in [&report.probe.container, &report.probe.codec] {
            assert!(text.len() <= 32 && !text.contains(['<', '/', '\n', '\0']), "{seed}: {text}");
        }
    }
    if seed.is_multiple_of(5) {
        let _ = liar.probe(Box::new(Bytes(vec![7; 1_000])));
    }
    Answers::of(&result).is_some()
}
