//! Every flag with its variable and default, as deploy/README.md has it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command, CommandFactory as _};

use super::Cli;

/// Between which lines it stands.
const MARKS: [&str; 2] = ["<!-- flags -->\n", "<!-- /flags -->\n"];
/// What operators run, beside `serve`.
const COMMANDS: [&str; 7] = [
    "migrate",
    "backup",
    "restore",
    "healthcheck",
    "version",
    "token",
    "audit",
];

/// A table of the flags of a command; those of every command stand in the first.
fn table(command: &Command, wanted: impl Fn(&Arg) -> bool) -> String {
    let mut text = String::new();
    let mut heading = None;
    for arg in command.get_arguments().filter(|arg| wanted(arg)) {
        let own = arg.get_help_heading();
        if heading != Some(own) {
            heading = Some(own);
            let name = own.unwrap_or("flag");
            writeln!(
                text,
                "\n| {name} | variable | default | |\n|---|---|---|---|"
            )
            .expect("a string");
        }
        let name = arg.get_long().map_or_else(
            || format!("`{}`", arg.get_id().as_str().to_uppercase()),
            |long| format!("`--{long}`"),
        );
        let env = arg.get_env().map(|env| format!("`{}`", env.display()));
        let defaults: Vec<_> = arg
            .get_default_values()
            .iter()
            .map(|value| format!("`{}`", value.display()))
            .collect();
        let switch = matches!(arg.get_action(), ArgAction::SetTrue).then(|| "off".to_owned());
        let default = switch.unwrap_or_else(|| defaults.join(", "));
        let help = arg.get_long_help().or(arg.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let help = help
            .split("\n\n")
            .next()
            .unwrap_or_default()
            .replace('|', "\\|");
        writeln!(
            text,
            "| {name} | {} | {default} | {help} |",
            env.unwrap_or_default()
        )
        .expect("a string");
    }
    text
}

/// The whole of it.
fn reference() -> String {
    let mut cli = Cli::command();
    cli.build();
    let shown =
        |arg: &Arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str());
    let mut text = format!("\nOf every command:\n{}", table(&cli, shown));
    let serve = cli.find_subcommand("serve").expect("serve");
    write!(
        text,
        "\nOf `dudao serve`:\n{}",
        table(serve, |arg| shown(arg) && !arg.is_global_set())
    )
    .expect("a string");
    for name in COMMANDS {
        let command = cli.find_subcommand(name).expect("a command");
        let about = command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        let own = table(command, |arg| shown(arg) && !arg.is_global_set());
        write!(text, "\n`dudao {name}`: {about}.\n{own}").expect("a string");
    }
    text + "\n"
}

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/README.md")
}

fn parts(readme: &str) -> (&str, &str, &str) {
    let (before, rest) = readme.split_once(MARKS[0]).expect("where it begins");
    let (found, after) = rest.split_once(MARKS[1]).expect("where it ends");
    (before, found, after)
}

#[test]
fn the_readme_of_deployment_has_every_flag() {
    let text = std::fs::read_to_string(readme()).expect("the README");
    assert!(
        parts(&text).1 == reference(),
        "write it anew: cargo test -p dudao write_every_flag -- --ignored"
    );
}

#[test]
#[ignore = "writes into the sources"]
fn write_every_flag_into_the_readme_of_deployment() {
    let text = std::fs::read_to_string(readme()).expect("the README");
    let (before, _, after) = parts(&text);
    let [begin, end] = MARKS;
    let text = format!("{before}{begin}{}{end}{after}", reference());
    std::fs::write(readme(), text).expect("written");
}
