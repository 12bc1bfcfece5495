//! Decodes a file to the working form and counts what comes: nothing but the fence, the decoder and the resampler.
//!
//! ```text
//! cargo run --release -p hearback-audio --example decode -- FILE
//! ```

use std::{
    env,
    error::Error,
    io::{self, Write as _},
};

use hearback_audio::{
    FileSource, Limits,
    sandbox::{self, Runner},
};

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("which file?")?;
    if file == sandbox::CHILD_ARG {
        sandbox::child_main();
    }
    let mut frames = 0;
    let report = Runner::new(env::current_exe()?).decode(
        Box::new(FileSource::open(&file)?),
        &Limits::default(),
        &mut |block, _| {
            frames += block.len();
            Ok(())
        },
    )?;
    writeln!(io::stdout(), "{frames} frames, {} ms", report.duration)?;
    Ok(())
}
