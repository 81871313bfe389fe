//! What a version of a calendar would move, page by page, before it is taken into use.

use std::collections::HashMap;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    App,
    calendar::{NONE, past_days},
    caller::Caller,
    error::{Error, Result},
    page::{Page, Place},
};
use crate::{
    domain::{
        ids::PetitionId,
        permission,
        petition::Petition,
        recount,
        reference::Reference,
        time::{Due, Instant},
        words::Clock,
    },
    store::OpenRound,
};

/// Something of an open round that a calendar would move.
#[derive(Debug, Clone)]
pub struct MovedRound {
    /// Tracking code; empty if the caller may not know that the petition exists.
    pub code: String,
    /// Which clock; none for the day of the reply that is asked for.
    pub clock: Option<Clock>,
    /// When it is due now.
    pub from: Due,
    /// When it would be.
    pub to: Due,
}

/// What a calendar would move.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The version in use now; `none` if there is none of its own.
    pub base: String,
    /// Open rounds looked at; this and the next three are counted for the first page alone.
    pub looked_at: i64,
    /// Rounds of which something would move.
    pub moved: i64,
    /// Of these, those of which the answer would be due earlier.
    pub earlier: i64,
    /// Of these, those of which the answer would be due later.
    pub later: i64,
    /// What would move, a page of it, by when the answer is due now.
    pub rounds: Vec<MovedRound>,
    /// The next page's token; empty on the last.
    pub next: String,
    /// Days of the past that it changes.
    pub past_days: Vec<NaiveDate>,
}

/// Bits of a page's end that say how many moves of its last round were shown; the versions in use stand before them.
const PLACE_BITS: u32 = 8;
/// Open rounds that one query of a preview reads.
const STRIDE: u64 = 5_000;

impl App {
    /// What a version would move, page by page. Changes nothing.
    ///
    /// # Errors
    /// `Absent`; `Forbidden` without the right to apply it; `Moved` for a page after another version was taken into use.
    pub async fn preview_calendar(&self, caller: &Caller, version: &str, page: &Page) -> Result<Preview> {
        self.store.refresh_reference().await?;
        let reference = self.store.reference();
        let (version, base) = self.candidate(caller, "PreviewCalendar", &reference, version)?;
        let in_use = fingerprint(&reference);
        if page.after.is_some_and(|place| place.seq >> PLACE_BITS != in_use) {
            return Err(Error::Moved("another version is in use meanwhile; preview again".to_owned()));
        }
        let mut tried = Reference::clone(&reference);
        tried.calendars = reference.calendars.using(&version.calendar.version);
        let base = base.map_or(NONE, |base| base.calendar.version.as_str()).to_owned();
        let past_days = past_days(&reference, &version, reference.zone.date(self.clock.now()));
        let mut preview = Preview { base, past_days, ..Preview::default() };
        let mut wanted = self.moves(&tried, page, &mut preview).await?;
        preview.next = page.cut(&mut wanted, |(at, id, n, _)| Place {
            at: *at,
            id: id.0,
            seq: in_use << PLACE_BITS | i64::try_from(*n).unwrap_or(0),
        });
        let seen = self.store.petitions_by_id(wanted.iter().map(|(_, id, ..)| *id).collect()).await?;
        let round = |(_, id, _, (clock, from, to)): (Instant, PetitionId, usize, Move)| {
            let found = seen.iter().find(|petition| petition.id == id);
            let visible = found.filter(|petition| permission::sees(&caller.actor, petition, &reference.units));
            let code = visible.map(|petition| petition.code.clone()).unwrap_or_default();
            MovedRound { code, clock, from, to }
        };
        preview.rounds = wanted.into_iter().map(round).collect();
        Ok(preview)
    }

    /// The moves of a page, with one more; the first page looks at all rounds and counts.
    async fn moves(
        &self,
        tried: &Reference,
        page: &Page,
        preview: &mut Preview,
    ) -> Result<Vec<(Instant, PetitionId, usize, Move)>> {
        let (now, most) = (self.clock.now(), usize::try_from(page.limit()).unwrap_or(usize::MAX));
        let mut wanted = Vec::new();
        // A page may end within a round: it is looked at once more. No id is the least of all.
        let mut after = page.after.map(|place| (place.at, before(place.id)));
        let shown = |id: PetitionId, n: usize| {
            let place = page.after.filter(|place| place.id == id.0);
            place.is_some_and(|place| i64::try_from(n).is_ok_and(|n| n <= place.seq & ((1 << PLACE_BITS) - 1)))
        };
        loop {
            let (rounds, last) = self.store.open_rounds(after, STRIDE).await?;
            if last.is_none() || page.after.is_some() && wanted.len() >= most {
                return Ok(wanted);
            }
            after = last;
            let asked = rounds.iter().filter(|round| round.reply_by.is_some_and(|at| now < at));
            let asked = self.store.petitions_by_id(asked.map(|round| round.id).collect()).await?;
            let asked: HashMap<PetitionId, &Petition> = asked.iter().map(|petition| (petition.id, petition)).collect();
            for round in rounds {
                let (id, at) = (round.id, round.answer_due);
                let moves = would_move(&round, asked.get(&id).copied(), tried, now);
                if page.after.is_none() {
                    preview.count(&moves);
                }
                for (n, one) in moves.into_iter().enumerate() {
                    if wanted.len() < most && !shown(id, n) {
                        wanted.push((at, id, n, one));
                    }
                }
            }
        }
    }
}

/// What of a round moves, from when to when; no clock for the day of the reply.
type Move = (Option<Clock>, Due, Due);

/// What the calendars would move of a round; a petition that is asked something is known whole.
fn would_move(round: &OpenRound, asked: Option<&Petition>, tried: &Reference, now: Instant) -> Vec<Move> {
    let reply = asked.and_then(|petition| recount::reply(petition, tried, now));
    let clocks = match asked {
        Some(petition) => recount::clocks(petition, reply, tried, now),
        None => round.clocks.recount(tried, (round.focal, round.holder), now),
    };
    let reply = asked.and_then(|petition| petition.reply_by).zip(reply).map(|(from, to)| (None, from, to));
    clocks.into_iter().map(|(clock, _, from, to)| (Some(clock), from, to)).chain(reply).collect()
}

impl Preview {
    fn count(&mut self, moves: &[Move]) {
        self.looked_at += 1;
        self.moved += i64::from(!moves.is_empty());
        for (clock, from, to) in moves {
            if *clock == Some(Clock::Answer) {
                self.earlier += i64::from(to.at < from.at);
                self.later += i64::from(to.at > from.at);
            }
        }
    }
}

/// The versions in use, in a number of 32 bits: a page that follows is of the same preview.
fn fingerprint(reference: &Reference) -> i64 {
    let in_use = reference.calendars.all().iter().filter(|version| version.active);
    let hash =
        in_use.fold(Sha256::new(), |hash, version| hash.chain_update(&version.calendar.version).chain_update([0]));
    let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
    i64::from(u32::from_be_bytes([a, b, c, d]))
}

/// The id just before another, in the order of both databases.
const fn before(id: Uuid) -> PetitionId {
    PetitionId(Uuid::from_u128(id.as_u128().saturating_sub(1)))
}
