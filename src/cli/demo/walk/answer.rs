//! The petition is answered: drafted, sent back, approved, delivered; published, rated, taken up again.

use super::{Failure, State, Walk, ask, due, letter};
use crate::pb;

const FIRST: &str = "Cục sẽ kiểm tra.";
const ANSWER: &str = "Kính gửi: Bà Nguyễn Thị Thu Hà\n\nCục Tần số vô tuyến điện đã đo kiểm tại khu vực bà phản ánh. Nguyên nhân là một bộ \
    khuếch đại của trạm phát mới phát xạ ngoài băng. Đơn vị khai thác đã thay thiết bị; kết quả đo lại cho thấy nhiễu \
    không còn. Nếu hiện tượng tái diễn, đề nghị bà thông báo để Cục kiểm tra tiếp.\n\nTrân trọng./.";
const ANSWER_AGAIN: &str = "Kính gửi: Bà Nguyễn Thị Thu Hà\n\nCục Tần số vô tuyến điện đã đo lại vào các buổi tối trong tuần, phát hiện thêm một \
    bộ lặp sóng không có giấy phép gần khu tập thể và đã yêu cầu ngừng sử dụng. Tín hiệu truyền hình hiện ổn định.\n\nTrân trọng./.";

impl Walk {
    /// From the first draft to the answer in the petitioner's mailbox.
    pub(super) async fn is_answered(&mut self) -> Result<(), Failure> {
        self.is_drafted(FIRST, 0, "saving a draft begins the work").await?;
        let request = pb::SendBackDraftRequest {
            target: self.target(),
            reason: "Cần nêu rõ nguyên nhân và kết quả đo kiểm.".to_owned(),
        };
        let sent_back =
            ask!(self as "cuc-ts-approver", casework_service_client::CaseworkServiceClient.send_back_draft(request));
        let note = "the petitioner hears nothing of it";
        self.led_to("SendBackDraft", "cuc-ts-approver", sent_back.outcome, State::InProgress, note)?;
        self.is_drafted(ANSWER, 1, "revision 2, based on 1").await?;
        self.is_approved().await?;
        self.answer_arrives().await
    }

    /// A draft, submitted for approval.
    async fn is_drafted(&mut self, text: &str, based_on: i32, note: &str) -> Result<(), Failure> {
        let request =
            pb::SaveDraftRequest { target: self.target(), text: text.to_owned(), based_on_revision: Some(based_on) };
        let saved = ask!(self as "cuc-ts-handler", casework_service_client::CaseworkServiceClient.save_draft(request));
        self.led_to("SaveDraft", "cuc-ts-handler", saved.outcome, State::InProgress, note)?;
        let request = pb::SubmitDraftRequest {
            target: self.target(),
            outcome_kind: pb::OutcomeKind::Explained.into(),
            finding: pb::Finding::Unspecified.into(),
        };
        let submitted =
            ask!(self as "cuc-ts-handler", casework_service_client::CaseworkServiceClient.submit_draft(request));
        self.led_to("SubmitDraft", "cuc-ts-handler", submitted.outcome, State::AwaitingApproval, "")
    }

    async fn is_approved(&mut self) -> Result<(), Failure> {
        let request = pb::ApproveAnswerRequest { target: self.target(), capacity: pb::Capacity::Deputy.into() };
        let approved =
            ask!(self as "cuc-ts-approver", casework_service_client::CaseworkServiceClient.approve_answer(request));
        let verdict = approved.verdict().as_str_name().trim_start_matches("VERDICT_").to_owned();
        let note = format!("state, event and letter in one commit; verdict {verdict}");
        self.led_to("ApproveAnswer", "cuc-ts-approver", approved.outcome, State::Answered, &note)
    }

    /// Waits for the answer of the round to be sent, and shows how it begins.
    async fn answer_arrives(&mut self) -> Result<(), Failure> {
        let sent = letter::arrived(self, "answer").await?;
        self.told("(mail)", "", "", "", &format!("letters/{}", sent.file));
        println!();
        println!("      To: {}", sent.to);
        println!("      Subject: {}", sent.subject);
        for line in sent.lines {
            println!("      | {line}");
        }
        println!();
        Ok(())
    }

    /// The public copy is written, published and read by anyone; the petitioner rates the answer.
    pub(super) async fn is_published(&mut self) -> Result<(), Failure> {
        let redaction = pb::Redaction {
            title: "Nhiễu sóng truyền hình gần trạm phát mới".to_owned(),
            question: "Ti vi của khoảng hai mươi hộ bị vỡ hình, mất tiếng vào buổi tối từ khi có trạm phát sóng mới."
                .to_owned(),
            answer: ANSWER.replace("Bà Nguyễn Thị Thu Hà", "Người gửi phản ánh").replace(" bà ", " ông/bà "),
        };
        let request = pb::SaveRedactionRequest { target: self.target(), redaction: Some(redaction) };
        let saved =
            ask!(self as "dispatcher", publication_service_client::PublicationServiceClient.save_redaction(request));
        let note = "the public copy, written without names; not public yet";
        self.led_to("SaveRedaction", "dispatcher", saved.outcome, State::Answered, note)?;
        let request = pb::PublishPetitionRequest { target: self.target(), revision: saved.revision };
        let published =
            ask!(self as "dispatcher", publication_service_client::PublicationServiceClient.publish_petition(request));
        self.publication = published.publication_id;
        let note = format!("on the public record as {}", self.publication);
        self.led_to("PublishPetition", "dispatcher", published.outcome, State::Answered, &note)?;
        let request = pb::GetPublicationRequest { id: self.publication.clone() };
        let read = ask!(self as "nobody", public_service_client::PublicServiceClient.get_publication(request));
        let title = read.summary.map(|summary| summary.title).unwrap_or_default();
        self.told("GetPublication", "(anyone, no token)", "", "", &format!("“{title}”"));
        let request = pb::RatePetitionRequest {
            target: self.target(),
            proof: self.proof(),
            stars: 4,
            comment: "Trả lời rõ ràng.".to_owned(),
        };
        let rated = ask!(self as "portal", intake_service_client::IntakeServiceClient.rate_petition(request));
        self.led_to("RatePetition", "portal", rated.outcome, State::Answered, "4 of 5")
    }

    /// A second round: reopened, extended, answered.
    pub(super) async fn is_taken_up_again(&mut self) -> Result<(), Failure> {
        let request = pb::ReopenPetitionRequest {
            target: self.target(),
            proof: self.proof(),
            reason: "Hai tối gần đây nhiễu xuất hiện trở lại.".to_owned(),
        };
        let reopened = ask!(self as "portal", intake_service_client::IntakeServiceClient.reopen_petition(request));
        let new_due =
            reopened.outcome.as_ref().map(|outcome| due(outcome.answer_due.as_ref()).to_owned()).unwrap_or_default();
        let note = format!("round 2, new clocks, due {new_due}; round 1 keeps its verdict");
        self.led_to("ReopenPetition", "portal", reopened.outcome, State::Accepted, &note)?;
        self.is_assigned("").await?;
        let request = pb::ExtendDeadlineRequest {
            target: self.target(),
            days: 10,
            reason: "Cần đo kiểm nhiều buổi tối để xác định nguồn nhiễu.".to_owned(),
        };
        let extended =
            ask!(self as "office-head", casework_service_client::CaseworkServiceClient.extend_deadline(request));
        let moved =
            extended.outcome.as_ref().map(|outcome| due(outcome.answer_due.as_ref()).to_owned()).unwrap_or_default();
        let note = format!("due {new_due} becomes {moved}; both are kept");
        self.led_to("ExtendDeadline", "office-head", extended.outcome, State::Assigned, &note)?;
        self.is_drafted(ANSWER_AGAIN, 0, "").await?;
        self.is_approved().await
    }
}
