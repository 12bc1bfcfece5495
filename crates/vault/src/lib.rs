//! Encrypted objects with seekable reads, and the keys that open them.
//!
//! A recording's sound, text and extracts lie on disk as [age](https://age-encryption.org/v1) files. Every recording
//! has its own key, kept outside the database and outside the objects' directory; destroying that one small file
//! destroys the recording in every copy of the objects, backups included.
//!
//! **Invariants.** Nothing is opened or added without a permit that names the recording and the kind of object
//! ([`Opens`](hearback_access::Opens)). No plaintext touches the disk, temporary files included. A truncated,
//! altered or exchanged object is an error, never wrong bytes. This crate decides nothing about people, knows
//! nothing of sound, and names no database.
//!
//! The interface blocks; asynchronous callers run it on their blocking threads.
//!
//! # Keys
//!
//! ```text
//! key file (32 bytes, the root; KEK epoch 1)
//!   └─ keyring  keys/aa/<recording>   v1 | id | purpose | KEK epoch | XChaCha20-Poly1305(KEK, RK; AAD = id‖purpose‖epoch)
//!        └─ RK  one age X25519 identity per recording
//!             └─ objects/<recording>/<object>.age   age v1: the file key is wrapped for RK, 64 KiB chunks
//! ```
//!
//! *Why one identity per recording.* An age file carries its own wrapped key. Wrapped for one long-lived key, every
//! old copy would stay readable for as long as that key lives. Wrapped for the recording's own identity, the header
//! is useless once the keyring record is gone. The public half is derived when it is needed and stored nowhere.
//!
//! *What binds an object to its place.* The header carries one more stanza, `-> hearback-object v1`, with a hash of
//! recording, object and kind. The header is authenticated as a whole, so an object that was put in the place of
//! another one, of the same recording too, does not open. Other age programs skip stanzas they do not know: with the
//! line that [`RecordingKey::line`] gives, `age --decrypt -i KEY FILE` opens any object. That is the way out if
//! this service should ever be gone.
//!
//! *What a key file as the root means.* Whoever has the key file **and** the keyring **and** the objects has the
//! recordings. So the key file belongs on another volume, handed to the service by the machine's own means; beside
//! the data it is refused unless the operator says so. Lose the key file, and every recording is lost: there has to
//! be a copy of it in a safe place. Data without its keyring is refused at start; keys are never made anew over it.
//!
//! *Honest limits.*
//! - Destroying overwrites and unlinks the keyring record. On flash memory, in file-system snapshots and in old
//!   copies of the keyring the wrapped record may live on, and the key file still opens it. Copies of the keyring
//!   are to be few and short-lived: the erasure is complete when the last of them is gone.
//! - The key file *is* the key-encryption key; there is one epoch. The record format has room for more.
//! - A reader that is already open keeps its key in memory until it is dropped.
//! - The check after writing reads through the operating system's cache: it finds mistakes of software, not a disk
//!   that forgets.
//! - Sizes and times of the encrypted files, and how many there are, can be seen by whoever sees the disk.

#![forbid(unsafe_code)]

mod durable;
mod error;
mod keys;
mod reader;
mod seal;
mod stored;
mod sweep;
mod vault;
mod writer;

pub use self::{
    error::VaultError,
    keys::{FileKeys, KeyBroker, KeyConfig, KeyError, MasterKey, Placement, RecordingKey},
    reader::ObjectReader,
    stored::StoredObject,
    sweep::Swept,
    vault::Vault,
    writer::ObjectWriter,
};
