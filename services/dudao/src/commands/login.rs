//! `dudao login`, and how commands prove who calls.

use std::collections::BTreeMap;
use std::path::Path;

use dudao_platform::keys::{KeyRing, write_secret};
use dudao_platform::rpc::{self, Minted, Proof};
use dudao_platform::{Clock, limited};
use dudao_proto::auth::v1::sign_in_service_client::SignInServiceClient;
use dudao_proto::auth::v1::{GetCallerRequest, RedeemLoginCodeRequest};

use crate::args::{Login, Place};
use crate::failure::{Failure, Result};
use crate::output::say;

/// Where in a link the code stands.
const CODE: &str = "/login?code=";

/// The one-time link of a server.
pub fn link(server: &str, code: &str) -> String {
    format!("{server}{CODE}{code}")
}

/// Exchanges the link for a token, and keeps it.
pub async fn run(place: &Place, args: &Login) -> Result<()> {
    let (server, code) = args.link.split_once(CODE).ok_or_else(|| {
        Failure::Input(
            "登录链接形如 http://127.0.0.1:50051/login?code=…，由服务启动时打印\n\
             The link looks like http://127.0.0.1:50051/login?code=…; the server prints it when it starts."
                .into(),
        )
    })?;
    let unknown = rpc::connect(server, &place.identity.tls(), Proof::Connection)?;
    let token = limited!(SignInServiceClient::new(unknown.clone()))
        .redeem_login_code(RedeemLoginCodeRequest {
            code: code.to_owned(),
        })
        .await?
        .into_inner()
        .access_token;
    let known = unknown.proving(Proof::Token(token.as_str().into()));
    let caller = limited!(SignInServiceClient::new(known))
        .get_caller(GetCallerRequest {})
        .await?
        .into_inner();
    let file = place.identity.tokens_file()?;
    let mut tokens = read(&file)?;
    tokens.insert(server.to_owned(), token);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::Other(error.to_string()))?;
    }
    write_secret(&file, &serde_json::to_string_pretty(&tokens)?)?;
    say(format_args!(
        "已登录 signed in to {server} as {}；现在可用 now use: dudao --server {server} …",
        caller.subject
    ))
}

/// How a command proves who calls a server: by its certificate, a token given or kept, or by keys on this machine.
pub fn proof(place: &Place, server: &str) -> Result<Proof> {
    if let Some(token) = &place.identity.token {
        return Ok(Proof::Token(token.as_str().into()));
    }
    if place.identity.tls_cert.is_some() {
        return Ok(Proof::Connection);
    }
    let kept = place.identity.tokens_file().and_then(|file| read(&file));
    if let Some(token) = kept.unwrap_or_default().remove(server) {
        return Ok(Proof::Token(token.into()));
    }
    let folder = place.identity.keys_folder(&place.data);
    if folder.is_dir() {
        let keys = KeyRing::open(&folder, &Clock::system())?;
        return Ok(Proof::Keys(Minted::new(keys, Clock::system())));
    }
    Ok(Proof::Connection)
}

fn read(file: &Path) -> Result<BTreeMap<String, String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(serde_json::from_str(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(Failure::Other(format!("{}: {error}", file.display()))),
    }
}
