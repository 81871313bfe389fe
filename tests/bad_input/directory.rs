//! Valid requests of DirectoryService.

use pakn::pb;
use prost::Message as _;
use prost_types::Timestamp;

use super::{
    server::{ALL, NOW, Server},
    stage::fresh_id,
};

impl Server {
    pub async fn token(&self) -> String {
        let create = pb::CreateTokenRequest { account: "clerk".to_owned(), ..Default::default() };
        let answer = self.done(ALL, "DirectoryService/CreateToken", &create).await;
        pb::CreateTokenResponse::decode(answer.as_slice()).unwrap().token.unwrap().id
    }

    /// A delegation by the head of `CUC-VT`, to somebody new there.
    async fn delegation(&self) -> pb::CreateDelegationRequest {
        let account = account();
        let create = pb::CreateAccountRequest { account: Some(account.clone()), ..Default::default() };
        self.done(ALL, "DirectoryService/CreateAccount", &create).await;
        let delegation = pb::Delegation {
            id: String::new(),
            delegator: "cuc-vt-approver".to_owned(),
            delegate: account.login,
            unit: "CUC-VT".to_owned(),
            capacity: pb::Capacity::Deputy.into(),
            valid_from: Some(Timestamp { seconds: NOW - 60, nanos: 0 }),
            valid_until: Some(Timestamp { seconds: NOW + 86_400, nanos: 0 }),
        };
        pb::CreateDelegationRequest { delegation: Some(delegation), ..Default::default() }
    }

    /// The id of one that is made.
    pub async fn delegated(&self) -> String {
        let create = self.delegation().await;
        let made = self.done(ALL, "DirectoryService/CreateDelegation", &create).await;
        pb::CreateDelegationResponse::decode(made.as_slice()).unwrap().delegation.unwrap().id
    }

    async fn grant(&self) -> String {
        let list = pb::ListGrantsRequest { account: "clerk".to_owned(), ..Default::default() };
        let answer = self.done(ALL, "DirectoryService/ListGrants", &list).await;
        pb::ListGrantsResponse::decode(answer.as_slice()).unwrap().grants[0].id.clone()
    }

    /// A rule of the office for `CUC-VT`.
    async fn rule(&self) -> pb::RoutingRule {
        let create = pb::CreateRoutingRuleRequest { rule: Some(rule()), ..Default::default() };
        let answer = self.done(ALL, "DirectoryService/CreateRoutingRule", &create).await;
        pb::CreateRoutingRuleResponse::decode(answer.as_slice()).unwrap().rule.unwrap()
    }

    /// A unit below `CUC-VT`.
    async fn unit(&self) -> pb::Unit {
        let create = pb::CreateUnitRequest { unit: Some(unit()), ..Default::default() };
        let answer = self.done(ALL, "DirectoryService/CreateUnit", &create).await;
        pb::CreateUnitResponse::decode(answer.as_slice()).unwrap().unit.unwrap()
    }

    async fn closing(&self) -> pb::UnitClosing {
        let other = pb::FieldSuccessor { field: "TELECOM".to_owned(), unit: "CUC-VT-DV".to_owned() };
        pb::UnitClosing {
            code: self.unit().await.code,
            closed_on: "2027-01-31".to_owned(),
            successor: "CUC-VT".to_owned(),
            successors_by_field: vec![other],
            with_units_below: true,
        }
    }

    /// A request that would succeed.
    pub async fn of_directory(&self, path: &str) -> Vec<u8> {
        match path.split('/').nth(1).unwrap() {
            "CreateUnit" => pb::CreateUnitRequest { unit: Some(unit()), ..Default::default() }.encode_to_vec(),
            "GetUnit" => pb::GetUnitRequest { code: "BTTTT".to_owned() }.encode_to_vec(),
            "CreateAccount" => {
                pb::CreateAccountRequest { account: Some(account()), ..Default::default() }.encode_to_vec()
            }
            "UpdateAccount" => {
                let created = pb::CreateAccountRequest { account: Some(account()), ..Default::default() };
                let made = self.done(ALL, "DirectoryService/CreateAccount", &created).await;
                let made = pb::CreateAccountResponse::decode(made.as_slice()).unwrap().account.unwrap();
                let account = Some(pb::Account { name: "Người khác".to_owned(), ..made });
                let paths = ["unit", "name", "email", "closed"].map(str::to_owned).into();
                let update_mask = Some(prost_types::FieldMask { paths });
                pb::UpdateAccountRequest { account, update_mask, ..Default::default() }.encode_to_vec()
            }
            "GetAccount" => pb::GetAccountRequest { login: "clerk".to_owned() }.encode_to_vec(),
            "ListAccounts" => {
                pb::ListAccountsRequest { unit: "BTTTT".to_owned(), ..Default::default() }.encode_to_vec()
            }
            "CreateGrant" => {
                let account = account();
                self.done(
                    ALL,
                    "DirectoryService/CreateAccount",
                    &pb::CreateAccountRequest { account: Some(account.clone()), ..Default::default() },
                )
                .await;
                let (role, unit) = (pb::Role::Clerk.into(), "CUC-VT".to_owned());
                let (valid_from, valid_until) = (
                    Some(Timestamp { seconds: NOW - 60, nanos: 0 }),
                    Some(Timestamp { seconds: NOW + 86_400, nanos: 0 }),
                );
                let grant =
                    pb::Grant { account: account.login, role, unit, valid_from, valid_until, ..Default::default() };
                pb::CreateGrantRequest { grant: Some(grant), ..Default::default() }.encode_to_vec()
            }
            "RevokeGrant" => {
                let create = pb::CreateGrantRequest::decode(
                    Box::pin(self.of_directory("DirectoryService/CreateGrant")).await.as_slice(),
                );
                let made = self.done(ALL, "DirectoryService/CreateGrant", &create.unwrap()).await;
                let id = pb::CreateGrantResponse::decode(made.as_slice()).unwrap().grant.unwrap().id;
                pb::RevokeGrantRequest { id, ..Default::default() }.encode_to_vec()
            }
            "UpdateUnit" => {
                let unit = pb::Unit { name: "Phòng Khác".to_owned(), ..self.unit().await };
                let paths = ["name", "parent", "level", "short_name", "name_en", "mailbox", "focal", "national_code"];
                let paths = paths.into_iter().chain(["short_name_en", "valid_from"]).map(str::to_owned).collect();
                let update_mask = Some(prost_types::FieldMask { paths });
                pb::UpdateUnitRequest { unit: Some(unit), update_mask, ..Default::default() }.encode_to_vec()
            }
            "PreviewCloseUnit" => {
                pb::PreviewCloseUnitRequest { closing: Some(self.closing().await), size: 1 }.encode_to_vec()
            }
            "CloseUnit" => {
                pb::CloseUnitRequest { closing: Some(self.closing().await), ..Default::default() }.encode_to_vec()
            }
            "GetGrant" => pb::GetGrantRequest { id: self.grant().await }.encode_to_vec(),
            "ListGrants" => pb::ListGrantsRequest { account: "clerk".to_owned(), ..Default::default() }.encode_to_vec(),
            "CreateDelegation" => self.delegation().await.encode_to_vec(),
            "GetDelegation" => pb::GetDelegationRequest { id: self.delegated().await }.encode_to_vec(),
            "ListDelegations" => {
                pb::ListDelegationsRequest { account: "cuc-vt-approver".to_owned(), ..Default::default() }
                    .encode_to_vec()
            }
            "RevokeDelegation" => {
                pb::RevokeDelegationRequest { id: self.delegated().await, ..Default::default() }.encode_to_vec()
            }
            "CreateToken" => {
                let (account, label) = ("clerk".to_owned(), "thử".to_owned());
                pb::CreateTokenRequest { account, label, days: 1, ..Default::default() }.encode_to_vec()
            }
            "GetToken" => pb::GetTokenRequest { id: self.token().await }.encode_to_vec(),
            "ListTokens" => pb::ListTokensRequest { account: "clerk".to_owned(), ..Default::default() }.encode_to_vec(),
            "RevokeToken" => pb::RevokeTokenRequest { id: self.token().await, ..Default::default() }.encode_to_vec(),
            "CreateField" => pb::CreateFieldRequest { field: Some(field()), ..Default::default() }.encode_to_vec(),
            "UpdateField" => {
                let create = pb::CreateFieldRequest { field: Some(field()), ..Default::default() };
                let made = self.done(ALL, "DirectoryService/CreateField", &create).await;
                let made = pb::CreateFieldResponse::decode(made.as_slice()).unwrap().field.unwrap();
                let field = Some(pb::Field { name: "Lĩnh vực khác".to_owned(), assigns_itself: false, ..made });
                let paths = ["parent", "name", "name_en", "assigns_itself"].map(str::to_owned).into();
                let update_mask = Some(prost_types::FieldMask { paths });
                pb::UpdateFieldRequest { field, update_mask, ..Default::default() }.encode_to_vec()
            }
            "CreateRoutingRule" => {
                pb::CreateRoutingRuleRequest { rule: Some(rule()), ..Default::default() }.encode_to_vec()
            }
            "GetRoutingRule" => pb::GetRoutingRuleRequest { code: self.rule().await.code }.encode_to_vec(),
            "ListRoutingRules" => {
                let (focal_unit, unit) = ("BTTTT-VP".to_owned(), "CUC-VT".to_owned());
                let page = Some(pb::PageRequest { size: 1, token: String::new() });
                pb::ListRoutingRulesRequest { focal_unit, unit, ended: true, page }.encode_to_vec()
            }
            "UpdateRoutingRule" => {
                let rule = pb::RoutingRule { name: "Quy tắc khác".to_owned(), ..self.rule().await };
                let paths = ["name", "focal_unit", "unit", "priority", "valid_from", "valid_until", "field", "places"];
                let lists = ["subject_classes", "petitioner_types", "channels", "all_phrases", "any_phrases"];
                let paths = paths.into_iter().chain(lists).map(str::to_owned).collect();
                let update_mask = Some(prost_types::FieldMask { paths });
                pb::UpdateRoutingRuleRequest { rule: Some(rule), update_mask, ..Default::default() }.encode_to_vec()
            }
            "CloseRoutingRule" => {
                let valid_until = Some(Timestamp { seconds: NOW + 3_600, nanos: 0 });
                let code = self.rule().await.code;
                pb::CloseRoutingRuleRequest { code, valid_until, ..Default::default() }.encode_to_vec()
            }
            "TryRoutingRules" => {
                let (focal_unit, leave_out) = ("BTTTT-VP".to_owned(), vec![self.rule().await.code]);
                pb::TryRoutingRulesRequest { focal_unit, leave_out, put: vec![rule()], last: 2, size: 1 }
                    .encode_to_vec()
            }
            "GetField" => pb::GetFieldRequest { code: "TELECOM".to_owned() }.encode_to_vec(),
            "ListUnits" => Vec::new(),
            _ => panic!("no valid request is known for {path}"),
        }
    }
}

/// It asks for much, so that it catches nothing that the stage makes.
fn rule() -> pb::RoutingRule {
    pb::RoutingRule {
        code: code(),
        name: "Quy tắc thử".to_owned(),
        focal_unit: "BTTTT-VP".to_owned(),
        unit: "CUC-VT".to_owned(),
        priority: 5,
        valid_from: Some(Timestamp { seconds: NOW - 60, nanos: 0 }),
        valid_until: Some(Timestamp { seconds: NOW + 86_400, nanos: 0 }),
        field: "TELECOM".to_owned(),
        places: vec!["00190".to_owned()],
        subject_classes: vec![pb::SubjectClass::Other.into()],
        petitioner_types: vec![pb::PetitionerType::Individual.into()],
        channels: vec![pb::Channel::Post.into()],
        all_phrases: vec!["cáp quang".to_owned()],
        any_phrases: vec!["mất sóng".to_owned()],
    }
}

fn code() -> String {
    fresh_id().replace('-', "")
}

fn unit() -> pb::Unit {
    pb::Unit {
        code: code(),
        parent: "CUC-VT".to_owned(),
        level: pb::UnitLevel::Division.into(),
        name: "Phòng Thử".to_owned(),
        short_name: "Thử".to_owned(),
        name_en: "Trial".to_owned(),
        mailbox: "thu@mic.example".to_owned(),
        national_code: code(),
        short_name_en: "Trial".to_owned(),
        valid_from: "2026-01-01".to_owned(),
        ..pb::Unit::default()
    }
}

fn account() -> pb::Account {
    let (name, email) = ("Người mới".to_owned(), "moi@mic.example".to_owned());
    pb::Account { login: code(), unit: "CUC-VT".to_owned(), name, email, ..pb::Account::default() }
}

fn field() -> pb::Field {
    let (name, name_en) = ("Lĩnh vực".to_owned(), "Field".to_owned());
    pb::Field { code: code(), parent: "TELECOM".to_owned(), name, name_en, assigns_itself: true }
}
