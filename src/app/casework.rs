//! What units may look at.

use crate::{
    domain::{event::Recorded, ids::TextId, permission, petition::Petition, refusal::Refusal, words::State},
    store::{By, Dossier, Filter, StoredText},
};

use super::{
    App,
    caller::Caller,
    error::Result,
    page::{Page, Place},
};

/// A step with its texts, by id.
pub type StepWithTexts = (Recorded, Vec<u8>, std::collections::HashMap<TextId, StoredText>);

impl App {
    /// One petition, if the caller may know that it exists.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn petition(&self, caller: &Caller, code: &str) -> Result<Dossier> {
        let dossier = self.store.dossier(code).await?;
        dossier
            .filter(|dossier| permission::sees(&caller.actor, &dossier.petition, &caller.reference.units))
            .ok_or_else(|| Refusal::NotFound.into())
    }

    /// A page of petitions with titles, and the token of the next.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &Filter,
        by: By,
        page: &Page,
    ) -> Result<(Vec<(Petition, String)>, String)> {
        let after = page.after.map(|place| (place.at, crate::domain::ids::PetitionId(place.id)));
        let mut found = self.store.list(&caller.scope("ListPetitions"), filter, by, after, page.limit()).await?;
        let next = page.cut(&mut found, |(petition, _)| {
            let (at, id) = by.key(petition);
            Place { at, id: id.0, seq: 0 }
        });
        Ok((found, next))
    }

    /// How many petitions the same filter lists, by state.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count(&self, caller: &Caller, filter: &Filter) -> Result<Vec<(State, i64)>> {
        Ok(self.store.count(&caller.scope("CountPetitions"), filter).await?)
    }

    /// A page of a petition's steps with their texts, oldest first, and the token of the next.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn events(&self, caller: &Caller, code: &str, page: &Page) -> Result<(Vec<StepWithTexts>, String)> {
        let petition = self.store.petition(code).await?;
        let petition = petition
            .filter(|petition| {
                permission::may_see("ListPetitionEvents", &caller.actor, petition, &caller.reference.units)
            })
            .ok_or(Refusal::NotFound)?;
        let after = page.after.map_or(0, |place| place.seq);
        let mut events = self.store.events(petition.id, after, page.limit()).await?;
        let next =
            page.cut(&mut events, |(recorded, _)| Place { at: recorded.at, id: petition.id.0, seq: recorded.seq });
        let named = |recorded: &Recorded| recorded.event.texts().iter().map(|text| text.id).collect::<Vec<_>>();
        let mut texts = self.store.texts(events.iter().flat_map(|(recorded, _)| named(recorded)).collect()).await?;
        let steps = events.into_iter().map(|(recorded, hash)| {
            let own = named(&recorded).into_iter().filter_map(|id| texts.remove(&id).map(|text| (id, text))).collect();
            (recorded, hash, own)
        });
        Ok((steps.collect(), next))
    }
}
