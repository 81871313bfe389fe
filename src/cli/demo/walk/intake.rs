//! The petition comes in: submitted, asked about, taken up, sent to the wrong unit and then to the right one.

use super::{Failure, State, Walk, ask, due, fresh_id};
use crate::pb;

const TITLE: &str = "Sóng truyền hình chập chờn từ khi có trạm phát mới cạnh khu dân cư";
const CONTENT: &str = "Từ ngày một trạm phát sóng mới hoạt động cạnh khu tập thể nhà tôi, ti vi của khoảng hai mươi hộ bị vỡ hình, \
    mất tiếng vào buổi tối, mỗi lần mười đến mười lăm phút. Thợ ăng ten đã đến hai lần và nói do nhiễu từ bên ngoài. \
    Đề nghị cơ quan quản lý kiểm tra và trả lời cho chúng tôi biết.";

impl Walk {
    /// From submission to the unit that will answer.
    pub(super) async fn comes_in(&mut self) -> Result<(), Failure> {
        self.is_submitted().await?;
        self.is_asked_about().await?;
        self.finds_its_unit().await
    }

    async fn is_submitted(&mut self) -> Result<(), Failure> {
        let request = pb::SubmitPetitionRequest {
            request_id: fresh_id(),
            kind: pb::PetitionKind::Feedback.into(),
            field: "FREQUENCY-INTERFERENCE".to_owned(),
            channel: pb::Channel::Portal.into(),
            title: TITLE.to_owned(),
            content: CONTENT.to_owned(),
            petitioner: Some(pb::Petitioner {
                r#type: pb::PetitionerType::Individual.into(),
                name: "Nguyễn Thị Thu Hà".to_owned(),
                email: "thuha.nguyen@citizen.example".to_owned(),
                phone: "0900 000 999".to_owned(),
                address: "Khu tập thể Bình Minh, phường Hồng Hà, thành phố Hà Nội".to_owned(),
                ..pb::Petitioner::default()
            }),
            ..pb::SubmitPetitionRequest::default()
        };
        let taken = ask!(self as "portal", intake_service_client::IntakeServiceClient.submit_petition(request));
        (self.code, self.access_key) = (taken.code, taken.access_key);
        let note = format!("{}, answer due {}", self.code, due(taken.answer_due.as_ref()));
        self.told("SubmitPetition", "portal", "SUBMITTED", super::label(State::Submitted), &note);
        let request = pb::TrackPetitionRequest { code: self.code.clone(), proof: None };
        let found = ask!(self as "portal", intake_service_client::IntakeServiceClient.track_petition(request));
        let note = "by the code alone: broad strokes, no details";
        if found.details.is_some() {
            return Err(Failure::new("TrackPetition gave details to somebody without the access key"));
        }
        self.stands("TrackPetition", "portal", found.state(), State::Submitted, note)
    }

    async fn is_asked_about(&mut self) -> Result<(), Failure> {
        let request = pb::RequestInformationRequest {
            target: self.target(),
            question: "Đề nghị bà cho biết các kênh bị nhiễu và khung giờ thường xảy ra.".to_owned(),
            reply_days: 3,
        };
        let asked =
            ask!(self as "dispatcher", casework_service_client::CaseworkServiceClient.request_information(request));
        let note = "the question goes out as a letter";
        self.led_to("RequestInformation", "dispatcher", asked.outcome, State::NeedsInformation, note)?;
        let request = pb::ProvideInformationRequest {
            target: self.target(),
            proof: self.proof(),
            text: "Nhiễu các kênh VTV1 và VTV3, nặng nhất từ 19 giờ 30 đến 21 giờ hằng ngày.".to_owned(),
        };
        let told = ask!(self as "portal", intake_service_client::IntakeServiceClient.provide_information(request));
        let note = "with the petitioner's access key";
        self.led_to("ProvideInformation", "portal", told.outcome, State::Submitted, note)
    }

    async fn finds_its_unit(&mut self) -> Result<(), Failure> {
        let request = pb::AcceptPetitionRequest {
            target: self.target(),
            subject_class: pb::SubjectClass::Other.into(),
            assignment: Some(pb::Assignment { unit: "CUC-VT-CL".to_owned(), ..pb::Assignment::default() }),
            ..pb::AcceptPetitionRequest::default()
        };
        let accepted =
            ask!(self as "dispatcher", casework_service_client::CaseworkServiceClient.accept_petition(request));
        let number = accepted.outcome.as_ref().map(|outcome| outcome.register_number.clone()).unwrap_or_default();
        let note = format!("số vào sổ {number}; given to CUC-VT-CL");
        self.led_to("AcceptPetition", "dispatcher", accepted.outcome, State::Assigned, &note)?;
        let request = pb::ReturnPetitionRequest {
            target: self.target(),
            reason: "Nhiễu có hại thuộc thẩm quyền của Cục Tần số vô tuyến điện.".to_owned(),
        };
        let returned =
            ask!(self as "cuc-vt-cl-handler", casework_service_client::CaseworkServiceClient.return_petition(request));
        let note = "not ours; counted, and the clock runs on";
        self.led_to("ReturnPetition", "cuc-vt-cl-handler", returned.outcome, State::Accepted, note)?;
        self.is_assigned("the mailbox of CUC-TS is told").await
    }

    /// To the unit that answers for radio frequencies.
    pub(super) async fn is_assigned(&mut self, note: &str) -> Result<(), Failure> {
        let request = pb::AssignPetitionRequest {
            target: self.target(),
            assignment: Some(pb::Assignment { unit: "CUC-TS".to_owned(), ..pb::Assignment::default() }),
            reason: String::new(),
        };
        let assigned =
            ask!(self as "dispatcher", casework_service_client::CaseworkServiceClient.assign_petition(request));
        self.led_to("AssignPetition", "dispatcher", assigned.outcome, State::Assigned, note)
    }
}
