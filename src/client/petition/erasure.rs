//! What administrators do to petitions: erase them. They see none.

use clap::Subcommand;

use crate::{
    client::{Run, contract::one_of, failure::Failure, session::Session, shared::On},
    pb,
};

/// What to do with a petition that has ended.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Erases who brought it and every text of it, for good
    Erase {
        #[command(flatten)]
        on: On,
        /// On what ground
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::ErasureGround>())]
        ground: i32,
        /// Number of the request or decision; it stays on record, so it must name nobody
        #[arg(long, value_name = "NUMBER")]
        document: String,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let Self::Erase { on, ground, document } = self;
        session.show(pb::ErasePetitionRequest { target: on.target(), ground, document_number: document }).await
    }
}
