//! One petition's whole life over gRPC, told step by step: what is called, who calls, where it leads.
//!
//! Speaks to the running server as any portal and unit would: knows the contract, the tokens and the folder of
//! letters, nothing of the application.

mod answer;
mod intake;
mod letter;
mod oversight;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono::NaiveDate;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use super::{super::Failure, folder::Tokens};
use crate::{
    app::secure_bytes,
    pb::{self, PetitionState as State},
};

/// Every call must be answered within this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks in somebody's name, or in nobody's.
#[derive(Clone)]
pub(super) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// A connection in somebody's name.
type Line = InterceptedService<Channel, Bearer>;

/// Calls an RPC in somebody's name; a refusal ends the walk.
macro_rules! ask {
    ($walk:ident as $login:literal, $module:ident::$client:ident.$rpc:ident($request:expr)) => {{
        let mut client = $crate::pb::$module::$client::new($walk.line($login)?);
        let answer = client.$rpc($request).await;
        answer.map_err(|status| super::refused(stringify!($rpc), $login, &status))?.into_inner()
    }};
}
use ask;

/// The walk, and the petition as the steps so far have left it.
pub(super) struct Walk {
    channel: Channel,
    tokens: Tokens,
    letters: PathBuf,
    steps: u32,
    code: String,
    access_key: String,
    version: i64,
    publication: String,
    /// First day of the report, and the day after its last.
    period: (NaiveDate, NaiveDate),
}

/// Walks one new petition through its whole life, printing each step.
///
/// # Errors
/// The first step that did not lead where it should.
pub(super) async fn walk(
    server: SocketAddr,
    tokens: Tokens,
    letters: PathBuf,
    period: (NaiveDate, NaiveDate),
) -> Result<(), Failure> {
    let endpoint = Endpoint::from_shared(format!("http://{server}")).map_err(Failure::of("the server's address"))?;
    let channel = endpoint.timeout(PATIENCE).connect_timeout(PATIENCE).connect().await;
    let channel = channel.map_err(Failure::of(&format!("cannot reach {server}")))?;
    let mut walk = Walk {
        channel,
        tokens,
        letters,
        steps: 0,
        code: String::new(),
        access_key: String::new(),
        version: 0,
        publication: String::new(),
        period,
    };
    let (rpc, who, state) = ("RPC", "BY", "LEADS TO");
    println!(" #  {rpc:<22}{who:<20}{state:<19}{:<19}NOTE", "TRẠNG THÁI");
    walk.comes_in().await?;
    walk.is_answered().await?;
    walk.is_published().await?;
    walk.is_taken_up_again().await?;
    walk.is_looked_over().await
}

impl Walk {
    /// A connection in the name of a login; `nobody` has no token.
    fn line(&self, login: &str) -> Result<Line, Failure> {
        let bearer = match (login, self.tokens.get(login)) {
            ("nobody", _) => None,
            (_, None) => return Err(Failure::new(format!("there is no token for {login}"))),
            (_, Some(secret)) => {
                let value = format!("Bearer {secret}").parse();
                Some(value.map_err(|_| Failure::new(format!("the token of {login} cannot be sent")))?)
            }
        };
        Ok(InterceptedService::new(self.channel.clone(), Bearer(bearer)))
    }

    /// The petition, at the version that the step before left.
    fn target(&self) -> Option<pb::Target> {
        let request_id = fresh_id();
        Some(pb::Target { code: self.code.clone(), version: self.version, request_id })
    }

    fn proof(&self) -> Option<pb::Proof> {
        Some(pb::Proof { access_key: self.access_key.clone(), portal_subject: String::new() })
    }

    /// Prints a step that led to a state, and checks that it is the one expected.
    fn led_to(
        &mut self,
        rpc: &str,
        who: &str,
        outcome: Option<pb::Outcome>,
        expected: State,
        note: &str,
    ) -> Result<(), Failure> {
        let outcome = outcome.ok_or_else(|| Failure::new(format!("{rpc} told no outcome")))?;
        self.version = outcome.version;
        self.stands(rpc, who, outcome.state(), expected, note)
    }

    /// As [`Walk::led_to`], for an answer that only tells the state.
    fn stands(&mut self, rpc: &str, who: &str, state: State, expected: State, note: &str) -> Result<(), Failure> {
        self.told(rpc, who, name(state), label(state), note);
        if state == expected {
            return Ok(());
        }
        Err(Failure::new(format!("{rpc} led to {}, not to {}", name(state), name(expected))))
    }

    /// Prints a step.
    fn told(&mut self, rpc: &str, who: &str, state: &str, label: &str, note: &str) {
        self.steps += 1;
        let step = self.steps;
        let line = format!("{step:>2}  {rpc:<22}{who:<20}{state:<19}{label:<19}{note}");
        println!("{}", line.trim_end());
    }
}

/// A request id for a command.
fn fresh_id() -> String {
    uuid::Builder::from_random_bytes(secure_bytes()).into_uuid().to_string()
}

fn refused(rpc: &str, who: &str, status: &Status) -> Failure {
    Failure::new(format!("{rpc} as {who} was refused: {:?}: {}", status.code(), status.message()))
}

fn due(due: Option<&pb::Due>) -> &str {
    due.map_or("", |due| &due.date)
}

/// The stable name of a state.
fn name(state: State) -> &'static str {
    state.as_str_name().trim_start_matches("PETITION_STATE_")
}

/// What people call a state.
const fn label(state: State) -> &'static str {
    match state {
        State::Unspecified => "",
        State::Submitted => "Chờ tiếp nhận",
        State::NeedsInformation => "Yêu cầu bổ sung",
        State::Accepted => "Đã tiếp nhận",
        State::Assigned => "Đã chuyển xử lý",
        State::InProgress => "Đang xử lý",
        State::AwaitingApproval => "Chờ phê duyệt",
        State::Answered => "Đã trả lời",
        State::Closed => "Kết thúc",
        State::Refused => "Không tiếp nhận",
        State::Withdrawn => "Đã rút",
        State::Merged => "Đã gộp",
        State::Transferred => "Đã chuyển cơ quan khác",
    }
}
