//! A submission from options, or from a JSON object that options amend.

use std::path::PathBuf;

use clap::Args;
use prost_types::Timestamp;

use crate::{
    client::{
        contract::{self, one_of},
        failure::Failure,
        instant, json, prose,
        shared::Once,
    },
    pb,
};

/// What is submitted, by whom.
#[derive(Debug, Args)]
pub struct Submission {
    /// Reads a SubmitPetitionRequest as JSON, with the contract's field names; `-` for standard input. Options win
    #[arg(long, value_name = "FILE")]
    from_json: Option<PathBuf>,
    #[command(flatten)]
    once: Once,
    /// Feedback, or a proposal with a solution
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::PetitionKind>())]
    kind: Option<i32>,
    /// What the petitioner says it is about
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::SubjectClass>())]
    class: Option<i32>,
    /// Code of the field
    #[arg(long, value_name = "CODE")]
    field: Option<String>,
    /// The way it came
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Channel>())]
    channel: Option<i32>,
    /// Title, one line
    #[arg(long)]
    title: Option<String>,
    /// Content, or `-`
    #[arg(long)]
    content: Option<String>,
    /// The proposed solution, or `-`
    #[arg(long)]
    proposal: Option<String>,
    /// Commune code of the place
    #[arg(long, value_name = "CODE")]
    place: Option<String>,
    /// The body it is addressed to, in the petitioner's words
    #[arg(long, value_name = "NAME")]
    requested_body: Option<String>,
    /// Code of the administrative procedure
    #[arg(long, value_name = "CODE")]
    procedure_number: Option<String>,
    /// Number of the dossier
    #[arg(long, value_name = "NUMBER")]
    dossier_number: Option<String>,
    /// What is enclosed, described
    #[arg(long, value_name = "TEXT")]
    enclosures: Option<String>,
    /// The portal's id of its user
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// When it was received, for clerks
    #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
    received_at: Option<Timestamp>,
    /// Code of the unit that receives
    #[arg(long, value_name = "CODE")]
    focal_unit: Option<String>,
    #[command(flatten)]
    petitioner: Petitioner,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Petitioner")]
struct Petitioner {
    /// Individual or organisation
    #[arg(long = "type", ignore_case = true, value_parser = one_of::<pb::PetitionerType>())]
    petitioner_type: Option<i32>,
    /// Name
    #[arg(long)]
    name: Option<String>,
    /// E-mail address
    #[arg(long)]
    email: Option<String>,
    /// Telephone number
    #[arg(long)]
    phone: Option<String>,
    /// Postal address
    #[arg(long)]
    address: Option<String>,
    /// Who speaks for an organisation or for several
    #[arg(long, value_name = "NAME")]
    representative: Option<String>,
    /// How many signed
    #[arg(long, value_name = "N")]
    signatories: Option<i32>,
    /// By what means to hear
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Medium>())]
    medium: Option<i32>,
    /// Language of letters
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Language>())]
    language: Option<i32>,
    /// A purpose consented to, with the text agreed to; may be repeated
    #[arg(long, value_name = "PURPOSE=TEXT", value_parser = consent)]
    consent: Vec<pb::Consent>,
}

impl Submission {
    /// The request; an option wins over what the JSON says.
    pub fn request(self) -> Result<pb::SubmitPetitionRequest, Failure> {
        let mut request = match &self.from_json {
            Some(path) => read(&prose::file(path)?)?,
            None => pb::SubmitPetitionRequest::default(),
        };
        match self.once.given() {
            Some(id) => request.request_id = id,
            None if request.request_id.is_empty() => request.request_id = self.once.id(),
            None => {}
        }
        put(&mut request.kind, self.kind);
        put(&mut request.subject_class, self.class);
        put(&mut request.field, self.field);
        put(&mut request.channel, self.channel);
        put(&mut request.title, self.title);
        put(&mut request.content, self.content.map(prose::given).transpose()?);
        put(&mut request.proposal, self.proposal.map(prose::given).transpose()?);
        put(&mut request.place, self.place);
        put(&mut request.requested_body, self.requested_body);
        put(&mut request.procedure_number, self.procedure_number);
        put(&mut request.dossier_number, self.dossier_number);
        put(&mut request.enclosures, self.enclosures);
        put(&mut request.portal_subject, self.subject);
        put(&mut request.focal_unit, self.focal_unit);
        request.received_at = self.received_at.or(request.received_at);
        self.petitioner.amend(&mut request);
        Ok(request)
    }
}

impl Petitioner {
    fn amend(self, request: &mut pb::SubmitPetitionRequest) {
        put(&mut request.medium, self.medium);
        put(&mut request.language, self.language);
        request.consents.extend(self.consent);
        let petitioner = request.petitioner.get_or_insert_default();
        put(&mut petitioner.r#type, self.petitioner_type);
        put(&mut petitioner.name, self.name);
        put(&mut petitioner.email, self.email);
        put(&mut petitioner.phone, self.phone);
        put(&mut petitioner.address, self.address);
        put(&mut petitioner.representative, self.representative);
        put(&mut petitioner.signatories, self.signatories);
    }
}

fn put<T>(slot: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *slot = given;
    }
}

fn read(text: &str) -> Result<pb::SubmitPetitionRequest, Failure> {
    let value = serde_json::from_str(text).map_err(|error| Failure::usage(format!("--from-json: {error}")))?;
    json::read(&contract::message("SubmitPetitionRequest")?, &value)?
        .transcode_to()
        .map_err(|error| Failure::usage(format!("--from-json: {error}")))
}

fn consent(given: &str) -> Result<pb::Consent, &'static str> {
    let (purpose, text) = given.split_once('=').ok_or("give PURPOSE=TEXT")?;
    Ok(pb::Consent { purpose: purpose.to_owned(), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        submission: Submission,
    }

    #[test]
    fn options_amend_the_json() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let text = r#"{"kind": "PROPOSAL", "title": "Cũ", "petitioner": {"name": "An", "type": "INDIVIDUAL"}}"#;
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap();
        let line = [
            "submit",
            "--from-json",
            path,
            "--title",
            "Mới",
            "--channel",
            "portal",
            "--email",
            "an@example.vn",
            "--consent",
            "PUBLISH_NAME=Tôi đồng ý",
        ];
        let request = Line::parse_from(line).submission.request().unwrap();
        assert_eq!(request.kind(), pb::PetitionKind::Proposal);
        assert_eq!(request.channel(), pb::Channel::Portal);
        assert_eq!(request.title, "Mới");
        assert_eq!(request.consents[0].text, "Tôi đồng ý");
        let petitioner = request.petitioner.unwrap();
        assert_eq!((petitioner.name.as_str(), petitioner.email.as_str()), ("An", "an@example.vn"));
        assert_eq!(request.request_id.len(), 36);
    }
}
