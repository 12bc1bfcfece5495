//! SHA-256 of files, streamed.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};

/// Lower-case hexadecimal SHA-256 of a file's bytes. `progress` hears how many bytes are read.
pub(crate) fn of_file(path: &Path, progress: &mut dyn FnMut(u64)) -> io::Result<String> {
    copy(&mut File::open(path)?, &mut io::sink(), progress)
}

/// Copies everything and returns its hash.
pub(crate) fn copy(
    from: &mut dyn Read,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut done = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        done += read as u64;
        progress(done);
    }
    Ok(format!("{:x}", hash.finalize()))
}
