//! `dudao token`.

use std::time::Duration;

use dudao_platform::Clock;
use dudao_platform::rpc;
use serde_json::json;

use crate::args::{Place, Token};
use crate::failure::Result;
use crate::output::{self, say};

/// Works on the installation's keys.
pub fn run(place: &Place, args: Token) -> Result<()> {
    let (keys, clock) = (place.keys()?, Clock::system());
    match args {
        Token::Issue(args) => {
            let grant = args.grant();
            grant.check()?;
            let valid = Duration::from_hours(args.hours.into());
            let (token, _) = rpc::issue(&keys, &clock, &args.subject, grant, valid)?;
            say(token)
        }
        Token::Rotate => {
            let id = keys.rotate(&clock)?;
            say(format_args!(
                "新密钥 {id} 已启用，旧密钥签发的令牌到期前仍有效\nKey {id} signs from now on; tokens of the others hold until they expire."
            ))
        }
        Token::Retire { key } => {
            keys.retire(&key)?;
            say(format_args!("密钥 {key} 已停用 is retired"))
        }
        Token::Keys { output } => {
            let all = keys.all();
            let rows: Vec<_> = all
                .iter()
                .map(|key| {
                    json!({
                        "key": key.id,
                        "made": dudao_platform::clock::day_of(key.created_us).to_string(),
                        "active": !key.retired,
                    })
                })
                .collect();
            output::print(output, &json!({ "keys": rows }), || {
                output::table(
                    &["密钥 key", "生成日期 made", "有效 active"],
                    rows.iter().map(|row| {
                        ["key", "made", "active"]
                            .map(|name| output::text(&row[name]))
                            .to_vec()
                    }),
                )
            })
        }
    }
}
