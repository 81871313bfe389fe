//! Which petitions: the filter of lists and counts as options. Calls nothing.

use clap::Args;
use prost_types::Timestamp;

use crate::{
    client::{contract::one_of, instant},
    pb,
};

/// Which petitions; without a state, those that are open.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which")]
pub struct Filter {
    /// In any of these states
    #[arg(long, value_delimiter = ',', ignore_case = true, value_parser = one_of::<pb::PetitionState>())]
    state: Vec<i32>,
    /// In every state
    #[arg(long, conflicts_with = "state")]
    all_states: bool,
    /// With this unit as holder or focal unit
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// Also with the units below it
    #[arg(long, requires = "unit")]
    subtree: bool,
    /// Of this field and those below it
    #[arg(long, value_name = "CODE")]
    field: Option<String>,
    /// Of this kind
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::PetitionKind>())]
    kind: Option<i32>,
    /// Requests of the data subject about this petition
    #[arg(long, value_name = "CODE")]
    about: Option<String>,
    /// Of this subject class
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::SubjectClass>())]
    class: Option<i32>,
    /// Of this channel
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Channel>())]
    channel: Option<i32>,
    /// Assigned to this person
    #[arg(long, value_name = "LOGIN")]
    handler: Option<String>,
    /// Of this priority
    #[arg(long, ignore_case = true, value_parser = one_of::<pb::Priority>())]
    priority: Option<i32>,
    /// With the answer due before this day or instant
    #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
    due_before: Option<Timestamp>,
    /// Open and past due
    #[arg(long)]
    overdue: bool,
    /// Received on this day or at this instant, or later
    #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
    received_from: Option<Timestamp>,
    /// Received before this day or instant
    #[arg(long, value_name = "WHEN", value_parser = instant::parse)]
    received_until: Option<Timestamp>,
    /// Answered or closed, and not yet published, withheld or taken down
    #[arg(long, conflicts_with = "overdue")]
    unpublished: bool,
    /// Accepted, and no routing rule catches it
    #[arg(long)]
    unrouted: bool,
    /// With all these words in title, content or proposal
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
}

impl From<Filter> for pb::PetitionFilter {
    fn from(filter: Filter) -> Self {
        // Without states the server looks at open petitions alone, and none of those waits for publication.
        let all_states = filter.all_states || (filter.unpublished && filter.state.is_empty());
        Self {
            states: filter.state,
            all_states,
            unit: filter.unit.unwrap_or_default(),
            subtree: filter.subtree,
            field: filter.field.unwrap_or_default(),
            channel: filter.channel.unwrap_or_default(),
            handler: filter.handler.unwrap_or_default(),
            priority: filter.priority.unwrap_or_default(),
            due_before: filter.due_before,
            overdue: filter.overdue,
            received_from: filter.received_from,
            received_until: filter.received_until,
            unpublished: filter.unpublished,
            unrouted: filter.unrouted,
            kind: filter.kind.unwrap_or_default(),
            about: filter.about.unwrap_or_default(),
            text: filter.text.unwrap_or_default(),
            subject_class: filter.class.unwrap_or_default(),
        }
    }
}
