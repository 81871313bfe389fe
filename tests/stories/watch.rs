//! What petitions are watched for: raised once, told up the ladder, gathered into one letter a person a day.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use pakn::{
    domain::event::{Event, Recorded},
    domain::words::Level,
    pb::{self, Clock, WatchLevel as L},
    workers::life,
};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    call, on_both,
    time::{due, explained, urgently},
    world::{Deed, Letter, Refused as _, World, days, feedback_of},
};

pub(super) async fn raised(world: &World, code: &str) -> Vec<L> {
    let shown = world.dispatcher().reads(code).await.unwrap();
    shown.raised.iter().map(|level| L::try_from(*level).unwrap()).collect()
}

/// The levels of each `ESCALATED` event, by petition.
pub(super) async fn escalated(world: &World) -> BTreeMap<String, Vec<Vec<Level>>> {
    let database = world.database().await;
    let sql = "select stored from event where kind = 'ESCALATED' order by petition, seq";
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    let mut found: BTreeMap<String, Vec<Vec<Level>>> = BTreeMap::new();
    for row in rows {
        let stored: String = row.try_get_by_index(0).unwrap();
        let recorded: Recorded = serde_json::from_str(&stored).unwrap();
        let Event::Escalated { levels } = recorded.event else { panic!("{stored}") };
        found.entry(recorded.petition.to_string()).or_default().push(levels);
    }
    found
}

/// Gathers and sends the digests of the morning; gives the letters that came of it.
pub(super) async fn morning(world: &World) -> Vec<Letter> {
    let before = world.letters().len();
    life::digest(&world.app, NaiveTime::from_hms_opt(7, 30, 0).unwrap()).await.unwrap();
    world.run_workers().await;
    world.letters().split_off(before)
}

pub(super) fn to<'a>(letters: &'a [Letter], login: &str) -> &'a Letter {
    let address = format!("{login}@mic.example");
    letters.iter().find(|letter| letter.to == address).unwrap_or_else(|| panic!("nothing to {address}: {letters:?}"))
}

on_both! {
    /// From due soon to long overdue: each once, as an event of the system, to more and more people.
    async fn levels_are_raised_once_and_climb_the_ladder(world: World) {
        let code = world.assigned("CUC-VT").await;
        let version = world.dispatcher().reads(&code).await.unwrap().summary.unwrap().version;
        world.when("2026-03-01 23:59:59.999999");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, []);
        let mut expected = Vec::new();
        for (when, levels, told, line) in [
            ("2026-03-02 00:00", &[L::DueSoon][..], &["cuc-vt-handler"][..], "sắp đến hạn trả lời (hạn 05/03/2026)"),
            ("2026-03-05 00:00", &[L::Due], &["cuc-vt-handler", "cuc-vt-approver"], "đến hạn trả lời hôm nay"),
            ("2026-03-06 00:00", &[L::Overdue], &["cuc-vt-handler", "cuc-vt-approver", "dispatcher"], "quá hạn trả lời (hạn 05/03/2026)"),
            ("2026-03-13 00:00", &[L::ProgressOwed, L::LongOverdue], &["cuc-vt-handler", "cuc-vt-approver", "dispatcher", "supervisor"], "quá hạn trả lời đã lâu"),
        ] {
            world.when(when);
            expected.extend_from_slice(levels);
            for _ in 0..2 {
                world.run_workers().await;
                let mut now = raised(&world, &code).await;
                now.sort();
                let mut then = expected.clone();
                then.sort();
                assert_eq!(now, then, "{when}");
            }
            world.advance(chrono::TimeDelta::minutes(449));
            assert!(morning(&world).await.is_empty(), "not before half past seven");
            world.advance(chrono::TimeDelta::minutes(1));
            let letters = morning(&world).await;
            let addresses: Vec<String> = told.iter().map(|login| format!("{login}@mic.example")).collect();
            let mut reached: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
            reached.sort_unstable();
            let mut wanted: Vec<&str> = addresses.iter().map(String::as_str).collect();
            wanted.sort_unstable();
            assert_eq!(reached, wanted, "{when}");
            let letter = to(&letters, told.last().unwrap());
            assert!(letter.text.contains(&format!("{code}: {line}")), "{}", letter.text);
            assert_eq!(letter.subject, "Phản ánh, kiến nghị cần lưu ý");
            assert!(!letter.text.contains("Nguyễn Huệ") && !letter.text.contains("cáp quang"), "nothing of what was written");
            assert!(morning(&world).await.is_empty(), "one a day");
        }
        let ask = pb::ListPetitionEventsRequest { code: code.clone(), page: None };
        let events = call!(world.dispatcher(), casework.list_petition_events, ask).unwrap().events;
        let last = events.iter().find(|event| event.kind == "ESCALATED").unwrap();
        assert_eq!(last.actor, "system");
        let petition = world.dispatcher().reads(&code).await.unwrap();
        assert_eq!(petition.summary.unwrap().version, version, "nobody's decision is disturbed");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }

    /// After a week without it nothing is lost, nothing is doubled, and what is told is how it stands now.
    async fn a_watcher_down_for_a_week(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-14 09:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &code).await, [L::DueSoon, L::Due, L::Overdue, L::LongOverdue, L::ProgressOwed]);
        // The note to the petitioner was owed a week from the due, not from the watcher's waking.
        assert_eq!(due(&explained(&world.dispatcher(), &code).await, Clock::Update), "2026-03-12");
        let letters = morning(&world).await;
        let handler = &to(&letters, "cuc-vt-handler").text;
        assert!(handler.contains("quá hạn trả lời đã lâu") && handler.contains("chưa báo tiến độ"), "{handler}");
        assert!(!handler.contains("sắp đến hạn") && !handler.contains("hôm nay"), "{handler}");
        assert!(morning(&world).await.is_empty());
    }

    /// What nobody takes up or forwards goes to the focal unit and its head.
    async fn unaccepted_and_unforwarded(world: World) {
        let submitted = world.citizen().submits(feedback_of("waits")).await;
        world.when("2026-02-25 00:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &submitted.code).await, [L::Unaccepted]);
        world.when("2026-02-25 08:00");
        let letters = morning(&world).await;
        for login in ["dispatcher", "office-head"] {
            assert!(to(&letters, login).text.contains("quá hạn tiếp nhận"));
        }
        world.dispatcher().does(Deed::Accept, &submitted.code).await;
        world.when("2026-02-28 08:00");
        world.run_workers().await;
        assert_eq!(raised(&world, &submitted.code).await, [L::Unaccepted, L::Unforwarded]);
        let letters = morning(&world).await;
        for login in ["dispatcher", "office-head"] {
            let text = &to(&letters, login).text;
            assert!(!text.contains("quá hạn tiếp nhận") && text.contains("quá hạn chuyển xử lý"), "{text}");
        }
    }

    /// Progress is owed again and again, and an answer that is not published is missed.
    async fn progress_and_publication(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-06 00:00");
        world.run_workers().await;
        world.when("2026-03-10 09:00");
        let handler = world.who("cuc-vt-handler");
        handler.does(Deed::PostProgress, &code).await;
        assert_eq!(due(&explained(&handler, &code).await, Clock::Update), "2026-03-17");
        for (when, owed) in [("2026-03-17 23:00", 0), ("2026-03-18 00:00", 1), ("2026-03-18 09:00", 1)] {
            world.when(when);
            world.run_workers().await;
            assert_eq!(raised(&world, &code).await.iter().filter(|level| **level == L::ProgressOwed).count(), owed, "{when}");
        }
        handler.does(Deed::PostProgress, &code).await;
        assert!(!raised(&world, &code).await.contains(&L::ProgressOwed), "a note is a new beginning");
        world.when("2026-03-26 00:00");
        world.run_workers().await;
        assert!(raised(&world, &code).await.contains(&L::ProgressOwed));
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            handler.does(deed, &code).await;
        }
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        // Five working days from Thursday 26 March.
        world.when("2026-04-02 23:59:59");
        world.run_workers().await;
        assert!(!raised(&world, &code).await.contains(&L::Unpublished));
        world.when("2026-04-03 00:00");
        world.run_workers().await;
        assert!(raised(&world, &code).await.contains(&L::Unpublished));
        let published = world.answered().await;
        world.dispatcher().does(Deed::SaveRedaction, &published).await;
        world.dispatcher().does(Deed::Publish(1), &published).await;
        world.advance(days(9));
        world.run_workers().await;
        assert!(!raised(&world, &published).await.contains(&L::Unpublished));
    }

    /// Urgent ones do not wait for the morning.
    async fn urgent_is_told_at_once(world: World) {
        world.when("2026-03-06 15:30");
        let code = world.citizen().submits(feedback_of("urgent")).await.code;
        call!(world.dispatcher(), casework.accept_petition, urgently(&code)).unwrap();
        world.when("2026-03-09 10:30");
        world.run_workers().await;
        world.run_workers().await;
        let letters = world.letters();
        let letter = to(&letters, "dispatcher");
        assert_eq!(letter.subject, format!("[{code}] Phản ánh, kiến nghị khẩn cần lưu ý"));
        assert!(letter.text.contains(&format!("{code}: quá hạn chuyển xử lý (hạn 09/03/2026)")), "{}", letter.text);
        world.when("2026-03-10 08:00");
        assert!(morning(&world).await.is_empty(), "and not once more");
        // An operator sees the letter, and of which petition it is.
        let list = pb::ListLettersRequest { code: code.clone(), statuses: vec![pb::LetterStatus::Accepted.into()], ..pb::ListLettersRequest::default() };
        let letters = call!(world.who("operator"), delivery.list_letters, list).unwrap().letters;
        assert_eq!(letters.iter().filter(|letter| letter.kind == "notice").count(), 2, "dispatcher and head");
    }

    /// An operator sees digests; one that went out is not moved.
    async fn a_digest_is_a_letter(world: World) {
        world.assigned("CUC-VT").await;
        world.when("2026-03-02 08:00");
        world.run_workers().await;
        morning(&world).await;
        let operator = world.who("operator");
        let list = pb::ListLettersRequest { statuses: vec![pb::LetterStatus::Accepted.into()], ..pb::ListLettersRequest::default() };
        let letters = call!(operator, delivery.list_letters, list).unwrap().letters;
        let digest = letters.iter().find(|letter| letter.kind == "digest").unwrap();
        assert_eq!(digest.code, "");
        let read = call!(operator, delivery.get_letter, pb::GetLetterRequest { id: digest.id.clone() }).unwrap();
        assert_eq!(read.attempts.len(), 1);
        let retry = pb::RetryLetterRequest { id: digest.id.clone(), ..Default::default() };
        assert_eq!(call!(operator, delivery.retry_letter, retry).unwrap_err().reason(), "LETTER_SETTLED");
        // What stands no more by the time it is sent is given up, and so may be what could not be sent.
        let database = world.database().await;
        let sql = "update letter set status = 'REJECTED' where kind = 'digest'";
        database.execute_unprepared(sql).await.unwrap();
        let abandon = pb::AbandonLetterRequest { id: digest.id.clone(), reason: "Sai địa chỉ".to_owned(), ..Default::default() };
        let abandoned = call!(operator, delivery.abandon_letter, abandon).unwrap().letter.unwrap();
        assert_eq!(abandoned.status(), pb::LetterStatus::Abandoned);
    }

    /// What was raised at night and settled before the morning is told to nobody.
    async fn what_stands_no_more_is_not_told(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-06 00:00");
        world.run_workers().await;
        world.when("2026-03-06 07:00");
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            world.who("cuc-vt-handler").does(deed, &code).await;
        }
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        world.when("2026-03-06 07:30");
        let letters = morning(&world).await;
        assert!(letters.iter().all(|letter| letter.subject != "Phản ánh, kiến nghị cần lưu ý"), "{letters:?}");
        let database = world.database().await;
        let sql = "select count(*) from letter where kind = 'digest' and status = 'ABANDONED'";
        let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
        assert_eq!(row.unwrap().try_get_by_index::<i64>(0).unwrap(), 3);
    }

    /// The unit complained of is told nothing, also of what was raised before anybody knew that it was complained of.
    async fn the_unit_complained_of_is_not_told(world: World) {
        let code = world.assigned("CUC-VT").await;
        world.when("2026-03-06 00:00");
        world.run_workers().await;
        world.when("2026-03-06 07:00");
        world.dispatcher().does(Deed::Assign("BTTTT-TTRA"), &code).await;
        let conduct = pb::ReclassifyPetitionRequest {
            target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            concerned_unit: "CUC-VT".to_owned(),
            reason: "Về hành vi".to_owned(),
            ..pb::ReclassifyPetitionRequest::default()
        };
        call!(world.dispatcher(), casework.reclassify_petition, conduct).unwrap();
        world.when("2026-03-06 07:30");
        let letters = morning(&world).await;
        assert!(to(&letters, "dispatcher").text.contains(&code));
        assert!(letters.iter().all(|letter| !letter.to.starts_with("cuc-vt")), "{letters:?}");
    }

    /// Where all of a rung stand inside the unit complained of, it is the supervisor who is told.
    async fn somebody_is_always_told(world: World) {
        let code = world.citizen().submits(feedback_of("office")).await.code;
        let accept = pb::AcceptPetitionRequest {
            target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
            subject_class: pb::SubjectClass::Conduct.into(),
            field: "TELECOM".to_owned(),
            concerned_unit: "BTTTT-VP".to_owned(),
            assignment: Some(pb::Assignment { unit: "BTTTT-TTRA".to_owned(), ..pb::Assignment::default() }),
            ..pb::AcceptPetitionRequest::default()
        };
        call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
        world.when("2026-03-06 08:00");
        world.run_workers().await;
        let letters = morning(&world).await;
        let mut reached: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
        reached.sort_unstable();
        assert_eq!(reached, ["thanh-tra-approver@mic.example", "thanh-tra-handler@mic.example"]);
        world.who("thanh-tra-handler").does(Deed::SaveDraft, &code).await;
        let submit = pb::SubmitDraftRequest {
            target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
            outcome_kind: pb::OutcomeKind::Explained.into(),
            finding: pb::Finding::Unfounded.into(),
        };
        call!(world.who("thanh-tra-handler"), casework.submit_draft, submit).unwrap();
        world.who("thanh-tra-approver").does(Deed::Approve, &code).await;
        world.when("2026-03-20 08:00");
        world.run_workers().await;
        let letters = morning(&world).await;
        let digest = letters.iter().find(|letter| letter.text.contains("chưa công khai")).unwrap();
        assert_eq!(digest.to, "supervisor@mic.example");
    }

    /// Two processes at it: each level once, and each person one letter. `PAKN_TEST_OVERDUE` says of how many petitions.
    async fn two_watchers(world: World) {
        let count = std::env::var("PAKN_TEST_OVERDUE").map_or(150, |typed| typed.parse().unwrap());
        let numbers: Vec<usize> = (0..count).collect();
        for some in numbers.chunks(64) {
            let submitted = some.iter().map(async |n| world.citizen().submits(feedback_of(&format!("n{n}"))).await);
            futures::future::join_all(submitted).await;
        }
        world.when("2026-03-14 09:00");
        let other = world.another_process().await;
        let at = NaiveTime::from_hms_opt(7, 30, 0).unwrap();
        loop {
            let (one, two) = tokio::join!(life::step(&world.app), life::step(&other));
            let (one_digest, two_digest) = tokio::join!(life::digest(&world.app, at), life::digest(&other, at));
            one_digest.unwrap();
            two_digest.unwrap();
            if one.unwrap() + two.unwrap() == 0 {
                break;
            }
        }
        let escalated = escalated(&world).await;
        assert_eq!(escalated.len(), count);
        for (petition, events) in &escalated {
            let mut levels: Vec<Level> = events.iter().flatten().copied().collect();
            levels.sort();
            let all = [Level::DueSoon, Level::Due, Level::Overdue, Level::LongOverdue, Level::Unaccepted, Level::Unforwarded, Level::ProgressOwed];
            assert_eq!(levels, all, "{petition}");
            assert!(events.iter().all(|levels| !levels.is_empty()), "an event for nothing: {petition}");
        }
        let database = world.database().await;
        let sql = "select count(*), count(distinct account) from letter where kind = 'digest'";
        let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
        let digests: (i64, i64) = row.map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).unwrap();
        assert!(digests.0 >= 3 && digests.0 == digests.1, "one letter a person: {digests:?}");
        assert!(world.app.verify_offline(None).await.unwrap().broken.is_none());
    }
}
