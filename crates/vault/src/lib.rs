//! Encrypted objects with seekable reads, and the keys that open them.
//!
//! A recording's sound, text and extracts lie on disk as [age](https://age-encryption.org/v1) files. Every recording
//! has keys of its own, one for each class of what can be destroyed apart ([`KeyClass`](hearback_domain::KeyClass)),
//! kept outside the database and outside the objects' directory; destroying one such small file destroys what lies
//! under it in every copy of the objects and of the database, backups included.
//!
//! **Invariants.** Nothing is opened or added without a permit that names the recording and the kind of object
//! ([`Opens`](hearback_access::Opens)). No plaintext touches the disk, temporary files included. A truncated,
//! altered or exchanged object is an error, never wrong bytes. Nothing is destroyed before the ledger of erasures says
//! so. This crate decides nothing about people, knows nothing of sound, and names no database.
//!
//! The interface blocks; asynchronous callers run it on their blocking threads. Values of the database are the
//! exception: sealing and opening one takes some twenty microseconds.
//!
//! # Keys
//!
//! ```text
//! root key (32 bytes: a key file, an environment variable, or what a command prints)
//!   └─ kek.<n>                      the keyring's epoch n: wraps the keys below; rotation replaces it
//!        ├─ aa/<recording>.sound    one age X25519 identity for each class of a recording (.text, .extracts, .coding)
//!        │    ├─ objects/<recording>/<class>/<object>.age   age v1: the file key is wrapped for it, 64 KiB chunks
//!        │    └─ HKDF-SHA256 ─ values of the database of that class
//!        ├─ aa/<person>.person      32 bytes ─ HKDF ─ values about a person with an account
//!        ├─ 00/….installation       32 bytes ─ HKDF ─ the installation's own values
//!        └─ 00/….signing            the seed of the Ed25519 key that signs checkpoints and certificates
//! erasures.log                      the ledger: each erasure before it is carried out, hash-chained
//! ```
//!
//! Each record is one line: `v1 | id | purpose | epoch | XChaCha20-Poly1305(KEK, key; AAD = id‖epoch‖purpose)`.
//!
//! *Why one identity per recording and class.* An age file carries its own wrapped key. Wrapped for one long-lived key,
//! every old copy would stay readable for as long as that key lives. Wrapped for an identity of its own, the header
//! is useless once the keyring record is gone. The public half is derived when it is needed and stored nowhere.
//!
//! *What binds an object to its place.* The header carries one more stanza, `-> hearback-object v1`, with a hash of
//! recording, object and kind. The header is authenticated as a whole, so an object that was put in the place of
//! another one, of the same recording too, does not open. Other age programs skip stanzas they do not know: with the
//! line that [`RecordingKey::line`] gives, `age --decrypt -i KEY FILE` opens any object. That is the way out if
//! this service should ever be gone.
//!
//! *Epochs.* [`FileKeys::rotate`] makes the next epoch, wraps every key anew, looks at each whether it opens, and
//! destroys the old epoch. Killed at any point, everything still opens, and the next rotation completes it. Whoever
//! then has an old record, or an old copy of the keyring *without* its `kek.<n>`, has nothing. Old epochs that a
//! process had in memory are not used once their file is gone.
//!
//! *Escrow.* Lose the root key, and every recording is lost; so the epoch is encrypted, as a standard age file, for
//! people who keep their own keys elsewhere ([`FileKeys::escrow`]). [`FileKeys::drill`] proves now and then that it
//! opens the keyring, [`FileKeys::recover`] gives a keyring a new root with it. A rotation makes it worthless; it has
//! to be written anew, in place of the old one.
//!
//! *Erasures.* [`Vault::destroy`] writes its line into the ledger, makes it last, leaves a tombstone, takes the key
//! away, then the objects. A start completes what was cut off, refuses a ledger that was changed anywhere or that says
//! less than the tombstones, and removes keys that an old copy of the keyring brought back. After a restore from an old
//! copy of everything, [`Vault::adopt_ledger`] takes over the newer ledger from wherever it was kept, and
//! [`Vault::ledger_after`] tells the database what it has to forget again, or to close: what [`Vault::close`] wrote.
//!
//! # Honest limits
//!
//! - The root key opens every epoch it ever wrapped. Whoever has the root key **and** an old copy of the whole keyring,
//!   `kek.<n>` included, **and** old copies of objects has what was in them, erased since or not. So copies of the
//!   keyring are to be few and short-lived: an erasure is complete when the last copy from before it is gone. Changing
//!   the root key ([`FileKeys::rotate_root`]) does not change that for the old root and old copies.
//! - An old escrow file with one of its recipients' identities is such a copy of an epoch too: replace it, never
//!   collect them.
//! - Files are overwritten and unlinked. On flash memory and in file-system snapshots what was overwritten may live on;
//!   rotation makes remnants of records worthless, but a remnant of `kek.<n>` with the root key is an old epoch. Only a
//!   root that forgets (a hardware module, a key service behind the key command) removes that.
//! - The root key belongs on another volume, handed to the service by the machine's own means; beside the data it is
//!   refused unless the operator says so. An environment variable can be read by whoever may look into the process, and
//!   is inherited by the programs it starts.
//! - Data without its keyring is refused at start, and keys are never made anew over objects. A record of a class that
//!   is lost, and of which there are no objects but values in the database, is not noticed before one of them does not
//!   open.
//! - The ledger is chained, not signed: whoever can write to the keyring can write another ledger. The audit log and
//!   the database remember its newest line.
//! - A reader that is already open, and an [`ObjectKey`], keep one object's key in memory until they are dropped. The
//!   epochs that are in use stay in memory; the root key does not, it is read again when an epoch is new.
//! - The check after writing reads through the operating system's cache: it finds mistakes of software, not a disk
//!   that forgets.
//! - Sizes and times of the encrypted files, how many there are and of which class, can be seen by whoever sees the
//!   disk.

#![forbid(unsafe_code)]

mod copy;
mod durable;
mod error;
pub mod identity;
mod keys;
mod reader;
mod seal;
mod stored;
mod sweep;
mod vault;
mod writer;

pub use self::{
    copy::StoredAt,
    error::VaultError,
    keys::{
        Cause, Drill, Erased, Escrow, FileKeys, KeyBroker, KeyConfig, KeyError, KeyName, KeyStatus,
        LedgerHead, LedgerLine, LedgerSeq, MasterKey, Placement, RecordingKey, RootSource, Rotated,
        RotationStep, Signer, Stamp, UnknownCause,
    },
    reader::{ObjectKey, ObjectReader},
    stored::StoredObject,
    sweep::Swept,
    vault::Vault,
    writer::ObjectWriter,
};
