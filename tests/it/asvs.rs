//! What we hold ourselves against: the table of the OWASP Application Security Verification Standard is whole, and
//! what it calls upon is there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::MetadataCommand;
use serde_json::json;

/// The requirements of levels 1 and 2 in version 5.0.0: each section, and which of its numbers are of level 1 (`1`), of
/// level 2 (`2`), or above (`-`).
#[rustfmt::skip]
const SECTIONS: &[(&str, &str)] = &[
    ("1.1", "22"), ("1.2", "111112222-"), ("1.3", "11222222222-"), ("1.4", "222"), ("1.5", "12-"),
    ("2.1", "122"), ("2.2", "112"), ("2.3", "1222-"), ("2.4", "2-"), ("3.2", "11-"),
    ("3.3", "1222-"), ("3.4", "112222--"), ("3.5", "11122---"), ("3.7", "22---"), ("4.1", "122--"),
    ("4.2", "2----"), ("4.3", "22"), ("4.4", "1222"), ("5.1", "2"), ("5.2", "112---"),
    ("5.3", "11-"), ("5.4", "222"), ("6.1", "122"), ("6.2", "111111112222"), ("6.3", "1122----"),
    ("6.4", "1122--"), ("6.5", "22222---"), ("6.6", "222-"), ("6.8", "2222"), ("7.1", "222"),
    ("7.2", "1111"), ("7.3", "22"), ("7.4", "11222"), ("7.5", "22-"), ("7.6", "22"),
    ("8.1", "12--"), ("8.2", "112-"), ("8.3", "1--"), ("8.4", "2-"), ("9.1", "111"),
    ("9.2", "1222"), ("10.1", "22"), ("10.2", "22-"), ("10.3", "2222-"),
    ("10.4", "11111222222-----"), ("10.5", "22222"), ("10.6", "22"), ("10.7", "222"),
    ("11.1", "22--"), ("11.2", "222--"), ("11.3", "112--"), ("11.4", "1222"), ("11.5", "2-"),
    ("11.6", "2-"), ("12.1", "122--"), ("12.2", "11"), ("12.3", "2222-"), ("13.1", "2---"),
    ("13.2", "22222-"), ("13.3", "22--"), ("13.4", "12222--"), ("14.1", "22"), ("14.2", "1222----"),
    ("14.3", "122"), ("15.1", "122--"), ("15.2", "122--"), ("15.3", "1222222"), ("16.1", "2"),
    ("16.2", "22222"), ("16.3", "2222"), ("16.4", "222"), ("16.5", "222-"), ("17.1", "2-"),
    ("17.2", "2222----"), ("17.3", "22"),
];

/// How a requirement stands.
const STATUSES: [&str; 4] = ["pass", "not-applicable", "operator", "open"];

struct Row {
    id: String,
    level: String,
    title: String,
    status: String,
    evidence: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The fields of one line of comma-separated values (RFC 4180); none of ours runs over several lines.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                fields.last_mut().unwrap().extend(chars.next());
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
    }
    assert!(!quoted, "an open quotation mark: {line}");
    fields
}

fn table() -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/asvs.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id,level,title,status,evidence"));
    let rows = lines.map(|line| {
        let [id, level, title, status, evidence] =
            fields(line).try_into().unwrap_or_else(|f| panic!("not five fields: {f:?}"));
        Row { id, level, title, status, evidence }
    });
    rows.collect()
}

/// Everything in a folder that was written in Rust, with its path.
fn sources(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let made = ["node_modules", "target"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !made {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The sources of each package, by its name.
fn packages() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let meta = MetadataCommand::new().no_deps().exec().unwrap();
    let packages = meta.packages.iter().map(|package| {
        let mut found = Vec::new();
        sources(package.manifest_path.parent().unwrap().as_std_path(), &mut found);
        (package.name.to_string(), found)
    });
    packages.collect()
}

/// The modules that a path names, without those that only hold tests and those that a file's name leaves out.
fn modules<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    parts.filter(|part| !matches!(*part, "tests" | "mod" | "main" | "lib")).collect()
}

/// Whether a file holds a test of that name: a function marked as one, or a line in the list of a harness of its own.
fn holds(text: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let lines: Vec<_> = text.lines().map(str::trim_start).collect();
    let marked = lines.iter().enumerate().any(|(n, line)| {
        let own = ["", "async "].iter().any(|kind| line.starts_with(&format!("{kind}{function}")));
        let marks = lines[..n].iter().rev().take_while(|line| line.starts_with("#["));
        own && marks
            .into_iter()
            .any(|mark| mark.starts_with("#[test]") || mark.starts_with("#[tokio::test"))
    });
    marked || lines.iter().any(|line| line.starts_with(&format!("(\"{name}\", ")))
}

/// Whether there is such a test: `PACKAGE path::to::test`, as the test programs call it.
fn exists(packages: &BTreeMap<String, Vec<(PathBuf, String)>>, named: &str) -> bool {
    let Some((package, path)) = named.split_once(' ') else { return false };
    // The checks that every database has to pass are functions of the port's own, which its list makes into tests.
    if let Some(check) = ["sqlite", "postgres"]
        .iter()
        .find_map(|on| path.strip_prefix(&format!("backends::on_{on}::")))
    {
        let storage = &packages["hearback-storage"];
        let has = |text: &str| storage.iter().any(|(_, source)| source.contains(text));
        return package == "tests"
            && has(&format!("pub async fn {check}("))
            && has(&format!("\n            {check},"));
    }
    let mut parts: Vec<_> = path.split("::").collect();
    let name = parts.pop().unwrap_or_default();
    let wanted = modules(parts.into_iter());
    let sources = packages.get(package).map(Vec::as_slice).unwrap_or_default();
    sources.iter().any(|(file, text)| {
        let file = file.with_extension("");
        let file = modules(file.iter().filter_map(|part| part.to_str()));
        file.ends_with(&wanted) && holds(text, name)
    })
}

/// What is wrong with the evidence of a row that passes; whether a test shows it.
fn passes(packages: &BTreeMap<String, Vec<(PathBuf, String)>>, row: &Row) -> (bool, Vec<String>) {
    let (mut tests, mut files, mut wrong) = (0, 0, Vec::new());
    for item in row.evidence.split("; ") {
        if let Some(file) = item.strip_prefix("file:") {
            files += 1;
            if file.contains("..") || !root().join(file).is_file() {
                wrong.push(format!("{}: there is no {file}", row.id));
            }
        } else if !item.starts_with("note: ") {
            tests += 1;
            if !exists(packages, item) {
                wrong.push(format!("{}: there is no test {item}", row.id));
            }
        }
    }
    if tests + files == 0 {
        wrong.push(format!("{}: nothing shows it", row.id));
    }
    (tests > 0, wrong)
}

#[test]
fn every_requirement_is_answered_and_what_shows_it_is_there() {
    let rows = table();
    let expected: Vec<(String, String)> = SECTIONS
        .iter()
        .flat_map(|(section, levels)| {
            let numbered = (1..).zip(levels.chars()).filter(|(_, level)| *level != '-');
            numbered.map(move |(n, level)| (format!("V{section}.{n}"), level.to_string()))
        })
        .collect();
    let there: Vec<_> = rows.iter().map(|row| (row.id.clone(), row.level.clone())).collect();
    assert_eq!(expected.len(), 253);
    assert_eq!(there, expected, "each requirement of levels 1 and 2, once and in order");

    let packages = packages();
    let (mut wrong, mut counts, mut shown) = (Vec::new(), BTreeMap::new(), 0);
    for row in &rows {
        let words = row.title.split_whitespace().count();
        if words == 0 || words > 12 {
            wrong.push(format!("{}: a title has one to twelve words", row.id));
        }
        if row.evidence.trim().is_empty() {
            wrong.push(format!("{}: no evidence", row.id));
        }
        if !STATUSES.contains(&row.status.as_str()) {
            wrong.push(format!("{}: {} is no status", row.id, row.status));
        }
        if row.status == "pass" {
            let (by_test, missing) = passes(&packages, row);
            shown += u32::from(by_test);
            wrong.extend(missing);
        } else if !row.evidence.ends_with('.') {
            wrong.push(format!("{}: the reason is a sentence", row.id));
        }
        *counts.entry(row.status.as_str()).or_insert(0_u32) += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let count = |status: &str| counts.get(status).copied().unwrap_or_default();
    let told = format!(
        "{} pass, {} do not apply, {} are the operator's, {} are open",
        count("pass"),
        count("not-applicable"),
        count("operator"),
        count("open"),
    );
    let security = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let security = security.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(security.contains(&told), "SECURITY.md says: {told}");
    crate::evidence::add(
        "asvs",
        &[
            ("rows", json!(rows.len())),
            ("pass", json!(count("pass"))),
            ("pass_by_test", json!(shown)),
            ("not_applicable", json!(count("not-applicable"))),
            ("operator", json!(count("operator"))),
            ("open", json!(count("open"))),
        ],
    );
}

/// The check is one: tests that are not there are not found.
#[test]
fn what_is_not_there_is_not_found() {
    let packages = packages();
    for there in [
        "tests asvs::what_is_not_there_is_not_found",
        "tests backends::on_sqlite::a_job_is_leased_once",
        "hearback-audio the_fence_stands",
        "hearback-audio files_that_make_the_decoder_panic_get_a_verdict",
        "hearback-web guard::tests::changes_come_from_our_own_pages",
        "hearback-vault keys::the_signing_key_stays_and_signs",
    ] {
        assert!(exists(&packages, there), "{there}");
    }
    for absent in [
        "",
        "asvs::what_is_not_there_is_not_found",
        "tests hardening::what_is_not_there_is_not_found",
        "tests asvs::sources",
        "tests asvs::nobody_wrote_this",
        "tests backends::on_sqlite::nobody_wrote_this",
        "hearback-nobody asvs::what_is_not_there_is_not_found",
    ] {
        assert!(!exists(&packages, absent), "{absent}");
    }
}
