//! The public copy: a person writes it, a person publishes it, a person takes it off.

use super::{Context, Step};
use crate::domain::{
    change::{PublicCopy, PublicationMove},
    event::Event,
    fold::fold,
    ids::PublicationId,
    petition::Petition,
    petitioner::Petitioner,
    refusal::{NAMES_PETITIONER, Refusal, rule},
    text::{Redaction, json},
    words::{Publication, TextKind},
};

pub(super) fn save(petition: &Petition, redaction: &Redaction, context: &Context<'_>) -> Result<Step, Refusal> {
    if petition.publication == Publication::Published {
        return Err(rule("PUBLISHED", "take the public copy down before writing another"));
    }
    let text = context.text(TextKind::Public, json(redaction));
    let event = Event::RedactionSaved { text: text.reference(), revision: petition.redaction_revision + 1 };
    Ok(Step::new(event, petition.state).text([text]))
}

/// Publishes exactly the revision that the caller has read; `redaction` is its stored text. Who brought it is not named in
/// it without having agreed to that.
pub(super) fn publish(
    petition: &Petition,
    revision: i32,
    redaction: Redaction,
    petitioner: Option<&Petitioner>,
    context: &Context<'_>,
) -> Result<Step, Refusal> {
    if petition.publication == Publication::Published {
        return Err(rule("PUBLISHED", "the petition is published"));
    }
    if petition.redaction.is_none() || redaction.title.is_empty() {
        return Err(rule("NO_REDACTION", "nobody has written a public text yet"));
    }
    if revision != petition.redaction_revision {
        return Err(Refusal::StaleRevision { current: petition.redaction_revision, version: petition.version });
    }
    let whole = [&redaction.title, &redaction.question, &redaction.answer].map(String::as_str).join("\n");
    if petitioner.is_some_and(|petitioner| petitioner.is_named_in(&whole)) {
        let what = "the public text names who brought it, who has not agreed to have the name published";
        return Err(rule(NAMES_PETITIONER, what));
    }
    let (Some(answer), Some(outcome), Some(field)) = (petition.answer, petition.outcome, petition.field.clone()) else {
        return Err(rule("NO_ANSWER", "there is no answer to publish"));
    };
    let id = PublicationId(uuid::Builder::from_random_bytes(context.source.random()).into_uuid());
    let copy = PublicCopy {
        id,
        field,
        unit: context.reference.units.get(petition.holder).map_or_else(String::new, |unit| unit.name.clone()),
        folded: [&redaction.title, &redaction.question, &redaction.answer].map(|t| fold(t)).join(" "),
        title: redaction.title,
        question: redaction.question,
        answer: redaction.answer,
        outcome,
        answered_on: context.reference.zone.date(answer.at),
        published_at: context.now,
    };
    let mut step = Step::new(Event::Published { publication: id, revision }, petition.state);
    step.publication = Some(PublicationMove::Put { copy: Box::new(copy), replaces: petition.public_id });
    Ok(step)
}

pub(super) fn take_down(petition: &Petition, reason: String, context: &Context<'_>) -> Result<Step, Refusal> {
    let Some(publication) = petition.public_id else {
        return Err(rule("NOT_PUBLISHED", "nothing of it is public"));
    };
    let reason = context.text(TextKind::Reason, reason);
    let event = Event::TakenDown { publication, reason: reason.reference() };
    let mut step = Step::new(event, petition.state).text([reason]);
    step.publication = Some(PublicationMove::Remove(publication));
    Ok(step)
}
