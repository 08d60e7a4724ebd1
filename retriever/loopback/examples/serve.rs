//! Serves until it is stopped, for trying `[index.server]` without a server: nothing outlives the process.
//!
//! ```text
//! cargo run -p citedesk-loopback --example serve
//! ```

#![allow(clippy::print_stdout, reason = "it tells where it is")]

fn main() {
    let server = loopback::Loopback::start();
    println!("{}", server.url());
    loop {
        std::thread::park();
    }
}
