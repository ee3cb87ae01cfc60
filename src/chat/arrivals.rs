//! Messages to be read out.

/// What has arrived, for the announcer.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Counts what has been taken to be read out.
    taken: u32,
    is_taken: bool,
    text: String,
}

impl Arrivals {
    /// What comes before the last text was taken is read out together with it.
    pub(super) fn add(&mut self, text: &str) {
        if std::mem::take(&mut self.is_taken) {
            self.taken += 1;
            self.text.clear();
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// What is to be read out in the odd or the even of two places, which take turns: the same words twice in one place
    /// would be no change, and silent.
    pub(super) fn take(&mut self, odd: bool) -> String {
        self.is_taken = true;
        if (self.taken % 2 == 1) == odd { self.text.clone() } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrives_together_is_read_out_together() {
        let mut arrivals = Arrivals::default();
        arrivals.add("one");
        arrivals.add("two");
        assert_eq!([arrivals.take(false), arrivals.take(true)], ["one\ntwo", ""]);
        arrivals.add("three");
        assert_eq!([arrivals.take(false), arrivals.take(true)], ["", "three"]);
        assert_eq!(arrivals.take(true), "three", "read again, it is still the last");
    }
}
