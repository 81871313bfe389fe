//! Every letter to a real mail server on loopback. Run by `scripts/mail-trial`, which starts the server and reads
//! what arrived with another library; it needs the variables that the script sets.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a trial fails by panicking")]

use std::{env, fs, path::PathBuf};

use chrono::Utc;
use pakn::workers::mail::{
    envelope::{Delivery, Envelope, Language},
    kind::{Kind, Matter},
    options::Options,
    render,
    sender::Sender,
    templates::{self, Templates, every_letter},
    transport::Transport,
};
use serde_json::json;
use uuid::Uuid;

const TRICKY: &str =
    "  Lùi vào,\ttab, cuối dòng   \n.\n..\n.bắt đầu bằng chấm\nFrom đầu dòng\n\n\n=3D <b>&amp;</b>\n   ";

#[tokio::main]
async fn main() {
    let options: Options = toml::from_str(&env::var("PAKN_TRIAL_MAIL").unwrap()).unwrap();
    let expected = PathBuf::from(env::var("PAKN_TRIAL_EXPECTED").unwrap());
    let templates = Templates::new().unwrap();
    let sender = Sender::parse(&options).unwrap();
    let transport = Transport::open(&options.transport).unwrap();
    let write = |envelope: &Envelope| render::render(&templates, &sender, envelope, Utc::now());
    let mut thread: Vec<Uuid> = Vec::new();
    for (kind, language) in every_letter() {
        let mut envelope = templates::sample(kind, language);
        envelope.letter_id = Uuid::now_v7();
        envelope.to_email = "letters@trial.invalid".to_owned();
        envelope.thread.clone_from(&thread);
        for text in &mut envelope.texts {
            text.body = format!("{TRICKY}{}", "Một dòng rất dài, ".repeat(200));
        }
        let letter = write(&envelope).unwrap();
        let delivery = transport.deliver(&letter).await;
        assert!(matches!(delivery, Delivery::Accepted { .. }), "{delivery:?}");
        let context = render::context::Context::new(kind, &envelope).unwrap();
        let bodies = templates.write(kind, language, &context).unwrap();
        let id = |id: &Uuid| sender.message_id(*id);
        let record = json!({
            "message_id": id(&envelope.letter_id),
            "in_reply_to": thread.last().map(id),
            "references": thread.iter().map(id).collect::<Vec<_>>(),
            "subject": format!("[{}] {}", envelope.code, kind.subject(language, Matter::Petition)),
            "to_name": if kind.names_recipient() { envelope.to_name.as_str() } else { "" },
            "language": language.code(),
            "passes_on": kind.text().map(|_| &envelope.texts[0].body),
            "text": bodies.text,
            "html": bodies.html,
        });
        let file = expected.join(format!("{}.json", envelope.letter_id));
        fs::write(file, record.to_string()).unwrap();
        thread.push(envelope.letter_id);
    }

    // Nobody lives there, and the next letter is not held up by it.
    let mut envelope = templates::sample(Kind::Receipt, Language::Vi);
    envelope.to_email = "nobody@trial.invalid".to_owned();
    let delivery = transport.deliver(&write(&envelope).unwrap()).await;
    assert!(
        matches!(&delivery, Delivery::Rejected { reply } if reply.starts_with("550 ") && !reply.contains('@')),
        "{delivery:?}"
    );
    // Longer than the trial's server takes.
    let mut envelope = templates::sample(Kind::Answer, Language::Vi);
    envelope.to_email = "letters@trial.invalid".to_owned();
    for text in &mut envelope.texts {
        text.body = "dài ".repeat(100_000);
    }
    let delivery = transport.deliver(&write(&envelope).unwrap()).await;
    assert!(matches!(&delivery, Delivery::Rejected { reply } if reply.starts_with("552 ")), "{delivery:?}");
    transport.rest().await;
}
