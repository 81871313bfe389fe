//! Errors as gRPC says them: code, one line, and `google.rpc` details (design §6).

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::{
    app::{Error, secure_bytes},
    domain::{
        refusal::{Fault, Refusal},
        text::hex,
    },
};

/// The domain of reason codes in ErrorInfo.
const DOMAIN: &str = "pakn.v1";
/// Bytes of violations that an answer carries.
const ROOM: usize = 2_800;
/// Bytes of the line that tells them.
const LINE: usize = 1_000;
/// When to come back.
const SOON: Duration = Duration::from_secs(1);

/// What a caller is told of an error.
pub(super) fn status(error: Error) -> Status {
    match error {
        Error::Refused(refusal) => refused(refusal),
        Error::Unauthenticated => Status::unauthenticated(error.to_string()),
        Error::Conflict(_) => Status::already_exists(error.to_string()),
        Error::Absent(_) => Status::not_found(error.to_string()),
        Error::Moved(_) => {
            let details = ErrorDetails::with_error_info("MOVED", DOMAIN, HashMap::new());
            Status::with_error_details(Code::Aborted, error.to_string(), details)
        }
        Error::Contended => {
            let details = ErrorDetails::with_error_info("CONTENDED", DOMAIN, HashMap::new());
            Status::with_error_details(Code::Aborted, error.to_string(), details)
        }
        Error::Store(store) if store.transient() => {
            tracing::warn!(error = &store as &dyn std::error::Error, "the database is away");
            retry(Code::Unavailable, "the service cannot reach its database; try again")
        }
        Error::Store(store) => internal(&store),
    }
}

/// A refusal that says when to come back.
pub(super) fn retry(code: Code, message: &str) -> Status {
    retry_in(SOON, code, message)
}

/// The same, where it is known when.
pub(super) fn retry_in(wait: Duration, code: Code, message: &str) -> Status {
    Status::with_error_details(code, message, ErrorDetails::with_retry_info(Some(wait)))
}

/// An opaque id for the caller; the chain of causes once in the log, under that id.
fn internal(error: &dyn std::error::Error) -> Status {
    let id = hex(&secure_bytes::<8>());
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    tracing::error!(id, %error, ?causes, "internal error");
    Status::internal(format!("internal error {id}"))
}

/// One violation for each fault, and all of them in a line; both bounded, since they travel in a header that clients
/// read 8 KiB of.
fn violations(faults: Vec<Fault>) -> (Vec<FieldViolation>, String) {
    let (total, mut room) = (faults.len(), ROOM);
    let short =
        |text: String| if text.len() > LINE / 2 { text.chars().take(LINE / 6).chain(['…']).collect() } else { text };
    let faults = faults.into_iter().map(|fault| Fault::new(short(fault.field), short(fault.what)));
    let told: Vec<Fault> = faults
        .take_while(|fault| {
            let size = fault.field.len() + fault.what.len() + 8;
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        })
        .collect();
    let mut message = String::new();
    for (place, fault) in told.iter().enumerate() {
        let one = fault.to_string();
        if message.len() + one.len() > LINE {
            message.push_str(&format!("; and {} more", total - place));
            break;
        }
        message.push_str(if place == 0 { "" } else { "; " });
        message.push_str(&one);
    }
    let mut violations: Vec<FieldViolation> =
        told.into_iter().map(|fault| FieldViolation::new(fault.field, fault.what)).collect();
    if violations.len() < total {
        // Under the field of the last one that is told, so that nobody looks for a field that is none.
        let field = violations.last().map(|last| last.field.clone()).unwrap_or_default();
        violations.push(FieldViolation::new(field, format!("and {} more faults", total - violations.len())));
    }
    (violations, message)
}

fn refused(refusal: Refusal) -> Status {
    let message = refusal.to_string();
    let info = |reason: &str, metadata: &[(&str, String)]| {
        let metadata: HashMap<String, String> =
            metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        ErrorDetails::with_error_info(reason, DOMAIN, metadata)
    };
    match refusal {
        Refusal::Invalid(faults) => {
            let (violations, message) = violations(faults);
            Status::with_error_details(Code::InvalidArgument, message, ErrorDetails::with_bad_request(violations))
        }
        Refusal::State { command, state } => {
            let reason = format!("{command}_NOT_POSSIBLE_IN_{state}");
            let details = info(&reason, &[("command", command.to_owned()), ("state", state.to_string())]);
            Status::with_error_details(Code::FailedPrecondition, message, details)
        }
        Refusal::Rule { reason, .. } => {
            Status::with_error_details(Code::FailedPrecondition, message, info(reason, &[]))
        }
        Refusal::Forbidden { rpc, .. } => {
            let details = info("FORBIDDEN", &[("rpc", rpc.to_owned())]);
            Status::with_error_details(Code::PermissionDenied, message, details)
        }
        Refusal::NotFound => Status::not_found(message),
        Refusal::Stale { current } => {
            let details = info("STALE_VERSION", &[("version", current.to_string())]);
            Status::with_error_details(Code::Aborted, message, details)
        }
        Refusal::StaleRevision { current, version } => {
            let metadata = [("revision", current.to_string()), ("version", version.to_string())];
            Status::with_error_details(Code::Aborted, message, info("STALE_REVISION", &metadata))
        }
        Refusal::RequestReused => {
            Status::with_error_details(Code::AlreadyExists, message, info("REQUEST_ID_REUSED", &[]))
        }
    }
}
