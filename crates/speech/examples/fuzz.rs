// by hand: alter bytes of the model's skeleton, load each
use std::io::{Seek, SeekFrom, Write};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let whole = std::fs::read(&a[1]).unwrap();
    let p = std::path::Path::new("/tmp/hb/sp/fz/ggml-tiny.en.bin");
    std::fs::create_dir_all(p.parent().unwrap()).unwrap();
    std::fs::write(p, &whole).unwrap();
    // positions of tensor headers
    let rd = |i: usize| u32::from_le_bytes(whole[i..i + 4].try_into().unwrap()) as usize;
    let mut at = 48 + 8 + 80 * 201 * 4;
    let n = rd(at);
    at += 4;
    for _ in 0..n {
        at += 4 + rd(at);
    }
    let vocab_end = at;
    let mut spots: Vec<usize> = (4..56).collect();
    let mut s = 12345u32;
    let mut rng = || {
        s = s.wrapping_mul(1664525).wrapping_add(1013904223);
        (s >> 8) as usize
    };
    for _ in 0..60 {
        spots.push(48 + 8 + 80 * 201 * 4 + rng() % (vocab_end - (48 + 8 + 80 * 201 * 4)));
    }
    let mut hs = vec![];
    while at < whole.len() {
        let (r, nl, k) = (rd(at), rd(at + 4), rd(at + 8));
        let mut e = 1;
        for d in 0..r {
            e *= rd(at + 12 + 4 * d);
        }
        let h = 12 + 4 * r + nl;
        hs.push((at, h));
        at += h + e * if k == 0 { 4 } else { 2 };
    }
    for _ in 0..150 {
        let (x, h) = hs[rng() % hs.len()];
        spots.push(x + rng() % h);
    }
    let (mut ok, mut bad) = (0, 0);
    let mut f = std::fs::OpenOptions::new().write(true).open(p).unwrap();
    for sp in spots {
        let b = whole[sp];
        let v = b ^ (1 << (rng() % 8));
        f.seek(SeekFrom::Start(sp as u64)).unwrap();
        f.write_all(&[v]).unwrap();
        f.flush().unwrap();
        eprint!("{sp}:{b}->{v} ");
        match hearback_speech::Engine::load(p, 1) {
            Ok(e) => {
                ok += 1;
                eprintln!("loads");
                let mut done = false;
                let _ = e.transcribe(
                    &mut |o, n| {
                        if done {
                            return Ok(0);
                        }
                        done = true;
                        o.extend((0..n.min(32000)).map(|i| if i % 20 < 10 { 0.1 } else { -0.1 }));
                        Ok(n.min(32000))
                    },
                    &Default::default(),
                    &mut |_| std::ops::ControlFlow::Continue(()),
                );
            }
            Err(e) => {
                bad += 1;
                eprintln!("{e}")
            }
        }
        f.seek(SeekFrom::Start(sp as u64)).unwrap();
        f.write_all(&[b]).unwrap();
    }
    println!("loads {ok} refused {bad}");
}
