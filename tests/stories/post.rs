//! Letters on a bad day: servers that refuse, put off, hang up; and the operator who sorts it out.

use pakn::{
    app::{Begun, ToSend},
    pb::{self, LetterStatus as L},
    workers::mail::worker::Worker,
};
use tonic::Code;

use crate::{
    call, on_both,
    smtp_server::{Act, Behaviour, SmtpServer, Step},
    world::{Deed, LETTERS_A_DAY, Refused as _, World, days, drain, feedback_of, hours, minutes},
};

pub(super) const ID: &str = "0193e2c4-8f00-7000-8000-00000000000b";

fn worker_for(world: &World, server: &SmtpServer) -> Worker {
    let port = server.addr.port();
    world.mail_worker(&format!(
        "kind = 'smtp'\nhost = '127.0.0.1'\nport = {port}\nsecurity = 'none'\ntimeout_seconds = 2\n\
         data_timeout_seconds = 2\nhelo = 'pakn.mic.example'"
    ))
}

/// All letters, oldest first.
async fn letters(world: &World) -> Vec<pb::Letter> {
    use L as S;
    let statuses = [S::Pending, S::Accepted, S::Rejected, S::Unknown, S::Abandoned, S::Handover, S::Posted];
    let ask =
        pb::ListLettersRequest { statuses: statuses.map(i32::from).to_vec(), ..pb::ListLettersRequest::default() };
    call!(world.who("operator"), delivery.list_letters, ask).unwrap().letters
}

async fn statuses(world: &World) -> Vec<L> {
    letters(world).await.iter().map(pb::Letter::status).collect()
}

async fn attempts(world: &World, id: &str) -> Vec<(pb::AttemptOutcome, String)> {
    let ask = pb::GetLetterRequest { id: id.to_owned() };
    let attempts = call!(world.who("operator"), delivery.get_letter, ask).unwrap().attempts;
    attempts.into_iter().map(|attempt| (attempt.outcome(), attempt.reply)).collect()
}

async fn retry(world: &World, id: &str) -> Result<pb::RetryLetterResponse, tonic::Status> {
    call!(
        world.who("operator"),
        delivery.retry_letter,
        pb::RetryLetterRequest { id: id.to_owned(), ..Default::default() }
    )
}

pub(super) async fn abandon(world: &World, id: &str) -> Result<pb::AbandonLetterResponse, tonic::Status> {
    let ask = pb::AbandonLetterRequest {
        id: id.to_owned(),
        reason: "Địa chỉ không còn dùng.".to_owned(),
        ..Default::default()
    };
    call!(world.who("operator"), delivery.abandon_letter, ask)
}

on_both! {
    async fn a_bad_address_blocks_nobody(world: World) {
        let no = Act::reply("550 5.1.1 no such user");
        let server = SmtpServer::start(Behaviour::accepting().at_words(Step::Rcpt, "bad@example.vn", no)).await;
        let worker = worker_for(&world, &server);
        for name in ["one", "bad", "two", "three"] {
            world.citizen().submits(feedback_of(name)).await;
        }
        drain(&worker).await;
        assert_eq!(statuses(&world).await, [L::Accepted, L::Rejected, L::Accepted, L::Accepted]);
        assert_eq!(server.received().len(), 3);
        let bad = &letters(&world).await[1];
        let tries = attempts(&world, &bad.id).await;
        assert!(matches!(&tries[..], [(pb::AttemptOutcome::Rejected, reply)] if reply.contains("no such user")), "{tries:?}");
        world.advance(days(30));
        drain(&worker).await;
        assert_eq!(server.received().len(), 3, "what is refused for good is not tried again by itself");
        assert_eq!(world.app.stuck_letters().await.unwrap().len(), 1);

        // The operator gives one up; a settled one is not moved.
        let abandoned = abandon(&world, &bad.id).await.unwrap().letter.unwrap();
        assert_eq!(abandoned.status(), L::Abandoned);
        let sent = letters(&world).await[0].id.clone();
        assert_eq!(retry(&world, &sent).await.unwrap_err().reason(), "LETTER_SETTLED");
        assert_eq!(abandon(&world, &sent).await.unwrap_err().reason(), "LETTER_SETTLED");
        let ask = pb::RetryLetterRequest { id: sent, ..Default::default() };
        let other = call!(world.dispatcher(), delivery.retry_letter, ask).unwrap_err();
        assert_eq!(other.code(), Code::PermissionDenied);
        // Whoever mends the address has it tried again.
        server.behave(Behaviour::accepting());
        retry(&world, &bad.id).await.unwrap();
        drain(&worker).await;
        assert_eq!(statuses(&world).await, [L::Accepted; 4]);
        assert_eq!(world.app.verify_offline(None).await.unwrap().broken, None);
    }

    async fn what_is_put_off_comes_back_later(world: World) {
        let later = Act::reply("451 4.7.1 greylisted, try again later");
        let server = SmtpServer::start(Behaviour::accepting().at_first(2, Step::Rcpt, later)).await;
        let worker = worker_for(&world, &server);
        let code = world.citizen().submits(feedback_of("lan")).await.code;
        drain(&worker).await;
        let [letter] = &letters(&world).await[..] else { panic!("one letter") };
        assert_eq!((letter.status(), letter.attempts), (L::Pending, 1));
        // One minute, a quarter either way; then three.
        world.advance(chrono::TimeDelta::seconds(44));
        assert_eq!(worker.step().await.unwrap(), 0, "its time has not come");
        world.advance(chrono::TimeDelta::seconds(32));
        assert_eq!(worker.step().await.unwrap(), 1);
        world.advance(chrono::TimeDelta::seconds(134));
        assert_eq!(worker.step().await.unwrap(), 0, "the second wait is longer");
        world.advance(minutes(2));
        assert_eq!(worker.step().await.unwrap(), 1);
        let outcomes: Vec<_> = attempts(&world, &letter.id).await.into_iter().map(|(outcome, _)| outcome).collect();
        use pb::AttemptOutcome as A;
        assert_eq!(outcomes, [A::Deferred, A::Deferred, A::Accepted]);
        assert_eq!(server.received().len(), 1);
        let seen = world.citizen().tracks(&code).await.unwrap().details.unwrap();
        assert_eq!((seen.letters[0].kind.as_str(), seen.letters[0].status.as_str()), ("receipt", "ACCEPTED"));
    }

    /// Nobody answers at all: the letter waits, and is not lost.
    async fn a_server_that_is_away_loses_nothing(world: World) {
        let away = SmtpServer::start(Behaviour::refusing()).await;
        world.citizen().submits(feedback_of("lan")).await;
        drain(&worker_for(&world, &away)).await;
        assert_eq!(statuses(&world).await, [L::Pending]);
        world.advance(hours(1));
        let back = SmtpServer::start(Behaviour::accepting()).await;
        drain(&worker_for(&world, &back)).await;
        assert_eq!(statuses(&world).await, [L::Accepted]);
        assert!(String::from_utf8_lossy(&back.received()[0].data).contains("lan@example.vn"));
    }

    /// The line breaks after the data: it may have gone out, so nobody sends it again but an operator.
    async fn what_may_have_gone_out_is_not_sent_twice(world: World) {
        let server = SmtpServer::start(Behaviour::accepting().at_first(1, Step::Dot, Act::Close)).await;
        let worker = worker_for(&world, &server);
        world.citizen().submits(feedback_of("lan")).await;
        drain(&worker).await;
        assert_eq!(statuses(&world).await, [L::Unknown]);
        world.advance(days(10));
        drain(&worker).await;
        let dots = |server: &SmtpServer| server.commands().iter().filter(|line| line.starts_with("DATA")).count();
        assert_eq!(dots(&server), 1);
        let id = letters(&world).await[0].id.clone();
        let retried = retry(&world, &id).await.unwrap().letter.unwrap();
        assert_eq!(retried.status(), L::Pending);
        drain(&worker).await;
        assert_eq!((dots(&server), statuses(&world).await), (2, vec![L::Accepted]));
    }

    /// A worker dies between the mark and the settlement: the next one says that nobody knows.
    async fn a_letter_whose_sender_died_is_unknown(world: World) {
        let server = SmtpServer::start(Behaviour::accepting()).await;
        let worker = worker_for(&world, &server);
        world.citizen().submits(feedback_of("lan")).await;
        world.citizen().submits(feedback_of("minh")).await;
        let dead = world.app.claim_letters(minutes(2), 1).await.unwrap();
        assert_eq!(dead.len(), 1, "no more are claimed than asked for");
        let ToSend::Ready(letter) = world.app.open_letter(&dead[0]).await.unwrap() else { panic!("not to be sent") };
        let begin = async || world.app.begin_sending(&dead[0], &letter, minutes(2), 20).await.unwrap();
        assert_eq!(begin().await, Begun::Send);
        let id = dead[0].letter.id.to_string();
        assert_eq!(retry(&world, &id).await.unwrap_err().reason(), "LETTER_BEING_SENT");
        drain(&worker).await;
        assert_eq!(statuses(&world).await, [L::Pending, L::Accepted], "a leased letter is left alone");
        world.advance(minutes(3));
        // It may have gone out: nobody moves it before that is said.
        assert_eq!(retry(&world, &id).await.unwrap_err().reason(), "LETTER_BEING_SENT");
        assert_eq!(abandon(&world, &id).await.unwrap_err().reason(), "LETTER_BEING_SENT");
        drain(&worker).await;
        assert_eq!(statuses(&world).await, [L::Unknown, L::Accepted]);
        assert_eq!(server.received().len(), 1);
        assert_eq!(begin().await, Begun::Lost, "the dead one's lease is gone");
        retry(&world, &id).await.unwrap();
        drain(&worker).await;
        assert_eq!(statuses(&world).await, [L::Accepted, L::Accepted]);
    }

    /// A worker dies before the mark: the letter never went out, so it is simply sent.
    async fn a_letter_that_was_only_claimed_is_sent(world: World) {
        world.citizen().submits(feedback_of("lan")).await;
        assert_eq!(world.app.claim_letters(minutes(2), 8).await.unwrap().len(), 1);
        world.run_workers().await;
        assert_eq!(statuses(&world).await, [L::Pending]);
        world.advance(minutes(3));
        world.run_workers().await;
        assert_eq!(statuses(&world).await, [L::Accepted]);
    }

    /// Two workers at once: each letter goes out once.
    async fn two_workers_share_the_work(world: World) {
        let server = SmtpServer::start(Behaviour::accepting()).await;
        for n in 0..24 {
            world.citizen().submits(feedback_of(&format!("p{n}"))).await;
        }
        let (one, two) = (worker_for(&world, &server), worker_for(&world, &server));
        Box::pin(futures::future::join(drain(&one), drain(&two))).await;
        let mut sent: Vec<_> = server.received().into_iter().flat_map(|letter| letter.to).collect();
        sent.sort();
        sent.dedup();
        assert_eq!((sent.len(), server.received().len()), (24, 24));
    }

    /// However many workers there are, an address gets no more than its letters of the day: also when the last of them
    /// and the next are begun at the same moment.
    async fn many_workers_send_an_address_no_more(world: World) {
        let begin = async |claimed: &_| {
            let ToSend::Ready(letter) = world.app.open_letter(claimed).await.unwrap() else { panic!("not to be sent") };
            world.app.begin_sending(claimed, &letter, minutes(2), 1).await.unwrap()
        };
        // Each address is one chance for two to be begun at once.
        for n in 0..12 {
            for _ in 0..3 {
                world.citizen().submits(feedback_of(&format!("p{n}"))).await;
            }
            let claimed = world.app.claim_letters(minutes(2), 3).await.unwrap();
            let begun = futures::future::join_all(claimed.iter().map(begin)).await;
            assert_eq!(begun.iter().filter(|begun| **begun == Begun::Send).count(), 1, "{begun:?}");
            assert!(begun.iter().all(|begun| *begun != Begun::Lost), "{begun:?}");
        }
    }

    /// An address gets twenty letters in a day; the rest comes the day after.
    async fn an_address_gets_only_so_many_a_day(world: World) {
        for _ in 0..23 {
            world.citizen().submits(feedback_of("lan")).await;
        }
        world.citizen().submits(feedback_of("minh")).await;
        world.run_workers().await;
        let to = |name: &str| world.letters().iter().filter(|letter| letter.to.starts_with(name)).count();
        assert_eq!((to("lan"), to("minh")), (20, 1));
        world.advance(hours(23));
        world.run_workers().await;
        assert_eq!(to("lan"), 20);
        world.advance(hours(8));
        world.run_workers().await;
        assert_eq!(to("lan"), 23);
    }

    /// A unit is told of all that it is given, however much that is.
    async fn a_mailbox_of_a_unit_gets_all(world: World) {
        for n in 0..=LETTERS_A_DAY {
            let code = world.citizen().submits(feedback_of(&format!("p{n}"))).await.code;
            world.dispatcher().does(Deed::Accept, &code).await;
            world.dispatcher().does(Deed::Assign("CUC-VT"), &code).await;
        }
        world.run_workers().await;
        let told = world.letters().iter().filter(|letter| letter.to == "cucvienthong@mic.example").count();
        assert_eq!(told as u64, LETTERS_A_DAY + 1);
    }

    /// An answer that is taken back before its letter went out does not go out any more, whoever has it tried.
    async fn a_recalled_answer_stays_here(world: World) {
        let code = world.answered().await;
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        world.run_workers().await;
        let answers = async || {
            let letters = letters(&world).await.into_iter().filter(|letter| letter.kind == "answer");
            letters.map(|letter| (letter.id.clone(), letter.status(), letter.last_reply)).collect::<Vec<_>>()
        };
        let [(id, L::Abandoned, why)] = &answers().await[..] else { panic!("{:?}", answers().await) };
        assert!(why.contains("does not stand any more"), "{why}");
        assert_eq!(retry(&world, id).await.unwrap().letter.unwrap().status(), L::Pending);
        world.run_workers().await;
        assert_eq!(answers().await[0].1, L::Abandoned);
        // The same draft, approved after all: that answer goes out, once; the first is still not it.
        world.advance(minutes(1));
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        retry(&world, id).await.unwrap();
        world.run_workers().await;
        let statuses: Vec<L> = answers().await.into_iter().map(|(_, status, _)| status).collect();
        assert_eq!(statuses, [L::Abandoned, L::Accepted]);
        let went = world.letters().iter().filter(|letter| letter.text.contains("mở rộng băng thông")).count();
        assert_eq!(went, 1);
    }

    /// Who has it taken up again before the letter came gets the answer all the same: nobody took it back.
    async fn an_answer_that_was_contested_still_comes(world: World) {
        let code = world.answered().await;
        world.citizen().does(Deed::Reopen, &code).await;
        world.run_workers().await;
        assert!(world.letters().iter().any(|letter| letter.text.contains("mở rộng băng thông")));
    }

    /// Who asked for paper or the phone gets no e-mail.
    async fn the_medium_is_kept_to(world: World) {
        for medium in [pb::Medium::Paper, pb::Medium::Phone, pb::Medium::Portal] {
            world.citizen().submits(pb::SubmitPetitionRequest { medium: medium.into(), ..feedback_of("lan") }).await;
        }
        world.run_workers().await;
        assert_eq!(statuses(&world).await, [L::Handover, L::Handover, L::Posted]);
        assert_eq!(world.letters().len(), 0);
    }

    /// A transfer is announced to both: the body gets the content, the petitioner the address.
    async fn a_transfer_reaches_the_body(world: World) {
        let code = world.citizen().submits(feedback_of("lan")).await.code;
        world.dispatcher().does(Deed::Transfer, &code).await;
        world.run_workers().await;
        let letters = world.letters();
        let to = |address: &str| letters.iter().rfind(|letter| letter.to == address).unwrap();
        assert!(to("sotttt@namdinh.example.vn").text.contains("mạng cáp quang"), "{:?}", letters);
        assert!(to("lan@example.vn").text.contains("55 Hà Huy Tập"), "{:?}", letters);
    }
}
