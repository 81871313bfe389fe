//! Finds a letter that went out, and reads it as a mail program would.

use std::time::Duration;

use mail_parser::MessageParser;

use super::{Failure, Walk, ask};
use crate::pb;

/// How long a letter may take.
const TRIES: u32 = 100;
const EVERY: Duration = Duration::from_millis(100);
/// Lines shown of it, empty ones left out.
const LINES: usize = 8;

/// A letter in the folder.
pub(super) struct Sent {
    pub(super) file: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) lines: Vec<String>,
}

/// Waits until the last letter of a kind to the petitioner was sent.
///
/// # Errors
/// When it was not within ten seconds, or cannot be read.
pub(super) async fn arrived(walk: &Walk, kind: &str) -> Result<Sent, Failure> {
    for _ in 0..TRIES {
        let request = pb::ListLettersRequest {
            statuses: vec![pb::LetterStatus::Accepted.into()],
            code: walk.code.clone(),
            page: None,
        };
        let found = ask!(walk as "operator", delivery_service_client::DeliveryServiceClient.list_letters(request));
        if let Some(letter) = found.letters.iter().rfind(|letter| letter.kind == kind) {
            return read(walk, format!("{}.eml", letter.id));
        }
        tokio::time::sleep(EVERY).await;
    }
    Err(Failure::new(format!("the {kind} letter was not sent within ten seconds")))
}

fn read(walk: &Walk, file: String) -> Result<Sent, Failure> {
    let bytes = std::fs::read(walk.letters.join(&file)).map_err(Failure::of(&file))?;
    let message =
        MessageParser::default().parse(&bytes).ok_or_else(|| Failure::new(format!("{file} is not a letter")))?;
    let address = message.to().and_then(|to| to.first());
    let text = message.body_text(0).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim().is_empty()).map(shortened).take(LINES).collect();
    Ok(Sent {
        to: address.and_then(|address| address.address()).unwrap_or_default().to_owned(),
        subject: message.subject().unwrap_or_default().to_owned(),
        lines,
        file,
    })
}

fn shortened(line: &str) -> String {
    const WIDTH: usize = 100;
    if line.chars().count() <= WIDTH { line.to_owned() } else { line.chars().take(WIDTH).chain(['…']).collect() }
}
