-- Where a petition stands, by its code: one of those that the first run of submit.sql left.
\set n random(1, :rounds)
\set client random(0, 49)
\set id :n * 256 + :client
\set code (:id * 2654435761) & 4294967295
select
  id, code, key_generation, seq, version, head, state, open, resume, round, round_at, kind, class, field, channel,
  priority, priority_reason, medium, language, focal, holder, handler, co_units, concerned, received_at, entered_at,
  changed_at, entered_by, submission, accepted_at, register_unit, register_year, register_number, assigned_at, clocks, prolonged, intake_due_at,
  intake_due_date, forward_due_at, forward_due_date, answer_due_at, answer_due_date, original_due_at,
  original_due_date, provisional, extensions, returns, question, reply_by_at, reply_by_date, draft, draft_revision,
  draft_author, draft_authors, outcome, finding, answer, answered_at, approver, capacity, ended_at, verdict,
  refusal, ending, stars, publication, public_id, redaction, redaction_revision
from petition where code in ('PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')));
