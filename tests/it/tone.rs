//! What people are told, in which words: nothing that presses, grades or advises stands on a page that a social worker
//! or a coach can meet.
//!
//! Every template, every text in the program and in the browser's scripts is looked at, but for the research space,
//! where numbers live (K-05). A word with another sense is in [`OTHER_SENSE`], with the phrase in which it stands and
//! the reason; a phrase that is found no more has to go from there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

/// What is never said. A star stands for any ending.
const NEVER: &[&str] = &[
    "should",
    "shouldn’t",
    "must",
    "mustn’t",
    "need to",
    "needs to",
    "ought",
    "score*",
    "scoring",
    "target*",
    "below",
    "weak*",
    "poor*",
    "fail*",
    "pass",
    "passes",
    "passed",
    "passing",
    "overdue",
    "complian*",
    "performance",
    "underperform*",
    "recommend*",
    "improve*",
    "remedial",
    "inadequate",
    "deficien*",
];

/// Where such a word means something else: a phrase, and what it means there.
const OTHER_SENSE: &[(&str, &str)] = &[
    ("pass it on", "to hand on what worries somebody"),
    ("pass it to", "the same"),
    ("passed on", "the same"),
    ("passed these on", "the same"),
    ("passing this on", "the same"),
    ("to pass on", "to hand on a link"),
    ("all of the below", "what no statement of a form may say"),
    ("request failed", "in the service’s own log"),
];

/// The research space, and what only those who run the service read: not for these rules, with the reason.
const ELSEWHERE: &[(&str, &str)] = &[
    ("crates/web/templates/agreed.html", "scores that coders agree on"),
    ("crates/web/templates/attempts.html", "learning to score"),
    ("crates/web/templates/framework", "what is scored, and how"),
    ("crates/web/templates/reliability.html", "how far coders agree"),
    ("crates/web/templates/training", "learning to score"),
    ("crates/web/templates/workspace.html", "the researcher’s desk"),
    ("crates/web/src/coding/", "the researcher’s desk"),
    ("crates/web/src/frameworks/", "what is scored, and how"),
    ("crates/web/src/reliability/", "how far coders agree"),
    ("crates/web/src/training/", "learning to score"),
    ("crates/web/ui/src/workspace", "the researcher’s desk"),
    ("crates/domain/src/policy/tests.rs", "nobody reads a test’s texts"),
];

/// A text that somebody may read, and where it stands.
struct Text {
    place: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The files below `dir` with this ending, without those of another space.
fn files(dir: &str, ending: &str, skipped: &mut BTreeSet<&'static str>) -> Vec<(String, String)> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let (root, mut found) = (root(), Vec::new());
    walk(&root.join(dir), &mut found);
    found.sort();
    let mut kept = Vec::new();
    for path in found.into_iter().filter(|path| path.extension().is_some_and(|e| e == ending)) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        match ELSEWHERE.iter().find(|(start, _)| name.starts_with(start)) {
            Some((start, _)) => {
                skipped.insert(start);
            }
            None => kept.push((name, fs::read_to_string(&path).unwrap())),
        }
    }
    kept
}

/// Cuts out whatever lies between two marks.
fn without(text: &str, open: &str, close: &str, instead: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        out.push_str(instead);
        rest = after.split_once(close).map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// The texts of a page: what stands between its tags, and in those attributes that are read.
fn of_template(page: &str) -> Vec<String> {
    const READ: [&str; 5] =
        ["aria-label=\"", "title=\"", "placeholder=\"", "alt=\"", "data-say=\""];
    let page = without(page, "{#", "#}", "");
    // What a page fills in is a text of the program, which is looked at there.
    let page = without(&without(&page, "{%", "%}", ""), "{{", "}}", "…");
    let mut texts = Vec::new();
    for attribute in READ {
        for rest in page.split(attribute).skip(1) {
            texts.extend(rest.split('"').next().map(ToOwned::to_owned));
        }
    }
    // Text goes on through what only marks it: a phrase is one phrase, whatever is bold in it.
    let mut inline = page;
    for tag in ["a", "strong", "em", "span", "kbd", "abbr", "br"] {
        inline = without(&inline, &format!("<{tag} "), ">", "");
        inline = inline.replace(&format!("<{tag}>"), "").replace(&format!("</{tag}>"), "");
    }
    texts.extend(without(&inline, "<", ">", "\n\n").split("\n\n").map(ToOwned::to_owned));
    texts
}

/// The literals of a program, Rust or TypeScript: without comments, attributes and what is a test's.
fn literals(code: &str, rust: bool) -> Vec<String> {
    let code = if rust { code.split("#[cfg(test)]").next().unwrap_or_default() } else { code };
    let bytes: Vec<char> = code.chars().collect();
    let at = |n: usize| bytes.get(n).copied().unwrap_or('\0');
    let mut texts = Vec::new();
    let mut n = 0;
    while n < bytes.len() {
        match (at(n), at(n + 1)) {
            ('/', '/') => n = end_of(&bytes, n, '\n'),
            ('/', '*') => {
                while n < bytes.len() && (at(n), at(n + 1)) != ('*', '/') {
                    n += 1;
                }
                n += 2;
            }
            // An attribute says nothing to a person.
            ('#', '[') if rust => {
                let mut depth = 0;
                while n < bytes.len() {
                    match at(n) {
                        '[' => depth += 1,
                        ']' => depth -= 1,
                        '"' => n = literal(&bytes, n).1 - 1,
                        _ => {}
                    }
                    n += 1;
                    if depth == 0 && at(n - 1) == ']' {
                        break;
                    }
                }
            }
            ('r', '"' | '#') if rust && !at(n.wrapping_sub(1)).is_alphanumeric() => {
                let hashes = bytes[n + 1..].iter().take_while(|c| **c == '#').count();
                if at(n + 1 + hashes) != '"' {
                    n += 1;
                    continue;
                }
                let close: String =
                    std::iter::once('"').chain("#".repeat(hashes).chars()).collect();
                let rest: String = bytes[n + 2 + hashes..].iter().collect();
                let text = rest.split(&close).next().unwrap_or_default();
                n += 2 + hashes + text.chars().count() + close.chars().count();
                texts.push(text.to_owned());
            }
            ('"' | '`', _) => {
                let (text, next) = literal(&bytes, n);
                texts.push(text);
                n = next;
            }
            ('\'', _) if !rust => {
                let (text, next) = literal(&bytes, n);
                texts.push(text);
                n = next;
            }
            // A character; what is left is a lifetime.
            ('\'', '\\') => n = end_of(&bytes, n + 3, '\'') + 1,
            ('\'', _) if at(n + 2) == '\'' => n += 3,
            _ => n += 1,
        }
    }
    texts
}

fn end_of(code: &[char], from: usize, what: char) -> usize {
    (from..code.len()).find(|n| code[*n] == what).unwrap_or(code.len())
}

/// The literal that begins here, as it is written, and where it has ended.
fn literal(code: &[char], from: usize) -> (String, usize) {
    let mut text = String::new();
    let mut n = from + 1;
    while n < code.len() && code[n] != code[from] {
        if code[n] == '\\' {
            n += 1;
            match code.get(n) {
                // A line that goes on in the next.
                Some('\n') => {
                    while code.get(n + 1).is_some_and(|c| c.is_whitespace()) {
                        n += 1;
                    }
                }
                Some('n' | 't' | 'r') => text.push(' '),
                Some(c) => text.push(*c),
                None => {}
            }
        } else {
            text.push(code[n]);
        }
        n += 1;
    }
    (text, n + 1)
}

/// Whether a literal is a text that people read: it has words with spaces between them, or is a word with a capital.
fn is_read(text: &str) -> bool {
    let text = text.trim();
    let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let sentence = text.split_whitespace().filter(|word| letters(word)).count() > 1;
    let label = text.chars().next().is_some_and(char::is_uppercase)
        && text.chars().nth(1).is_some_and(char::is_lowercase);
    (sentence || label) && !text.starts_with("<svg") && !text.contains(": type=")
}

/// The texts of a JSON file: its values.
fn values(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|one| values(one, texts)),
        Value::Object(all) => all.values().for_each(|one| values(one, texts)),
        _ => {}
    }
}

/// The words of a text, in small letters.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('\'', "’")
        .split(|c: char| !c.is_alphanumeric() && c != '’')
        .filter(|word| !word.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// Whether a phrase begins here.
fn says(words: &[String], phrase: &str) -> bool {
    phrase.split(' ').enumerate().all(|(n, wanted)| {
        words.get(n).is_some_and(|word| match wanted.strip_suffix('*') {
            Some(start) => word.starts_with(start),
            None => word == wanted,
        })
    })
}

/// What of a text is never said, and the phrases in which such a word means something else.
fn wrong(text: &str) -> (Vec<&'static str>, BTreeSet<&'static str>) {
    let words = words(text);
    let (mut found, mut used) = (Vec::new(), BTreeSet::new());
    for n in 0..words.len() {
        let Some(never) = NEVER.iter().find(|never| says(&words[n..], never)) else { continue };
        let other = OTHER_SENSE.iter().find(|(phrase, _)| {
            let length = phrase.split(' ').count();
            (0..length).any(|back| {
                n >= back
                    && says(&words[n - back..], phrase)
                    && NEVER.iter().any(|never| {
                        let rest: Vec<_> =
                            phrase.split(' ').skip(back).map(str::to_owned).collect();
                        says(&rest, never)
                    })
            })
        });
        match other {
            Some((phrase, _)) => {
                used.insert(*phrase);
            }
            None => found.push(*never),
        }
    }
    (found, used)
}

/// Every text that a social worker or a coach can meet.
fn texts(skipped: &mut BTreeSet<&'static str>) -> [(&'static str, Vec<Text>); 4] {
    let mut of = |dir: &str, ending: &str, read: &dyn Fn(&str) -> Vec<String>| -> Vec<Text> {
        let mut texts = Vec::new();
        for (place, content) in files(dir, ending, skipped) {
            for text in read(&content).into_iter().filter(|text| !words(text).is_empty()) {
                texts.push(Text { place: place.clone(), text });
            }
        }
        texts
    };
    let code = |text: &str, rust| -> Vec<String> {
        literals(text, rust).into_iter().filter(|text| is_read(text)).collect()
    };
    let mut program = of("crates/web/src", "rs", &|text| code(text, true));
    program.extend(of("crates/domain/src", "rs", &|text| code(text, true)));
    let v1 = |text: &str| {
        let mut texts = Vec::new();
        values(&serde_json::from_str(text).unwrap(), &mut texts);
        texts
    };
    [
        ("templates", of("crates/web/templates", "html", &of_template)),
        ("program", program),
        ("scripts", of("crates/web/ui/src", "ts", &|text| code(text, false))),
        ("framework", of("crates/domain/framework", "json", &v1)),
    ]
}

#[test]
fn nothing_presses_grades_or_advises() {
    let mut skipped = BTreeSet::new();
    let (mut complaints, mut used) = (Vec::new(), BTreeSet::new());
    let mut all = 0;
    for (kind, texts) in texts(&mut skipped) {
        for Text { place, text } in &texts {
            let (found, phrases) = wrong(text);
            used.extend(phrases);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            complaints.extend(found.iter().map(|never| format!("{place}: “{never}” in “{text}”")));
        }
        all += texts.len();
        crate::evidence::add("tone", &[(kind, json!(texts.len()))]);
    }
    for (phrase, _) in OTHER_SENSE.iter().filter(|(phrase, _)| !used.contains(phrase)) {
        complaints.push(format!("“{phrase}” is said nowhere: take it off the list"));
    }
    for (start, _) in ELSEWHERE.iter().filter(|(start, _)| !skipped.contains(start)) {
        complaints.push(format!("{start} is not there: take it off the list"));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    crate::evidence::add("tone", &[("strings", json!(all))]);
}

#[test]
fn what_is_never_said_is_found_wherever_it_stands() {
    let page = r#"{# you must #}<p title="You should">Take <strong>{{ x }}</strong> or
        leave it; you need <em>to</em> rest.</p>{% if must %}<input aria-label="Your score">{% endif %}"#;
    let found: Vec<_> = of_template(page).iter().flat_map(|text| wrong(text).0).collect();
    assert_eq!(found, ["score*", "should", "need to"]);

    let code = r##"
        // You must not.
        #[expect(dead_code, reason = "you must")]
        fn say<'a>(c: char) -> &'a str {
            if c == '"' { "You should \
                rest." } else { r#"It was "poor" work."# }
        }
        const KEY: &str = "score";
        #[cfg(test)]
        mod tests { const A: &str = "You must not."; }
    "##;
    let read: Vec<_> = literals(code, true).into_iter().filter(|text| is_read(text)).collect();
    assert_eq!(read, ["You should rest.", "It was \"poor\" work."]);
    assert_eq!(wrong(&read[1]).0, ["poor*"]);

    let script = "say('You can’t fail.'); // must\nsay(`Weak ${x} here`, \"scores\");";
    let read: Vec<_> = literals(script, false).into_iter().filter(|text| is_read(text)).collect();
    assert_eq!(read, ["You can’t fail.", "Weak ${x} here"]);
    assert_eq!(wrong("A passage, a passkey, a passphrase").0, Vec::<&str>::new());
}
