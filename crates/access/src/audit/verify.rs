//! Tells whether a log is as it was written, and if not, what was done to it.

use hearback_domain::Timestamp;

use super::{AuditSeq, Checkpoint, Entry, Head, Link};

/// By how much a clock may have been set back between two entries, unless somebody says otherwise: an entry holds the
/// moment at which somebody asked, and may have waited for its turn.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 120;

/// How many entries after the first wrong one are looked at for what happened to it.
const LOOK_AHEAD: u64 = 64;

/// What was done to a log. The number is the first entry at which it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Tampering {
    /// A checkpoint is not signed with the log's key.
    #[error("forged checkpoint: one that {} is not signed with the log's key", sized(*.size))]
    Forged {
        /// The size that it claims.
        size: Option<u64>,
    },
    /// There is nothing where something was.
    #[error("wiped: the log is empty, and had at least {} entries", .known.0)]
    Wiped {
        /// The last entry there is known to have been.
        known: AuditSeq,
    },
    /// The end is missing: entries were removed, or an old copy of the database was put in its place.
    #[error("cut tail: the log ends at entry {}, and had at least {}", .last.0, .known.0)]
    Cut {
        /// The last entry there is.
        last: AuditSeq,
        /// The last entry there is known to have been.
        known: AuditSeq,
    },
    /// An entry is gone from the middle, or from the beginning.
    #[error("missing entry: entry {} is gone", .0.0)]
    Missing(AuditSeq),
    /// An entry stands somewhere else.
    #[error("reordered: entry {} does not stand in its place", .0.0)]
    Reordered(AuditSeq),
    /// An entry stands there twice, or was put in between.
    #[error("added entry: entry {} was not written by the service, or stands there twice", .0.0)]
    Added(AuditSeq),
    /// An entry was changed.
    #[error("changed entry: entry {} is not as it was written", .0.0)]
    Changed(AuditSeq),
    /// The links hold, but it is another log than the one that was sealed.
    #[error("fork: between entries {} and {} this is another log than the one that was sealed", .after.0 + 1, .sealed.0)]
    Fork {
        /// Up to here, it is the sealed one.
        after: AuditSeq,
        /// The size that was sealed.
        sealed: AuditSeq,
    },
    /// The links hold, but the head row beside the log is not that of its last entry.
    #[error("changed head: the head row is not that of entry {}", .0.0)]
    Head(AuditSeq),
    /// An entry is older than one before it.
    #[error("clock: entry {} says an earlier time than an entry before it", .0.0)]
    Clock(AuditSeq),
}

fn sized(size: Option<u64>) -> String {
    size.map_or_else(|| "cannot be read".to_owned(), |size| format!("claims {size} entries"))
}

/// A log that is as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its head.
    pub head: Head,
    /// How many checkpoints it was compared with.
    pub checkpoints: usize,
    /// How many entries came after the newest of them, vouched for by nothing outside the database.
    pub unsealed: u64,
}

/// Checks a log entry by entry, without holding it.
#[derive(Clone, Debug)]
pub struct Verifier {
    head: Head,
    checkpoints: Vec<Checkpoint>,
    compared: usize,
    latest: Timestamp,
    tolerance_seconds: i64,
    fork: Option<Tampering>,
    clock: Option<Tampering>,
    suspicion: Option<Suspicion>,
    message: Vec<u8>,
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new(Vec::new(), CLOCK_TOLERANCE_SECONDS)
    }
}

impl Verifier {
    /// Compares a log with these checkpoints, from its beginning.
    pub fn new(checkpoints: Vec<Checkpoint>, tolerance_seconds: i64) -> Self {
        Self::from(Head::default(), checkpoints, tolerance_seconds)
    }

    /// Goes on from a head that was verified before. Checkpoints of smaller logs are passed over.
    pub fn from(head: Head, mut checkpoints: Vec<Checkpoint>, tolerance_seconds: i64) -> Self {
        checkpoints.retain(|known| known.size >= head.seq.0);
        checkpoints.sort_unstable_by_key(|known| known.size);
        let mut verifier = Self {
            head,
            checkpoints,
            compared: 0,
            latest: Timestamp::from_micros(i64::MIN),
            tolerance_seconds,
            fork: None,
            clock: None,
            suspicion: None,
            message: Vec::with_capacity(512),
        };
        verifier.compare();
        verifier
    }

    /// Looks at the next entry, in the order of their numbers. What is wrong is said at the end: it takes what follows
    /// to tell a removed entry from a moved one.
    pub fn entry(&mut self, entry: &Entry) {
        if let Some(suspicion) = &mut self.suspicion {
            suspicion.follow(entry, &mut self.message);
            return;
        }
        let expected = self.head.seq.0 + 1;
        let right = entry.seq.0 == expected
            && entry.link_after(self.head.link, entry.seq, &mut self.message) == entry.link;
        if !right {
            let mut suspicion = Suspicion::new(&self.head, entry);
            suspicion.is_the_lost_one(entry, &mut self.message);
            self.suspicion = Some(suspicion);
            return;
        }
        self.head.accept(entry);
        if entry.at.plus_seconds(self.tolerance_seconds) < self.latest {
            self.clock.get_or_insert(Tampering::Clock(entry.seq));
        }
        self.latest = self.latest.max(entry.at);
        self.compare();
    }

    /// Compares with the checkpoints of exactly this size.
    fn compare(&mut self) {
        while let Some(known) = self.checkpoints.get(self.compared)
            && known.size == self.head.seq.0
        {
            if known.root != self.head.root() {
                let before = self.compared.checked_sub(1).map_or(0, |n| self.checkpoints[n].size);
                // Two checkpoints of one size that differ: the log was two at that size.
                let after = before.min(known.size.saturating_sub(1));
                self.fork.get_or_insert(Tampering::Fork {
                    after: AuditSeq(after),
                    sealed: AuditSeq(known.size),
                });
            }
            self.compared += 1;
        }
    }

    /// Compares the end with the head row that is kept beside the log, and says what was found.
    pub fn finish(self, row: &Head) -> Result<Verified, Tampering> {
        let sealed = self.checkpoints.last().map_or(0, |known| known.size);
        let known = AuditSeq(sealed.max(row.seq.0));
        if let Some(fork) = self.fork {
            return Err(fork);
        }
        if let Some(suspicion) = self.suspicion {
            return Err(suspicion.resolve(known));
        }
        let last = self.head.seq;
        if last.0 == 0 && known.0 > 0 {
            return Err(Tampering::Wiped { known });
        }
        if last < known {
            return Err(Tampering::Cut { last, known });
        }
        if self.head != *row {
            return Err(Tampering::Head(last));
        }
        if let Some(clock) = self.clock {
            return Err(clock);
        }
        let checkpoints = self.compared;
        Ok(Verified { unsealed: last.0 - sealed, head: self.head, checkpoints })
    }
}

/// The first entry that is not right, and what those after it say about it.
#[derive(Clone, Debug)]
struct Suspicion {
    /// The number that was expected there.
    at: AuditSeq,
    /// The link that it follows.
    after: Link,
    /// What it looks like at first sight.
    first: Tampering,
    /// The row before the one that is looked at.
    before: (AuditSeq, Link),
    last: AuditSeq,
    looked: u64,
    /// The expected entry stands elsewhere: in the row of this number.
    lost_in: Option<AuditSeq>,
    /// Rows that fit together under numbers that are higher than theirs: something before them was taken out.
    moved_up: bool,
    /// Rows that fit together under numbers that are lower by one: something was put in.
    moved_down: bool,
}

impl Suspicion {
    fn new(head: &Head, entry: &Entry) -> Self {
        let at = AuditSeq(head.seq.0 + 1);
        let first = match entry.seq.cmp(&at) {
            std::cmp::Ordering::Equal => Tampering::Changed(at),
            std::cmp::Ordering::Greater => Tampering::Missing(at),
            std::cmp::Ordering::Less => Tampering::Added(entry.seq),
        };
        let before = (entry.seq, entry.link);
        Self {
            at,
            after: head.link,
            first,
            before,
            last: entry.seq,
            looked: 0,
            lost_in: None,
            moved_up: false,
            moved_down: false,
        }
    }

    fn is_the_lost_one(&mut self, entry: &Entry, message: &mut Vec<u8>) -> bool {
        let lost =
            self.lost_in.is_none() && entry.link_after(self.after, self.at, message) == entry.link;
        if lost {
            self.lost_in = Some(entry.seq);
        }
        lost
    }

    fn follow(&mut self, entry: &Entry, message: &mut Vec<u8>) {
        self.looked += 1;
        self.last = self.last.max(entry.seq);
        let lost = self.is_the_lost_one(entry, message);
        let (seq, link) = self.before;
        self.before = (entry.seq, entry.link);
        if lost || self.looked > LOOK_AHEAD || entry.seq.0 != seq.0 + 1 {
            return;
        }
        let fits = |number: u64, message: &mut Vec<u8>| {
            entry.link_after(link, AuditSeq(number), message) == entry.link
        };
        if !self.moved_up && self.looked <= LOOK_AHEAD / 8 {
            self.moved_up =
                (1..=LOOK_AHEAD).any(|by| fits(entry.seq.0.saturating_add(by), message));
        }
        self.moved_down |= fits(entry.seq.0 - 1, message);
    }

    fn resolve(self, known: AuditSeq) -> Tampering {
        let put_in = self.moved_down || self.last > known;
        match (self.lost_in, self.first) {
            (Some(_), Tampering::Changed(at)) if put_in => Tampering::Added(at),
            // A row with a number from before: it stands there twice if the expected one follows it.
            (Some(seq), Tampering::Added(at)) if seq == self.at => Tampering::Added(at),
            (Some(_), _) => Tampering::Reordered(self.at),
            (None, Tampering::Changed(at)) if self.moved_up => Tampering::Missing(at),
            (None, Tampering::Changed(at)) if self.moved_down => Tampering::Added(at),
            (None, first) => first,
        }
    }
}
