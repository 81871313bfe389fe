//! Letters as a stranger's mail program would read them: headers, both alternatives, nothing let in or out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeZone, Utc};
use mail_parser::{Message, MessageParser};
use pakn::workers::mail::{
    envelope::{Delivery, Envelope, Language, LetterText},
    kind::Kind,
    options::Options,
    outgoing::Outgoing,
    render::{self, Error},
    sender::Sender,
    templates::{self, Templates, every_letter},
    transport::Transport,
};
use serde_json::json;
use uuid::Uuid;

fn options(folder: &str) -> Options {
    toml::from_str(&format!(
        "from = 'Bộ Thông tin và Truyền thông <pakn@mic.gov.vn>'\nreply_to = 'hoidap@mic.gov.vn'\n\
         message_id_domain = 'mic.gov.vn'\ntransport = {{ kind = 'folder', path = '{folder}' }}"
    ))
    .unwrap()
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 2, 15, 0).unwrap()
}

fn try_render(envelope: &Envelope) -> Result<Outgoing, Error> {
    let sender = Sender::parse(&options(".")).unwrap();
    render::render(&Templates::new().unwrap(), &sender, envelope, now())
}

fn render(envelope: &Envelope) -> Outgoing {
    try_render(envelope).unwrap()
}

fn parse(letter: &Outgoing) -> Message<'_> {
    MessageParser::default().parse(letter.bytes()).unwrap()
}

/// The text part with the line ends of the web rather than of mail.
fn text(letter: &Outgoing) -> String {
    parse(letter).body_text(0).unwrap().replace("\r\n", "\n")
}

fn html(letter: &Outgoing) -> String {
    parse(letter).body_html(0).unwrap().replace("\r\n", "\n")
}

fn sample(kind: Kind) -> Envelope {
    templates::sample(kind, Language::Vi)
}

#[test]
fn headers_say_who_what_when_and_that_a_machine_wrote() {
    let thread = vec![Uuid::from_u128(1), Uuid::from_u128(2)];
    let letter = render(&Envelope { thread: thread.clone(), ..sample(Kind::Accepted) });
    let message = parse(&letter);
    let id = |id: Uuid| format!("{id}@mic.gov.vn");
    assert_eq!(message.subject(), Some("[PAKN.20261121.7K3F9Q2M] Đã tiếp nhận phản ánh, kiến nghị"));
    assert_eq!(message.message_id(), Some(id(letter.letter_id()).as_str()));
    assert_eq!(message.in_reply_to().as_text(), Some(id(thread[1]).as_str()));
    let references: Vec<String> = thread.iter().map(|t| id(*t)).collect();
    assert_eq!(message.references().as_text_list().unwrap(), references);
    assert_eq!(message.date().unwrap().to_timestamp(), now().timestamp());
    let from = message.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Bộ Thông tin và Truyền thông"));
    assert_eq!(from.address(), Some("pakn@mic.gov.vn"));
    let to = message.to().unwrap().first().unwrap();
    assert_eq!(to.name(), Some("Nguyễn Thị Lan"));
    assert_eq!(to.address(), Some("lan@example.vn"));
    let reply_to = message.reply_to().unwrap().first().unwrap();
    assert_eq!(reply_to.address(), Some("hoidap@mic.gov.vn"));
    for (name, value) in [
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", "vi"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(message.header_raw(name).map(str::trim), Some(value));
    }
}

#[test]
fn the_first_letter_of_a_thread_refers_to_none() {
    let letter = render(&sample(Kind::Receipt));
    let message = parse(&letter);
    assert!(message.in_reply_to().is_empty() && message.references().is_empty());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let envelope = sample(Kind::Answer);
    assert_eq!(render(&envelope).bytes(), render(&envelope).bytes());
}

#[test]
fn every_letter_reads_well_in_both_forms() {
    for (kind, language) in every_letter() {
        let letter = render(&templates::sample(kind, language));
        assert!(letter.bytes().is_ascii());
        for line in letter.bytes().split(|b| *b == b'\n') {
            assert!(line.len() <= 998 && (line.is_empty() || line.ends_with(b"\r")));
        }
        let (text, html) = (text(&letter), html(&letter));
        insta::assert_snapshot!(format!("{}-{}", kind.name(), language.code()), text);
        assert!(html.contains(&format!("<html lang=\"{}\">", language.code())));
        assert!(!html.contains("http") && !html.contains("src="), "{html}");
        assert!(!html.contains("{{") && !html.contains("{%"), "{html}");
        assert!(html.contains("PAKN.20261121.7K3F9Q2M"));
        let english = parse(&letter).subject().unwrap().contains(" / ");
        assert_eq!(english, language == Language::En);
    }
}

/// To data subjects a letter says what they sent, in subject and both forms.
#[test]
fn a_data_request_is_called_one() {
    let mut said = 0;
    for (kind, language) in every_letter() {
        // Of redacted copies and of many petitions.
        if matches!(kind, Kind::Copy | Kind::Notice | Kind::Digest) {
            continue;
        }
        let mut envelope = templates::sample(kind, language);
        envelope.facts["petition_kind"] = json!("DATA_REQUEST");
        let letter = render(&envelope);
        let subject = parse(&letter).subject().unwrap().to_owned();
        for form in [text(&letter), html(&letter), subject] {
            let form = form.to_lowercase();
            assert!(!form.contains("phản ánh") && !form.contains("petition"), "{form}");
            said += usize::from(form.contains("yêu cầu về dữ liệu cá nhân") || form.contains("data request"));
        }
    }
    assert!(said > 60, "{said}");
    let mut refused = templates::sample(Kind::Refused, Language::Vi);
    refused.facts["petition_kind"] = json!("DATA_REQUEST");
    refused.facts["refusal_reason"] = json!("DUPLICATE");
    assert!(text(&render(&refused)).contains("Trùng với yêu cầu về dữ liệu cá nhân đang được xử lý"));
}

#[test]
fn html_looks_like_this() {
    insta::assert_snapshot!(html(&render(&sample(Kind::Answer))));
}

#[test]
fn the_answer_goes_out_unaltered() {
    for body in [
        "  Lùi vào,\ttab, cuối dòng   \n\n\n.\n..\n.bắt đầu bằng chấm\nFrom đầu dòng\n=3D =\n   ",
        "Một dòng dài: ".repeat(400).as_str(),
        "<script>alert('x')</script> & \"ngoặc\" {{ code }} {% if x %}",
        "--=_pakn-01930000000070008000000000000001\n--=_pakn-01930000000070008000000000000001--\n-- \nemoji 👍, tổ hợp: e\u{302}\u{301}\n",
        "một\rhai",
    ] {
        let envelope = Envelope {
            texts: vec![LetterText { kind: "ANSWER".to_owned(), title: String::new(), body: body.to_owned() }],
            ..sample(Kind::Answer)
        };
        let letter = render(&envelope);
        let start = "Nội dung trả lời:\n\n";
        let text = text(&letter);
        let (_, rest) = text.split_once(start).unwrap();
        assert!(rest.starts_with(&format!("{body}\n\nMã phản ánh")), "{rest:?}");
        let html = html(&letter);
        assert!(html.contains("white-space: pre-wrap"));
        let (_, shown) = html.split_once("0.75em\">").unwrap();
        let (shown, _) = shown.split_once("</div>").unwrap();
        assert!(!shown.contains('<'));
        let unescaped = shown
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#x27;", "'")
            .replace("&#x2f;", "/")
            .replace("&amp;", "&");
        assert_eq!(unescaped, body);
    }
}

#[test]
fn a_receipt_quotes_nothing_of_the_petitioners() {
    for language in Language::ALL {
        let mark = "KHÔNG-ĐƯỢC-LỘ";
        let envelope = Envelope {
            language,
            to_name: mark.to_owned(),
            texts: ["SUBMISSION", "QUESTION", "ANSWER", "REASON"]
                .map(|kind| LetterText { kind: kind.to_owned(), title: mark.to_owned(), body: mark.to_owned() })
                .into(),
            ..sample(Kind::Receipt)
        };
        let letter = render(&envelope);
        let message = parse(&letter);
        assert_eq!(message.to().unwrap().first().unwrap().name(), None);
        assert!(!text(&letter).contains(mark) && !html(&letter).contains(mark));
        assert!(!format!("{:?}", message.headers()).contains(mark));
    }
}

#[test]
fn only_the_text_of_its_kind_gets_into_a_letter() {
    for (kind, language) in every_letter() {
        let mut envelope = templates::sample(kind, language);
        for text in &mut envelope.texts {
            text.body = format!("THÂN-{}", text.kind);
            text.title = format!("TIÊU-ĐỀ-{}", text.kind);
        }
        let letter = render(&envelope);
        let all = format!("{}{}", text(&letter), html(&letter));
        for text in &envelope.texts {
            assert_eq!(all.contains(&text.body), kind.text() == Some(text.kind.as_str()));
            assert_eq!(all.contains(&text.title), kind == Kind::TransferNotice && text.kind == "SUBMISSION");
        }
    }
}

#[test]
fn no_field_can_add_a_header_or_a_line() {
    let evil = "x\r\nBcc: thief@example.vn\r\n\r\nbody\u{0}\u{1b}\u{85}\u{2028}y";
    for (kind, language) in every_letter() {
        let mut envelope = templates::sample(kind, language);
        let honest = parse(&render(&envelope)).headers().len();
        envelope.code = evil.to_owned();
        envelope.to_name = evil.to_owned();
        for text in &mut envelope.texts {
            text.title = evil.to_owned();
        }
        for value in envelope.facts.as_object_mut().unwrap().values_mut() {
            *value = json!(evil);
        }
        let letter = render(&envelope);
        let message = parse(&letter);
        assert_eq!(message.headers().len(), honest);
        assert!(message.bcc().is_none());
        assert_eq!(message.to().unwrap().iter().count(), 1);
        assert!(message.subject().unwrap().contains("x Bcc: thief@example.vn body y"));
        let text = text(&letter);
        assert!(!text.lines().any(|line| line.starts_with("Bcc")));
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn names_with_every_punctuation_stay_one_recipient() {
    for name in [
        "Lan, Nguyễn \"Hoa\" <hoa@example.vn>",
        "a@b.vn",
        "(chú thích) \\ ; :",
        "Công ty TNHH Một thành viên Sản xuất, Thương mại & Dịch vụ Viễn thông Đông Nam Bộ, chi nhánh Hà Nội",
        "=?utf-8?q?x?=",
    ] {
        let letter = render(&Envelope { to_name: name.to_owned(), ..sample(Kind::Answer) });
        let message = parse(&letter);
        let to: Vec<_> = message.to().unwrap().iter().collect();
        assert_eq!(to.len(), 1, "{name}");
        assert_eq!(to[0].address(), Some("lan@example.vn"), "{name}");
    }
}

#[test]
fn a_bad_address_is_an_error_not_a_panic_and_is_not_repeated() {
    for bad in [
        "",
        "lan",
        "@example.vn",
        "lan@",
        "lan@example.vn\r\nRCPT TO:<x@y.vn>",
        "lan@example.vn, hoa@example.vn",
        "Lan <lan@example.vn>",
        "\"lan hoa\"@example.vn",
        "lan@exam ple.vn",
        &format!("{}@example.vn", "a".repeat(300)),
    ] {
        let error = try_render(&Envelope { to_email: bad.to_owned(), ..sample(Kind::Receipt) }).unwrap_err();
        assert!(matches!(error, Error::Address), "{bad:?}");
        assert!(matches!(error.delivery(), Delivery::Rejected { reply } if !reply.contains("lan")));
    }
}

#[test]
fn a_letter_with_a_hole_waits() {
    for kind in Kind::ALL {
        for name in kind.facts() {
            let mut envelope = sample(kind);
            envelope.facts.as_object_mut().unwrap().remove(*name);
            let error = try_render(&envelope).unwrap_err();
            assert!(matches!(error, Error::Missing { what, .. } if what == *name));
            assert!(matches!(error.delivery(), Delivery::Deferred { .. }));
        }
        if let Some(text) = kind.text() {
            let mut envelope = sample(kind);
            envelope.texts.retain(|t| t.kind != text);
            let error = try_render(&envelope).unwrap_err();
            assert!(matches!(error, Error::Missing { what, .. } if what == text));
        }
    }
    let mut unknown = sample(Kind::Answer);
    unknown.kind = "postcard".to_owned();
    assert!(matches!(try_render(&unknown), Err(Error::Kind(_))));
}

#[test]
fn what_is_not_required_may_be_left_out() {
    for (kind, language) in every_letter() {
        let mut envelope = templates::sample(kind, language);
        let facts = envelope.facts.as_object_mut().unwrap();
        facts.retain(|name, _| kind.facts().contains(&name.as_str()));
        envelope.to_name.clear();
        let letter = render(&envelope);
        let text = text(&letter);
        assert!(!text.contains(": \n") && !text.contains(":  "), "{text}");
        assert!(!html(&letter).contains("<strong></strong>"));
    }
}

#[test]
fn an_unknown_code_is_shown_as_it_is() {
    let mut envelope = sample(Kind::Answer);
    envelope.facts["outcome"] = json!("Một kết quả mới");
    assert!(text(&render(&envelope)).contains("Kết quả: Một kết quả mới"));
}

#[tokio::test]
async fn a_folder_gets_one_file_a_letter_however_often() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("thư/đi");
    let route = options(path.to_str().unwrap()).transport;
    let transport = Transport::open(&route).unwrap();
    let letter = render(&sample(Kind::Answer));
    for _ in 0..2 {
        let delivery = transport.deliver(&letter).await;
        assert!(matches!(delivery, Delivery::Accepted { .. }), "{delivery:?}");
    }
    let files: Vec<_> =
        std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, [format!("{}.eml", letter.letter_id())]);
    assert_eq!(std::fs::read(path.join(&files[0])).unwrap(), letter.bytes());

    std::fs::remove_dir_all(&path).unwrap();
    let delivery = transport.deliver(&letter).await;
    assert!(matches!(delivery, Delivery::Deferred { .. }), "{delivery:?}");
}

#[test]
fn nothing_personal_is_in_debug_output() {
    let envelope = sample(Kind::Answer);
    let shown = format!("{envelope:?} {:?} {:?}", envelope.texts, render(&envelope));
    assert!(!shown.contains("Lan") && !shown.contains("lan@") && !shown.contains("Dòng"));
}
