//! Messages of CaseworkService.

use super::{
    parse::Faults,
    view::{due, stamp, summary},
    words::{Numbered as _, number},
};
use crate::{
    app::{Asked, By, Caller, Dossier, Error, Filter},
    domain::{
        command::{Accept, Command, Reclassify},
        decide::faults,
        event::Assignment,
        petition::Petition,
        reference::Reference,
        refusal::Fault,
        text::{Ending, Submission, body, line},
        time::Instant,
        words::{Capacity, Clock, Kind, OutcomeKind, Priority, RefusalReason, State, SubjectClass},
    },
    pb,
};

/// Which petition, how it was asked for, and what.
pub(crate) type Read = Result<(String, Asked, Command), Error>;

pub(crate) fn request_information(r: &pb::RequestInformationRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "RequestInformation", r);
    let question = f.text("question", &r.question, body(1, 5_000));
    let days = f.amount("reply_days", r.reply_days, Some(0), (1, 60));
    f.or((code, asked, Command::RequestInformation { question, reply_days: (days > 0).then_some(days) }))
}

pub(crate) fn accept(r: &pb::AcceptPetitionRequest, reference: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "AcceptPetition", r);
    let accept = Accept {
        kind: f.optional("kind", r.kind),
        class: f.optional("subject_class", r.subject_class),
        field: f.field("field", &r.field, reference),
        priority: f.optional("priority", r.priority).unwrap_or(Priority::Normal),
        priority_reason: f.optional_text("priority_reason", &r.priority_reason, body(0, 2_000)),
        concerned: f.unit("concerned_unit", &r.concerned_unit, reference),
        assignment: r.assignment.as_ref().and_then(|given| assignment(&mut f, given, reference)),
        written: None,
        requests: Vec::new(),
    };
    matter(&mut f, (accept.priority, accept.priority_reason.is_some()), (accept.class, accept.concerned.is_some()));
    if let Some(given) = &accept.assignment {
        let accused = faults::accused(accept.class, accept.concerned);
        f.among(&["assignment", "concerned_unit"], faults::assignment(given, accused, (reference, None)));
    }
    f.or((code, asked, Command::Accept(Box::new(accept))))
}

/// What is at fault in it by the petition.
pub(crate) fn accept_amiss(r: &pb::AcceptPetitionRequest, petition: &Petition, _: &Reference) -> Vec<Fault> {
    let named = [
        ("subject_class", r.subject_class != 0),
        ("field", !r.field.is_empty()),
        ("concerned_unit", !r.concerned_unit.is_empty()),
    ];
    let mut amiss = faults::kind(Kind::of(r.kind).flatten(), named, petition);
    amiss.extend(faults::unnamed(r.subject_class != 0, !r.field.is_empty(), petition));
    let class = petition.class.filter(|_| r.subject_class == 0);
    amiss.extend(class.and_then(|class| faults::concerned(class, !r.concerned_unit.is_empty())));
    amiss
}

pub(crate) fn reclassify(r: &pb::ReclassifyPetitionRequest, reference: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ReclassifyPetition", r);
    let reclassify = Reclassify {
        kind: f.optional("kind", r.kind),
        class: f.optional("subject_class", r.subject_class),
        field: f.field("field", &r.field, reference),
        priority: f.optional("priority", r.priority).unwrap_or(Priority::Normal),
        priority_reason: f.optional_text("priority_reason", &r.priority_reason, body(0, 2_000)),
        concerned: f.unit("concerned_unit", &r.concerned_unit, reference),
        reason: f.text("reason", &r.reason, body(1, 2_000)),
        requests: Vec::new(),
    };
    let (priority, class) = (reclassify.priority, reclassify.class);
    matter(&mut f, (priority, reclassify.priority_reason.is_some()), (class, reclassify.concerned.is_some()));
    f.or((code, asked, Command::Reclassify(Box::new(reclassify))))
}

/// What contradicts itself in what is said of a petition. A class that is left out is the petition's: the domain knows.
fn matter(f: &mut Faults, priority: (Priority, bool), class: (Option<SubjectClass>, bool)) {
    f.among(&["priority"], faults::priority(priority.0, priority.1));
    let concerned = class.0.and_then(|named| faults::concerned(named, class.1));
    f.among(&["subject_class", "concerned_unit"], concerned);
}

pub(crate) fn post_progress(r: &pb::PostProgressRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "PostProgress", r);
    let text = f.text("text", &r.text, body(1, 5_000));
    f.or((code, asked, Command::PostProgress { text }))
}

fn assignment(f: &mut Faults, given: &pb::Assignment, reference: &Reference) -> Option<Assignment> {
    let unit = f.unit("assignment.unit", &given.unit, reference);
    if given.unit.is_empty() {
        f.note("assignment.unit", "is required");
    }
    if given.co_handling_units.len() > 20 {
        f.note("assignment.co_handling_units", "must be at most 20");
        return None;
    }
    let co_units = given.co_handling_units.iter().enumerate().filter_map(|(n, code)| {
        let field = format!("assignment.co_handling_units[{n}]");
        if code.is_empty() {
            f.note(&field, "is empty");
        }
        f.unit(&field, code, reference)
    });
    let co_units = co_units.collect();
    let handler = f.account("assignment.handler", &given.handler, reference);
    unit.map(|unit| Assignment { unit, co_units, handler })
}

pub(crate) fn refuse(r: &pb::RefusePetitionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "RefusePetition", r);
    let reason = f.required::<RefusalReason>("reason", r.reason);
    let ending = Ending {
        text: f.text("text", &r.text, body(1, 5_000)),
        redirect: f.text("redirect", &r.redirect, body(0, 1_000)),
        ..Ending::default()
    };
    if reason.is_some_and(RefusalReason::needs_redirect) && r.redirect.trim().is_empty() {
        f.note("redirect", "is required for this reason");
    }
    let read = reason.map(|reason| (code, asked, Command::Refuse { reason, ending }));
    f.or_some(read)
}

pub(crate) fn transfer(r: &pb::TransferPetitionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "TransferPetition", r);
    let ending = Ending {
        body: f.text("body", &r.body, line(1, 300)),
        address: f.text("address", &r.address, line(1, 500)),
        email: f.email("email", &r.email),
        reference: f.text("reference", &r.reference, line(0, 100)),
        ..Ending::default()
    };
    f.or((code, asked, Command::Transfer { ending }))
}

pub(crate) fn assign(r: &pb::AssignPetitionRequest, reference: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "AssignPetition", r);
    let reason = f.optional_text("reason", &r.reason, body(0, 2_000));
    let assignment = match &r.assignment {
        Some(given) => {
            let given = assignment(&mut f, given, reference);
            let amiss = given.iter().flat_map(|given| faults::assignment(given, None, (reference, None)));
            f.among(&["assignment"], amiss.collect::<Vec<_>>());
            given
        }
        None => {
            f.note("assignment", "is required");
            None
        }
    };
    let read = assignment.map(|assignment| (code, asked, Command::Assign { assignment, reason }));
    f.or_some(read)
}

pub(crate) fn give_back(r: &pb::ReturnPetitionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ReturnPetition", r);
    let reason = f.text("reason", &r.reason, body(1, 2_000));
    f.or((code, asked, Command::Return { reason }))
}

pub(crate) fn start(r: &pb::StartPetitionRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "StartPetition", r);
    f.or((code, asked, Command::Start))
}

pub(crate) fn save_draft(r: &pb::SaveDraftRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "SaveDraft", r);
    let text = f.text("text", &r.text, body(1, 50_000));
    if r.based_on_revision.is_some_and(|revision| revision < 0) {
        f.note("based_on_revision", "must not be negative");
    }
    f.or((code, asked, Command::SaveDraft { text, based_on: r.based_on_revision }))
}

pub(crate) fn submit_draft(r: &pb::SubmitDraftRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "SubmitDraft", r);
    let outcome = f.required::<OutcomeKind>("outcome_kind", r.outcome_kind);
    let finding = f.optional("finding", r.finding);
    let read = outcome.map(|outcome| (code, asked, Command::SubmitDraft { outcome, finding }));
    f.or_some(read)
}

/// What is at fault in it by the petition.
pub(crate) fn submit_draft_amiss(r: &pb::SubmitDraftRequest, petition: &Petition, _: &Reference) -> Vec<Fault> {
    faults::finding(r.finding != 0, petition).into_iter().collect()
}

pub(crate) fn send_back(r: &pb::SendBackDraftRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "SendBackDraft", r);
    let reason = f.text("reason", &r.reason, body(1, 2_000));
    f.or((code, asked, Command::SendBack { reason }))
}

pub(crate) fn approve(r: &pb::ApproveAnswerRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ApproveAnswer", r);
    let capacity = f.optional("capacity", r.capacity).unwrap_or(Capacity::Head);
    f.or((code, asked, Command::Approve { capacity }))
}

pub(crate) fn recall(r: &pb::RecallAnswerRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "RecallAnswer", r);
    let reason = f.text("reason", &r.reason, body(1, 2_000));
    f.or((code, asked, Command::RecallAnswer { reason }))
}

pub(crate) fn extend(r: &pb::ExtendDeadlineRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ExtendDeadline", r);
    let days = f.amount("days", r.days, None, (1, 366));
    let reason = f.text("reason", &r.reason, body(1, 2_000));
    f.or((code, asked, Command::Extend { days, reason }))
}

/// What is at fault in it by the petition.
pub(crate) fn extend_amiss(r: &pb::ExtendDeadlineRequest, petition: &Petition, reference: &Reference) -> Vec<Fault> {
    let days = u32::try_from(r.days).unwrap_or(0);
    faults::extension(days, petition, reference).into_iter().collect()
}

pub(crate) fn add_note(r: &pb::AddNoteRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "AddNote", r);
    let text = f.text("text", &r.text, body(1, 5_000));
    f.or((code, asked, Command::AddNote { text }))
}

pub(crate) fn filter(given: Option<&pb::PetitionFilter>, caller: &Caller, now: Instant) -> Result<Filter, Error> {
    let none = pb::PetitionFilter::default();
    let (r, reference) = (given.unwrap_or(&none), &caller.reference);
    let mut f = Faults::default();
    if r.states.len() > 20 {
        f.note("filter.states", "must be at most 20");
    }
    let given: Vec<State> = r
        .states
        .iter()
        .take(20)
        .enumerate()
        .filter_map(|(n, state)| f.required(&format!("filter.states[{n}]"), *state))
        .collect();
    let states = match (given.is_empty(), r.all_states) {
        (false, _) => Some(given),
        (true, true) => None,
        (true, false) if r.unpublished => None,
        (true, false) => Some(State::ALL.iter().copied().filter(|state| state.is_open()).collect()),
    };
    let unit = f.unit("filter.unit", &r.unit, reference);
    let units = unit.map(|unit| if r.subtree { reference.units.subtree(unit).to_vec() } else { vec![unit] });
    let read = Filter {
        states,
        units,
        fields: f.field("filter.field", &r.field, reference).map(|field| reference.field_subtree(&field)),
        class: f.optional("filter.subject_class", r.subject_class),
        channel: f.optional("filter.channel", r.channel),
        handler: f.account("filter.handler", &r.handler, reference),
        priority: f.optional("filter.priority", r.priority),
        due_before: f.instant("filter.due_before", r.due_before.as_ref()),
        overdue_at: r.overdue.then_some(now),
        received_from: f.instant("filter.received_from", r.received_from.as_ref()),
        received_until: f.instant("filter.received_until", r.received_until.as_ref()),
        unpublished: r.unpublished,
        unrouted: r.unrouted,
        kind: f.optional("filter.kind", r.kind),
        about: (!r.about.is_empty()).then(|| f.tracking_code("filter.about", &r.about)),
        text: f.sought_words("filter.text", &r.text),
    };
    f.or(read)
}

pub(crate) fn order(number: i32) -> Result<By, Error> {
    use pb::PetitionOrder as O;
    let mut f = Faults::default();
    let by = match O::try_from(number) {
        Ok(O::Unspecified | O::Due) => By::Due,
        Ok(O::ReceivedNewest) => By::Newest,
        Ok(O::ReceivedOldest) => By::Oldest,
        Err(_) => {
            f.note("order", format!("{number} is not a value of it"));
            By::Due
        }
    };
    f.or(by)
}

pub(crate) fn code(typed: &str) -> Result<String, Error> {
    let mut f = Faults::default();
    let code = f.tracking_code("code", typed);
    f.or(code)
}

/// A petition to explain, and which round of it.
pub(crate) fn explain(r: &pb::ExplainDeadlineRequest) -> Result<(String, Option<i32>), Error> {
    let mut f = Faults::default();
    let code = f.tracking_code("code", &r.code);
    let round = f.round("round", r.round);
    f.or((code, round))
}

pub(crate) fn petition(dossier: &Dossier, reference: &Reference, now: Instant) -> pb::Petition {
    let p = &dossier.petition;
    let submission =
        dossier.texts.get(&p.submission).map(|text| Submission::read(&text.title, &text.body)).unwrap_or_default();
    let code = |unit| reference.units.code(unit).to_owned();
    let login = |account| reference.login(account).to_owned();
    pb::Petition {
        summary: Some(summary(p, &submission.title, reference, now)),
        content: submission.content,
        proposal: submission.proposal,
        place: submission.place,
        requested_body: submission.requested_body,
        procedure_number: submission.procedure_number,
        dossier_number: submission.dossier_number,
        enclosures: submission.enclosures,
        petitioner: dossier.petitioner.as_ref().map(|petitioner| pb::MaskedPetitioner {
            r#type: petitioner.kind.number(),
            masked_name: petitioner.name.clone(),
            medium: p.medium.number(),
            language: p.language.number(),
            signatories: petitioner.signatories,
        }),
        assisted: p.channel.assisted(),
        entered_at: Some(stamp(p.entered_at)),
        entered_by: login(p.entered_by),
        focal_unit: code(p.focal),
        co_handling_units: p.co_units.iter().map(|unit| code(*unit)).collect(),
        concerned_unit: p.concerned.map(code).unwrap_or_default(),
        accepted_at: p.accepted_at.map(stamp),
        assigned_at: p.assigned_at.map(stamp),
        answered_at: p.answer.map(|answer| stamp(answer.at)),
        ended_at: p.ended_at.map(stamp),
        round: p.round,
        intake_due: p.due(Clock::Intake).as_ref().map(due),
        forward_due: p.due(Clock::Forward).as_ref().map(due),
        original_due: Some(due(&p.original_due)),
        extensions: p.extensions,
        returns: p.returns,
        reply_by: p.reply_by.as_ref().map(due),
        question: dossier.body(p.question).to_owned(),
        draft_revision: p.draft.map_or(0, |draft| draft.revision),
        draft: dossier.body(p.draft.map(|draft| draft.text)).to_owned(),
        draft_author: p.draft.map(|draft| login(draft.author)).unwrap_or_default(),
        outcome: number(p.outcome),
        finding: number(p.finding),
        answer: dossier.body(p.answer.map(|answer| answer.text)).to_owned(),
        approved_by: p.answer.map(|answer| login(answer.approver)).unwrap_or_default(),
        capacity: number(p.answer.map(|answer| answer.capacity)),
        refusal_reason: number(p.refusal),
        stars: p.stars.or(p.heard_stars).unwrap_or(0),
        priority_reason: dossier.body(p.priority_reason).to_owned(),
        publication_id: p.public_id.map(|id| id.to_string()).unwrap_or_default(),
        redaction_revision: p.redaction_revision,
        raised: p.raised.iter().map(|level| level.number()).collect(),
        erased_at: p.erased_at.map(stamp),
        routing_rule: p
            .routed
            .as_ref()
            .and_then(|routed| routed.rule.as_ref())
            .map(|rule| rule.code.clone())
            .unwrap_or_default(),
        returned_by: p.returned_by.iter().map(|unit| code(*unit)).collect(),
        redacted_copies: super::copies::of(dossier, reference),
    }
}
