//! Tests in a real browser against the release binary.

use crate::shell::{self, Outcome};
use crate::{build, chromium, node};

const CONFIG: &str = "tests/e2e/playwright.config.mjs";

/// `e2e [ARGS]`
pub(crate) fn run(args: &[String]) -> Outcome {
    build::everything()?;
    playwright(args)
}

/// Playwright alone, on what was built last. The tests learn from the environment which browser and which server.
pub(crate) fn playwright(args: &[String]) -> Outcome {
    node::provide()?;
    let browser = chromium::provide()?;
    let mut playwright = node::program("playwright");
    playwright.args(["test", "--config", CONFIG]).args(args);
    shell::run(playwright.env("CHROMIUM", browser).env("REJOIN_BIN", build::binary()))
}
