//! Lists: filters, orders, pages.

use pakn::pb::{self, PetitionFilter, PetitionOrder as O, PetitionState as S};
use tonic::Code;

use crate::{
    call, on_both,
    world::{Deed, Refused as _, World, at, feedback, feedback_of, hours},
};

async fn page(
    world: &World,
    filter: PetitionFilter,
    order: O,
    size: i32,
    token: &str,
) -> Result<(Vec<String>, String), tonic::Status> {
    let page = Some(pb::PageRequest { size, token: token.to_owned() });
    let list = pb::ListPetitionsRequest { filter: Some(filter), order: order.into(), page };
    let listed = call!(world.dispatcher(), casework.list_petitions, list)?;
    Ok((listed.petitions.into_iter().map(|petition| petition.code).collect(), listed.page.unwrap().next_token))
}

/// Everything that a filter finds, page by page.
async fn all(world: &World, filter: PetitionFilter, order: O, size: i32) -> Vec<String> {
    let (mut found, mut token) = page(world, filter.clone(), order, size, "").await.unwrap();
    while !token.is_empty() {
        let (more, next) = page(world, filter.clone(), order, size, &token).await.unwrap();
        assert!(more.len() <= usize::try_from(size).unwrap());
        found.extend(more);
        assert!(found.len() < 1_000, "the pages never end");
        token = next;
    }
    found
}

async fn found(world: &World, filter: PetitionFilter) -> Vec<String> {
    let list = all(world, filter.clone(), O::ReceivedOldest, 50).await;
    let count = pb::CountPetitionsRequest { filter: Some(filter) };
    let counted = call!(world.dispatcher(), casework.count_petitions, count).unwrap();
    assert_eq!(counted.total, i64::try_from(list.len()).unwrap(), "the count is the list's");
    assert_eq!(counted.states.iter().map(|state| state.count).sum::<i64>(), counted.total);
    list
}

fn text(text: &str) -> PetitionFilter {
    PetitionFilter { text: text.to_owned(), ..PetitionFilter::default() }
}

/// Đường, decomposed: u with horn and grave as marks.
const DECOMPOSED: &str = "Sửa đ\u{75}\u{31b}\u{6f}\u{31b}\u{300}ng quanh Hồ Tây";

on_both! {
    async fn duong_finds_every_spelling(world: World) {
        let of = async |title: &str, content: &str| {
            let petition = pb::SubmitPetitionRequest { title: title.to_owned(), content: content.to_owned(), ..feedback() };
            world.citizen().submits(petition).await.code
        };
        let composed = of("ĐƯỜNG truyền chậm", "Nội dung thứ nhất của tôi.").await;
        let decomposed = of(DECOMPOSED, "Nội dung thứ hai của tôi.").await;
        let within = of("Tiêu đề khác hẳn", "Ngập nước trên đường Láng, Đống Đa.").await;
        let other = of("Duong khong dau", "Chữ không dấu.").await;
        let nothing = of("Tem bưu chính", "Không liên quan gì.").await;
        for typed in ["duong", "Đường", "ĐƯỜNG", "đ\u{75}\u{31b}\u{6f}\u{31b}\u{300}ng", "  dUoNg, "] {
            assert_eq!(found(&world, text(typed)).await, [&composed[..], &decomposed, &within, &other], "{typed:?}");
        }
        assert_eq!(found(&world, text("ho tay sua")).await, [decomposed]);
        assert_eq!(found(&world, text("tem")).await, [nothing]);
        assert_eq!(found(&world, text("100%_")).await, Vec::<String>::new(), "no wildcards from outside");
        assert_eq!(found(&world, text("%")).await.len(), 5, "nothing but signs narrows nothing");
    }

    async fn each_filter_narrows(world: World) {
        let first = world.citizen().submits(feedback_of("first")).await.code;
        world.advance(hours(1));
        let by_post = pb::SubmitPetitionRequest { channel: pb::Channel::Post.into(), ..feedback_of("post") };
        let post = world.who("clerk").submits(by_post).await.code;
        world.advance(hours(1));
        let at_vt = world.assigned("CUC-VT-DV").await;
        let urgent = world.citizen().submits(feedback_of("urgent")).await.code;
        let accept = pb::AcceptPetitionRequest {
            target: Some(pb::Target { code: urgent.clone(), ..pb::Target::default() }),
            subject_class: pb::SubjectClass::Regulation.into(),
            field: "PRESS".to_owned(),
            priority: pb::Priority::Urgent.into(),
            priority_reason: "Sắp khai giảng.".to_owned(),
            assignment: Some(pb::Assignment {
                unit: "CUC-BC".to_owned(),
                handler: "cuc-bc-handler".to_owned(),
                ..pb::Assignment::default()
            }),
            ..pb::AcceptPetitionRequest::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        let done = world.answered().await;
        let refused = world.citizen().submits(feedback_of("refused")).await.code;
        world.dispatcher().does(Deed::Refuse, &refused).await;

        let any = PetitionFilter::default;
        assert_eq!(found(&world, any()).await, [&first[..], &post, &at_vt, &urgent], "open ones unless told otherwise");
        assert_eq!(found(&world, PetitionFilter { all_states: true, ..any() }).await.len(), 6);
        let states = vec![S::Refused.into(), S::Submitted.into()];
        assert_eq!(found(&world, PetitionFilter { states, ..any() }).await, [&first[..], &post, &refused]);
        assert_eq!(found(&world, PetitionFilter { unit: "CUC-VT".to_owned(), ..any() }).await, Vec::<String>::new());
        let subtree = PetitionFilter { unit: "CUC-VT".to_owned(), subtree: true, ..any() };
        assert_eq!(found(&world, subtree).await, [&at_vt[..]]);
        assert_eq!(found(&world, PetitionFilter { field: "PRESS".to_owned(), ..any() }).await, [&urgent[..]]);
        // It lies in TELECOM-INTERNET; of a field above and beside the urgent one's there is nothing.
        assert_eq!(found(&world, PetitionFilter { field: "TELECOM".to_owned(), ..any() }).await, [&at_vt[..]]);
        assert_eq!(found(&world, PetitionFilter { field: "PRESS-CARD".to_owned(), ..any() }).await, Vec::<String>::new());
        assert_eq!(found(&world, PetitionFilter { channel: pb::Channel::Post.into(), ..any() }).await, [&post[..]]);
        assert_eq!(found(&world, PetitionFilter { handler: "cuc-bc-handler".to_owned(), ..any() }).await, [&urgent[..]]);
        assert_eq!(found(&world, PetitionFilter { priority: pb::Priority::Urgent.into(), ..any() }).await, [&urgent[..]]);
        let class = pb::SubjectClass::Regulation.into();
        assert_eq!(found(&world, PetitionFilter { subject_class: class, ..any() }).await, [&urgent[..]]);
        assert_eq!(found(&world, PetitionFilter { unpublished: true, ..any() }).await, [&done[..]]);
        let from = Some(at("2026-02-13 10:15"));
        assert_eq!(found(&world, PetitionFilter { received_from: from, ..any() }).await, [&post[..], &at_vt, &urgent]);
        assert_eq!(found(&world, PetitionFilter { received_until: from, ..any() }).await, [&first[..]]);
        let due = |day| PetitionFilter { due_before: Some(at(day)), ..any() };
        assert_eq!(found(&world, due("2026-03-06 00:00")).await, Vec::<String>::new());
        assert_eq!(found(&world, due("2026-03-06 00:00:00.000001")).await.len(), 4);
        world.when("2026-03-06 00:00");
        assert_eq!(found(&world, PetitionFilter { overdue: true, ..any() }).await.len(), 4);
        for wrong in [
            PetitionFilter { unit: "NOWHERE".to_owned(), ..any() },
            PetitionFilter { field: "NOTHING".to_owned(), ..any() },
            PetitionFilter { channel: 99, ..any() },
            PetitionFilter { states: vec![0], ..any() },
        ] {
            let refused = page(&world, wrong, O::Due, 0, "").await.unwrap_err();
            assert_eq!((refused.code(), refused.fields().len()), (Code::InvalidArgument, 1));
        }
    }

    /// Every order, every page size: all of them, each once. Several arrive at the same instant.
    async fn pages_lose_and_double_nothing(world: World) {
        let mut codes = Vec::new();
        for n in 0..13 {
            codes.push(world.citizen().submits(feedback_of(&format!("p{n}"))).await.code);
            if n % 3 == 0 {
                world.advance(hours(30));
            }
        }
        for size in [1, 2, 3, 5, 12, 13, 14] {
            assert_eq!(all(&world, PetitionFilter::default(), O::ReceivedOldest, size).await, codes, "{size}");
            assert_eq!(all(&world, PetitionFilter::default(), O::Due, size).await, codes, "{size}");
            let newest: Vec<_> = codes.iter().rev().cloned().collect();
            assert_eq!(all(&world, PetitionFilter::default(), O::ReceivedNewest, size).await, newest, "{size}");
        }
        // What arrives meanwhile disturbs no page.
        let (mut seen, token) = page(&world, PetitionFilter::default(), O::ReceivedNewest, 5, "").await.unwrap();
        world.citizen().submits(feedback_of("late")).await;
        let (rest, _) = page(&world, PetitionFilter::default(), O::ReceivedNewest, 50, &token).await.unwrap();
        seen.extend(rest);
        codes.reverse();
        assert_eq!(seen, codes);
    }

    async fn a_token_belongs_to_its_question(world: World) {
        for n in 0..3 {
            world.citizen().submits(feedback_of(&format!("p{n}"))).await;
        }
        let any = PetitionFilter::default;
        let (_, token) = page(&world, any(), O::Due, 1, "").await.unwrap();
        page(&world, any(), O::Due, 2, &token).await.expect("another size is the same question");
        for (filter, order, token) in [
            (text("mang"), O::Due, token.clone()),
            (any(), O::ReceivedNewest, token.clone()),
            (any(), O::Due, format!("{}0", &token[..token.len() - 1])),
            (any(), O::Due, "rubbish".to_owned()),
        ] {
            let became = page(&world, filter, order, 1, &token).await;
            if token.starts_with("rubbish") || order != O::Due || became.is_err() {
                let refused = became.unwrap_err();
                assert_eq!((refused.code(), refused.fields()), (Code::InvalidArgument, vec!["page.token".to_owned()]));
            }
        }
        // Nor does it work in other hands.
        let list = pb::ListPetitionsRequest {
            filter: Some(any()),
            order: O::Due.into(),
            page: Some(pb::PageRequest { size: 1, token }),
        };
        let refused = call!(world.who("office-head"), casework.list_petitions, list).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(page(&world, any(), O::Due, -1, "").await.unwrap_err().fields(), ["page.size"]);
    }

    /// A page is 50 unless told otherwise, and 200 at the most.
    async fn sizes_are_kept_within_bounds(world: World) {
        let submit = async |n: usize| drop(world.citizen().submits(feedback_of(&format!("p{n}"))).await);
        futures::future::join_all((0..203).map(submit)).await;
        assert_eq!(page(&world, PetitionFilter::default(), O::Due, 0, "").await.unwrap().0.len(), 50);
        let (largest, token) = page(&world, PetitionFilter::default(), O::Due, 100_000, "").await.unwrap();
        assert_eq!(largest.len(), 200);
        assert_eq!(page(&world, PetitionFilter::default(), O::Due, 100_000, &token).await.unwrap().0.len(), 3);
    }

    /// A portal's user finds the own petitions, newest first, and nobody else's.
    async fn a_user_finds_the_own(world: World) {
        let of = |subject: &str| pb::SubmitPetitionRequest { portal_subject: subject.to_owned(), ..feedback() };
        let mut own = Vec::new();
        for _ in 0..3 {
            own.push(world.citizen().submits(of("user-1")).await.code);
            world.citizen().submits(of("user-2")).await;
            world.advance(hours(1));
        }
        own.reverse();
        let ask = |token: &str| pb::ListOwnPetitionsRequest {
            portal_subject: "user-1".to_owned(),
            page: Some(pb::PageRequest { size: 2, token: token.to_owned() }),
        };
        let first = call!(world.citizen(), intake.list_own_petitions, ask("")).unwrap();
        let second = call!(world.citizen(), intake.list_own_petitions, ask(&first.page.unwrap().next_token)).unwrap();
        let listed: Vec<_> = first.petitions.into_iter().chain(second.petitions).map(|petition| petition.code).collect();
        assert_eq!(listed, own);
        world.add_account("portal-too", "BTTTT", &[pakn::domain::words::Role::Portal]).await;
        let elsewhere = call!(world.who("portal-too"), intake.list_own_petitions, ask("")).unwrap();
        assert_eq!(elsewhere.petitions, [], "another portal's user of the same name");
    }

    /// A row that nobody can read is told to whoever asks for it, and hides nothing else: not from those who ask at the
    /// same time, not in a list, not from the mail.
    async fn what_cannot_be_read_hides_nothing_else(world: World) {
        use sea_orm::ConnectionTrait as _;
        let mut codes = Vec::new();
        for n in 0..7 {
            codes.push(world.citizen().submits(feedback_of(&format!("p{n}"))).await.code);
        }
        let spoilt = [codes[1].clone(), codes[2].clone(), codes[6].clone()];
        let whole: Vec<String> = codes.iter().filter(|code| !spoilt.contains(code)).cloned().collect();
        let database = world.database().await;
        for code in &spoilt {
            let letter = "update letter set facts = '' where petition = (select id from petition where code =";
            database.execute_unprepared(&format!("{letter} '{code}')")).await.unwrap();
            database.execute_unprepared(&format!("update petition set detail = '' where code = '{code}'")).await.unwrap();
        }
        // All at once, so that they are gathered.
        let (dispatcher, citizen) = (world.dispatcher(), world.citizen());
        let asked: Vec<&String> = std::iter::repeat_n(&codes, 12).flatten().collect();
        let reads = asked.iter().map(async |code| (code.as_str(), dispatcher.reads(code).await.map(drop)));
        let tracks = asked.iter().map(async |code| (code.as_str(), citizen.tracks(code).await.map(drop)));
        let (reads, tracks) =
            futures::future::join(futures::future::join_all(reads), futures::future::join_all(tracks)).await;
        for (code, became) in reads.into_iter().chain(tracks) {
            let told = became.map_err(|status| status.code());
            assert_eq!(told, if spoilt.iter().any(|bad| bad == code) { Err(Code::Internal) } else { Ok(()) }, "{code}");
        }
        for size in 1..8 {
            assert_eq!(all(&world, PetitionFilter::default(), O::ReceivedOldest, size).await, whole, "{size}");
        }
        let ask = pb::ListLettersRequest { page: Some(pb::PageRequest { size: 4, token: String::new() }), ..Default::default() };
        let letters = call!(world.who("operator"), delivery.list_letters, ask).unwrap();
        assert_eq!(letters.letters.into_iter().map(|letter| letter.code).collect::<Vec<_>>(), whole);
        assert_eq!(letters.page.unwrap().next_token, "");
        world.run_workers().await;
        assert_eq!(world.letters().len(), whole.len());
    }
}
