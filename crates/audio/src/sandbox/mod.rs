//! The fence around the decoder: a child process of the same executable that sees nothing but a socket.
//!
//! The parent ([`Runner`]) starts the child with one end of a socket pair as its standard input, an empty environment
//! and nothing else. The child ([`child_main`]) locks itself down before it asks for the first byte: no files, no
//! network, no new programs, bounded memory. Then it asks for the bytes it wants, and the parent answers each request
//! from its [`ReadAt`](crate::ReadAt), so that a recording needs never lie on disk in the clear. What comes back is
//! sound, and every word of it is checked again. The child has two threads: one decodes, the other mixes and resamples
//! what the first has decoded.
//!
//! ```text
//! parent → child   Request            once
//! child → parent   Ready | NoFence    the fence stands, or cannot
//! child → parent   Read{offset,len}   parent answers Bytes or Failed
//! child → parent   Form, Samples…     decoded sound, a second at the most each
//! child → parent   Probe | Report | Verdict | Failed     once, the last
//! ```

mod child;
mod fence;
mod frame;
mod remote;
mod runner;
mod second;
mod watch;

pub use self::{
    child::child_main,
    runner::{Drill, DrillOutcome, Fence, Runner},
};

/// The argument that makes the executable a decoding child, unless [`Runner::with_args`] says otherwise.
pub const CHILD_ARG: &str = "decode-child";
