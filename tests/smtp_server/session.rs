//! One connection to the test server, from greeting to goodbye.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{Act, Received, State, Step};

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Session {
    wire: BufReader<Box<dyn Wire>>,
    state: Arc<Mutex<State>>,
    encrypted: bool,
    logged_in: bool,
    from: String,
    to: Vec<String>,
    letters: u32,
}

/// Why a session ended; every end is a fine end here.
struct End;

impl From<io::Error> for End {
    fn from(_: io::Error) -> End {
        End
    }
}

pub(super) async fn run(stream: TcpStream, state: Arc<Mutex<State>>) {
    let tls = state.lock().unwrap().behaviour.tls.clone();
    let (wire, encrypted): (Box<dyn Wire>, bool) = match tls {
        Some((acceptor, true)) => match acceptor.accept(stream).await {
            Ok(stream) => (Box::new(stream), true),
            Err(_) => return,
        },
        _ => (Box::new(stream), false),
    };
    let session = Session {
        wire: BufReader::new(wire),
        state,
        encrypted,
        logged_in: false,
        from: String::new(),
        to: Vec::new(),
        letters: 0,
    };
    let _ = session.talk().await;
}

impl Session {
    async fn talk(mut self) -> Result<(), End> {
        self.answer(Step::Greeting, "", "220 test ESMTP").await?;
        loop {
            let line = self.line().await?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.state.lock().unwrap().commands.push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or("").to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" | "HELO" => {
                    let offer = self.offer();
                    self.answer(Step::Ehlo, &line, &offer).await?;
                }
                "STARTTLS" => self = self.start_tls(&line).await?,
                "AUTH" => self.auth(&line).await?,
                "MAIL" if !self.may_send() => {
                    self.answer(Step::Mail, &line, "530 5.7.0 Not yet").await?;
                }
                "MAIL" => {
                    self.to.clear();
                    self.from = address(&line);
                    self.answer(Step::Mail, &line, "250 2.1.0 Ok").await?;
                }
                "RCPT" => {
                    if self.answer(Step::Rcpt, &line, "250 2.1.5 Ok").await? {
                        self.to.push(address(&line));
                    }
                }
                "DATA" => self.data(&line).await?,
                "RSET" => {
                    self.to.clear();
                    self.answer(Step::Rset, &line, "250 2.0.0 Ok").await?;
                }
                "NOOP" => self.say("250 Ok").await?,
                "QUIT" => {
                    self.answer(Step::Quit, &line, "221 2.0.0 Bye").await?;
                    return Err(End);
                }
                _ => self.say("500 5.5.2 What?").await?,
            }
        }
    }

    fn offer(&self) -> String {
        let behaviour = &self.state.lock().unwrap().behaviour;
        let mut offer = String::from("250-test\n250-PIPELINING\n250-8BITMIME\n");
        if behaviour.tls.is_some() && !self.encrypted {
            offer.push_str("250-STARTTLS\n");
        } else if behaviour.credentials.is_some() {
            offer.push_str("250-AUTH PLAIN\n");
        }
        offer.push_str("250 SIZE 10240000");
        offer
    }

    fn may_send(&self) -> bool {
        let behaviour = &self.state.lock().unwrap().behaviour;
        (behaviour.tls.is_none() || self.encrypted) && (behaviour.credentials.is_none() || self.logged_in)
    }

    async fn start_tls(mut self, line: &str) -> Result<Session, End> {
        let Some((acceptor, _)) = self.state.lock().unwrap().behaviour.tls.clone() else {
            self.say("502 5.5.1 No TLS here").await?;
            return Ok(self);
        };
        if !self.answer(Step::StartTls, line, "220 Go on").await? {
            return Ok(self);
        }
        let stream = acceptor.accept(self.wire.into_inner()).await?;
        Ok(Session { wire: BufReader::new(Box::new(stream)), encrypted: true, ..self })
    }

    async fn auth(&mut self, line: &str) -> Result<(), End> {
        let wanted = self.state.lock().unwrap().behaviour.credentials.clone();
        let given = line.split(' ').nth(2).unwrap_or("");
        self.logged_in = wanted.is_some_and(|(username, password)| {
            given == super::tls::base64(format!("\0{username}\0{password}").as_bytes())
        });
        let reply = if self.logged_in { "235 2.7.0 Welcome" } else { "535 5.7.8 Wrong username or password" };
        self.answer(Step::Auth, line, reply).await?;
        Ok(())
    }

    async fn data(&mut self, line: &str) -> Result<(), End> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 No recipient").await;
        }
        if !self.answer(Step::Data, line, "354 Go on").await? {
            return Ok(());
        }
        let mut data = Vec::new();
        loop {
            let line = self.line().await?;
            if data.is_empty() {
                self.obey(Step::FirstLine, "").await?;
            }
            match line.as_slice() {
                b".\r\n" => break,
                [b'.', rest @ ..] => data.extend_from_slice(rest),
                line => data.extend_from_slice(line),
            }
        }
        if !self.answer(Step::Dot, "", "250 2.0.0 Ok: queued").await? {
            return Ok(());
        }
        self.letters += 1;
        let limit = {
            let mut state = self.state.lock().unwrap();
            let (from, to) = (self.from.clone(), std::mem::take(&mut self.to));
            state.received.push(Received { from, to, data, encrypted: self.encrypted });
            state.behaviour.letters_a_connection
        };
        if limit.is_some_and(|limit| self.letters >= limit) {
            return Err(End);
        }
        Ok(())
    }

    /// Replies as it should unless a rule says otherwise; tells whether the reply was positive.
    async fn answer(&mut self, step: Step, line: &str, usual: &str) -> Result<bool, End> {
        match self.obey(step, line).await? {
            Some(reply) => {
                self.say(&reply).await?;
                Ok(reply.starts_with(['2', '3']))
            }
            None => {
                self.say(usual).await?;
                Ok(usual.starts_with(['2', '3']))
            }
        }
    }

    /// Does what the rules say; gives back a reply that is to be made in place of the usual one.
    async fn obey(&mut self, step: Step, line: &str) -> Result<Option<String>, End> {
        let act = self.state.lock().unwrap().behaviour.act(step, line);
        match act {
            None => Ok(None),
            Some(Act::Reply(reply)) => Ok(Some(reply)),
            Some(Act::ReplyAndClose(reply)) => {
                self.say(&reply).await?;
                Err(End)
            }
            Some(Act::Close) => Err(End),
            Some(Act::Hang) => std::future::pending().await,
            Some(Act::Wait(delay)) => {
                tokio::time::sleep(delay).await;
                Ok(None)
            }
        }
    }

    async fn say(&mut self, reply: &str) -> Result<(), End> {
        let reply = format!("{}\r\n", reply.replace('\n', "\r\n"));
        let slowly = self.state.lock().unwrap().behaviour.slowly;
        let wire = self.wire.get_mut();
        if slowly {
            for byte in reply.bytes() {
                wire.write_all(&[byte]).await?;
                wire.flush().await?;
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
        } else {
            wire.write_all(reply.as_bytes()).await?;
            wire.flush().await?;
        }
        Ok(())
    }

    async fn line(&mut self) -> Result<Vec<u8>, End> {
        let mut line = Vec::new();
        if self.wire.read_until(b'\n', &mut line).await? == 0 {
            return Err(End);
        }
        Ok(line)
    }
}

/// What is between the angle brackets.
fn address(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}
