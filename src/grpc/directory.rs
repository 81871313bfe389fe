//! DirectoryService.

use tonic::{Request, Response, Status};

use super::{
    Answer,
    caller::open,
    status::status,
    wire::{directory as wire, publication},
};
use crate::{
    app::{App, Caller, DirectoryStep, Error},
    domain::words::Role,
    pb::{self, directory_service_server::DirectoryService},
};

/// The service.
#[derive(Debug, Clone)]
pub(super) struct Directory(pub(super) App);

impl Directory {
    async fn take(&self, caller: &Caller, step: DirectoryStep) -> Result<(), Status> {
        self.0.direct(caller, step).await.map_err(status)
    }
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn create_unit(&self, request: Request<pb::CreateUnitRequest>) -> Answer<pb::CreateUnitResponse> {
        let (caller, message) = open(request)?;
        let unit = wire::new_unit(&message, &self.0, &caller).map_err(status)?;
        self.take(&caller, DirectoryStep::Unit(unit.clone())).await?;
        Ok(Response::new(pb::CreateUnitResponse { unit: Some(wire::unit(&unit, &caller.reference)) }))
    }

    async fn get_unit(&self, request: Request<pb::GetUnitRequest>) -> Answer<pb::GetUnitResponse> {
        let (caller, message) = open(request)?;
        let code = wire::sought("code", &message.code).map_err(status)?;
        let unit = self.0.unit(&caller, &code).map_err(status)?;
        Ok(Response::new(pb::GetUnitResponse { unit: Some(wire::unit(&unit, &caller.reference)) }))
    }

    async fn list_units(&self, request: Request<pb::ListUnitsRequest>) -> Answer<pb::ListUnitsResponse> {
        let (caller, _) = open(request)?;
        let units = caller.reference.units.all().map(|unit| wire::unit(unit, &caller.reference)).collect();
        Ok(Response::new(pb::ListUnitsResponse { units }))
    }

    async fn create_account(&self, request: Request<pb::CreateAccountRequest>) -> Answer<pb::CreateAccountResponse> {
        let (caller, message) = open(request)?;
        let account = wire::new_account(&message, &self.0, &caller).map_err(status)?;
        self.take(&caller, DirectoryStep::Account(account.clone())).await?;
        let account = Some(wire::account(&account, &caller.reference));
        Ok(Response::new(pb::CreateAccountResponse { account }))
    }

    async fn get_account(&self, request: Request<pb::GetAccountRequest>) -> Answer<pb::GetAccountResponse> {
        let (caller, message) = open(request)?;
        let login = wire::sought("login", &message.login).map_err(status)?;
        let (account, grants) = self.0.account(&caller, &login).map_err(status)?;
        Ok(Response::new(pb::GetAccountResponse {
            account: Some(wire::account(&account, &caller.reference)),
            grants: grants.iter().map(|grant| wire::grant(grant, &caller.reference)).collect(),
        }))
    }

    async fn list_accounts(&self, request: Request<pb::ListAccountsRequest>) -> Answer<pb::ListAccountsResponse> {
        let (caller, message) = open(request)?;
        let (unit, _) = wire::narrowing(&message.unit, ("account", ""), &caller.reference).map_err(status)?;
        let accounts = self.0.accounts(&caller, unit).map_err(status)?;
        let accounts = accounts.iter().map(|account| wire::account(account, &caller.reference)).collect();
        Ok(Response::new(pb::ListAccountsResponse { accounts }))
    }

    async fn create_grant(&self, request: Request<pb::CreateGrantRequest>) -> Answer<pb::CreateGrantResponse> {
        let (caller, message) = open(request)?;
        let grant = wire::new_grant(&message, &self.0, &caller).map_err(status)?;
        self.take(&caller, DirectoryStep::Grant(grant)).await?;
        Ok(Response::new(pb::CreateGrantResponse { grant: Some(wire::grant(&grant, &caller.reference)) }))
    }

    async fn get_grant(&self, request: Request<pb::GetGrantRequest>) -> Answer<pb::GetGrantResponse> {
        let (caller, message) = open(request)?;
        let id = wire::grant_id(&message.id).map_err(status)?;
        let grants = self.0.grants(&caller, None).map_err(status)?;
        let grant = grants.iter().find(|grant| grant.id == id).ok_or_else(|| status(Error::Absent("grant")))?;
        Ok(Response::new(pb::GetGrantResponse { grant: Some(wire::grant(grant, &caller.reference)) }))
    }

    async fn list_grants(&self, request: Request<pb::ListGrantsRequest>) -> Answer<pb::ListGrantsResponse> {
        let (caller, message) = open(request)?;
        let login = ("account", message.account.as_str());
        let (_, account) = wire::narrowing("", login, &caller.reference).map_err(status)?;
        let grants = self.0.grants(&caller, account).map_err(status)?;
        let grants = grants.iter().map(|grant| wire::grant(grant, &caller.reference)).collect();
        Ok(Response::new(pb::ListGrantsResponse { grants }))
    }

    async fn create_token(&self, request: Request<pb::CreateTokenRequest>) -> Answer<pb::CreateTokenResponse> {
        let (caller, message) = open(request)?;
        let (account, label, days) = wire::new_token(&message, &caller).map_err(status)?;
        let (token, secret) = self.0.new_token(account, label, days);
        self.take(&caller, DirectoryStep::Token(token.clone())).await?;
        let token = Some(wire::token(&token, &caller.reference));
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
        let (_, account) = wire::narrowing("", login, &caller.reference).map_err(status)?;
        let tokens = self.0.tokens(&caller, account).map_err(status)?;
        let tokens = tokens.iter().map(|token| wire::token(token, &caller.reference)).collect();
        Ok(Response::new(pb::ListTokensResponse { tokens }))
    }

    async fn revoke_token(&self, request: Request<pb::RevokeTokenRequest>) -> Answer<pb::RevokeTokenResponse> {
        let (caller, message) = open(request)?;
        let id = wire::token_id(&message.id).map_err(status)?;
        let mut token = self.0.token(&caller, id).map_err(status)?;
        if token.revoked_at.is_none() {
            self.take(&caller, DirectoryStep::RevokeToken(id)).await?;
            token.revoked_at = Some(self.0.clock().now());
        }
        Ok(Response::new(pb::RevokeTokenResponse { token: Some(wire::token(&token, &caller.reference)) }))
    }

    async fn create_field(&self, request: Request<pb::CreateFieldRequest>) -> Answer<pb::CreateFieldResponse> {
        let (caller, message) = open(request)?;
        let field = wire::new_field(&message, &caller.reference).map_err(status)?;
        self.take(&caller, DirectoryStep::Field(field.clone())).await?;
        Ok(Response::new(pb::CreateFieldResponse { field: Some(publication::field(field)) }))
    }

    async fn get_field(&self, request: Request<pb::GetFieldRequest>) -> Answer<pb::GetFieldResponse> {
        let (caller, message) = open(request)?;
        let code = wire::sought("code", &message.code).map_err(status)?;
        if !caller.actor.has(Role::Administrator) {
            return Err(status(Error::Absent("field")));
        }
        let field = caller.reference.field(&code).cloned().ok_or_else(|| status(Error::Absent("field")))?;
        Ok(Response::new(pb::GetFieldResponse { field: Some(publication::field(field)) }))
    }
}
