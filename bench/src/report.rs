//! The table at the end: what was measured, beside what, and whether it is within its budget.

use std::fmt;
use std::time::Duration;

use integration_tests::Database;

/// What a measured value may be at the most, or must be at the least.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    AtMost(f64),
    AtLeast(f64),
}

impl Budget {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

/// The lines of the table.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<[String; 6]>,
    /// How many budgets were missed, or could not be measured.
    unmet: usize,
}

impl Report {
    /// A ratio to a reference.
    pub fn ratio(&mut self, work: &str, database: Database, pair: (&str, &str), ratio: f64, budget: Budget) {
        let unit = if matches!(budget, Budget::AtMost(_)) { " ×" } else { "" };
        self.judged(work, database, (pair.0.to_owned(), pair.1), ratio, budget, unit);
    }

    /// A value that has no reference.
    pub fn value(&mut self, work: &str, database: Database, (value, unit): (f64, &str), budget: Budget) {
        self.judged(work, database, (String::new(), "–"), value, budget, &format!(" {unit}"));
    }

    /// A value without a budget, for information.
    pub fn note(&mut self, work: &str, database: Database, value: &str) {
        self.push(work, database, [String::new(), "–".to_owned(), value.to_owned(), "–".to_owned()]);
    }

    /// A budget that could not be measured here, and why: nobody can say that it is met.
    pub fn unmeasured(&mut self, work: &str, database: Database, reference: &str, why: &str) {
        self.unmet += 1;
        self.push(work, database, [String::new(), reference.to_owned(), "NOT MEASURED".to_owned(), why.to_owned()]);
    }

    /// Whether every budget was measured and met.
    pub fn is_met(&self) -> bool {
        self.unmet == 0
    }

    fn judged(
        &mut self,
        work: &str,
        database: Database,
        (measured, reference): (String, &str),
        value: f64,
        budget: Budget,
        unit: &str,
    ) {
        let (sign, bound) = match budget {
            Budget::AtMost(bound) => ("≤", bound),
            Budget::AtLeast(bound) => ("≥", bound),
        };
        let met = budget.is_met(value);
        self.unmet += usize::from(!met);
        let verdict = if met { "met" } else { "MISSED" };
        let shown = if unit.trim().len() > 1 && bound > 10.0 {
            format!("{value:.0}{unit}")
        } else {
            format!("{value:.2}{unit}")
        };
        self.push(work, database, [measured, reference.to_owned(), shown, format!("{sign} {bound}{unit}: {verdict}")]);
    }

    fn push(&mut self, work: &str, database: Database, [measured, reference, value, budget]: [String; 4]) {
        let database = format!("{database:?}");
        let line = [work.to_owned(), database, measured, reference, value, budget];
        eprintln!("   {}", line.join(" | "));
        self.lines.push(line);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["work", "database", "measured", "reference", "result", "budget"].map(str::to_owned);
        let mut widths = [0; 6];
        for line in self.lines.iter().chain([&head]) {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let rule = widths.map(|width| "-".repeat(width));
        for line in [&head, &rule].into_iter().chain(&self.lines) {
            for (width, cell) in widths.iter().zip(line) {
                write!(f, "| {cell:<width$} ")?;
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }
}

/// A duration for people.
pub fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.0} ms", time.as_secs_f64() * 1000.0)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}
