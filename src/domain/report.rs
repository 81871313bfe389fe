//! The columns of the on-time report, what each counts, and the formulas of the rate (`domain.md`, Figures).

use super::words::words;

words! {
    /// A column; each counts rounds.
    Figure {
        /// Open when the period began.
        CarriedIn = "carried_in",
        /// Received in the period.
        Received = "received",
        /// Of the received: reopened.
        Reopened = "reopened",
        /// Of the received: imported.
        Imported = "imported",
        /// Of the received: about conduct.
        Conduct = "conduct",
        /// Of the received: about a regulation.
        Regulation = "regulation",
        /// Of the received: both.
        Both = "both",
        /// Of the received: neither.
        Other = "other",
        /// Of the received: class not known.
        Unclassified = "unclassified",
        /// Answered in the period.
        Handled = "handled",
        /// Of the handled: before the due day.
        Early = "early",
        /// Of the handled: on the due day.
        OnTime = "on_time",
        /// Of the handled: after it.
        Late = "late",
        /// Open at the end.
        Pending = "pending",
        /// Of the pending: before their due.
        Within = "within",
        /// Of the pending: past it.
        Overdue = "overdue",
        /// Of the pending: followers of an open target.
        Merged = "merged",
        /// Refused in the period.
        Refused = "refused",
        /// Withdrawn in the period.
        Withdrawn = "withdrawn",
        /// Sent to a body outside the tree in the period.
        Transferred = "transferred",
        /// Refused, withdrawn or transferred after the due.
        EndedLate = "ended_late",
        /// Of all: extended.
        Extended = "extended",
        /// Of the handled: published.
        Published = "published",
    }
}

words! {
    /// How the rate is worked out.
    Formula {
        /// (early + on_time) / (handled + overdue + ended_late).
        DueBasis = "DUE_BASIS",
        /// (early + on_time) / handled.
        AnsweredBasis = "ANSWERED_BASIS",
        /// (carried_in + received - late - overdue - ended_late) / (carried_in + received).
        TotalBasis = "TOTAL_BASIS",
    }
}

/// One row of figures, by column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures([i64; Figure::ALL.len()]);

impl Default for Figures {
    fn default() -> Self {
        Self([0; Figure::ALL.len()])
    }
}

impl Figures {
    /// From counts in the order of `Figure::ALL`.
    pub const fn new(counts: [i64; Figure::ALL.len()]) -> Self {
        Self(counts)
    }

    /// The count of a column.
    pub const fn get(&self, figure: Figure) -> i64 {
        self.0[figure as usize]
    }

    /// Adds another row.
    pub fn add(&mut self, other: &Self) {
        for (own, others) in self.0.iter_mut().zip(other.0) {
            *own += others;
        }
    }

    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }

    /// The rate as two integers; a denominator of 0 means that nothing was due.
    pub const fn rate(&self, formula: Formula) -> (i64, i64) {
        use Figure as F;
        let timely = self.get(F::Early) + self.get(F::OnTime);
        match formula {
            Formula::DueBasis => (timely, self.get(F::Handled) + self.get(F::Overdue) + self.get(F::EndedLate)),
            Formula::AnsweredBasis => (timely, self.get(F::Handled)),
            Formula::TotalBasis => {
                let all = self.get(F::CarriedIn) + self.get(F::Received);
                (all - self.get(F::Late) - self.get(F::Overdue) - self.get(F::EndedLate), all)
            }
        }
    }

    /// The first invariant that does not hold, if any.
    pub fn broken(&self) -> Option<&'static str> {
        use Figure as F;
        let n = |figure| self.get(figure);
        let sum = |figures: &[F]| figures.iter().map(|figure| n(*figure)).sum::<i64>();
        let rules = [
            (
                sum(&[F::CarriedIn, F::Received])
                    == sum(&[F::Handled, F::Pending, F::Refused, F::Withdrawn, F::Transferred]),
                "carried_in + received = handled + pending + refused + withdrawn + transferred",
            ),
            (
                n(F::Received) == sum(&[F::Conduct, F::Regulation, F::Both, F::Other, F::Unclassified]),
                "received = conduct + regulation + both + other + unclassified",
            ),
            (n(F::Handled) == sum(&[F::Early, F::OnTime, F::Late]), "handled = early + on_time + late"),
            (n(F::Pending) == sum(&[F::Within, F::Overdue]), "pending = within + overdue"),
            (n(F::Published) <= n(F::Handled), "published <= handled"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ministry of Information and Communications, first half of 2022, its administrative files (`domain.md`).
    #[test]
    fn the_published_figures_of_2022_add_up() {
        let mut counts = [0; Figure::ALL.len()];
        for (figure, count) in [
            (Figure::Received, 28_704),
            (Figure::Unclassified, 28_704),
            (Figure::Handled, 28_024),
            (Figure::Early, 1_964),
            (Figure::OnTime, 26_052),
            (Figure::Late, 8),
            (Figure::Pending, 680),
            (Figure::Within, 674),
            (Figure::Overdue, 6),
        ] {
            counts[figure as usize] = count;
        }
        let figures = Figures::new(counts);
        assert_eq!(figures.broken(), None);
        assert_eq!(figures.rate(Formula::DueBasis), (28_016, 28_030));
        assert_eq!(figures.rate(Formula::AnsweredBasis), (28_016, 28_024));
        assert_eq!(figures.rate(Formula::TotalBasis), (28_690, 28_704));
        assert_eq!(Figures::default().rate(Formula::DueBasis), (0, 0));
    }
}
