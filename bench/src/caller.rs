//! One caller: makes a call, waits for its answer, looks whether it is one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use pakn::pb::{
    GetPetitionRequest, ListPetitionsRequest, PageRequest, Proof, TrackPetitionRequest,
    casework_service_client::CaseworkServiceClient, intake_service_client::IntakeServiceClient,
};
use tonic::{Status, transport::Channel};

use crate::{call::Call, chance::Chance, codes::Known, echo, sample, server::Server};

/// Rows of an inbox page.
const PAGE: i32 = 50;

/// A caller with a connection.
#[derive(Debug)]
pub struct Caller {
    server: Server,
    channel: Channel,
    intake: IntakeServiceClient<Channel>,
    casework: CaseworkServiceClient<Channel>,
    known: Arc<Vec<Known>>,
    chance: Chance,
}

impl Caller {
    /// The caller of a number; numbers share connections in turn.
    pub fn new(server: &Server, number: usize, known: &Arc<Vec<Known>>) -> Self {
        let channel = server.channel(number);
        Self {
            server: server.clone(),
            intake: IntakeServiceClient::new(channel.clone()),
            casework: CaseworkServiceClient::new(channel.clone()),
            channel,
            known: Arc::clone(known),
            chance: Chance::new(),
        }
    }

    /// Makes one call; returns how long the answer took.
    ///
    /// # Errors
    /// The status, also where an answer came that is none.
    pub async fn call(&mut self, call: Call) -> Result<Duration, Status> {
        match call {
            Call::Echo => self.echo().await,
            Call::Submit => self.submit().await.map(|(_, took)| took),
            Call::Track => self.track(false).await,
            Call::TrackWithKey => self.track(true).await,
            Call::Get => self.get().await,
            Call::Inbox => self.inbox().await,
        }
    }

    /// Submits one petition.
    ///
    /// # Errors
    /// The status.
    pub async fn submit(&mut self) -> Result<(Known, Duration), Status> {
        let request = self.server.request(sample::petition(&mut self.chance));
        let begun = Instant::now();
        let answer = self.intake.submit_petition(request).await?.into_inner();
        Ok((Known { code: answer.code, key: answer.access_key }, begun.elapsed()))
    }

    async fn echo(&mut self) -> Result<Duration, Status> {
        let petition = sample::petition(&mut self.chance);
        let id = petition.request_id.clone();
        let request = self.server.request(petition);
        let begun = Instant::now();
        let answer = echo::call(self.channel.clone(), request).await?;
        answered(answer.request_id == id, begun)
    }

    async fn track(&mut self, with_key: bool) -> Result<Duration, Status> {
        let Known { code, key } = self.any()?;
        let proof = with_key.then(|| Proof { access_key: key, ..Default::default() });
        let request = self.server.request(TrackPetitionRequest { code: code.clone(), proof });
        let begun = Instant::now();
        let answer = self.intake.track_petition(request).await?.into_inner();
        answered(answer.code == code && answer.details.is_some() == with_key, begun)
    }

    async fn get(&mut self) -> Result<Duration, Status> {
        let code = self.any()?.code;
        let request = self.server.request(GetPetitionRequest { code });
        let begun = Instant::now();
        let answer = self.casework.get_petition(request).await?.into_inner();
        answered(answer.petition.is_some_and(|petition| !petition.content.is_empty()), begun)
    }

    async fn inbox(&mut self) -> Result<Duration, Status> {
        let page = Some(PageRequest { size: PAGE, token: String::new() });
        let request = self.server.request(ListPetitionsRequest { page, ..Default::default() });
        let begun = Instant::now();
        let answer = self.casework.list_petitions(request).await?.into_inner();
        answered(usize::try_from(PAGE) == Ok(answer.petitions.len()), begun)
    }

    fn any(&mut self) -> Result<Known, Status> {
        if self.known.is_empty() {
            return Err(Status::internal("no petition is known: fill the database first, give --codes"));
        }
        Ok(self.chance.one_of(&self.known).clone())
    }
}

fn answered(is_answer: bool, begun: Instant) -> Result<Duration, Status> {
    let took = begun.elapsed();
    if is_answer { Ok(took) } else { Err(Status::internal("the answer is not to this question")) }
}
