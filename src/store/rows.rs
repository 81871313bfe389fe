//! Between rows and the words of the domain.

use uuid::Uuid;

use super::{
    entity,
    error::{Error, Result},
};
use crate::domain::{
    ids::{AccountId, PetitionId, PublicationId, TextId, UnitId},
    petition::{Answer, Draft, Petition, Register},
    standing::Standing,
    text::json,
    time::{Due, Instant},
    words,
};

/// Flags of `petition.provisional`, one for each due.
const INTAKE: i32 = 1;
const FORWARD: i32 = 2;
const ANSWER: i32 = 4;
const ORIGINAL: i32 = 8;
const REPLY: i32 = 16;

pub(super) fn petition_row(p: &Petition) -> entity::petition::Model {
    let flag = |due: Option<&Due>, flag| if due.is_some_and(|due| due.provisional) { flag } else { 0 };
    entity::petition::Model {
        id: p.id.0,
        code: p.code.clone(),
        key_generation: p.key_generation,
        seq: p.seq,
        version: p.version,
        head: p.head.to_vec(),
        state: p.state.as_str().to_owned(),
        open: p.state.is_open(),
        resume: p.resume.map(|state| state.as_str().to_owned()),
        round: p.round,
        round_at: p.round_at,
        kind: p.kind.as_str().to_owned(),
        class: p.class.map(|class| class.as_str().to_owned()),
        field: p.field.clone(),
        channel: p.channel.as_str().to_owned(),
        priority: p.priority.as_str().to_owned(),
        priority_reason: p.priority_reason.map(|id| id.0),
        medium: p.medium.as_str().to_owned(),
        language: p.language.as_str().to_owned(),
        focal: p.focal.0,
        holder: p.holder.0,
        handler: p.handler.map(|id| id.0),
        co_units: json(&p.co_units),
        concerned: p.concerned.map(|id| id.0),
        received_at: p.received_at,
        entered_at: p.entered_at,
        changed_at: p.changed_at,
        entered_by: p.entered_by.0,
        submission: p.submission.0,
        accepted_at: p.accepted_at,
        register_unit: p.register.map(|register| register.unit.0),
        register_year: p.register.map(|register| register.year),
        register_number: p.register.map(|register| register.number),
        assigned_at: p.assigned_at,
        clocks: json(&p.clocks),
        prolonged: p.prolonged,
        intake_due_at: p.intake_due.at,
        intake_due_date: p.intake_due.date,
        forward_due_at: p.forward_due.at,
        forward_due_date: p.forward_due.date,
        answer_due_at: p.answer_due.at,
        answer_due_date: p.answer_due.date,
        original_due_at: p.original_due.at,
        original_due_date: p.original_due.date,
        provisional: flag(Some(&p.intake_due), INTAKE)
            | flag(Some(&p.forward_due), FORWARD)
            | flag(Some(&p.answer_due), ANSWER)
            | flag(Some(&p.original_due), ORIGINAL)
            | flag(p.reply_by.as_ref(), REPLY),
        extensions: p.extensions,
        returns: p.returns,
        question: p.question.map(|id| id.0),
        reply_by_at: p.reply_by.map(|due| due.at),
        reply_by_date: p.reply_by.map(|due| due.date),
        draft: p.draft.map(|draft| draft.text.0),
        draft_revision: p.draft.map_or(0, |draft| draft.revision),
        draft_author: p.draft.map(|draft| draft.author.0),
        draft_authors: json(&p.draft_authors),
        outcome: p.outcome.map(|outcome| outcome.as_str().to_owned()),
        finding: p.finding.map(|finding| finding.as_str().to_owned()),
        answer: p.answer.map(|answer| answer.text.0),
        answered_at: p.answer.map(|answer| answer.at),
        approver: p.answer.map(|answer| answer.approver.0),
        capacity: p.answer.map(|answer| answer.capacity.as_str().to_owned()),
        ended_at: p.ended_at,
        verdict: p.verdict.map(|verdict| verdict.as_str().to_owned()),
        refusal: p.refusal.map(|reason| reason.as_str().to_owned()),
        ending: p.ending.map(|id| id.0),
        stars: p.stars,
        publication: p.publication.as_str().to_owned(),
        public_id: p.public_id.map(|id| id.0),
        redaction: p.redaction.map(|id| id.0),
        redaction_revision: p.redaction_revision,
    }
}

/// Reads a value of a column, or names the row that does not hold one.
pub(super) struct Column {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
    pub(super) row: Uuid,
}

impl Column {
    pub(super) fn read<T>(self, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| Error::Corrupt { table: self.table, column: self.column, row: self.row.to_string() })
    }
}

/// Reads a column through a parser; the name of the column is the field's.
macro_rules! word {
    ($row:ident . $column:ident) => {
        Column { table: TABLE, column: stringify!($column), row: $row.id }.read(words::read(&$row.$column))?
    };
    ($row:ident . $column:ident ?) => {
        $row.$column
            .as_deref()
            .map(|text| Column { table: TABLE, column: stringify!($column), row: $row.id }.read(words::read(text)))
            .transpose()?
    };
}

pub(super) fn petition(row: entity::petition::Model) -> Result<Petition> {
    const TABLE: &str = "petition";
    let column = |column| Column { table: TABLE, column, row: row.id };
    let due = |date, at, flag| Due { date, at, provisional: row.provisional & flag != 0 };
    Ok(Petition {
        head: column("head").read(<[u8; 32]>::try_from(row.head.as_slice()).ok())?,
        state: word!(row.state),
        resume: word!(row.resume?),
        kind: word!(row.kind),
        class: word!(row.class?),
        channel: word!(row.channel),
        priority: word!(row.priority),
        medium: word!(row.medium),
        language: word!(row.language),
        outcome: word!(row.outcome?),
        finding: word!(row.finding?),
        verdict: word!(row.verdict?),
        refusal: word!(row.refusal?),
        publication: word!(row.publication),
        co_units: column("co_units").read(serde_json::from_str(&row.co_units).ok())?,
        draft_authors: column("draft_authors").read(serde_json::from_str(&row.draft_authors).ok())?,
        answer: match (row.answer, row.answered_at, row.approver) {
            (Some(text), Some(at), Some(approver)) => Some(Answer {
                text: TextId(text),
                at,
                approver: AccountId(approver),
                capacity: column("capacity").read(row.capacity.as_deref().and_then(words::read))?,
            }),
            _ => None,
        },
        register: match (row.register_unit, row.register_year, row.register_number) {
            (Some(unit), Some(year), Some(number)) => Some(Register { unit: UnitId(unit), year, number }),
            _ => None,
        },
        draft: row.draft.zip(row.draft_author).map(|(text, author)| Draft {
            text: TextId(text),
            revision: row.draft_revision,
            author: AccountId(author),
        }),
        clocks: column("clocks").read(serde_json::from_str(&row.clocks).ok())?,
        prolonged: row.prolonged,
        intake_due: due(row.intake_due_date, row.intake_due_at, INTAKE),
        forward_due: due(row.forward_due_date, row.forward_due_at, FORWARD),
        answer_due: due(row.answer_due_date, row.answer_due_at, ANSWER),
        original_due: due(row.original_due_date, row.original_due_at, ORIGINAL),
        reply_by: row.reply_by_date.zip(row.reply_by_at).map(|(date, at)| due(date, at, REPLY)),
        id: PetitionId(row.id),
        code: row.code,
        key_generation: row.key_generation,
        seq: row.seq,
        version: row.version,
        round: row.round,
        round_at: row.round_at,
        field: row.field,
        priority_reason: row.priority_reason.map(TextId),
        focal: UnitId(row.focal),
        holder: UnitId(row.holder),
        handler: row.handler.map(AccountId),
        concerned: row.concerned.map(UnitId),
        received_at: row.received_at,
        entered_at: row.entered_at,
        changed_at: row.changed_at,
        entered_by: AccountId(row.entered_by),
        submission: TextId(row.submission),
        accepted_at: row.accepted_at,
        assigned_at: row.assigned_at,
        extensions: row.extensions,
        returns: row.returns,
        question: row.question.map(TextId),
        ended_at: row.ended_at,
        ending: row.ending.map(TextId),
        stars: row.stars,
        public_id: row.public_id.map(PublicationId),
        redaction: row.redaction.map(TextId),
        redaction_revision: row.redaction_revision,
    })
}

pub(super) fn standing_row(petition: PetitionId, seq: i64, since: Instant, s: &Standing) -> entity::standing::Model {
    entity::standing::Model {
        petition: petition.0,
        seq,
        round: s.round,
        since,
        until: None,
        received_at: s.received_at,
        holder: s.holder.0,
        field: s.field.clone(),
        class: s.class.map(|class| class.as_str().to_owned()),
        due_at: s.due.at,
        due_date: s.due.date,
        provisional: s.due.provisional,
        extended: s.extended,
        ended_at: s.ended_at,
        ended_as: s.end.map(|end| end.as_str().to_owned()),
        verdict: s.verdict.map(|verdict| verdict.as_str().to_owned()),
        published: s.published,
    }
}
