//! A conversation with one server: one call, pages of calls, and what to say when it fails.

use std::{error::Error, iter::successors, time::Duration};

use prost_reflect::{DynamicMessage, MethodDescriptor, Value};
use tonic::{
    Code, ConnectError, Request, Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};

use super::{
    cell, contract,
    failure::Failure,
    output::{self, Output},
    rpc::{Rpc, Wire},
    shared::Paging,
};
use crate::pb;

/// The largest answer that is read.
const LARGEST: usize = 64 * 1024 * 1024;

/// What tonic says where it gives up waiting by itself.
const TIMED_OUT: &str = "Timeout expired";

/// A server, who asks it, and where answers go.
pub struct Session {
    grpc: Grpc<Channel>,
    server: String,
    token: Option<MetadataValue<Ascii>>,
    timeout: Duration,
    /// Where and how answers are shown.
    pub output: Output,
}

impl Session {
    /// A session that connects at the first call.
    pub fn new(
        endpoint: &Endpoint,
        server: String,
        token: Option<MetadataValue<Ascii>>,
        timeout: Duration,
        output: Output,
    ) -> Self {
        let grpc = Grpc::new(endpoint.connect_lazy()).max_decoding_message_size(LARGEST);
        Self { grpc, server, token, timeout, output }
    }

    /// Sends a request and gives the answer.
    pub async fn call<R: Rpc>(&mut self, request: R) -> Result<DynamicMessage, Failure> {
        let method = contract::method(R::PATH)?;
        let path = PathAndQuery::from_static(R::PATH_AND_QUERY);
        let request_id = request_id(&method, &request);
        let mut request = Request::new(request);
        request.set_timeout(self.timeout);
        // The public record is for anyone: no need to say who asks.
        if let Some(token) = self.token.clone().filter(|_| !R::IS_PUBLIC) {
            request.metadata_mut().insert("authorization", token);
        }
        let answer = async {
            self.grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
            let wire = Wire::new(method.output());
            self.grpc.unary(request, path, wire).await
        };
        let (failure, is_certain) = match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => return Ok(answer.into_inner()),
            Ok(Err(status)) => (self.failure(&status), is_certain(&status)),
            Err(_) => (self.no_answer(), false),
        };
        Err(match request_id {
            Some(id) if !is_certain => failure.noting(&format!(
                "it may have been done all the same; with --request-id {id} it can be repeated safely"
            )),
            _ => failure,
        })
    }

    /// Sends a request and shows the answer.
    pub async fn show<R: Rpc>(&mut self, request: R) -> Result<(), Failure> {
        let answer = self.call(request).await?;
        self.output.record(&answer)
    }

    /// Sends a request and shows a list of the answer.
    pub async fn list<R: Rpc>(&mut self, request: R, list: &str, columns: &[&str]) -> Result<(), Failure> {
        let answer = self.call(request).await?;
        self.output.rows(&answer, list, columns)
    }

    /// Shows one page of a list, or all; where more follows, says so beside the data.
    pub async fn pages<R: Rpc>(
        &mut self,
        paging: Paging,
        list: &str,
        columns: &[&str],
        request: impl Fn(Option<pb::PageRequest>) -> R,
    ) -> Result<(), Failure> {
        let mut answer = self.call(request(Some(paging.first()))).await?;
        while paging.all && !next_token(&answer).is_empty() {
            let page = paging.after(next_token(&answer));
            let next = self.call(request(Some(page))).await?;
            append(&mut answer, next, list);
        }
        self.output.rows(&answer, list, columns)?;
        let token = next_token(&answer);
        if !token.is_empty() {
            output::remark(&format!("more: --page-token {token}"));
        }
        Ok(())
    }

    /// A list whole, page by page, or its beginning; all else is the first page's.
    pub async fn whole<R: Rpc>(
        &mut self,
        list: &str,
        most: usize,
        request: impl Fn(Option<pb::PageRequest>) -> R,
    ) -> Result<DynamicMessage, Failure> {
        let page = |token| Some(pb::PageRequest { size: 200, token });
        let mut first = self.call(request(page(String::new()))).await?;
        let (mut rows, mut token) = (take(&mut first, list), next_token(&first));
        while !token.is_empty() && rows.len() < most {
            let mut next = self.call(request(page(token))).await?;
            rows.append(&mut take(&mut next, list));
            token = next_token(&next);
        }
        rows.truncate(most);
        first.set_field_by_name(list, Value::List(rows));
        first.clear_field_by_name("page");
        Ok(first)
    }

    fn failure(&self, status: &Status) -> Failure {
        match (status.code(), causes(status).last()) {
            (Code::Cancelled, _) if status.message() == TIMED_OUT => self.no_answer(),
            (Code::Unavailable, Some(cause)) => Failure::unavailable(format!("cannot reach {}: {cause}", self.server)),
            _ => Failure::refused(status),
        }
    }

    fn no_answer(&self) -> Failure {
        let seconds = self.timeout.as_secs();
        Failure::unavailable(format!("no answer from {} in {seconds} s", self.server))
    }
}

/// The errors behind a status that did not come from the server, the deepest last.
fn causes(status: &Status) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(status.source(), |&cause| cause.source())
}

/// Whether a command that failed so was surely not carried out.
fn is_certain(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => causes(status).any(|cause| cause.is::<ConnectError>()),
        Code::Cancelled | Code::DeadlineExceeded | Code::Unknown => false,
        _ => true,
    }
}

/// The id under which a command is carried out once at most.
fn request_id(method: &MethodDescriptor, request: &impl prost::Message) -> Option<String> {
    let request = DynamicMessage::decode(method.input(), request.encode_to_vec().as_slice()).ok()?;
    ["request_id", "target.request_id"]
        .into_iter()
        .filter_map(|path| cell::at(&request, path))
        .find_map(|(_, id)| id.as_str().map(str::to_owned))
}

fn next_token(answer: &DynamicMessage) -> String {
    let token = cell::at(answer, "page.next_token");
    token.and_then(|(_, token)| token.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Puts a page's rows behind those before it; all else is the later page's.
fn append(answer: &mut DynamicMessage, mut next: DynamicMessage, list: &str) {
    let rows = [take(answer, list), take(&mut next, list)].concat();
    next.set_field_by_name(list, Value::List(rows));
    *answer = next;
}

fn take(answer: &mut DynamicMessage, list: &str) -> Vec<Value> {
    match answer.take_field_by_name(list) {
        Some(Value::List(rows)) => rows,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::json, *};

    fn page(codes: &[&str], token: &str) -> DynamicMessage {
        let petitions: Vec<_> = codes.iter().map(|code| json!({"code": code})).collect();
        let kind = contract::message("ListPetitionsResponse").unwrap();
        json::read(&kind, &json!({"petitions": petitions, "page": {"next_token": token}})).unwrap()
    }

    #[test]
    fn pages_follow_each_other() {
        let mut answer = page(&["a", "b"], "t");
        assert_eq!(next_token(&answer), "t");
        append(&mut answer, page(&["c"], ""), "petitions");
        let codes = json::of(&answer);
        let codes: Vec<_> = codes["petitions"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
        assert_eq!(codes, ["a", "b", "c"]);
        assert_eq!(next_token(&answer), "");
    }

    #[test]
    fn a_command_is_known_by_its_request_id() {
        let request =
            pb::StartPetitionRequest { target: Some(pb::Target { request_id: "7".to_owned(), ..Default::default() }) };
        let method = contract::method(pb::StartPetitionRequest::PATH).unwrap();
        assert_eq!(request_id(&method, &request).as_deref(), Some("7"));
        let method = contract::method(pb::GetPetitionRequest::PATH).unwrap();
        assert_eq!(request_id(&method, &pb::GetPetitionRequest::default()), None);
    }
}
