//! Repeated measurements and their middle.

use std::time::Duration;

/// Measurements of a subject and of its reference, taken in turns.
#[derive(Debug, Default)]
pub struct Pairs {
    subject: Vec<f64>,
    reference: Vec<f64>,
}

impl Pairs {
    /// Adds one of each, taken one after the other.
    pub fn add(&mut self, subject: f64, reference: f64) {
        self.subject.push(subject);
        self.reference.push(reference);
    }

    /// Adds two durations.
    pub fn add_times(&mut self, subject: Duration, reference: Duration) {
        self.add(subject.as_secs_f64(), reference.as_secs_f64());
    }

    /// The median of the subject, that of the reference, and the median of the ratios of the pairs: what slows the machine
    /// down for a while slows both of a pair.
    pub fn medians(&self) -> (f64, f64, f64) {
        let ratios = self.subject.iter().zip(&self.reference).map(|(subject, reference)| subject / reference);
        (median(self.subject.clone()), median(self.reference.clone()), median(ratios.collect()))
    }

    /// [`Pairs::medians`] of durations, for people.
    pub fn times(&self) -> (Duration, Duration, f64) {
        let (subject, reference, ratio) = self.medians();
        (Duration::from_secs_f64(subject), Duration::from_secs_f64(reference), ratio)
    }
}

/// The middle of values; of an even number the upper one of the middle two.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_the_median_of_the_pairs_ratios() {
        let mut pairs = Pairs::default();
        for (subject, reference) in [(2.0, 1.0), (40.0, 10.0), (3.0, 1.0)] {
            pairs.add(subject, reference);
        }
        assert_eq!(pairs.medians(), (3.0, 1.0, 3.0));
    }
}
