//! `pakn demo`: everything on the embedded default in one process.

use super::Failure;

/// Options of the demo.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Walks one petition through its whole life in a fresh temporary folder, and ends
    #[arg(long)]
    once: bool,
}

/// Runs the demo.
pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let _ = args.once;
    Err(Failure::new("the demo is not here yet"))
}
