//! Messages of PublicationService and PublicService.

use super::{casework::Read, parse::Faults, view::stamp, words::Numbered as _};
use crate::{
    app::Error,
    domain::{
        change::PublicCopy,
        command::Command,
        ids::PublicationId,
        reference::{Field, Reference},
        text::{Redaction, body, line},
    },
    pb,
};

pub(crate) fn save(r: &pb::SaveRedactionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "SaveRedaction", r);
    let none = pb::Redaction::default();
    if r.redaction.is_none() {
        f.note("redaction", "is required");
    }
    let given = r.redaction.as_ref().unwrap_or(&none);
    let redaction = Redaction {
        title: f.text("redaction.title", &given.title, line(5, 200)),
        question: f.text("redaction.question", &given.question, body(10, 20_000)),
        answer: f.text("redaction.answer", &given.answer, body(10, 50_000)),
    };
    f.or((code, asked, Command::SaveRedaction { redaction }))
}

pub(crate) fn publish(r: &pb::PublishPetitionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "PublishPetition", r);
    if r.revision < 1 {
        f.note("revision", "is required: the one that the caller has read");
    }
    // What was saved, and who brought it, is put in where it is decided.
    let publish = Command::Publish { revision: r.revision, redaction: Redaction::default(), petitioner: None };
    f.or((code, asked, publish))
}

pub(crate) fn take_down(r: &pb::TakeDownPublicationRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "TakeDownPublication", r);
    let reason = f.text("reason", &r.reason, body(1, 2_000));
    f.or((code, asked, Command::TakeDown { reason }))
}

pub(crate) fn redaction(redaction: Redaction) -> pb::Redaction {
    pb::Redaction { title: redaction.title, question: redaction.question, answer: redaction.answer }
}

pub(crate) fn search(r: &pb::SearchPublicationsRequest, reference: &Reference) -> Result<(String, String), Error> {
    let mut f = Faults::default();
    let text = f.sought_words("text", &r.text);
    let field = f.field("field", &r.field, reference).unwrap_or_default();
    f.or((text, field))
}

pub(crate) fn id(typed: &str) -> Result<PublicationId, Error> {
    let mut f = Faults::default();
    if typed.is_empty() {
        f.note("id", "is required");
    }
    let id = f.uuid("id", typed).map(PublicationId);
    f.or_some(id)
}

pub(crate) fn line_of(copy: &PublicCopy) -> pb::PublicationSummary {
    pb::PublicationSummary {
        id: copy.id.to_string(),
        title: copy.title.clone(),
        field: copy.field.clone(),
        unit: copy.unit.clone(),
        published_at: Some(stamp(copy.published_at)),
    }
}

pub(crate) fn publication(copy: PublicCopy) -> pb::GetPublicationResponse {
    pb::GetPublicationResponse {
        summary: Some(line_of(&copy)),
        question: copy.question,
        answer: copy.answer,
        outcome: copy.outcome.number(),
        answered_on: copy.answered_on.to_string(),
    }
}

pub(crate) fn field(field: Field) -> pb::Field {
    pb::Field {
        code: field.code,
        parent: field.parent,
        name: field.name,
        name_en: field.name_en,
        assigns_itself: field.assigns_itself,
    }
}
