//! The scopes. Each has a marker type, by which a handler says what it needs.

/// A scope as a type.
pub trait Permission: 'static {
    /// The word in the claim `scope`.
    const SCOPE: &'static str;
}

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $marker:ident => $scope:literal;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy)]
            pub struct $marker;

            impl Permission for $marker {
                const SCOPE: &'static str = $scope;
            }
        )+

        /// Every scope and what it allows, `admin` apart.
        pub const ALL: &[(&str, &str)] = &[$(($scope, concat!($($doc),+))),+];
    };
}

permissions! {
    /// Create and edit mailings, and preview them.
    MailingsWrite => "mailings:write";
    /// Read mailings, their deliveries and their progress.
    MailingsRead => "mailings:read";
    /// Send mailings.
    MailingsSend => "mailings:send";
    /// Add, edit and delete templates and their folders. Who may read mailings may read templates.
    TemplatesWrite => "templates:write";
    /// Read parties, properties, roles, contracts, key loans and move-in inspections.
    RegisterRead => "register:read";
    /// Change the register: what `register:read` reads, one by one and by import.
    RegisterWrite => "register:write";
    /// Search recipients.
    RecipientsSearch => "recipients:search";
    /// Read saved queries, contact lists with who is on them, and projects.
    ListsRead => "lists:read";
    /// Create, edit and delete saved queries, contact lists and projects.
    ListsWrite => "lists:write";
    /// Read the messages that portals show, and their list in the tool.
    InternetviestitRead => "internetviestit:read";
    /// Add, edit and withdraw messages that portals show.
    InternetviestitWrite => "internetviestit:write";
    /// Mint short-lived tokens for residents.
    TokensMint => "tokens:mint";
    /// Read the metrics.
    MetricsRead => "metrics:read";
    /// Read contacts.
    ContactsRead => "contacts:read";
    /// See the addresses and phones of protected parties; each disclosure is audited.
    PartiesProtected => "parties:protected";
}

/// Whether there is such a scope.
pub fn is_known(scope: &str) -> bool {
    scope == "admin" || ALL.iter().any(|(known, _)| *known == scope)
}
