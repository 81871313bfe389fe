//! Looking at sealed identities, and who has looked.

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    page::{Page, Place},
    perform::Asked,
};
use crate::{
    domain::{
        account::Actor,
        ids::{PetitionId, TextId},
        permission::{self, When},
        petition::Petition,
        petitioner::Petitioner,
        reference::Reference,
        refusal::{NAMES_PETITIONER, Refusal, rule},
        reveal::{self, Kept, Reveal},
    },
    store::RevealFilter,
};

/// A look with its hash, the petition's tracking code and the reason; empty when that was erased.
pub type KeptReveal = (Reveal, Vec<u8>, String, String);

/// Decisions in a row that others may overtake.
const TRIES: usize = 8;

impl App {
    /// Shows who brought a petition. That it was shown is on record before it is.
    ///
    /// # Errors
    /// `NotFound` and `Forbidden`; a rule's refusal when the petitioner was erased.
    pub async fn reveal(&self, caller: &Caller, asked: &Asked, code: &str, reason: String) -> Result<Petitioner> {
        let erased = || rule("ERASED", "who brought it was erased");
        for _ in 0..TRIES {
            let petition = self.store.petition(code).await?.ok_or(Refusal::NotFound)?;
            let (now, reference) = (self.clock.now(), self.store.reference());
            let actor = reference.actor(caller.account, self.clock.now()).ok_or(Error::Unauthenticated)?;
            let given = (now, reference.as_ref(), self.source.as_ref());
            let mut looking = match reveal::reveal(&petition, &actor, reason.clone(), self.reveals_a_day, given) {
                Ok(looking) => looking,
                Err(refusal) => {
                    // A refusal must not rest on a stale copy either.
                    self.store.refresh_reference().await?;
                    if self.store.reference().version == reference.version {
                        return Err(refusal.into());
                    }
                    continue;
                }
            };
            looking.request = self.request(asked, caller.account, now);
            let petitioner = self.store.petitioner(petition.id).await?.ok_or_else(erased)?;
            match self.store.reveal(&looking).await? {
                Kept::Now | Kept::Before => return Ok(petitioner),
                Kept::Reused => return Err(Refusal::RequestReused.into()),
                Kept::Erased => return Err(erased().into()),
                Kept::Moved => self.store.refresh_reference().await?,
            }
        }
        Err(Error::Contended)
    }

    /// Puts on record that somebody was told of a name that it is the petitioner's: a look like any other, which the daily
    /// number counts. False where the petition or the directory has moved meanwhile: then it is to be decided again.
    ///
    /// # Errors
    /// When the store is away; then nothing may be told.
    pub(super) async fn keep_try(
        &self,
        petition: &Petition,
        actor: &Actor,
        reference: &Reference,
        rpc: &str,
    ) -> Result<bool> {
        let given = (self.clock.now(), reference, self.source.as_ref());
        let reason = format!("{rpc}: {NAMES_PETITIONER}");
        let looking = reveal::looking(petition, actor, reason, self.reveals_a_day, given)?;
        match self.store.reveal(&looking).await? {
            Kept::Moved => {
                self.store.refresh_reference().await?;
                Ok(false)
            }
            Kept::Now | Kept::Before | Kept::Reused | Kept::Erased => Ok(true),
        }
    }

    /// Looks at the identities of petitions that the caller oversees, newest first, and the token of the next page.
    ///
    /// # Errors
    /// `Forbidden` without the supervisor role.
    pub async fn reveals(
        &self,
        caller: &Caller,
        filter: &RevealFilter,
        page: &Page,
    ) -> Result<(Vec<KeptReveal>, String)> {
        caller.may("ListReveals", When::Always)?;
        let before = page.after.map(|place| (place.at, place.id, place.seq));
        let scope = caller.scope("ListReveals");
        let mut found = self.store.list_reveals(&scope, filter, before, page.limit()).await?;
        let next = page.cut(&mut found, |(reveal, ..)| Place { at: reveal.at, id: reveal.petition.0, seq: reveal.seq });
        let ids: Vec<TextId> = found.iter().map(|(reveal, ..)| reveal.reason.id).collect();
        let reasons = self.store.texts(ids).await?;
        let kept = found.into_iter().map(|(reveal, hash, code)| {
            let reason = reasons.get(&reveal.reason.id).map(|text| text.body.clone()).unwrap_or_default();
            (reveal, hash, code, reason)
        });
        Ok((kept.collect(), next))
    }

    /// The petition of a tracking code, for a supervisor's filter.
    ///
    /// # Errors
    /// `Absent`, also when the caller may not know that it exists.
    pub async fn petition_of_reveals(&self, caller: &Caller, code: &str) -> Result<PetitionId> {
        let found = self.store.petition(code).await?;
        let seen = found.filter(|petition| permission::sees(&caller.actor, petition, &caller.reference.units));
        seen.map(|petition| petition.id).ok_or(Error::Absent("petition"))
    }
}
