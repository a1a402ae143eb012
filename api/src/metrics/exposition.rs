//! The text format of Prometheus, version 0.0.4.

use std::fmt::Display;

/// The content type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a family of samples is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, until the process starts anew.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Samples `_bucket`, `_sum` and `_count`.
    Histogram,
    /// Samples `_sum` and `_count`.
    Summary,
}

/// A text being written, family by family.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    family: String,
}

impl Exposition {
    /// Begins a family; the samples that follow are its.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
        };
        self.text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        name.clone_into(&mut self.family);
    }

    /// Writes a sample of the family; `suffix` is empty but for histograms and summaries.
    pub fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.text.push_str(&format!("{}{suffix}{labels} {value}\n", self.family));
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_values_plain() {
        let mut text = Exposition::default();
        text.family("a_seconds", Kind::Summary, "Some help.");
        text.sample("_sum", &[("x", "a\"b\\c\nd"), ("y", "")], 0.25);
        text.sample("_count", &[], 3);
        let wanted = "# HELP a_seconds Some help.\n# TYPE a_seconds summary\n\
                      a_seconds_sum{x=\"a\\\"b\\\\c\\nd\",y=\"\"} 0.25\na_seconds_count 3\n";
        assert_eq!(text.into_text(), wanted);
    }
}
