//! Where words lie, against a speech synthesiser that tells where it put them.
//!
//! flite prints when each of its sounds ends. A sentence counts if its words, said one by one, have as many sounds
//! together as the sentence has: then it is known which sounds make which word. "Known" means what the synthesiser
//! meant: its voice is made by the same plan.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
#![expect(clippy::print_stdout, reason = "its figures are for whoever runs it")]

mod models;
mod pieces;

use std::{env, ops::ControlFlow, process::Command};

use hearback_speech::{Engine, Options, RATE, Voice, Word};

use self::pieces::pieces;

/// Ordinary sentences; enough of them to speak of one word in twenty.
const SENTENCES: [&str; 24] = [
    "Good morning, and thank you for coming in today.",
    "What would you like to tell me about your week at school?",
    "The little one wakes up first, and she wants her breakfast.",
    "We talked about what might help, and she said that she would try.",
    "My sister came to stay and helped with the children.",
    "How did it feel when your brother went to live with your grandmother?",
    "The house is cold because the heating has been broken since March.",
    "I noticed how gently you spoke to her when she was upset.",
    "He gets up early every morning and makes breakfast for everybody.",
    "It sounds as if you have carried this on your own for a long time.",
    "The teacher rang me twice, and I did not know what to say.",
    "Can we think together about what needs to be different by Friday?",
    "Last Saturday was quiet, and nobody had to shout.",
    "I was worried about the way he looked at him.",
    "She likes the garden, the dog next door, and her new room.",
    "Tell me more about the evenings, when everybody is tired.",
    "There was a letter from the council about the flat.",
    "Then my son could not find his shoes again.",
    "You said that the mornings were the hardest part of the day.",
    "Who could you call when it gets too much?",
    "They want to play outside until it is dark.",
    "We will meet again in two weeks, at the same time.",
    "Nobody asked me what I thought about the plan.",
    "That was a good idea, and you did it by yourself.",
];

struct Said {
    text: String,
    start_ms: f64,
    end_ms: f64,
}

/// Sounds of a text: name and end in seconds. With `wav`, it is said as well.
fn sounds(voice: &str, text: &str, wav: &str) -> Vec<(String, f64)> {
    let output = Command::new("flite")
        .args(["-voice", voice, "-psdur", "-t", text, "-o", wav])
        .output()
        .expect("flite is not installed; `cargo xtask test` installs it and runs these tests");
    assert!(output.status.success());
    let plan = String::from_utf8(output.stdout).unwrap();
    plan.split_whitespace()
        .map(|sound| sound.split_once(':').unwrap())
        .map(|(name, end)| (name.to_owned(), end.parse().unwrap()))
        .collect()
}

fn plain(word: &str) -> String {
    word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A sentence with its words' places, if they can be told.
fn say(voice: &str, sentence: &str) -> Option<(Vec<f32>, Vec<Said>)> {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("said.wav");
    let plan = sounds(voice, sentence, wav.to_str().unwrap());
    let silent = |name: &str| name == "pau";
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let counts: Vec<usize> = words
        .iter()
        .map(|word| sounds(voice, word, "none").iter().filter(|(name, _)| !silent(name)).count())
        .collect();
    let mut from = 0.0;
    let mut all = Vec::new();
    for (name, end) in plan {
        if !silent(&name) {
            all.push((from, end));
        }
        from = end;
    }
    if counts.iter().sum::<usize>() != all.len() || counts.contains(&0) {
        return None;
    }
    let mut rest = &all[..];
    let said = words.iter().zip(counts).map(|(word, count)| {
        let (mine, others) = rest.split_at(count);
        rest = others;
        Said { text: plain(word), start_ms: mine[0].0 * 1e3, end_ms: mine[count - 1].1 * 1e3 }
    });
    let said = said.collect();
    let mut reader = hound::WavReader::open(wav).unwrap();
    assert_eq!(reader.spec().sample_rate, RATE);
    let sound = reader.samples::<i16>().map(|s| f32::from(s.unwrap()) / 32_768.0).collect();
    Some((sound, said))
}

fn engine() -> Engine {
    let name = env::var("HEARBACK_WORDS_MODEL").unwrap_or_else(|_| "tiny.en".to_owned());
    let voice = Voice::load(&models::file("activity-silero.bin")).unwrap();
    Engine::load(&models::file(&format!("ggml-{name}.bin")), 2).unwrap().with_voice(voice)
}

/// Pairs of words that are the same, in order: the longest that there are.
fn pairs<'a>(said: &'a [Said], heard: &'a [Word]) -> Vec<(&'a Said, &'a Word)> {
    let heard_plain: Vec<String> = heard.iter().map(|word| plain(&word.text)).collect();
    let mut longest = vec![vec![0_usize; heard.len() + 1]; said.len() + 1];
    for (i, word) in said.iter().enumerate().rev() {
        for (j, other) in heard_plain.iter().enumerate().rev() {
            longest[i][j] = if word.text == *other {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < said.len() && j < heard.len() {
        if said[i].text == heard_plain[j] {
            pairs.push((&said[i], &heard[j]));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "a minute or two")]
fn words_lie_where_they_were_said() {
    let mut sound = vec![0.0; 8_000];
    let mut said = Vec::new();
    for (index, sentence) in SENTENCES.iter().enumerate() {
        let voice = ["slt", "rms"][index % 2];
        let Some((samples, words)) = say(voice, sentence) else { continue };
        let offset = sound.len() as f64 / f64::from(RATE) * 1e3;
        said.extend(words.into_iter().map(|word| Said {
            start_ms: word.start_ms + offset,
            end_ms: word.end_ms + offset,
            ..word
        }));
        sound.extend(samples);
        // Pauses of 0.1 to 2.2 seconds beside the synthesiser's own.
        sound.extend(vec![0.0; (index * 5 % 8 * 4_800) + 1_600]);
    }
    // A quiet room.
    let mut state = 9_u32;
    for sample in &mut sound {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample += (f32::from((state >> 16) as u16) / 32_768.0 - 1.0) * 1e-3;
    }
    let mut source = pieces(&sound, usize::MAX);
    let transcript = engine()
        .transcribe(&mut source, &Options::default(), &mut |_| ControlFlow::Continue(()))
        .unwrap();
    let heard: Vec<Word> = transcript.words().cloned().collect();
    let pairs = pairs(&said, &heard);
    assert!(pairs.len() * 10 >= said.len() * 9, "{} of {} words", pairs.len(), said.len());
    let figures = |name: &str, mut errors: Vec<f64>| {
        errors.sort_unstable_by(f64::total_cmp);
        let at = |part: usize| errors[(errors.len() - 1) * part / 100];
        let (median, most) = (at(50), at(95));
        println!("{name}: median {median:.0} ms, 95 % within {most:.0} ms, {} ends", errors.len());
        (median, most)
    };
    let starts: Vec<f64> =
        pairs.iter().map(|(said, word)| (word.start_ms as f64 - said.start_ms).abs()).collect();
    let ends: Vec<f64> =
        pairs.iter().map(|(said, word)| (word.end_ms as f64 - said.end_ms).abs()).collect();
    let bias = |get: &dyn Fn(&(&Said, &Word)) -> f64| {
        pairs.iter().map(get).sum::<f64>() / pairs.len() as f64
    };
    println!("starts late by {:.0} ms", bias(&|(said, word)| word.start_ms as f64 - said.start_ms));
    println!("ends late by {:.0} ms", bias(&|(said, word)| word.end_ms as f64 - said.end_ms));
    if env::var_os("HEARBACK_WORDS_SHOW").is_some() {
        for (said, word) in &pairs {
            println!(
                "{:>12} said {:>7.0} {:>7.0} heard {:>+6.0} {:>+6.0}",
                said.text,
                said.start_ms,
                said.end_ms,
                word.start_ms as f64 - said.start_ms,
                word.end_ms as f64 - said.end_ms
            );
        }
    }
    figures("starts", starts.clone());
    figures("ends", ends.clone());
    let (median, most) = figures("boundaries", [starts, ends].concat());
    assert!(median <= 60.0, "median {median:.0} ms");
    assert!(most <= 200.0, "95 % within {most:.0} ms");
}
