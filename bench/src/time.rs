//! What time costs with many petitions: a pass of the watcher, previewing a calendar, applying it beside submissions.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::{Datelike as _, Days, TimeDelta};
use clap::Args;
use pakn::{
    app::{App, Asked, Clock, Page},
    domain::{calendar::Day, time::Zone},
    grpc,
};
use tokio::net::TcpListener;

use crate::{
    caller::Caller,
    database::{Database, zone},
    failure::Failure,
    record::Record,
    say, server,
    server::Server,
    tell,
};

/// Which database, and who asks.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    database: Database,
    /// Token of a portal, which submits
    #[arg(long, env = "PAKN_TOKEN", hide_env_values = true)]
    token: String,
    /// Token of an administrator, who changes the calendar
    #[arg(long)]
    administrator: String,
    /// Where, for the record
    #[arg(long)]
    place: String,
}

/// Petitions that are due in a pass of the watcher.
const DUE: usize = 100;
/// Passes.
const PASSES: usize = 5;
/// Callers that submit while a calendar is applied.
const CALLERS: u32 = 8;
/// How often each of them does: 100 submissions a second together, 8.6 million a day.
const EVERY: Duration = Duration::from_millis(80);

/// Measures and records.
///
/// # Errors
/// Whatever fails.
pub async fn run(options: Options) -> Result<(), Failure> {
    let zone = zone()?;
    let app = options.database.open().await?;
    let fact = |name: &str, value: f64| Record::Fact { place: options.place.clone(), name: name.to_owned(), value };
    for _ in 0..PASSES {
        say(&fact("watch", watch(&app, &options).await?).to_string());
    }
    let version = another_calendar(&app, &options.administrator, zone).await?;
    let caller = app.caller(&options.administrator).map_err(failed)?;
    let page = Page::read(100, "", &[]).map_err(failed)?;
    let begun = Instant::now();
    let preview = app.preview_calendar(&caller, &version, &page).await.map_err(failed)?;
    say(&fact("preview", millis(begun.elapsed())).to_string());
    tell(&format!("  {} of {} open petitions would move", preview.moved, preview.looked_at));
    let (applied, held, calm) = apply(&app, &options, &version).await?;
    say(&fact("apply", millis(applied)).to_string());
    say(&fact("held", millis(held)).to_string());
    say(&fact("calm", millis(calm)).to_string());
    Ok(())
}

/// A pass over everything, of which some have become due. Milliseconds.
async fn watch(app: &App, options: &Options) -> Result<f64, Failure> {
    // Received ten days ago, so that they were to be accepted by now; everything else was received just now.
    let earlier = app.with_clock(Clock::set_to(app.clock().now() - TimeDelta::days(10)));
    let server = serve(&earlier, &options.token).await?;
    let mut caller = Caller::new(&server, 0, &Arc::new(Vec::new()));
    for _ in 0..DUE {
        caller.submit().await?;
    }
    let begun = Instant::now();
    let mut raised = 0;
    loop {
        match app.escalate().await.map_err(failed)? {
            0 => break,
            more => raised += more,
        }
    }
    let took = millis(begun.elapsed());
    if raised != DUE {
        return Err(Failure::new(format!("{raised} were raised, not {DUE}")));
    }
    Ok(took)
}

/// A version in which the days around the coming dues are off, so that every open petition moves.
async fn another_calendar(app: &App, administrator: &str, zone: Zone) -> Result<String, Failure> {
    app.refresh().await.map_err(failed)?;
    let caller = app.caller(administrator).map_err(failed)?;
    let mut content = app.calendar(&caller, "vn").map_err(failed)?.calendar.content().clone();
    let today = zone.date(app.clock().now());
    for date in (1..26).map(|days| today + Days::new(days)) {
        let day = Day { worked: false, name: "Nghỉ thử".to_owned() };
        if let Some(year) = content.years.get_mut(&date.year()) {
            year.days.insert(date, day);
        }
    }
    let version = app.put_calendar(&caller, &Asked::once("PutCalendar"), "vn", None, content).await.map_err(failed)?;
    Ok(version.calendar.version.clone())
}

/// Applies a version and counts open petitions anew, while callers submit. How long that took, the longest that one of
/// them waited meanwhile, and the longest that one waited in the seconds before.
async fn apply(app: &App, options: &Options, version: &str) -> Result<(Duration, Duration, Duration), Failure> {
    let calm = {
        let submitting = Submitting::begin(app, options).await?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        submitting.end().await?
    };
    let submitting = Submitting::begin(app, options).await?;
    let caller = app.caller(&options.administrator).map_err(failed)?;
    let begun = Instant::now();
    app.apply_calendar(&caller, &Asked::once("ApplyCalendar"), version, ("", "")).await.map_err(failed)?;
    while app.recalculate().await.map_err(failed)? {}
    let took = begun.elapsed();
    Ok((took, submitting.end().await?, calm))
}

/// Callers that submit until told to stop.
struct Submitting {
    stop: Arc<AtomicBool>,
    callers: Vec<tokio::task::JoinHandle<Result<Duration, tonic::Status>>>,
}

impl Submitting {
    async fn begin(app: &App, options: &Options) -> Result<Self, Failure> {
        let (server, stop) = (serve(app, &options.token).await?, Arc::new(AtomicBool::new(false)));
        let none = Arc::new(Vec::new());
        let caller = |number| submit(Caller::new(&server, number as usize, &none), Arc::clone(&stop), number);
        let callers = (0..CALLERS).map(|number| tokio::spawn(caller(number))).collect();
        // The first calls of a connection are not what is measured.
        tokio::time::sleep(Duration::from_millis(500)).await;
        Ok(Self { stop, callers })
    }

    /// The longest that a call took.
    async fn end(self) -> Result<Duration, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let mut longest = Duration::ZERO;
        for caller in self.callers {
            longest = longest.max(caller.await??);
        }
        Ok(longest)
    }
}

/// Submits at fixed times. One that is held up keeps those after it waiting, and they count from when it was their turn.
async fn submit(mut caller: Caller, stop: Arc<AtomicBool>, number: u32) -> Result<Duration, tonic::Status> {
    let mut turns = tokio::time::interval_at(tokio::time::Instant::now() + EVERY / CALLERS * number, EVERY);
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::Relaxed) {
        let turn = turns.tick().await;
        caller.submit().await?;
        longest = longest.max(turn.elapsed());
    }
    Ok(longest)
}

/// The service in this process, on a free port.
///
/// # Errors
/// When there is none.
pub async fn serve(app: &App, token: &str) -> Result<Server, Failure> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let port = listener.local_addr()?.port();
    let app = app.clone();
    tokio::spawn(async move { grpc::serve(app, &grpc::Options::default(), listener, std::future::pending()).await });
    Server::connect(&server::Options::new(port, token.to_owned()), CALLERS as usize).await
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::new(error.to_string())
}
