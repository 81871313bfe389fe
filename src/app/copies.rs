//! What the unit complained of may see of a case: the copies that it was given, and its own statements.

use std::collections::HashMap;

use chrono::NaiveTime;

use super::{
    App,
    caller::Caller,
    error::{Error, Result},
    page::{Page, Place},
    perform::{Acting, Asked},
};
use crate::{
    domain::{
        command::Command,
        copies::SharedCopy,
        ids::{CopyId, PetitionId, TextId},
        permission::{self, When},
        petition::Petition,
        refusal::Refusal,
    },
    store::StoredText,
};

/// A copy as the unit sees it.
#[derive(Debug, Clone)]
pub struct OpenCopy {
    /// The copy.
    pub copy: SharedCopy,
    /// Its texts by id.
    pub texts: HashMap<TextId, StoredText>,
}

impl App {
    /// Copies that units were given whose staff the caller is, newest first, and the token of the next page.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn redacted_copies(&self, caller: &Caller, page: &Page) -> Result<(Vec<OpenCopy>, String)> {
        const RPC: &str = "ListRedactedCopies";
        caller.may(RPC, When::Always)?;
        let units = permission::answers_for(RPC, &caller.actor, &caller.reference.units);
        let before = page.after.map(|place| (place.at.date_naive(), CopyId(place.id)));
        let mut found = self.store.copies(&units, before, page.limit()).await?;
        let petitions = self.store.petitions_by_id(found.iter().map(|(_, petition)| *petition).collect()).await?;
        let petitions: HashMap<PetitionId, Petition> = petitions.into_iter().map(|one| (one.id, one)).collect();
        let shared = |(copy, petition): &(CopyId, PetitionId)| {
            let petition = petitions.get(petition)?;
            petition.copies.iter().find(|shared| shared.id == *copy).map(|copy| (petition, copy))
        };
        let day = |one: &(CopyId, PetitionId)| shared(one).map(|(_, copy)| copy.shared_on).unwrap_or_default();
        // A page tells the day, and nothing that is finer.
        let next =
            page.cut(&mut found, |one| Place { at: day(one).and_time(NaiveTime::MIN).and_utc(), id: one.0.0, seq: 0 });
        let (actor, units) = (&caller.actor, &caller.reference.units);
        let theirs = |(petition, copy): &(&Petition, &SharedCopy)| {
            permission::may_read_copy(RPC, copy.id, actor, petition, units)
        };
        let copies: Vec<&SharedCopy> = found.iter().filter_map(shared).filter(theirs).map(|(_, copy)| copy).collect();
        let mut texts = self.store.texts(copies.iter().flat_map(|copy| copy.texts()).collect()).await?;
        let copies = copies.into_iter().map(|copy| {
            let texts = copy.texts().filter_map(|id| texts.remove(&id).map(|text| (id, text))).collect();
            OpenCopy { copy: copy.clone(), texts }
        });
        Ok((copies.collect(), next))
    }

    /// One copy.
    ///
    /// # Errors
    /// `Absent`, also for those whom it was not given to.
    pub async fn redacted_copy(&self, caller: &Caller, rpc: &str, id: CopyId) -> Result<OpenCopy> {
        let absent = || Error::Absent("copy");
        let petition = self.petition_of_copy(id).await?.ok_or_else(absent)?;
        if !permission::may_read_copy(rpc, id, &caller.actor, &petition, &caller.reference.units) {
            return Err(absent());
        }
        let copy = petition.copies.iter().find(|shared| shared.id == id).cloned().ok_or_else(absent)?;
        let texts = self.store.texts(copy.texts().collect()).await?;
        Ok(OpenCopy { copy, texts })
    }

    /// Says something to a copy, for the unit complained of; gives the copy as it is then.
    ///
    /// # Errors
    /// `Absent`; a rule's refusal when the case takes no more.
    pub async fn submit_statement(&self, caller: &Caller, asked: &Asked, id: CopyId, text: String) -> Result<OpenCopy> {
        self.redacted_copy(caller, asked.rpc, id).await?;
        let petition = self.petition_of_copy(id).await?.ok_or(Error::Absent("copy"))?;
        let command = Command::SubmitStatement { copy: id, text };
        match self.perform(&petition.code, Acting::Account(caller.account), asked, command).await {
            Ok(_) => self.redacted_copy(caller, asked.rpc, id).await,
            // Of a petition nobody has heard here.
            Err(Error::Refused(Refusal::NotFound)) => Err(Error::Absent("copy")),
            Err(error) => Err(error),
        }
    }

    async fn petition_of_copy(&self, id: CopyId) -> Result<Option<Petition>> {
        let Some(petition) = self.store.petition_of_copy(id).await? else { return Ok(None) };
        Ok(self.store.petitions_by_id(vec![petition]).await?.into_iter().next())
    }
}
