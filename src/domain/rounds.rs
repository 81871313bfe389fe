//! Rounds that have ended: how their clocks stood at the end, from the events.

use super::{
    apply::{Unfit, apply},
    clocks::Clocks,
    event::Recorded,
    petition::Petition,
};

/// The clocks of a round as it left them, or as they stand; none if the petition was never in it.
///
/// # Errors
/// When the events do not make a petition.
pub fn clocks_of(round: i32, events: &[Recorded]) -> Result<Option<Clocks>, Unfit> {
    let mut petition: Option<Petition> = None;
    for recorded in events {
        let after = apply(petition.as_ref(), recorded)?;
        match petition {
            Some(before) if before.round == round && after.round != round => return Ok(Some(before.clocks)),
            _ => petition = Some(after),
        }
    }
    Ok(petition.filter(|petition| petition.round == round).map(|petition| petition.clocks))
}
