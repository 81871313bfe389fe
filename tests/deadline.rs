//! `pakn deadline`: the calculator, offline, as a person runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

fn pakn(arguments: &[&str]) -> (bool, String) {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_pakn")).arg("deadline").args(arguments).output().unwrap();
    (run.status.success(), String::from_utf8(run.stdout).unwrap())
}

fn json(received: &str, amount: &str, unit: &str, more: &[&str]) -> serde_json::Value {
    let ask = ["--received", received, "--amount", amount, "--unit", unit, "--format", "json"];
    let (done, out) = pakn(&[&ask, more].concat());
    assert!(done, "{received} {amount} {unit}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn the_calculator_gives_the_worked_examples() {
    let vectors: Vec<&str> = include_str!("../data/deadline-vectors.csv").lines().skip(1).collect();
    assert!(vectors.len() > 5);
    for line in vectors {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(json(cells[0], cells[1], &cells[2].replace('_', "-"), &[])["due_date"], cells[3], "{line}");
    }
}

#[test]
fn it_says_every_day_and_takes_instants_with_offsets() {
    let tet = json("2026-02-13", "5", "working-day", &[]);
    assert_eq!(tet["due_at"], "2026-02-28T00:00:00+07:00");
    assert_eq!(tet["days"][4]["name"], "Tết Nguyên đán");
    assert_eq!(json("2026-02-13T20:00:00Z", "5", "working-day", &[])["days"][0]["date"], "2026-02-14");
    let cut = json("2026-03-06T18:00:00+07:00", "2", "working-day", &["--cutoff", "17:00"]);
    assert_eq!(cut["due_date"], "2026-03-11");
    let hours = json("2026-03-06T16:00:00+07:00", "4", "working-hour", &[]);
    assert_eq!(hours["due_at"], "2026-03-09T11:00:00+07:00");
    assert_eq!(json("2026-12-20", "20", "calendar-day", &[])["provisional"], true);
    assert!(pakn(&["--received", "2026-02-13", "--amount", "5", "--unit", "working-day"]).1.contains("27 5 DUE"));
}

#[test]
fn what_is_no_question_is_refused() {
    for (received, amount) in [
        ("rubbish", "5"),
        ("2026-02-30", "5"),
        ("2026-02-13", "0"),
        ("2026-02-13", "99999"),
        ("2026-02-13T09:00:00", "5"),
    ] {
        let ask = ["--received", received, "--amount", amount, "--unit", "working-day"];
        assert!(!pakn(&ask).0, "{received} {amount}");
    }
}
