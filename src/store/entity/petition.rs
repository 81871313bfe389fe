//! Rows of `petition`; the columns are those of the migration.

use sea_orm::entity::prelude::*;

/// The present row of a petition.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "petition")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub key_generation: i32,
    pub seq: i64,
    pub version: i64,
    pub head: Vec<u8>,
    pub state: String,
    pub open: bool,
    pub resume: Option<String>,
    pub round: i32,
    pub round_at: DateTimeUtc,
    pub kind: String,
    pub class: Option<String>,
    pub field: Option<String>,
    pub channel: String,
    pub priority: String,
    pub priority_reason: Option<Uuid>,
    pub medium: String,
    pub language: String,
    pub focal: Uuid,
    pub holder: Uuid,
    pub handler: Option<Uuid>,
    pub co_units: String,
    pub concerned: Option<Uuid>,
    pub received_at: DateTimeUtc,
    pub entered_at: DateTimeUtc,
    pub changed_at: DateTimeUtc,
    pub entered_by: Uuid,
    pub submission: Uuid,
    pub accepted_at: Option<DateTimeUtc>,
    pub register_unit: Option<Uuid>,
    pub register_year: Option<i32>,
    pub register_number: Option<i64>,
    pub assigned_at: Option<DateTimeUtc>,
    pub intake_due_at: DateTimeUtc,
    pub intake_due_date: Date,
    pub forward_due_at: DateTimeUtc,
    pub forward_due_date: Date,
    pub answer_due_at: DateTimeUtc,
    pub answer_due_date: Date,
    pub original_due_at: DateTimeUtc,
    pub original_due_date: Date,
    pub provisional: i32,
    pub extensions: i32,
    pub returns: i32,
    pub question: Option<Uuid>,
    pub reply_by_at: Option<DateTimeUtc>,
    pub reply_by_date: Option<Date>,
    pub draft: Option<Uuid>,
    pub draft_revision: i32,
    pub draft_author: Option<Uuid>,
    pub draft_authors: String,
    pub outcome: Option<String>,
    pub finding: Option<String>,
    pub answer: Option<Uuid>,
    pub answered_at: Option<DateTimeUtc>,
    pub approver: Option<Uuid>,
    pub capacity: Option<String>,
    pub ended_at: Option<DateTimeUtc>,
    pub verdict: Option<String>,
    pub refusal: Option<String>,
    pub ending: Option<Uuid>,
    pub stars: Option<i32>,
    pub publication: String,
    pub public_id: Option<Uuid>,
    pub redaction: Option<Uuid>,
    pub redaction_revision: i32,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
