//! `pakn petition`: the verbs, by who uses them. The work is in the files below.

mod answer;
mod dispatch;
mod erasure;
mod explain;
mod filter;
mod petitioner;
mod public;
mod read;
mod submit;

use clap::Subcommand;

use super::{Run, failure::Failure, session::Session};

/// What to do with petitions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    #[command(flatten)]
    Read(read::Verb),
    #[command(flatten)]
    Petitioner(petitioner::Verb),
    #[command(flatten)]
    Dispatch(dispatch::Verb),
    #[command(flatten)]
    Answer(answer::Verb),
    #[command(flatten)]
    Public(public::Verb),
    #[command(flatten)]
    Erasure(erasure::Verb),
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Read(verb) => verb.run(session).await,
            Self::Petitioner(verb) => verb.run(session).await,
            Self::Dispatch(verb) => verb.run(session).await,
            Self::Answer(verb) => verb.run(session).await,
            Self::Public(verb) => verb.run(session).await,
            Self::Erasure(verb) => verb.run(session).await,
        }
    }
}
