//! The kinds of calls that are measured.

use clap::ValueEnum;

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Call {
    /// A petition, back as it was.
    Echo,
    /// Take a new petition in.
    Submit,
    /// Where a random petition stands, by its code.
    Track,
    /// The same with the access key: all that its petitioner may see.
    TrackWithKey,
    /// A random petition, as staff see it.
    Get,
    /// The first page of open petitions, 50 of them, soonest due first.
    Inbox,
}
