//! The occasions on which the product itself writes to people, and to which templates can be bound.

use serde::{Deserialize, Serialize};

/// A kind of occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OccasionKind {
    /// Keys that were lent and should be back.
    OverdueKeyLoan,
    /// A move-in inspection that should be answered soon, or should have been.
    MoveInInspectionDue,
    /// A statement of points.
    PointsStatement,
    /// Work on a task of a workflow; which one, the `workflow_ref` tells.
    Workflow,
}

impl OccasionKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::OverdueKeyLoan, Self::MoveInInspectionDue, Self::PointsStatement, Self::Workflow];

    /// The word of the API and of the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OverdueKeyLoan => "overdue_key_loan",
            Self::MoveInInspectionDue => "move_in_inspection_due",
            Self::PointsStatement => "points_statement",
            Self::Workflow => "workflow",
        }
    }

    /// Reads the word of the API and of the database.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// One English sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::OverdueKeyLoan => "Keys that were lent to the recipient should be back.",
            Self::MoveInInspectionDue => "The recipient's move-in inspection should be answered.",
            Self::PointsStatement => "The recipient is told of their points.",
            Self::Workflow => "Someone writes to the contact persons of a task, within the workflow of workflow_ref.",
        }
    }

    /// Whether a binding to it says which workflow is meant.
    pub fn takes_workflow_ref(self) -> bool {
        self == Self::Workflow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_by_its_word() {
        for kind in OccasionKind::ALL {
            assert_eq!(OccasionKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(OccasionKind::parse("birthday"), None);
    }
}
