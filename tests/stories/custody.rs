//! Custody: who had a petition, and from when to when.

use pakn::pb;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    on_both,
    time::{explained, put, terms},
    world::{self, Deed, World, at, days, feedback_of, local},
};

/// Intervals as (unit, round, since, until) in seconds.
async fn custody(world: &World, code: &str) -> Vec<(String, i32, i64, Option<i64>)> {
    let had = explained(&world.dispatcher(), code).await.custody;
    let seconds = |at: prost_types::Timestamp| at.seconds;
    let interval = |one: pb::Custody| (one.unit, one.round, seconds(one.since.unwrap()), one.until.map(seconds));
    had.into_iter().map(interval).collect()
}

on_both! {
    /// A policy that was stored before it could say how often a petition is returned raises none, however often that is.
    async fn a_policy_that_says_nothing_of_returns_raises_nothing(world: World) {
        let admin = world.who("admin");
        let scope = Some(pb::PolicyScope { channel: pb::Channel::Portal.into(), ..pb::PolicyScope::default() });
        let policy = pb::Policy { escalation_returns: 2, scope, ..terms(&admin, "old").await };
        put(&admin, policy).await.unwrap();
        let database = world.database().await;
        let sql = "update policy set terms = replace(terms, '\"escalation_returns\":2,', '')";
        let changed = database.execute_unprepared(sql).await.unwrap().rows_affected();
        database.execute_unprepared("update reference set version = version + 1 where id = 1").await.unwrap();
        world.app.refresh().await.unwrap();
        let stored = Statement::from_string(database.get_database_backend(), "select count(*) from policy where terms like '%escalation_returns%'");
        let left: i64 = database.query_one_raw(stored).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!((changed > 0, left), (true, 0));
        world.advance(days(1));
        let code = world.assigned("CUC-VT-DV").await;
        for (unit, login) in [("CUC-VT-CL", "cuc-vt-dv-handler"), ("CUC-VT-DV", "cuc-vt-cl-handler"), ("", "cuc-vt-dv-handler")] {
            world.who(login).does(Deed::Return, &code).await;
            let summary = world.dispatcher().reads(&code).await.unwrap().summary.unwrap();
            assert_eq!(summary.holder, "BTTTT-VP");
            if !unit.is_empty() {
                world.dispatcher().does(Deed::Assign(unit), &code).await;
            }
        }
    }

    /// From one unit to another and back: the citizen's due stays, custody sums to the life, and a hundred notes change
    /// nothing.
    async fn there_and_back_again_sums_to_the_life(world: World) {
        let code = world.citizen().submits(feedback_of("aba")).await.code;
        let answer_due = async || world.dispatcher().reads(&code).await.unwrap().summary.unwrap().answer_due;
        let due = answer_due().await;
        world.when("2026-02-23 09:00");
        world.dispatcher().does(Deed::Accept, &code).await;
        for (when, unit) in
            [("2026-02-23 09:00", "CUC-VT"), ("2026-02-25 09:00", "CUC-TS"), ("2026-02-27 09:00", "CUC-VT")]
        {
            world.when(when);
            world.dispatcher().does(Deed::Assign(unit), &code).await;
        }
        let before = explained(&world.dispatcher(), &code).await;
        for _ in 0..100 {
            world.dispatcher().does(Deed::AddNote, &code).await;
        }
        assert_eq!(explained(&world.dispatcher(), &code).await, before, "a hundred notes");
        assert_eq!(answer_due().await, due);
        world.when("2026-03-03 09:00");
        for deed in [Deed::SaveDraft, Deed::SubmitDraft] {
            world.who("cuc-vt-handler").does(deed, &code).await;
        }
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        let had = custody(&world, &code).await;
        let units: Vec<&str> = had.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(units, ["BTTTT-VP", "CUC-VT", "CUC-TS", "CUC-VT"]);
        assert!(had.windows(2).all(|pair| pair[0].3 == Some(pair[1].2)), "no gap, no overlap: {had:?}");
        let of = |unit: &str| had.iter().filter(|one| one.0 == unit).map(|one| one.3.unwrap() - one.2).sum::<i64>();
        assert_eq!((of("CUC-VT"), of("CUC-TS")), (days(6).num_seconds(), days(2).num_seconds()));
        let life = local("2026-03-03 09:00") - local(world::MORNING);
        assert_eq!(of("BTTTT-VP") + of("CUC-VT") + of("CUC-TS"), life.num_seconds());
    }

    /// A recalled answer has not ended the round; a reopened one begins another, at the focal unit.
    async fn rounds_have_custody_of_their_own(world: World) {
        let code = world.answered().await;
        world.advance(days(1));
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        let had = custody(&world, &code).await;
        assert_eq!((had.last().unwrap().0.as_str(), had.last().unwrap().3), ("CUC-VT", None), "as if never answered");
        world.who("cuc-vt-handler").does(Deed::SubmitDraft, &code).await;
        world.who("cuc-vt-approver").does(Deed::Approve, &code).await;
        world.run_workers().await;
        world.when("2026-02-20 09:00");
        world.citizen().does(Deed::Reopen, &code).await;
        let had = custody(&world, &code).await;
        let (ended, reopened) = (&had[had.len() - 2], &had[had.len() - 1]);
        assert_eq!((ended.1, ended.3), (1, Some(local(world::MORNING).timestamp() + days(1).num_seconds())));
        let again = at("2026-02-20 09:00").seconds;
        assert_eq!(reopened, &("BTTTT-VP".to_owned(), 2, again, None));
    }
}
