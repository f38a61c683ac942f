//! Who is calling, and with which keys that is proven: served by every process.

use dudao_proto::auth::v1 as proto;
use proto::sign_in_service_server::SignInService;
use tonic::{Request, Response, Status};

use super::authority::Authority;
use super::principal::Principal;
use crate::clock;
use crate::keys::KeyRing;

#[derive(Clone, Debug)]
pub(super) struct SignIn(pub(super) Authority);

#[tonic::async_trait]
impl SignInService for SignIn {
    async fn redeem_login_code(
        &self,
        request: Request<proto::RedeemLoginCodeRequest>,
    ) -> Result<Response<proto::Token>, Status> {
        let (access_token, expires_us) = self.0.redeem(&request.get_ref().code)?;
        Ok(Response::new(proto::Token {
            access_token,
            expire_time: Some(clock::timestamp(expires_us)),
        }))
    }

    async fn get_caller(
        &self,
        request: Request<proto::GetCallerRequest>,
    ) -> Result<Response<proto::Caller>, Status> {
        let caller = Principal::of(&request)?;
        let who = caller.identity();
        Ok(Response::new(proto::Caller {
            subject: who.subject.clone(),
            roles: who.roles.iter().map(|role| (*role).into()).collect(),
            county_prefix: who.county_prefix.clone(),
            own: who.own.clone(),
            expire_time: who.expires_us.map(clock::timestamp),
        }))
    }

    async fn list_keys(
        &self,
        _: Request<proto::ListKeysRequest>,
    ) -> Result<Response<proto::ListKeysResponse>, Status> {
        let keys = self.0.keys().map(KeyRing::all).unwrap_or_default();
        let keys = keys.iter().map(|key| proto::Key {
            key_id: key.id.clone(),
            public_key: key.public().to_vec(),
            create_time: Some(clock::timestamp(key.created_us)),
            active: !key.retired,
        });
        Ok(Response::new(proto::ListKeysResponse {
            keys: keys.collect(),
        }))
    }
}
