//! Valid requests about redacted copies of conduct cases: of a case that complains of the office that receives, in which
//! those stand who try everything; somebody else takes it up.

use pakn::{domain::words::Role, pb};
use prost::Message as _;

use super::{
    server::{ALL, Server},
    stage::{fresh_id, submission, target},
};

/// Stands outside of the office, with all roles over everything.
const OUTSIDE: &str = "outside";

/// What such a copy says.
pub const COPY: &str = "Có phản ánh rằng hồ sơ nộp tại quầy bị trả chậm nhiều ngày.";

impl Server {
    /// A petition that complains of the conduct of a unit, taken up by somebody; its code.
    pub async fn complaint(&self, of: &str, by: &str) -> String {
        let submitted = self.done(ALL, "IntakeService/SubmitPetition", &submission()).await;
        let pb::SubmitPetitionResponse { code, access_key, .. } =
            pb::SubmitPetitionResponse::decode(submitted.as_slice()).unwrap();
        self.keys.lock().unwrap().push((code.clone(), access_key));
        let accept = pb::AcceptPetitionRequest {
            target: target(&code),
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: of.to_owned(),
            assignment: Some(pb::Assignment { unit: "CUC-VT-DV".to_owned(), ..Default::default() }),
            ..Default::default()
        };
        self.done(by, "CaseworkService/AcceptPetition", &accept).await;
        code
    }

    /// A copy that a unit complained of is given; its id.
    pub async fn share(&self, code: &str, by: &str) -> String {
        let share = pb::ShareRedactedCopyRequest { target: target(code), text: COPY.to_owned() };
        let shared = self.done(by, "CaseworkService/ShareRedactedCopy", &share).await;
        pb::ShareRedactedCopyResponse::decode(shared.as_slice()).unwrap().id
    }

    /// A copy for the office that receives; its id.
    pub async fn copy(&self) -> String {
        if !self.knows(OUTSIDE) {
            self.admit(OUTSIDE, "CUC-TS", Role::ALL).await;
        }
        let code = self.complaint("BTTTT-VP", OUTSIDE).await;
        self.share(&code, OUTSIDE).await
    }

    /// A request that would succeed.
    pub async fn of_copies(&self, path: &str) -> Vec<u8> {
        match path.split('/').nth(1).unwrap() {
            "ShareRedactedCopy" => {
                let code = self.complaint("CUC-BC", ALL).await;
                pb::ShareRedactedCopyRequest { target: target(&code), text: COPY.to_owned() }.encode_to_vec()
            }
            "GetRedactedCopy" => pb::GetRedactedCopyRequest { id: self.copy().await }.encode_to_vec(),
            "SubmitStatement" => {
                let (id, text) = (self.copy().await, "Hồ sơ thiếu giấy tờ nên phải bổ sung.".to_owned());
                pb::SubmitStatementRequest { id, text, request_id: fresh_id() }.encode_to_vec()
            }
            _ => Vec::new(),
        }
    }
}
