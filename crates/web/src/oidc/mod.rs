//! Signing in at the organisation's own identity provider (`OpenID` Connect Core 1.0, authorisation code flow).
//!
//! We are a relying party: the browser goes to the provider and comes back with a code, we give the code for a token,
//! and believe the token only if everything about it fits. Who somebody is, is the pair of issuer and subject, and
//! nothing else that the token says; above all no e-mail address, which others may come to own. Somebody whose pair is
//! not known is nobody here: a pair is tied to an account by a signed-in person, by an administrator's one-time link,
//! or by an invitation.
//!
//! * `settings`: what the operator says. `outbound`: our requests, to the provider and to nobody else.
//! * `provider`: the provider's addresses and keys. `token`, `logout_token`: what is believed. `roles`: groups.
//! * `attempt`: the browser's secret. `start`, `callback`: there and back. `errand`: what for. `logout`: the provider
//!   ends sessions.
//! * `link`: an administrator ties an account. `disconnect`: a person unties theirs.
//!
//! Between us and the provider the browser goes through a page of ours (a *hop*): a form may not be answered by
//! sending people to another site (`form-action`), and the session's `SameSite=Strict` cookie does not travel with a
//! redirect that began elsewhere.

mod attempt;
pub(crate) mod callback;
pub(crate) mod disconnect;
mod errand;
mod error;
pub(crate) mod link;
pub(crate) mod logout;
mod logout_token;
mod outbound;
mod page;
mod provider;
mod roles;
mod settings;
pub(crate) mod start;
mod token;

pub(crate) use self::page::Offer;
pub use self::{
    provider::SingleSignOn,
    settings::{Settings, SettingsError},
};
