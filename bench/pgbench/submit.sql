-- One submission, as the service writes it: the same statements, columns and row sizes, one transaction each.
-- Ids grow with the run, as the service's do; codes are spread out, as the service's are. :n is the run's first number.
\set n :n + 1
\set id :n * 256 + :client_id
\set code (:id * 2654435761) & 4294967295
begin;
select version from reference where id = 1 for share;
insert into request (
  account, rpc, id, content, petition, seq, at
) values (
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77', 'SubmitPetition', gen_random_uuid(), sha256('content'),
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 1, now()
) on conflict do nothing returning id;
insert into petition (
  id, code, key_generation, seq, version, head, state, open, resume, round, round_at, kind, class, field, channel,
  priority, priority_reason, medium, language, focal, holder, handler, co_units, concerned, received_at, entered_at,
  entered_by, submission, accepted_at, register_unit, register_year, register_number, assigned_at, intake_due_at,
  intake_due_date, forward_due_at, forward_due_date, answer_due_at, answer_due_date, original_due_at,
  original_due_date, provisional, extensions, returns, question, reply_by_at, reply_by_date, draft, draft_revision,
  draft_author, draft_authors, outcome, finding, answer, answered_at, approver, capacity, ended_at, verdict,
  refusal, ending, stars, publication, public_id, redaction, redaction_revision
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid),
  'PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')), 0, 1, 1, sha256('head'), 'SUBMITTED',
  true, null, 1, now(), 'FEEDBACK', 'OTHER', 'TELECOM-MOBILE', 'PORTAL', 'NORMAL', null, 'EMAIL', 'VI',
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a01', '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a01', null, '[]', null, now(), now(),
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77',
  cast('01980000-0000-7000-8001-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), null, null, null, null,
  null, now() + interval '2 days', current_date + 2, now() + interval '5 days', current_date + 5,
  now() + interval '20 days', current_date + 20, now() + interval '20 days', current_date + 20, 0, 0, 0, null, null,
  null, null, 0, null, '[]', null, null, null, null, null, null, null, null, null, null, null, 'NONE', null, null, 0
) on conflict do nothing returning id;
insert into petitioner (
  petition, masked_name, signatories, kind, record, portal, subject
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 'N. T. T. H.', 1,
  'INDIVIDUAL',
  'rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr',
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77', 'user-12345678'
) on conflict do nothing;
insert into text (
  id, petition, kind, salt, title, body, folded
) values (
  cast('01980000-0000-7000-8001-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid),
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 'SUBMISSION',
  decode('00112233445566778899aabbccddeeff', 'hex'),
  'tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt',
  'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
) on conflict do nothing;
insert into letter (
  id, petition, kind, recipient, medium, status, texts, facts, ordered_at, attempts, next_attempt_at, lease,
  lease_until, sending_since, settled_at, last_reply, address_hash, template_version, sent_salt, sent_hash
) values (
  cast('01980000-0000-7000-8002-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid),
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 'receipt', 'PETITIONER',
  'EMAIL', 'PENDING', '[]',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  now(), 0, now(), null, null, null, null, '', null, null, null, null
) on conflict do nothing;
insert into standing (
  petition, seq, round, since, until, received_at, holder, field, class, due_at, due_date, provisional, extended,
  ended_at, ended_as, verdict, published
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 1, 1, now(), null, now(),
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a01', 'TELECOM-MOBILE', 'OTHER', now() + interval '20 days', current_date + 20,
  false, false, null, null, null, false
) on conflict do nothing;
insert into event (
  petition, seq, kind, at, actor, stored, hash
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 1, 'SUBMITTED', now(),
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77',
  'ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss',
  sha256('head')
) on conflict do nothing;
commit;
