//! Tests in a real browser against the release binary.

use crate::shell::{self, Outcome};
use crate::{build, chromium, node};

/// The whole product: server, widget, inbox and shop.
const PRODUCT: &str = "tests/e2e/playwright.config.mjs";

/// The loader alone.
const LOADER: &str = "xtask/loader.playwright.mjs";

/// `e2e [ARGS]`
pub(crate) fn run(args: &[String]) -> Outcome {
    build::everything()?;
    product(args)
}

/// The end-to-end tests alone, on what was built last.
pub(crate) fn product(args: &[String]) -> Outcome {
    playwright(PRODUCT, args)
}

/// The loader's tests in a browser; they need no build.
pub(crate) fn loader() -> Outcome {
    playwright(LOADER, &[])
}

/// The tests learn from the environment which browser and which server.
fn playwright(config: &str, args: &[String]) -> Outcome {
    node::provide()?;
    let browser = chromium::provide()?;
    let mut playwright = node::program("playwright");
    playwright.args(["test", "--config", config]).args(args);
    shell::run(playwright.env("CHROMIUM", browser).env("REJOIN_BIN", build::binary()))
}
