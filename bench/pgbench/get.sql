-- A petition as staff see it: its row, its text, its petitioner without the record.
\set n random(1, :rounds)
\set client random(0, 49)
\set id :n * 256 + :client
\set code (:id * 2654435761) & 4294967295
select
  petition.id, petition.code, petition.key_generation, petition.seq, petition.version, petition.head, petition.state,
  petition.open, petition.resume, petition.round, petition.round_at, petition.kind, petition.class, petition.field,
  petition.channel, petition.priority, petition.priority_reason, petition.medium, petition.language, petition.focal,
  petition.holder, petition.handler, petition.co_units, petition.concerned, petition.received_at, petition.entered_at,
  petition.changed_at, petition.entered_by, petition.submission, petition.accepted_at, petition.register_unit,
  petition.register_year, petition.register_number, petition.assigned_at, petition.clocks, petition.prolonged, petition.intake_due_at,
  petition.intake_due_date, petition.forward_due_at, petition.forward_due_date, petition.answer_due_at,
  petition.answer_due_date, petition.original_due_at, petition.original_due_date, petition.provisional,
  petition.extensions, petition.returns, petition.question, petition.reply_by_at, petition.reply_by_date,
  petition.draft, petition.draft_revision, petition.draft_author, petition.draft_authors, petition.outcome,
  petition.finding, petition.answer, petition.answered_at, petition.approver, petition.capacity, petition.ended_at,
  petition.verdict, petition.refusal, petition.ending, petition.stars, petition.publication, petition.public_id,
  petition.redaction, petition.redaction_revision, petitioner.kind, petitioner.masked_name, petitioner.signatories,
  text.kind, text.title, text.body
from petition
left join petitioner on petition.id = petitioner.petition
left join text on petition.submission = text.id
where petition.code in ('PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')));
