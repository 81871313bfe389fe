//! Everybody tries everything: each RPC × each role × each place to stand in. Who gets through is whom the permission
//! table names, and nobody else.

use pakn::{
    domain::{
        permission::{Entry, Others, Reach, TABLE, When, entry},
        words::Role,
    },
    pb,
};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor, ReflectMessage as _, Value};
use tonic::{Code, Status};

use super::{
    everything::{named, rpcs},
    server::{ALL, Server},
    stage::target,
};

/// Where somebody stands, and over what the role reaches; seen from a petition of `CUC-VT-DV`, to which `CUC-TS`
/// contributes and which the office received. `BTTTT` is the whole tree.
const PLACES: [(&str, &str, &str); 6] = [
    ("own", "CUC-VT-DV", "CUC-VT-DV"),
    ("subtree", "CUC-VT", "CUC-VT"),
    ("focal", "BTTTT-VP", "BTTTT-VP"),
    ("whole", "BTTTT", "BTTTT"),
    ("co-handling", "CUC-TS", "CUC-TS"),
    ("elsewhere", "CUC-BC", "CUC-BC"),
];

/// The unit that the stage's request is about, where it is about one; none for the whole tree.
fn named_unit(rpc: &str) -> Option<&'static str> {
    match rpc {
        "SubmitPetition" | "GetAccount" | "GetGrant" | "CreateToken" | "GetToken" | "RevokeToken" => Some("BTTTT-VP"),
        "CreateUnit" | "UpdateUnit" | "PreviewCloseUnit" | "CloseUnit" | "CreateAccount" | "UpdateAccount"
        | "CreateGrant" | "RevokeGrant" | "CreateDelegation" | "GetDelegation" | "RevokeDelegation" => Some("CUC-VT"),
        "PutPolicy" | "ClosePolicy" => Some("CUC-BC"),
        // Changing a rule is about the focal unit and the unit together: of the places here the whole tree alone covers both.
        "GetRoutingRule" | "TryRoutingRules" => Some("BTTTT-VP"),
        _ => None,
    }
}

/// A request of an RPC, and when it is one.
struct Try {
    rpc: &'static str,
    path: String,
    method: MethodDescriptor,
    /// What else the table may make of it.
    now: &'static [When],
    /// States to bring a petition to, where it is not the one that the stage brings it to.
    state: Option<pb::PetitionState>,
}

fn tries() -> Vec<Try> {
    use When as W;
    let mut tries = Vec::new();
    for (path, method) in rpcs() {
        let rpc = entry(method.name()).unwrap_or_else(|| panic!("{path} is not in the permission table")).rpc;
        let one = |now, state| Try { rpc, path: path.clone(), method: method.clone(), now, state };
        match rpc {
            "RefusePetition" => {
                tries.push(one(&[W::BeforeAcceptance], None));
                tries.push(one(&[W::AfterAcceptance], Some(pb::PetitionState::Accepted)));
            }
            "RequestInformation" => {
                tries.push(one(&[], None));
                tries.push(one(&[W::InWork], Some(pb::PetitionState::InProgress)));
            }
            "SubmitPetition" => tries.push(one(&[W::Assisted], None)),
            "ListAuditEvents" => tries.extend([one(&[W::OfPetitions], None), one(&[W::OfDirectory], None)]),
            "VerifyAudit" => tries.extend([one(&[W::OfOne], None), one(&[W::OfAll], None)]),
            _ => tries.push(one(&[], None)),
        }
    }
    tries
}

/// A petition's units as they are now: focal, holder, who contributes.
type Units = (String, String, Vec<String>);

impl Try {
    /// A request that would succeed for somebody, and the units of the petition that it is about.
    async fn request(&self, server: &Server) -> (Vec<u8>, Option<Units>) {
        let bytes = server.valid(&self.path).await;
        let mut message = DynamicMessage::decode(self.method.input(), bytes.as_slice()).unwrap();
        if let Some(state) = self.state {
            put_code(&mut message, &server.petition(state).await);
        }
        // Proof speaks for the petitioner; here everybody speaks for themselves.
        if message.descriptor().get_field_by_name("proof").is_some() {
            message.clear_field_by_name("proof");
        }
        match (self.rpc, self.now) {
            // What a filter leaves out is another matter.
            ("ListAuditEvents", now) => {
                let directory = now == [When::OfDirectory];
                let ask = pb::ListAuditEventsRequest { directory, ..Default::default() };
                return (ask.encode_to_vec(), None);
            }
            // Of a letter, whose petition the office received.
            ("RecordHandover", _) => {
                let office = || "BTTTT-VP".to_owned();
                return (message.encode_to_vec(), Some((office(), office(), Vec::new())));
            }
            ("ListReveals" | "ListAccounts", _) => return (Vec::new(), None),
            ("GetOnTimeReport" | "ListPetitionsInReport", _) => message.clear_field_by_name("unit"),
            ("VerifyAudit", [When::OfAll]) => message.clear_field_by_name("code"),
            _ => {}
        }
        let code = code_of(&message);
        let units = match code {
            Some(code) => units_of(server, &code).await,
            None => None,
        };
        (message.encode_to_vec(), units)
    }

    /// Whether the table lets a role through that reaches over a unit.
    fn expects(&self, server: &Server, entry: &Entry, role: Role, top: &str, units: Option<&Units>) -> bool {
        if matches!(entry.others, Others::Anyone | Others::Accounts) {
            return true;
        }
        let reference = server.app.reference();
        let id = |code: &str| reference.units.by_code(code).unwrap().id;
        let covers = |code: &str| reference.units.within(id(code), id(top));
        let whole = top == "BTTTT";
        entry.may.iter().filter(|may| may.role == role).any(|may| {
            let now = match may.when {
                When::Always => true,
                when => self.now.contains(&when),
            };
            now && match (may.reach, units) {
                (Reach::Somewhere, _) => true,
                (Reach::Everything, _) => whole,
                (Reach::Named, _) => named_unit(self.rpc).map_or(whole, covers),
                (Reach::Focal, Some((focal, ..))) => covers(focal),
                (Reach::Holder, Some((_, holder, _))) => covers(holder),
                (Reach::CoHandling, Some((.., co))) => co.iter().any(|unit| covers(unit)),
                (Reach::AboveHolder, Some((focal, holder, _))) => {
                    let parent = reference.units.by_code(holder).unwrap().parent.unwrap();
                    let inside = reference.units.within(id(top), id(holder));
                    !inside && (covers(focal) || reference.units.within(parent, id(top)))
                }
                // The stage complains of the office that receives: of it, and of nobody's above, are those inside.
                (Reach::Concerned, _) => top == "BTTTT-VP",
                // The stage's assignment goes elsewhere; and what is delegated is so to others.
                (Reach::HolderWithin | Reach::Delegated, _) => false,
                (_, None) => false,
            }
        })
    }
}

fn put_code(message: &mut DynamicMessage, code: &str) {
    let inner = message.get_field_by_name_mut("target").and_then(Value::as_message_mut).expect("a target");
    *inner = DynamicMessage::decode(inner.descriptor(), target(code).unwrap().encode_to_vec().as_slice()).unwrap();
}

/// The petition that a request is about.
fn code_of(message: &DynamicMessage) -> Option<String> {
    let own = |message: &DynamicMessage| Some(message.get_field_by_name("code")?.as_str()?.to_owned());
    let inner = message.get_field_by_name("target").and_then(|target| own(target.as_message()?));
    inner.or_else(|| own(message)).filter(|code| code.starts_with("PAKN."))
}

async fn units_of(server: &Server, code: &str) -> Option<Units> {
    let get = pb::GetPetitionRequest { code: code.to_owned() };
    let answer: pb::GetPetitionResponse = server.ask(ALL, "CaseworkService/GetPetition", &get).await.unwrap();
    let petition = answer.petition.unwrap();
    Some((petition.focal_unit, petition.summary.unwrap().holder, petition.co_handling_units))
}

/// Whether somebody was kept out: not because what was asked cannot be, but because of who asked.
fn kept_out(rpc: &str, status: &Status) -> bool {
    let elsewhere = rpc == "SubmitPetition" && named(status) == ["focal_unit"];
    let unproved = named(status) == ["proof"];
    elsewhere || unproved || matches!(status.code(), Code::PermissionDenied | Code::NotFound | Code::Unauthenticated)
}

pub async fn everybody_tries_everything(server: &Server) {
    for role in Role::ALL {
        for (place, stands, top) in PLACES {
            server.admit_over(&format!("{role}-{place}"), stands, &[*role], top).await;
        }
    }
    let tries = tries();
    for entry in TABLE {
        assert!(tries.iter().any(|one| one.rpc == entry.rpc), "{} is in the table and not in the contract", entry.rpc);
    }
    let mut wrong = Vec::new();
    let mut through = 0;
    for one in tries {
        let entry = entry(one.rpc).unwrap();
        let (mut request, mut units) = one.request(server).await;
        // Without a token.
        let anyone = server.send("", &one.path, request.clone()).await;
        if anyone.is_ok() != (entry.others == Others::Anyone) {
            wrong.push(format!("{} without a token: {anyone:?}", one.rpc));
        }
        for role in Role::ALL {
            for (place, _, top) in PLACES {
                let expected = one.expects(server, entry, *role, top, units.as_ref());
                match (server.send(&format!("{role}-{place}"), &one.path, request.clone()).await, expected) {
                    (Ok(_), true) => {
                        through += 1;
                        (request, units) = one.request(server).await;
                    }
                    (Err(status), false) if kept_out(one.rpc, &status) => {}
                    (became, _) => wrong.push(format!(
                        "{} {:?} by {role} {place}, expected {expected}: {:?}",
                        one.rpc,
                        one.now,
                        became.map(|_| "through")
                    )),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of the table are not so:\n{}", wrong.len(), wrong.join("\n"));
    assert!(through > 300, "only {through} got through");
}

/// Whoever approves for somebody, without a role of their own, gets through where the table says so, and nowhere else.
pub async fn delegates_try_everything(server: &Server) {
    for (place, stands, top) in PLACES {
        server.admit_over(&format!("head-{place}"), stands, &[Role::Approver], top).await;
        server.admit_over(&format!("delegate-{place}"), stands, &[], top).await;
        let delegation = pb::Delegation {
            delegate: format!("delegate-{place}"),
            unit: top.to_owned(),
            capacity: pb::Capacity::ByOrder.into(),
            valid_until: Some(prost_types::Timestamp { seconds: super::server::NOW + 86_400, nanos: 0 }),
            ..Default::default()
        };
        let create = pb::CreateDelegationRequest { delegation: Some(delegation), ..Default::default() };
        server.done(&format!("head-{place}"), "DirectoryService/CreateDelegation", &create).await;
    }
    let (mut wrong, mut through) = (Vec::new(), Vec::new());
    for one in tries() {
        let entry = entry(one.rpc).unwrap();
        for (place, _, top) in PLACES {
            let (mut request, units) = one.request(server).await;
            if one.rpc == "ApproveAnswer" {
                let approve = pb::ApproveAnswerRequest::decode(request.as_slice()).unwrap();
                request =
                    pb::ApproveAnswerRequest { capacity: pb::Capacity::ByOrder.into(), ..approve }.encode_to_vec();
            }
            let reference = server.app.reference();
            let id = |code: &str| reference.units.by_code(code).unwrap().id;
            let holder = units.as_ref().map(|(_, holder, _)| holder.as_str()).or_else(|| named_unit(one.rpc));
            let covered = holder.is_none_or(|holder| reference.units.within(id(holder), id(top)));
            let open = matches!(entry.others, Others::Anyone | Others::Accounts);
            let expected = open || covered && entry.may.iter().any(|may| may.reach == Reach::Delegated);
            match (server.send(&format!("delegate-{place}"), &one.path, request).await, expected) {
                (Ok(_), true) if !open => through.push(one.rpc),
                (Ok(_), true) => {}
                (Err(status), false) if kept_out(one.rpc, &status) => {}
                (became, _) => {
                    let became = became.map(|_| "through");
                    wrong.push(format!("{} {place}, expected {expected}: {became:?}", one.rpc));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    through.dedup();
    through.sort_unstable();
    let read = ["CountPetitions", "ExplainDeadline", "GetDelegation", "GetPetition", "ListDelegations"];
    let own = ["ListPetitionEvents", "ListPetitions", "SendBackDraft"];
    assert_eq!(through, [&["ApproveAnswer"][..], &read, &own].concat());
}

/// In a conduct case the table is not even asked for those who stand in the unit complained of. The petitioner's key does
/// not help them either; a portal that stands there passes on what its users may see.
pub async fn the_accused_get_nowhere(server: &Server) {
    server.admit("accused", "CUC-BC", Role::ALL).await;
    server.admit("accused-clerk", "CUC-BC", &[Role::Clerk]).await;
    server.admit("their-portal", "CUC-BC", &[Role::Portal]).await;
    let code = server.petition(pb::PetitionState::Submitted).await;
    let accept = pb::AcceptPetitionRequest {
        target: target(&code),
        subject_class: pb::SubjectClass::Conduct.into(),
        concerned_unit: "CUC-BC".to_owned(),
        ..Default::default()
    };
    let _: pb::AcceptPetitionResponse = server.ask(ALL, "CaseworkService/AcceptPetition", &accept).await.unwrap();
    let (mut tried, mut proved) = (0, 0);
    for (path, method) in rpcs() {
        let bytes = server.valid(&path).await;
        let mut message = DynamicMessage::decode(method.input(), bytes.as_slice()).unwrap();
        if code_of(&message).is_none() {
            continue;
        }
        match message.has_field_by_name("target") {
            true => put_code(&mut message, &code),
            false => message.set_field_by_name("code", Value::String(code.clone())),
        }
        let tell = async |login: &str, message: &DynamicMessage| {
            let answer = server.send(login, &path, message.encode_to_vec()).await;
            assert_eq!(answer.map_err(|status| status.code()), Err(Code::NotFound), "{path} by {login}");
        };
        if method.input().get_field_by_name("proof").is_some() {
            let Some(proof) = message.get_field_by_name_mut("proof") else { panic!("{path}: no proof") };
            let inner = proof.as_message_mut().unwrap();
            let key = server.key(&code).unwrap().encode_to_vec();
            *inner = DynamicMessage::decode(inner.descriptor(), key.as_slice()).unwrap();
            tell("accused", &message).await;
            tell("accused-clerk", &message).await;
            // Not so for those who use the portal there: whatever becomes of it, it is not concealed from them.
            let answer = server.send("their-portal", &path, message.encode_to_vec()).await;
            assert_ne!(answer.map_err(|status| status.code()), Err(Code::NotFound), "{path}");
            message.clear_field_by_name("proof");
            proved += 1;
        }
        tell("accused", &message).await;
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
    assert_eq!(proved, 7, "Track, Explain, a request about the data and four commands of the petitioner");
}
