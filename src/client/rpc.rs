//! Which request belongs to which RPC, and how its answer is read. Opens no connection.
//!
//! Answers are read as dynamic messages, described by the contract's own descriptors: one call and one way to
//! show an answer serve every RPC, and a field that the contract gains is shown without a change here.

use std::marker::PhantomData;

use prost::{Message, bytes::Buf as _};
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::ProstEncoder;

use crate::pb;

/// A request that knows its RPC.
pub trait Rpc: Message + Send + Sync + 'static {
    /// Service and method: `CaseworkService/StartPetition`.
    const PATH: &'static str;
    /// The same as the path of a request of HTTP.
    const PATH_AND_QUERY: &'static str;
    /// Whether anyone may ask, without a token.
    const IS_PUBLIC: bool;
}

macro_rules! rpcs {
    ($($service:literal { $($method:literal $request:ident),+ $(,)? })+) => {
        $($(impl Rpc for pb::$request {
            const PATH: &'static str = concat!($service, "/", $method);
            const PATH_AND_QUERY: &'static str = concat!("/pakn.v1.", $service, "/", $method);
            const IS_PUBLIC: bool = matches!($service.as_bytes(), b"PublicService");
        })+)+

        #[cfg(test)]
        const ALL: &[(&str, &str)] =
            &[$($((concat!($service, "/", $method), stringify!($request))),+),+];
    };
}

rpcs! {
    "IntakeService" {
        "SubmitPetition" SubmitPetitionRequest,
        "SubmitDataRequest" SubmitDataRequestRequest,
        "TrackPetition" TrackPetitionRequest,
        "ExplainOwnDeadline" ExplainOwnDeadlineRequest,
        "ListOwnPetitions" ListOwnPetitionsRequest,
        "ProvideInformation" ProvideInformationRequest,
        "WithdrawPetition" WithdrawPetitionRequest,
        "RatePetition" RatePetitionRequest,
        "ReopenPetition" ReopenPetitionRequest,
    }
    "CaseworkService" {
        "ListPetitions" ListPetitionsRequest,
        "CountPetitions" CountPetitionsRequest,
        "GetPetition" GetPetitionRequest,
        "ListPetitionEvents" ListPetitionEventsRequest,
        "RequestInformation" RequestInformationRequest,
        "AcceptPetition" AcceptPetitionRequest,
        "ReclassifyPetition" ReclassifyPetitionRequest,
        "PostProgress" PostProgressRequest,
        "ExplainDeadline" ExplainDeadlineRequest,
        "RefusePetition" RefusePetitionRequest,
        "TransferPetition" TransferPetitionRequest,
        "AssignPetition" AssignPetitionRequest,
        "ReturnPetition" ReturnPetitionRequest,
        "StartPetition" StartPetitionRequest,
        "SaveDraft" SaveDraftRequest,
        "SubmitDraft" SubmitDraftRequest,
        "SendBackDraft" SendBackDraftRequest,
        "ApproveAnswer" ApproveAnswerRequest,
        "RecallAnswer" RecallAnswerRequest,
        "ExtendDeadline" ExtendDeadlineRequest,
        "AddNote" AddNoteRequest,
        "RevealPetitioner" RevealPetitionerRequest,
        "ErasePetition" ErasePetitionRequest,
        "ListSimilarPetitions" ListSimilarPetitionsRequest,
        "SuggestUnits" SuggestUnitsRequest,
        "ShareRedactedCopy" ShareRedactedCopyRequest,
        "ListRedactedCopies" ListRedactedCopiesRequest,
        "GetRedactedCopy" GetRedactedCopyRequest,
        "SubmitStatement" SubmitStatementRequest,
    }
    "DeadlineService" {
        "PutPolicy" PutPolicyRequest,
        "ClosePolicy" ClosePolicyRequest,
        "GetPolicy" GetPolicyRequest,
        "ListPolicies" ListPoliciesRequest,
        "PutCalendar" PutCalendarRequest,
        "ImportCalendar" ImportCalendarRequest,
        "ExportCalendar" ExportCalendarRequest,
        "GetCalendar" GetCalendarRequest,
        "ListCalendars" ListCalendarsRequest,
        "PreviewCalendar" PreviewCalendarRequest,
        "ApplyCalendar" ApplyCalendarRequest,
    }
    "PublicationService" {
        "SaveRedaction" SaveRedactionRequest,
        "GetRedaction" GetRedactionRequest,
        "PublishPetition" PublishPetitionRequest,
        "TakeDownPublication" TakeDownPublicationRequest,
    }
    "PublicService" {
        "SearchPublications" SearchPublicationsRequest,
        "GetPublication" GetPublicationRequest,
        "ListFields" ListFieldsRequest,
    }
    "SupervisionService" {
        "GetOnTimeReport" GetOnTimeReportRequest,
        "ListPetitionsInReport" ListPetitionsInReportRequest,
        "ListAuditEvents" ListAuditEventsRequest,
        "VerifyAudit" VerifyAuditRequest,
        "ListReveals" ListRevealsRequest,
    }
    "DirectoryService" {
        "CreateUnit" CreateUnitRequest,
        "GetUnit" GetUnitRequest,
        "UpdateUnit" UpdateUnitRequest,
        "PreviewCloseUnit" PreviewCloseUnitRequest,
        "CloseUnit" CloseUnitRequest,
        "CreateAccount" CreateAccountRequest,
        "GetAccount" GetAccountRequest,
        "UpdateAccount" UpdateAccountRequest,
        "CreateGrant" CreateGrantRequest,
        "CreateDelegation" CreateDelegationRequest,
        "GetDelegation" GetDelegationRequest,
        "ListDelegations" ListDelegationsRequest,
        "RevokeDelegation" RevokeDelegationRequest,
        "RevokeGrant" RevokeGrantRequest,
        "ListUnits" ListUnitsRequest,
        "ListAccounts" ListAccountsRequest,
        "ListGrants" ListGrantsRequest,
        "GetField" GetFieldRequest,
        "UpdateField" UpdateFieldRequest,
        "CreateRoutingRule" CreateRoutingRuleRequest,
        "GetRoutingRule" GetRoutingRuleRequest,
        "ListRoutingRules" ListRoutingRulesRequest,
        "UpdateRoutingRule" UpdateRoutingRuleRequest,
        "CloseRoutingRule" CloseRoutingRuleRequest,
        "TryRoutingRules" TryRoutingRulesRequest,
    }
    "DeliveryService" {
        "ListLetters" ListLettersRequest,
        "GetLetter" GetLetterRequest,
        "RetryLetter" RetryLetterRequest,
        "AbandonLetter" AbandonLetterRequest,
        "RecordHandover" RecordHandoverRequest,
    }
}

/// Encodes a request of the contract and decodes its answer by descriptor.
pub struct Wire<R> {
    answer: MessageDescriptor,
    request: PhantomData<fn() -> R>,
}

impl<R> Wire<R> {
    /// For answers of this description.
    pub fn new(answer: MessageDescriptor) -> Self {
        Self { answer, request: PhantomData }
    }
}

impl<R: Rpc> Codec for Wire<R> {
    type Encode = R;
    type Decode = DynamicMessage;
    type Encoder = ProstEncoder<R>;
    type Decoder = AnswerDecoder;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        AnswerDecoder(self.answer.clone())
    }
}

/// Decodes an answer by its descriptor.
pub struct AnswerDecoder(MessageDescriptor);

impl Decoder for AnswerDecoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        DynamicMessage::decode(self.0.clone(), bytes)
            .map(Some)
            .map_err(|error| Status::internal(format!("the answer cannot be read: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::contract, *};

    #[test]
    fn every_request_belongs_to_its_rpc() {
        for (path, request) in ALL {
            let method = contract::method(path).unwrap();
            assert_eq!(method.input().name(), *request, "{path}");
            assert!(!method.is_client_streaming() && !method.is_server_streaming());
        }
    }
}
