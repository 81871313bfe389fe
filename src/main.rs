//! The one binary; see `pakn --help`.

use std::process::ExitCode;

/// A tenth faster than the system's where many small things are made and dropped, as every call does. Without huge
/// pages: they would keep 20 MiB more while nothing is asked.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pakn::cli::run()
}
