//! Why a command failed: one line for a person and an exit code for a script. No other output.

use std::{collections::BTreeMap, fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::plain;

const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const NOT_ALLOWED: u8 = 3;
const NOT_FOUND: u8 = 4;
const CONFLICT: u8 = 5;
const UNAVAILABLE: u8 = 6;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    exit: u8,
    line: String,
}

impl Failure {
    /// The command line, a file or the profile is wrong.
    pub fn usage(line: impl Into<String>) -> Self {
        Self::new(USAGE, line)
    }

    /// A check found something broken.
    pub fn broken(line: impl Into<String>) -> Self {
        Self::new(REFUSED, line)
    }

    /// The server cannot be reached or did not answer in time.
    pub fn unavailable(line: impl Into<String>) -> Self {
        Self::new(UNAVAILABLE, line)
    }

    /// The server's reason, with its `google.rpc` details, on one line.
    pub fn refused(status: &Status) -> Self {
        let exit = match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => NOT_ALLOWED,
            Code::NotFound => NOT_FOUND,
            Code::Aborted | Code::AlreadyExists => CONFLICT,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted => UNAVAILABLE,
            _ => REFUSED,
        };
        Self::new(exit, reason(status))
    }

    /// The same failure with a remark behind it.
    pub fn noting(self, remark: &str) -> Self {
        Self::new(self.exit, format!("{}; {remark}", self.line))
    }

    /// The exit code.
    pub fn exit(&self) -> u8 {
        self.exit
    }

    fn new(exit: u8, line: impl Into<String>) -> Self {
        Self { exit, line: plain::line(&line.into()) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let said = match (violations(&details), status.message()) {
        (Some(violations), _) => violations,
        (None, "") => status.code().description().to_owned(),
        (None, message) => message.to_owned(),
    };
    let code = stable(&details).map(|code| format!(" [{code}]"));
    let retry = details
        .retry_info()
        .and_then(|info| info.retry_delay)
        .map(|delay| format!("; try again in {} s", seconds(delay)));
    said + &code.unwrap_or_default() + &retry.unwrap_or_default()
}

fn violations(details: &ErrorDetails) -> Option<String> {
    let violations = &details.bad_request()?.field_violations;
    let lines: Vec<String> = violations
        .iter()
        .map(|violation| match violation.field.as_str() {
            "" => violation.description.clone(),
            field => format!("{field}: {}", violation.description),
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

/// The stable reason code with its facts in alphabetical order.
fn stable(details: &ErrorDetails) -> Option<String> {
    let info = details.error_info()?;
    let facts: BTreeMap<_, _> = info.metadata.iter().collect();
    let facts = facts.into_iter().map(|(name, value)| format!(" {name}={value}"));
    Some(info.reason.clone() + &facts.collect::<String>())
}

/// Whole seconds, rounded up: never too soon.
fn seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn failure(code: Code, message: &str, details: ErrorDetails) -> Failure {
        Failure::refused(&Status::with_error_details(code, message, details))
    }

    #[test]
    fn violations_stand_on_one_line() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("title", "is too short");
        details.add_bad_request_violation("petitioner.name", "is required");
        let failure = failure(Code::InvalidArgument, "invalid", details);
        assert_eq!(failure.to_string(), "title: is too short; petitioner.name: is required");
        assert_eq!(failure.exit(), 1);
    }

    #[test]
    fn a_stale_version_names_the_current_one() {
        let facts = HashMap::from([("version".to_owned(), "7".to_owned())]);
        let details = ErrorDetails::with_error_info("VERSION_MOVED", "pakn", facts);
        let failure = failure(Code::Aborted, "it changed since it was read", details);
        assert_eq!(failure.to_string(), "it changed since it was read [VERSION_MOVED version=7]");
        assert_eq!(failure.exit(), 5);
    }

    #[test]
    fn retry_rounds_up() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_millis(1200)));
        let failure = failure(Code::Unavailable, "shutting down", details);
        assert_eq!(failure.to_string(), "shutting down; try again in 2 s");
        assert_eq!(failure.exit(), 6);
    }

    #[test]
    fn a_reason_is_never_empty_nor_two_lines() {
        let silent = Failure::refused(&Status::not_found(""));
        assert_eq!(silent.to_string(), Code::NotFound.description());
        let loud = Failure::refused(&Status::internal("one\ntwo\u{1b}[31m"));
        assert_eq!(loud.to_string(), "one two");
    }
}
