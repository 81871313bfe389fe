//! What a calendar would move, page by page: all of it, each once, until another version is in use.

use pakn::{
    domain::words::Role,
    pb::{self, Clock},
};
use tonic::{Code, Status};

use crate::{
    calendars::{apply, imported, recalculated, year_with},
    call, on_both,
    terminal::Terminal,
    time::{due, explained},
    world::{Deed, Person, Refused as _, World, feedback, feedback_of},
};

async fn page(who: &Person<'_>, version: &str, size: i32, token: &str) -> Result<pb::PreviewCalendarResponse, Status> {
    let page = Some(pb::PageRequest { size, token: token.to_owned() });
    call!(who, deadline.preview_calendar, pb::PreviewCalendarRequest { version: version.to_owned(), page })
}

/// An administrator who sees petitions, and a version in which a day of the first intakes and that of the first answers
/// are off.
async fn put_off(world: &World) {
    world.add_account("seer", "BTTTT", &[Role::Administrator, Role::Supervisor]).await;
    let admin = world.who("admin");
    let days = year_with(&admin, "2026-02-24,off,Nghỉ\n2026-03-05,off,Nghỉ\n").await;
    imported(&admin, "vn", "", &days).await.unwrap();
}

on_both! {
    async fn a_preview_is_told_page_by_page(world: World) {
        put_off(&world).await;
        let (assigned, submitted) = (world.assigned("CUC-VT").await, world.citizen().submits(feedback_of("b")).await.code);
        let asked = world.citizen().submits(feedback_of("c")).await.code;
        world.dispatcher().does(Deed::RequestInformation, &asked).await;
        let seer = world.who("seer");
        let whole = page(&seer, "vn-2", 200, "").await.unwrap();
        assert_eq!((whole.looked_at, whole.moved, whole.later), (3, 3, 3));
        assert_eq!(whole.page.unwrap().next_token, "");
        let what = |code: &str| -> Vec<(Clock, bool, String, String)> {
            let own = whole.rounds.iter().filter(|round| round.code == code);
            let date = |due: &Option<pb::Due>| due.as_ref().unwrap().date.clone();
            own.map(|round| (round.clock(), round.reply, date(&round.from), date(&round.to))).collect()
        };
        let said = |clock, reply, from: &str, to: &str| (clock, reply, from.to_owned(), to.to_owned());
        let answer = said(Clock::Answer, false, "2026-03-05", "2026-03-06");
        assert_eq!(what(&assigned), std::slice::from_ref(&answer));
        let clocks = [
            answer,
            said(Clock::Intake, false, "2026-02-24", "2026-02-25"),
            said(Clock::Forward, false, "2026-02-27", "2026-03-02"),
        ];
        let mut found = what(&submitted);
        found.sort_by_key(|(clock, ..)| *clock != Clock::Answer);
        assert_eq!(found, clocks);
        // The day of a reply moves too.
        let reply = what(&asked).into_iter().find(|(_, reply, ..)| *reply).unwrap();
        assert_eq!(reply, said(Clock::Unspecified, true, "2026-02-27", "2026-03-02"));
        for size in [1, 2, 3] {
            let (mut turned, mut token, mut pages) = (Vec::new(), String::new(), 0);
            loop {
                let next = page(&seer, "vn-2", size, &token).await.unwrap();
                assert!(next.rounds.len() <= usize::try_from(size).unwrap());
                assert_eq!(next.looked_at, if token.is_empty() { 3 } else { 0 }, "counted once");
                turned.extend(next.rounds);
                token = next.page.unwrap().next_token;
                pages += 1;
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!(turned, whole.rounds, "{size} a page");
            assert!(pages >= 2, "{pages}");
        }
        // It comes as it was said.
        let admin = world.who("admin");
        apply(&admin, "vn-2", &whole.base, "").await.unwrap();
        recalculated(&world).await;
        for round in whole.rounds.iter().filter(|round| !round.reply) {
            let became = due(&explained(&world.dispatcher(), &round.code).await, round.clock());
            assert_eq!(became, round.to.as_ref().unwrap().date, "{round:?}");
        }
        let asked = world.citizen().tracks(&asked).await.unwrap().details.unwrap();
        assert_eq!(asked.questions[0].reply_by.as_ref().unwrap().date, "2026-03-02");
    }

    /// As applying does: by versions taken into use, and nothing else.
    async fn pages_of_a_preview_go_stale(world: World) {
        put_off(&world).await;
        for name in ["a", "b"] {
            world.citizen().submits(feedback_of(name)).await;
        }
        let seer = world.who("seer");
        let token = page(&seer, "vn-2", 2, "").await.unwrap().page.unwrap().next_token;
        let next = async || page(&seer, "vn-2", 2, &token).await;
        // Another version put, a petition more: not so.
        let admin = world.who("admin");
        let days = year_with(&admin, "2026-03-06,off,Nghỉ\n").await;
        imported(&admin, "vn", "", &days).await.unwrap();
        world.citizen().submits(feedback_of("c")).await;
        next().await.unwrap();
        assert_eq!(page(&seer, "vn-3", 2, &token).await.unwrap_err().fields(), ["page.token"]);
        assert_eq!(page(&admin, "vn-2", 2, &token).await.unwrap_err().fields(), ["page.token"]);
        apply(&admin, "vn-3", "", "").await.unwrap();
        assert_eq!(next().await.unwrap_err().told(), (Code::Aborted, "MOVED".to_owned()));
    }

    /// The client turns all pages; and puts a calendar as it showed one.
    async fn the_client_shows_all_that_moves(world: World) {
        let admin = Terminal::of(&world.who("admin"));
        let kept = admin.gets(&["calendar", "show", "vn", "--format", "json"]).await;
        let dayless = kept.replacen("\"2026-02-16\"", "\"2026-02-14\"", 1);
        let file = admin.file("vn.json", &kept);
        let put = admin.asks(&["calendar", "put", &file]).await;
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["calendar"]["years"].clone();
        assert_eq!((&put["calendar"]["version"], &put["calendar"]["years"]), (&"vn-2".into(), &read(&kept)));
        assert_eq!(put["calendar"]["active"], false);
        let wrong = admin.file("wrong.json", &dayless.replace("08:00-12:00", "8 to 12"));
        let told = admin.fails(1, &["calendar", "put", &wrong]).await;
        assert!(told.contains("office_hours"), "{told}");
        put_off(&world).await;
        for n in 0..70 {
            world.citizen().submits(pb::SubmitPetitionRequest { title: format!("Mạng chậm {n}"), ..feedback() }).await;
        }
        let shown = admin.asks(&["calendar", "preview", "vn-3"]).await;
        assert_eq!((shown["rounds"].as_array().unwrap().len(), &shown["moved"]), (210, &70.into()));
        assert_eq!(admin.asks(&["calendar", "preview", "vn-3", "--size", "5"]).await["rounds"].as_array().unwrap().len(), 5);
        let sheet = admin.gets(&["calendar", "preview", "vn-3", "--format", "csv"]).await;
        assert_eq!(sheet.lines().count(), 211, "{sheet}");
    }
}
