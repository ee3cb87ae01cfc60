//! The simulation: seeded histories of threads, server and a bad network.

use crate::shell::{self, OrFail as _, Outcome, cargo, fail};

/// Seeds when the caller names none.
const SEEDS_DEFAULT: u64 = 10_000;

/// `sim [--seeds N] [--from S]`
pub(crate) fn run(args: &[String]) -> Outcome {
    let (from, count) = parse(args)?;
    seeds(from, count)
}

/// Runs `count` histories, beginning with seed `from`. Optimised: the work is the same as in the browser and server,
/// many thousand times.
pub(crate) fn seeds(from: u64, count: u64) -> Outcome {
    let args = ["test", "--locked", "--release", "--package", "rejoin-testkit", "--test", "simulation"];
    let mut test = cargo(args);
    test.args(["--", "--nocapture"]);
    test.env("REJOIN_SIM_SEEDS", count.to_string()).env("REJOIN_SIM_FROM", from.to_string());
    shell::run(&mut test)
}

fn parse(args: &[String]) -> Outcome<(u64, u64)> {
    let (mut from, mut count) = (0, SEEDS_DEFAULT);
    let mut args = args.iter();
    while let Some(name) = args.next() {
        let Some(value) = args.next() else {
            return fail(format!("`{name}` needs a number"));
        };
        let number = value.replace('_', "").parse::<u64>().or_fail(format_args!("`{name} {value}`"))?;
        match name.as_str() {
            "--seeds" => count = number,
            "--from" => from = number,
            _ => return fail(format!("`sim` knows --seeds and --from, not `{name}`")),
        }
    }
    Ok((from, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<(u64, u64)> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).ok()
    }

    #[test]
    fn arguments() {
        assert_eq!(parsed(""), Some((0, SEEDS_DEFAULT)));
        assert_eq!(parsed("--from 7 --seeds 1_000"), Some((7, 1000)));
        assert_eq!(parsed("--seeds"), None);
        assert_eq!(parsed("--seeds many"), None);
        assert_eq!(parsed("--sed 1"), None);
    }
}
