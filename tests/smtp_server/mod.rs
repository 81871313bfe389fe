//! A mail server for tests that behaves as badly as it is told to: a script of what it does at each step.
//!
//! `SmtpServer::start(Behaviour::accepting())` takes every letter; rules make it refuse, hang or hang up.
#![allow(dead_code, reason = "each test file that includes this module uses a part of it")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

mod session;
pub mod tls;

/// A step of the conversation at which a rule may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The connection was made; the reply is the greeting.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before any of the message.
    Data,
    /// The first line of the message came.
    FirstLine,
    /// The final dot came.
    Dot,
    /// RSET.
    Rset,
    /// QUIT.
    Quit,
}

/// What the server does at a step, instead of what it should.
#[derive(Debug, Clone)]
pub enum Act {
    /// Replies so; the text may have several lines, parted by `\n`, each with its code.
    Reply(String),
    /// Replies so and hangs up.
    ReplyAndClose(String),
    /// Hangs up without a word.
    Close,
    /// Says nothing any more, and keeps the line open.
    Hang,
    /// Waits, then goes on as it should.
    Wait(Duration),
}

impl Act {
    /// Replies with this text.
    pub fn reply(text: &str) -> Act {
        Act::Reply(text.to_owned())
    }
}

/// One exception to good behaviour.
#[derive(Debug, Clone)]
struct Rule {
    step: Step,
    containing: Option<String>,
    times: Option<u32>,
    act: Act,
}

/// How a server behaves.
#[derive(Clone)]
pub struct Behaviour {
    rules: Vec<Rule>,
    refuses: bool,
    slowly: bool,
    letters_a_connection: Option<u32>,
    credentials: Option<(String, String)>,
    tls: Option<(TlsAcceptor, bool)>,
}

impl Behaviour {
    /// Takes every letter.
    pub fn accepting() -> Behaviour {
        Behaviour {
            rules: Vec::new(),
            refuses: false,
            slowly: false,
            letters_a_connection: None,
            credentials: None,
            tls: None,
        }
    }

    /// Nobody listens at its address.
    pub fn refusing() -> Behaviour {
        Behaviour { refuses: true, ..Behaviour::accepting() }
    }

    /// Does this at that step, always. Earlier rules go first.
    pub fn at(self, step: Step, act: Act) -> Behaviour {
        self.rule(step, None, None, act)
    }

    /// Does this at that step the first `times` times, then behaves.
    pub fn at_first(self, times: u32, step: Step, act: Act) -> Behaviour {
        self.rule(step, None, Some(times), act)
    }

    /// Does this at that step when the command has these words, an address for instance.
    pub fn at_words(self, step: Step, words: &str, act: Act) -> Behaviour {
        self.rule(step, Some(words.to_owned()), None, act)
    }

    /// Writes each byte of a reply by itself.
    pub fn slowly(mut self) -> Behaviour {
        self.slowly = true;
        self
    }

    /// Hangs up without a word once a connection has brought so many letters.
    pub fn letters_a_connection(mut self, letters: u32) -> Behaviour {
        self.letters_a_connection = Some(letters);
        self
    }

    /// Takes letters only after this login.
    pub fn login(mut self, username: &str, password: &str) -> Behaviour {
        self.credentials = Some((username.to_owned(), password.to_owned()));
        self
    }

    /// Offers STARTTLS and takes letters only behind it.
    pub fn starttls(mut self, acceptor: TlsAcceptor) -> Behaviour {
        self.tls = Some((acceptor, false));
        self
    }

    /// Speaks TLS from the first byte.
    pub fn implicit_tls(mut self, acceptor: TlsAcceptor) -> Behaviour {
        self.tls = Some((acceptor, true));
        self
    }

    fn rule(mut self, step: Step, containing: Option<String>, times: Option<u32>, act: Act) -> Behaviour {
        self.rules.push(Rule { step, containing, times, act });
        self
    }

    /// What the rules say about this step now; uses up a limited rule.
    fn act(&mut self, step: Step, line: &str) -> Option<Act> {
        let rule = self.rules.iter_mut().find(|rule| {
            rule.step == step && rule.times != Some(0) && rule.containing.as_ref().is_none_or(|w| line.contains(w))
        })?;
        if let Some(times) = &mut rule.times {
            *times -= 1;
        }
        Some(rule.act.clone())
    }
}

/// A letter that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The address in MAIL.
    pub from: String,
    /// The addresses in RCPT.
    pub to: Vec<String>,
    /// The message, dots unstuffed.
    pub data: Vec<u8>,
    /// Whether it came behind TLS.
    pub encrypted: bool,
}

struct State {
    behaviour: Behaviour,
    received: Vec<Received>,
    commands: Vec<String>,
    connections: u32,
}

/// A running server on loopback; ends when dropped.
pub struct SmtpServer {
    /// Where it listens.
    pub addr: SocketAddr,
    state: Arc<Mutex<State>>,
    listening: Option<JoinHandle<()>>,
}

impl SmtpServer {
    /// Starts a server on a free port.
    pub async fn start(behaviour: Behaviour) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let refuses = behaviour.refuses;
        let state =
            Arc::new(Mutex::new(State { behaviour, received: Vec::new(), commands: Vec::new(), connections: 0 }));
        let listening = (!refuses).then(|| tokio::spawn(listen(listener, Arc::clone(&state))));
        SmtpServer { addr, state, listening }
    }

    /// The letters it took, in order.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// Every command line it heard, in order.
    pub fn commands(&self) -> Vec<String> {
        self.lock().commands.clone()
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> u32 {
        self.lock().connections
    }

    /// Behaves otherwise from now on (but for refusing, which is for its whole life).
    pub fn behave(&self, behaviour: Behaviour) {
        self.lock().behaviour = behaviour;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

async fn listen(listener: TcpListener, state: Arc<Mutex<State>>) {
    // Ends every session with the server.
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        state.lock().unwrap().connections += 1;
        sessions.spawn(session::run(stream, Arc::clone(&state)));
    }
}
