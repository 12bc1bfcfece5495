fn main() {
    let a: Vec<String> = std::env::args().collect();
    let e = hearback_speech::Engine::load(
        a[1].as_ref(),
        std::env::var("T").map_or(2, |t| t.parse().unwrap()),
    )
    .unwrap();
    let mut r = hound::WavReader::open(&a[2]).unwrap();
    let s: Vec<f32> = r.samples::<i16>().map(|s| f32::from(s.unwrap()) / 32768.0).collect();
    let mut at = 0;
    let t0 = std::time::Instant::now();
    let t = e
        .transcribe(
            &mut |v, n| {
                let k = n.min(16000).min(s.len() - at);
                v.extend_from_slice(&s[at..at + k]);
                at += k;
                Ok(k)
            },
            &hearback_speech::Options {
                language: if a.len() > 3 { None } else { Some("en".into()) },
                ..Default::default()
            },
            &mut |ev| {
                if let hearback_speech::Event::Progress { done } = ev {
                    eprintln!("{:?} {:?}", done, t0.elapsed());
                }
                std::ops::ControlFlow::Continue(())
            },
        )
        .unwrap();
    println!("{}", serde_json::to_string(&t).unwrap());
    eprintln!("{:?} for {} ms", t0.elapsed(), t.duration_ms);
}
