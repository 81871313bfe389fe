//! A running server: the application, its face and its workers, until it is told to stop.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use super::{Failure, config::Config, identity};
use crate::{
    app::{App, Clock, Secure},
    grpc,
    store::{Standing, Store},
    workers::{
        life,
        mail::{sender::Sender, templates::Templates, transport::Transport, worker::Worker},
        sweep,
    },
};

/// How often the reference data is looked at: a revoked token works no longer than this on any process.
const REFRESH: Duration = Duration::from_secs(1);

/// Opens the application on the configured database, which must have been migrated.
///
/// # Errors
/// What is missing, and how to mend it.
pub(super) async fn open(config: &Config, clock: Clock) -> Result<App, Failure> {
    let standing = Store::standing(&config.database_url()?).await.map_err(Failure::of("the database"))?;
    if standing.pending > 0 {
        let message = format!("the database waits for {} changes: run `pakn migrate` first", standing.pending);
        return Err(Failure::new(message));
    }
    if standing.has_unsealed {
        return Err(Failure::new("identities in the database are not sealed yet: run `pakn migrate` first"));
    }
    open_as_it_stands(config, clock, standing).await
}

/// Brings the database to the present shape, and seals identities that were kept before they were sealed. Returns how
/// many changes were applied, and how many identities were sealed.
///
/// # Errors
/// What is missing, and how to mend it; it can be begun again.
pub(super) async fn migrate(config: &Config) -> Result<(usize, usize), Failure> {
    let url = config.database_url()?;
    let applied = Store::migrate(&url).await.map_err(Failure::of("the database"))?;
    let standing = Store::standing(&url).await.map_err(Failure::of("the database"))?;
    let sealed = if standing.has_unsealed {
        let app = open_as_it_stands(config, Clock::system(), standing).await?;
        let sealed = identity::seal_all(&app).await?;
        app.sweep().await.map_err(Failure::of("sweep the database"))?;
        sealed
    } else {
        0
    };
    Ok((applied, sealed))
}

async fn open_as_it_stands(config: &Config, clock: Clock, standing: Standing) -> Result<App, Failure> {
    let (url, zone) = (config.database_url()?, config.zone()?);
    let keys = config.master_keys(standing)?;
    let store = Store::open(&url, &config.database, zone, keys).await.map_err(Failure::of("the database"))?;
    let secret = config.secret()?;
    let app = App::new(store, clock, Arc::new(Secure::default()), secret.expose_secret().as_bytes())
        .with_reveals_a_day(config.identity.reveals_a_day);
    if !app.secret_fits().await.map_err(Failure::of("the database"))? {
        let message = "the secret is not the one that this database was first used with; with another one no access \
                       key that was handed out would work. Give the first one as secret or secret_file";
        return Err(Failure::new(message));
    }
    // Only now: a host with the wrong secret must not put the database under its own key.
    app.take_master_key().await.map_err(Failure::of("the database"))?;
    Ok(app)
}

/// A server that listens.
#[derive(Debug)]
pub(super) struct Server {
    app: App,
    config: Config,
    listener: TcpListener,
    workers: JoinSet<()>,
    /// Tells the workers to stop.
    stopping: watch::Sender<bool>,
}

impl Server {
    /// Listens, and starts the workers.
    ///
    /// # Errors
    /// When the address is taken, or letters cannot be sent as configured.
    pub(super) async fn start(app: App, config: &Config) -> Result<Self, Failure> {
        let listener = listen(config.listen).await?;
        let (stopping, stop) = watch::channel(false);
        let mut workers = JoinSet::new();
        workers.spawn(refresh(app.clone(), stop.clone()));
        if config.workers.life {
            workers.spawn(life::run(app.clone(), config.workers.digest_from, stop.clone()));
            workers.spawn(sweep::run(app.clone(), stop.clone()));
        }
        if config.workers.mail {
            workers.spawn(mail_worker(&app, config)?.run(stop));
        }
        Ok(Self { app, config: config.clone(), listener, workers, stopping })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub(super) fn address(&self) -> Result<SocketAddr, Failure> {
        self.listener.local_addr().map_err(|error| Failure::new(error.to_string()))
    }

    /// Serves until `stop` resolves, then stops gracefully.
    ///
    /// # Errors
    /// When the face breaks.
    pub(super) async fn run(mut self, stop: impl Future<Output = ()> + Send) -> Result<(), Failure> {
        let served = grpc::serve(self.app, &self.config.grpc, self.listener, stop).await;
        let _ = self.stopping.send(true);
        let deadline = Duration::from_secs(self.config.grpc.shutdown_seconds.get());
        let ended = async { while self.workers.join_next().await.is_some() {} };
        if tokio::time::timeout(deadline, ended).await.is_err() {
            // It has been marked as being sent, and its mark will tell the operator.
            tracing::warn!("a letter was still being sent at the deadline; it is let go");
        }
        served.map_err(|error| Failure::of("the gRPC face")(error))
    }
}

/// Listens.
///
/// # Errors
/// When the address is taken or not ours.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| Failure::new(format!("cannot listen on {address}: {error}")))
}

/// The mail worker as configured.
///
/// # Errors
/// When the options are not as they should be.
pub(super) fn mail_worker(app: &App, config: &Config) -> Result<Worker, Failure> {
    let options = config.mail_options();
    let templates = Templates::new().map_err(Failure::of("letter templates"))?;
    let sender = Sender::parse(&options).map_err(Failure::of("mail"))?;
    let transport = Transport::open(&options.transport).map_err(Failure::of("mail.transport"))?;
    Ok(Worker::new(app.clone(), templates, sender, transport, config.mail.letters_a_day))
}

async fn refresh(app: App, mut stop: watch::Receiver<bool>) {
    while tokio::time::timeout(REFRESH, stop.wait_for(|stop| *stop)).await.is_err() {
        if let Err(error) = app.refresh().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the reference data could not be looked at");
        }
    }
}

/// Resolves when the process is told to stop.
pub(super) async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
}
