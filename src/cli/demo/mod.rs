//! `pakn demo`: everything on the embedded default in one process, with the ministry's units and sample petitions.

mod author;
mod diary;
mod folder;
mod guide;
mod plan;
mod sample;
mod seed;
mod walk;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use tokio::sync::oneshot;

use self::folder::{Folder, Tokens};
use super::{
    Failure,
    config::Config,
    server::{self, Server},
    telemetry,
};
use crate::app::{App, Clock, DirectoryStep};

/// Who writes the demo's letters.
const FROM: &str = "Văn phòng Bộ Thông tin và Truyền thông <vanphong@mic.example>";
/// How long the demo's tokens are good for.
const DAYS: u32 = 3_650;

/// Options of the demo.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Walks one petition through its whole life in a fresh temporary folder, and ends
    #[arg(long)]
    once: bool,
    /// Where to keep the database, the letters and the tokens; found there again, they are served as they are
    #[arg(long, value_name = "DIR", default_value = "pakn-demo", conflicts_with = "once")]
    folder: PathBuf,
    /// Address to listen on [default: 127.0.0.1:50051; with --once any free port]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Runs the demo.
///
/// # Errors
/// What could not be set up, or the first step of the walk that did not lead where it should.
pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if args.once {
        let temporary =
            tempfile::Builder::new().prefix("pakn-demo-").tempdir().map_err(Failure::of("a temporary folder"))?;
        let listen = args.listen.unwrap_or_else(|| local(0));
        return Box::pin(demo(temporary.path(), listen, true)).await;
    }
    let listen = args.listen.unwrap_or_else(|| local(50_051));
    Box::pin(demo(&args.folder, listen, false)).await
}

async fn demo(path: &Path, listen: SocketAddr, once: bool) -> Result<(), Failure> {
    // Before anything is made: a port that is taken is better known now.
    drop(server::listen(listen).await?);
    let folder = Folder::open(path)?;
    let config = Config::embedded(&folder.path, listen, FROM)?;
    telemetry::start(&config.log)?;
    server::migrate(&config).await?;
    let app = server::open(&config, Clock::system()).await?;
    let is_new = !folder.is_seeded();
    if is_new {
        let mail = |past: &App| server::mail_worker(past, &config);
        let seeded = seed::seed(&app, mail).await?;
        println!("Seeded     {} petitions in {} steps, at past instants", seeded.petitions, seeded.steps);
        folder.write_tokens(&make_tokens(&app).await?)?;
    }
    let tokens = folder.read_tokens()?;
    let period = guide::period(app.reference().zone, app.clock().now());
    let server = Server::start(app, &config).await?;
    let address = server.address()?;
    folder.write_profiles(&tokens, address)?;
    guide::whereabouts(&folder, address);
    println!();
    let (stop, stopped) = oneshot::channel::<()>();
    let mut serving = tokio::spawn(server.run(async {
        tokio::select! {
            () = server::told_to_stop() => {}
            _ = stopped => {}
        }
    }));
    let ended = |ended: Result<Result<(), Failure>, _>| ended.map_err(Failure::of("the server"))?;
    if is_new {
        let walked = tokio::select! {
            walked = walk::walk(address, tokens, folder.letters(), period) => walked,
            early = &mut serving => return ended(early),
        };
        if once || walked.is_err() {
            drop(stop);
            return walked.and(ended(serving.await));
        }
        println!();
    }
    guide::commands(&folder, address, period);
    println!();
    println!("The server stays up; Ctrl-C ends it.");
    let done = ended(serving.await);
    drop(stop);
    done
}

/// A token for every account.
async fn make_tokens(app: &App) -> Result<Tokens, Failure> {
    let (mut tokens, mut steps) = (Tokens::new(), Vec::new());
    for account in app.reference().accounts.values() {
        let (token, secret) = app.new_token(account.id, "demo".to_owned(), DAYS);
        tokens.insert(account.login.clone(), secret);
        steps.push(DirectoryStep::Token(token));
    }
    app.direct_as(None, &steps).await.map_err(Failure::of("tokens"))?;
    Ok(tokens)
}
