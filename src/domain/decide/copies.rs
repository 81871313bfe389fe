//! What the unit complained of is given of the case, and what it says to that.

use super::{Context, Step};
use crate::domain::{
    code,
    event::Event,
    ids::CopyId,
    petition::Petition,
    petitioner::Petitioner,
    refusal::{NAMES_PETITIONER, Refusal, rule},
    words::TextKind,
};

/// Copies of a petition, and statements to a copy, at the most.
const MOST: usize = 20;

/// Shares a copy that a person wrote: it names neither who brought it, whatever they agreed to, nor the petition.
pub(super) fn share(
    petition: &Petition,
    text: String,
    petitioner: Option<&Petitioner>,
    context: &Context<'_>,
) -> Result<Step, Refusal> {
    let Some(unit) = petition.accused() else {
        return Err(rule("NOT_CONDUCT", "nobody's conduct is complained of"));
    };
    if context.reference.units.is_closed(unit) {
        return Err(rule("UNIT_CLOSED", "the unit complained of is dissolved, and its successor not there yet"));
    }
    if petition.copies.len() >= MOST {
        return Err(rule("TOO_MANY_COPIES", format!("{MOST} copies of it have been shared")));
    }
    if petitioner.is_some_and(|petitioner| petitioner.is_told_in(&text)) {
        return Err(rule(NAMES_PETITIONER, "the copy names who brought it"));
    }
    if code::is_told_in(&petition.code, &text) {
        return Err(rule("NAMES_PETITION", "the copy names the tracking code"));
    }
    let text = context.text(TextKind::Copy, text);
    let event = Event::CopyShared {
        copy: CopyId(uuid::Builder::from_random_bytes(context.source.random()).into_uuid()),
        unit,
        text: text.reference(),
        shared_on: context.reference.zone.date(context.now),
    };
    Ok(Step::new(event, petition.state).text([text]))
}

/// What the unit says. It is told nothing of where the case stands but that it takes no more.
pub(super) fn state(petition: &Petition, copy: CopyId, text: String, context: &Context<'_>) -> Result<Step, Refusal> {
    let shared = petition.copies.iter().find(|shared| shared.id == copy).ok_or(Refusal::NotFound)?;
    if shared.closed {
        return Err(rule("CASE_ENDED", "the copy takes no more statements"));
    }
    if shared.statements.len() >= MOST {
        return Err(rule("TOO_MANY_STATEMENTS", format!("{MOST} statements have been submitted to it")));
    }
    let text = context.text(TextKind::Statement, text);
    let submitted_on = context.reference.zone.date(context.now);
    let event = Event::StatementSubmitted { copy, text: text.reference(), submitted_on };
    Ok(Step::new(event, petition.state).text([text]))
}
