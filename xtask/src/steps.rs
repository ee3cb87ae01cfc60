//! A list of named steps, each timed, and a summary whose last line is easy to read for people and for machines.

use std::time::{Duration, Instant};

use crate::shell::{Outcome, fail};

/// How one step ended.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Passed,
    Failed,
    /// A step that it needs had failed.
    NotRun,
}

/// Steps so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, End, Duration)>,
    notes: Vec<String>,
}

impl Steps {
    /// Runs a step. A failure is printed and counted, and the next step still runs: one run shows everything that is
    /// wrong. Says whether it passed.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome) -> bool {
        println!("\n── {name}");
        let start = Instant::now();
        let end = match work() {
            Ok(()) => End::Passed,
            Err(failure) => {
                eprintln!("xtask: {failure}");
                End::Failed
            }
        };
        println!("── {name}: {} in {}", word(end), seconds(start.elapsed()));
        self.done.push((name.to_owned(), end, start.elapsed()));
        end == End::Passed
    }

    /// Runs a step that makes no sense without an earlier one.
    pub(crate) fn step_after(&mut self, ready: bool, name: &str, work: impl FnOnce() -> Outcome) -> bool {
        if ready {
            return self.step(name, work);
        }
        self.done.push((name.to_owned(), End::NotRun, Duration::ZERO));
        false
    }

    /// Something to know that is neither a success nor a failure; printed before the last line.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Prints the summary; fails if any step did.
    pub(crate) fn finish(self) -> Outcome {
        println!("\n── summary");
        for (name, end, took) in &self.done {
            println!("{:>8}  {:>8}  {name}", word(*end), seconds(*took));
        }
        for note in &self.notes {
            println!("note: {note}");
        }
        let last = self.last_line();
        println!("{last}");
        let passed = self.done.iter().all(|(_, end, _)| *end == End::Passed);
        if passed { Ok(()) } else { fail("not everything passed") }
    }

    /// `12 passed, 0 failed`; what could not run because of a failure is named as such.
    fn last_line(&self) -> String {
        let count = |wanted: End| self.done.iter().filter(|(_, end, _)| *end == wanted).count();
        let mut line = format!("{} passed, {} failed", count(End::Passed), count(End::Failed));
        if count(End::NotRun) > 0 {
            line.push_str(&format!(", {} not run", count(End::NotRun)));
        }
        line
    }
}

fn word(end: End) -> &'static str {
    match end {
        End::Passed => "passed",
        End::Failed => "failed",
        End::NotRun => "not run",
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_line_counts_steps() {
        let mut steps = Steps::default();
        assert!(steps.step("a", || Ok(())));
        assert_eq!(steps.last_line(), "1 passed, 0 failed");
        let built = steps.step("b", || fail("no"));
        assert!(!steps.step_after(built, "c", || Ok(())));
        assert_eq!(steps.last_line(), "1 passed, 1 failed, 1 not run");
        assert!(steps.finish().is_err());
    }
}
