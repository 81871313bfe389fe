//! Messages of DeliveryService.

use super::{
    parse::{Faults, both},
    view::stamp,
    words::Numbered as _,
};
use crate::{
    app::{Attempt, Error, StoredLetter},
    domain::{
        ids::{AccountId, LetterId},
        letters::LetterStatus,
        reference::Reference,
        text::line,
        time::Instant,
    },
    pb,
};

pub(crate) fn statuses(r: &pb::ListLettersRequest) -> Result<(Vec<LetterStatus>, Option<String>), Error> {
    use LetterStatus as S;
    let mut f = Faults::default();
    if r.statuses.len() > 10 {
        f.note("statuses", "must be at most 10");
    }
    let mut statuses: Vec<S> = r
        .statuses
        .iter()
        .take(10)
        .enumerate()
        .filter_map(|(n, status)| f.required(&format!("statuses[{n}]"), *status))
        .collect();
    if r.statuses.is_empty() {
        statuses = vec![S::Pending, S::Rejected, S::Unknown, S::Handover];
    }
    let code = (!r.code.is_empty()).then(|| f.tracking_code("code", &r.code));
    f.or((statuses, code))
}

pub(crate) fn id(typed: &str) -> Result<LetterId, Error> {
    let mut f = Faults::default();
    if typed.is_empty() {
        f.note("id", "is required");
    }
    let id = f.uuid("id", typed).map(LetterId);
    f.or_some(id)
}

pub(crate) fn retry(r: &pb::RetryLetterRequest) -> Result<LetterId, Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    both(id(&r.id), f.or(())).map(|(id, ())| id)
}

pub(crate) fn abandon(r: &pb::AbandonLetterRequest) -> Result<(LetterId, String), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    if r.id.is_empty() {
        f.note("id", "is required");
    }
    let id = f.uuid("id", &r.id).map(LetterId);
    let reason = f.text("reason", &r.reason, line(1, 500));
    let read = id.map(|id| (id, reason));
    f.or_some(read)
}

/// When, by whom, how.
type Handover = (Option<Instant>, Option<AccountId>, String);

/// A letter that was handed over.
pub(crate) fn handover(r: &pb::RecordHandoverRequest, reference: &Reference) -> Result<(LetterId, Handover), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let at = f.instant("handed_over_at", r.handed_over_at.as_ref());
    let by = f.account("handed_over_by", &r.handed_over_by, reference);
    let how = f.text("how", &r.how, line(1, 500));
    both(id(&r.id), f.or((at, by, how)))
}

pub(crate) fn letter(letter: &StoredLetter, code: &str) -> pb::Letter {
    let pending = letter.status == LetterStatus::Pending;
    pb::Letter {
        id: letter.id.to_string(),
        code: code.to_owned(),
        kind: letter.kind.as_str().to_owned(),
        recipient: letter.recipient.as_str().to_owned(),
        medium: letter.medium.number(),
        status: letter.status.number(),
        attempts: letter.attempts,
        created_at: Some(stamp(letter.ordered_at)),
        next_attempt_at: pending.then(|| stamp(letter.next_attempt_at)),
        settled_at: letter.settled_at.map(stamp),
        last_reply: letter.last_reply.clone(),
    }
}

pub(crate) fn attempt(attempt: &Attempt) -> pb::Attempt {
    pb::Attempt {
        number: attempt.number,
        started_at: Some(stamp(attempt.started_at)),
        ended_at: Some(stamp(attempt.ended_at)),
        outcome: attempt.outcome.number(),
        reply: attempt.reply.clone(),
    }
}
