//! Proofs of who calls: tokens of the own keys and of an issuer, login links, client certificates; and what is no proof.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth::sign_in_service_client::SignInServiceClient;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dudao_platform::limited;
use dudao_platform::rpc::{self, Grant, Link, OidcSettings, Proof, TlsFiles};
use dudao_platform::testing::Scratch;
use dudao_platform::testing::certificates::Authority;
use dudao_proto::auth::v1 as auth;
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, Doors, House};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use registry::county_service_client::CountyServiceClient;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use serde_json::{Value, json};
use tonic::{Code, Status};

async fn house(doors: Doors) -> House {
    let scratch = Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
    House::behind(scratch, doors).await
}

fn planner() -> Grant {
    Grant {
        roles: vec!["planner".to_owned()],
        county: "140525".to_owned(),
        own: Vec::new(),
    }
}

async fn caller(link: &Link) -> Result<auth::Caller, Status> {
    limited!(SignInServiceClient::new(link.clone()))
        .get_caller(auth::GetCallerRequest {})
        .await
        .map(tonic::Response::into_inner)
}

/// What becomes of a token at an RPC that is not for everyone.
async fn try_token(house: &House, token: &str) -> Result<(), Code> {
    let link = house.outside(Proof::Token(token.into()));
    let request = registry::ListCountiesRequest::default();
    let answer = limited!(CountyServiceClient::new(link))
        .list_counties(request)
        .await;
    answer.map(drop).map_err(|status| status.code())
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token's header and claims.
fn parts(token: &str) -> (Value, Value) {
    let read = |at: usize| {
        let part = token.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    (read(0), read(1))
}

fn signed(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

#[tokio::test]
async fn a_token_holds_only_as_it_was_signed() {
    let house = house(Doors::default()).await;
    let token = house.token("李干事", planner());
    assert_eq!(try_token(&house, &token).await, Ok(()));
    let (header, claims) = parts(&token);
    let key = house.keys.newest().unwrap();
    let ours = |message: &[u8]| key.sign(message);
    assert_eq!(
        try_token(&house, &signed(&header, &claims, ours)).await,
        Ok(()),
        "the forger knows the form"
    );

    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let foreign = Ed25519KeyPair::from_pkcs8(
        Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .unwrap()
            .as_ref(),
    )
    .unwrap();
    let public = key.public().to_vec();
    let hmac = |message: &[u8]| {
        let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public);
        ring::hmac::sign(&secret, message).as_ref().to_vec()
    };
    let other = |algorithm: &str| json!({"alg": algorithm, "typ": "JWT", "kid": header["kid"]});
    let (body, end) = token.rsplit_once('.').unwrap();
    let mut wider = claims.clone();
    wider["dudao"]["county"] = json!("*");
    let forged = [
        ("no signature", format!("{body}.")),
        ("none", signed(&other("none"), &claims, |_| Vec::new())),
        ("None", signed(&other("nOnE"), &claims, |_| Vec::new())),
        (
            "the public key as a secret",
            signed(&other("HS256"), &claims, hmac),
        ),
        (
            "another algorithm's name",
            signed(&other("RS256"), &claims, ours),
        ),
        (
            "a foreign key under our name",
            signed(&header, &claims, |message| {
                foreign.sign(message).as_ref().to_vec()
            }),
        ),
        (
            "an unknown key",
            signed(
                &json!({"alg": "EdDSA", "kid": "../../etc/passwd"}),
                &claims,
                ours,
            ),
        ),
        ("no key", signed(&json!({"alg": "EdDSA"}), &claims, ours)),
        (
            "other claims",
            format!("{}.{}.{end}", part(&header), part(&wider)),
        ),
        (
            "another audience",
            signed(&header, &with("aud", json!("other")), ours),
        ),
        (
            "another issuer",
            signed(&header, &with("iss", json!("other")), ours),
        ),
        (
            "expired",
            signed(
                &header,
                &with("exp", json!(claims["iat"].as_i64().unwrap() - 60)),
                ours,
            ),
        ),
        (
            "not yet",
            signed(&header, &with("nbf", json!(claims["exp"])), ours),
        ),
        ("nobody", signed(&header, &with("sub", json!("")), ours)),
        (
            "a line break in the name",
            signed(&header, &with("sub", json!("a\nb")), ours),
        ),
        (
            "a county that is none",
            signed(
                &header,
                &with("dudao", json!({"roles": ["planner"], "county": "1405/"})),
                ours,
            ),
        ),
        (
            "an own out of its county",
            signed(
                &header,
                &with(
                    "dudao",
                    json!({"roles": ["school"], "county": "140525", "own": ["counties/140526/schools/S1"]}),
                ),
                ours,
            ),
        ),
        (
            "endless",
            signed(&header, &with("sub", json!("a".repeat(9_000))), ours),
        ),
        ("noise", "a.b.c".to_owned()),
    ];
    for (what, token) in forged {
        assert_eq!(
            try_token(&house, &token).await,
            Err(Code::Unauthenticated),
            "{what}"
        );
    }
}

#[tokio::test]
async fn keys_rotate_without_a_restart_and_a_retired_one_is_taken_no_more() {
    let house = house(Doors::default()).await;
    let old = house.token("李干事", planner());
    let first = house.keys.newest().unwrap().id.clone();
    house.clock.advance(1);
    house.keys.rotate(&house.clock).unwrap();
    let new = house.token("李干事", planner());
    assert_ne!(parts(&old).0["kid"], parts(&new).0["kid"]);
    assert_eq!(
        try_token(&house, &old).await,
        Ok(()),
        "those before it are still taken"
    );
    assert_eq!(try_token(&house, &new).await, Ok(()));
    house.keys.retire(&first).unwrap();
    assert_eq!(try_token(&house, &old).await, Err(Code::Unauthenticated));
    assert_eq!(try_token(&house, &new).await, Ok(()));
}

#[tokio::test]
async fn a_login_link_is_good_once_and_for_a_quarter_of_an_hour() {
    let house = house(Doors::default()).await;
    let nobody = house.outside(Proof::Connection);
    let mut sign_in = limited!(SignInServiceClient::new(nobody));
    let mut redeem = async |code: &str| {
        let request = auth::RedeemLoginCodeRequest {
            code: code.to_owned(),
        };
        sign_in
            .redeem_login_code(request)
            .await
            .map(tonic::Response::into_inner)
    };
    let code = house.authority.login_code("李干事", planner()).unwrap();
    let answer = redeem(&code).await.unwrap();
    let who = caller(&house.outside(Proof::Token(answer.access_token.into())))
        .await
        .unwrap();
    assert_eq!(
        (who.subject.as_str(), who.county_prefix.as_str()),
        ("李干事", "140525")
    );
    assert_eq!(
        redeem(&code).await.unwrap_err().code(),
        Code::Unauthenticated,
        "the second time"
    );
    let late = house.authority.login_code("李干事", planner()).unwrap();
    house
        .clock
        .advance((rpc::LOGIN_MINUTES as i64 + 1) * 60_000_000);
    assert_eq!(
        redeem(&late).await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

/// An issuer's key, and how tokens by it read.
struct Signer {
    kid: &'static str,
    der: Vec<u8>,
    jwk: Value,
}

impl Signer {
    fn new(kid: &'static str) -> Self {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random)
                .unwrap();
        let point = pair.public_key().as_ref();
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
        });
        Self {
            kid,
            der: der.as_ref().to_vec(),
            jwk,
        }
    }

    fn token(&self, issuer: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.to_owned());
        let mut all =
            json!({"iss": issuer, "aud": "dudao", "sub": "zhang", "exp": 4_000_000_000_u64});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        jsonwebtoken::encode(&header, &all, &EncodingKey::from_ec_der(&self.der)).unwrap()
    }
}

/// An issuer that publishes the keys it is given.
async fn issuer() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let keys = Arc::new(Mutex::new(Vec::new()));
    let (published, base) = (Arc::clone(&keys), url.clone());
    let discovery = json!({"issuer": base, "jwks_uri": format!("{base}/keys")}).to_string();
    let routes = axum::Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(async move || discovery),
        )
        .route(
            "/keys",
            get(async move || json!({"keys": *published.lock().unwrap()}).to_string()),
        );
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, keys)
}

#[tokio::test]
async fn tokens_of_an_issuer_are_taken_by_its_published_keys_and_its_new_ones() {
    let (url, published) = issuer().await;
    let first = Signer::new("k1");
    published.lock().unwrap().push(first.jwk.clone());
    let settings = OidcSettings {
        issuer: url.clone(),
        audience: "dudao".to_owned(),
        claim: "dudao".to_owned(),
        ca: None,
    };
    let house = house(Doors {
        oidc: Some(settings),
        ..Doors::default()
    })
    .await;
    let grant = json!({"dudao": {"roles": ["planner", "something-else"], "county": "140525"}});
    let token = first.token(&url, &grant);
    assert_eq!(try_token(&house, &token).await, Ok(()));
    let who = caller(&house.outside(Proof::Token(token.into())))
        .await
        .unwrap();
    assert_eq!(
        who.roles,
        [i32::from(auth::Role::Planner)],
        "roles that are none of ours are passed over"
    );

    let refused = Err(Code::Unauthenticated);
    let service = json!({"dudao": {"roles": ["service"], "county": "*"}});
    assert_eq!(
        try_token(&house, &first.token(&url, &service)).await,
        Err(Code::PermissionDenied),
        "nobody is a service by a token from outside"
    );
    assert_eq!(
        try_token(&house, &first.token("http://other", &grant)).await,
        refused
    );
    let mut other = grant.clone();
    other["aud"] = json!("another");
    assert_eq!(try_token(&house, &first.token(&url, &other)).await, refused);
    let county = json!({"dudao": {"roles": ["planner"], "county": "1"}});
    assert_eq!(
        try_token(&house, &first.token(&url, &county)).await,
        refused
    );
    // The public key as the secret of another algorithm.
    let (_, claims) = parts(&first.token(&url, &grant));
    let confused = signed(&json!({"alg": "HS256", "kid": "k1"}), &claims, |message| {
        let secret = ring::hmac::Key::new(
            ring::hmac::HMAC_SHA256,
            first.jwk["x"].as_str().unwrap().as_bytes(),
        );
        ring::hmac::sign(&secret, message).as_ref().to_vec()
    });
    assert_eq!(try_token(&house, &confused).await, refused);

    let second = Signer::new("k2");
    assert_eq!(
        try_token(&house, &second.token(&url, &grant)).await,
        refused
    );
    published.lock().unwrap().push(second.jwk.clone());
    tokio::time::sleep(Duration::from_millis(10_200)).await;
    assert_eq!(
        try_token(&house, &second.token(&url, &grant)).await,
        Ok(()),
        "the issuer has rotated"
    );
}

#[tokio::test]
async fn a_platform_proves_itself_by_its_certificate_if_the_list_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let server = authority.certify("server", &["127.0.0.1"]);
    let province = authority.certify("province", &["platform.shanxi.example.cn"]);
    let stranger = authority.certify("stranger", &["stranger.example.cn"]);
    let other = tempfile::tempdir().unwrap();
    let forger = Authority::new(other.path()).certify("province", &["platform.shanxi.example.cn"]);
    let forger = TlsFiles {
        ca: server.ca.clone(),
        ..forger
    };
    let peers = folder.path().join("peers.toml");
    std::fs::write(&peers, "[[peer]]\nsan = \"platform.shanxi.example.cn\"\nroles = [\"superior_reader\"]\ncounty = \"14\"\n").unwrap();
    let house = house(Doors {
        tls: server.clone(),
        peers: Some(peers.clone()),
        ..Doors::default()
    })
    .await;
    let by = |files: &TlsFiles| rpc::connect(&house.address, files, Proof::Connection).unwrap();

    let who = caller(&by(&province)).await.unwrap();
    assert_eq!(
        (who.subject.as_str(), who.county_prefix.as_str()),
        ("platform.shanxi.example.cn", "14")
    );
    assert_eq!(
        caller(&by(&stranger)).await.unwrap_err().code(),
        Code::Unauthenticated,
        "it is not on the list"
    );
    let outcome = caller(&by(&forger)).await.map_err(|status| status.code());
    assert!(
        matches!(outcome, Err(Code::Unavailable | Code::Unknown)),
        "a certificate of another authority ends the handshake: {outcome:?}"
    );
    let without = TlsFiles {
        ca: server.ca.clone(),
        ..TlsFiles::default()
    };
    let token = house.token("李干事", planner());
    let by_token = rpc::connect(&house.address, &without, Proof::Token(token.into())).unwrap();
    assert_eq!(
        caller(&by_token).await.unwrap().subject,
        "李干事",
        "a token will do without a certificate"
    );
    // The list changes while the server runs.
    std::fs::write(
        &peers,
        "[[peer]]\nsan = \"stranger.example.cn\"\nroles = [\"auditor\"]\ncounty = \"*\"\n",
    )
    .unwrap();
    dudao_tests::eventually(|| async { caller(&by(&stranger)).await.ok() }).await;
    assert_eq!(
        caller(&by(&province)).await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn a_new_certificate_is_shown_to_new_connections_and_the_old_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let first = Authority::new(folder.path());
    let files = first.certify("server", &["127.0.0.1"]);
    let kept = tempfile::tempdir().unwrap();
    let old_ca = kept.path().join("ca.pem");
    std::fs::copy(folder.path().join("ca.pem"), &old_ca).unwrap();
    let house = house(Doors {
        tls: files,
        ..Doors::default()
    })
    .await;
    let trusting = |ca: &std::path::Path| {
        let files = TlsFiles {
            ca: Some(ca.to_owned()),
            ..TlsFiles::default()
        };
        let token = house.token("李干事", planner());
        rpc::connect(&house.address, &files, Proof::Token(token.into())).unwrap()
    };
    let standing = trusting(&old_ca);
    caller(&standing).await.unwrap();
    let new_ca = folder.path().join("ca.pem");
    Authority::new(folder.path()).certify("server", &["127.0.0.1"]);
    dudao_tests::eventually(|| async { caller(&trusting(&new_ca)).await.ok() }).await;
    assert!(
        caller(&trusting(&old_ca)).await.is_err(),
        "the old authority does not vouch for it"
    );
    caller(&standing).await.unwrap();
}

#[tokio::test]
async fn what_is_another_countys_is_not_found_and_what_is_nobodys_is_refused() {
    let house = house(Doors::default()).await;
    let elsewhere = house.caller("邻县", &["planner"], "140526", &[]);
    let request = registry::GetCountyRequest {
        name: COUNTY.to_owned(),
    };
    let answer = limited!(CountyServiceClient::new(elsewhere))
        .get_county(request)
        .await;
    assert_eq!(answer.unwrap_err().code(), Code::NotFound);
    let nobody = house.outside(Proof::Connection);
    assert_eq!(caller(&nobody).await.unwrap().subject, "");
    let request = registry::ListCountiesRequest::default();
    let answer = limited!(CountyServiceClient::new(nobody))
        .list_counties(request)
        .await;
    assert_eq!(answer.unwrap_err().code(), Code::Unauthenticated);
}
