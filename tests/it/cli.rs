//! The command line as scripts rely on it: what goes to standard output, and with which status a command ends.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use hearback_domain::sound;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::service::{PASSPHRASE, Person, Service, binary, models, speak};

const SENTENCE: &str = "I would like you to choose what we talk about today.";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn speech(&self) -> PathBuf {
        let wav = self.file("speech.wav");
        speak("slt", SENTENCE, &wav);
        wav
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(args).current_dir(self.0.path()).env("HEARBACK_MODELS", models());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn ok(&self, args: &[&str]) -> Vec<u8> {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    }

    fn refused(&self, args: &[&str]) -> String {
        let out = self.run(args);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "{args:?}: {said}");
        assert!(out.stdout.is_empty(), "nothing half-done goes to standard output");
        assert_eq!(said.trim().lines().count(), 1, "one sentence: {said}");
        said
    }
}

fn frames(wav: &Path) -> u64 {
    sound::frames(fs::metadata(wav).unwrap().len() - sound::WAV_HEADER_LEN)
}

#[test]
fn a_transcript_has_words_with_times() {
    let desk = Desk::new();
    desk.speech();
    let out = desk.ok(&["transcribe", "speech.wav", "--format", "json"]);
    let transcript: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(transcript["model"], "tiny.en");
    assert_eq!(transcript["language"], "en");
    let duration = transcript["duration_ms"].as_u64().unwrap();
    let segments = transcript["segments"].as_array().unwrap();
    let text: String = segments.iter().map(|s| s["text"].as_str().unwrap()).collect();
    assert!(text.to_lowercase().contains("choose what we talk about today"), "{text}");
    let mut last = 0;
    for word in segments.iter().flat_map(|s| s["words"].as_array().unwrap()) {
        let (start, end) = (word["start_ms"].as_u64().unwrap(), word["end_ms"].as_u64().unwrap());
        assert!(last <= start && start <= end && end <= duration, "{word}");
        assert!((0.0..=1.0).contains(&word["p"].as_f64().unwrap()), "{word}");
        last = end;
    }
    for (format, begins) in [("vtt", "WEBVTT"), ("srt", "1\n00:00:0"), ("txt", "[A machine")] {
        let out = desk.ok(&["transcribe", "speech.wav", "--format", format]);
        let out = String::from_utf8(out).unwrap();
        assert!(out.starts_with(begins), "{format}");
        assert!(out.contains("A machine wrote this. It may be wrong: listen."), "{format}: {out}");
        // The same in a file, where it is written when all of it is known.
        desk.ok(&["transcribe", "speech.wav", "--format", format, "-o", "words"]);
        assert_eq!(fs::read_to_string(desk.file("words")).unwrap(), out, "{format}");
    }
}

#[test]
fn a_transcript_appears_while_it_is_written() {
    let desk = Desk::new();
    let bytes = fs::read(desk.speech()).unwrap();
    let (header, said) = bytes.split_at(44);
    // A header without lengths: all that follows counts.
    let mut header = header.to_vec();
    header[4..8].fill(0xFF);
    header[40..44].fill(0xFF);
    fs::write(desk.file("long.wav"), [header, said.repeat(60)].concat()).unwrap();
    let mut child = desk
        .command(&["transcribe", "long.wav", "--format", "txt", "--threads", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let heard = lines.by_ref().map(Result::unwrap).find(|line| line.contains("today"));
    assert!(heard.is_some(), "the first of sixty times");
    assert!(child.try_wait().unwrap().is_none(), "and it is still at work");
    // Whoever has heard enough closes the pipe, and it stops.
    drop(lines);
    assert!(!child.wait().unwrap().success());
}

#[test]
fn engines_agree_on_length() {
    let desk = Desk::new();
    let length = frames(&desk.speech());
    let probe: Value =
        serde_json::from_slice(&desk.ok(&["probe", "speech.wav", "--json"])).unwrap();
    assert_eq!(probe["container"], "wav");
    assert_eq!(probe["sample_rate_hz"], 16_000);
    assert_eq!(probe["duration_ms"], sound::duration(length * 2).get());
    assert!(probe.get("notes").is_none(), "nobody has listened");
    // A tenth as loud: who listens says so.
    let mut quiet = fs::read(desk.file("speech.wav")).unwrap();
    for sample in quiet[44..].chunks_exact_mut(2) {
        let value = i16::from_le_bytes([sample[0], sample[1]]) / 60;
        sample.copy_from_slice(&value.to_le_bytes());
    }
    fs::write(desk.file("quiet.wav"), quiet).unwrap();
    let heard = desk.ok(&["probe", "quiet.wav", "--listen", "--json"]);
    let heard: Value = serde_json::from_slice(&heard).unwrap();
    assert_eq!(heard["duration_ms"], probe["duration_ms"]);
    let notes = heard["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["note"] == "too_quiet"), "{heard}");
    let said = String::from_utf8(desk.ok(&["probe", "quiet.wav", "--listen"])).unwrap();
    assert!(said.lines().count() > 1, "{said}");

    desk.ok(&["decode", "speech.wav", "-o", "decoded.wav"]);
    assert_eq!(
        fs::read(desk.file("decoded.wav")).unwrap()[44..],
        fs::read(desk.file("speech.wav")).unwrap()[44..]
    );

    desk.ok(&[
        "peaks",
        "speech.wav",
        "-o",
        "peaks.json",
        "--samples-per-pixel",
        "160",
        "--bits",
        "8",
    ]);
    let peaks: Value = serde_json::from_slice(&fs::read(desk.file("peaks.json")).unwrap()).unwrap();
    assert_eq!(peaks["length"], length.div_ceil(160));
    desk.ok(&[
        "peaks",
        "speech.wav",
        "-o",
        "peaks.dat",
        "--samples-per-pixel",
        "160",
        "--bits",
        "8",
    ]);
    assert_eq!(fs::metadata(desk.file("peaks.dat")).unwrap().len(), 20 + 2 * length.div_ceil(160));

    desk.ok(&["clip", "speech.wav", "--start", "250", "--end", "1253", "-o", "clip.wav"]);
    assert_eq!(frames(&desk.file("clip.wav")), 1_003 * 16, "to the millisecond");
    desk.ok(&["clip", "speech.wav", "--start", "250", "--end", "1253", "-o", "clip.flac"]);
    desk.ok(&["decode", "clip.flac", "-o", "again.wav"]);
    assert_eq!(
        fs::read(desk.file("again.wav")).unwrap()[44..],
        fs::read(desk.file("clip.wav")).unwrap()[44..],
        "FLAC loses nothing"
    );
}

#[test]
fn a_hidden_passage_is_not_in_the_extract() {
    let desk = Desk::new();
    desk.speech();
    let args = ["clip", "speech.wav", "--start", "0", "--end", "2000", "-o", "hidden.wav"];
    desk.ok(&[&args[..], &["--redact", "500-1000", "--redact-with", "silence"]].concat());
    let hidden = fs::read(desk.file("hidden.wav")).unwrap();
    let samples: Vec<_> = hidden[44..].chunks_exact(2).collect();
    assert!(samples[500 * 16..1_000 * 16].iter().all(|s| *s == [0, 0]), "every sample is gone");
    assert!(samples[..400 * 16].iter().any(|s| *s != [0, 0]), "the rest is there");
}

#[test]
fn voices_are_altered_and_the_clock_is_not() {
    let desk = Desk::new();
    desk.speech();
    let plain = ["clip", "speech.wav", "--start", "250", "--end", "2253", "-o", "plain.wav"];
    desk.ok(&plain);
    let altered = |name| {
        let args = [&plain[..7], &[name, "--alter-voices"]].concat();
        let done = desk.run(&args);
        assert!(done.status.success());
        assert!(String::from_utf8_lossy(&done.stderr).contains("They are not anonymous"));
        let bytes = fs::read(desk.file(name)).unwrap()[44..].to_vec();
        bytes.chunks_exact(2).map(|s| i16::from_le_bytes([s[0], s[1]])).collect::<Vec<_>>()
    };
    let (one, two) = (altered("one.wav"), altered("two.wav"));
    assert_eq!(one.len(), 2_003 * 16, "to the sample");
    assert!(one.iter().any(|s| s.unsigned_abs() > 500), "it can be heard");
    assert_ne!(one, two, "nothing to undo it with is the same twice");
    assert_eq!(
        desk.run(&[&plain[..], &["--alter-voices", "--native"]].concat()).status.code(),
        Some(2)
    );
}

#[test]
fn several_extracts_become_one_file() {
    let desk = Desk::new();
    desk.speech();
    let one = ["clip", "speech.wav", "--start", "900", "--end", "1000", "-o", "one.wav"];
    desk.ok(&one);
    let all = "clip speech.wav --start 250 --end 450 --start 900 --end 1000 --separator silence \
               --separator-ms 300 --json -o";
    let all: Vec<_> = all.split_whitespace().collect();
    for name in ["all.wav", "all.flac"] {
        let said: Value = serde_json::from_slice(&desk.ok(&[&all[..], &[name]].concat())).unwrap();
        let clips = serde_json::json!([
            { "start_ms": 0, "end_ms": 200 }, { "start_ms": 500, "end_ms": 600 },
        ]);
        assert_eq!(said, serde_json::json!({ "duration_ms": 600, "clips": clips }));
    }
    let samples = |name: &str| fs::read(desk.file(name)).unwrap()[44..].to_vec();
    let whole = samples("all.wav");
    assert_eq!(whole.len(), 600 * 32);
    assert!(whole[200 * 32..500 * 32].iter().all(|byte| *byte == 0), "silence between them");
    assert_eq!(whole[500 * 32..], samples("one.wav"), "each is what it is alone");
    desk.ok(&["decode", "all.flac", "-o", "again.wav"]);
    assert_eq!(samples("again.wav"), whole);
    let odd = ["clip", "speech.wav", "--start", "0", "--end", "9", "--end", "10", "-o", "x.wav"];
    assert_eq!(desk.run(&odd).status.code(), Some(2), "each start wants its end");
}

#[test]
fn what_cannot_be_read_gets_one_clear_sentence() {
    let desk = Desk::new();
    fs::write(desk.file("empty.wav"), b"").unwrap();
    fs::write(desk.file("letter.mp3"), "Dear all, this is not a sound file.\n".repeat(50)).unwrap();
    fs::write(desk.file("none.wav"), sound::wav_header(0)).unwrap();
    desk.speech();
    let cut = desk.file("whole.m4a");
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-i"])
        .arg(desk.file("speech.wav"))
        .arg(&cut)
        .status()
        .expect("ffmpeg is installed: run `cargo xtask test`");
    assert!(made.success());
    let whole = fs::read(&cut).unwrap();
    fs::write(desk.file("cut.m4a"), &whole[..whole.len() / 2]).unwrap();

    for file in ["empty.wav", "letter.mp3", "none.wav", "cut.m4a", "absent.wav"] {
        for command in
            [vec!["probe", file], vec!["decode", file, "-o", "out.wav"], vec!["transcribe", file]]
        {
            let said = desk.refused(&command);
            assert!(!said.contains("panick") && said.trim().ends_with('.'), "{file}: {said}");
        }
        assert!(!desk.file("out.wav").exists() && !desk.file("out.wav.part").exists());
    }
    let said =
        desk.refused(&["clip", "speech.wav", "--start", "0", "--end", "99999999", "-o", "x.wav"]);
    assert!(said.contains("ends at"), "{said}");
    assert_eq!(desk.run(&["clip", "speech.wav"]).status.code(), Some(2), "bad usage");
}

#[test]
fn a_model_that_is_not_right_names_the_command_that_mends_it() {
    let desk = Desk::new();
    desk.speech();
    let dir = desk.file("models");
    fs::create_dir(&dir).unwrap();
    let transcribe = || {
        let args = ["transcribe", "speech.wav", "--models", dir.to_str().unwrap()];
        desk.refused(&args)
    };
    assert!(transcribe().contains("hearback models fetch tiny.en"), "missing");
    let whole = fs::read(models().join("ggml-tiny.en.bin")).unwrap();
    fs::write(dir.join("ggml-tiny.en.bin"), &whole[..1_000_000]).unwrap();
    assert!(transcribe().contains("hearback models fetch tiny.en"), "truncated");
    let mut altered = whole;
    altered[40_000_000] ^= 1;
    fs::write(dir.join("ggml-tiny.en.bin"), &altered).unwrap();
    assert!(transcribe().contains("hearback models fetch tiny.en"), "altered");
    assert!(
        desk.refused(&["transcribe", "speech.wav", "--model", "huge"]).contains("no model called")
    );
}

/// Example C of Krippendorff (2011), "Computing Krippendorff's alpha-reliability": 0.743, 0.815 and 0.849.
#[test]
fn reliability_of_a_table_is_what_was_printed_for_it() {
    let desk = Desk::new();
    let columns = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ];
    let mut table = "\u{feff}Coder,recording,skill,score\r\n".to_owned();
    for (coder, scores) in columns.iter().enumerate() {
        for (recording, score) in scores.split(' ').enumerate() {
            let score = if score == "." { "" } else { score };
            table.extend([
                "c",
                &coder.to_string(),
                ",r",
                &recording.to_string(),
                ",\"Clarity, of issues\",",
                score,
                "\r\n",
            ]);
        }
    }
    let file = desk.file("scores.csv");
    fs::write(&file, &table).unwrap();
    let file = file.to_str().unwrap();
    for (metric, printed) in [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)] {
        let json =
            desk.ok(&["reliability", file, "--json", "--metric", metric, "--resamples", "200"]);
        let json: Value = serde_json::from_slice(&json).unwrap();
        let skill = &json["skills"][0];
        assert_eq!(skill["skill"], "Clarity, of issues");
        assert_eq!((&skill["n_recordings"], &skill["n_missing"]), (&json!(12), &json!(7)));
        assert_eq!(skill["alpha"]["metric"], metric);
        let alpha = skill["alpha"]["value"].as_f64().unwrap();
        assert!((alpha - printed).abs() < 0.000_5, "{metric}: {alpha}");
        assert_eq!(skill["icc"]["average"]["form"], "ICC(A,k)");
        assert_eq!(skill["coders"][1]["coder"], "c1");
    }
    let text = String::from_utf8(desk.ok(&["reliability", file])).unwrap();
    assert!(text.contains("12 recordings, 4 coders, 7 missing"), "{text}");

    for (wrong, sentence) in [
        ("recording,coder,score\na,b,1\n", "no column `skill`"),
        ("recording,coder,skill,score\na,b,s,often\n", "Line 2: `often` is no score"),
        ("recording,coder,skill,score\na,b,s,1\na,b,s,2\n", "Line 3: this coder already has"),
        ("recording,coder,skill,score\n", "has no scores"),
    ] {
        fs::write(file, wrong).unwrap();
        let said = desk.refused(&["reliability", file]);
        assert!(said.contains(sentence), "{said}");
    }
    fs::write(file, "recording,coder,skill,score\na,b,s,3\na,c,s,3\nd,b,s,3\nd,c,s,3\n").unwrap();
    let text = String::from_utf8(desk.ok(&["reliability", file])).unwrap();
    assert!(text.contains("not defined, because everybody gave the same score"), "{text}");
    assert!(!text.contains("NaN"), "{text}");
}

#[test]
fn a_forgotten_passphrase_can_be_replaced() {
    let mut service = Service::with_people(&[("wren", "practitioner")]);
    let give = |login: &str, passphrase: &str| {
        let args = ["user", "passphrase", "--login", login, "--password-stdin"];
        let mut child = service.command(&args).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{passphrase}").unwrap();
        child.wait().unwrap().code()
    };
    assert_eq!(give("nobody", PASSPHRASE), Some(3));
    assert_eq!(give("wren", "short"), Some(3));
    assert_eq!(give("wren", "seven grey geese go home"), Some(0));
    assert_eq!(give("wren", PASSPHRASE), Some(0), "and back");
    service.start(&[]);
    Person::sign_in(&service, "wren");
}

/// As with `head`: whoever has read enough is no fault, and nothing is said.
#[test]
fn it_ends_quietly_when_nobody_reads() {
    for args in [&["policy"][..], &["policy", "--json"], &["models", "list"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = Command::new(binary()).args(args).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{args:?}");
        assert_eq!(out.status.code(), Some(141), "{args:?}: as the signal would have ended it");
    }
}

#[test]
fn tampering_with_the_audit_log_is_found() {
    let service = Service::with_people(&[("wren", "practitioner"), ("rook", "researcher")]);
    let verify = || service.command(&["audit", "verify", "--json"]).output().unwrap();
    let good = verify();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let said: Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!(said["entries"], 2);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(service.database());
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let refused =
            sqlx::query("update audit set hat = 'coach' where seq = 1").execute(&pool).await;
        assert!(refused.is_err(), "the database itself refuses");
        // Whoever has the file can take the rule away; the chain still tells.
        let triggers: Vec<(String,)> =
            sqlx::query_as("select name from sqlite_master where type = 'trigger'")
                .fetch_all(&pool)
                .await
                .unwrap();
        for (name,) in triggers {
            let drop = sqlx::AssertSqlSafe(format!("drop trigger \"{name}\""));
            sqlx::query(drop).execute(&pool).await.unwrap();
        }
        sqlx::query("update audit set hat = 'coach' where seq = 1").execute(&pool).await.unwrap();
    });
    let bad = verify();
    assert_eq!(bad.status.code(), Some(4), "{}", String::from_utf8_lossy(&bad.stderr));
    assert!(String::from_utf8_lossy(&bad.stderr).contains("changed entry: entry 1"));
}

#[test]
fn the_service_does_not_start_on_unsafe_keys() {
    let service = Service::with_people(&[("wren", "practitioner")]);
    let serve = || {
        let out = service.command(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let key = service.dir.path().join("key/master.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert_eq!(serve().0, Some(78), "no key: {}", serve().1);

    let init = service.command(&["init"]).output().unwrap();
    assert_eq!(init.status.code(), Some(78), "another key does not open what is there");
    assert_eq!(serve().0, Some(78), "another key: {}", serve().1);

    fs::write(&key, kept).unwrap();
    let data = service.dir.path().join("data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, said) = serve();
    assert_eq!(code, Some(78), "others can look in: {said}");
    assert!(said.contains("chmod 700"), "{said}");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();

    fs::remove_dir_all(service.dir.path().join("data/keys")).unwrap();
    fs::create_dir_all(service.dir.path().join("data/objects/x")).unwrap();
    assert_eq!(serve().0, Some(78), "data without its keyring: {}", serve().1);
}
