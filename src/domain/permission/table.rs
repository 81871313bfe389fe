//! The table: for each RPC who may, and how far a role has to reach. What is not named is denied.

use super::super::words::Role;

/// How far a role has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Anywhere; what is shown is what the role covers.
    Somewhere,
    /// The whole tree.
    Everything,
    /// The unit that the request is about; the whole tree where it is about all of it.
    Named,
    /// The petition's focal unit.
    Focal,
    /// The unit that has the petition.
    Holder,
    /// The unit that has the petition, which gives it to one inside itself.
    HolderWithin,
    /// The focal unit or the parent of the unit that has the petition, from outside of that unit.
    AboveHolder,
    /// A unit that contributes to the petition.
    CoHandling,
    /// The unit whose conduct is complained of, from inside of it.
    Concerned,
    /// The unit that has the petition, or the one that the request is about: not by the role, but by delegation of somebody
    /// who has it.
    Delegated,
}

/// When that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At any time.
    Always,
    /// Before the petition is accepted.
    BeforeAcceptance,
    /// Once it has been accepted.
    AfterAcceptance,
    /// Once somebody works on it, and while the petitioner is asked.
    InWork,
    /// For what petitioners send themselves.
    Online,
    /// For what is typed in for them.
    Assisted,
    /// Of petitions, not of the directory.
    OfPetitions,
    /// Of the directory, not of petitions.
    OfDirectory,
    /// After units have returned it and it was raised to the one above them.
    Raised,
    /// Of one petition.
    OfOne,
    /// Of all of them.
    OfAll,
    /// For oneself.
    OfOneself,
}

/// That a role may.
#[derive(Debug, Clone, Copy)]
pub struct May {
    /// The role.
    pub role: Role,
    /// How far it has to reach.
    pub reach: Reach,
    /// When.
    pub when: When,
}

/// Who may call an RPC beside those with a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Nobody.
    Nobody,
    /// The petitioner who proves to be one, through an account with the portal or the clerk role.
    Petitioner,
    /// Every account.
    Accounts,
    /// Anyone, without a token.
    Anyone,
}

/// Who may call an RPC.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub rpc: &'static str,
    /// Which roles.
    pub may: &'static [May],
    /// Who else.
    pub others: Others,
}

const fn may(role: Role, reach: Reach) -> May {
    May { role, reach, when: When::Always }
}

const fn when(when: When, role: Role, reach: Reach) -> May {
    May { role, reach, when }
}

const fn roles(rpc: &'static str, may: &'static [May]) -> Entry {
    Entry { rpc, may, others: Others::Nobody }
}

const fn others(rpc: &'static str, others: Others) -> Entry {
    Entry { rpc, may: &[], others }
}

const fn petitioner(rpc: &'static str, may: &'static [May]) -> Entry {
    Entry { rpc, may, others: Others::Petitioner }
}

/// Staff who may know that a petition exists.
const STAFF: [Role; 5] = [Role::Clerk, Role::Dispatcher, Role::Handler, Role::Approver, Role::Supervisor];

/// They see what the focal unit, the holder and who contributes to it have.
const SEE: &[May] = &{
    let mut see = [may(Role::Clerk, Reach::Focal); 15];
    let mut n = 0;
    while n < 15 {
        let reach = match n % 3 {
            0 => Reach::Focal,
            1 => Reach::Holder,
            _ => Reach::CoHandling,
        };
        see[n] = may(STAFF[n / 3], reach);
        n += 1;
    }
    see
};

/// Whoever approves for somebody reads what there is to approve.
const READ: &[May] = &{
    let mut read = [may(Role::Approver, Reach::Delegated); 16];
    let mut n = 0;
    while n < 15 {
        read[n] = SEE[n];
        n += 1;
    }
    read
};

/// They list what their roles cover.
const LIST: &[May] = &{
    let mut list = [may(Role::Approver, Reach::Delegated); 6];
    let mut n = 0;
    while n < 5 {
        list[n] = may(STAFF[n], Reach::Somewhere);
        n += 1;
    }
    list
};

const DISPATCH: &[May] = &[may(Role::Dispatcher, Reach::Focal)];
const HANDLE: &[May] = &[may(Role::Handler, Reach::Holder)];
const APPROVE: &[May] = &[may(Role::Approver, Reach::Holder), may(Role::Approver, Reach::Delegated)];

/// Who may know who brought it: those who must speak to them.
const IDENTITY: &[May] = &[
    may(Role::Clerk, Reach::Focal),
    may(Role::Dispatcher, Reach::Focal),
    may(Role::Handler, Reach::Holder),
    may(Role::Approver, Reach::Holder),
];
/// Who reads what a unit complained of is given, and explains it.
const ANSWER_FOR: &[May] = &[
    may(Role::Clerk, Reach::Concerned),
    may(Role::Dispatcher, Reach::Concerned),
    may(Role::Handler, Reach::Concerned),
    may(Role::Approver, Reach::Concerned),
];
const OVERSEE: &[May] = &[may(Role::Supervisor, Reach::Somewhere)];
const ADMINISTER: &[May] = &[may(Role::Administrator, Reach::Named)];
const ADMINISTER_SOME: &[May] = &[may(Role::Administrator, Reach::Somewhere)];
/// Rules are written by administrators and read by those who dispatch by them.
const ROUTE: &[May] = &[may(Role::Administrator, Reach::Named), may(Role::Dispatcher, Reach::Named)];
const ROUTE_SOME: &[May] = &[may(Role::Administrator, Reach::Somewhere), may(Role::Dispatcher, Reach::Somewhere)];
const DELIVER: &[May] = &[may(Role::Operator, Reach::Everything)];
/// Those who hand over what goes on paper or by telephone: clerks of the office that received it, letter by letter.
const HAND_OVER: &[May] = &[may(Role::Operator, Reach::Everything), may(Role::Clerk, Reach::Focal)];

/// The table, by service.
pub const TABLE: &[Entry] = &[
    // IntakeService
    roles(
        "SubmitPetition",
        &[when(When::Online, Role::Portal, Reach::Named), when(When::Assisted, Role::Clerk, Reach::Named)],
    ),
    petitioner("SubmitDataRequest", &[may(Role::Clerk, Reach::Focal)]),
    petitioner("TrackPetition", &[may(Role::Portal, Reach::Somewhere), may(Role::Clerk, Reach::Somewhere)]),
    petitioner("ExplainOwnDeadline", &[]),
    roles("ListOwnPetitions", &[may(Role::Portal, Reach::Somewhere)]),
    petitioner("ProvideInformation", &[may(Role::Clerk, Reach::Focal)]),
    petitioner("WithdrawPetition", &[]),
    petitioner("RatePetition", &[may(Role::Clerk, Reach::Focal)]),
    petitioner("ReopenPetition", &[]),
    // CaseworkService
    roles("ListPetitions", LIST),
    roles("CountPetitions", LIST),
    roles("GetPetition", READ),
    roles("ListPetitionEvents", READ),
    roles("ExplainDeadline", READ),
    roles("AddNote", SEE),
    roles(
        "RequestInformation",
        &[may(Role::Dispatcher, Reach::Focal), when(When::InWork, Role::Handler, Reach::Holder)],
    ),
    roles("AcceptPetition", DISPATCH),
    roles("ReclassifyPetition", DISPATCH),
    roles(
        "RefusePetition",
        &[
            when(When::BeforeAcceptance, Role::Dispatcher, Reach::Focal),
            when(When::AfterAcceptance, Role::Approver, Reach::Holder),
        ],
    ),
    roles("TransferPetition", DISPATCH),
    roles(
        "AssignPetition",
        &[
            may(Role::Dispatcher, Reach::Focal),
            may(Role::Approver, Reach::HolderWithin),
            when(When::Raised, Role::Dispatcher, Reach::HolderWithin),
        ],
    ),
    roles("SuggestUnits", &[may(Role::Dispatcher, Reach::Focal), when(When::Raised, Role::Dispatcher, Reach::Holder)]),
    roles("ReturnPetition", &[may(Role::Handler, Reach::Holder), may(Role::Approver, Reach::Holder)]),
    roles("StartPetition", HANDLE),
    roles("SaveDraft", HANDLE),
    roles("SubmitDraft", HANDLE),
    roles("PostProgress", HANDLE),
    roles("SendBackDraft", APPROVE),
    roles("ApproveAnswer", APPROVE),
    roles("RecallAnswer", DISPATCH),
    roles("ExtendDeadline", &[may(Role::Approver, Reach::AboveHolder)]),
    roles("RevealPetitioner", IDENTITY),
    // That two are of the same sender says something of the sender.
    roles("ListSimilarPetitions", IDENTITY),
    roles("ShareRedactedCopy", &[may(Role::Dispatcher, Reach::Focal), may(Role::Handler, Reach::Holder)]),
    roles(
        "ListRedactedCopies",
        &[
            may(Role::Clerk, Reach::Somewhere),
            may(Role::Dispatcher, Reach::Somewhere),
            may(Role::Handler, Reach::Somewhere),
            may(Role::Approver, Reach::Somewhere),
        ],
    ),
    roles("GetRedactedCopy", ANSWER_FOR),
    roles("SubmitStatement", ANSWER_FOR),
    // Whoever erases has no part in the case: administrators see no petition.
    roles("ErasePetition", &[may(Role::Administrator, Reach::Everything)]),
    // PublicationService
    roles("SaveRedaction", DISPATCH),
    roles("GetRedaction", SEE),
    roles("PublishPetition", DISPATCH),
    roles("TakeDownPublication", DISPATCH),
    // PublicService
    others("SearchPublications", Others::Anyone),
    others("GetPublication", Others::Anyone),
    others("ListFields", Others::Anyone),
    // SupervisionService
    roles("GetOnTimeReport", OVERSEE),
    roles("ListPetitionsInReport", OVERSEE),
    roles(
        "ListAuditEvents",
        &[
            when(When::OfPetitions, Role::Supervisor, Reach::Somewhere),
            when(When::OfDirectory, Role::Supervisor, Reach::Everything),
            when(When::OfDirectory, Role::Administrator, Reach::Everything),
        ],
    ),
    roles("ListReveals", OVERSEE),
    roles(
        "VerifyAudit",
        &[
            when(When::OfOne, Role::Supervisor, Reach::Focal),
            when(When::OfOne, Role::Supervisor, Reach::Holder),
            when(When::OfAll, Role::Supervisor, Reach::Everything),
        ],
    ),
    // DirectoryService
    roles("CreateUnit", ADMINISTER),
    roles("UpdateUnit", ADMINISTER),
    roles("PreviewCloseUnit", ADMINISTER),
    roles("CloseUnit", ADMINISTER),
    others("GetUnit", Others::Accounts),
    others("ListUnits", Others::Accounts),
    roles("CreateAccount", ADMINISTER),
    roles("GetAccount", ADMINISTER),
    roles("UpdateAccount", ADMINISTER),
    roles("ListAccounts", ADMINISTER_SOME),
    roles("CreateGrant", ADMINISTER),
    roles("GetGrant", ADMINISTER),
    roles("ListGrants", ADMINISTER_SOME),
    roles("RevokeGrant", ADMINISTER),
    // Those who approve see to what is delegated of that.
    roles(
        "CreateDelegation",
        &[may(Role::Administrator, Reach::Named), when(When::OfOneself, Role::Approver, Reach::Named)],
    ),
    roles(
        "GetDelegation",
        &[
            may(Role::Administrator, Reach::Named),
            may(Role::Approver, Reach::Named),
            may(Role::Approver, Reach::Delegated),
        ],
    ),
    roles(
        "ListDelegations",
        &[
            may(Role::Administrator, Reach::Somewhere),
            may(Role::Approver, Reach::Somewhere),
            may(Role::Approver, Reach::Delegated),
        ],
    ),
    roles("RevokeDelegation", &[may(Role::Administrator, Reach::Named), may(Role::Approver, Reach::Named)]),
    roles("CreateToken", ADMINISTER),
    roles("GetToken", ADMINISTER),
    roles("ListTokens", ADMINISTER_SOME),
    roles("RevokeToken", ADMINISTER),
    roles("CreateField", &[may(Role::Administrator, Reach::Everything)]),
    roles("UpdateField", &[may(Role::Administrator, Reach::Everything)]),
    roles("GetField", ADMINISTER_SOME),
    // Nobody routes what is not theirs, or to somebody elsewhere: both the focal unit and the unit are concerned.
    roles("CreateRoutingRule", ADMINISTER),
    roles("GetRoutingRule", ROUTE),
    roles("ListRoutingRules", ROUTE_SOME),
    roles("UpdateRoutingRule", ADMINISTER),
    roles("CloseRoutingRule", ADMINISTER),
    // What rules make of texts says something of the texts: it is for those who read them.
    roles("TryRoutingRules", &[may(Role::Dispatcher, Reach::Named)]),
    // DeadlineService
    roles("PutCalendar", ADMINISTER),
    roles("ImportCalendar", ADMINISTER),
    others("GetCalendar", Others::Accounts),
    others("ListCalendars", Others::Accounts),
    others("ExportCalendar", Others::Accounts),
    roles("PreviewCalendar", ADMINISTER),
    roles("ApplyCalendar", ADMINISTER),
    roles("PutPolicy", ADMINISTER),
    roles("ClosePolicy", ADMINISTER),
    others("GetPolicy", Others::Accounts),
    others("ListPolicies", Others::Accounts),
    others("ComputeDeadline", Others::Accounts),
    // DeliveryService
    roles("ListLetters", HAND_OVER),
    roles("GetLetter", DELIVER),
    roles("RetryLetter", DELIVER),
    roles("AbandonLetter", DELIVER),
    roles("RecordHandover", HAND_OVER),
];
