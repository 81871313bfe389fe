-- A petition as its petitioner sees it: its row, its text, its petitioner, its letters.
\set n random(1, :rounds)
\set client random(0, 49)
\set id :n * 256 + :client
\set code (:id * 2654435761) & 4294967295
select
  petition.id, petition.head, petition.clocks, petition.detail, petitioner.kind,
  petitioner.masked_name, petitioner.signatories, text.kind, text.title, text.body
from petition
left join petitioner on petition.id = petitioner.petition
left join text on petition.submission = text.id
where petition.code in ('PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')));
select id, petition, kind, medium, status, ordered_at, settled_at from letter
where petition in (cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid))
  and recipient = 'PETITIONER' order by petition, id;
