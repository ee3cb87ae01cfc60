//! Many seeded histories. `REJOIN_SIM_SEEDS` says how many, `REJOIN_SIM_FROM` where to begin; a failing seed is
//! printed and belongs into `regressions.txt`. `REJOIN_SIM_WATCH=PAGE` prints every frame of a page (0 to 3).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rejoin_testkit::{Counts, Fault, Options, Report, run};

/// Every so many histories their frames cross the network as JSON.
const JSON_EVERY: u64 = 16;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn history(seed: u64) -> Result<Report, String> {
    let watch = std::env::var("REJOIN_SIM_WATCH").ok().and_then(|page| page.parse().ok());
    run(seed, Options { as_json: seed.is_multiple_of(JSON_EVERY), watch })
}

#[test]
fn histories_with_faults_lose_nothing_double_nothing_and_agree_in_the_end() {
    let (from, seeds) = (number("REJOIN_SIM_FROM", 0), number("REJOIN_SIM_SEEDS", 10_000));
    let (begun, next) = (Instant::now(), AtomicU64::new(from));
    let worker = || {
        let (mut counts, mut messages, mut steps, mut fewest) = (Counts::default(), 0, 0, usize::MAX);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + seeds {
                return Ok((counts, messages, steps, fewest));
            }
            let report = history(seed)?;
            counts.add(&report.faults);
            messages += report.messages;
            steps += report.steps;
            fewest = fewest.min(report.messages);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<Result<_, String>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err("a history panicked".to_owned())))
            .collect()
    });
    let (mut counts, mut messages, mut steps, mut fewest) = (Counts::default(), 0, 0, usize::MAX);
    for result in results {
        let (some, of_them, steps_of_them, fewest_of_them) = result.unwrap_or_else(|wrong| panic!("{wrong}"));
        counts.add(&some);
        messages += of_them;
        steps += steps_of_them;
        fewest = fewest.min(fewest_of_them);
    }
    println!(
        "{seeds} histories from seed {from}, {messages} messages (at least {fewest} in each), {steps} steps, 0 violations, {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    for fault in Fault::ALL {
        println!("  {:<20} {:>9}", format!("{fault:?}"), counts.of(fault));
    }
    if seeds >= 1_000 {
        for fault in Fault::ALL {
            assert!(counts.of(fault) > 0, "{fault:?} never happened: it has tested nothing");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 0..20 {
        let (first, second) = (history(seed), history(seed));
        assert_eq!(format!("{first:?}"), format!("{second:?}"));
    }
}

#[test]
fn old_regressions_stay_mended() {
    for seed in include_str!("regressions.txt")
        .lines()
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
    {
        history(seed).unwrap();
    }
}

/// Switches a guard off and wants to see the simulation fail within a few hundred histories.
fn is_caught(without: impl Fn(&mut dyn FnMut())) -> String {
    for seed in 0..600 {
        let mut wrong = None;
        without(&mut || {
            wrong = std::panic::catch_unwind(|| history(seed).err()).unwrap_or(Some("a panic".to_owned()))
        });
        if let Some(wrong) = wrong {
            return wrong;
        }
    }
    panic!("600 histories with the guard off and nobody noticed");
}

#[test]
fn without_deduplication_it_fails() {
    let wrong = is_caught(|f| rejoin_server::guard::without(rejoin_server::guard::Guard::Dedupe, f));
    println!("caught: {wrong}");
}

#[test]
fn without_the_contiguity_check_it_fails() {
    let wrong = is_caught(|f| rejoin_thread::guard::without(rejoin_thread::guard::Guard::Contiguity, f));
    println!("caught: {wrong}");
}

#[test]
fn without_the_epoch_check_it_fails() {
    use rejoin_server::guard::Guard as Server;
    use rejoin_thread::guard::Guard as Client;
    // Both sides check; either alone heals what the other lets through.
    let wrong = is_caught(|f| {
        rejoin_server::guard::without(Server::Epoch, || rejoin_thread::guard::without(Client::Epoch, f))
    });
    println!("caught: {wrong}");
}
