//! A server whose port and process a test knows.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use dudao_platform::rpc::{Link, Proof, TlsFiles, connect};

use super::Desk;

/// A server of its own process. Dropped, it is killed.
pub struct Served {
    process: Child,
    address: String,
    proof: Proof,
}

impl Served {
    /// On a port of its own, once it listens.
    pub fn start(desk: &Desk) -> Self {
        Self::with(desk, &[])
    }

    /// The same with more flags.
    pub fn with(desk: &Desk, flags: &[&str]) -> Self {
        let mut process = desk
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a line");
        let address = line.split_whitespace().last().unwrap_or_default();
        assert!(address.starts_with("http://"), "{line}");
        Self {
            process,
            address: address.to_owned(),
            proof: desk.proof(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// To it, as whoever has the desk's keys.
    pub fn link(&self) -> Link {
        connect(&self.address, &TlsFiles::default(), self.proof.clone()).expect("an address")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // SIGKILL: nothing is put in order.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
