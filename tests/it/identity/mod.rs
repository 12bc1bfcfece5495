//! How people show who they are: signing in, second steps, elevation, invitations, and everybody who tries otherwise.

mod browser;
mod door;
mod elevation;
mod network;
mod passkeys;
mod races;
mod sessions;
