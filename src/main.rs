//! The one binary; see `pakn --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pakn::cli::run()
}
