//! Letters: what operators may ask.

use chrono::TimeDelta;

use super::{
    App,
    caller::Caller,
    error::{Error, Result, invalid},
    page::{Page, Place},
    perform::{Acting, Asked},
};
use crate::{
    domain::{
        command::Command,
        ids::{AccountId, LetterId, PetitionId},
        letters::LetterStatus,
        permission::{self, When},
        petition::Petition,
        refusal::rule,
        time::Instant,
        words::Medium,
    },
    store::{Attempt, LetterFilter, StoredLetter},
};

impl App {
    /// Letters with tracking codes, oldest first, and the token of the next page. Those of a petition that complains of
    /// the unit in which the operator stands are concealed; so for every verb here.
    ///
    /// # Errors
    /// `Forbidden` without the operator role over the whole tree; so for every verb here but for those of handing over.
    pub async fn letters(
        &self,
        caller: &Caller,
        filter: &LetterFilter,
        page: &Page,
    ) -> Result<(Vec<(StoredLetter, String)>, String)> {
        // Of one petition, whoever hands its letters over may list them; see `petition_of_letters`.
        if filter.petition.is_none() {
            caller.may("ListLetters", When::Always)?;
        }
        let after = page.after.map(|place| LetterId(place.id));
        let mut found = self.store.list_letters(filter, &caller.concealed(), after, page.limit()).await?;
        let next = page.cut(&mut found, |(letter, _)| Place { at: letter.ordered_at, id: letter.id.0, seq: 0 });
        Ok((found, next))
    }

    /// A letter with its tracking code and attempts.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn letter(&self, caller: &Caller, id: LetterId) -> Result<(StoredLetter, String, Vec<Attempt>)> {
        caller.may("GetLetter", When::Always)?;
        let (letter, attempts) = self.store.letter(id).await?.ok_or(Error::Absent("letter"))?;
        let code = match letter.petition {
            Some(petition) => {
                let petition = self.store.petitions_by_id(vec![petition]).await?.pop();
                let known = petition.filter(|petition| !caller.is_complained_of(petition));
                known.ok_or(Error::Absent("letter"))?.code
            }
            None => String::new(),
        };
        Ok((letter, code, attempts))
    }

    /// The petition of a tracking code, for the filter of somebody who may list its letters.
    ///
    /// # Errors
    /// `Absent`.
    pub async fn petition_of_letters(&self, caller: &Caller, code: &str) -> Result<PetitionId> {
        caller.heard("ListLetters")?;
        let units = &caller.reference.units;
        let seen = |petition: &Petition| permission::may_see("ListLetters", &caller.actor, petition, units);
        let petition = self.store.petition(code).await?.filter(seen);
        Ok(petition.ok_or(Error::Absent("petition"))?.id)
    }

    /// Has a letter tried again at once.
    ///
    /// # Errors
    /// A rule's refusal when it is settled or being sent.
    pub async fn retry_letter(&self, caller: &Caller, asked: &Asked, id: LetterId) -> Result<StoredLetter> {
        use LetterStatus as S;
        let letter = self.letter(caller, id).await?.0;
        if letter.medium != Medium::Email {
            let message = format!("the letter goes by {} and is sent by nobody", letter.medium);
            return Err(rule("LETTER_SETTLED", message).into());
        }
        let movable = [S::Pending, S::Rejected, S::Unknown, S::Abandoned];
        self.move_letter(caller, asked, id, &movable, Command::RetryLetter { letter: id }).await
    }

    /// Gives a letter up.
    ///
    /// # Errors
    /// As [`App::retry_letter`].
    pub async fn abandon_letter(
        &self,
        caller: &Caller,
        asked: &Asked,
        id: LetterId,
        reason: String,
    ) -> Result<StoredLetter> {
        use LetterStatus as S;
        let movable = [S::Pending, S::Rejected, S::Unknown, S::Handover];
        self.move_letter(caller, asked, id, &movable, Command::AbandonLetter { letter: id, reason }).await
    }

    /// Records that a letter on paper or by telephone was handed over: when, by whom, how. It is delivered then.
    ///
    /// # Errors
    /// `Absent` for whoever may not hand it over; an instant in the future or before it was ordered; a rule's refusal when
    /// it waits for no person.
    pub async fn record_handover(
        &self,
        caller: &Caller,
        asked: &Asked,
        id: LetterId,
        (at, by, how): (Option<Instant>, Option<AccountId>, String),
    ) -> Result<(StoredLetter, String)> {
        caller.heard(asked.rpc)?;
        let absent = || Error::Absent("letter");
        let (letter, _) = self.store.letter(id).await?.ok_or_else(absent)?;
        let petition = self.store.petitions_by_id(letter.petition.into_iter().collect()).await?.pop();
        let units = &caller.reference.units;
        let seen = |petition: &Petition| permission::may_see(asked.rpc, &caller.actor, petition, units);
        let petition = petition.filter(seen).ok_or_else(absent)?;
        let code = petition.code.clone();
        if self.submitted_before(caller.account, asked).await?.is_none() {
            let now = self.clock.now();
            let at = at.unwrap_or(now);
            if at > now {
                return Err(invalid("handed_over_at", "lies in the future"));
            }
            if at < letter.ordered_at {
                return Err(invalid("handed_over_at", "lies before the letter was ordered"));
            }
            // The petitioner's time to come back begins then, and is not to be over before anybody wrote it down.
            let limit = caller.reference.terms(&petition).back_dating_days;
            if at < now - TimeDelta::days(i64::from(limit)) {
                return Err(invalid("handed_over_at", format!("lies more than {limit} days back")));
            }
            if letter.status != LetterStatus::Handover {
                let message = format!("the letter is {} and waits for nobody to hand it over", letter.status);
                return Err(rule("LETTER_SETTLED", message).into());
            }
            let command = Command::RecordHandover { letter: id, at, by: by.unwrap_or(caller.account), how };
            self.perform(&code, Acting::Account(caller.account), asked, command).await?;
        }
        let (letter, _) = self.store.letter(id).await?.ok_or_else(absent)?;
        Ok((letter, code))
    }

    async fn move_letter(
        &self,
        caller: &Caller,
        asked: &Asked,
        id: LetterId,
        from: &[LetterStatus],
        command: Command,
    ) -> Result<StoredLetter> {
        let done = self.submitted_before(caller.account, asked).await?.is_some();
        if done || self.directed_before(caller, asked).await?.is_some() {
            return Ok(self.letter(caller, id).await?.0);
        }
        let (letter, code, _) = self.letter(caller, id).await?;
        if !from.contains(&letter.status) {
            let message = format!("the letter is {} and cannot be moved", letter.status);
            return Err(rule("LETTER_SETTLED", message).into());
        }
        if letter.leased_until.is_some_and(|until| until > self.clock.now()) {
            return Err(rule("LETTER_BEING_SENT", "the letter is being sent right now").into());
        }
        if letter.sending_since.is_some() {
            let message = "nobody has said yet how its sending went; it will stand as UNKNOWN in a moment";
            return Err(rule("LETTER_BEING_SENT", message).into());
        }
        if letter.petition.is_some() {
            self.perform(&code, Acting::Account(caller.account), asked, command).await?;
        } else {
            // A digest is about many petitions, and in no one's life.
            let status = if matches!(command, Command::RetryLetter { .. }) {
                LetterStatus::Pending
            } else {
                LetterStatus::Abandoned
            };
            let now = self.clock.now();
            let request = self.request(asked, caller.account, now);
            if !self.store.move_digest(id, status, now, request.as_ref()).await? {
                return Err(rule("LETTER_BEING_SENT", "the letter is being sent right now, or has gone out").into());
            }
        }
        Ok(self.letter(caller, id).await?.0)
    }

    /// Letters that wait for an operator, or have waited for an hour, by status.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stuck_letters(&self) -> Result<Vec<(LetterStatus, u64)>> {
        Ok(self.store.stuck_letters(self.clock.now() - TimeDelta::hours(1)).await?)
    }
}
