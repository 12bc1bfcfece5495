//! The table: every form, and what came of it.

use std::{fmt::Write as _, fs, path::Path};

use hearback_audio::{DecodeReport, Shape};
use serde_json::{Value, json};

use crate::{
    decode, evidence, file,
    forms::{FORMS, Form, Kind},
    harness::print,
    he_aac,
    measure::{Likeness, by_ffmpeg, likeness},
    runner, signals, voice,
};

/// A line of the table.
struct Row {
    name: &'static str,
    found: String,
    /// Milliseconds that ours is longer than ffmpeg's.
    longer: f64,
    /// Milliseconds that ours begins later than ffmpeg's.
    later: f64,
    like: Likeness,
    /// Milliseconds that ours is longer than the sound that was coded.
    than_coded: f64,
    declared: Option<(f64, &'static str)>,
    wrong: Vec<String>,
}

pub(crate) fn every_form_is_as_ffmpeg_decodes_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let wav = dir.path().join("voices.wav");
    voice::write(&wav, 44_100, 2, &voice::both(44_100));
    let mut rows: Vec<Row> =
        FORMS.iter().map(|form| row(form, &signals::encode(&wav, form.file, form.args))).collect();
    rows.push(row(&HE_AAC, &he_aac::write(&wav, HE_AAC.file)));
    rows.push(row(&BW64, &as_bw64(&wav)));
    rows.push(row(&PIPED, &into_a_pipe(&wav)));
    for row in &rows {
        print(&row.line());
    }
    leave(&rows);
    let wrong: Vec<String> = rows.iter().flat_map(|row| row.wrong.clone()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    in_the_documentation(&rows);
}

const HE_AAC: Form = Form {
    name: "M4A, HE-AAC",
    file: "he.m4a",
    args: &[],
    kind: Kind::Core,
    found: ("mp4", "aac"),
};
const BW64: Form = Form {
    name: "BW64",
    file: "bw64.wav",
    args: &[],
    kind: Kind::Lossless,
    found: ("wav", "pcm_s16le"),
};
const PIPED: Form = Form {
    name: "WAV from a pipe (no length)",
    file: "piped.wav",
    args: &[],
    kind: Kind::Lossless,
    found: ("wav", "pcm_s16le"),
};

fn as_bw64(wav: &Path) -> std::path::PathBuf {
    let path = signals::encode(wav, BW64.file, &["-rf64", "always"]);
    let mut bytes = fs::read(&path).expect("what ffmpeg wrote");
    bytes[..4].copy_from_slice(b"BW64");
    fs::write(&path, bytes).expect("a file in a temporary directory");
    path
}

fn into_a_pipe(wav: &Path) -> std::path::PathBuf {
    let path = wav.with_file_name(PIPED.file);
    let mut bytes = fs::read(wav).expect("the sound");
    bytes[4..8].fill(0xff);
    bytes[40..44].fill(0xff);
    fs::write(&path, bytes).expect("a file in a temporary directory");
    path
}

fn row(form: &Form, path: &Path) -> Row {
    let (shape, args): (_, &[&str]) = match form.kind {
        Kind::Core => (Shape::WORKING, &["-af", "pan=mono|c0=0.5*c0+0.5*c1", "-ar", "16000"]),
        _ => (Shape::NATIVE, &[]),
    };
    let (report, ours) = match decode(file(path), shape) {
        Ok(decoded) => decoded,
        Err(error) => return Row::without(form, &error.to_string()),
    };
    let theirs = by_ffmpeg(path, form.decoder(), args);
    let channels = usize::from(report.channels).max(1);
    let like = likeness(&theirs, &ours, channels, 4_000);
    let per_ms = f64::from(report.rate_hz) / 1_000.0;
    let ms = |samples: usize| samples as f64 / channels as f64 / per_ms;
    let mut row = Row {
        name: form.name,
        found: format!("{} {}", report.probe.container, report.probe.codec),
        longer: ms(ours.len()) - ms(theirs.len()),
        later: like.lag as f64 / per_ms,
        like,
        than_coded: ms(ours.len()) - voice::SECONDS * 1_000.0,
        declared: form.declared(),
        wrong: Vec::new(),
    };
    row.judge(form, &report, path);
    row
}

impl Row {
    fn without(form: &Form, error: &str) -> Self {
        let like = Likeness { lag: 0, correlation: 0.0, snr: 0.0 };
        let wrong = vec![format!("{}: {error}", form.name)];
        Self {
            name: form.name,
            found: String::new(),
            longer: 0.0,
            later: 0.0,
            like,
            than_coded: 0.0,
            declared: None,
            wrong,
        }
    }

    fn judge(&mut self, form: &Form, report: &DecodeReport, path: &Path) {
        let allowed = 1.0 + form.declared().map_or(0.0, |(ms, _)| ms);
        let alike = if form.kind == Kind::Lossless { 0.9999 } else { 0.99 };
        let probe = runner().probe(file(path)).expect("what decodes can be probed");
        let probed = probe.duration.get().abs_diff(report.duration.get());
        let facts = [
            (self.longer.abs() <= allowed, "length"),
            (self.later.abs() <= allowed, "beginning"),
            (self.like.correlation >= alike, "likeness"),
            (self.found == format!("{} {}", form.found.0, form.found.1), "name"),
            (report.skipped_packets == 0 && !report.salvaged, "damage"),
            (probed <= 30, "probe"),
        ];
        let line = self.line();
        self.wrong = facts
            .iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, what)| format!("{what}: {line} {report:?} probe {probed} ms off"))
            .collect();
    }

    /// Decibels, as far as they mean anything: two decoders of one coding round in different places.
    fn snr(&self) -> String {
        if self.like.snr > 140.0 {
            "the same".to_owned()
        } else {
            format!("{:.0} dB", self.like.snr)
        }
    }

    fn line(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {} | {:.5} | {} |",
            self.name,
            self.found,
            ms(self.longer),
            ms(self.later),
            ms(self.than_coded),
            self.like.correlation,
            self.snr()
        )
    }

    fn json(&self) -> Value {
        json!({
            "form": self.name,
            "found": self.found,
            "longer_ms": self.longer,
            "later_ms": self.later,
            "longer_than_coded_ms": self.than_coded,
            "correlation": self.like.correlation,
            "snr_db": self.like.snr.is_finite().then_some(self.like.snr),
            "declared": self.declared.map(|(_, why)| why),
        })
    }
}

/// Milliseconds with two places, without the sign of a zero.
fn ms(value: f64) -> String {
    let text = format!("{value:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

fn leave(rows: &[Row]) {
    let good: Vec<&Row> = rows.iter().filter(|row| row.wrong.is_empty()).collect();
    let plain = good.iter().filter(|row| row.declared.is_none());
    let worst = |of: fn(&Row) -> f64| plain.clone().map(|row| of(row).abs()).fold(0.0, f64::max);
    evidence::add(&[
        ("cases", json!(rows.len())),
        ("forms", json!(good.len())),
        ("worst_length_error_ms", json!(worst(|row| row.longer))),
        ("worst_start_error_ms", json!(worst(|row| row.later))),
        ("table", rows.iter().map(Row::json).collect()),
    ]);
}

/// The table in the documentation has a line for each form, with the same figures.
///
/// Where decoders round, and so the last digits, depends on the processor: the figures may move a little.
fn in_the_documentation(rows: &[Row]) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("FORMATS.md");
    let page = fs::read_to_string(page).unwrap_or_default();
    let mut missing = String::new();
    for row in rows {
        let begin =
            format!("| {} | {} | {} | {} |", row.name, row.found, ms(row.longer), ms(row.later));
        if !page.lines().any(|line| line.starts_with(&begin)) {
            let _ = writeln!(missing, "{}", row.line());
        }
    }
    assert!(missing.is_empty(), "FORMATS.md lacks these lines:\n{missing}");
}
