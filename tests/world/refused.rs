//! What a refusal says.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Reads a status as a caller reads it.
pub trait Refused {
    /// The stable reason code; empty without one.
    fn reason(&self) -> String;
    /// A value of the error's metadata; empty without one.
    fn meta(&self, key: &str) -> String;
    /// Fields that are at fault.
    fn fields(&self) -> Vec<String>;
    /// Code and reason, for comparing.
    fn told(&self) -> (Code, String);
}

impl Refused for Status {
    fn reason(&self) -> String {
        self.get_details_error_info().map(|info| info.reason).unwrap_or_default()
    }

    fn meta(&self, key: &str) -> String {
        self.get_details_error_info().and_then(|info| info.metadata.get(key).cloned()).unwrap_or_default()
    }

    fn fields(&self) -> Vec<String> {
        let faults = self.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
        faults.into_iter().map(|fault| fault.field).collect()
    }

    fn told(&self) -> (Code, String) {
        (self.code(), self.reason())
    }
}
