//! The public copy of a petition: written, put on the public record and taken off it by dispatchers.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::{
    client::{Run, contract, failure::Failure, json, prose, session::Session, shared::On},
    pb,
};

/// What to do with its public copy.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Keeps a public copy, written without anybody's identity; not public yet
    Redact {
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        copy: Copy,
    },
    /// Shows the last public copy that was kept
    ShowRedaction {
        /// Tracking code
        code: String,
    },
    /// Puts the kept copy on the public record
    Publish {
        #[command(flatten)]
        on: On,
        /// The revision that you have read and approve
        #[arg(long, value_name = "N")]
        revision: i32,
    },
    /// Takes it off the public record
    TakeDown {
        #[command(flatten)]
        on: On,
        /// Why, or `-`; internal
        #[arg(long)]
        reason: String,
    },
}

/// The text that everybody may read.
#[derive(Debug, Args)]
pub struct Copy {
    /// Reads title, question and answer from a TOML or JSON file; `-` for standard input. Options win
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Title, one line
    #[arg(long)]
    title: Option<String>,
    /// What was asked, or `-`
    #[arg(long)]
    question: Option<String>,
    /// What was answered, or `-`
    #[arg(long)]
    answer: Option<String>,
}

impl Copy {
    fn redaction(self) -> Result<pb::Redaction, Failure> {
        let mut redaction = match &self.from {
            Some(path) => read(path, &prose::file(path)?)?,
            None => pb::Redaction::default(),
        };
        for (slot, given) in [
            (&mut redaction.title, self.title),
            (&mut redaction.question, self.question),
            (&mut redaction.answer, self.answer),
        ] {
            if let Some(given) = given {
                *slot = prose::given(given)?;
            }
        }
        Ok(redaction)
    }
}

/// JSON begins with a brace; TOML cannot.
fn read(path: &Path, text: &str) -> Result<pb::Redaction, Failure> {
    let wrong = |problem: &str| Failure::usage(format!("{}: {problem}", path.display()));
    let value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?
    } else {
        toml::from_str(text).map_err(|error| wrong(error.message()))?
    };
    json::read(&contract::message("Redaction")?, &value)?.transcode_to().map_err(|error| wrong(&error.to_string()))
}

impl Run for Verb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Redact { on, copy } => {
                let request = pb::SaveRedactionRequest { target: on.target(), redaction: Some(copy.redaction()?) };
                session.show(request).await
            }
            Self::ShowRedaction { code } => session.show(pb::GetRedactionRequest { code }).await,
            Self::Publish { on, revision } => {
                let request = pb::PublishPetitionRequest { target: on.target(), revision };
                session.show(request).await
            }
            Self::TakeDown { on, reason } => {
                let request = pb::TakeDownPublicationRequest { target: on.target(), reason: prose::given(reason)? };
                session.show(request).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_read_from_either_form() {
        let path = Path::new("copy");
        let toml = read(path, "title = \"Sóng yếu\"\nquestion = \"\"\"\nVì sao?\"\"\"").unwrap();
        let json = read(path, r#" {"title": "Sóng yếu", "question": "Vì sao?"}"#).unwrap();
        assert_eq!(toml, json);
        assert_eq!(read(path, "titel = \"x\"").unwrap_err().exit(), 2);
    }
}
