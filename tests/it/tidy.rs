//! Rules about the code itself.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Who may depend on whom, inside the house and at its edges. Nothing else is allowed; a new arrow is an argued change.
const LAYERS: &[(&str, &[&str], &[&str])] = &[
    // crate, crates of ours that it may name, guarded outside crates that it may name
    ("domain", &[], &[]),
    ("audio", &["domain"], &["symphonia", "symphonia-adapter-libopus"]),
    ("speech", &["domain", "audio"], &["whisper-rs"]),
    ("stats", &[], &[]),
    ("access", &["domain"], &[]),
    ("storage", &["domain", "access"], &["sqlx"]),
    ("storage-sqlite", &["domain", "access", "storage"], &["sqlx"]),
    ("storage-postgres", &["domain", "access", "storage"], &["sqlx"]),
    ("vault", &["domain", "access"], &["age"]),
    ("pipeline", &["domain", "audio", "speech", "access", "storage", "vault"], &[]),
    ("web", &["domain", "stats", "access", "storage", "vault"], &["axum"]),
    (
        "hearback",
        &[
            "domain",
            "audio",
            "speech",
            "stats",
            "access",
            "storage",
            "storage-sqlite",
            "storage-postgres",
            "vault",
            "pipeline",
            "web",
        ],
        &[],
    ),
    ("xtask", &[], &[]),
];

/// Outside crates that belong to one place each.
const GUARDED: &[&str] =
    &["age", "axum", "sqlx", "symphonia", "symphonia-adapter-libopus", "whisper-rs"];

/// No file is longer; most are much shorter. One idea each.
const MOST_LINES: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Everything in the repository that people wrote, with its path from the top.
fn written() -> Vec<(String, String)> {
    fn walk(dir: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        const MADE: &[&str] = &[".git", "target", "node_modules", "dist"];
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            if MADE.iter().any(|made| name == *made) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), root, found);
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                let path = entry.path().strip_prefix(root).unwrap().display().to_string();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &root(), &mut found);
    found.sort();
    assert!(found.len() > 100, "the repository was found");
    found
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == "rs")
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_keep_to_their_layer() {
    let meta = MetadataCommand::new().no_deps().exec().unwrap();
    let mut layers: BTreeMap<_, _> =
        LAYERS.iter().map(|(name, ours, guarded)| (*name, (*ours, *guarded))).collect();
    let short = |name: &str| name.strip_prefix("hearback-").unwrap_or(name).to_owned();
    let mut wrong = Vec::new();
    for package in meta.packages.iter().filter(|p| p.name.as_str() != "tests") {
        let name = short(&package.name);
        let Some((ours, guarded)) = layers.remove(name.as_str()) else {
            wrong.push(format!("{name} has no layer: add it to LAYERS"));
            continue;
        };
        // What a crate's own tests use is no arrow of the house.
        for dep in package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development) {
            let dep_name = short(&dep.name);
            let inside = dep.path.is_some() && !ours.contains(&dep_name.as_str());
            let outside =
                GUARDED.contains(&dep.name.as_str()) && !guarded.contains(&dep.name.as_str());
            if inside || outside {
                wrong.push(format!("{name} must not depend on {}", dep.name));
            }
        }
    }
    wrong.extend(layers.keys().map(|name| format!("{name} is in LAYERS and not there")));
    none(&wrong);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let mut wrong = Vec::new();
    for (path, text) in written().iter().filter(|(path, _)| path.ends_with("/Cargo.toml")) {
        if !text.contains("[lints]\nworkspace = true") {
            wrong.push(path.clone());
        }
    }
    none(&wrong);
}

#[test]
fn every_file_says_what_it_is_and_is_not_long() {
    let mut wrong = Vec::new();
    for (path, text) in written().iter().filter(|(path, _)| is_rust(path)) {
        if !text.starts_with("//! ") {
            wrong.push(format!("{path}: no `//!` in its first line"));
        }
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{path}: {lines} lines"));
        }
    }
    none(&wrong);
}

/// The words are put together here, so that this file does not hold them.
#[test]
fn the_repository_stands_alone() {
    let places = ["../sha", "/wo", "/ro"].into_iter().zip(["red", "rk/", "ot/"]);
    let hosts = [("crates", ".io"), ("npmjs", ".org"), ("npmjs", ".com"), ("pypi", ".org")];
    let hosts = hosts.into_iter().chain([("pythonhosted", ".org"), ("golang", ".org")]);
    let words: Vec<(String, bool)> = places
        .map(|(a, b)| (format!("{a}{b}"), false))
        .chain(hosts.map(|(a, b)| (format!("{a}{b}"), true)))
        .collect();
    let mut wrong = Vec::new();
    for (path, text) in written() {
        let lock = path.ends_with("Cargo.lock") || path.ends_with("package-lock.json");
        for (n, line) in text.lines().enumerate() {
            for (word, _) in words.iter().filter(|(_, host)| !(lock && *host)) {
                if line.contains(word.as_str()) {
                    wrong.push(format!("{path}:{}: {word}", n + 1));
                }
            }
        }
    }
    none(&wrong);
}

/// A permit is made in one place, from what the storage drivers alone know.
#[test]
fn nobody_else_makes_permits() {
    let (make, answer) = (["Permit", " {"].concat(), ["Gate", " for "].concat());
    let drivers = ["crates/storage-sqlite/src/gate.rs", "crates/storage-postgres/src/gate.rs"];
    let mut wrong = Vec::new();
    for (path, text) in written().iter().filter(|(path, _)| is_rust(path)) {
        if text.contains(&make) && path != "crates/access/src/permit.rs" {
            wrong.push(format!("{path} makes a permit"));
        }
        // A crate's own tests may answer for themselves: nothing of theirs is in the program.
        if path.contains("/src/") && text.contains(&answer) != drivers.contains(&path.as_str()) {
            wrong.push(format!("{path}: the storage drivers are the only gates, and both are"));
        }
    }
    none(&wrong);
}

/// The policy is asked in one crate, on the way to a permit or a list; a database only says what is true.
#[test]
fn the_drivers_decide_nothing() {
    let word = ["de", "cide"].concat();
    let mut wrong = Vec::new();
    for (path, text) in written().iter().filter(|(path, _)| path.starts_with("crates/storage-")) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let mut words =
            code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        if words.any(|one| one == word) {
            wrong.push(format!("{path} asks the policy"));
        }
    }
    none(&wrong);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |dialect: &str| {
        let dir = fs::read_dir(root().join("migrations").join(dialect)).unwrap();
        let mut names: Vec<_> = dir.map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

/// The tables that a migration makes, each as one line that is the same for both databases if the tables are: types
/// are left out, and that a yes or no of SQLite's is a number.
fn tables(migration: &str) -> BTreeMap<String, String> {
    const TYPES: &[&str] = &["blob", "bytea", "uuid", "integer", "bigint", "smallint", "boolean"];
    let lines = migration.lines().map(|line| line.split("--").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join(" ");
    let made = code.split(';').filter_map(|text| text.trim().strip_prefix("create table "));
    made.map(|text| {
        let text = text.replace("collate binary", "").replace("collate \"C\"", "");
        let text = text.replace("default false", "default 0").replace("default true", "default 1");
        let apart: String = text
            .trim()
            .trim_end_matches("strict")
            .chars()
            .flat_map(|c| if "(),".contains(c) { vec![' ', c, ' '] } else { vec![c] })
            .collect();
        let words: Vec<&str> = apart.split_whitespace().filter(|w| !TYPES.contains(w)).collect();
        let name = words.first().copied().unwrap_or_default().to_owned();
        (name, without_yes_or_no(&words.join(" ")))
    })
    .collect()
}

/// A table's line without the checks that a number is a yes or a no.
fn without_yes_or_no(line: &str) -> String {
    let mut parts: Vec<&str> = line.split(" in ( 0 , 1 ) )").collect();
    let last = parts.pop().unwrap_or_default();
    let cut = |part: &&str| {
        part.rsplit_once("check (").map_or(*part, |(before, _)| before).trim_end().to_owned()
    };
    parts.iter().map(cut).chain([last.to_owned()]).collect()
}

/// The same columns, the same constraints. A table that SQLite has to make anew, since it cannot change a check, is
/// called `…_anew` there and has no twin.
#[test]
fn both_databases_have_the_same_tables() {
    let (mut seen, migrations) = (0, root().join("migrations"));
    for entry in fs::read_dir(migrations.join("sqlite")).unwrap() {
        let file = entry.unwrap().file_name();
        let of =
            |dialect| tables(&fs::read_to_string(migrations.join(dialect).join(&file)).unwrap());
        let (mut sqlite, postgres) = (of("sqlite"), of("postgres"));
        sqlite.retain(|name, _| !name.ends_with("_anew"));
        seen += sqlite.len();
        assert_eq!(sqlite, postgres, "{}", file.display());
    }
    assert!(seen > 30, "{seen} tables were found");
}

/// The SQL in a driver's file, statement by statement, and its functions.
fn statements_and_functions(text: &str) -> (Vec<String>, Vec<String>) {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let words = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
    let literals = code.split('"').skip(1).step_by(2).map(words).filter(|s| s.contains(' '));
    let functions = code.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
    (literals.collect(), functions.map(ToOwned::to_owned).collect())
}

/// The two drivers are twins: the same functions in the same order, and a statement that differs is listed here.
#[test]
fn the_dialects_differ_only_where_listed() {
    const DIFFERENT: &[(&str, &str)] = &[
        ("gate.rs", "select seq, link, frontier from audit_head"),
        ("job.rs", "update jobs set state = 'running'"),
        ("job.rs", "select token from jobs"),
        ("copies.rs", "select integrity_check from"),
        ("copies.rs", "select distinct 'a row refers"),
    ];
    let src = |driver: &str| root().join("crates").join(driver).join("src");
    let (sqlite, postgres) = (src("storage-sqlite"), src("storage-postgres"));
    let mut seen = 0;
    for entry in fs::read_dir(&sqlite).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let (a, a_functions) =
            statements_and_functions(&fs::read_to_string(sqlite.join(&file)).unwrap());
        let (b, b_functions) =
            statements_and_functions(&fs::read_to_string(postgres.join(&file)).unwrap());
        assert_eq!(a_functions, b_functions, "{file}");
        // How a database is opened is where they differ by nature.
        if file == "lib.rs" {
            continue;
        }
        assert_eq!(a.len(), b.len(), "{file}");
        for (a, b) in a.iter().zip(&b) {
            let listed = DIFFERENT.iter().any(|(f, start)| *f == file && a.starts_with(start));
            assert!((a == b) != listed, "{file}:\n{a}\n{b}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen} statements were found");
    // SQLite has no programs of its own to copy a database with.
    let twin = |entry: &fs::DirEntry| entry.file_name() != "program.rs";
    let files =
        |dir: &Path| fs::read_dir(dir).unwrap().filter(|e| twin(e.as_ref().unwrap())).count();
    assert_eq!(files(&sqlite), files(&postgres));
}

/// Every function of the storage port is called by a check, and every check is in the list that both databases run.
#[test]
fn every_function_of_the_port_is_checked() {
    let src = root().join("crates/storage/src");
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let mut checks = String::new();
    for entry in fs::read_dir(src.join("conformance")).unwrap() {
        checks.push_str(&read(entry.unwrap().path()));
    }
    let name = |rest: &str| rest.split(['(', '<']).next().unwrap().to_owned();
    let mut wrong = Vec::new();
    let mut functions = 0;
    for file in [
        "account",
        "after_meeting",
        "apart",
        "audit",
        "briefing",
        "bringing",
        "choosing",
        "coding",
        "consenting",
        "copies",
        "desk",
        "door",
        "erasing",
        "external",
        "framework",
        "job",
        "keeping",
        "passage",
        "person",
        "playlist",
        "real_name",
        "recording",
        "redaction",
        "safeguarding",
        "sheets",
        "supervision",
        "withdrawal",
    ] {
        for function in
            read(src.join(file).with_extension("rs")).split("async fn ").skip(1).map(name)
        {
            functions += 1;
            if !checks.contains(&format!(".{function}(")) {
                wrong.push(format!("{function} has no check"));
            }
        }
    }
    assert!(functions > 55, "{functions} functions were found");
    let list = read(src.join("conformance.rs"));
    for check in checks.split("pub async fn ").skip(1).map(name) {
        if !list.contains(&format!("            {check},"))
            && !list.contains(&format!("            {check}\n"))
        {
            wrong.push(format!("{check} is not in the list"));
        }
    }
    none(&wrong);
}
