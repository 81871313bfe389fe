//! What data subjects may ask about the personal data of their petitions.

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    intake::{Proof, Submitted},
    perform::{Acting, Asked, TRIES},
};
use crate::domain::{
    command::{Known, RequestData},
    decide::{Context, request_data},
    permission,
    petition::Petition,
    refusal::Refusal,
};

impl App {
    /// Takes in what a data subject asks about a petition: with proof in the petitioner's name, without in the caller's own,
    /// as a clerk may.
    ///
    /// # Errors
    /// `NotFound` when the proof does not hold; whatever the domain refuses.
    pub async fn request_data(
        &self,
        caller: &Caller,
        code: &str,
        proof: &Proof,
        asked: &Asked,
        command: RequestData,
    ) -> Result<Submitted> {
        caller.heard(asked.rpc)?;
        let acting =
            if proof.is_empty() { Acting::Account(caller.account) } else { Acting::Petitioner(caller.account) };
        for _ in 0..TRIES {
            let reference = self.store.reference();
            let actor = acting.actor(&reference, self.clock.now()).ok_or(Error::Unauthenticated)?;
            let about = self.store.petition(code).await?;
            if !proof.is_empty() && !self.proves(caller.account, about.as_ref(), proof).await? {
                return Err(Refusal::NotFound.into());
            }
            let Some(about) = about else { return Err(Refusal::NotFound.into()) };
            let mut command = command.clone();
            // No identity is opened for whoever may not ask; that is refused below.
            if permission::may_see(asked.rpc, &actor, &about, &reference.units) {
                command.known = Some(Box::new(self.known(&about).await?));
            }
            let now = self.clock.now();
            let context = Context {
                now: now.max(about.changed_at),
                actor: &actor,
                reference: &reference,
                source: self.source.as_ref(),
                version: None,
                request: self.request(asked, caller.account, now),
                delivered: None,
            };
            if let Some(submitted) =
                self.take_in(caller, asked, &reference, request_data(command, &about, &context)).await?
            {
                return Ok(submitted);
            }
        }
        Err(Error::Contended)
    }

    /// Who brought a petition, and how many requests about it are open.
    async fn known(&self, about: &Petition) -> Result<Known> {
        let requests = match about.data_requests {
            0 => Vec::new(),
            _ => self.store.requests_about(&about.code).await?,
        };
        let open = requests.iter().filter(|request| request.state.is_open()).count();
        Ok(Known { petitioner: self.store.petitioner(about.id).await?, open })
    }
}
