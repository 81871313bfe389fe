-- A petition as its petitioner sees it: its row, its text, its petitioner, its letters.
\set n random(1, :rounds)
\set client random(0, 49)
\set id :n * 256 + :client
\set code (:id * 2654435761) & 4294967295
select
  id, code, key_generation, seq, version, head, state, open, resume, round, round_at, kind, class, field, channel,
  priority, priority_reason, medium, language, focal, holder, handler, co_units, concerned, received_at, entered_at,
  entered_by, submission, accepted_at, register_unit, register_year, register_number, assigned_at, intake_due_at,
  intake_due_date, forward_due_at, forward_due_date, answer_due_at, answer_due_date, original_due_at,
  original_due_date, provisional, extensions, returns, question, reply_by_at, reply_by_date, draft, draft_revision,
  draft_author, draft_authors, outcome, finding, answer, answered_at, approver, capacity, ended_at, verdict,
  refusal, ending, stars, publication, public_id, redaction, redaction_revision
from petition where code in ('PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')));
select id, kind, title, body from text where id in (cast('01980000-0000-7000-8001-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid));
select petition, kind, masked_name, signatories from petitioner where petition in (cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid));
select
  id, petition, kind, recipient, medium, status, texts, facts, ordered_at, attempts, next_attempt_at, lease,
  lease_until, sending_since, settled_at, last_reply, address_hash, template_version, sent_salt, sent_hash
from letter where petition = cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid) order by id;
