//! What dispatchers do: take up, refuse, pass on, assign, ask, extend. The answer is made in `answer`.

use clap::{Args, Subcommand};

use crate::{
    client::{Run, contract::one_of, failure::Failure, prose, session::Session, shared::On},
    pb,
};

/// What to do with a petition before it is answered.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Asks the petitioner
    RequestInformation {
        #[command(flatten)]
        on: On,
        /// The question, or `-`
        #[arg(long)]
        question: String,
        /// Working days to reply [default: 5]
        #[arg(long, value_name = "DAYS")]
        reply_days: Option<i32>,
    },
    /// Takes it up and registers it
    Accept(Box<Acceptance>),
    /// Says anew what it is; its clocks are counted from receipt
    Reclassify(Box<Classes>),
    /// Refuses it
    Refuse {
        #[command(flatten)]
        on: On,
        /// On which ground
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::RefusalReason>())]
        reason: i32,
        /// What the petitioner is told, or `-`
        #[arg(long)]
        text: String,
        /// Where to go instead
        #[arg(long)]
        redirect: Option<String>,
    },
    /// Sends it to a body outside the tree of units
    Transfer {
        #[command(flatten)]
        on: On,
        /// Name of the body
        #[arg(long, value_name = "NAME")]
        body: String,
        /// Postal address of the body
        #[arg(long)]
        address: String,
        /// E-mail address of the body
        #[arg(long)]
        email: Option<String>,
        /// Number of the covering paper
        #[arg(long, value_name = "NUMBER")]
        reference: Option<String>,
    },
    /// Gives it to a unit
    Assign {
        #[command(flatten)]
        on: On,
        /// Code of the unit that leads
        #[arg(long, value_name = "CODE")]
        unit: String,
        #[command(flatten)]
        with: With,
        /// Why, or `-`; internal
        #[arg(long)]
        reason: Option<String>,
    },
    /// Gives it back as "not ours"
    Return {
        #[command(flatten)]
        on: On,
        /// Why, or `-`; internal
        #[arg(long)]
        reason: String,
    },
    /// Moves the due date of the answer, before it has passed
    Extend {
        #[command(flatten)]
        on: On,
        /// Calendar days to add
        #[arg(long)]
        days: i32,
        /// Why, or `-`; the petitioner is told
        #[arg(long)]
        reason: String,
    },
    /// Gives the unit complained of a copy that names nobody, so that it can explain itself
    ShareCopy {
        #[command(flatten)]
        on: On,
        /// What it is to read, or `-`
        #[arg(long)]
        text: String,
    },
    /// Adds an internal note
    Note {
        #[command(flatten)]
        on: On,
        /// The note, or `-`
        #[arg(long)]
        text: String,
    },
}

/// How a petition is taken up.
#[derive(Debug, Args)]
pub struct Acceptance {
    #[command(flatten)]
    on: On,
    /// Kind, if not as submitted
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::PetitionKind>())]
    kind: Option<i32>,
    /// Subject class, if not as submitted
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::SubjectClass>())]
    class: Option<i32>,
    /// Code of the field, if not as submitted
    #[arg(long, value_name = "CODE")]
    field: Option<String>,
    /// How urgent it is
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Priority>())]
    priority: Option<i32>,
    /// Why urgent, or `-`
    #[arg(long, value_name = "REASON")]
    priority_reason: Option<String>,
    /// Code of the unit complained of
    #[arg(long, value_name = "CODE")]
    concerned_unit: Option<String>,
    /// Assigns it to this unit at once
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    #[command(flatten)]
    with: With,
}

/// What a petition is.
#[derive(Debug, Args)]
pub struct Classes {
    #[command(flatten)]
    on: On,
    /// Kind, if it changes
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::PetitionKind>())]
    kind: Option<i32>,
    /// Subject class, if it changes
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::SubjectClass>())]
    class: Option<i32>,
    /// Code of the field, if it changes
    #[arg(long, value_name = "CODE")]
    field: Option<String>,
    /// How urgent it is [default: NORMAL]
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Priority>())]
    priority: Option<i32>,
    /// Why urgent, or `-`
    #[arg(long, value_name = "REASON")]
    priority_reason: Option<String>,
    /// Code of the unit complained of
    #[arg(long, value_name = "CODE")]
    concerned_unit: Option<String>,
    /// Why it is said anew, or `-`; internal
    #[arg(long)]
    reason: String,
}

impl Classes {
    fn request(self) -> Result<pb::ReclassifyPetitionRequest, Failure> {
        Ok(pb::ReclassifyPetitionRequest {
            target: self.on.target(),
            kind: self.kind.unwrap_or_default(),
            subject_class: self.class.unwrap_or_default(),
            field: self.field.unwrap_or_default(),
            priority: self.priority.unwrap_or_default(),
            priority_reason: prose::maybe(self.priority_reason)?,
            concerned_unit: self.concerned_unit.unwrap_or_default(),
            reason: prose::given(self.reason)?,
        })
    }
}

/// Who works on it beside the unit that leads.
#[derive(Debug, Args)]
pub struct With {
    /// Code of a unit that contributes; may be repeated
    #[arg(long = "co-handling", value_name = "CODE", value_delimiter = ',', requires = "unit")]
    co_handling_units: Vec<String>,
    /// Login of the person
    #[arg(long, value_name = "LOGIN", requires = "unit")]
    handler: Option<String>,
}

impl With {
    fn led_by(self, unit: String) -> pb::Assignment {
        pb::Assignment { unit, co_handling_units: self.co_handling_units, handler: self.handler.unwrap_or_default() }
    }
}

impl Acceptance {
    fn request(self) -> Result<pb::AcceptPetitionRequest, Failure> {
        Ok(pb::AcceptPetitionRequest {
            target: self.on.target(),
            kind: self.kind.unwrap_or_default(),
            subject_class: self.class.unwrap_or_default(),
            field: self.field.unwrap_or_default(),
            priority: self.priority.unwrap_or_default(),
            priority_reason: prose::maybe(self.priority_reason)?,
            concerned_unit: self.concerned_unit.unwrap_or_default(),
            assignment: self.unit.map(|unit| self.with.led_by(unit)),
        })
    }
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::RequestInformation { on, question, reply_days } => {
                let request = pb::RequestInformationRequest {
                    target: on.target(),
                    question: prose::given(question)?,
                    reply_days: reply_days.unwrap_or_default(),
                };
                session.show(request).await
            }
            Self::Accept(acceptance) => session.show(acceptance.request()?).await,
            Self::Reclassify(classes) => session.show(classes.request()?).await,
            Self::Refuse { on, reason, text, redirect } => {
                let request = pb::RefusePetitionRequest {
                    target: on.target(),
                    reason,
                    text: prose::given(text)?,
                    redirect: redirect.unwrap_or_default(),
                };
                session.show(request).await
            }
            Self::Transfer { on, body, address, email, reference } => {
                let request = pb::TransferPetitionRequest {
                    target: on.target(),
                    body,
                    address,
                    email: email.unwrap_or_default(),
                    reference: reference.unwrap_or_default(),
                };
                session.show(request).await
            }
            Self::Assign { on, unit, with, reason } => {
                let request = pb::AssignPetitionRequest {
                    target: on.target(),
                    assignment: Some(with.led_by(unit)),
                    reason: prose::maybe(reason)?,
                };
                session.show(request).await
            }
            Self::Return { on, reason } => {
                let request = pb::ReturnPetitionRequest { target: on.target(), reason: prose::given(reason)? };
                session.show(request).await
            }
            Self::Extend { on, days, reason } => {
                let request = pb::ExtendDeadlineRequest { target: on.target(), days, reason: prose::given(reason)? };
                session.show(request).await
            }
            Self::ShareCopy { on, text } => {
                let request = pb::ShareRedactedCopyRequest { target: on.target(), text: prose::given(text)? };
                session.show(request).await
            }
            Self::Note { on, text } => {
                let request = pb::AddNoteRequest { target: on.target(), text: prose::given(text)? };
                session.show(request).await
            }
        }
    }
}
