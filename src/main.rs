//! The program that the browser starts. What it exports (`mount`) is in the library.

fn main() {
    rejoin_widget::start();
}
