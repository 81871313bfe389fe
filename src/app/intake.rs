//! What portals, clerks and petitioners through them may ask.

use crate::{
    domain::{
        change::{Change, Outcome},
        code::{access_key, access_key_matches},
        command::{Command, Submit},
        decide::{Context, submit},
        event::Event,
        ids::{AccountId, PetitionId},
        permission::When,
        petition::Petition,
        reference::Reference,
        refusal::Refusal,
        time::{Due, Instant},
        words::Clock,
    },
    store::{Dossier, Lost, ToldLetter},
};

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    page::{Page, Place},
    perform::{Acting, Asked, outcome},
};

/// A petition that was taken in.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// Tracking code.
    pub code: String,
    /// Access key.
    pub access_key: String,
    /// When the clocks started.
    pub received_at: Instant,
    /// Clock INTAKE.
    pub intake_due: Due,
    /// Clock ANSWER.
    pub answer_due: Due,
}

/// That the caller speaks for the petitioner.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// Access key as typed.
    pub access_key: String,
    /// The portal's id of its user.
    pub portal_subject: String,
}

impl Proof {
    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.access_key.is_empty() && self.portal_subject.is_empty()
    }
}

/// What a petitioner may see of the own petition.
#[derive(Debug, Clone)]
pub struct OwnView {
    /// The petition with its texts.
    pub dossier: Dossier,
    /// Letters to the petitioner, oldest first.
    pub letters: Vec<ToldLetter>,
    /// Questions with replies, oldest first.
    pub questions: Vec<AskedQuestion>,
    /// Until when it may be reopened.
    pub reopen_until: Option<Instant>,
}

/// A question to the petitioner.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "see Question of the contract")]
pub struct AskedQuestion {
    pub text: String,
    pub asked_at: Instant,
    pub reply_by: Due,
    pub reply: String,
}

/// Decisions in a row that may be overtaken by the reference data or hit a code that is taken.
const TRIES: usize = 8;

impl App {
    /// Takes a petition in.
    ///
    /// # Errors
    /// Whatever the domain refuses.
    pub async fn submit(&self, caller: &Caller, asked: &Asked, command: Submit) -> Result<Submitted> {
        for _ in 0..TRIES {
            let reference = self.store.reference();
            let actor = reference.actor(caller.account, self.clock.now()).ok_or(Error::Unauthenticated)?;
            let now = self.clock.now();
            let context = Context {
                now,
                actor: &actor,
                reference: &reference,
                source: self.source.as_ref(),
                version: None,
                request: self.request(asked, caller.account, now),
                delivered: None,
            };
            if let Some(submitted) = self.take_in(caller, asked, &reference, submit(command.clone(), &context)).await? {
                return Ok(submitted);
            }
        }
        Err(Error::Contended)
    }

    /// Writes what was decided of a submission; none where it is to be decided anew.
    pub(super) async fn take_in(
        &self,
        caller: &Caller,
        asked: &Asked,
        reference: &Reference,
        decided: std::result::Result<Change, Refusal>,
    ) -> Result<Option<Submitted>> {
        let change = match decided {
            Ok(change) => change,
            Err(refusal) => {
                if let Some(outcome) = self.submitted_before(caller.account, asked).await? {
                    return Ok(Some(self.submitted(&outcome)));
                }
                // A refusal must not rest on a stale copy.
                self.store.refresh_reference().await?;
                if self.store.reference().version == reference.version {
                    return Err(refusal.into());
                }
                return Ok(None);
            }
        };
        match self.store.commit(change).await {
            Ok(change) => {
                self.nudge.notify_waiters();
                let outcome = outcome(change).ok_or(Error::Contended)?;
                return Ok(Some(self.submitted(&outcome)));
            }
            Err(Lost::Moved | Lost::Letter | Lost::CodeTaken) => {}
            Err(Lost::Reference) => self.store.refresh_reference().await?,
            Err(Lost::Requested) => {
                if let Some(outcome) = self.submitted_before(caller.account, asked).await? {
                    return Ok(Some(self.submitted(&outcome)));
                }
            }
            Err(Lost::Failed(error)) => return Err(error.into()),
        }
        Ok(None)
    }

    /// The answer to a submission, from its event.
    fn submitted(&self, outcome: &Outcome) -> Submitted {
        let recorded = &outcome.recorded;
        let due = |clock| recorded.clocks.iter().find(|entry| entry.clock == clock).map(|entry| entry.due);
        let received_at = match &recorded.event {
            Event::Submitted { received_at, .. } => *received_at,
            _ => recorded.at,
        };
        Submitted {
            code: outcome.code.clone(),
            access_key: access_key(&self.secret, recorded.petition, 0),
            received_at,
            intake_due: due(Clock::Intake).unwrap_or(recorded.answer_due),
            answer_due: recorded.answer_due,
        }
    }

    /// A petition in broad strokes: by its code alone. An unknown code costs the same work.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn track(&self, caller: &Caller, code: &str) -> Result<Petition> {
        caller.heard("TrackPetition")?;
        let petition = self.store.petition(code).await?.filter(|petition| !caller.is_complained_of(petition));
        petition.ok_or_else(|| Refusal::NotFound.into())
    }

    /// A petition as its petitioner may see it.
    ///
    /// # Errors
    /// `NotFound` when the proof does not hold.
    pub async fn track_own(&self, caller: &Caller, code: &str, proof: &Proof) -> Result<OwnView> {
        caller.heard("TrackPetition")?;
        let dossier = self.store.dossier(code).await?;
        let id = dossier.as_ref().map(|dossier| &dossier.petition);
        if !self.proves(caller.account, id, proof).await? {
            return Err(Refusal::NotFound.into());
        }
        let dossier = dossier.filter(|dossier| !caller.is_complained_of(&dossier.petition));
        let Some(dossier) = dossier else { return Err(Refusal::NotFound.into()) };
        let petition = &dossier.petition;
        let letters = self.store.told(petition.id).await?;
        let questions = match petition.question {
            Some(_) => self.questions(petition.id).await?,
            None => Vec::new(),
        };
        let reopen_until = self.reopen_until(petition).await?;
        Ok(OwnView { letters, questions, reopen_until, dossier })
    }

    async fn reopen_until(&self, petition: &Petition) -> Result<Option<Instant>> {
        use crate::domain::words::State;
        if petition.round > 1 || petition.state != State::Answered || petition.erased_at.is_some() {
            return Ok(None);
        }
        let now = self.clock.now();
        let from = self.store.delivered(petition).await?.map_or(now, |letter| letter.at);
        let reference = self.store.reference();
        let until = reference.reopening_ends(petition, from);
        Ok((now < until).then_some(until))
    }

    async fn questions(&self, petition: PetitionId) -> Result<Vec<AskedQuestion>> {
        let events = self.store.events(petition, 0, 10_000).await?;
        let named = |event: &Event| match event {
            Event::InformationRequested { question: text, .. } | Event::InformationProvided { text } => Some(text.id),
            _ => None,
        };
        let wanted = events.iter().filter_map(|(recorded, _)| named(&recorded.event)).collect();
        let texts = self.store.texts(wanted).await?;
        let body = |id| texts.get(&id).map(|text| text.body.clone()).unwrap_or_default();
        let mut questions: Vec<AskedQuestion> = Vec::new();
        for (recorded, _) in &events {
            match &recorded.event {
                Event::InformationRequested { question, reply_by, .. } => questions.push(AskedQuestion {
                    text: body(question.id),
                    asked_at: recorded.at,
                    reply_by: *reply_by,
                    reply: String::new(),
                }),
                Event::Recalculated { reply_by: Some(reply_by) } => {
                    if let Some(last) = questions.last_mut() {
                        last.reply_by = *reply_by;
                    }
                }
                Event::InformationProvided { text } => {
                    if let Some(last) = questions.last_mut() {
                        last.reply = body(text.id);
                    }
                }
                _ => {}
            }
        }
        Ok(questions)
    }

    /// The petitions of one user of the calling portal, newest first, with titles; and the next page's token.
    ///
    /// # Errors
    /// `Forbidden` without the portal role.
    pub async fn list_own(
        &self,
        caller: &Caller,
        subject: &str,
        page: &Page,
    ) -> Result<(Vec<(Petition, String)>, String)> {
        caller.may("ListOwnPetitions", When::Always)?;
        let before = page.after.map(|place| PetitionId(place.id));
        let mut found = self.store.list_own(caller.account, subject, before, page.limit()).await?;
        let next = page.cut(&mut found, |(petition, _)| Place { at: petition.received_at, id: petition.id.0, seq: 0 });
        // Where somebody holds the role beside others. After the page was cut: it ends where it ends.
        found.retain(|(petition, _)| !caller.is_complained_of(petition));
        Ok((found, next))
    }

    /// Gives a command of the petitioner: with proof in the petitioner's name, without in the caller's own, as a clerk may.
    ///
    /// # Errors
    /// `NotFound` when the proof does not hold; whatever the domain refuses.
    pub async fn perform_for_petitioner(
        &self,
        caller: &Caller,
        code: &str,
        proof: &Proof,
        asked: &Asked,
        command: Command,
    ) -> Result<Outcome> {
        caller.heard(asked.rpc)?;
        if proof.is_empty() {
            return self.perform(code, Acting::Account(caller.account), asked, command).await;
        }
        let petition = self.store.petition(code).await?;
        if !self.proves(caller.account, petition.as_ref(), proof).await? {
            return Err(Refusal::NotFound.into());
        }
        self.perform(code, Acting::Petitioner(caller.account), asked, command).await
    }

    /// Whether the proof holds. Works as long for a petition that is not there.
    pub(super) async fn proves(&self, portal: AccountId, petition: Option<&Petition>, proof: &Proof) -> Result<bool> {
        let id = petition.map_or(PetitionId(uuid::Uuid::nil()), |petition| petition.id);
        let generation = petition.map_or(0, |petition| petition.key_generation);
        let by_key = access_key_matches(&access_key(&self.secret, id, generation), &proof.access_key);
        let by_subject = if proof.portal_subject.is_empty() {
            false
        } else {
            let user = self.store.petitioner(id).await?.and_then(|petitioner| petitioner.portal_user);
            user.is_some_and(|user| user.portal == portal && user.subject == proof.portal_subject)
        };
        // What is given must hold: a right subject does not make up for a wrong key.
        let key_holds = proof.access_key.is_empty() || by_key;
        let subject_holds = proof.portal_subject.is_empty() || by_subject;
        Ok(petition.is_some() && !proof.is_empty() && key_holds && subject_holds)
    }
}
