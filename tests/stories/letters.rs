//! Letters as petitioners read them, in the language that they chose: what they are told when it does not go straight on.

use pakn::pb;

use crate::{
    on_both,
    world::{Deed, World, feedback_of, hours},
};

/// What staff write in these stories.
const WORDS: &str = "Vì lý do nêu trong hồ sơ.";

/// Submits in a language; gives the code.
async fn submits(world: &World, name: &str, language: pb::Language) -> String {
    let submission = pb::SubmitPetitionRequest { language: language.into(), ..feedback_of(name) };
    world.citizen().submits(submission).await.code
}

/// Answered, recalled, extended and answered anew.
async fn is_answered_twice(world: &World, code: &str) {
    let (dispatcher, handler, head) = (world.dispatcher(), world.who("cuc-vt-handler"), world.who("cuc-vt-approver"));
    dispatcher.does(Deed::RequestInformation, code).await;
    world.citizen().does(Deed::ProvideInformation, code).await;
    dispatcher.does(Deed::Accept, code).await;
    dispatcher.does(Deed::Assign("CUC-VT"), code).await;
    for again in [false, true] {
        handler.does(Deed::SaveDraft, code).await;
        handler.does(Deed::SubmitDraft, code).await;
        head.does(Deed::Approve, code).await;
        world.advance(hours(1));
        world.run_workers().await;
        if !again {
            dispatcher.does(Deed::RecallAnswer, code).await;
            world.who("office-head").does(Deed::Extend, code).await;
        }
    }
}

/// The subjects and texts of the letters to somebody, in the order they were sent in; each follows the one before it.
fn sent(world: &World, name: &str) -> Vec<(String, String)> {
    let to = format!("{name}@example.vn");
    let letters: Vec<_> = world.letters().into_iter().filter(|letter| letter.to == to).collect();
    assert!(letters.windows(2).all(|pair| pair[1].in_reply_to == pair[0].id), "{letters:?}");
    letters.into_iter().map(|letter| (letter.subject, letter.text)).collect()
}

/// What each letter must say.
fn say(letters: &[(String, String)], code: &str, wanted: &[&str]) {
    let texts: Vec<_> = letters.iter().map(|(_, text)| text).collect();
    assert_eq!(letters.len(), wanted.len(), "{texts:?}");
    for ((subject, text), wanted) in letters.iter().zip(wanted) {
        assert!(text.contains(wanted) && text.contains(code) && subject.contains(code), "{wanted}: {subject} {text}");
    }
}

on_both! {
    async fn who_chose_english_reads_english(world: World) {
        let code = submits(&world, "smith", pb::Language::En).await;
        is_answered_twice(&world, &code).await;
        let wanted = [
            "We have received a petition",
            "we need more information",
            "has been accepted and registered",
            "has been considered and answered",
            "has been recalled",
            "has been extended",
            "has been considered and answered",
        ];
        say(&sent(&world, "smith"), &code, &wanted);
        // Those who are to deal with it read Vietnamese, whatever the petitioner reads.
        let to = |address: &str| world.letters().into_iter().rfind(|letter| letter.to == address).unwrap().text;
        assert!(to("cucvienthong@mic.example").contains("được giao"), "{}", to("cucvienthong@mic.example"));
        let elsewhere = submits(&world, "brown", pb::Language::En).await;
        world.dispatcher().does(Deed::Transfer, &elsewhere).await;
        world.run_workers().await;
        assert!(to("sotttt@namdinh.example.vn").contains("Kính gửi"), "{}", to("sotttt@namdinh.example.vn"));
        assert!(to("brown@example.vn").contains("has been passed to the body below"), "{}", to("brown@example.vn"));
        let refused = submits(&world, "jones", pb::Language::En).await;
        world.dispatcher().does(Deed::Refuse, &refused).await;
        world.run_workers().await;
        let letters = sent(&world, "jones");
        say(&letters, &refused, &["We have received a petition", "We cannot take up your petition"]);
        // The unit's own words are sent as it wrote them, whatever the language around them.
        let wanted = format!("- Ground: Outside the scope of feedback and petitions\n\nNotice:\n\n{WORDS}\n");
        assert!(letters[1].1.contains(&wanted), "{}", letters[1].1);
    }

    async fn a_recall_and_a_refusal_are_told(world: World) {
        let code = submits(&world, "lan", pb::Language::Unspecified).await;
        is_answered_twice(&world, &code).await;
        let letters = sent(&world, "lan");
        assert_eq!(letters.len(), 7);
        let due = world.citizen().tracks(&code).await.unwrap().details.unwrap().original_due.unwrap().date;
        let [year, month, day] = due.split('-').collect::<Vec<_>>()[..] else { panic!("{due}") };
        let recalled = &letters[4].1;
        assert!(recalled.contains(&format!("{day}/{month}/{year}")), "the clock runs on from receipt: {recalled}");
        assert_eq!(letters[3].1, letters[6].1, "an answer is an answer");
        let refused = submits(&world, "minh", pb::Language::Unspecified).await;
        world.dispatcher().does(Deed::Refuse, &refused).await;
        world.run_workers().await;
        let ground = "- Lý do: Không thuộc phạm vi tiếp nhận phản ánh, kiến nghị\n\nNội dung thông báo:\n";
        say(&sent(&world, "minh")[1..], &refused, &[&format!("{ground}\n{WORDS}\n")]);
    }
}
