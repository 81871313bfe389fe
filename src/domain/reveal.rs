//! Looking at a sealed identity: who may, and what is kept of it. Each look is an event on the petitioner's own chain, so
//! that looking disturbs nobody who works on the petition.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    account::Actor,
    change::Request,
    ids::{AccountId, PetitionId, Source, TextId, UnitId},
    ladder::{self, Notice},
    permission,
    petition::Petition,
    reference::Reference,
    refusal::Refusal,
    text::{Text, TextRef},
    time::Instant,
    words::TextKind,
};

/// A look, as the chain keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reveal {
    /// Of which petition.
    pub petition: PetitionId,
    /// Its number on the petitioner's chain, from 1.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who looked.
    pub account: AccountId,
    /// The unit that they stood in.
    pub unit: UnitId,
    /// Why.
    pub reason: TextRef,
}

/// How far the chain of looks at a petitioner has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looks {
    /// How many.
    pub count: i64,
    /// Hash of the last, hexadecimal; empty where nobody looked.
    pub head: String,
}

/// A look that is to be kept, before anything is shown.
#[derive(Debug, Clone)]
pub struct Looking {
    /// What the chain will keep; its number is drawn when it is written.
    pub reveal: Reveal,
    /// Version of the reference data, and number of the petition's last event, that it was decided upon.
    pub upon: (i64, i64),
    /// Tracking code.
    pub code: String,
    /// The reason.
    pub reason: Text,
    /// Who is told, if the account has looked at `a_day` identities or more since `today`.
    pub notices: Vec<Notice>,
    /// Local midnight.
    pub today: Instant,
    /// Identities that an account looks at in a day without anybody being told.
    pub a_day: u64,
    /// Guards against keeping it twice.
    pub request: Option<Request>,
}

/// Decides whether the actor may look. Supervisors are told where it is more than `a_day` in a local day.
///
/// # Errors
/// `NotFound` when the actor may not know that the petition exists, else `Forbidden`.
pub fn reveal(
    petition: &Petition,
    actor: &Actor,
    reason: String,
    a_day: u64,
    (now, reference, source): (Instant, &Reference, &dyn Source),
) -> Result<Looking, Refusal> {
    if !permission::sees(actor, petition, &reference.units) {
        return Err(Refusal::NotFound);
    }
    if !permission::may_see("RevealPetitioner", actor, petition, &reference.units) {
        return Err(permission::denied("RevealPetitioner"));
    }
    looking(petition, actor, reason, a_day, (now, reference, source))
}

/// A look by an actor who may, or who was told something of the petitioner otherwise.
///
/// # Errors
/// `NotFound` for who has no account.
pub fn looking(
    petition: &Petition,
    actor: &Actor,
    reason: String,
    a_day: u64,
    (now, reference, source): (Instant, &Reference, &dyn Source),
) -> Result<Looking, Refusal> {
    let (Some(account), Some(unit)) = (actor.who.account(), actor.unit()) else { return Err(Refusal::NotFound) };
    let text = Text::plain(TextId(source.id(now)), TextKind::Reason, source.random(), reason);
    Ok(Looking {
        reveal: Reveal { petition: petition.id, seq: 0, at: now, account, unit, reason: text.reference() },
        upon: (reference.version, petition.seq),
        code: petition.code.clone(),
        reason: text,
        notices: ladder::many_reveals(account, petition, now, reference, source),
        today: reference.zone.midnight(reference.zone.date(now)),
        a_day,
        request: None,
    })
}

/// What became of a look that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is on the chain.
    Now,
    /// Its request id has put it there just before.
    Before,
    /// Its request id was used for something else, or too long ago to be the same look.
    Reused,
    /// There is nobody any more.
    Erased,
    /// The petition or the reference data has moved since: decide again.
    Moved,
}

/// How long an answer that was lost may be asked for again as the same look.
pub const SAME_LOOK: TimeDelta = TimeDelta::minutes(10);
