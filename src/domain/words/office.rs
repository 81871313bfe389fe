//! The words of offices: roles of accounts, levels of units.

words! {
    /// What an account may do, over a unit and those below it.
    Role {
        /// Submits and tracks for petitioners.
        Portal = "PORTAL",
        /// Types in what came by other channels.
        Clerk = "CLERK",
        /// Accepts, refuses, assigns, publishes.
        Dispatcher = "DISPATCHER",
        /// Works on petitions.
        Handler = "HANDLER",
        /// Head of a unit.
        Approver = "APPROVER",
        /// Audits.
        Supervisor = "SUPERVISOR",
        /// Keeps the directory.
        Administrator = "ADMINISTRATOR",
        /// Sees to deliveries.
        Operator = "OPERATOR",
    }
}

words! {
    /// Whether a unit takes work.
    UnitState {
        /// Not in force yet.
        Planned = "PLANNED",
        /// In force.
        Open = "OPEN",
        /// Dissolved.
        Closed = "CLOSED",
    }
}

words! {
    /// The level of a unit.
    UnitLevel {
        /// Central.
        Central = "CENTRAL",
        /// Ministry.
        Ministry = "MINISTRY",
        /// Province.
        Province = "PROVINCE",
        /// District (until 30 June 2025).
        District = "DISTRICT",
        /// Commune.
        Commune = "COMMUNE",
        /// Department.
        Department = "DEPARTMENT",
        /// Division.
        Division = "DIVISION",
    }
}
