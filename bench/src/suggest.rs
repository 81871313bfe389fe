//! What suggesting units costs with a thousand rules and many past petitions.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Args;
use pakn::{
    app::{App, DirectoryStep},
    domain::{
        ids::UnitId,
        routing::{Conditions, Rule},
        words::Channel,
    },
    pb::{SuggestUnitsRequest, casework_service_client::CaseworkServiceClient},
};

use crate::{
    chance::Chance, codes, codes::Known, database::Database, failure::Failure, quantile::quantile, record::Record, say,
    server::Server, tell, time,
};

/// Which database, and who asks.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    database: Database,
    /// Token of a dispatcher
    #[arg(long, env = "PAKN_TOKEN", hide_env_values = true)]
    token: String,
    /// Codes that callers choose from
    #[arg(long)]
    codes: PathBuf,
    /// Where, for the record
    #[arg(long)]
    place: String,
    /// Calls that count, of all callers together
    #[arg(long, default_value_t = 2_000)]
    calls: usize,
}

/// Rules.
const RULES: usize = 1_000;
/// Callers, each asking again as soon as it is answered.
const CALLERS: usize = 4;
/// What rules look for in texts; some of it is in most of them.
const PHRASES: [&str; 8] = [
    "chất lượng dịch vụ",
    "tổng đài",
    "học trực tuyến",
    "cuộc gọi rác",
    "chứng thực",
    "trạm phát sóng",
    "bưu phẩm",
    "sách giáo khoa",
];

/// Measures and records.
///
/// # Errors
/// Whatever fails.
pub async fn run(options: Options) -> Result<(), Failure> {
    let app = options.database.open().await?;
    let begun = Instant::now();
    let mut compared = 0;
    loop {
        match app.compare().await.map_err(failed)? {
            0 => break,
            more => compared += more,
        }
    }
    tell(&format!("  keys of {compared} texts written in {:.0} s", begun.elapsed().as_secs_f64()));
    app.refresh().await.map_err(failed)?;
    app.direct_as(None, &rules(&app)?).await.map_err(failed)?;
    let known = Arc::new(codes::read(&options.codes)?);
    let server = time::serve(&app, &options.token).await?;
    let each = options.calls.div_ceil(CALLERS);
    let callers: Vec<_> =
        (0..CALLERS).map(|number| tokio::spawn(ask(server.clone(), number, Arc::clone(&known), each))).collect();
    let (mut took, mut learnt) = (Vec::new(), 0);
    for caller in callers {
        let (own, taught) = caller.await??;
        took.extend(own);
        learnt += taught;
    }
    took.sort_unstable();
    tell(&format!("  {learnt} of {} were taught something by past petitions", took.len()));
    for (name, percent) in [("suggest_p50", 50), ("suggest_p99", 99)] {
        let value = quantile(&took, percent).ok_or_else(|| Failure::new("nothing was measured"))?;
        say(&Record::Fact { place: options.place.clone(), name: name.to_owned(), value }.to_string());
    }
    Ok(())
}

/// Rules that ask for fields, channels, places and phrases, for every unit.
fn rules(app: &App) -> Result<Vec<DirectoryStep>, Failure> {
    let reference = app.reference();
    let focal = reference.units.all().find(|unit| unit.focal).ok_or_else(|| Failure::new("no focal unit"))?.id;
    let units: Vec<UnitId> = reference.units.all().map(|unit| unit.id).collect();
    let rule = |n: usize| {
        let phrase = |at: usize| PHRASES[at % PHRASES.len()].to_owned();
        let conditions = Conditions {
            field: reference.fields.get(n % reference.fields.len()).map(|field| field.code.clone()),
            channels: if n.is_multiple_of(3) { vec![Channel::Portal, Channel::App] } else { Vec::new() },
            places: if n.is_multiple_of(5) { vec!["001*".to_owned(), format!("{n:05}")] } else { Vec::new() },
            all_phrases: if n.is_multiple_of(2) { vec![phrase(n)] } else { Vec::new() },
            any_phrases: (0..3).map(|more| phrase(n + 1 + more)).collect(),
            ..Conditions::default()
        };
        DirectoryStep::Rule(Rule {
            code: format!("BENCH-{n}"),
            name: String::new(),
            focal,
            unit: units[n % units.len()],
            priority: u32::try_from(n % 100).unwrap_or(0),
            from: None,
            until: None,
            conditions,
        })
    };
    Ok((0..RULES).map(rule).collect())
}

/// How long each call took, and of how many something was learnt.
async fn ask(
    server: Server,
    number: usize,
    known: Arc<Vec<Known>>,
    calls: usize,
) -> Result<(Vec<Duration>, usize), tonic::Status> {
    let mut casework = CaseworkServiceClient::new(server.channel(number));
    let (mut chance, mut took, mut learnt) = (Chance::new(), Vec::with_capacity(calls), 0);
    // The first calls of a connection are not what is measured.
    for turn in 0..calls + 20 {
        let code = known[chance.below(known.len())].code.clone();
        let begun = Instant::now();
        let request = server.request(SuggestUnitsRequest { code, ..SuggestUnitsRequest::default() });
        let found = casework.suggest_units(request).await?.into_inner();
        if turn >= 20 {
            took.push(begun.elapsed());
            learnt += usize::from(found.units.iter().any(|unit| unit.answered_similar > 0));
        }
    }
    Ok((took, learnt))
}

fn failed(error: impl std::error::Error) -> Failure {
    Failure::new(error.to_string())
}
