//! Start and stop: the command line, configuration, shutdown, telemetry.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "data goes to stdout, the rest to stderr")]

mod check;
mod config;
mod deadline;
mod demo;
mod identity;
mod offline;
mod server;
mod telemetry;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

use self::{
    config::{Config, Given},
    offline::Tokens,
    server::Server,
};
use crate::{app::Clock, client};

/// Feedback and petitions (phản ánh, kiến nghị): submission, legal deadlines, answers by e-mail, publication.
#[derive(Debug, Parser)]
#[command(name = "pakn", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "made once, by clap")]
enum Command {
    /// Serves gRPC, and runs the workers
    Serve {
        #[command(flatten)]
        given: Given,
        /// Address to listen on
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<std::net::SocketAddr>,
        /// Brings the database to the present shape first
        #[arg(long)]
        migrate: bool,
        /// Prints the configuration in force, secrets redacted, and ends
        #[arg(long)]
        print_config: bool,
    },
    /// Shows the main job on the embedded default, with the ministry's units and sample petitions
    Demo(demo::Args),
    /// Brings the database to the present shape
    Migrate {
        #[command(flatten)]
        given: Given,
    },
    /// Says whether the installation is ready
    Check {
        #[command(flatten)]
        given: Given,
        /// How findings are printed
        #[arg(long, value_enum, default_value_t = client::Format::Table)]
        format: client::Format,
    },
    /// Sets up units, accounts and fields, or takes them along
    #[command(subcommand)]
    Directory(DirectoryVerb),
    /// Makes, lists and ends bearer tokens, on the server's host
    Token {
        #[command(flatten)]
        given: Given,
        #[command(subcommand)]
        verb: Tokens,
    },
    /// Looks after the keys that identities are sealed with, on the server's host
    Identity {
        #[command(flatten)]
        given: Given,
        #[command(subcommand)]
        verb: identity::Identity,
    },
    /// Counts a deadline and explains it day by day; offline, from the shipped calendar
    Deadline(deadline::Question),
    /// Looks after the trail
    #[command(subcommand)]
    Audit(AuditVerb),
    #[command(flatten)]
    Client(client::Command),
}

#[derive(Debug, Subcommand)]
enum DirectoryVerb {
    /// Loads a shipped example (ministry, province), or units.csv, fields.csv, accounts.csv, grants.csv, delegations.csv and
    /// rules.csv of a folder; accounts that are there already become what their lines say
    Import {
        #[command(flatten)]
        given: Given,
        /// `ministry`, `province`, or a folder
        what: String,
    },
    /// Writes units, fields, accounts, grants, delegations and routing rules of a server into a folder, for `import`
    Export(client::Export),
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    /// Checks the whole trail, or one petition's; names the first broken link
    Verify {
        #[command(flatten)]
        given: Given,
        /// Tracking code
        code: Option<String>,
    },
}

/// Why a verb failed: one line for whoever typed it.
#[derive(Debug)]
struct Failure(String);

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Of printing, which the client does.
    fn of_client(failure: impl std::fmt::Display) -> Self {
        Self(failure.to_string())
    }

    /// What failed, and the chain of its causes; for `map_err`.
    fn of<E: Error>(what: &str) -> impl FnOnce(E) -> Self {
        move |error| {
            let mut message = format!("{what}: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                message.push_str(&format!(": {error}"));
                cause = error.source();
            }
            Self(message)
        }
    }
}

/// Runs the command line; gives the exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("pakn: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Client(command) => client::run(command).await,
            Command::Directory(DirectoryVerb::Export(export)) => client::export(export).await,
            command => match Box::pin(verb(command)).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(Failure(message)) => {
                    eprintln!("pakn: {}", message.replace('\n', " "));
                    ExitCode::FAILURE
                }
            },
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}

async fn verb(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve { given, listen, migrate, print_config } => {
            if print_config {
                print!("{}", Config::print(&given, listen)?);
                return Ok(());
            }
            let mut config = Config::read(&given)?;
            config.listen = listen.unwrap_or(config.listen);
            serve(&config, migrate).await
        }
        Command::Demo(args) => demo::run(args).await,
        Command::Migrate { given } => offline::migrate(&given).await,
        Command::Check { given, format } => check::run(&given, format).await,
        Command::Directory(DirectoryVerb::Import { given, what }) => offline::import(&given, &what).await,
        Command::Token { given, verb } => offline::tokens(&given, verb).await,
        Command::Identity { given, verb } => identity::run(&given, verb).await,
        Command::Deadline(question) => deadline::run(&question),
        Command::Audit(AuditVerb::Verify { given, code }) => offline::verify(&given, code.as_deref()).await,
        Command::Directory(DirectoryVerb::Export(_)) | Command::Client(_) => Ok(()),
    }
}

async fn serve(config: &Config, migrate: bool) -> Result<(), Failure> {
    telemetry::start(&config.log)?;
    if migrate {
        server::migrate(config).await?;
    }
    let app = server::open(config, Clock::system()).await?;
    let server = Server::start(app, config).await?;
    tracing::info!(address = %server.address()?, "listening");
    server.run(server::told_to_stop()).await
}
