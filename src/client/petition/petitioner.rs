//! The portal's side: what petitioners do, and clerks for them. Submitting is in `submit`.

use clap::Subcommand;
use prost_types::Timestamp;

use super::submit::Submission;
use crate::{
    client::{
        Run,
        contract::one_of,
        failure::Failure,
        instant, prose,
        session::Session,
        shared::{On, Once, Paging, Proof},
    },
    pb,
};

const OWN_COLUMNS: &[&str] = &["code", "state", "received_at", "answer_due", "title"];

/// What to do for a petitioner.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Submits a petition; prints its tracking code and, this once, its access key
    Submit(Box<Submission>),
    /// Asks about the personal data of a petition, for its data subject; prints the code and the key of the request
    DataRequest {
        /// Tracking code of the petition that it is about
        code: String,
        #[command(flatten)]
        proof: Proof,
        /// Which right is made use of
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::DataRight>())]
        right: i32,
        /// What is asked for, or `-`
        #[arg(long)]
        text: String,
        /// The way it came, for clerks [default: the portal]
        #[arg(long, ignore_case = true, value_parser = one_of::<pb::Channel>())]
        channel: Option<i32>,
        /// When it was received, for clerks
        #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
        received_at: Option<Timestamp>,
        #[command(flatten)]
        once: Once,
    },
    /// Says where a petition stands; in full with the key or the subject
    Track {
        /// Tracking code
        code: String,
        #[command(flatten)]
        proof: Proof,
    },
    /// Lists the petitions of one user of the portal, newest first
    Own {
        /// The portal's id of its user
        #[arg(long, value_name = "ID")]
        subject: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Answers the unit's question
    ProvideInformation {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        proof: Proof,
        /// The information, or `-`
        #[arg(long)]
        text: String,
    },
    /// Takes an open petition back
    Withdraw {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        proof: Proof,
        /// Why, or `-`
        #[arg(long)]
        reason: Option<String>,
    },
    /// Rates an answer, once a round
    Rate {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        proof: Proof,
        /// From 1 (worst) to 5 (best)
        #[arg(long, value_parser = clap::value_parser!(i32).range(1..=5))]
        stars: i32,
        /// A comment, or `-`
        #[arg(long)]
        comment: Option<String>,
    },
    /// Asks that an answered petition be taken up again
    Reopen {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        proof: Proof,
        /// Why, or `-`
        #[arg(long)]
        reason: String,
    },
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Submit(submission) => session.show(submission.request()?).await,
            Self::DataRequest { code, proof, right, text, channel, received_at, once } => {
                let request = pb::SubmitDataRequestRequest {
                    request_id: once.id(),
                    code,
                    proof: proof.given(),
                    right,
                    text: prose::given(text)?,
                    channel: channel.unwrap_or_default(),
                    received_at,
                };
                session.show(request).await
            }
            Self::Track { code, proof } => {
                let proof = proof.given();
                session.show(pb::TrackPetitionRequest { code, proof }).await
            }
            Self::Own { subject, paging } => {
                let request = |page| pb::ListOwnPetitionsRequest { portal_subject: subject.clone(), page };
                session.pages(paging, "petitions", OWN_COLUMNS, request).await
            }
            Self::ProvideInformation { on, proof, text } => {
                let request = pb::ProvideInformationRequest {
                    target: on.target(),
                    proof: proof.given(),
                    text: prose::given(text)?,
                };
                session.show(request).await
            }
            Self::Withdraw { on, proof, reason } => {
                let request = pb::WithdrawPetitionRequest {
                    target: on.target(),
                    proof: proof.given(),
                    reason: prose::maybe(reason)?,
                };
                session.show(request).await
            }
            Self::Rate { on, proof, stars, comment } => {
                let request = pb::RatePetitionRequest {
                    target: on.target(),
                    proof: proof.given(),
                    stars,
                    comment: prose::maybe(comment)?,
                };
                session.show(request).await
            }
            Self::Reopen { on, proof, reason } => {
                let request = pb::ReopenPetitionRequest {
                    target: on.target(),
                    proof: proof.given(),
                    reason: prose::given(reason)?,
                };
                session.show(request).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cell;

    #[test]
    fn columns_are_fields() {
        cell::assert_columns("OwnPetition", OWN_COLUMNS);
    }
}
