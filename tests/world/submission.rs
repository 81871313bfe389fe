//! What citizens send.

use pakn::pb;

/// Feedback of Nguyễn Thị Lan about slow Internet, through the portal, answers by e-mail.
pub fn feedback() -> pb::SubmitPetitionRequest {
    pb::SubmitPetitionRequest {
        kind: pb::PetitionKind::Feedback.into(),
        channel: pb::Channel::Portal.into(),
        title: "Mạng chậm ở đường Nguyễn Huệ".to_owned(),
        content: "Từ đầu tháng, mỗi tối mạng cáp quang ở khu tôi chậm đến mức không học trực tuyến được.".to_owned(),
        petitioner: Some(pb::Petitioner {
            r#type: pb::PetitionerType::Individual.into(),
            name: "Nguyễn Thị Lan".to_owned(),
            email: "lan@example.vn".to_owned(),
            phone: "0912 345 678".to_owned(),
            address: "12 Nguyễn Huệ, Quận 1".to_owned(),
            ..pb::Petitioner::default()
        }),
        ..pb::SubmitPetitionRequest::default()
    }
}

/// The same, sent by somebody else, at `name@example.vn`.
pub fn feedback_of(name: &str) -> pb::SubmitPetitionRequest {
    let mut feedback = feedback();
    let petitioner = feedback.petitioner.as_mut().unwrap();
    petitioner.email = format!("{name}@example.vn");
    petitioner.name = format!("Ông {name}");
    feedback
}
