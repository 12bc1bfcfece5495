//! Roles, and the standing relations between a person and a recording.

use std::{fmt, str::FromStr};

/// The text names no role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no role of that name")]
pub struct UnknownRole;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $error:ident; $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them, in the order in which people meet them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that stands for it in storage and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(self.as_str()) }
        }

        impl ::std::str::FromStr for $name {
            type Err = $error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                match s { $($word => Ok(Self::$variant),)+ _ => Err($error) }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a person may be here. A role is a capability; it never opens content by itself.
    Role, UnknownRole;
    /// Makes recordings of own practice, hears them first, decides who hears next.
    Practitioner = "practitioner",
    /// Codes and scores recordings that were released to them.
    Researcher = "researcher",
    /// Plays extracts to the practitioner.
    Coach = "coach",
    /// Hears extracts only in a live session that the practitioner invited them to (K-02).
    LineManager = "line_manager",
    /// Sees aggregates.
    ProgrammeLead = "programme_lead",
    /// Intake, attendance, dates.
    Coordinator = "coordinator",
    /// Keeps a coaching group's supervision notes.
    CoachingSupervisor = "coaching_supervisor",
    /// Runs the installation. No content.
    SysAdmin = "sysadmin",
    /// Answers for the data.
    Dpo = "dpo",
    /// Sees the one segment that was flagged.
    SafeguardingLead = "safeguarding_lead",
}

impl Role {
    /// The role in words, for a page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Practitioner => "Social worker",
            Self::Researcher => "Researcher",
            Self::Coach => "Coach",
            Self::LineManager => "Manager",
            Self::ProgrammeLead => "Programme lead",
            Self::Coordinator => "Co-ordinator",
            Self::CoachingSupervisor => "Coaching supervisor",
            Self::SysAdmin => "Administrator",
            Self::Dpo => "Data protection officer",
            Self::SafeguardingLead => "Safeguarding lead",
        }
    }
}

/// In which capacity somebody acts just now: the "hat" (ETH-12), or the service's own worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hat {
    /// Nobody has signed in.
    Nobody,
    /// A person in one of their roles.
    Person(Role),
    /// The service itself, carrying out a queued job.
    Worker,
}

impl Hat {
    /// The word for storage and the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Person(role) => role.as_str(),
            Self::Worker => "worker",
        }
    }
}

impl fmt::Display for Hat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Hat {
    type Err = UnknownRole;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s {
            "nobody" => Ok(Self::Nobody),
            "worker" => Ok(Self::Worker),
            role => role.parse().map(Self::Person),
        }
    }
}

words! {
    /// What ties a person to one recording.
    Relation, UnknownRole;
    /// Made it.
    Owns = "owns",
    /// Was chosen to code it.
    Codes = "codes",
    /// Was chosen to coach on it.
    Coaches = "coaches",
}
