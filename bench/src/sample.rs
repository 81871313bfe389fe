//! Petitions as people write them: Vietnamese, 1.5 to 3 KB.

use pakn::pb::{Channel, Medium, PetitionKind, Petitioner, PetitionerType, SubjectClass, SubmitPetitionRequest};

use crate::chance::Chance;

const TITLES: [&str; 6] = [
    "Sóng di động tại khu dân cư yếu, thường xuyên mất liên lạc vào buổi tối",
    "Kiến nghị rút ngắn thời gian giải quyết thủ tục cấp giấy phép bưu chính",
    "Phản ánh về cuộc gọi rác và tin nhắn quảng cáo lặp lại nhiều lần trong ngày",
    "Hồ sơ nộp trực tuyến đã quá hạn trả kết quả mà chưa được thông báo lý do",
    "Đường truyền Internet cáp quang chập chờn, tổng đài không xử lý dứt điểm",
    "Đề nghị hướng dẫn chuẩn hóa thông tin thuê bao cho người cao tuổi",
];

const SENTENCES: [&str; 14] = [
    "Kính gửi quý cơ quan, tôi xin phản ánh sự việc xảy ra tại nơi tôi đang cư trú trong thời gian gần đây.",
    "Từ đầu tháng đến nay, chất lượng dịch vụ giảm rõ rệt, nhất là trong khung giờ từ 19 giờ đến 22 giờ hằng ngày.",
    "Tôi đã nhiều lần gọi đến tổng đài chăm sóc khách hàng nhưng chỉ nhận được câu trả lời chung chung, không có thời hạn cụ thể.",
    "Nhân viên tiếp nhận hẹn kiểm tra trong vòng ba ngày làm việc, tuy nhiên đã hơn hai tuần vẫn chưa có ai liên hệ lại.",
    "Việc này ảnh hưởng trực tiếp đến công việc của gia đình tôi, con tôi không thể học trực tuyến, cửa hàng không nhận được đơn hàng.",
    "Theo quy định hiện hành, doanh nghiệp phải công bố chất lượng dịch vụ và bồi thường khi không bảo đảm mức đã cam kết.",
    "Tôi đã nộp hồ sơ qua cổng dịch vụ công, có mã hồ sơ và biên nhận điện tử, trạng thái vẫn hiển thị đang xử lý.",
    "Thành phần hồ sơ yêu cầu bản sao có chứng thực trong khi dữ liệu đã có trong cơ sở dữ liệu quốc gia về dân cư.",
    "Khi đến trực tiếp bộ phận một cửa, tôi được hướng dẫn bổ sung giấy tờ không có trong danh mục đã niêm yết công khai.",
    "Nhiều hộ dân trong cùng tổ dân phố cũng gặp tình trạng tương tự và đã cùng ký tên vào đơn kiến nghị kèm theo.",
    "Tôi đề nghị cơ quan có thẩm quyền kiểm tra, làm rõ trách nhiệm và thông báo kết quả bằng văn bản cho người dân được biết.",
    "Ngoài ra, đề nghị xem xét sửa đổi biểu mẫu cho ngắn gọn, bỏ các thông tin trùng lặp và cho phép ký số trên điện thoại.",
    "Ảnh chụp màn hình, biên nhận và bản ghi thời gian các cuộc gọi được gửi kèm để quý cơ quan tiện đối chiếu.",
    "Rất mong sớm nhận được phản hồi của quý cơ quan. Tôi xin trân trọng cảm ơn.",
];

const NAMES: [&str; 6] =
    ["Nguyễn Thị Thu Hà", "Trần Văn Đức", "Lê Hoàng Minh Châu", "Phạm Quốc Bảo", "Võ Thị Ánh Nguyệt", "Đặng Hữu Phước"];

const FIELDS: [&str; 4] = ["TELECOM-SUBSCRIBER", "TELECOM-INTERNET", "TELECOM-MOBILE", "TELECOM"];

/// A petition with an id of its own, different from the others in text, field and sender.
pub fn petition(chance: &mut Chance) -> SubmitPetitionRequest {
    let number = chance.below(90_000_000) + 10_000_000;
    let is_proposal = chance.below(4) == 0;
    let kind = if is_proposal { PetitionKind::Proposal } else { PetitionKind::Feedback };
    let proposal = if is_proposal { paragraph(3, chance) } else { String::new() };
    let (address, name) =
        (format!("Tổ dân phố {}, phường Láng Thượng, Hà Nội", number % 40 + 1), *chance.one_of(&NAMES));
    SubmitPetitionRequest {
        request_id: chance.uuid(),
        kind: kind.into(),
        subject_class: SubjectClass::Other.into(),
        field: (*chance.one_of(&FIELDS)).to_owned(),
        channel: Channel::Portal.into(),
        title: format!("{} (số {number})", chance.one_of(&TITLES)),
        content: format!("Thuê bao 09{number}. {}", paragraph(10, chance)),
        proposal,
        place: "00190".to_owned(),
        requested_body: "Bộ Thông tin và Truyền thông".to_owned(),
        petitioner: Some(Petitioner {
            r#type: PetitionerType::Individual.into(),
            name: name.to_owned(),
            email: format!("citizen{number}@example.org"),
            phone: format!("09{number}"),
            address,
            ..Default::default()
        }),
        medium: Medium::Email.into(),
        portal_subject: format!("user-{number}"),
        ..Default::default()
    }
}

/// About as many sentences as asked for.
fn paragraph(sentences: usize, chance: &mut Chance) -> String {
    let first = chance.below(SENTENCES.len());
    let count = sentences + chance.below(sentences);
    let chosen: Vec<&str> = SENTENCES.iter().cycle().skip(first).take(count).copied().collect();
    chosen.join(" ")
}

#[cfg(test)]
mod tests {
    use tonic_prost::prost::Message as _;

    use super::*;

    #[test]
    fn petitions_have_the_size_that_people_write() {
        let mut chance = Chance::new();
        let sizes: Vec<usize> = (0..1_000).map(|_| petition(&mut chance).encoded_len()).collect();
        let mean = sizes.iter().sum::<usize>() / sizes.len();
        assert!((1_800..=2_800).contains(&mean), "mean {mean}");
        assert!(sizes.iter().all(|size| (1_200..=4_500).contains(size)), "{sizes:?}");
    }
}
