//! How storage fails.

use std::error::Error;

use hearback_access::GateError;

/// A result whose error is a [`StoreError`].
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the database did not do what it was asked to.
///
/// The variants are what callers act on; the cause is for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A uniqueness rule stands in the way. `what` names the rule.
    #[error("{what} is taken")]
    Conflict {
        /// Which rule, as in `person.login`.
        what: &'static str,
    },
    /// The key of what was to be read or written is destroyed: it is gone for good.
    #[error("what was asked for is erased")]
    Erased,
    /// The database is busy or away; the same call may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A stored value does not fit the domain.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistency),
    /// Anything else the driver reports.
    #[error("the database failed")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

/// A stored value that the domain does not allow.
#[derive(Debug, thiserror::Error)]
#[error("inconsistent value in {table}.{column}")]
pub struct Inconsistency {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What the domain says about the value.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl From<StoreError> for GateError {
    fn from(error: StoreError) -> Self {
        Self(Box::new(error))
    }
}

impl From<GateError> for StoreError {
    fn from(error: GateError) -> Self {
        // A driver's gate fails with a `StoreError`: hand it on as it was.
        match error.0.downcast::<Self>() {
            Ok(store) => *store,
            Err(other) => Self::Backend(other),
        }
    }
}
