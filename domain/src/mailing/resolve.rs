//! From a person found to the row of a mailing: by which channel, to which address, in which language, or why not
//! (RULES 3 to 6).

use std::collections::{BTreeMap, HashMap};

use crate::content::{CompiledContent, MergeValues, RenderFault, TemplateFault};
use crate::due::Reminders;
use crate::eligibility::{Channel, PartyFacts, Reason, exclusion};
use crate::mailing::draft::{Dedupe, MailingDraft, Mode};
use crate::mailing::language::{Version, choose_version};
use crate::register::{PartyId, Property};
use crate::service_language::ServiceLanguage;

/// A person found by the recipient query, with all that a mailing may need of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipient {
    pub party_id: PartyId,
    pub name: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The e-mail address as it goes into an envelope; none unless it is valid.
    pub email_address: Option<String>,
    /// The phone number in E.164; none unless it takes text messages.
    pub mobile_number: Option<String>,
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub facts: PartyFacts,
    pub language: ServiceLanguage,
    /// The property of the assignment by which the person was found, where contents use property fields.
    pub property: Option<Property>,
}

/// A row as it will be frozen.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedRow {
    pub party_id: PartyId,
    pub channel: Channel,
    pub address: Option<String>,
    /// The service language of the party.
    pub language: String,
    /// Index of the content version it gets.
    pub version: Option<usize>,
    /// The values of the merge fields that this version uses.
    pub merge_values: MergeValues,
    /// Why it is left out.
    pub reason: Option<Reason>,
    /// The number, counted from 1, of the earlier row whose message it shares.
    pub shared_with: Option<i64>,
}

/// Resolves recipients one by one, in the order they are given, and keeps count.
pub struct Resolver<'a> {
    draft: &'a MailingDraft,
    content: CompiledContent,
    dedupe: Dedupe,
    first_rows: HashMap<(String, usize), i64>,
    rows: i64,
    lacking: BTreeMap<String, i64>,
    reminders: Option<Reminders>,
}

impl<'a> Resolver<'a> {
    /// A resolver for a draft that passes its check.
    ///
    /// # Errors
    /// [`TemplateFault`] when a template is not allowed, which the check would have said.
    pub fn new(draft: &'a MailingDraft) -> Result<Self, TemplateFault> {
        Ok(Self {
            draft,
            content: CompiledContent::new(&draft.contents)?,
            dedupe: draft.dedupe(),
            first_rows: HashMap::new(),
            rows: 0,
            lacking: BTreeMap::new(),
            reminders: None,
        })
    }

    /// Reminds recipients of these rows, and leaves those out who have none ([`MailingDraft::about`]).
    #[must_use]
    pub fn reminding(self, reminders: Option<Reminders>) -> Self {
        Self { reminders, ..self }
    }

    /// The compiled contents.
    pub fn content(&self) -> &CompiledContent {
        &self.content
    }

    /// The languages of reachable people for whom there is no version, with how many they are.
    pub fn lacking_languages(&self) -> &BTreeMap<String, i64> {
        &self.lacking
    }

    /// The rows of one recipient: one under `fallback`, one a channel under `all`.
    pub fn resolve(&mut self, recipient: &Recipient) -> Vec<ResolvedRow> {
        let draft = self.draft;
        let channels = &draft.delivery.channels;
        let usable = |channel: &&Channel| exclusion(**channel, draft.purpose, &recipient.facts).is_none();
        let chosen: Vec<Channel> = match draft.delivery.mode {
            Mode::All => channels.clone(),
            // Without a usable channel the first one says why.
            Mode::Fallback => channels.iter().find(usable).or_else(|| channels.first()).copied().into_iter().collect(),
        };
        chosen.into_iter().map(|channel| self.row(recipient, channel)).collect()
    }

    fn row(&mut self, recipient: &Recipient, channel: Channel) -> ResolvedRow {
        self.rows += 1;
        let mut row = ResolvedRow {
            party_id: recipient.party_id,
            channel,
            address: address(recipient, channel),
            language: recipient.language.language.clone(),
            version: None,
            merge_values: MergeValues::new(),
            reason: exclusion(channel, self.draft.purpose, &recipient.facts),
            shared_with: None,
        };
        let reminder = self.reminders.as_ref().map(|reminders| reminders.of(recipient.party_id, &row.language));
        match reminder {
            _ if row.reason.is_some() => {}
            Some(None) => row.reason = Some(Reason::NothingDue),
            Some(Some(due)) => self.give_content(recipient, &mut row, &due),
            None => self.give_content(recipient, &mut row, &MergeValues::new()),
        }
        row
    }

    fn give_content(&mut self, recipient: &Recipient, row: &mut ResolvedRow, due: &MergeValues) {
        let draft = self.draft;
        let fallback = draft.fallback_language.as_deref();
        let version =
            match choose_version(&draft.contents, row.channel, &row.language, &draft.missing_language, fallback) {
                Version::Index(index) => index,
                Version::Lacking => {
                    *self.lacking.entry(row.language.clone()).or_default() += 1;
                    row.reason = Some(Reason::NoLanguageVersion);
                    return;
                }
            };
        row.version = Some(version);
        let mut values = merge_values(draft, recipient);
        values.extend(due);
        if let Some(fields) = self.content.fields_of(version) {
            row.merge_values = values.only(fields);
        }
        match self.content.verify(version, &row.merge_values) {
            Ok(()) => {}
            Err(RenderFault::MissingValue(field)) => {
                row.reason = Some(Reason::MissingValue(field));
                return;
            }
            Err(RenderFault::TooLarge | RenderFault::Other(_)) => {
                row.reason = Some(Reason::MissingValue("content".to_owned()));
                return;
            }
        }
        if self.dedupe == Dedupe::Address
            && let Some(address) = &row.address
        {
            let number = self.rows;
            let first = *self.first_rows.entry((address.clone(), version)).or_insert(number);
            row.shared_with = (first != number).then_some(first);
        }
    }
}

fn address(recipient: &Recipient, channel: Channel) -> Option<String> {
    match channel {
        Channel::Email => recipient.email_address.clone(),
        Channel::Sms => recipient.mobile_number.clone(),
        Channel::Letter | Channel::Internetviesti => None,
    }
}

/// The values of the fields that tell of a recipient and of the property by which it was found.
pub fn recipient_values(recipient: &Recipient) -> MergeValues {
    let mut values = MergeValues::new();
    values.set("recipient.name", Some(&recipient.name));
    values.set("recipient.first_name", recipient.first_name.as_deref());
    values.set("recipient.last_name", recipient.last_name.as_deref());
    values.set("recipient.party_id", Some(&recipient.party_id.to_string()));
    values.set("recipient.email", recipient.email_address.as_deref());
    values.set("recipient.street", recipient.street.as_deref());
    values.set("recipient.postal_code", recipient.postal_code.as_deref());
    values.set("recipient.city", recipient.city.as_deref());
    values.set("recipient.language", Some(&recipient.language.language));
    if let Some(property) = &recipient.property {
        values.set("property.name", Some(&property.name));
        values.set("property.code", property.code.as_deref());
        values.set("property.kind", Some(&property.kind));
        values.set("property.street", property.street.as_deref());
        values.set("property.postal_code", property.postal_code.as_deref());
        values.set("property.city", property.city.as_deref());
    }
    values
}

fn merge_values(draft: &MailingDraft, recipient: &Recipient) -> MergeValues {
    let mut values = recipient_values(recipient);
    values.set("mailing.name", Some(&draft.name));
    values.set("sender.name", draft.sender.name.as_deref());
    values.set("sender.address", draft.sender.address.as_deref());
    values
}
