//! The measuring half of `scripts/bench`: the echo server, the callers, the table. Starts no service and no
//! database; the script does.

mod await_answer;
mod call;
mod caller;
mod cell;
mod chance;
mod codes;
mod database;
mod echo;
mod failure;
mod fill;
mod floors;
mod pgbench;
mod quantile;
mod record;
mod report;
mod run;
mod sample;
mod server;
mod suggest;
mod time;

use std::process::ExitCode;

use clap::Parser;

use failure::Failure;

/// Measures pakn; `scripts/bench` calls this.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// Prints a free port of 127.0.0.1
    Port,
    /// Runs the bare server that every rate is compared with
    Echo(echo::Options),
    /// Waits for the first answer of a server and records how long that took
    Await(await_answer::Options),
    /// Submits petitions until the database holds as many as wanted
    Fill(fill::Options),
    /// Measures one kind of call with one number of callers
    Cell(cell::Options),
    /// Reads what pgbench says on standard input and records it
    Pgbench(pgbench::Options),
    /// Measures the watcher's pass, the preview of a calendar and its application
    Time(time::Options),
    /// Measures suggesting units, with a thousand rules
    Suggest(suggest::Options),
    /// Prints the table and the verdicts of a file of records
    Report(report::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Port => print_port(),
        Command::Echo(options) => echo::run(options).await,
        Command::Await(options) => await_answer::run(options).await,
        Command::Fill(options) => fill::run(options).await,
        Command::Cell(options) => cell::run(options).await,
        Command::Pgbench(options) => pgbench::run(options),
        Command::Time(options) => time::run(options).await,
        Command::Suggest(options) => suggest::run(options).await,
        Command::Report(options) => report::run(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&format!("bench: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn print_port() -> Result<(), Failure> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    say(&listener.local_addr()?.port().to_string());
    Ok(())
}

/// Data, for the script or the reader.
#[expect(clippy::print_stdout, reason = "the data that the program is for")]
fn say(line: &str) {
    println!("{line}");
}

/// Progress and failures, for whoever watches.
#[expect(clippy::print_stderr, reason = "progress and failures")]
fn tell(line: &str) {
    eprintln!("{line}");
}
