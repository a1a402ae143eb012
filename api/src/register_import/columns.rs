//! The files of a register import and their columns, in the order in which they are documented and written.

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RegisterFile {
    Parties,
    Properties,
    Contracts,
    Roles,
    KeyLoans,
    MoveInInspections,
}

/// Columns of `parties.csv`.
pub const PARTY_COLUMNS: [&str; 19] = [
    "party_id",
    "kind",
    "name",
    "first_name",
    "last_name",
    "business_id",
    "language",
    "email",
    "email_marketing",
    "phone",
    "phone_marketing",
    "street",
    "postal_code",
    "city",
    "country",
    "address_protected",
    "deceased",
    "archived",
    "attributes",
];

/// Columns of `properties.csv`.
pub const PROPERTY_COLUMNS: [&str; 10] =
    ["property_id", "parent_id", "kind", "code", "name", "street", "postal_code", "city", "country", "attributes"];

/// Columns of `contracts.csv`.
pub const CONTRACT_COLUMNS: [&str; 9] = [
    "contract_id",
    "party_id",
    "property_id",
    "kind",
    "language",
    "valid_from",
    "valid_to",
    "points_enrolled",
    "points_enrolled_on",
];

/// Columns of `roles.csv`. `role_id` is the ERP's and may be empty.
pub const ROLE_COLUMNS: [&str; 7] =
    ["role_id", "party_id", "property_id", "role", "valid_from", "valid_to", "contract_id"];

/// Columns of `key_loans.csv`. `loan_id` is the ERP's.
pub const KEY_LOAN_COLUMNS: [&str; 8] =
    ["loan_id", "party_id", "property_id", "key_code", "description", "lent_at", "due_at", "returned_at"];

/// Columns of `move_in_inspections.csv`. `inspection_id` is the ERP's.
pub const MOVE_IN_INSPECTION_COLUMNS: [&str; 6] =
    ["inspection_id", "party_id", "property_id", "deadline", "answered_at", "link"];

impl RegisterFile {
    /// All of them, in the order in which they are read: what is referred to comes before what refers to it.
    pub const ALL: [Self; 6] =
        [Self::Parties, Self::Properties, Self::Contracts, Self::Roles, Self::KeyLoans, Self::MoveInInspections];

    /// What the files are called, for messages.
    pub const NAMES: &str =
        "parties.csv, properties.csv, contracts.csv, roles.csv, key_loans.csv, move_in_inspections.csv";

    /// The name of the file in the folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parties => "parties.csv",
            Self::Properties => "properties.csv",
            Self::Contracts => "contracts.csv",
            Self::Roles => "roles.csv",
            Self::KeyLoans => "key_loans.csv",
            Self::MoveInInspections => "move_in_inspections.csv",
        }
    }

    /// The columns its header must name, each once, in any order.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Parties => &PARTY_COLUMNS,
            Self::Properties => &PROPERTY_COLUMNS,
            Self::Contracts => &CONTRACT_COLUMNS,
            Self::Roles => &ROLE_COLUMNS,
            Self::KeyLoans => &KEY_LOAN_COLUMNS,
            Self::MoveInInspections => &MOVE_IN_INSPECTION_COLUMNS,
        }
    }
}
