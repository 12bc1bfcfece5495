fn main() {
    let a: Vec<String> = std::env::args().collect();
    let s = hearback_speech::ModelStore::new(
        a[1].clone().into(),
        hearback_speech::Manifest::built_in().unwrap(),
    );
    let mut last = None;
    match s.fetch(&a[2], &mut |p| {
        if last != Some(p.step) {
            println!("{p:?}");
            last = Some(p.step);
        }
    }) {
        Ok(p) => println!("ok {p:?}"),
        Err(e) => println!("ERR {e}"),
    }
}
