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

/// Two roles that one person must not have at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody can be {} and {} at once: who looks after the house or the data does not work with recordings", .0.title(), .1.title())]
pub struct Clash(pub Role, pub Role);

impl Role {
    /// Whether this role comes near what is said on recordings.
    pub const fn meets_content(self) -> bool {
        matches!(
            self,
            Self::Practitioner
                | Self::Researcher
                | Self::Coach
                | Self::LineManager
                | Self::CoachingSupervisor
                | Self::SafeguardingLead
        )
    }

    /// Whether this role decides over the house or over everybody's data. Such a role is worn only by people who have
    /// shown who they are in two ways.
    pub const fn is_trusted(self) -> bool {
        matches!(self, Self::SysAdmin | Self::Dpo | Self::SafeguardingLead)
    }

    /// Whether one person may have all of these (ETH-12): those who run the installation or answer for the data have
    /// no part in what is recorded.
    pub fn check(roles: &[Self]) -> Result<(), Clash> {
        let keeper = roles.iter().find(|r| matches!(r, Self::SysAdmin | Self::Dpo));
        let content = roles.iter().find(|r| r.meets_content());
        match (keeper, content) {
            (Some(keeper), Some(content)) => Err(Clash(*content, *keeper)),
            _ => Ok(()),
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
    /// What ties a person to one recording, to a series of coaching sessions, or to supervision.
    Relation, UnknownRole;
    /// Made it.
    Owns = "owns",
    /// Was chosen to code it.
    Codes = "codes",
    /// Was chosen to code it too, without seeing what the first one did.
    CodesSecond = "codes_second",
    /// Learns to code on it.
    Learns = "learns",
    /// Was chosen to coach on it.
    Coaches = "coaches",
    /// Raised the concern in question.
    Raised = "raised",
    /// Was allowed, by a second person and for an hour, to hear the passage in question.
    Glass = "glass",
    /// Is coached in the series in question.
    IsCoached = "is_coached",
    /// Is the coach of the series in question, now.
    CoachesSeries = "coaches_series",
    /// Was the coach of the series in question, and is no longer.
    CoachedBefore = "coached_before",
    /// Was invited to the session in question by whoever is coached (K-02).
    Guest = "guest",
    /// Has a seat in the meeting in question, in which coaches are supervised, or leads it.
    Seated = "seated",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_keeps_the_house_or_the_data_does_not_work_with_recordings() {
        assert_eq!(Role::check(&[Role::Practitioner, Role::Coach, Role::Researcher]), Ok(()));
        assert_eq!(Role::check(&[Role::SysAdmin, Role::Coordinator]), Ok(()));
        assert_eq!(Role::check(&[Role::Coach, Role::Dpo]), Err(Clash(Role::Coach, Role::Dpo)));
        assert!(Role::check(&[Role::SafeguardingLead, Role::Dpo]).is_err());
        assert!(Role::check(Role::ALL).is_err());
    }
}
