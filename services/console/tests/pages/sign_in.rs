//! Signing in and out.

use reqwest::StatusCode;

use super::HOME;
use crate::common::Desk;
use crate::common::issuer::{self, Issuer};

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_signs_in_once_and_by_a_click_alone() {
    let desk = Desk::open().await;
    let (mut office, mut other) = (desk.visitor(), desk.visitor());
    let page = office.get(HOME).await;
    assert_eq!(page.location, "/login?next=%2Fcounties%2F140525");
    let link = desk.link();
    let path = link.strip_prefix(&desk.address).unwrap();
    // Whatever looks ahead at the link does not use it up.
    office.get(path).await;
    let page = office.get(path).await;
    let proof = page.hidden("proof");
    let page = office
        .post("/login", &[("proof", &proof), ("next", HOME)])
        .await;
    assert_eq!(
        (page.status, page.location.as_str()),
        (StatusCode::SEE_OTHER, HOME)
    );
    assert!(office.get(HOME).await.text.contains("泽州县"));
    let page = other.post("/login", &[("proof", &link)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("已使用或已过期"));
    assert_eq!(other.get(HOME).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_nobody_signs_another_out() {
    let desk = Desk::open().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let key = planner.get(HOME).await.hidden("form_key");
    for page in [
        planner.post("/logout", &[]).await,
        planner.post("/logout", &[("form_key", "guess")]).await,
        planner
            .post_from_elsewhere("/logout", &format!("form_key={key}"))
            .await,
    ] {
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(planner.get(HOME).await.status, StatusCode::OK);
    let mut thief = planner.copy();
    planner.post("/logout", &[("form_key", &key)]).await;
    for visitor in [&mut planner, &mut thief] {
        assert_eq!(visitor.get(HOME).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_in_at_the_issuer_goes_on_by_renewed_tokens_and_signs_out_there() {
    let issuer = Issuer::open().await;
    let desk = Desk::with_issuer(&issuer).await;
    let (mut user, mut other) = (desk.visitor(), desk.visitor());
    assert!(user.get("/login").await.text.contains("统一身份认证登录"));
    let page = user
        .get(&format!("/login/issuer?next={HOME}/schools"))
        .await;
    assert!(page.location.starts_with(issuer.url()), "{}", page.location);
    let back = issuer.signs_in(&page.location);
    // Nobody comes back in another's place, and nobody twice.
    let page = other.get(&back).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = user.get(&back).await;
    assert_eq!(page.location, format!("{HOME}/schools"), "{}", page.text);
    let page = user.get(&back).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&["登录未完成或已过期"]), "{}", page.text);
    assert_eq!(user.get(HOME).await.status, StatusCode::OK);
    assert_eq!(issuer.given(), 1);
    // A token is good for minutes, a session for the day: those who ask at once wait for one renewal.
    desk.house.clock.advance((issuer::SECONDS + 60) * 1_000_000);
    let (mut same, list) = (user.copy(), format!("{HOME}/schools"));
    let (first, second) = tokio::join!(user.get(HOME), same.get(&list));
    assert_eq!(
        (first.status, second.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(issuer.given(), 2);
    let key = first.hidden("form_key");
    assert!(
        first
            .policy
            .contains(&format!("form-action 'self' {}", issuer.url()))
    );
    let page = user.post("/logout", &[("form_key", &key)]).await;
    assert!(
        page.location
            .starts_with(&format!("{}/leave?id_token_hint=", issuer.url())),
        "{}",
        page.location
    );
    assert_eq!(same.get(HOME).await.status, StatusCode::SEE_OTHER);
    // A session that nobody can renew ends with the day.
    let page = other.get("/login/issuer").await;
    let back = issuer.signs_in(&page.location);
    assert_eq!(other.get(&back).await.status, StatusCode::SEE_OTHER);
    desk.house.clock.advance(13 * 3_600_000_000);
    assert_eq!(other.get(HOME).await.status, StatusCode::SEE_OTHER);
}
