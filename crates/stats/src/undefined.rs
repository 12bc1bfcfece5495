//! Why there is no number.

/// A figure that is not defined for these scores. The text completes "not defined, because …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undefined {
    /// Nothing was scored by two people.
    #[error("no recording has scores from two coders")]
    NoPairs,
    /// Agreement needs differences to be measured against.
    #[error("everybody gave the same score to everything, so there are no differences to explain")]
    NoVariance,
    /// Agreement is between people.
    #[error("there is only one coder")]
    OneCoder,
    /// The form needs at least two recordings that every coder scored.
    #[error("fewer than two recordings were scored by every coder")]
    FewComplete,
    /// Both parts of the ratio vanish.
    #[error("the recordings do not differ from each other in these scores")]
    NoDifferenceBetweenRecordings,
    /// An interval of resamples needs resamples that have a value.
    #[error("most resamples of these recordings have no value of their own")]
    FewResamples,
    /// Nothing was marked by anybody.
    #[error("nobody marked anything")]
    NothingMarked,
    /// Everything was marked by everybody.
    #[error("everybody marked everything, so there is nothing that was left out to compare with")]
    NothingLeftOut,
    /// What is asked of the passages that two people marked needs such passages.
    #[error("no passage was marked by two coders")]
    NoOverlap,
    /// A scale has few steps; so many are measurements, for which these figures are not made.
    #[error("there are more than a thousand different scores")]
    TooManyScores,
    /// There is only one code in what both marked.
    #[error("only one code was used where marks overlap, so there is nothing to tell apart")]
    OneCode,
}
