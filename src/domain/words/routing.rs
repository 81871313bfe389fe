//! The words of routing: what a rule asks for, and how rules stand for a petition.

words! {
    /// What a rule asks for.
    Condition {
        /// That it is in force.
        Validity = "VALIDITY",
        /// A field, or one below it.
        Field = "FIELD",
        /// A place.
        Place = "PLACE",
        /// A subject class.
        SubjectClass = "SUBJECT_CLASS",
        /// A type of petitioner.
        PetitionerType = "PETITIONER_TYPE",
        /// A channel.
        Channel = "CHANNEL",
        /// Phrases that are all in the text.
        AllPhrases = "ALL_PHRASES",
        /// Phrases of which one is in the text.
        AnyPhrase = "ANY_PHRASE",
        /// That the unit, or what came after it, takes work.
        Unit = "UNIT",
        /// That the unit is not the one complained of, nor below it.
        UnitComplainedOf = "UNIT_COMPLAINED_OF",
    }
}

words! {
    /// How the rules stand for a petition that nobody has assigned.
    Routing {
        /// A rule has assigned it.
        ByRule = "BY_RULE",
        /// A rule decides, and leaves it to the focal unit to follow.
        Suggested = "SUGGESTED",
        /// Rules of the same priority name different units.
        Tied = "TIED",
        /// No rule catches it: it stays with the focal unit.
        Unrouted = "UNROUTED",
    }
}
