-- Where a petition stands, by its code: one of those that the first run of submit.sql left.
\set n random(1, :rounds)
\set client random(0, 49)
\set id :n * 256 + :client
\set code (:id * 2654435761) & 4294967295
select
  id, head, clocks, detail
from petition where code in ('PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')));
