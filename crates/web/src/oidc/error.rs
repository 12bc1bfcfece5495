//! Why a sign-in at the provider did not come through.

use std::error::Error;

use super::outbound::OutboundError;

type Cause = Box<dyn Error + Send + Sync>;

/// What a person can do next is the same within each variant; the cause is for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum OidcError {
    /// The provider cannot be used just now. Later it may be.
    #[error("the identity provider cannot be used")]
    Away(#[source] Cause),
    /// What came back is not to be believed. A sign-in from the beginning may work.
    #[error("what came back is not to be believed")]
    Refused(#[source] Cause),
}

impl OidcError {
    pub(super) fn away(cause: impl Into<Cause>) -> Self {
        Self::Away(cause.into())
    }

    pub(super) fn refused(cause: impl Into<Cause>) -> Self {
        Self::Refused(cause.into())
    }

    /// The cause, for the log.
    pub(super) fn chain(&self) -> String {
        crate::error::chain(self)
    }
}

impl From<OutboundError> for OidcError {
    fn from(error: OutboundError) -> Self {
        Self::away(error)
    }
}
