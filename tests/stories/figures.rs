//! The on-time report: known numbers, every invariant, and every cell opened.

use std::collections::{BTreeMap, HashSet};

use pakn::pb::{self, ReportFigures};

use crate::{
    call, on_both,
    terminal::Terminal,
    world::{Deed, World, feedback_of, hours, minutes},
};

type Cells = BTreeMap<&'static str, i64>;

/// Columns by the names of the contract.
fn cells(f: ReportFigures) -> Cells {
    BTreeMap::from([
        ("carried_in", f.carried_in),
        ("received", f.received),
        ("reopened", f.reopened),
        ("imported", f.imported),
        ("conduct", f.conduct),
        ("regulation", f.regulation),
        ("both", f.both),
        ("other", f.other),
        ("unclassified", f.unclassified),
        ("handled", f.handled),
        ("early", f.early),
        ("on_time", f.on_time),
        ("late", f.late),
        ("pending", f.pending),
        ("within", f.within),
        ("overdue", f.overdue),
        ("merged", f.merged),
        ("refused", f.refused),
        ("withdrawn", f.withdrawn),
        ("transferred", f.transferred),
        ("ended_late", f.ended_late),
        ("extended", f.extended),
        ("published", f.published),
    ])
}

fn invariants(c: &Cells, whose: &str) {
    let sum = |names: &[&str]| names.iter().map(|name| c[name]).sum::<i64>();
    assert_eq!(
        sum(&["carried_in", "received"]),
        sum(&["handled", "pending", "refused", "withdrawn", "transferred"]),
        "{whose}: {c:?}"
    );
    assert_eq!(c["received"], sum(&["conduct", "regulation", "both", "other", "unclassified"]), "{whose}: {c:?}");
    assert_eq!(c["handled"], sum(&["early", "on_time", "late"]), "{whose}: {c:?}");
    assert_eq!(c["pending"], sum(&["within", "overdue"]), "{whose}: {c:?}");
    assert!(c["published"] <= c["handled"] && c["reopened"] + c["imported"] <= c["received"], "{whose}: {c:?}");
    assert!(c["merged"] <= c["pending"], "{whose}: {c:?}");
    assert!(c["ended_late"] <= sum(&["refused", "withdrawn", "transferred"]), "{whose}: {c:?}");
}

async fn report(world: &World, from: &str, to: &str) -> pb::GetOnTimeReportResponse {
    let ask = pb::GetOnTimeReportRequest {
        from: from.to_owned(),
        to: to.to_owned(),
        ..pb::GetOnTimeReportRequest::default()
    };
    call!(world.who("supervisor"), supervision.get_on_time_report, ask).unwrap()
}

/// Opens a cell, two rows a page, and gives the rounds.
async fn open(
    world: &World,
    report: &pb::GetOnTimeReportResponse,
    unit: &str,
    with_children: bool,
    column: &str,
) -> Vec<(String, i32)> {
    let mut rounds = Vec::new();
    let mut token = String::new();
    loop {
        let ask = pb::ListPetitionsInReportRequest {
            from: report.from.clone(),
            to: report.to.clone(),
            unit: unit.to_owned(),
            with_children,
            column: column.to_owned(),
            as_of: report.as_of,
            page: Some(pb::PageRequest { size: 2, token }),
            data_requests: false,
        };
        let page = call!(world.who("supervisor"), supervision.list_petitions_in_report, ask).unwrap();
        rounds.extend(page.rounds.iter().map(|round| (round.petition.as_ref().unwrap().code.clone(), round.round)));
        token = page.page.unwrap().next_token;
        assert!(rounds.len() < 1_000, "the pages never end");
        if token.is_empty() {
            assert_eq!(page.total, i64::try_from(rounds.len()).unwrap(), "{unit} {column}");
            return rounds;
        }
    }
}

/// Everything that must hold of a report, in every row and in the total.
async fn reconciles(world: &World, report: &pb::GetOnTimeReportResponse) {
    let total = report.total.as_ref().unwrap();
    let mut rows: Vec<(&str, bool, Cells)> = vec![("", true, cells(total.own.unwrap()))];
    for row in &report.rows {
        rows.push((&row.unit, false, cells(row.own.unwrap())));
        rows.push((&row.unit, true, cells(row.with_children.unwrap())));
    }
    for (unit, with_children, cells) in &rows {
        invariants(cells, unit);
        for (column, count) in cells {
            let opened = open(world, report, unit, *with_children, column).await;
            assert_eq!(i64::try_from(opened.len()).unwrap(), *count, "{unit} {column}");
            let distinct: HashSet<_> = opened.iter().collect();
            assert_eq!(distinct.len(), opened.len(), "{unit} {column} counts a round twice");
        }
    }
    // A parent is its own and its children's; the units' own rounds are all there is.
    let units = &world.app.reference().units;
    for row in &report.rows {
        let top = units.by_code(&row.unit).unwrap().id;
        let below = |row: &&pb::ReportRow| units.within(units.by_code(&row.unit).unwrap().id, top);
        assert_eq!(added(report.rows.iter().filter(below)), cells(row.with_children.unwrap()), "{}", row.unit);
    }
    assert_eq!(added(report.rows.iter()), cells(total.own.unwrap()));
}

fn added<'a>(rows: impl Iterator<Item = &'a pb::ReportRow>) -> Cells {
    let mut sum = cells(ReportFigures::default());
    for row in rows {
        for (column, count) in cells(row.own.unwrap()) {
            *sum.get_mut(column).unwrap() += count;
        }
    }
    sum
}

fn expect(figures: ReportFigures, expected: &[(&str, i64)]) {
    let mut cells = cells(figures);
    for (column, count) in expected {
        assert_eq!(cells.remove(column), Some(*count), "{column}");
    }
    cells.retain(|_, count| *count != 0);
    assert_eq!(cells, Cells::new(), "what is not expected is nothing");
}

async fn submitted(world: &World, when: &str, name: &str) -> String {
    world.when(when);
    world.citizen().submits(feedback_of(name)).await.code
}

async fn assigned(world: &World, when: &str, name: &str, class: pb::SubjectClass, unit: &str) -> String {
    let code = submitted(world, when, name).await;
    let conduct = matches!(class, pb::SubjectClass::Conduct | pb::SubjectClass::Both);
    let accept = pb::AcceptPetitionRequest {
        target: Some(pb::Target { code: code.clone(), ..pb::Target::default() }),
        subject_class: class.into(),
        field: "TELECOM".to_owned(),
        concerned_unit: if conduct { "CUC-BC".to_owned() } else { String::new() },
        assignment: Some(pb::Assignment { unit: unit.to_owned(), ..pb::Assignment::default() }),
        ..pb::AcceptPetitionRequest::default()
    };
    call!(world.dispatcher(), casework.accept_petition, accept).unwrap();
    code
}

async fn answered(world: &World, when: &str, code: &str, unit: &str, finding: i32) {
    world.when(when);
    let handler = world.who(&format!("{unit}-handler"));
    handler.does(Deed::SaveDraft, code).await;
    let target = Some(pb::Target { code: code.to_owned(), ..pb::Target::default() });
    let submit = pb::SubmitDraftRequest { target, outcome_kind: pb::OutcomeKind::Explained.into(), finding };
    call!(handler, casework.submit_draft, submit).unwrap();
    let head = if unit.starts_with("cuc-vt") { "cuc-vt-approver" } else { "cuc-attt-approver" };
    world.who(head).does(Deed::Approve, code).await;
}

/// January and February of 2026, with one of everything. Gives what February reopens.
async fn two_months(world: &World) -> String {
    use pb::SubjectClass as C;
    world.add_mighty().await;
    // Due on 26 January, two days later what came two days later. Answered early and on the day by the department, late by its division.
    let early = assigned(world, "2026-01-05 09:00", "early", C::Other, "CUC-VT").await;
    let late = assigned(world, "2026-01-05 11:00", "late", C::Conduct, "CUC-VT-DV").await;
    let open = assigned(world, "2026-01-06 09:00", "open", C::Both, "CUC-ATTT").await;
    let refused = submitted(world, "2026-01-07 09:00", "refused").await;
    let withdrawn = submitted(world, "2026-01-07 10:00", "withdrawn").await;
    // Legal documents have 15 days, of which the last is a Saturday.
    let on_time = assigned(world, "2026-01-09 10:00", "ontime", C::Regulation, "CUC-VT").await;
    let transferred = submitted(world, "2026-01-20 09:00", "transferred").await;
    let extended = assigned(world, "2026-01-21 09:00", "extended", C::Other, "CUC-VT").await;
    submitted(world, "2026-01-22 09:00", "waiting").await;
    world.who("office-head").does(Deed::Extend, &extended).await;
    answered(world, "2026-01-25 23:00", &early, "cuc-vt", 0).await;
    answered(world, "2026-01-26 23:59", &on_time, "cuc-vt", 0).await;
    answered(world, "2026-01-27 00:00", &late, "cuc-vt-dv", pb::Finding::Unfounded.into()).await;
    world.when("2026-01-28 00:00");
    world.dispatcher().does(Deed::Refuse, &refused).await;
    world.citizen().does(Deed::Withdraw, &withdrawn).await;
    world.when("2026-01-28 09:00");
    world.dispatcher().does(Deed::Transfer, &transferred).await;
    world.dispatcher().does(Deed::SaveRedaction, &on_time).await;
    world.dispatcher().does(Deed::Publish(1), &on_time).await;
    assert_eq!(world.dispatcher().reads(&open).await.unwrap().summary.unwrap().answer_due.unwrap().date, "2026-01-26");
    early
}

on_both! {
    /// The rate by each formula, as the contract and the command line give it.
    async fn each_formula_has_its_rate(world: World) {
        use pb::RateFormula as F;
        two_months(&world).await;
        world.when("2026-02-01 00:00");
        let supervisor = world.who("supervisor");
        let terminal = Terminal::of(&supervisor);
        // Of nine received, three handled, two of them in time; one is overdue, two ended late without an answer.
        for (formula, name, typed, rate) in [
            (F::Unspecified, "DUE_BASIS", None, (2, 6)),
            (F::DueBasis, "DUE_BASIS", Some("due"), (2, 6)),
            (F::AnsweredBasis, "ANSWERED_BASIS", Some("answered"), (2, 3)),
            (F::AnsweredBasis, "ANSWERED_BASIS", Some("ANSWERED_BASIS"), (2, 3)),
            (F::TotalBasis, "TOTAL_BASIS", Some("total"), (5, 9)),
        ] {
            let ask = pb::GetOnTimeReportRequest {
                from: "2026-01-01".to_owned(),
                to: "2026-02-01".to_owned(),
                formula: formula.into(),
                ..pb::GetOnTimeReportRequest::default()
            };
            let report = call!(supervisor, supervision.get_on_time_report, ask).unwrap();
            let own = report.total.as_ref().unwrap().own.unwrap();
            assert_eq!((own.rate_numerator, own.rate_denominator), rate, "{name}");
            assert_eq!(report.formula().as_str_name(), format!("RATE_FORMULA_{name}"));
            let line = ["report", "on-time", "--from", "2026-01-01", "--to", "2026-02-01"];
            let typed: Vec<&str> = line.into_iter().chain(typed.iter().flat_map(|typed| ["--formula", typed])).collect();
            let told = terminal.asks(&typed).await;
            assert_eq!(told["formula"], name);
            assert_eq!(told["total"]["rate"], serde_json::json!({"numerator": rate.0, "denominator": rate.1}), "{name}");
        }
    }

    async fn every_number_opens_into_what_it_counts(world: World) {
        let early = two_months(&world).await;
        world.when("2026-02-01 00:00");
        let january = report(&world, "2026-01-01", "2026-02-01").await;
        expect(january.total.as_ref().unwrap().own.unwrap(), &[
            ("received", 9), ("conduct", 1), ("regulation", 1), ("both", 1), ("other", 2), ("unclassified", 4),
            ("handled", 3), ("early", 1), ("on_time", 1), ("late", 1), ("published", 1),
            ("pending", 3), ("within", 2), ("overdue", 1), ("extended", 1),
            ("refused", 1), ("withdrawn", 1), ("transferred", 1), ("ended_late", 2),
        ]);
        let row = |code: &str| january.rows.iter().find(|row| row.unit == code).unwrap();
        expect(row("CUC-VT").own.unwrap(), &[
            ("received", 3), ("regulation", 1), ("other", 2), ("handled", 2), ("early", 1), ("on_time", 1),
            ("published", 1), ("pending", 1), ("within", 1), ("extended", 1),
        ]);
        expect(row("CUC-VT").with_children.unwrap(), &[
            ("received", 4), ("conduct", 1), ("regulation", 1), ("other", 2), ("handled", 3), ("early", 1),
            ("on_time", 1), ("late", 1), ("published", 1), ("pending", 1), ("within", 1), ("extended", 1),
        ]);
        expect(row("CUC-VT-DV").own.unwrap(), &[("received", 1), ("conduct", 1), ("handled", 1), ("late", 1)]);
        expect(row("BTTTT-VP").own.unwrap(), &[
            ("received", 4), ("unclassified", 4), ("refused", 1), ("withdrawn", 1), ("transferred", 1),
            ("ended_late", 2), ("pending", 1), ("within", 1),
        ]);
        expect(row("CUC-ATTT").own.unwrap(), &[("received", 1), ("both", 1), ("pending", 1), ("overdue", 1)]);
        // (early + on_time) / (handled + overdue + ended_late)
        let total = january.total.as_ref().unwrap().own.unwrap();
        assert_eq!((total.rate_numerator, total.rate_denominator), (2, 6));
        reconciles(&world, &january).await;

        // February: the earliest answer is reopened, what is open is answered, a published copy comes off.
        world.when("2026-02-03 09:00");
        world.citizen().does(Deed::Reopen, &early).await;
        world.dispatcher().does(Deed::Assign("CUC-ATTT"), &early).await;
        let again = report(&world, "2026-01-01", "2026-02-01").await;
        assert_eq!(again, january, "a past period stands as it stood");
        // A report is as of an instant: what happens at that very instant comes after it.
        world.advance(minutes(1));
        let february = report(&world, "2026-02-01", "2026-03-01").await;
        reconciles(&world, &february).await;
        expect(february.total.unwrap().own.unwrap(), &[
            ("carried_in", 3), ("received", 1), ("reopened", 1), ("other", 1), ("pending", 4), ("within", 3),
            ("overdue", 1), ("extended", 1),
        ]);
    }

    /// What happens later leaves a past period alone, cell by cell.
    async fn a_past_period_stands_as_it_stood(world: World) {
        two_months(&world).await;
        world.when("2026-02-01 00:00");
        let january = report(&world, "2026-01-01", "2026-02-01").await;
        let mut before = Vec::new();
        for column in ["pending", "overdue", "within", "published", "handled", "received"] {
            before.push(open(&world, &january, "", true, column).await);
        }
        world.when("2026-02-05 09:00");
        let filter = Some(pb::PetitionFilter { all_states: true, ..pb::PetitionFilter::default() });
        let list = pb::ListPetitionsRequest { filter, ..pb::ListPetitionsRequest::default() };
        for petition in call!(world.who("mighty"), casework.list_petitions, list).unwrap().petitions {
            let _ = world.citizen().tries(Deed::Withdraw, &petition.code).await;
            let _ = world.who("mighty").tries(Deed::TakeDown, &petition.code).await;
            let _ = world.citizen().tries(Deed::Reopen, &petition.code).await;
        }
        assert_eq!(report(&world, "2026-01-01", "2026-02-01").await, january);
        for (column, opened) in ["pending", "overdue", "within", "published", "handled", "received"].into_iter().zip(before) {
            assert_eq!(open(&world, &january, "", true, column).await, opened, "{column}");
        }
        // A report is as of an instant: what happens at that very instant comes after it.
        world.advance(minutes(1));
        let february = report(&world, "2026-02-01", "2026-03-01").await;
        reconciles(&world, &february).await;
        let (then, now) = (january.total.unwrap().own.unwrap(), february.total.unwrap().own.unwrap());
        assert_eq!(now.carried_in, then.pending);
        assert_eq!((now.withdrawn, now.reopened), (3, 3));
    }

    /// A recalled answer is the one way for a past pending and the next carried in to differ, and it is seen.
    async fn a_recalled_answer_is_pending_again(world: World) {
        let code = world.answered().await;
        world.advance(hours(1));
        let month = report(&world, "2026-02-01", "2026-03-01").await;
        assert_eq!(month.total.as_ref().unwrap().own.unwrap().handled, 1);
        world.dispatcher().does(Deed::RecallAnswer, &code).await;
        world.advance(hours(1));
        let month = report(&world, "2026-02-01", "2026-03-01").await;
        let total = month.total.as_ref().unwrap().own.unwrap();
        assert_eq!((total.received, total.handled, total.pending), (1, 0, 1));
        reconciles(&world, &month).await;
    }
}
