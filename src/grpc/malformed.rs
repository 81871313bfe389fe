//! Bytes that are no message. tonic answers INTERNAL to them; the fault is the caller's, and is named like any
//! other.

use http::Response;
use tonic::{Code, Status, body::Body};
use tonic_types::{ErrorDetails, StatusExt as _};

/// How prost begins when it cannot decode; then come `Message.field: ` from the innermost out, then why.
const UNDECODED: &str = "failed to decode Protobuf message: ";
/// How tonic begins when the framing is broken.
const UNFRAMED: [&str; 3] =
    ["protocol error: received message with", "Missing request message.", "Unexpected EOF decoding stream."];

/// The response, unless it blames the server for the caller's bytes: then one that names the field.
pub(super) fn told(response: Response<Body>) -> Response<Body> {
    let status = Status::from_header_map(response.headers()).filter(|status| status.code() == Code::Internal);
    let Some(status) = status else { return response };
    let message = status.message();
    if let Some(where_and_why) = message.strip_prefix(UNDECODED) {
        let (field, why) = place(where_and_why);
        let details = ErrorDetails::with_bad_request_violation(field, why);
        return Status::with_error_details(Code::InvalidArgument, message, details).into_http();
    }
    if UNFRAMED.iter().any(|start| message.starts_with(start)) {
        return Status::invalid_argument(message).into_http();
    }
    response
}

/// `B.c: A.b: why` is the field `b.c`, and why.
fn place(mut text: &str) -> (String, &str) {
    let mut fields = Vec::new();
    while let Some((head, rest)) = text.split_once(": ") {
        let Some((message, field)) = head.rsplit_once('.') else { break };
        if message.contains(' ') || field.contains(' ') {
            break;
        }
        fields.push(field);
        text = rest;
    }
    fields.reverse();
    (fields.join("."), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_found() {
        let why = "invalid string value: data is not UTF-8 encoded";
        assert_eq!(place(&format!("Petitioner.name: Submit.petitioner: {why}")), ("petitioner.name".to_owned(), why));
        assert_eq!(place("invalid varint"), (String::new(), "invalid varint"));
        assert_eq!(place(why), (String::new(), why));
    }

    #[test]
    fn what_is_ours_stays_ours() {
        let ours = told(Status::internal("internal error 00ff").into_http());
        assert_eq!(ours.headers()["grpc-status"], "13");
        let theirs = told(Status::internal(format!("{UNDECODED}invalid varint")).into_http());
        assert_eq!(theirs.headers()["grpc-status"], "3");
    }
}
