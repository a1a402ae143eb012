//! What an import changed.

use std::fmt;

use persistence::register::Upserted;
use serde::{Deserialize, Serialize};

/// What an import did with the rows of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCounts {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Roles and contracts ended, parties archived, key loans and inspections closed, because the files lack them.
    pub ended: u64,
}

impl std::ops::AddAssign<Upserted> for KindCounts {
    fn add_assign(&mut self, Upserted { added, changed, unchanged }: Upserted) {
        self.added += added;
        self.changed += changed;
        self.unchanged += unchanged;
    }
}

/// What an import changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub parties: KindCounts,
    pub properties: KindCounts,
    pub contracts: KindCounts,
    pub roles: KindCounts,
    /// Not in the results of earlier versions.
    #[serde(default)]
    pub key_loans: KindCounts,
    #[serde(default)]
    pub move_in_inspections: KindCounts,
    /// Values set here that the files have overruled.
    pub conflicts: u64,
    /// Rows left out.
    pub bad_rows_total: u64,
}

impl fmt::Display for Imported {
    /// One line a kind, and one for conflicts if there are any. Key loans and inspections, of which many registers have none,
    /// have a line when the files brought or ended some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parties, properties, contracts, roles, key_loans, move_in_inspections, conflicts, .. } = self;
        let kinds = [
            ("parties", parties, "archived"),
            ("properties", properties, "ended"),
            ("contracts", contracts, "ended"),
            ("roles", roles, "ended"),
        ];
        let more = [("key loans", key_loans, "returned"), ("move-in inspections", move_in_inspections, "answered")];
        let more = more.into_iter().filter(|(_, counts, _)| **counts != KindCounts::default());
        for (kind, KindCounts { added, changed, unchanged, ended }, word) in kinds.into_iter().chain(more) {
            write!(f, "{kind}: {added} added, {changed} changed, {unchanged} unchanged")?;
            if *ended > 0 {
                write!(f, ", {ended} {word}")?;
            }
            writeln!(f)?;
        }
        if *conflicts > 0 {
            writeln!(f, "conflicts: {conflicts} values set here were overruled")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_and_conflicts_are_told_only_where_there_are_any() {
        let counts = KindCounts { added: 1, changed: 2, unchanged: 3, ended: 0 };
        let imported = Imported {
            parties: KindCounts { ended: 4, ..counts },
            properties: counts,
            contracts: counts,
            roles: counts,
            key_loans: KindCounts::default(),
            move_in_inspections: KindCounts::default(),
            conflicts: 0,
            bad_rows_total: 0,
        };
        let line = "1 added, 2 changed, 3 unchanged";
        let text = format!("parties: {line}, 4 archived\nproperties: {line}\ncontracts: {line}\nroles: {line}\n");
        assert_eq!(imported.to_string(), text);
        let loans = Imported { key_loans: KindCounts { ended: 1, ..counts }, ..imported };
        assert!(loans.to_string().ends_with(&format!("key loans: {line}, 1 returned\n")));
        let with_conflicts = Imported { conflicts: 2, ..imported };
        assert!(with_conflicts.to_string().ends_with("conflicts: 2 values set here were overruled\n"));
    }
}
