fn main() {
    let a: Vec<String> = std::env::args().collect();
    let e = hearback_speech::Engine::load(a[1].as_ref(), 2).unwrap();
    for f in &a[2..] {
        let mut r = hound::WavReader::open(f).unwrap();
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
                &Default::default(),
                &mut |_| std::ops::ControlFlow::Continue(()),
            )
            .unwrap();
        println!("{}", t.to_txt().replace('\n', " "));
        eprintln!("{} {:?}", t.duration_ms, t0.elapsed());
    }
}
