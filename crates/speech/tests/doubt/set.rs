//! The recordings on which doubt is judged. They are made anew each time, from a seed; nothing of them is kept.

use std::path::PathBuf;

use crate::{
    chance::Chance,
    signals::{self, at_level, level, mix, samples},
    voices::{self, Half, Prompt, Said},
};

/// What a recording is there to provoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Nobody speaks: every word is invented.
    Nobody,
    /// Many speak at once, none of them to be understood: every word is invented.
    Babble,
    /// Somebody speaks another language, to a model or under a setting that is for English: every word is invented.
    OtherLanguage,
    /// Somebody whispers.
    Whispered,
    /// Short answers, and long stretches of nothing or of noise between them.
    Sparse,
    /// Somebody speaks, in a quiet room.
    Clear,
    /// Somebody speaks, in noise, in a hall, far away or on the telephone.
    Rough,
}

/// One of them.
pub(crate) struct Recording {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) sound: Vec<f32>,
    /// What is said in it, in English.
    pub(crate) text: String,
}

const SENTENCES: [&str; 20] = [
    "What would you like to tell me about your week at school?",
    "I was worried about the way she looked at him when he came in.",
    "We talked about what might help, and she said that she would try.",
    "How did it feel when your brother went to live with your grandmother?",
    "It sounds as if you have carried this on your own for a long time.",
    "He gets up early every morning and makes breakfast for the little ones.",
    "Can we think together about what needs to be different by Friday?",
    "My mum says the house is cold because the heating has been broken since March.",
    "I noticed how gently you spoke to her when she was upset.",
    "The teacher rang me twice and I did not know what to say.",
    "When he shouts I go upstairs and shut the door.",
    "You have thought about this a great deal, and it shows.",
    "She used to like drawing, but now she only wants to sleep.",
    "Is there anybody in the family who knows how hard it has been?",
    "No, no, no, I told him, not again.",
    "Yes. Yes, that is right. Yes.",
    "I would rather stay with my aunt until the baby is born.",
    "Tell me about a day when things went a little better.",
    "They moved us three times in one year, and I lost all my friends.",
    "Let us write down what you would like the judge to hear.",
];

const ANSWERS: [&str; 14] = [
    "Yes.",
    "No.",
    "I do not know.",
    "Maybe.",
    "Okay.",
    "Sometimes.",
    "Not really.",
    "I think so.",
    "Well.",
    "He did.",
    "At home.",
    "On Monday.",
    "Never.",
    "It was fine.",
];

/// Other languages: voice and sentences. A language is in one half only.
const GERMAN: (&str, [&str; 4]) = (
    "de",
    [
        "Ich habe heute mit meiner Schwester gesprochen, und sie kommt morgen zu uns.",
        "Die Kinder spielen im Garten, obwohl es schon dunkel wird.",
        "Wir müssen noch einkaufen gehen, bevor die Geschäfte schließen.",
        "Er hat mir nicht gesagt, warum er so traurig ist.",
    ],
);
const POLISH: (&str, [&str; 4]) = (
    "pl",
    [
        "Dzisiaj rano poszłam z córką do lekarza i długo czekałyśmy.",
        "Nie wiem, co mam zrobić, kiedy on tak krzyczy.",
        "Chciałabym, żeby dzieci mogły zostać w tej samej szkole.",
        "Mój brat mieszka niedaleko i często nam pomaga.",
    ],
);
const SPANISH: (&str, [&str; 4]) = (
    "es",
    [
        "Ayer hablamos con la maestra y nos dijo que todo iba mejor.",
        "Mi hijo no quiere levantarse por la mañana para ir al colegio.",
        "Necesitamos un poco de tiempo para pensar en lo que ha pasado.",
        "La abuela cuida de los pequeños cuando yo trabajo.",
    ],
);
const ITALIAN: (&str, [&str; 4]) = (
    "it",
    [
        "Stamattina abbiamo parlato a lungo e adesso mi sento meglio.",
        "Mia figlia non vuole più andare a scuola da quando è cambiata la maestra.",
        "Non so che cosa dire quando mi fanno tutte queste domande.",
        "La sera mangiamo insieme e poi guardiamo un film.",
    ],
);

/// All recordings of one half: `rounds` of each kind.
pub(crate) fn make(half: Half, seed: u64, rounds: usize) -> Vec<Recording> {
    let mut chance = Chance::new(seed ^ if half == Half::Tuning { 0 } else { 0x5eed << 32 });
    let people = half.of(voices::read_aloud());
    let prompts = half.of(voices::announcements("en", 40));
    let french = half.of(voices::announcements("fr", 40));
    let music = half.of(voices::hold_music());
    let sentences = half.of(SENTENCES);
    let mut all = Vec::new();
    for round in 0..rounds {
        let c = &mut chance;
        nobody(&mut all, &music, round, c);
        all.push(babble(&people, &prompts, c));
        other_languages(&mut all, half, &french, round, c);
        let mut voices = Voices { people: &people, prompts: &prompts, sentences: &sentences };
        whispers(&mut all, &mut voices, round, c);
        sparse(&mut all, half, &music, round, c);
        good(&mut all, &mut voices, round, c);
    }
    all
}

fn push(all: &mut Vec<Recording>, kind: Kind, name: &str, sound: Vec<f32>, text: &str) {
    all.push(Recording { kind, name: name.to_owned(), sound, text: text.to_owned() });
}

/// How long the recordings without a voice are, in samples.
fn some(chance: &mut Chance) -> usize {
    samples(chance.between(12.0, 28.0))
}

fn nobody(all: &mut Vec<Recording>, music: &[PathBuf], round: usize, c: &mut Chance) {
    let quiet = |length, c: &mut Chance| signals::silence(length, c);
    let mut add = |name: &str, sound| push(all, Kind::Nobody, name, sound, "");
    add("silence", quiet(some(c), c));
    let corner = c.between(100.0, 3_000.0);
    let loud = c.between(0.003, 0.06);
    add("noise", at_level(signals::noise(some(c), corner, c), loud));
    add("hum", signals::hum(some(c), c));
    add("chords and a tune", signals::music(some(c), c));
    add(
        "music on hold",
        at_level(voices::music(&music[round % music.len()]), c.between(0.02, 0.1)),
    );
    add("knocks", signals::knocks(some(c), c));
    add("breaths", signals::breaths(some(c), c));
}

/// Eight to twelve voices, each with something of its own, backwards: as they sound through a wall.
fn babble(people: &[Said], prompts: &[Prompt], c: &mut Chance) -> Recording {
    let length = samples(20.0);
    let mut sound = vec![0.0; length];
    for _ in 0..8 + c.below(5) {
        let mut voice = Vec::with_capacity(length);
        while voice.len() < length {
            let some = c.below(people.len() + 8);
            let mut one = match people.get(some) {
                Some(person) => person.sound.clone(),
                None => prompts[c.below(prompts.len())].hear().sound,
            };
            one.reverse();
            voice.extend(at_level(one, 0.05));
        }
        sound = mix(sound, &voice);
    }
    let sound = at_level(signals::hall(&sound), 0.05);
    Recording { kind: Kind::Babble, name: "babble".to_owned(), sound, text: String::new() }
}

fn other_languages(
    all: &mut Vec<Recording>,
    half: Half,
    french: &[Prompt],
    round: usize,
    c: &mut Chance,
) {
    let mut line = Line::new(c);
    while line.seconds() < 18.0 {
        let one = french[c.below(french.len())].hear();
        line.say(&one.sound, c.between(0.4, 1.5));
    }
    push(all, Kind::OtherLanguage, "French, a person", line.sound, "");
    let languages = if half == Half::Tuning { [&GERMAN, &POLISH] } else { [&SPANISH, &ITALIAN] };
    let (voice, sentences) = languages[round % 2];
    let mut line = Line::new(c);
    for text in sentences {
        line.say(&voices::espeak(voice, text).sound, c.between(0.4, 1.5));
    }
    push(all, Kind::OtherLanguage, &format!("{voice}, a synthesiser"), line.sound, "");
}

/// Where speech in English comes from.
struct Voices<'a> {
    people: &'a [Said],
    prompts: &'a [Prompt],
    sentences: &'a [&'static str],
}

impl Voices<'_> {
    /// Somebody says something.
    fn speak(&self, c: &mut Chance) -> Said {
        match c.below(4) {
            0 => c.of(self.people),
            1 => voices::flite(c.of(&["slt", "rms"]), c.of(self.sentences)),
            _ => self.prompts[c.below(self.prompts.len())].hear(),
        }
    }

    /// Half a minute of it: somebody reads, or answers a telephone, or is synthesised.
    fn passage(&self, seconds: f32, c: &mut Chance) -> (Vec<f32>, String) {
        let mut line = Line::new(c);
        let mut text = String::new();
        while line.seconds() < seconds {
            let said = self.speak(c);
            line.say(&said.sound, c.between(0.3, 2.2));
            text = text + &said.text + " ";
        }
        (line.sound, text)
    }
}

/// Sound that grows, in a quiet room.
struct Line {
    sound: Vec<f32>,
}

impl Line {
    fn new(c: &mut Chance) -> Self {
        Self { sound: signals::silence(samples(0.5), c) }
    }

    #[expect(clippy::cast_precision_loss, reason = "half a minute")]
    fn seconds(&self) -> f32 {
        self.sound.len() as f32 / 16_000.0
    }

    fn say(&mut self, sound: &[f32], pause: f32) {
        self.sound.extend(at_level(sound.to_vec(), 0.06));
        let mut quiet = Chance::new(self.sound.len() as u64);
        self.sound.extend(signals::silence(samples(pause), &mut quiet));
    }
}

fn whispers(all: &mut Vec<Recording>, voices: &mut Voices<'_>, round: usize, c: &mut Chance) {
    if round.is_multiple_of(2) {
        let (sound, text) = voices.passage(15.0, c);
        let sound = signals::whispered(&sound, c);
        push(all, Kind::Whispered, "a person, without the voice", sound, &text);
    } else {
        let mut line = Line::new(c);
        let mut text = String::new();
        for _ in 0..3 {
            let said = voices::espeak("en+whisper", c.of(voices.sentences));
            line.say(&said.sound, c.between(0.4, 1.5));
            text = text + &said.text + " ";
        }
        push(all, Kind::Whispered, "a synthesiser's whisper", line.sound, &text);
    }
}

fn sparse(all: &mut Vec<Recording>, half: Half, music: &[PathBuf], round: usize, c: &mut Chance) {
    let answers = half.of(ANSWERS);
    let mut line = Line::new(c);
    let mut text = String::new();
    for _ in 0..4 {
        let said = voices::flite(c.of(&["slt", "rms"]), c.of(&answers));
        line.say(&said.sound, c.between(6.0, 14.0));
        text = text + &said.text + " ";
    }
    let length = line.sound.len();
    let (name, behind) = match round % 3 {
        0 => ("answers, and silence", signals::silence(length, c)),
        1 => ("answers over a fan", at_level(signals::noise(length, 500.0, c), 0.006)),
        _ => {
            let song = voices::music(&music[round % music.len()]);
            let song = song.iter().copied().cycle().take(length).collect();
            ("answers over music", at_level(song, 0.006))
        }
    };
    push(all, Kind::Sparse, name, mix(line.sound, &behind), &text);
}

fn good(all: &mut Vec<Recording>, voices: &mut Voices<'_>, round: usize, c: &mut Chance) {
    let (sound, text) = voices.passage(25.0, c);
    push(all, Kind::Clear, "speech", sound, &text);
    let (sound, text) = voices.passage(25.0, c);
    let noisy = |sound: Vec<f32>, decibels: f32, c: &mut Chance| {
        let noise = signals::noise(sound.len(), 800.0, c);
        let loud = level(&sound) / 10_f32.powf(decibels / 20.0);
        mix(sound, &at_level(noise, loud))
    };
    let (name, sound) = match round % 4 {
        0 => ("15 dB above noise", noisy(sound, 15.0, c)),
        1 => ("in a hall", signals::hall(&sound)),
        2 => ("on the telephone", signals::telephone(&sound)),
        _ => ("far away", mix(at_level(sound, 0.004), &signals::silence(samples(60.0), c))),
    };
    push(all, Kind::Rough, name, sound, &text);
}
