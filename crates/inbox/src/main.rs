//! The inbox as a program of the browser.

fn main() {
    rejoin_inbox::start();
}
