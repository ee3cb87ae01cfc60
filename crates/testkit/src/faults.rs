//! What goes wrong, how often, and a count of it: a fault that never happened has tested nothing.

use rejoin_thread::Rng;

/// Everything that can go wrong in a simulated history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Fault {
    /// A frame vanishes.
    FrameDropped,
    /// A frame comes twice.
    FrameDoubled,
    /// A frame is overtaken by later ones.
    FrameReordered,
    /// A connection is cut and both ends are told.
    Cut,
    /// A connection is cut and nobody is told.
    CutSilently,
    /// A connection carries frames one way only.
    OneWay,
    /// A socket is refused.
    Refused,
    /// The server dies before a question reaches the store.
    CrashBeforeCommit,
    /// The server dies after the commit, before anybody hears of it.
    CrashAfterCommit,
    /// The server goes away in good order and asks its clients to come back.
    Drained,
    /// The data directory is replaced by an older backup.
    Restored,
    /// The store fails to answer.
    StoreFailed,
    /// The bus loses a note.
    NoteLost,
    /// The bus delivers a note twice.
    NoteDoubled,
    /// The bus delivers notes out of order.
    NoteReordered,
    /// A tab dies and is opened again.
    TabCrashed,
    /// A tab dies while it is writing.
    TabCrashedWriting,
    /// A page is frozen for the back button, and comes back.
    PageFrozen,
    /// A write to the browser's storage fails.
    WriteFailed,
    /// A device's clock is wrong by up to a day.
    ClockSkewed,
}

impl Fault {
    /// All of them, in order.
    pub const ALL: [Fault; 20] = [
        Fault::FrameDropped,
        Fault::FrameDoubled,
        Fault::FrameReordered,
        Fault::Cut,
        Fault::CutSilently,
        Fault::OneWay,
        Fault::Refused,
        Fault::CrashBeforeCommit,
        Fault::CrashAfterCommit,
        Fault::Drained,
        Fault::Restored,
        Fault::StoreFailed,
        Fault::NoteLost,
        Fault::NoteDoubled,
        Fault::NoteReordered,
        Fault::TabCrashed,
        Fault::TabCrashedWriting,
        Fault::PageFrozen,
        Fault::WriteFailed,
        Fault::ClockSkewed,
    ];

    /// The chance of it each time it could happen, in a hundred thousand.
    const fn chance(self) -> u64 {
        match self {
            Fault::FrameDropped | Fault::FrameDoubled | Fault::FrameReordered => 1_500,
            Fault::NoteLost | Fault::NoteDoubled | Fault::NoteReordered => 4_000,
            Fault::StoreFailed => 600,
            Fault::CrashBeforeCommit | Fault::CrashAfterCommit => 300,
            Fault::Refused => 10_000,
            Fault::WriteFailed | Fault::TabCrashedWriting => 1_500,
            Fault::ClockSkewed => 20_000,
            // Drawn once per step of the people.
            Fault::Cut | Fault::CutSilently | Fault::OneWay => 2_500,
            Fault::TabCrashed | Fault::PageFrozen => 2_000,
            Fault::Drained | Fault::Restored => 700,
        }
    }
}

/// How often each fault happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Fault::ALL.len()]);

impl Counts {
    /// How often this one happened.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// Adds another history's counts.
    pub fn add(&mut self, other: &Counts) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

/// Decides what goes wrong. Each history has a mood per fault (never, rarely, often), so that rare combinations
/// are met as well as a bit of everything.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    rng: Rng,
    moods: [u64; Fault::ALL.len()],
    counts: Counts,
    quiet: bool,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut rng = Rng::new(seed);
        let moods = std::array::from_fn(|_| [0, 1, 1, 3][rng.below(4) as usize]);
        Dice { rng, moods, counts: Counts::default(), quiet: false }
    }

    /// Whether it happens now.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let mood = self.moods[fault as usize];
        let strikes = !self.quiet && self.rng.below(100_000) < fault.chance() * mood;
        self.counts.0[fault as usize] += u64::from(strikes);
        strikes
    }

    /// From now on nothing goes wrong.
    pub(crate) fn hush(&mut self) {
        self.quiet = true;
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(crate) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }
}
