//! Views that several services show.

use super::words::{Numbered as _, number};
use crate::{
    app::StoredText,
    domain::{
        account::ActorRef,
        change::Outcome,
        event::Recorded,
        ids::TextId,
        petition::{Petition, Register},
        reference::Reference,
        text::{Ending, Redaction, Submission, hex},
        time::{Due, Instant},
        words::TextKind,
    },
    pb,
};

/// An instant.
pub(crate) fn stamp(instant: Instant) -> prost_types::Timestamp {
    let nanos = i32::try_from(instant.timestamp_subsec_nanos()).unwrap_or(0);
    prost_types::Timestamp { seconds: instant.timestamp(), nanos }
}

/// A due date.
pub(crate) fn due(due: &Due) -> pb::Due {
    pb::Due { date: due.date.to_string(), at: Some(stamp(due.at)), provisional: due.provisional }
}

/// A register number as people say it.
pub(crate) fn register(register: Option<Register>, reference: &Reference) -> String {
    register.map_or_else(String::new, |register| {
        format!("{}/{}/{}", register.number, register.year, reference.units.code(register.unit))
    })
}

/// What became of a command.
pub(crate) fn outcome(outcome: &Outcome, reference: &Reference) -> pb::Outcome {
    let recorded = &outcome.recorded;
    pb::Outcome {
        code: outcome.code.clone(),
        state: recorded.state.number(),
        version: recorded.version,
        seq: recorded.seq,
        happened_at: Some(stamp(recorded.at)),
        answer_due: Some(due(&recorded.answer_due)),
        register_number: register(outcome.register, reference),
    }
}

/// One line of a list.
pub(crate) fn summary(petition: &Petition, title: &str, reference: &Reference, now: Instant) -> pb::PetitionSummary {
    pb::PetitionSummary {
        code: petition.code.clone(),
        title: title.to_owned(),
        state: petition.state.number(),
        kind: petition.kind.number(),
        subject_class: number(petition.class),
        field: petition.field.clone().unwrap_or_default(),
        channel: petition.channel.number(),
        priority: petition.priority.number(),
        holder: reference.units.code(petition.holder).to_owned(),
        handler: petition.handler.map_or("", |handler| reference.login(handler)).to_owned(),
        received_at: Some(stamp(petition.received_at)),
        answer_due: Some(due(&petition.answer_due)),
        overdue: petition.overdue(now),
        register_number: register(petition.register, reference),
        version: petition.version,
        verdict: number(petition.verdict),
        publication: petition.publication.number(),
        routing: number(petition.routed.as_ref().map(|routed| routed.how)),
        data_request: data_request(petition),
    }
}

/// What a request of a data subject is about; nothing that the petition says.
pub(crate) fn data_request(petition: &Petition) -> Option<pb::DataRequest> {
    let about = petition.about.as_ref()?;
    Some(pb::DataRequest { about: about.code.clone(), right: about.right.number() })
}

/// The account through which the petitioner took a step; empty where somebody else did.
fn through<'r>(recorded: &Recorded, reference: &'r Reference) -> &'r str {
    match recorded.actor {
        ActorRef::Petitioner { portal } => reference.login(portal),
        _ => "",
    }
}

/// Who took a step, and the code of the unit in which, if any.
pub(crate) fn actor(recorded: &Recorded, reference: &Reference) -> (String, String) {
    let (actor, unit) = match recorded.actor {
        ActorRef::Account { account, unit } => (reference.login(account), reference.units.code(unit)),
        ActorRef::Petitioner { .. } => ("petitioner", ""),
        ActorRef::System => ("system", ""),
    };
    (actor.to_owned(), unit.to_owned())
}

/// A step of a petition's life.
pub(crate) fn event(
    recorded: &Recorded,
    hash: &[u8],
    texts: Option<&std::collections::HashMap<TextId, StoredText>>,
    reference: &Reference,
) -> pb::Event {
    let (actor, unit) = actor(recorded, reference);
    let shown = |text: &crate::domain::text::TextRef, texts: &std::collections::HashMap<TextId, StoredText>| {
        let found = texts.get(&text.id);
        pb::EventText {
            kind: text.kind.as_str().to_owned(),
            body: found.map(prose).unwrap_or_default(),
            erased: found.is_none(),
        }
    };
    pb::Event {
        seq: recorded.seq,
        kind: recorded.event.name().to_owned(),
        happened_at: Some(stamp(recorded.at)),
        actor,
        unit,
        state: recorded.state.number(),
        version: recorded.version,
        facts_json: crate::domain::text::json(&recorded.event),
        texts: texts
            .map_or_else(Vec::new, |texts| recorded.event.texts().into_iter().map(|text| shown(text, texts)).collect()),
        hash: hex(hash),
        through: through(recorded, reference).to_owned(),
    }
}

/// A stored text as a person reads it.
fn prose(text: &StoredText) -> String {
    let parts = match text.kind {
        TextKind::Submission => {
            let submission = Submission::read(&text.title, &text.body);
            vec![submission.title, submission.content, submission.proposal]
        }
        TextKind::Refusal | TextKind::Transfer => {
            let ending = Ending::read(&text.body);
            vec![ending.text, ending.redirect, ending.body, ending.address, ending.reference]
        }
        TextKind::Public => {
            let redaction = Redaction::read(&text.body);
            vec![redaction.title, redaction.question, redaction.answer]
        }
        _ => vec![text.body.clone()],
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}
