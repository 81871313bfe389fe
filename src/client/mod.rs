//! The admin client: what units and portals ask of a server, from a terminal.
//!
//! It talks gRPC and knows the contract (`crate::pb`) alone: no rule of the domain is repeated here, the server
//! decides and gives the reason. Commands that need no server (tokens, import, audit of a file) are not here.

mod account;
mod calendar;
mod cell;
mod connection;
mod contract;
#[cfg(test)]
mod conversation;
mod copy;
mod delegation;
mod directory;
mod explained;
mod export;
mod failure;
mod figures;
mod instant;
mod json;
mod letter;
mod output;
mod petition;
mod plain;
mod policy;
mod profile;
mod prose;
mod publication;
mod report;
mod routing;
mod rpc;
mod session;
mod shared;
mod trail;
mod unit;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::{connection::Connection, failure::Failure, session::Session};
pub use self::{
    explained::calendar as explained,
    export::Export,
    output::{Format, sheet, value},
};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the server refused it, or a check found something broken
  2  the command line, a file or the profile is wrong
  3  no or bad token, or not allowed
  4  not found
  5  it changed meanwhile, or the request id was used for something else
  6  the server cannot be reached, is overloaded or did not answer in time

A long text given as `-` is read from standard input.";

/// What to ask of a server.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Submits, follows and works on petitions
    #[command(after_help = EXIT_CODES)]
    Petition(Group<petition::Verb>),
    /// Reads the public record
    #[command(after_help = EXIT_CODES)]
    Publication(Group<publication::Verb>),
    /// Reports on-time rates and what they count
    #[command(after_help = EXIT_CODES)]
    Report(Group<report::Verb>),
    /// Keeps working calendars: days off, moved working days
    #[command(after_help = EXIT_CODES)]
    Calendar(Group<calendar::Verb>),
    /// Keeps deadline policies
    #[command(after_help = EXIT_CODES)]
    Policy(Group<policy::Verb>),
    /// Sees to letters that are owed
    #[command(after_help = EXIT_CODES)]
    Letter(Group<letter::Verb>),
    /// Reads and verifies the trail of events on the server
    #[command(after_help = EXIT_CODES)]
    Trail(Group<trail::Verb>),
    /// Keeps the rules that say which unit is competent, and tries them
    #[command(after_help = EXIT_CODES)]
    Routing(Group<routing::Verb>),
    /// Lists and keeps units, accounts, grants and fields of the directory
    #[command(after_help = EXIT_CODES, visible_alias = "unit")]
    Units(Group<directory::Verb>),
    /// Keeps accounts: corrects, moves, closes them
    #[command(after_help = EXIT_CODES)]
    Account(Group<account::Verb>),
    /// Reads what your unit was given of cases that complain of it, and explains
    #[command(after_help = EXIT_CODES)]
    Copy(Group<copy::Verb>),
    /// Lets accounts approve for approvers
    #[command(after_help = EXIT_CODES)]
    Delegation(Group<delegation::Verb>),
}

/// A noun's verbs with the options of the connection.
#[derive(Debug, Args)]
pub struct Group<V: Subcommand> {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: V,
}

/// A verb that asks a server.
trait Run {
    async fn run(self, session: &mut Session) -> Result<(), Failure>;
}

/// Runs a command. Data goes to standard output; a failure is one line, `pakn: <reason>`, on standard error.
///
/// The exit codes are those of `--help`.
pub async fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::Petition(group) => ask(group).await,
        Command::Publication(group) => ask(group).await,
        Command::Report(group) => ask(group).await,
        Command::Calendar(group) => ask(group).await,
        Command::Policy(group) => ask(group).await,
        Command::Letter(group) => ask(group).await,
        Command::Trail(group) => ask(group).await,
        Command::Routing(group) => ask(group).await,
        Command::Units(group) => ask(group).await,
        Command::Account(group) => ask(group).await,
        Command::Copy(group) => ask(group).await,
        Command::Delegation(group) => ask(group).await,
    };
    ended(done)
}

/// Writes the directory into a folder of files that `pakn directory import` reads.
pub async fn export(export: Export) -> ExitCode {
    ended(export.run().await)
}

fn ended(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::remark(&format!("pakn: {failure}"));
            ExitCode::from(failure.exit())
        }
    }
}

async fn ask<V: Subcommand + Run>(group: Group<V>) -> Result<(), Failure> {
    let mut session = group.connection.session()?;
    group.verb.run(&mut session).await
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn names_may_be_typed_in_either_case_and_options_anywhere() {
        let line = "pakn petition list --state in_progress,ACCEPTED --unpublished --format json --all";
        let line = Line::try_parse_from(line.split(' ')).unwrap();
        let Command::Petition(group) = line.command else { panic!("not a petition") };
        let shown = format!("{:?}", group.verb);
        assert!(shown.contains("state: [5, 3]"), "{shown}");
    }
}
