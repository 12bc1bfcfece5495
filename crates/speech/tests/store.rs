//! The model folder against a server that behaves badly, and against files that are not what they seem.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod tiny_model;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use hearback_speech::{
    Engine, FetchStep, Manifest, ModelError, ModelState, ModelStore, Precision, SpeechError,
};
use sha2::{Digest, Sha256};

/// What the server does with one connection.
#[derive(Clone, Copy, Debug)]
enum Reply {
    /// Sends what was asked for.
    Proper,
    /// Sends that many bytes of it and hangs up.
    Cut(usize),
    /// Sends the whole file whatever was asked for.
    NoRanges,
    /// Sends the whole file with one bit changed.
    Altered,
    /// Sends the whole file and ten bytes more.
    Longer,
    /// Refuses.
    Status(&'static str),
}

/// A server for one file that follows a script and then sends proper answers.
struct Server {
    address: String,
    /// First byte that each request asked for.
    asked: Arc<Mutex<Vec<u64>>>,
}

fn serve(file: Vec<u8>, script: Vec<Reply>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/demo.bin", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        let mut script = script.into_iter();
        for stream in listener.incoming() {
            let reply = script.next().unwrap_or(Reply::Proper);
            answer(stream.unwrap(), &file, reply, &seen);
        }
    });
    Server { address, asked }
}

fn answer(mut stream: TcpStream, file: &[u8], reply: Reply, asked: &Mutex<Vec<u64>>) {
    let mut from = 0;
    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
        let line = line.unwrap().to_ascii_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    asked.lock().unwrap().push(from);
    let mut body = file.to_vec();
    match reply {
        Reply::Status(status) => {
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        Reply::NoRanges => from = 0,
        Reply::Altered => body[1_000] ^= 1,
        Reply::Longer => body.extend([0; 10]),
        Reply::Proper | Reply::Cut(_) => {}
    }
    let rest = &body[usize::try_from(from).unwrap()..];
    let status = if from == 0 { "200 OK" } else { "206 Partial Content" };
    let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n", rest.len());
    if from > 0 {
        let last = body.len() - 1;
        let _ = write!(stream, "Content-Range: bytes {from}-{last}/{}\r\n", body.len());
    }
    let _ = stream.write_all(b"Connection: close\r\n\r\n");
    let sent = if let Reply::Cut(bytes) = reply { &rest[..bytes] } else { rest };
    // A client that has seen enough hangs up: not the server's business.
    let _ = stream.write_all(sent);
}

/// Bytes without any pattern, so that a piece in the wrong place shows.
fn file() -> Vec<u8> {
    let mut state = 7_u32;
    let step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(step).take(300_000).collect()
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn store(folder: &Path, url: &str, file: &[u8]) -> ModelStore {
    let manifest = format!(
        r#"
        [[model]]
        name = "demo"
        licence = "MIT"
        languages = ["en"]
        good_for = "Tests."
        bytes = {}
        sha256 = "{}"
        source = {{ kind = "url", url = "{url}", hash_from = "this test" }}
        "#,
        file.len(),
        sha256(file)
    );
    ModelStore::new(folder.to_owned(), Manifest::parse(&manifest).unwrap())
}

/// Every file in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn a_download_is_checked_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("not/there/yet");
    let server = serve(file(), vec![]);
    let store = store(&inside, &server.address, &file());
    let mut steps = Vec::new();
    let mut last = 0;
    let path = store
        .fetch("demo", &mut |progress| {
            if steps.last() != Some(&progress.step) {
                steps.push(progress.step);
            }
            last = progress.done;
        })
        .unwrap();
    assert_eq!(fs::read(&path).unwrap(), file());
    assert_eq!(steps, [FetchStep::Download, FetchStep::Verify]);
    assert_eq!(last, 300_000);
    assert_eq!(names(&inside), ["ggml-demo.bin"]);
    assert_eq!(store.verify("demo").unwrap(), path);
    // What is there and whole is not fetched again.
    store.fetch("demo", &mut |_| {}).unwrap();
    assert_eq!(*server.asked.lock().unwrap(), [0]);
}

#[test]
fn a_broken_connection_is_taken_up_where_it_broke() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(
        file(),
        vec![Reply::Cut(100_000), Reply::Cut(0), Reply::Status("503 Busy"), Reply::Cut(50_000)],
    );
    let store = store(folder.path(), &server.address, &file());
    let path = store.fetch("demo", &mut |_| {}).unwrap();
    assert_eq!(fs::read(path).unwrap(), file());
    assert_eq!(*server.asked.lock().unwrap(), [0, 100_000, 100_000, 100_000, 150_000]);
}

#[test]
fn a_fetch_that_gave_up_goes_on_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let dead = [Reply::Cut(0); 3];
    let server = serve(file(), [&[Reply::Cut(120_000)], &dead[..]].concat());
    let first = store(folder.path(), &server.address, &file()).fetch("demo", &mut |_| {});
    let error = first.unwrap_err();
    assert!(matches!(error, ModelError::Fetch { .. }), "{error}");
    assert!(error.to_string().contains("`hearback models fetch demo` goes on from here"));
    assert_eq!(names(folder.path()), ["ggml-demo.bin.part"]);
    let path = store(folder.path(), &server.address, &file()).fetch("demo", &mut |_| {}).unwrap();
    assert_eq!(fs::read(path).unwrap(), file());
    assert_eq!(names(folder.path()), ["ggml-demo.bin"]);
    assert_eq!(server.asked.lock().unwrap().last(), Some(&120_000));
}

#[test]
fn a_server_without_ranges_starts_again_from_the_front() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(file(), vec![Reply::Cut(100_000), Reply::NoRanges]);
    let store = store(folder.path(), &server.address, &file());
    assert_eq!(fs::read(store.fetch("demo", &mut |_| {}).unwrap()).unwrap(), file());
}

#[test]
fn altered_or_overlong_bytes_are_thrown_away() {
    for reply in [Reply::Altered, Reply::Longer] {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(file(), vec![reply]);
        let store = store(folder.path(), &server.address, &file());
        let error = store.fetch("demo", &mut |_| {}).unwrap_err();
        assert!(matches!(error, ModelError::WrongDownload { .. }), "{reply:?}: {error}");
        assert_eq!(names(folder.path()), [""; 0], "{reply:?}");
        // The next attempt begins afresh.
        store.fetch("demo", &mut |_| {}).unwrap();
    }
}

#[test]
fn a_refusal_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(file(), vec![Reply::Status("404 Not Found")]);
    let error =
        store(folder.path(), &server.address, &file()).fetch("demo", &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    assert_eq!(server.asked.lock().unwrap().len(), 1);
}

#[test]
fn a_leftover_of_another_file_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ggml-demo.bin.part"), vec![1; 400_000]).unwrap();
    let server = serve(file(), vec![]);
    let store = store(folder.path(), &server.address, &file());
    assert_eq!(fs::read(store.fetch("demo", &mut |_| {}).unwrap()).unwrap(), file());
}

#[test]
fn two_fetches_of_one_model_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(file(), vec![]);
    let store = store(folder.path(), &server.address, &file());
    let part = fs::File::create(folder.path().join("ggml-demo.bin.part")).unwrap();
    part.lock().unwrap();
    let error = store.fetch("demo", &mut |_| {}).unwrap_err();
    assert!(matches!(error, ModelError::Busy { .. }), "{error}");
}

#[test]
fn every_damage_is_one_sentence_with_the_command_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(file(), vec![]);
    let store = store(folder.path(), &server.address, &file());
    let path = folder.path().join("ggml-demo.bin");
    let state = || store.list().unwrap()[0].state;

    assert_eq!(state(), ModelState::Absent);
    insta::assert_snapshot!(
        store.path("demo").unwrap_err(),
        @"the model `demo` is not on this machine yet; `hearback models fetch demo` brings it"
    );
    insta::assert_snapshot!(
        store.path("demmo").unwrap_err(),
        @"there is no model called `demmo`; these can be fetched with `hearback models fetch NAME`: demo"
    );
    fs::write(&path, &file()[..1_234]).unwrap();
    assert_eq!(state(), ModelState::Damaged);
    insta::assert_snapshot!(
        store.path("demo").unwrap_err(),
        @"the file of the model `demo` is incomplete (1234 of 300000 bytes); `hearback models fetch demo` replaces it"
    );
    let mut altered = file();
    altered[200_000] ^= 0x40;
    fs::write(&path, &altered).unwrap();
    assert_eq!(state(), ModelState::Ready);
    store.path("demo").unwrap();
    insta::assert_snapshot!(
        store.verify("demo").unwrap_err(),
        @"the file of the model `demo` is not the one that it was; `hearback models fetch demo` replaces it"
    );
    store.fetch("demo", &mut |_| {}).unwrap();
    store.verify("demo").unwrap();
}

#[test]
fn a_carried_in_file_that_the_manifest_knows_gets_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny_model::bytes();
    let store = store(&folder.path().join("models"), "http://127.0.0.1:1/", &model);
    let carried = folder.path().join("whatever.dat");
    fs::write(&carried, &model).unwrap();
    let added = store.add(&carried, Some("ignored")).unwrap();
    assert_eq!((&*added.name, added.in_manifest), ("demo", true));
    store.verify("demo").unwrap();
    assert!(carried.exists());
}

#[test]
fn a_carried_in_file_that_nobody_knows_is_remembered_by_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("models");
    let store = store(&inside, "http://127.0.0.1:1/", b"something else");
    let carried = folder.path().join("ours.bin");
    fs::write(&carried, tiny_model::bytes()).unwrap();
    assert!(matches!(store.add(&carried, None), Err(ModelError::NameNeeded { .. })));
    assert!(matches!(store.add(&carried, Some("demo")), Err(ModelError::NameTaken { .. })));
    assert!(matches!(store.add(&carried, Some("../up")), Err(ModelError::BadName { .. })));
    assert_eq!(names(&inside), [""; 0], "a refused file left something behind");

    let added = store.add(&carried, Some("ours")).unwrap();
    assert_eq!((&*added.name, added.in_manifest), ("ours", false));
    let path = store.verify("ours").unwrap();
    let listed = store.list().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!((&*listed[1].name, listed[1].state), ("ours", ModelState::Ready));

    let mut altered = tiny_model::bytes();
    *altered.last_mut().unwrap() ^= 1;
    fs::write(path, altered).unwrap();
    insta::assert_snapshot!(
        store.verify("ours").unwrap_err(),
        @"the file of the model `ours` is not the one that it was; `hearback models add FILE --name ours` replaces it"
    );
}

#[test]
fn what_is_no_whisper_model_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), "http://127.0.0.1:1/", b"x");
    let carried = folder.path().join("carried");
    let model = tiny_model::bytes();
    for bytes in [&b""[..], b"lmgg", b"not a model at all, but long enough to be looked at closely"]
    {
        fs::write(&carried, bytes).unwrap();
        assert!(matches!(store.add(&carried, Some("x")), Err(ModelError::NotAModel { .. })));
    }
    fs::write(&carried, [&model[..], b"more"].concat()).unwrap();
    assert!(matches!(store.add(&carried, Some("x")), Err(ModelError::NotAModel { .. })));
    assert!(matches!(store.add(&folder.path().join("gone"), None), Err(ModelError::Io { .. })));
}

#[test]
fn the_engine_refuses_a_model_that_is_cut_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ggml-cut.bin");
    let model = tiny_model::bytes();
    let ends = (0..400).chain((400..model.len()).step_by(977)).chain([model.len() - 1]);
    for end in ends {
        fs::write(&path, &model[..end]).unwrap();
        let refused = Engine::load(&path, 1);
        assert!(matches!(refused, Err(SpeechError::Model { .. })), "cut at {end}");
    }
    assert!(matches!(Engine::load(&folder.path().join("gone"), 1), Err(SpeechError::Model { .. })));
}

#[test]
fn a_model_is_made_smaller_checked_and_used_instead() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("models");
    let store = store(&inside, "http://127.0.0.1:1/", b"x");
    let carried = folder.path().join("ours.bin");
    fs::write(&carried, tiny_model::bytes()).unwrap();
    store.add(&carried, Some("ours")).unwrap();
    assert_eq!(store.preferred("ours"), "ours");
    let made = store.quantise("ours", Precision::Q5_1, &mut |_| {}).unwrap();
    assert_eq!((&*made, &*store.preferred("ours")), ("ours-q5_1", "ours"));
    let made = store.quantise("ours", Precision::Q8_0, &mut |_| {}).unwrap();
    assert_eq!((&*made, &*store.preferred("ours")), ("ours-q8_0", "ours-q8_0"));
    // The same bytes each time, with a hash that is held against them.
    let first = fs::read(store.verify(&made).unwrap()).unwrap();
    fs::write(inside.join("ggml-ours-q8_0.bin"), b"touched").unwrap();
    assert_eq!(store.preferred("ours"), "ours");
    store.quantise("ours", Precision::Q8_0, &mut |_| {}).unwrap();
    assert_eq!(fs::read(store.verify(&made).unwrap()).unwrap(), first);
    fs::remove_file(inside.join("ggml-ours-q8_0.bin")).unwrap();
    insta::assert_snapshot!(
        store.verify(&made).unwrap_err(),
        @"the model `ours-q8_0` is not on this machine yet; `hearback models quantise ours q8_0` brings it"
    );
    store.quantise("ours", Precision::Q8_0, &mut |_| {}).unwrap();
    // What is in fewer bits already, and what is not there, is refused.
    assert!(store.quantise(&made, Precision::Q5_0, &mut |_| {}).is_err());
    assert!(matches!(
        store.quantise("gone", Precision::Q5_0, &mut |_| {}),
        Err(ModelError::Unknown { .. })
    ));
}

#[test]
fn only_what_was_made_of_this_very_model_stands_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder.path().join("models"), "http://127.0.0.1:1/", b"x");
    let carried = folder.path().join("ours.bin");
    let mut model = tiny_model::bytes();
    let mut add = |name: &str, last: u8| {
        *model.last_mut().unwrap() = last;
        fs::write(&carried, &model).unwrap();
        store.add(&carried, Some(name)).unwrap();
    };
    add("ours", 0);
    let made = store.quantise("ours", Precision::Q8_0, &mut |_| {}).unwrap();
    let before = store.sha256(&made).unwrap();
    assert_eq!(store.preferred("ours"), made);
    // Another file is called `ours` now.
    add("ours", 60);
    assert_eq!(store.preferred("ours"), "ours");
    assert_eq!(store.quantise("ours", Precision::Q8_0, &mut |_| {}).unwrap(), made);
    assert_eq!(store.preferred("ours"), made);
    assert_ne!(store.sha256(&made).unwrap(), before, "it was not made again");
    // And somebody's own file has the name of what would be made.
    add("ours-q8_0", 30);
    assert_eq!(store.preferred("ours"), "ours");
    let own = store.sha256("ours-q8_0").unwrap();
    insta::assert_snapshot!(
        store.quantise("ours", Precision::Q8_0, &mut |_| {}).unwrap_err(),
        @"`ours` cannot be made smaller: `ours-q8_0` is a file that was carried in, and nobody replaces it"
    );
    assert_eq!(store.sha256("ours-q8_0").unwrap(), own);
}
