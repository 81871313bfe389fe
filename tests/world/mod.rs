//! A whole running service for a test: a real database of its own, the real gRPC server on a free port, a clock
//! that stands until it is moved, seeded ids, the ministry's directory, and workers that are stepped by hand.
#![allow(dead_code, reason = "each test binary uses a part of it")]

mod database;
mod deed;
mod letters;
mod person;
mod refused;
mod submission;
mod when;

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pakn::{
    app::{App, Caller, Clock, DirectoryStep, Seeded, ministry},
    domain::{
        account::{Account, Grant},
        ids::{AccountId, GrantId},
        time::{Instant, Zone},
        words::Role,
    },
    grpc,
    store::{self, Store},
    workers::{
        life,
        mail::{
            options::Options as MailOptions, sender::Sender, templates::Templates, transport::Transport, worker::Worker,
        },
        sweep,
    },
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tonic::transport::{Channel, Endpoint};

#[allow(unused_imports, reason = "each test binary uses a part of it")]
pub use self::{
    deed::Deed,
    letters::Letter,
    person::Person,
    refused::Refused,
    submission::{feedback, feedback_of},
    when::{at, date, days, hours, local, minutes},
};
use database::Database;

/// Friday before Tết of 2026, when every world begins.
pub const MORNING: &str = "2026-02-13 09:15";
/// Seeds of further processes, each its own.
static OTHERS: AtomicU64 = AtomicU64::new(8);
const ZONE: Zone = Zone(chrono_tz::Asia::Ho_Chi_Minh);
/// Server secret of every world.
pub const SECRET: &[u8] = b"a secret of tests, thirty-two bytes";
/// Master key 1 of tests.
pub const MASTER: &str = "1:5f2e19a4c07b3d8866e1f04a9bd27c3510ee8d6f47a2b95c031d7e48f6ac920b";

fn keys() -> store::Keys {
    store::Keys::parse(MASTER).unwrap()
}
/// Letters that an address gets in a day.
pub const LETTERS_A_DAY: u64 = 20;

/// A running service. Dropping it takes everything away again.
pub struct World {
    /// The application behind the server.
    pub app: App,
    /// Where the server listens.
    pub address: SocketAddr,
    channel: Channel,
    tokens: Mutex<HashMap<String, String>>,
    keys: Mutex<HashMap<String, String>>,
    worker: Worker,
    folder: PathBuf,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    serving: Mutex<Option<JoinHandle<()>>>,
    database: Database,
}

impl World {
    /// On SQLite, in a folder of its own.
    pub async fn on_sqlite() -> Self {
        Self::on(Database::sqlite()).await
    }

    /// On PostgreSQL, in a database of its own.
    pub async fn on_postgres() -> Self {
        Self::on(Database::postgres().await).await
    }

    async fn on(database: Database) -> Self {
        Store::migrate(&database.url).await.unwrap();
        let options = store::Options { readers: 2, ..store::Options::default() };
        let store = Store::open(&database.url, &options, ZONE, keys()).await.unwrap();
        let app = App::new(store, Clock::set_to(local(MORNING)), Arc::new(Seeded::new(7)), SECRET);
        app.take_master_key().await.unwrap();
        app.import_directory(&ministry()).await.unwrap();
        let folder = database.folder().join("letters");
        let worker = mail_worker(&app, &format!("kind = 'folder'\npath = '{}'", folder.display()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = app.clone();
        let serving = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or(()) };
            grpc::serve(served, &grpc::Options::default(), listener, stopped).await.unwrap();
        });
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
        let world = Self {
            app,
            address,
            channel,
            tokens: Mutex::default(),
            keys: Mutex::default(),
            worker,
            folder,
            stop: Mutex::new(Some(stop)),
            serving: Mutex::new(Some(serving)),
            database,
        };
        world.give_tokens().await;
        world
    }

    /// One token for each account, all in one step.
    async fn give_tokens(&self) {
        let logins: Vec<(String, AccountId)> =
            self.app.reference().logins.iter().map(|(login, id)| (login.clone(), *id)).collect();
        let mut steps = Vec::new();
        for (login, id) in logins {
            if self.tokens.lock().unwrap().contains_key(&login) {
                continue;
            }
            let (token, secret) = self.app.new_token(id, "story".to_owned(), 365);
            steps.push(DirectoryStep::Token(token));
            self.tokens.lock().unwrap().insert(login, secret);
        }
        self.app.direct_as(None, &steps).await.unwrap();
    }

    /// Adds an account with roles over its unit.
    pub async fn add_account(&self, login: &str, unit: &str, roles: &[Role]) {
        let reference = self.app.reference();
        let unit = reference.units.by_code(unit).unwrap().id;
        let fresh = || self.app.source().id(self.now());
        let id = AccountId(fresh());
        let account = Account {
            id,
            login: login.to_owned(),
            unit,
            name: login.to_owned(),
            email: String::new(),
            closed_at: None,
            former: Vec::new(),
        };
        let mut steps = vec![DirectoryStep::Account(account)];
        steps.extend(roles.iter().map(|role| DirectoryStep::Grant(Grant::for_good(GrantId(fresh()), id, *role, unit))));
        self.app.direct_as(None, &steps).await.unwrap();
        self.give_tokens().await;
    }

    /// Gives an account another token, in place of the one that it had.
    pub async fn renews_token(&self, login: &str) {
        self.tokens.lock().unwrap().remove(login);
        self.give_tokens().await;
    }

    /// Somebody of the ministry, by login.
    pub fn who(&self, login: &str) -> Person<'_> {
        assert!(self.tokens.lock().unwrap().contains_key(login), "nobody is called {login}");
        Person { world: self, login: login.to_owned(), on_behalf: false }
    }

    /// A citizen at the portal.
    pub fn citizen(&self) -> Person<'_> {
        Person { on_behalf: true, ..self.who("portal") }
    }

    /// The dispatcher of the focal unit.
    pub fn dispatcher(&self) -> Person<'_> {
        self.who("dispatcher")
    }

    /// As the application sees an account.
    pub fn caller(&self, login: &str) -> Caller {
        self.app.caller(&self.tokens.lock().unwrap()[login]).unwrap()
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        self.app.clock().now()
    }

    /// Moves the clock on.
    pub fn advance(&self, by: chrono::TimeDelta) {
        self.app.clock().set(self.now() + by);
    }

    /// Sets the clock to a local time, as `2026-02-24 23:59:59.999999`.
    pub fn when(&self, at: &str) {
        self.app.clock().set(local(at));
    }

    /// Lets workers do what is due: letters until none is left to send, then what happens by itself.
    pub async fn run_workers(&self) {
        drain(&self.worker).await;
        life::step(&self.app).await.unwrap();
        sweep::step(&self.app).await.unwrap();
    }

    /// What letters lie in the folder, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        Letter::all(&self.folder)
    }

    /// A mail worker beside the one with the folder.
    pub fn mail_worker(&self, transport: &str) -> Worker {
        mail_worker(&self.app, transport)
    }

    /// Lets the letters that are due go, as far as they can.
    pub async fn tries_letters(&self) -> Result<usize, pakn::app::Error> {
        self.worker.step().await
    }

    /// Lets the letters of another process go into the folder.
    pub async fn sends_letters(&self, process: &App) {
        drain(&mail_worker(process, &format!("kind = 'folder'\npath = '{}'", self.folder.display()))).await;
    }

    /// The same service in another process: its own connections and cache, the same database, clock and secret.
    pub async fn another_process(&self) -> App {
        self.process_with(keys()).await.unwrap()
    }

    /// As [`World::another_process`], with these master keys.
    pub async fn process_with(&self, keys: store::Keys) -> store::Result<App> {
        let store = Store::open(&self.database.url, &store::Options::default(), ZONE, keys).await?;
        let source = Arc::new(Seeded::new(OTHERS.fetch_add(1, Ordering::Relaxed)));
        Ok(App::new(store, self.app.clock().clone(), source, SECRET))
    }

    /// Where the database is.
    pub fn url(&self) -> &str {
        &self.database.url
    }

    /// The files of an embedded database, as a thief would read them.
    pub fn files(&self) -> Vec<u8> {
        let read = |name: &str| std::fs::read(self.database.folder().join(name)).unwrap_or_default();
        ["pakn.db", "pakn.db-wal", "pakn.db-shm"].map(read).concat()
    }

    /// A channel without a token.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A connection behind the service's back.
    pub async fn database(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(&self.database.url).await.unwrap()
    }

    /// Tells the server to stop; the handle resolves when it has.
    pub fn stop(&self) -> JoinHandle<()> {
        let _ = self.stop.lock().unwrap().take().unwrap().send(());
        self.serving.lock().unwrap().take().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.lock().unwrap().take() {
            serving.abort();
        }
    }
}

fn mail_worker(app: &App, transport: &str) -> Worker {
    let options: MailOptions = toml::from_str(&format!(
        "from = 'Cổng tiếp nhận <pakn@mic.example>'\nmessage_id_domain = 'mic.example'\n[transport]\n{transport}"
    ))
    .unwrap();
    let transport = Transport::open(&options.transport).unwrap();
    Worker::new(app.clone(), Templates::new().unwrap(), Sender::parse(&options).unwrap(), transport, LETTERS_A_DAY)
}

/// Lets a mail worker work until nothing is due.
pub async fn drain(worker: &Worker) {
    for _ in 0..1_000 {
        if worker.step().await.unwrap() == 0 {
            return;
        }
    }
    panic!("the letters never end");
}

/// Waits in real time; for what runs outside the set clock.
pub async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Tells one story on SQLite and on PostgreSQL: a test for each.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "stories use what they need of the file")]
            use super::*;

            async fn story($world: $crate::world::World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                Box::pin(story($crate::world::World::on_sqlite().await)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                Box::pin(story($crate::world::World::on_postgres().await)).await;
            }
        }
    )+};
}
