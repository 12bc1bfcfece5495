//! Renderers with one fault each. The proof refuses what every one of them makes, and what the true one makes it
//! lets pass.

use std::thread;

use hearback_audio::{
    clip::Gain,
    redact::{Doubt, RedactWith, Redaction, Rules, SpanSet},
};
use hearback_domain::{Ms, Span};
use serde_json::json;

use crate::{
    evidence, files,
    scene::{Scene, length},
    sounds::{Chance, Voice, noise, speech, tone},
};

/// What a faulty renderer makes of a scene.
type Fault = fn(&Scene) -> Vec<i16>;

const FAULTS: &[(&str, Fault)] = &[
    ("hides nothing", |s| s.rendered_under(Redaction::nothing(length(&s.samples)))),
    ("forgets the first passage", |s| without(s, |i, _| i == 0)),
    ("forgets the last passage", |s| without(s, |i, n| i == n - 1)),
    ("forgets every second passage", |s| without(s, |i, _| i % 2 == 1)),
    ("knows only the longest passage", |s| {
        let longest = s.redaction.spans().marks().iter().map(|m| m.len()).max();
        remarked(s, |marks| marks.into_iter().filter(|m| Some(m.len()) == longest).collect())
    }),
    ("hides a block late", |s| displaced(s, 8_192)),
    ("hides a block early", |s| displaced(s, -8_192)),
    ("hides a small block late", |s| displaced(s, 256)),
    ("hides a millisecond late", |s| displaced(s, 16)),
    ("hides a millisecond early", |s| displaced(s, -16)),
    ("hides a frame late", |s| displaced(s, 1)),
    ("hides a frame early", |s| displaced(s, -1)),
    ("takes frames at 16 kHz for frames at 44.1", |s| {
        remarked(s, |marks| marks.into_iter().filter_map(|m| scaled(m, 160, 441)).collect())
    }),
    ("has a clock that is a thousandth slow", |s| {
        remarked(s, |marks| marks.into_iter().filter_map(|m| scaled(m, 999, 1_000)).collect())
    }),
    ("counts from the clip's beginning", |s| {
        let start = s.clip.start();
        remarked(s, |marks| {
            let moved = |m: Span| Span::new(m.start().plus(start), m.end().plus(start)).ok();
            marks.into_iter().filter_map(moved).collect()
        })
    }),
    ("knows no guard", |s| guarded(s, 0)),
    ("has half a guard", |s| guarded(s, 75)),
    ("has a guard that is a millisecond short", |s| guarded(s, 149)),
    ("hides the guards only", |s| {
        let mut out = s.rendered();
        for range in s.marked() {
            out[range.clone()].copy_from_slice(&s.original()[range]);
        }
        out
    }),
    ("makes it softer by 6 dB", |s| over(s, |_, o, _| o / 2.0)),
    ("makes it softer by 20 dB", |s| over(s, |_, o, _| o / 10.0)),
    ("makes it softer by 40 dB", |s| over(s, |_, o, _| o / 100.0)),
    ("makes it softer by 60 dB", |s| over(s, |_, o, _| o / 1_000.0)),
    ("makes it softer by 72 dB", |s| over(s, |_, o, _| o / 4_000.0)),
    ("turns it upside down", |s| over(s, |_, o, _| -o)),
    ("flips its bits", |s| over(s, |_, o, _| f64::from(!(o as i16)))),
    ("enciphers it with one key", |s| over(s, |_, o, _| f64::from(o as i16 ^ 0x35a7))),
    ("shifts it by a sample", |s| shifted(s, 1)),
    ("shifts it by seven samples", |s| shifted(s, 7)),
    ("shifts it by ten milliseconds", |s| shifted(s, 160)),
    ("shifts it by fifty milliseconds", |s| shifted(s, 800)),
    ("shifts it by a second", |s| shifted(s, 16_000)),
    ("plays it backwards", |s| pieces(s, usize::MAX, <[i16]>::reverse)),
    ("plays pieces of it backwards", |s| pieces(s, 400, <[i16]>::reverse)),
    ("swaps pieces of it", |s| pieces(s, 800, |piece| piece.rotate_left(piece.len() / 2))),
    ("turns every second sample over", |s| over(s, |i, o, _| if i % 2 == 0 { o } else { -o })),
    ("mixes the tone with it", |s| over(s, |_, o, h| o + h)),
    ("puts it under the tone at -20 dB", |s| over(s, |_, o, h| h + o / 10.0)),
    ("puts it under the tone at -50 dB", |s| over(s, |_, o, h| h + o / 316.0)),
    ("puts it under the tone at -66 dB", |s| over(s, |_, o, h| h + o / 2_000.0)),
    ("puts its sign into the lowest bit", |s| over(s, |_, o, h| h + (o / 50.0).clamp(-1.0, 1.0))),
    ("keeps every sixteenth sample", |s| over(s, |i, o, h| if i % 16 == 0 { o } else { h })),
    ("keeps every hundredth sample", |s| over(s, |i, o, h| if i % 100 == 0 { o } else { h })),
    ("keeps one sample", |s| over(s, |i, o, h| if i == 4_000 { o + 50.0 } else { h })),
    ("keeps the first sample of what was marked", |s| edges(s, |range| range.start)),
    ("keeps the last sample of what was marked", |s| edges(s, |range| range.end - 1)),
    ("keeps its first three milliseconds", |s| over(s, |i, o, h| if i < 48 { o + 2.0 } else { h })),
    ("fades through the passage instead of before it", |s| {
        over(s, |i, o, h| h + o * (1.0 - i as f64 / 4_800.0).max(0.0))
    }),
    ("does not fade beside it", |s| {
        let mut out = s.rendered();
        for range in s.hidden() {
            let end = (range.start + 160).min(range.end);
            out[range.start..end].copy_from_slice(&s.original()[range.start..end]);
        }
        out
    }),
    ("keeps its low sounds", |s| filtered(s, |w| w.iter().sum::<f64>() / w.len() as f64)),
    ("keeps its high sounds", |s| filtered(s, |w| w[0] - w.iter().sum::<f64>() / w.len() as f64)),
    ("keeps its differences", |s| filtered(s, |w| w[0] - w[1])),
    ("resamples it to 8 kHz and back", |s| filtered(s, |w| f64::midpoint(w[0], w[2]))),
    ("plays it at half the speed", |s| {
        let original = s.original();
        replaced(s, |range, i, _| f64::from(original[range.start + i / 2]))
    }),
    ("codes it in four bits", |s| over(s, |_, o, _| f64::from(o as i16 >> 12 << 12))),
    ("codes its steps in four bits", |s| {
        let mut at = 0.0;
        replaced(s, |range, i, _| {
            let step = f64::from(s.original()[range.start + i]) - at;
            at += (step / 512.0).round().clamp(-8.0, 7.0) * 512.0;
            at
        })
    }),
    ("hides the bits of its steps under the tone", |s| {
        let mut at = 0.0;
        replaced(s, |range, i, heard| {
            let up = f64::from(s.original()[range.start + i]) > at;
            at += if up { 200.0 } else { -200.0 };
            heard + f64::from(u8::from(up))
        })
    }),
    ("multiplies it with the tone", |s| {
        over(s, |i, o, _| o * (std::f64::consts::TAU * i as f64 / 16.0).sin())
    }),
    ("makes the tone as loud as it was", |s| {
        let loud = envelope(s);
        replaced(s, |range, i, _| {
            loud[range.start + i] * (std::f64::consts::TAU * i as f64 / 16.0).sin()
        })
    }),
    ("makes noise as loud as it was", |s| {
        let (loud, mut chance) = (envelope(s), Chance::new(1));
        replaced(s, |range, i, _| loud[range.start + i] * chance.unit())
    }),
    ("lets the tone's pitch follow it", |s| {
        let mut phase = 0.0;
        replaced(s, |range, i, _| {
            phase += 0.39 + f64::from(s.original()[range.start + i]) / 327_680.0;
            phase.sin() * 3_276.8
        })
    }),
    ("puts soft noise there", |s| {
        let mut chance = Chance::new(2);
        over(s, |_, _, h| h + f64::from(u8::from(chance.next().is_multiple_of(2))))
    }),
    ("puts something steady there", |s| over(s, |_, _, h| h + 3.0)),
    ("puts the other thing there", |s| {
        let with = match s.redaction.with() {
            RedactWith::Tone => RedactWith::Silence,
            RedactWith::Silence => RedactWith::Tone,
        };
        s.rendered_under(Redaction::new(s.redaction.spans().clone(), with))
    }),
    ("puts another tone there", |s| {
        over(s, |i, _, _| (std::f64::consts::TAU * i as f64 * 990.0 / 16_000.0).sin() * 3_276.8)
    }),
    ("makes what it puts there louder", |s| {
        over(s, |i, _, h| h * 1.01 + f64::from(u8::from(i == 9)))
    }),
    ("tells it again after the passage", |s| {
        let mut out = s.rendered();
        for range in s.hidden() {
            for i in range.clone() {
                if let Some(later) = out.get_mut(i + range.len()) {
                    *later = later.saturating_add(s.original()[i] / 30);
                }
            }
        }
        out
    }),
    ("echoes it a second later, 46 dB down", |s| {
        let mut out = s.rendered();
        for range in s.hidden() {
            for i in range {
                if let Some(later) = out.get_mut(i + 16_000) {
                    *later = later.saturating_add(s.original()[i] / 200 + 1);
                }
            }
        }
        out
    }),
    ("writes it into the lowest bits of the rest", |s| {
        let mut out = s.rendered();
        let hidden: Vec<i16> =
            s.hidden().into_iter().flat_map(|r| s.original()[r].to_vec()).collect();
        let bits = hidden.iter().flat_map(|o| (0..4).map(move |b| o >> (12 + b) & 1));
        let open = (0..out.len()).filter(|i| !s.hidden().iter().any(|r| r.contains(i)));
        for (i, bit) in open.collect::<Vec<_>>().into_iter().zip(bits) {
            out[i] = out[i] & !1 | bit;
        }
        out
    }),
    ("swaps it with the sound before", |s| {
        let mut out = s.rendered();
        for range in s.hidden() {
            let len = range.len().min(range.start);
            out[range.start - len..range.start].copy_from_slice(&s.original()[range][..len]);
        }
        out
    }),
    ("appends it", |s| {
        let mut out = s.rendered();
        for range in s.hidden() {
            out.extend_from_slice(&s.original()[range]);
        }
        out
    }),
    ("takes the passages out", |s| {
        let out = s.rendered();
        let hidden = s.hidden();
        let kept = out.into_iter().enumerate();
        kept.filter(|(i, _)| !hidden.iter().any(|r| r.contains(i))).map(|(_, o)| o).collect()
    }),
    ("stops at the first passage", |s| {
        let first = s.hidden().first().map_or(1, |range| range.start.max(1));
        s.rendered()[..first].to_vec()
    }),
    ("drops a sample", |s| {
        let mut out = s.rendered();
        out.remove(out.len() / 3);
        out
    }),
    ("drops its last sample", |s| {
        let mut out = s.rendered();
        out.pop();
        out
    }),
    ("repeats a sample", |s| {
        let mut out = s.rendered();
        out.insert(out.len() / 3, out[out.len() / 3]);
        out
    }),
    ("adds a silent sample", |s| [s.rendered(), vec![0]].concat()),
    ("cuts a millisecond later", |s| {
        let clip = Span::new(s.clip.start().plus(Ms::new(1)), s.clip.end().plus(Ms::new(1)));
        Scene { clip: clip.expect("a stretch"), ..s.clone() }.rendered()
    }),
    ("plays the clip backwards", |s| s.rendered().into_iter().rev().collect()),
    ("does not fade at the clip's ends", |s| {
        let mut out = s.rendered();
        out[1] = out[1].saturating_add(3);
        out
    }),
    ("makes the rest louder than it says", |s| {
        let gain = Gain::from_db(s.gain.db() - 0.5);
        Scene { gain, ..s.clone() }.rendered()
    }),
    ("is off by one in the rest", |s| {
        let mut out = s.rendered();
        let i = (0..out.len()).find(|i| *i > 200 && !s.hidden().iter().any(|r| r.contains(i)));
        if let Some(i) = i {
            out[i] = out[i].saturating_sub(1).max(-32_000);
        }
        out
    }),
];

/// Samples with something else in the passages: `make` gets the passage, the place in it, and what is heard there.
fn replaced(
    scene: &Scene,
    mut make: impl FnMut(&std::ops::Range<usize>, usize, f64) -> f64,
) -> Vec<i16> {
    let mut out = scene.rendered();
    for range in scene.marked() {
        for i in range.clone() {
            let heard = f64::from(out[i]);
            out[i] = make(&range, i - range.start, heard).round().clamp(-32_768.0, 32_767.0) as i16;
        }
    }
    out
}

/// The same from the place in the passage, what was recorded there, and what is heard.
fn over(scene: &Scene, mut make: impl FnMut(usize, f64, f64) -> f64) -> Vec<i16> {
    let original = scene.original();
    replaced(scene, |range, i, heard| make(i, f64::from(original[range.start + i]), heard))
}

fn shifted(scene: &Scene, by: usize) -> Vec<i16> {
    let start = scene.start();
    replaced(scene, |range, i, _| {
        let at = (start + range.start + i).checked_sub(by);
        at.map_or(0.0, |at| f64::from(scene.samples[at]))
    })
}

fn pieces(scene: &Scene, len: usize, change: fn(&mut [i16])) -> Vec<i16> {
    let mut out = scene.rendered();
    for range in scene.marked() {
        let part = &mut out[range.clone()];
        part.copy_from_slice(&scene.original()[range]);
        part.chunks_mut(len).for_each(change);
    }
    out
}

/// Of each sample and the seven before it, the newest first.
fn filtered(scene: &Scene, filter: fn(&[f64]) -> f64) -> Vec<i16> {
    let original = scene.original();
    replaced(scene, |range, i, _| {
        let at = |back: usize| (range.start + i).checked_sub(back).map_or(0, |at| original[at]);
        let window: Vec<f64> = (0..8).map(|back| f64::from(at(back))).collect();
        filter(&window)
    })
}

fn edges(scene: &Scene, which: fn(&std::ops::Range<usize>) -> usize) -> Vec<i16> {
    let mut out = scene.rendered();
    for range in scene.marked() {
        let i = which(&range);
        // A recording that happens to have there what is put there says nothing.
        out[i] = if scene.original()[i] == out[i] { out[i] + 1 } else { scene.original()[i] };
    }
    out
}

/// How loud it was, smoothed over 10 ms.
fn envelope(scene: &Scene) -> Vec<f64> {
    let mut loud = 0.0;
    let follow = |sample: &i16| {
        loud += (f64::from(*sample).abs() - loud) / 160.0;
        loud
    };
    scene.original().iter().map(follow).collect()
}

/// A renderer that was told of other marks.
fn remarked(scene: &Scene, change: impl FnOnce(Vec<Span>) -> Vec<Span>) -> Vec<i16> {
    let set = scene.redaction.spans();
    let marks = change(set.marks().to_vec());
    let inside = marks.into_iter().filter(|mark| mark.start() < set.recording());
    let set = SpanSet::new(inside, set.recording(), set.rules()).expect("marks");
    scene.rendered_under(Redaction::new(set, scene.redaction.with()))
}

fn without(scene: &Scene, forgotten: fn(usize, usize) -> bool) -> Vec<i16> {
    let touching = |mark: &Span| mark.overlaps(scene.clip);
    let count = scene.redaction.spans().marks().iter().filter(|m| touching(m)).count();
    remarked(scene, |marks| {
        let inside = marks.into_iter().filter(touching).enumerate();
        inside.filter(|(i, _)| !forgotten(*i, count)).map(|(_, mark)| mark).collect()
    })
}

fn scaled(mark: Span, by: u64, of: u64) -> Option<Span> {
    let scale = |ms: Ms| Ms::new(ms.get() * by / of);
    Span::new(scale(mark.start()), scale(mark.end())).ok()
}

fn guarded(scene: &Scene, guard: u64) -> Vec<i16> {
    let set = scene.redaction.spans();
    let rules = Rules { guard: Ms::new(guard), ..set.rules() };
    let set = SpanSet::new(set.marks().to_vec(), set.recording(), rules).expect("marks");
    scene.rendered_under(Redaction::new(set, scene.redaction.with()))
}

/// A renderer whose passages lie `by` frames late, while everything else is in its place.
fn displaced(scene: &Scene, by: isize) -> Vec<i16> {
    let holes = scene.holes();
    let mut out = scene.rendered();
    for (i, original) in scene.original().iter().enumerate() {
        // Away from the clip's own ends.
        if i > 80 && i + 80 < out.len() {
            let at = (scene.start() + i).saturating_add_signed(-by) as u64;
            out[i] = holes.heard(at, f64::from(*original) * scene.gain.factor()).round() as i16;
        }
    }
    out
}

/// Clips in which every fault is one: sound everywhere, passages at several places.
fn scenes() -> Vec<(&'static str, Scene)> {
    let mut out = Vec::new();
    for with in [RedactWith::Tone, RedactWith::Silence] {
        let three: &[(u64, u64)] = &[(700, 1_100), (2_000, 2_300), (3_600, 4_200)];
        let man = || speech(7, Voice::MAN, 6 * 16_000 + 5);
        let woman = || speech(8, Voice::WOMAN, 6 * 16_000);
        out.extend([
            ("a man's voice", Scene::new(man(), three, with, (300, 5_400))),
            ("a woman's voice", Scene::new(woman(), three, with, (100, 5_700))),
            ("noise", Scene::new(noise(3, 96_000), three, with, (300, 5_400))),
            ("a clip that begins and ends hidden", Scene::new(man(), three, with, (1_000, 3_900))),
            (
                "softer",
                Scene {
                    gain: Gain::from_db(-7.5),
                    ..Scene::new(woman(), three, with, (300, 5_400))
                },
            ),
            (
                "louder, through a limiter",
                Scene { gain: Gain::from_db(8.0), ..Scene::new(man(), three, with, (300, 5_400)) },
            ),
        ]);
    }
    out
}

#[test]
fn what_faulty_renderers_make_is_refused_and_what_the_true_one_makes_passes() {
    let scenes = scenes();
    let rendered: Vec<Vec<i16>> = scenes.iter().map(|(_, scene)| scene.rendered()).collect();
    let refused_of = |(name, fault): &(&str, Fault)| {
        let mut refused = 0_u32;
        for (i, ((place, scene), right)) in scenes.iter().zip(&rendered).enumerate() {
            let made = fault(scene);
            if made == *right {
                continue;
            }
            let file = if i % 2 == 0 { files::wav(&made) } else { files::flac(&made) };
            let passed = scene.prove(&file);
            assert!(passed.is_err(), "a renderer that {name} passes with {place}");
            refused += 1;
        }
        assert!(refused > 0, "a renderer that {name} shows no fault");
        refused
    };
    // It is the longest of these tests by far: on as many processors as there are.
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let refused: u32 = thread::scope(|scope| {
        let parts = FAULTS.chunks(FAULTS.len().div_ceil(threads));
        let running: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(refused_of).sum::<u32>()))
            .collect();
        running.into_iter().map(|part| part.join().expect("every fault was noticed")).sum()
    });
    for (place, scene) in &scenes {
        for flac in [false, true] {
            let passed = scene.prove(&scene.file(flac));
            assert!(passed.is_ok(), "{place}: {passed:?}");
        }
    }
    evidence::add(&[
        ("faulty_renderers", json!(FAULTS.len())),
        ("faulty_clips_refused", json!(refused)),
        ("faulty_clips_passed", json!(0)),
    ]);
}

#[test]
fn the_reason_says_how_much_of_the_recording_is_left() {
    let scene = &scenes()[0].1;
    let likeness = |name: &str| {
        let (_, fault) = FAULTS.iter().find(|(n, _)| *n == name).expect("a fault of that name");
        match scene.doubt(&files::wav(&fault(scene))) {
            Doubt::Hidden { likeness } => likeness,
            other => panic!("{name}: {other}"),
        }
    };
    for name in ["puts it under the tone at -20 dB", "puts it under the tone at -50 dB"] {
        assert!(likeness(name) > 0.6, "{name}: {}", likeness(name));
    }
    assert!(likeness("mixes the tone with it") > 0.6);
    assert!(likeness("puts another tone there") < 0.5);
}

/// Recordings in which there is little to go by must not be refused by mistake.
#[test]
fn strange_recordings_pass_when_they_are_rendered_truly() {
    let second = 16_000;
    let bleep = tone(1_000.0, 0.1, 5 * second);
    let recordings: [(&str, Vec<i16>); 9] = [
        ("silence", vec![0; 5 * second]),
        ("the tone itself", bleep.clone()),
        ("the tone upside down", bleep.iter().map(|s| -s).collect()),
        ("a louder tone of the same pitch", tone(1_000.0, 0.9, 5 * second)),
        ("full-scale noise", noise(1, 5 * second)),
        ("the lowest bit", noise(2, 5 * second).iter().map(|s| s & 1).collect()),
        (
            "one loud click",
            (0..5 * second).map(|i| if i == 33_000 { i16::MIN } else { 0 }).collect(),
        ),
        (
            "as loud as can be",
            (0..5 * second).map(|i| if i / 40 % 2 == 0 { i16::MAX } else { i16::MIN }).collect(),
        ),
        ("a constant", vec![12_345; 5 * second]),
    ];
    let mut passed = 0;
    for (name, samples) in recordings {
        for with in [RedactWith::Tone, RedactWith::Silence] {
            for db in [0.0, -12.0, 20.0] {
                for flac in [false, true] {
                    let marks = [(500, 900), (2_000, 2_040), (4_800, 5_000)];
                    let scene = Scene::new(samples.clone(), &marks, with, (700, 5_000));
                    let scene = Scene { gain: Gain::from_db(db), ..scene };
                    let proof = scene.prove(&scene.file(flac));
                    assert!(proof.is_ok(), "{name}, {with:?}, {db} dB: {proof:?}");
                    passed += 1;
                }
            }
        }
    }
    evidence::add(&[("strange_recordings_passed", json!(passed))]);
}
