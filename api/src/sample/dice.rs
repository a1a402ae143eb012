//! The generator's chance: the same seed throws the same numbers on every machine and in every release.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Throws dice. What is done with the numbers is written out here, because the algorithms of `rand` may change.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number from 0 to `end` − 1; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True `percent` times in a hundred.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, each as likely; `None` when there are none.
    pub(super) fn choose<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(choices.len()).unwrap_or(0);
        let at = self.below(count);
        choices.get(usize::try_from(at).unwrap_or(0))
    }

    /// One of `words`, each as likely.
    pub(super) fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.choose(words).copied().unwrap_or_default()
    }

    /// One of `words`, the first ones likelier than the last.
    pub(super) fn common_word(&mut self, words: &[&'static str]) -> &'static str {
        let count = u64::try_from(words.len()).unwrap_or(0);
        let at = self.below(count).min(self.below(count));
        words.get(usize::try_from(at).unwrap_or(0)).copied().unwrap_or_default()
    }
}
