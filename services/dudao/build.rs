//! Of which commit a release is, where nobody says so and the sources are a checkout.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to it by variables")]

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DUDAO_COMMIT");
    // While it is worked on, a commit is no reason to build anything again.
    let released = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if !released || std::env::var("DUDAO_COMMIT").is_ok() {
        return;
    }
    // Of a checkout of ours, and not of whatever it lies in.
    if git(&["rev-parse", "--show-prefix"]).as_deref() != Some("services/dudao/") {
        return;
    }
    if let (Some(commit), Some(log)) = (
        git(&["rev-parse", "HEAD"]),
        git(&["rev-parse", "--git-path", "logs/HEAD"]),
    ) {
        println!("cargo::rerun-if-changed={log}");
        println!("cargo::rustc-env=DUDAO_COMMIT={commit}");
    }
}

fn git(args: &[&str]) -> Option<String> {
    let said = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    said.status.success().then(|| text.trim().to_owned())
}
