//! Custody: which unit had a petition, and from when to when. The intervals of a round follow one upon the other from its
//! beginning to its end.

use super::{
    apply::{Unfit, apply},
    event::Recorded,
    ids::UnitId,
    petition::Petition,
    time::Instant,
};

/// An interval during which one unit was the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custody {
    /// Which unit.
    pub unit: UnitId,
    /// In which round.
    pub round: i32,
    /// From when.
    pub since: Instant,
    /// Until when, exclusive; none while it lasts.
    pub until: Option<Instant>,
}

/// The intervals of a petition's life so far, from its events.
///
/// # Errors
/// When the events do not make a petition.
pub fn custody(events: &[Recorded]) -> Result<Vec<Custody>, Unfit> {
    let mut intervals: Vec<Custody> = Vec::new();
    let mut petition: Option<Petition> = None;
    for recorded in events {
        let after = apply(petition.as_ref(), recorded)?;
        let had = petition.as_ref().map(|before| (before.holder, before.round));
        if had != Some((after.holder, after.round)) {
            let since = if had.is_none() { after.round_at } else { recorded.at };
            if let Some(last) = intervals.last_mut() {
                last.until = last.until.or(Some(since));
            }
            intervals.push(Custody { unit: after.holder, round: after.round, since, until: None });
        }
        if let Some(last) = intervals.last_mut() {
            // An answer that is recalled has not ended the round after all.
            last.until = after.ended_at;
        }
        petition = Some(after);
    }
    Ok(intervals)
}
