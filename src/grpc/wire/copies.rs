//! Messages about redacted copies of conduct cases.

use std::collections::HashMap;

use super::{casework::Read, parse::Faults};
use crate::{
    app::{Dossier, Error, OpenCopy, StoredText},
    domain::{
        command::Command,
        copies::SharedCopy,
        ids::{CopyId, TextId},
        reference::Reference,
        text::body,
    },
    pb,
};

pub(crate) fn share(r: &pb::ShareRedactedCopyRequest, _: &Reference) -> Read {
    let mut f = Faults::default();
    let (code, asked) = f.target(r.target.as_ref(), "ShareRedactedCopy", r);
    let text = f.text("text", &r.text, body(10, 20_000));
    // Who brought it, and is not to be named, is put in where it is decided.
    f.or((code, asked, Command::ShareCopy { text, petitioner: None }))
}

pub(crate) fn id(typed: &str) -> Result<CopyId, Error> {
    super::directory::id(typed).map(CopyId)
}

pub(crate) fn statement(r: &pb::SubmitStatementRequest) -> Result<(CopyId, String), Error> {
    let mut f = Faults::default();
    f.uuid("request_id", &r.request_id);
    let text = f.text("text", &r.text, body(10, 20_000));
    super::parse::both(id(&r.id), f.or(text))
}

pub(crate) fn open(open: &OpenCopy, reference: &Reference) -> pb::RedactedCopy {
    copy(&open.copy, &open.texts, reference)
}

/// The copies of a petition, as its own staff see them.
pub(crate) fn of(dossier: &Dossier, reference: &Reference) -> Vec<pb::RedactedCopy> {
    dossier.petition.copies.iter().map(|shared| copy(shared, &dossier.texts, reference)).collect()
}

fn copy(shared: &SharedCopy, texts: &HashMap<TextId, StoredText>, reference: &Reference) -> pb::RedactedCopy {
    let body = |id: &TextId| texts.get(id).map(|text| text.body.clone()).unwrap_or_default();
    let statement = |statement: &crate::domain::copies::Statement| pb::Statement {
        text: body(&statement.text),
        submitted_on: statement.submitted_on.to_string(),
    };
    pb::RedactedCopy {
        id: shared.id.to_string(),
        unit: reference.units.code(shared.unit).to_owned(),
        text: body(&shared.text),
        shared_on: shared.shared_on.to_string(),
        statements: shared.statements.iter().map(statement).collect(),
        takes_statements: !shared.closed,
    }
}
