//! Petitions with columns for what is searched and one for all the rest; what they are watched for; notices to
//! persons, and letters that gather them. What is open, or answered and not published, is looked at by the watcher at
//! once: what came before it says not when.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the file.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

const PETITION: &str = "

create table petition_new (
    id uuid primary key,
    code text not null,
    seq bigint not null,
    head bytea not null,
    state text not null,
    open boolean not null,
    class text,
    field text,
    channel text not null,
    priority text not null,
    focal uuid not null,
    holder uuid not null,
    handler uuid,
    co_units text not null,
    concerned uuid,
    received_at timestamptz not null,
    submission uuid not null,
    register_unit uuid,
    register_year integer,
    register_number bigint,
    answer_due_at timestamptz not null,
    reply_by_at timestamptz,
    ended_at timestamptz,
    watch_at timestamptz,
    publication text not null,
    clocks text not null,
    detail text not null,
    unique (register_unit, register_year, register_number),
    check (state in ('SUBMITTED', 'NEEDS_INFORMATION', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', 'AWAITING_APPROVAL',
        'ANSWERED', 'CLOSED', 'REFUSED', 'WITHDRAWN', 'MERGED', 'TRANSFERRED')),
    check (class in ('CONDUCT', 'REGULATION', 'BOTH', 'OTHER')),
    check (priority in ('NORMAL', 'URGENT')),
    check (publication in ('NONE', 'PROPOSED', 'PUBLISHED', 'WITHHELD', 'TAKEN_DOWN'))
);
insert into petition_new select
    id, code, seq, head, state, open, class, field, channel, priority, focal, holder, handler, co_units, concerned,
    received_at, submission, register_unit, register_year, register_number, answer_due_at, reply_by_at, ended_at,
    case when open or publication in ('NONE', 'PROPOSED') and state in ('ANSWERED', 'CLOSED') then received_at end,
    publication, clocks, DETAIL
from petition;
drop table petition;
alter table petition_new rename to petition;
create unique index petition_code on petition (code);
create index petition_open_due on petition (answer_due_at, id) where open;
create index petition_open_holder on petition (holder, answer_due_at, id) where open;
create index petition_received on petition (received_at, id);
create index petition_answered on petition (ended_at, id) where state = 'ANSWERED';
create index petition_reply_by on petition (reply_by_at, id) where state = 'NEEDS_INFORMATION';
create index petition_watch on petition (watch_at, id) where watch_at is not null
";

const LETTERS: &str = "

create table letter_new (
    id uuid primary key,
    petition uuid,
    account uuid,
    kind text not null,
    recipient text not null,
    medium text not null,
    status text not null,
    texts text not null,
    facts text not null,
    ordered_at timestamptz not null,
    attempts integer not null,
    next_attempt_at timestamptz not null,
    lease uuid,
    lease_until timestamptz,
    sending_since timestamptz,
    settled_at timestamptz,
    last_reply text not null,
    address_hash bytea,
    template_version integer,
    sent_salt bytea,
    sent_hash bytea,
    check (status in ('PENDING', 'ACCEPTED', 'REJECTED', 'UNKNOWN', 'ABANDONED', 'HANDOVER', 'POSTED')),
    check (petition is not null or account is not null)
);
insert into letter_new select
    id, petition, null, kind, recipient, medium, status, texts, facts, ordered_at, attempts, next_attempt_at, lease,
    lease_until, sending_since, settled_at, last_reply, address_hash, template_version, sent_salt, sent_hash
from letter;
drop table letter;
alter table letter_new rename to letter;
create index letter_petition on letter (petition, id);
create index letter_pending on letter (next_attempt_at, id) where status = 'PENDING';
create index letter_owed on letter (id) where status in ('PENDING', 'REJECTED', 'UNKNOWN', 'HANDOVER');
create index letter_address on letter (address_hash, settled_at) where address_hash is not null;
create table notice (
    id uuid primary key,
    account uuid not null,
    petition uuid not null,
    code text not null,
    level text not null,
    due_date date not null,
    raised_at timestamptz not null,
    letter uuid
);
create index notice_waiting on notice (account, id) where letter is null;
create index notice_letter on notice (letter, id) where letter is not null;
create table digest (
    account uuid not null,
    day date not null,
    letter uuid not null,
    primary key (account, day)
)
";

/// As in the migration of compression.
const COMPRESSION: &str = "
do $$
begin
    alter table petition alter column clocks set compression lz4, alter column detail set compression lz4;
exception when feature_not_supported then
    raise notice 'this server was built without lz4; petitions stay with pglz';
end
$$
";

/// How a column of the old row is said in the detail.
enum As {
    Plain,
    Id,
    Flag,
    Json,
}

const DETAIL: [(&str, As); 42] = [
    ("id", As::Id),
    ("code", As::Plain),
    ("key_generation", As::Plain),
    ("seq", As::Plain),
    ("version", As::Plain),
    ("state", As::Plain),
    ("resume", As::Plain),
    ("round", As::Plain),
    ("round_at", As::Plain),
    ("kind", As::Plain),
    ("class", As::Plain),
    ("field", As::Plain),
    ("channel", As::Plain),
    ("priority", As::Plain),
    ("priority_reason", As::Id),
    ("medium", As::Plain),
    ("language", As::Plain),
    ("focal", As::Id),
    ("holder", As::Id),
    ("handler", As::Id),
    ("co_units", As::Json),
    ("concerned", As::Id),
    ("received_at", As::Plain),
    ("entered_at", As::Plain),
    ("changed_at", As::Plain),
    ("entered_by", As::Id),
    ("submission", As::Id),
    ("accepted_at", As::Plain),
    ("assigned_at", As::Plain),
    ("prolonged", As::Flag),
    ("extensions", As::Plain),
    ("returns", As::Plain),
    ("question", As::Id),
    ("draft_authors", As::Json),
    ("outcome", As::Plain),
    ("finding", As::Plain),
    ("ended_at", As::Plain),
    ("verdict", As::Plain),
    ("refusal", As::Plain),
    ("ending", As::Id),
    ("stars", As::Plain),
    ("publication", As::Plain),
];

/// The detail of an old row, as an expression of the database.
fn detail(backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    let object = |pairs: &[String]| {
        let make = if sqlite { "json_object" } else { "jsonb_build_object" };
        format!("{make}({})", pairs.join(", "))
    };
    let value = |column: &str, how: &As| match how {
        As::Id if sqlite => format!("case when {column} is null then null else lower(hex({column})) end"),
        As::Flag if sqlite => format!("json(case when {column} then 'true' else 'false' end)"),
        As::Json if sqlite => format!("json({column})"),
        As::Json => format!("{column}::jsonb"),
        _ => column.to_owned(),
    };
    let pair = |name: &str, value: String| format!("'{name}', {value}");
    let due = |name: &str, flag: u8| {
        let provisional = format!("(provisional & {flag}) <> 0");
        let provisional =
            if sqlite { format!("json(case when {provisional} then 'true' else 'false' end)") } else { provisional };
        object(&[
            pair("date", format!("{name}_date")),
            pair("at", format!("{name}_at")),
            pair("provisional", provisional),
        ])
    };
    let unless = |missing: &str, value: String| format!("case when {missing} is null then null else {value} end");
    let id = |column: &str| value(column, &As::Id);
    let mut pairs: Vec<String> = DETAIL.iter().map(|(column, how)| pair(column, value(column, how))).collect();
    let register = object(&[
        pair("unit", id("register_unit")),
        pair("year", "register_year".to_owned()),
        pair("number", "register_number".to_owned()),
    ]);
    let draft = object(&[
        pair("text", id("draft")),
        pair("revision", "draft_revision".to_owned()),
        pair("author", id("draft_author")),
    ]);
    let answer = object(&[
        pair("text", id("answer")),
        pair("at", "answered_at".to_owned()),
        pair("approver", id("approver")),
        pair("capacity", "capacity".to_owned()),
    ]);
    pairs.extend([
        pair("register", unless("register_unit", register)),
        pair("draft", unless("draft", draft)),
        pair("answer", unless("answer", answer)),
        // The flags of `provisional`: 1 and 2 were of INTAKE and FORWARD, which the clocks keep.
        pair("answer_due", due("answer_due", 4)),
        pair("original_due", due("original_due", 8)),
        pair("reply_by", unless("reply_by_at", due("reply_by", 16))),
        pair("public_id", id("public_id")),
        pair("redaction", id("redaction")),
        pair("redaction_revision", "redaction_revision".to_owned()),
    ]);
    if sqlite {
        return object(&pairs);
    }
    // A function of PostgreSQL takes 100 arguments at the most.
    let parts: Vec<String> = pairs.chunks(50).map(object).collect();
    format!("({})::text", parts.join(" || "))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &PETITION.replace("DETAIL", &detail(manager.get_database_backend()))).await?;
        run(manager, LETTERS).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(COMPRESSION).await?;
        }
        Ok(())
    }
}
