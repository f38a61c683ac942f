//! Who may call an RPC stands in the contract, as its option `dudao.auth.v1.access`. What has none is not served.

use std::collections::HashMap;
use std::sync::Arc;

use dudao_proto::auth::v1::{Role, Scope};
use prost_reflect::DescriptorPool;

use super::principal::{Identity, Width, is_narrow};
use crate::contract::{ACCESS, access};
use crate::error::{Error, Result};

/// What the contract says of every RPC.
#[derive(Clone, Debug)]
pub struct Access(HashMap<Arc<str>, Method>);

/// What the contract says of one RPC.
#[derive(Clone, Debug)]
pub(super) struct Method {
    /// `/package.Service/Method`.
    pub(super) path: Arc<str>,
    /// The same as metrics and traces name it: `package.Service/Method`.
    pub(super) name: Arc<str>,
    roles: Vec<Role>,
    /// Whether it answers with a stream, or takes one: then the default deadline does not hold.
    pub(super) streams: bool,
}

impl Access {
    /// Reads the contract, an encoded `FileDescriptorSet`, and refuses one in which an RPC of the named services does
    /// not say who may call it.
    pub fn check<'a>(
        descriptor: &[u8],
        services: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self> {
        let pool = DescriptorPool::decode(descriptor).map_err(Error::internal)?;
        let option = pool
            .get_extension_by_name(ACCESS)
            .ok_or_else(|| Error::internal(format!("the contract does not define {ACCESS}")))?;
        let mut methods = HashMap::new();
        for name in services {
            let service = pool.get_service_by_name(name).ok_or_else(|| {
                Error::internal(format!("the contract does not know the service {name}"))
            })?;
            for method in service.methods() {
                let access = access(&method, &option);
                if access.roles.is_empty()
                    || access.roles().any(|role| role == Role::Unspecified)
                    || access.scope() == Scope::Unspecified
                {
                    return Err(Error::internal(format!(
                        "{} does not say who may call it: give it the option {ACCESS} with roles and scope",
                        method.full_name()
                    )));
                }
                let method_name = format!("{name}/{}", method.name());
                let path: Arc<str> = format!("/{method_name}").into();
                let method_access = Method {
                    path: Arc::clone(&path),
                    name: method_name.into(),
                    roles: access.roles().collect(),
                    streams: method.is_server_streaming() || method.is_client_streaming(),
                };
                methods.insert(path, method_access);
            }
        }
        Ok(Self(methods))
    }

    /// What is said of an RPC, by its path `/package.Service/Method`.
    pub(super) fn method(&self, path: &str) -> Option<&Method> {
        self.0.get(path)
    }
}

impl Method {
    /// How much a caller sees by this RPC, if one of the caller's roles may call it. What is for the public shows everyone
    /// the same.
    pub(super) fn admit(&self, caller: &Identity) -> Result<Width> {
        let admitted: Vec<Role> = self
            .roles
            .iter()
            .filter(|role| caller.roles.contains(role))
            .copied()
            .collect();
        if self.roles.contains(&Role::Public) {
            Ok(Width::Public)
        } else if admitted.is_empty() {
            Err(if caller.subject.is_empty() {
                Error::Unauthenticated {
                    why: "no proof of who is calling",
                }
            } else {
                Error::RoleMissing {
                    method: self.path.to_string(),
                }
            })
        } else if admitted.iter().all(|role| is_narrow(*role)) {
            Ok(Width::Own(admitted))
        } else {
            Ok(Width::Whole)
        }
    }
}
