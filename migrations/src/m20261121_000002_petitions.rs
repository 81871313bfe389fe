//! Petitions, their events, texts, petitioners and standings; counters; request ids.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the file.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = "

create table petition (
    id uuid primary key,
    code text not null,
    key_generation integer not null,
    seq bigint not null,
    version bigint not null,
    head bytea not null,
    state text not null,
    open boolean not null,
    resume text,
    round integer not null,
    round_at timestamptz not null,
    kind text not null,
    class text,
    field text,
    channel text not null,
    priority text not null,
    priority_reason uuid,
    medium text not null,
    language text not null,
    focal uuid not null,
    holder uuid not null,
    handler uuid,
    co_units text not null,
    concerned uuid,
    received_at timestamptz not null,
    entered_at timestamptz not null,
    changed_at timestamptz not null,
    entered_by uuid not null,
    submission uuid not null,
    accepted_at timestamptz,
    register_unit uuid,
    register_year integer,
    register_number bigint,
    assigned_at timestamptz,
    intake_due_at timestamptz not null,
    intake_due_date date not null,
    forward_due_at timestamptz not null,
    forward_due_date date not null,
    answer_due_at timestamptz not null,
    answer_due_date date not null,
    original_due_at timestamptz not null,
    original_due_date date not null,
    provisional integer not null,
    extensions integer not null,
    returns integer not null,
    question uuid,
    reply_by_at timestamptz,
    reply_by_date date,
    draft uuid,
    draft_revision integer not null,
    draft_author uuid,
    draft_authors text not null,
    outcome text,
    finding text,
    answer uuid,
    answered_at timestamptz,
    approver uuid,
    capacity text,
    ended_at timestamptz,
    verdict text,
    refusal text,
    ending uuid,
    stars integer,
    publication text not null,
    public_id uuid,
    redaction uuid,
    redaction_revision integer not null,
    constraint petition_register unique (register_unit, register_year, register_number),
    check (state in ('SUBMITTED', 'NEEDS_INFORMATION', 'ACCEPTED', 'ASSIGNED', 'IN_PROGRESS', 'AWAITING_APPROVAL',
        'ANSWERED', 'CLOSED', 'REFUSED', 'WITHDRAWN', 'MERGED', 'TRANSFERRED')),
    check (kind in ('FEEDBACK', 'PROPOSAL')),
    check (class in ('CONDUCT', 'REGULATION', 'BOTH', 'OTHER')),
    check (priority in ('NORMAL', 'URGENT')),
    check (medium in ('EMAIL', 'PAPER', 'PHONE', 'PORTAL')),
    check (verdict in ('EARLY', 'ON_TIME', 'LATE')),
    check (publication in ('NONE', 'PROPOSED', 'PUBLISHED', 'WITHHELD', 'TAKEN_DOWN'))
);
create unique index petition_code on petition (code);
create index petition_open_due on petition (answer_due_at, id) where open;
create index petition_open_holder on petition (holder, answer_due_at, id) where open;
create index petition_received on petition (received_at, id);
create index petition_answered on petition (ended_at, id) where state = 'ANSWERED';
create index petition_reply_by on petition (reply_by_at, id) where state = 'NEEDS_INFORMATION';
create table petitioner (
    petition uuid primary key,
    masked_name text not null,
    signatories integer not null,
    kind text not null,
    record text not null,
    portal uuid,
    subject text
);
create index petitioner_portal_user on petitioner (portal, subject, petition) where portal is not null;
create table text (
    id uuid primary key,
    petition uuid not null,
    kind text not null,
    salt bytea not null,
    title text not null,
    body text not null,
    folded text not null
);
create index text_petition on text (petition, id);
create table event (
    petition uuid not null,
    seq bigint not null,
    kind text not null,
    at timestamptz not null,
    actor uuid,
    stored text not null,
    hash bytea not null,
    primary key (petition, seq)
);
create index event_at on event (at, petition, seq);
create table standing (
    petition uuid not null,
    seq bigint not null,
    round integer not null,
    since timestamptz not null,
    until timestamptz,
    received_at timestamptz not null,
    holder uuid not null,
    field text,
    class text,
    due_at timestamptz not null,
    due_date date not null,
    provisional boolean not null,
    extended boolean not null,
    ended_at timestamptz,
    ended_as text,
    verdict text,
    published boolean not null,
    primary key (petition, seq)
);
create table counter (
    name text primary key,
    value bigint not null
);
create table request (
    account uuid not null,
    rpc text not null,
    id uuid not null,
    content bytea not null,
    petition uuid not null,
    seq bigint not null,
    at timestamptz not null,
    primary key (account, rpc, id)
);
create index request_at on request (at)
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
