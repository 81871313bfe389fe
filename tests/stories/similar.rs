//! Repeats and duplicates are suggested to those who dispatch: by the sender, without opening anything, and by the text.

use pakn::{
    domain::{account::Grant, ids::GrantId, words::Role},
    pb::{self, Likeness as L},
    store::Keys,
};
use sea_orm::{ConnectionTrait as _, Statement};
use tonic::{Code, Status};

use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Deed, MASTER, Person, World, feedback},
};

const SECOND: &str = "2:c4180f72e95ab36d4e0f81d2a6973c5be85f20c9147d6ab30fe29d58b4617a3c";
/// Matters that have nothing in common.
const MATTERS: [(&str, &str); 5] = [
    ("Bưu phẩm đến muộn", "Bưu điện xã giao bưu phẩm muộn một tuần, gọi hỏi không ai trả lời."),
    ("Tin nhắn rác", "Mỗi ngày nhận hàng chục tin nhắn quảng cáo đất nền dù đã từ chối nhiều lần."),
    ("Loa phường quá to", "Loa truyền thanh đặt sát cửa sổ nhà, phát từ năm giờ sáng làm trẻ nhỏ mất ngủ."),
    ("Trạm phát sóng", "Đề nghị công bố kết quả đo kiểm bức xạ của trạm mới dựng trên mái nhà bên cạnh."),
    ("Sách in lậu", "Cửa hàng trước cổng trường bán sách giáo khoa in lậu, chữ mờ và thiếu trang."),
];

/// Somebody else, about something else.
fn other(n: usize) -> pb::SubmitPetitionRequest {
    let (title, content) = MATTERS[n];
    let mut other = pb::SubmitPetitionRequest { title: title.to_owned(), content: content.to_owned(), ..feedback() };
    let petitioner = other.petitioner.as_mut().unwrap();
    petitioner.email = format!("khac{n}@example.vn");
    petitioner.phone = format!("090 000 000{n}");
    other
}

fn by(mut petition: pb::SubmitPetitionRequest, change: impl Fn(&mut pb::Petitioner)) -> pb::SubmitPetitionRequest {
    change(petition.petitioner.as_mut().unwrap());
    petition
}

async fn similar(who: &Person<'_>, code: &str) -> Result<pb::ListSimilarPetitionsResponse, Status> {
    let ask = pb::ListSimilarPetitionsRequest { code: code.to_owned() };
    call!(who, casework.list_similar_petitions, ask)
}

/// Codes with what they have in common, likeliest first.
async fn named(who: &Person<'_>, code: &str) -> Vec<(String, Vec<L>)> {
    let found = similar(who, code).await.unwrap();
    let one = |one: pb::SimilarPetition| (one.likenesses().collect(), one.summary.unwrap().code);
    found.petitions.into_iter().map(one).map(|(why, code): (Vec<L>, String)| (code, why)).collect()
}

/// The first petition, then one of the same e-mail address, telephone, portal's user and text, and one that is like it
/// in nothing.
async fn six(world: &World) -> [String; 6] {
    let user = "user-77".to_owned();
    let likely = "tu dau thang moi toi mang cap quang o khu tôi chậm đến nỗi không học trực tuyến được";
    let text = pb::SubmitPetitionRequest {
        title: "MANG CHAM o duong nguyen hue".to_owned(),
        content: likely.to_owned(),
        petitioner: other(3).petitioner,
        ..feedback()
    };
    let all = [
        pb::SubmitPetitionRequest { portal_subject: user.clone(), ..feedback() },
        by(other(0), |one| one.email = "LAN@Example.VN".to_owned()),
        by(other(1), |one| one.phone = "+84 912-345-678".to_owned()),
        pb::SubmitPetitionRequest { portal_subject: user, ..other(2) },
        text,
        other(4),
    ];
    let mut codes = Vec::new();
    for petition in all {
        codes.push(world.citizen().submits(petition).await.code);
        world.advance(crate::world::minutes(1));
    }
    codes.try_into().unwrap()
}

async fn count(world: &World, sql: &str) -> i64 {
    let database = world.database().await;
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

fn pairs(named: &[(String, Vec<L>)]) -> Vec<(&str, &[L])> {
    named.iter().map(|(code, why)| (code.as_str(), why.as_slice())).collect()
}

on_both! {
    async fn repeats_and_duplicates_are_suggested(world: World) {
        let [first, email, phone, user, text, apart] = six(&world).await;
        let dispatcher = world.dispatcher();
        let early = similar(&dispatcher, &first).await.unwrap();
        assert!(early.comparing && early.petitions.is_empty(), "nobody waited for it: {early:?}");
        world.run_workers().await;
        let found = similar(&dispatcher, &first).await.unwrap();
        assert!(!found.comparing);
        let score = found.petitions.iter().find(|one| one.summary.as_ref().unwrap().code == text).unwrap().text_score;
        assert!((60..100).contains(&score), "{score}");
        let found = named(&dispatcher, &first).await;
        let expected = [
            (user.as_str(), &[L::SamePortalUser][..]),
            (&phone, &[L::SamePhone]),
            (&email, &[L::SameEmail]),
            (&text, &[L::SimilarText]),
        ];
        assert_eq!(pairs(&found), expected);
        assert_eq!(pairs(&named(&dispatcher, &text).await), [(first.as_str(), &[L::SimilarText][..])]);
        assert_eq!(named(&dispatcher, &apart).await, []);
        // Both at once comes first.
        let again = world.citizen().submits(feedback()).await.code;
        world.run_workers().await;
        let likeliest = named(&dispatcher, &first).await;
        assert_eq!(pairs(&likeliest)[0], (again.as_str(), &[L::SameEmail, L::SamePhone, L::SimilarText][..]));
        let looks = call!(world.who("supervisor"), supervision.list_reveals, pb::ListRevealsRequest::default()).unwrap();
        assert_eq!(looks.reveals, [], "nobody was looked at");
    }

    /// Each sees what it sees anyhow; what a complaint has in common with others is not told inside the unit complained of.
    async fn only_what_one_may_see(world: World) {
        let [first, email, phone, ..] = six(&world).await;
        world.run_workers().await;
        let dispatcher = world.dispatcher();
        for code in [&first, &phone] {
            dispatcher.does(Deed::Accept, code).await;
            dispatcher.does(Deed::Assign("CUC-VT"), code).await;
        }
        let handler = world.who("cuc-vt-handler");
        assert_eq!(pairs(&named(&handler, &first).await), [(phone.as_str(), &[L::SamePhone][..])]);
        assert_eq!(similar(&handler, &email).await.unwrap_err().code(), Code::NotFound);
        for login in ["supervisor", "operator", "admin", "portal"] {
            let refused = similar(&world.who(login), &first).await.unwrap_err();
            assert!(matches!(refused.code(), Code::PermissionDenied | Code::NotFound), "{login}: {refused:?}");
        }
        // Of the unit complained of, with roles far above it.
        world.add_account("seconded", "CUC-VT", &[]).await;
        let reference = world.app.reference();
        let root = reference.units.root().unwrap().id;
        let grants = [Role::Dispatcher, Role::Handler, Role::Approver, Role::Clerk].map(|role| {
            let id = GrantId(world.app.source().id(world.now()));
            pakn::app::DirectoryStep::Grant(Grant::for_good(id, reference.logins["seconded"], role, root))
        });
        world.app.direct_as(None, &grants).await.unwrap();
        let seconded = world.who("seconded");
        assert!(named(&seconded, &first).await.iter().any(|(code, _)| *code == email), "nobody is complained of yet");
        let accuse = pb::AcceptPetitionRequest {
            target: Some(pb::Target { code: email.clone(), ..Default::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "CUC-VT".to_owned(),
            ..Default::default()
        };
        call!(dispatcher, casework.accept_petition, accuse).unwrap();
        assert!(named(&seconded, &first).await.iter().all(|(code, _)| *code != email));
        assert_eq!(similar(&seconded, &email).await.unwrap_err().code(), Code::NotFound);
        assert!(named(&dispatcher, &first).await.iter().any(|(code, _)| *code == email));
    }

    /// A changed key tells no two senders apart, and what was erased is like nothing any more.
    async fn keys_change_and_petitioners_are_erased(world: World) {
        let [first, email, ..] = six(&world).await;
        world.run_workers().await;
        let dispatcher = world.dispatcher();
        let before = named(&dispatcher, &first).await;
        assert_eq!(before.len(), 4);
        let with_both = world.process_with(Keys::parse(&format!("{MASTER},{SECOND}")).unwrap()).await.unwrap();
        with_both.rotate_master_key().await.unwrap();
        let mut step = pakn::app::Resealed::default();
        loop {
            step = with_both.seal_anew(&step).await.unwrap();
            if step.done_to.is_none() {
                break;
            }
        }
        assert!(similar(&dispatcher, &first).await.unwrap().comparing);
        let keys = "select count(*) from likeness";
        let kept = count(&world, keys).await;
        // By two at once: each key once.
        let other = world.process_with(Keys::parse(&format!("{MASTER},{SECOND}")).unwrap()).await.unwrap();
        let (one, two) = tokio::join!(with_both.compare(), other.compare());
        assert!(one.unwrap() + two.unwrap() >= 6);
        assert_eq!(count(&world, keys).await, kept);
        assert_eq!(named(&dispatcher, &first).await, before);

        world.citizen().does(Deed::Withdraw, &email).await;
        let erase = pb::ErasePetitionRequest {
            target: Some(pb::Target { code: email.clone(), ..Default::default() }),
            ground: pb::ErasureGround::Request.into(),
            document_number: "13/YC".to_owned(),
        };
        call!(world.who("admin"), casework.erase_petition, erase).unwrap();
        let after = named(&dispatcher, &first).await;
        assert_eq!((after.len(), after.iter().any(|(code, _)| *code == email)), (3, false));
        let left = format!("{keys} l join petition p on p.id = l.petition where p.code = '{email}'");
        assert_eq!(count(&world, &left).await, 0);
        assert_eq!(named(&dispatcher, &email).await, [], "and itself is like nobody");
        world.run_workers().await;
        assert_eq!(count(&world, &left).await, 0, "also when it is compared after");
        assert_eq!(with_both.retire_master_keys().await.unwrap(), [1]);
    }

    /// Whoever is erased while they are compared leaves no keys behind.
    async fn nobody_is_compared_after_being_erased(world: World) {
        let codes = six(&world).await;
        for code in &codes {
            world.citizen().does(Deed::Withdraw, code).await;
        }
        let other = world.another_process().await;
        let admin = world.who("admin");
        let erase = async |code: &String| {
            let target = Some(pb::Target { code: code.clone(), ..Default::default() });
            let ground = pb::ErasureGround::Request.into();
            let erase = pb::ErasePetitionRequest { target, ground, document_number: "14/YC".to_owned() };
            call!(admin, casework.erase_petition, erase).unwrap();
        };
        for code in &codes {
            let all = tokio::join!(world.app.compare(), erase(code), other.compare());
            all.0.unwrap();
            all.2.unwrap();
            let database = world.database().await;
            database.execute_unprepared("update petitioner set compared = false where erased_at is null").await.unwrap();
        }
        assert_eq!(count(&world, "select count(*) from likeness").await, 0);
    }

    /// From the terminal.
    async fn suggestions_are_read(world: World) {
        let [first, ..] = six(&world).await;
        world.run_workers().await;
        let listed = Terminal::of(&world.dispatcher()).asks(&["petition", "similar", &first]).await;
        assert_eq!(listed["petitions"][3]["likenesses"][0], "SIMILAR_TEXT", "{listed}");
    }
}
