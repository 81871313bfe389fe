//! DirectoryService.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{
        account, delegation, directory as wire,
        parse::{asked_as, both, page},
        publication, routing, unit,
    },
};
use crate::{
    app::{App, Asked, Caller, DirectoryStep, Error},
    domain::{permission::When, reference::Reference, routing::Rule},
    pb::{self, directory_service_server::DirectoryService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Directory(pub(super) App);

impl Directory {
    /// Takes a step that was asked for, unless its request id has led to one. Gives the code or id of what that is about,
    /// and the directory as it is by then.
    async fn once(
        &self,
        caller: &Caller,
        asked: &Asked,
        step: impl Fn(&Caller) -> Result<DirectoryStep, Error> + Send + Sync,
    ) -> Result<(String, Arc<Reference>), Status> {
        let steps = |caller: &Caller| step(caller).map(|step| vec![step]);
        let subject = self.0.direct(caller, asked, steps).await.map_err(status)?.unwrap_or_default();
        Ok((subject, self.0.reference()))
    }
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn create_unit(&self, request: Request<pb::CreateUnitRequest>) -> Answer<pb::CreateUnitResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateUnit", &message.request_id, &message);
        let step = |caller: &Caller| unit::new_unit(&message, &self.0, caller).map(DirectoryStep::Unit);
        let (code, reference) = self.once(&caller, &asked, step).await?;
        let unit = reference.units.by_code(&code).map(|unit| unit::unit(unit, &reference));
        Ok(Response::new(pb::CreateUnitResponse { unit }))
    }

    async fn update_unit(&self, request: Request<pb::UpdateUnitRequest>) -> Answer<pb::UpdateUnitResponse> {
        let (caller, message) = open(request)?;
        let (code, etag, edit) = unit::edit(&message, &self.0, &caller).map_err(status)?;
        let asked = asked_as("UpdateUnit", &message.request_id, &message);
        let updated = self.0.update_unit(&caller, &asked, (&code, &etag), &edit).await;
        let updated = updated.map_err(wire::within("unit")).map_err(status)?;
        let etag = updated.etag();
        Ok(Response::new(pb::UpdateUnitResponse { unit: Some(unit::unit(&updated, &self.0.reference())), etag }))
    }

    async fn preview_close_unit(
        &self,
        request: Request<pb::PreviewCloseUnitRequest>,
    ) -> Answer<pb::PreviewCloseUnitResponse> {
        let (caller, message) = open(request)?;
        let (code, closing, size) = unit::previewed(&message, &self.0, &caller).map_err(status)?;
        let preview = self.0.preview_close_unit(&caller, "PreviewCloseUnit", &code, (&closing, size));
        let preview = preview.await.map_err(wire::within("closing")).map_err(status)?;
        Ok(Response::new(unit::preview(preview, &self.0.reference())))
    }

    async fn close_unit(&self, request: Request<pb::CloseUnitRequest>) -> Answer<pb::CloseUnitResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CloseUnit", &message.request_id, &message);
        // Told again, it says what has become of the unit since.
        let closed = match self.0.directed_before(&caller, &asked).await.map_err(status)? {
            Some(code) => self.0.unit(&self.0.anew(&caller).await.map_err(status)?, &code).map_err(status)?,
            None => {
                let (code, closing) = unit::closed(&message, &self.0, &caller).map_err(status)?;
                let closed = self.0.close_unit(&caller, &asked, &code, &closing).await;
                closed.map_err(wire::within("closing")).map_err(status)?
            }
        };
        Ok(Response::new(pb::CloseUnitResponse { unit: Some(unit::unit(&closed, &self.0.reference())) }))
    }

    async fn get_unit(&self, request: Request<pb::GetUnitRequest>) -> Answer<pb::GetUnitResponse> {
        let (caller, message) = open(request)?;
        let code = wire::sought("code", &message.code).map_err(status)?;
        let unit = self.0.unit(&caller, &code).map_err(status)?;
        let etag = unit.etag();
        Ok(Response::new(pb::GetUnitResponse { unit: Some(unit::unit(&unit, &caller.reference)), etag }))
    }

    async fn list_units(&self, request: Request<pb::ListUnitsRequest>) -> Answer<pb::ListUnitsResponse> {
        let (caller, message) = open(request)?;
        let question = pb::ListUnitsRequest { page: None };
        let page = page(message.page.as_ref(), "ListUnits", Some(caller.account), &question).map_err(status)?;
        let (units, next_token) = page.of(caller.reference.units.all(), |unit| unit.id.0).map_err(status)?;
        let units = units.into_iter().map(|unit| unit::unit(unit, &caller.reference)).collect();
        Ok(Response::new(pb::ListUnitsResponse { units, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn create_account(&self, request: Request<pb::CreateAccountRequest>) -> Answer<pb::CreateAccountResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateAccount", &message.request_id, &message);
        let step = |caller: &Caller| account::new_account(&message, &self.0, caller).map(DirectoryStep::Account);
        let (login, reference) = self.once(&caller, &asked, step).await?;
        let account = reference.account(&login).map(|found| account::account(found, &reference));
        Ok(Response::new(pb::CreateAccountResponse { account }))
    }

    async fn get_account(&self, request: Request<pb::GetAccountRequest>) -> Answer<pb::GetAccountResponse> {
        let (caller, message) = open(request)?;
        let login = wire::sought("login", &message.login).map_err(status)?;
        let (account, grants) = self.0.account(&caller, &login).map_err(status)?;
        Ok(Response::new(pb::GetAccountResponse {
            etag: account.etag(),
            account: Some(account::account(&account, &caller.reference)),
            grants: grants.iter().map(|grant| wire::grant(grant, &caller.reference)).collect(),
        }))
    }

    async fn update_account(&self, request: Request<pb::UpdateAccountRequest>) -> Answer<pb::UpdateAccountResponse> {
        let (caller, message) = open(request)?;
        let (login, etag, edit) = account::edit(&message, &self.0, &caller).map_err(status)?;
        let asked = asked_as("UpdateAccount", &message.request_id, &message);
        let updated = self.0.update_account(&caller, &asked, (&login, &etag), &edit).await;
        let updated = updated.map_err(wire::within("account")).map_err(status)?;
        let (account, etag) = (Some(account::account(&updated, &self.0.reference())), updated.etag());
        Ok(Response::new(pb::UpdateAccountResponse { account, etag }))
    }

    async fn list_accounts(&self, request: Request<pb::ListAccountsRequest>) -> Answer<pb::ListAccountsResponse> {
        let (caller, message) = open(request)?;
        let narrowing = wire::narrowing(&message.unit, ("account", ""), &caller.reference);
        let question = pb::ListAccountsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListAccounts", Some(caller.account), &question);
        let ((unit, _), page) = both(narrowing, page).map_err(status)?;
        let accounts = self.0.accounts(&caller, unit).map_err(status)?;
        let (accounts, next_token) = page.of(accounts, |account| account.id.0).map_err(status)?;
        let accounts = accounts.iter().map(|found| account::account(found, &caller.reference)).collect();
        Ok(Response::new(pb::ListAccountsResponse { accounts, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn create_grant(&self, request: Request<pb::CreateGrantRequest>) -> Answer<pb::CreateGrantResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateGrant", &message.request_id, &message);
        let step = |caller: &Caller| wire::new_grant(&message, &self.0, caller).map(DirectoryStep::Grant);
        let (id, reference) = self.once(&caller, &asked, step).await?;
        let grant = reference.grants.values().flatten().find(|grant| grant.id.to_string() == id);
        Ok(Response::new(pb::CreateGrantResponse { grant: grant.map(|grant| wire::grant(grant, &reference)) }))
    }

    async fn get_grant(&self, request: Request<pb::GetGrantRequest>) -> Answer<pb::GetGrantResponse> {
        let (caller, message) = open(request)?;
        let id = wire::grant_id(&message.id).map_err(status)?;
        let grants = self.0.grants(&caller, None).map_err(status)?;
        let grant = grants.iter().find(|grant| grant.id == id).ok_or_else(|| status(Error::Absent("grant")))?;
        Ok(Response::new(pb::GetGrantResponse { grant: Some(wire::grant(grant, &caller.reference)) }))
    }

    async fn revoke_grant(&self, request: Request<pb::RevokeGrantRequest>) -> Answer<pb::RevokeGrantResponse> {
        let (caller, message) = open(request)?;
        let id = wire::revoked_grant(&message).map_err(status)?;
        let asked = asked_as("RevokeGrant", &message.request_id, &message);
        let granted = self.0.grants(&caller, None).map_err(status)?;
        let granted = granted.into_iter().find(|grant| grant.id == id).ok_or_else(|| status(Error::Absent("grant")))?;
        if granted.until.is_none_or(|until| self.0.clock().now() < until) {
            self.once(&caller, &asked, |caller| self.0.ending_grant(caller, id)).await?;
        }
        let reference = self.0.reference();
        let ended = reference.grants.values().flatten().find(|grant| grant.id == id);
        Ok(Response::new(pb::RevokeGrantResponse { grant: ended.map(|grant| wire::grant(grant, &reference)) }))
    }

    async fn list_grants(&self, request: Request<pb::ListGrantsRequest>) -> Answer<pb::ListGrantsResponse> {
        let (caller, message) = open(request)?;
        let login = ("account", message.account.as_str());
        let narrowing = wire::narrowing("", login, &caller.reference);
        let question = pb::ListGrantsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListGrants", Some(caller.account), &question);
        let ((_, account), page) = both(narrowing, page).map_err(status)?;
        let grants = self.0.grants(&caller, account).map_err(status)?;
        let (grants, next_token) = page.of(grants, |grant| grant.id.0).map_err(status)?;
        let grants = grants.iter().map(|grant| wire::grant(grant, &caller.reference)).collect();
        Ok(Response::new(pb::ListGrantsResponse { grants, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn create_delegation(
        &self,
        request: Request<pb::CreateDelegationRequest>,
    ) -> Answer<pb::CreateDelegationResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateDelegation", &message.request_id, &message);
        let step =
            |caller: &Caller| delegation::new_delegation(&message, &self.0, caller).map(DirectoryStep::Delegation);
        let (id, reference) = self.once(&caller, &asked, step).await?;
        let made = reference.delegations.values().flatten().find(|made| made.id.to_string() == id);
        let delegation = made.map(|made| delegation::delegation(made, &reference));
        Ok(Response::new(pb::CreateDelegationResponse { delegation }))
    }

    async fn get_delegation(&self, request: Request<pb::GetDelegationRequest>) -> Answer<pb::GetDelegationResponse> {
        let (caller, message) = open(request)?;
        let id = delegation::delegation_id(&message.id).map_err(status)?;
        let found = self.0.delegations(&caller, "GetDelegation", None).map_err(status)?;
        let found = found.iter().find(|found| found.id == id).ok_or_else(|| status(Error::Absent("delegation")))?;
        let delegation = Some(delegation::delegation(found, &caller.reference));
        Ok(Response::new(pb::GetDelegationResponse { delegation }))
    }

    async fn list_delegations(
        &self,
        request: Request<pb::ListDelegationsRequest>,
    ) -> Answer<pb::ListDelegationsResponse> {
        let (caller, message) = open(request)?;
        let narrowing = wire::narrowing("", ("account", &message.account), &caller.reference);
        let question = pb::ListDelegationsRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListDelegations", Some(caller.account), &question);
        let ((_, account), page) = both(narrowing, page).map_err(status)?;
        let found = self.0.delegations(&caller, "ListDelegations", account).map_err(status)?;
        let (found, next_token) = page.of(found, |found| found.id.0).map_err(status)?;
        let delegations = found.iter().map(|found| delegation::delegation(found, &caller.reference)).collect();
        Ok(Response::new(pb::ListDelegationsResponse { delegations, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn revoke_delegation(
        &self,
        request: Request<pb::RevokeDelegationRequest>,
    ) -> Answer<pb::RevokeDelegationResponse> {
        let (caller, message) = open(request)?;
        let id = delegation::revoked_delegation(&message).map_err(status)?;
        let asked = asked_as("RevokeDelegation", &message.request_id, &message);
        let found = self.0.delegations(&caller, "RevokeDelegation", None).map_err(status)?;
        let found = found.iter().find(|found| found.id == id).ok_or_else(|| status(Error::Absent("delegation")))?;
        if self.0.clock().now() < found.until {
            self.once(&caller, &asked, |_| Ok(DirectoryStep::RevokeDelegation(id))).await?;
        }
        let reference = self.0.reference();
        let ended = reference.delegations.values().flatten().find(|ended| ended.id == id);
        let delegation = ended.map(|ended| delegation::delegation(ended, &reference));
        Ok(Response::new(pb::RevokeDelegationResponse { delegation }))
    }

    async fn create_token(&self, request: Request<pb::CreateTokenRequest>) -> Answer<pb::CreateTokenResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateToken", &message.request_id, &message);
        let (account, label, days) = wire::new_token(&message, &caller).map_err(status)?;
        let secret = self.0.token_secret(&caller, &asked);
        let step = DirectoryStep::Token(self.0.token_of(&secret, account, label, days));
        // By then its account may be closed.
        let again = |caller: &Caller| wire::new_token(&message, caller).map(|_| step.clone());
        // The secret is told again to one who may have it still.
        self.0.may_direct(&caller, asked.rpc, &step).map_err(status)?;
        let (id, reference) = self.once(&caller, &asked, again).await?;
        let made = reference.tokens.values().find(|token| token.id.to_string() == id);
        let token = made.map(|token| wire::token(token, &reference));
        Ok(Response::new(pb::CreateTokenResponse { token, secret }))
    }

    async fn get_token(&self, request: Request<pb::GetTokenRequest>) -> Answer<pb::GetTokenResponse> {
        let (caller, message) = open(request)?;
        let id = wire::token_id(&message.id).map_err(status)?;
        let token = self.0.token(&caller, id).map_err(status)?;
        Ok(Response::new(pb::GetTokenResponse { token: Some(wire::token(&token, &caller.reference)) }))
    }

    async fn list_tokens(&self, request: Request<pb::ListTokensRequest>) -> Answer<pb::ListTokensResponse> {
        let (caller, message) = open(request)?;
        let login = ("account", message.account.as_str());
        let narrowing = wire::narrowing("", login, &caller.reference);
        let question = pb::ListTokensRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListTokens", Some(caller.account), &question);
        let ((_, account), page) = both(narrowing, page).map_err(status)?;
        let tokens = self.0.tokens(&caller, account).map_err(status)?;
        let (tokens, next_token) = page.of(tokens, |token| token.id.0).map_err(status)?;
        let tokens = tokens.iter().map(|token| wire::token(token, &caller.reference)).collect();
        Ok(Response::new(pb::ListTokensResponse { tokens, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn revoke_token(&self, request: Request<pb::RevokeTokenRequest>) -> Answer<pb::RevokeTokenResponse> {
        let (caller, message) = open(request)?;
        let id = wire::revoked(&message).map_err(status)?;
        let asked = asked_as("RevokeToken", &message.request_id, &message);
        let token = self.0.token(&caller, id).map_err(status)?;
        if token.revoked_at.is_none() {
            self.once(&caller, &asked, |_| Ok(DirectoryStep::RevokeToken(id))).await?;
        }
        let reference = self.0.reference();
        let ended = reference.tokens.values().find(|token| token.id == id);
        Ok(Response::new(pb::RevokeTokenResponse { token: ended.map(|token| wire::token(token, &reference)) }))
    }

    async fn create_field(&self, request: Request<pb::CreateFieldRequest>) -> Answer<pb::CreateFieldResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateField", &message.request_id, &message);
        let step = |caller: &Caller| wire::new_field(&message, &caller.reference).map(DirectoryStep::Field);
        let (code, reference) = self.once(&caller, &asked, step).await?;
        let field = reference.field(&code).cloned().map(publication::field);
        Ok(Response::new(pb::CreateFieldResponse { field }))
    }

    async fn update_field(&self, request: Request<pb::UpdateFieldRequest>) -> Answer<pb::UpdateFieldResponse> {
        let (caller, message) = open(request)?;
        let (code, etag, edit) = routing::field_edit(&message, &caller.reference).map_err(status)?;
        let asked = asked_as("UpdateField", &message.request_id, &message);
        let updated = self.0.update_field(&caller, &asked, (&code, &etag), &edit).await;
        let updated = updated.map_err(wire::within("field")).map_err(status)?;
        let etag = updated.etag();
        Ok(Response::new(pb::UpdateFieldResponse { field: Some(publication::field(updated)), etag }))
    }

    async fn create_routing_rule(
        &self,
        request: Request<pb::CreateRoutingRuleRequest>,
    ) -> Answer<pb::CreateRoutingRuleResponse> {
        let (caller, message) = open(request)?;
        let asked = asked_as("CreateRoutingRule", &message.request_id, &message);
        let step = |caller: &Caller| routing::new_rule(&message, &caller.reference).map(DirectoryStep::Rule);
        let (code, reference) = self.once(&caller, &asked, step).await?;
        let rule = reference.rules.get(&code);
        let etag = rule.map(Rule::etag).unwrap_or_default();
        let rule = rule.map(|rule| routing::rule(rule, &reference));
        Ok(Response::new(pb::CreateRoutingRuleResponse { rule, etag }))
    }

    async fn get_routing_rule(
        &self,
        request: Request<pb::GetRoutingRuleRequest>,
    ) -> Answer<pb::GetRoutingRuleResponse> {
        let (caller, message) = open(request)?;
        let code = wire::sought("code", &message.code).map_err(status)?;
        let rule = self.0.routing_rule(&caller, &code).map_err(status)?;
        let etag = rule.etag();
        Ok(Response::new(pb::GetRoutingRuleResponse { rule: Some(routing::rule(&rule, &caller.reference)), etag }))
    }

    async fn list_routing_rules(
        &self,
        request: Request<pb::ListRoutingRulesRequest>,
    ) -> Answer<pb::ListRoutingRulesResponse> {
        let (caller, message) = open(request)?;
        let narrowing = routing::narrowing(&message, &caller.reference);
        let question = pb::ListRoutingRulesRequest { page: None, ..message.clone() };
        let page = page(message.page.as_ref(), "ListRoutingRules", Some(caller.account), &question);
        let (narrowing, page) = both(narrowing, page).map_err(status)?;
        let rules = self.0.routing_rules(&caller, narrowing, message.ended).map_err(status)?;
        let (rules, next_token) = page.of(rules, |rule| rule.place()).map_err(status)?;
        let rules = rules.iter().map(|rule| routing::rule(rule, &caller.reference)).collect();
        Ok(Response::new(pb::ListRoutingRulesResponse { rules, page: Some(pb::PageInfo { next_token }) }))
    }

    async fn update_routing_rule(
        &self,
        request: Request<pb::UpdateRoutingRuleRequest>,
    ) -> Answer<pb::UpdateRoutingRuleResponse> {
        let (caller, message) = open(request)?;
        let edit = routing::rule_edit(&message, &caller).map_err(status)?;
        let asked = asked_as("UpdateRoutingRule", &message.request_id, &message);
        let updated = self.0.update_rule(&caller, &asked, (&edit.code, &edit.etag), |is| edit.of(is)).await;
        let updated = updated.map_err(wire::within("rule")).map_err(status)?;
        let etag = updated.etag();
        let rule = Some(routing::rule(&updated, &self.0.reference()));
        Ok(Response::new(pb::UpdateRoutingRuleResponse { rule, etag }))
    }

    async fn close_routing_rule(
        &self,
        request: Request<pb::CloseRoutingRuleRequest>,
    ) -> Answer<pb::CloseRoutingRuleResponse> {
        let (caller, message) = open(request)?;
        let (code, until) = routing::closed(&message).map_err(status)?;
        let asked = asked_as("CloseRoutingRule", &message.request_id, &message);
        let closed = self.0.close_rule(&caller, &asked, &code, until).await.map_err(status)?;
        Ok(Response::new(pb::CloseRoutingRuleResponse { rule: Some(routing::rule(&closed, &self.0.reference())) }))
    }

    async fn try_routing_rules(
        &self,
        request: Request<pb::TryRoutingRulesRequest>,
    ) -> Answer<pb::TryRoutingRulesResponse> {
        let (caller, message) = open(request)?;
        let changed = routing::changed(&message, &caller.reference).map_err(status)?;
        let trial = self.0.try_rules(&caller, &changed).await.map_err(status)?;
        Ok(Response::new(routing::trial(&trial, &caller.reference)))
    }

    async fn get_field(&self, request: Request<pb::GetFieldRequest>) -> Answer<pb::GetFieldResponse> {
        let (caller, message) = open(request)?;
        let code = wire::sought("code", &message.code).map_err(status)?;
        caller.may("GetField", When::Always).map_err(status)?;
        let field = caller.reference.field(&code).cloned().ok_or_else(|| status(Error::Absent("field")))?;
        let etag = field.etag();
        Ok(Response::new(pb::GetFieldResponse { field: Some(publication::field(field)), etag }))
    }
}
