//! How an answer is made: start, draft, approve, recall. Where a draft's text comes from is in `prose`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::{
    client::{Run, cell, contract::one_of, failure::Failure, prose, session::Session, shared::On},
    pb,
};

/// What to do for an answer.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Begins work
    Start {
        #[command(flatten)]
        on: On,
    },
    /// Keeps a draft of the answer, or submits it for approval
    #[command(subcommand)]
    Draft(Draft),
    /// Tells the petitioner how a late petition stands
    Progress {
        #[command(flatten)]
        on: On,
        /// What to tell, or `-`
        #[arg(long)]
        text: String,
    },
    /// Sends the draft back to the handler
    SendBack {
        #[command(flatten)]
        on: On,
        /// Why, or `-`; internal
        #[arg(long)]
        reason: String,
    },
    /// Approves the draft: the round ends, the answer goes out
    Approve {
        #[command(flatten)]
        on: On,
        /// In whose capacity [default: HEAD]
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::Capacity>())]
        capacity: Option<i32>,
    },
    /// Takes an answer back that misses the point
    Recall {
        #[command(flatten)]
        on: On,
        /// Why, or `-`; internal
        #[arg(long)]
        reason: String,
    },
}

/// What to do with a draft.
#[derive(Debug, Subcommand)]
pub enum Draft {
    /// Keeps a draft, from a file, standard input, or $VISUAL or $EDITOR on the last draft
    Save(Save),
    /// Submits the last draft for approval
    Submit {
        #[command(flatten)]
        on: On,
        /// What came of the petition
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::OutcomeKind>())]
        outcome: i32,
        /// What was found of the conduct complained of
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::Finding>())]
        finding: Option<i32>,
    },
}

/// A draft to keep.
#[derive(Debug, Args)]
pub struct Save {
    #[command(flatten)]
    on: On,
    /// Reads the text from a file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The revision that this one replaces, 0 for the first; refused if another came between [default with an editor: the one shown]
    #[arg(long, value_name = "N")]
    based_on: Option<i32>,
}

impl Save {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match &self.file {
            Some(file) => {
                let text = prose::file(file)?;
                self.keep(text, session).await
            }
            None => self.edit(session).await,
        }
    }

    /// Opens an editor on the last draft; what was typed outlives a refusal.
    async fn edit(mut self, session: &mut Session) -> Result<(), Failure> {
        let code = self.on.code().to_owned();
        let answer = session.call(pb::GetPetitionRequest { code }).await?;
        let field = |path| cell::at(&answer, path).map(|(_, value)| value);
        let draft = field("petition.draft");
        let revision = field("petition.draft_revision").and_then(|revision| revision.as_i32());
        self.based_on = self.based_on.or(revision);
        let edited = prose::edit(draft.as_ref().and_then(|draft| draft.as_str()).unwrap_or_default())?;
        match self.keep(edited.text.clone(), session).await {
            Ok(()) => Ok(()),
            Err(failure) => Err(match edited.keep() {
                Some(path) => failure.noting(&format!("your text is in {}", path.display())),
                None => failure,
            }),
        }
    }

    async fn keep(self, text: String, session: &mut Session) -> Result<(), Failure> {
        let request = pb::SaveDraftRequest { target: self.on.target(), text, based_on_revision: self.based_on };
        session.show(request).await
    }
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Start { on } => {
                let target = on.target();
                session.show(pb::StartPetitionRequest { target }).await
            }
            Self::Draft(Draft::Save(save)) => save.run(session).await,
            Self::Draft(Draft::Submit { on, outcome, finding }) => {
                let request = pb::SubmitDraftRequest {
                    target: on.target(),
                    outcome_kind: outcome,
                    finding: finding.unwrap_or_default(),
                };
                session.show(request).await
            }
            Self::Progress { on, text } => {
                session.show(pb::PostProgressRequest { target: on.target(), text: prose::given(text)? }).await
            }
            Self::SendBack { on, reason } => {
                let request = pb::SendBackDraftRequest { target: on.target(), reason: prose::given(reason)? };
                session.show(request).await
            }
            Self::Approve { on, capacity } => {
                let request = pb::ApproveAnswerRequest { target: on.target(), capacity: capacity.unwrap_or_default() };
                session.show(request).await
            }
            Self::Recall { on, reason } => {
                let request = pb::RecallAnswerRequest { target: on.target(), reason: prose::given(reason)? };
                session.show(request).await
            }
        }
    }
}
