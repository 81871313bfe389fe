//! Letters on their way out: what the mail worker claims, opens, sends and settles.

use std::collections::HashMap;

use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

use super::{App, error::Result};
use crate::{
    domain::{
        code,
        event::Event,
        ids::{AccountId, LetterId, PetitionId},
        ladder,
        letters::{LetterKind, LetterStatus, Recipient},
        petition::Petition,
        text::{Ending, Submission},
        time::Instant,
        watch,
        words::{Language, TextKind},
    },
    store::{Address, Marked, Settlement, StoredLetter, StoredNotice, StoredText},
};

/// A letter leased by this worker.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The letter.
    pub letter: StoredLetter,
    /// Names the lease.
    pub owner: Uuid,
}

/// What to do with a claimed letter.
#[derive(Debug)]
pub enum ToSend {
    /// Send it.
    Ready(Box<Letter>),
    /// There is nobody to send it to: erased, or without an address.
    NoAddress,
    /// Somebody began to send it and never said how it went.
    Broken,
    /// What it would say does not stand any more, or is no longer for the recipient to know.
    Moot,
}

/// What came of beginning to send a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Send it.
    Send,
    /// The lease is lost: leave it alone.
    Lost,
    /// The address has had its letters of the day; try then.
    Later(Instant),
}

/// Everything that a letter says, and to whom.
#[derive(Clone)]
pub struct Letter {
    /// The letter.
    pub id: LetterId,
    /// Its template.
    pub kind: LetterKind,
    /// Its language.
    pub language: Language,
    /// Tracking code.
    pub code: String,
    /// Name of the recipient; may be empty.
    pub name: String,
    /// Where to.
    pub email: String,
    /// Texts as (kind, title, body).
    pub texts: Vec<(String, String, String)>,
    /// What a person is told.
    pub notices: Vec<StoredNotice>,
    /// Facts by name.
    pub facts: Value,
    /// Earlier letters of the petition to the same recipient, oldest first.
    pub thread: Vec<LetterId>,
    /// When it was ordered.
    pub ordered_at: Instant,
    /// Keyed hash of the address.
    pub address_hash: [u8; 32],
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Why a letter is given up unsent.
const MOOT: &str = "not sent: what it says does not stand any more";
/// Steps of a petition that are looked at.
const EVENTS: u64 = 10_000;

impl App {
    /// Leases letters that are due, longest first. One whose turn comes after its lease ended is left to others.
    ///
    /// # Errors
    /// When the store fails; so for all that follows.
    pub async fn claim_letters(&self, lease: TimeDelta, limit: u64) -> Result<Vec<Claimed>> {
        let now = self.clock.now();
        let owner = self.source.id(now);
        let letters = self.store.claim_letters(owner, now, now + lease, limit).await?;
        Ok(letters.into_iter().map(|letter| Claimed { letter, owner }).collect())
    }

    /// Loads what a claimed letter says and to whom.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_letter(&self, claimed: &Claimed) -> Result<ToSend> {
        let letter = &claimed.letter;
        if letter.sending_since.is_some() {
            return Ok(ToSend::Broken);
        }
        if let Some(account) = letter.account {
            return self.open_notices(letter, account).await;
        }
        let Some(id) = letter.petition else { return Ok(ToSend::NoAddress) };
        let Some(code) = self.store.code(id).await? else { return Ok(ToSend::NoAddress) };
        let Some(petition) = self.store.petition(&code).await? else { return Ok(ToSend::NoAddress) };
        if letter.kind == LetterKind::Answer && self.was_recalled(&petition, letter.ordered_at).await? {
            return Ok(ToSend::Moot);
        }
        if letter.kind == LetterKind::Copy && !self.still_accuses(&petition, letter).await? {
            return Ok(ToSend::Moot);
        }
        let texts = self.store.texts(letter.texts.clone()).await?;
        let ending = texts.values().find(|text| matches!(text.kind, TextKind::Refusal | TextKind::Transfer));
        let ending = ending.map(|text| Ending::read(&text.body)).unwrap_or_default();
        let Some((name, email)) = self.recipient(&petition, letter, &ending).await? else {
            return Ok(ToSend::NoAddress);
        };
        let address_hash = self.address_hash(&email);
        let thread = self.store.letters_of(petition.id).await?;
        // From a letter to those complained of nothing leads to the petition.
        let apart = letter.kind == LetterKind::Copy;
        let earlier = |other: &&StoredLetter| {
            !apart
                && other.kind != LetterKind::Copy
                && other.recipient == letter.recipient
                && other.id < letter.id
                && other.status == LetterStatus::Accepted
        };
        Ok(ToSend::Ready(Box::new(Letter {
            id: letter.id,
            kind: letter.kind,
            // The language is the petitioner's; units and bodies read Vietnamese.
            language: match letter.recipient {
                Recipient::Petitioner => petition.language,
                Recipient::Unit | Recipient::Body | Recipient::Account => Language::Vi,
            },
            code: if apart { String::new() } else { code },
            name,
            email,
            texts: letter.texts.iter().filter_map(|id| texts.get(id)).map(|text| carried(letter.kind, text)).collect(),
            notices: Vec::new(),
            facts: with_ending(letter.facts.clone(), &ending),
            thread: thread.iter().filter(earlier).map(|other| other.id).collect(),
            ordered_at: letter.ordered_at,
            address_hash,
        })))
    }

    /// Whether the unit that a letter is to is the one complained of, or stands in its place, and may say something still.
    async fn still_accuses(&self, petition: &Petition, letter: &StoredLetter) -> Result<bool> {
        self.refresh().await?;
        let units = &self.store.reference().units;
        let told = letter.facts.get("unit_code").and_then(Value::as_str).and_then(|code| units.by_code(code));
        let accused = told.zip(petition.accused());
        let theirs = accused.is_some_and(|(told, accused)| units.heir(told.id) == units.heir(accused));
        Ok(theirs && petition.copies.iter().any(|copy| !copy.closed))
    }

    /// Whether the answer that was given at an instant has been taken back. One of an earlier round stands, unless it was
    /// taken back in that round.
    async fn was_recalled(&self, petition: &Petition, answered_at: Instant) -> Result<bool> {
        if petition.answer.is_some_and(|answer| answer.at == answered_at) {
            return Ok(false);
        }
        let events = self.store.events(petition.id, 0, EVENTS).await?;
        let after = events
            .iter()
            .map(|(recorded, _)| recorded)
            .skip_while(|recorded| recorded.at < answered_at || !matches!(recorded.event, Event::Answered { .. }));
        let mut next = after.skip(1).filter_map(|recorded| match recorded.event {
            Event::AnswerRecalled { .. } => Some(true),
            Event::Reopened { .. } | Event::Answered { .. } => Some(false),
            _ => None,
        });
        Ok(next.next().unwrap_or(false))
    }

    /// What a letter to a person says: what still stands, of petitions that the person may still know of. Staff read
    /// Vietnamese.
    async fn open_notices(&self, letter: &StoredLetter, account: AccountId) -> Result<ToSend> {
        self.store.refresh_reference().await?;
        let reference = self.store.reference();
        let Some(person) = reference.accounts.get(&account) else { return Ok(ToSend::NoAddress) };
        let email = person.email.clone();
        if email.is_empty() {
            return Ok(ToSend::NoAddress);
        }
        let mut notices = self.store.notices_of(letter.id).await?;
        let petitions = self.store.petitions_by_id(notices.iter().map(|notice| notice.petition).collect()).await?;
        let petitions: HashMap<PetitionId, Petition> = petitions.into_iter().map(|one| (one.id, one)).collect();
        notices.retain(|notice| {
            petitions.get(&notice.petition).is_some_and(|petition| {
                watch::stands(petition, notice.level)
                    && ladder::may_know(account, petition, (&reference, self.clock.now()))
            })
        });
        if notices.is_empty() {
            return Ok(ToSend::Moot);
        }
        let address_hash = self.address_hash(&email);
        let code = match letter.petition {
            Some(petition) => self.store.code(petition).await?.unwrap_or_default(),
            None => String::new(),
        };
        Ok(ToSend::Ready(Box::new(Letter {
            id: letter.id,
            kind: letter.kind,
            language: Language::Vi,
            code,
            name: person.name.clone(),
            address_hash,
            email,
            texts: Vec::new(),
            notices,
            facts: letter.facts.clone(),
            thread: Vec::new(),
            ordered_at: letter.ordered_at,
        })))
    }

    async fn recipient(
        &self,
        petition: &Petition,
        letter: &StoredLetter,
        ending: &Ending,
    ) -> Result<Option<(String, String)>> {
        let found = match letter.recipient {
            Recipient::Petitioner => {
                let petitioner = self.store.petitioner(petition.id).await?;
                petitioner.map(|petitioner| (petitioner.name, petitioner.email))
            }
            // Opened by `open_notices`.
            Recipient::Account => None,
            Recipient::Body => Some((ending.body.clone(), ending.email.clone())),
            Recipient::Unit => {
                // The unit that it was ordered for, whoever holds the petition by now.
                let reference = self.store.reference();
                let code = letter.facts.get("unit_code").and_then(Value::as_str).unwrap_or_default();
                reference.units.by_code(code).map(|unit| (unit.name.clone(), unit.mailbox.clone()))
            }
        };
        Ok(found.filter(|(_, email)| !email.is_empty()))
    }

    /// A salted hash of what was sent, by which a letter that somebody shows is known again. Keyed: the address in it may
    /// be all that cannot be read elsewhere.
    pub fn mark_of(&self, salt: &[u8], sent: &[u8]) -> [u8; 32] {
        code::keyed(&self.secret, &[b"letter", salt, sent])
    }

    fn address_hash(&self, email: &str) -> [u8; 32] {
        code::keyed(&self.secret, &[b"address", email.to_lowercase().as_bytes()])
    }

    /// Marks a letter as being sent, under a lease that outlasts the sending. An address gets `a_day` letters in 24 hours
    /// at the most, beside the digest, which is one a day in any case. A unit's mailbox is told of all that it is given.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin_sending(
        &self,
        claimed: &Claimed,
        letter: &Letter,
        lease: TimeDelta,
        a_day: u64,
    ) -> Result<Begun> {
        let now = self.clock.now();
        let bounded = letter.kind != LetterKind::Digest && claimed.letter.recipient != Recipient::Unit;
        let most = bounded.then_some((now - TimeDelta::days(1), a_day));
        let to = Address { hash: letter.address_hash, most };
        let marked = self.store.mark_sending(claimed.letter.id, claimed.owner, (now, now + lease), &to).await?;
        Ok(match marked {
            Marked::Sending => Begun::Send,
            Marked::Lost => Begun::Lost,
            Marked::Full => Begun::Later(now + TimeDelta::hours(6)),
        })
    }

    /// Gives a claimed letter back until an instant, unsent.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_off_letter(&self, claimed: &Claimed, until: Instant) -> Result<()> {
        Ok(self.store.put_off_letter(claimed.letter.id, claimed.owner, until).await?)
    }

    /// Gives up a claimed letter that has nothing to say any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_letter(&self, claimed: &Claimed) -> Result<()> {
        Ok(self.store.drop_letter(claimed.letter.id, claimed.owner, self.clock.now(), MOOT).await?)
    }

    /// Records an attempt and what the letter came to. False when the lease is lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle_letter(&self, claimed: &Claimed, settlement: &Settlement) -> Result<bool> {
        Ok(self.store.settle_letter(claimed.letter.id, claimed.owner, settlement).await?)
    }
}

/// A text as a letter carries it. The approved draft is the answer; structured texts give their prose.
fn carried(letter: LetterKind, text: &StoredText) -> (String, String, String) {
    let kind = match text.kind {
        TextKind::Draft if letter == LetterKind::Answer => "ANSWER",
        kind => kind.as_str(),
    };
    let (title, body) = match text.kind {
        TextKind::Submission => {
            let submission = Submission::read(&text.title, &text.body);
            let proposal = Some(submission.proposal).filter(|proposal| !proposal.is_empty());
            (
                submission.title,
                [Some(submission.content), proposal].into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
            )
        }
        TextKind::Refusal | TextKind::Transfer => (String::new(), Ending::read(&text.body).text),
        _ => (String::new(), text.body.clone()),
    };
    (kind.to_owned(), title, body)
}

fn with_ending(mut facts: Value, ending: &Ending) -> Value {
    if let Some(facts) = facts.as_object_mut() {
        let more = [
            ("redirect", &ending.redirect),
            ("body", &ending.body),
            ("address", &ending.address),
            ("reference", &ending.reference),
        ];
        facts.extend(
            more.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), Value::from(v.as_str()))),
        );
    }
    facts
}
