//! From a person found to the row of a mailing: by which channel, to which address, in which language, or why not
//! (RULES 3 to 6).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::content::{CompiledContent, MergeValues, RenderFault, TemplateFault, TemplateFields};
use crate::due::Reminders;
use crate::eligibility::{Channel, PartyFacts, Reason, exclusion};
use crate::mailing::addressing::{AddressedAs, ExtraAddress};
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
    /// None of an extra address.
    pub party_id: Option<PartyId>,
    /// Whose an extra address is, where that was written with it.
    pub name: Option<String>,
    pub addressed_as: AddressedAs,
    pub channel: Channel,
    pub address: Option<String>,
    /// The service language of the party, or the language of the extra address.
    pub language: String,
    /// Index of the content version it gets.
    pub version: Option<usize>,
    /// The values of the merge fields that this version uses.
    pub merge_values: MergeValues,
    /// Why it is left out.
    pub reason: Option<Reason>,
    /// The number, counted from 1, of the earlier row whose message it shares.
    pub shared_with: Option<i64>,
    /// Whether it is among those who get the one message of this version together: the group, or the copies of cc and bcc.
    pub together: bool,
}

/// Resolves recipients one by one, in the order they are given, and keeps count. Those of `to` come first, then those of cc,
/// then those of bcc.
pub struct Resolver {
    draft: Arc<MailingDraft>,
    content: CompiledContent,
    /// The values that are the same for all, of the fields that contents use.
    common: MergeValues,
    dedupe: Dedupe,
    first_rows: HashMap<(String, usize, Circle), i64>,
    rows: i64,
    lacking: BTreeMap<String, i64>,
    visible: BTreeMap<usize, i64>,
    reminders: Option<Reminders>,
}

/// Within what people who share an address get one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Circle {
    Everyone,
    /// A message has an address once, whatever was asked for.
    Together,
    /// Protected parties, where others share a message (RULES 6).
    Apart,
}

impl Resolver {
    /// A resolver for a draft that passes its check.
    ///
    /// # Errors
    /// [`TemplateFault`] when a template is not allowed, which the check would have said.
    pub fn new(draft: Arc<MailingDraft>) -> Result<Self, TemplateFault> {
        let content = CompiledContent::new(&draft.contents)?;
        Ok(Self {
            common: common_values(&draft).only(content.fields()),
            content,
            dedupe: draft.dedupe(),
            draft,
            first_rows: HashMap::new(),
            rows: 0,
            lacking: BTreeMap::new(),
            visible: BTreeMap::new(),
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

    /// How many addresses the header of each version's shared message shows.
    pub fn visible(&self) -> &BTreeMap<usize, i64> {
        &self.visible
    }

    /// The rows of one recipient: one under `fallback`, one a channel under `all`.
    pub fn resolve(&mut self, recipient: &Recipient, addressed_as: AddressedAs) -> Vec<ResolvedRow> {
        let draft = Arc::clone(&self.draft);
        let channels = &draft.delivery.channels;
        let usable = |channel: &&Channel| exclusion(**channel, draft.purpose, &recipient.facts).is_none();
        let chosen: Vec<Channel> = match draft.delivery.mode {
            Mode::All => channels.clone(),
            // Without a usable channel the first one says why.
            Mode::Fallback => channels.iter().find(usable).or_else(|| channels.first()).copied().into_iter().collect(),
        };
        let common = draft.shares_message(addressed_as);
        let mut values = match common {
            true => MergeValues::new(),
            false => recipient_values(recipient, Some(self.content.fields())),
        };
        values.extend(&self.common);
        // Who shares a message is reminded of nothing by it.
        let reminders = self.reminders.as_ref().filter(|_| !common);
        let due = reminders.map(|reminders| reminders.of(recipient.party_id, &recipient.language.language));
        let nothing_due = matches!(due, Some(None)).then_some(Reason::NothingDue);
        values.extend(&due.flatten().unwrap_or_default());
        let row = |channel: Channel| ResolvedRow {
            party_id: Some(recipient.party_id),
            name: None,
            addressed_as,
            channel,
            address: address(recipient, channel),
            language: recipient.language.language.clone(),
            version: None,
            merge_values: MergeValues::new(),
            reason: exclusion(channel, draft.purpose, &recipient.facts).or_else(|| nothing_due.clone()),
            shared_with: None,
            together: false,
        };
        let protected = recipient.facts.address_protected;
        chosen.into_iter().map(|channel| self.finished(row(channel), &values, protected)).collect()
    }

    /// The row of an extra address, given as it stands in an envelope. It has no values of a recipient.
    pub fn resolve_address(&mut self, extra: &ExtraAddress, address: &str, addressed_as: AddressedAs) -> ResolvedRow {
        let values = self.common.clone();
        let row = ResolvedRow {
            party_id: None,
            name: extra.name.clone(),
            addressed_as,
            channel: Channel::Email,
            address: Some(address.to_owned()),
            language: extra.language.clone(),
            version: None,
            merge_values: MergeValues::new(),
            reason: None,
            shared_with: None,
            together: false,
        };
        self.finished(row, &values, false)
    }

    fn finished(&mut self, mut row: ResolvedRow, values: &MergeValues, protected: bool) -> ResolvedRow {
        self.rows += 1;
        if row.reason.is_none() {
            row.reason = self.give_content(&mut row, values);
        }
        if row.reason.is_none() {
            self.address(&mut row, protected);
        }
        row
    }

    /// Gives a row its version and values, or tells why it gets none.
    fn give_content(&mut self, row: &mut ResolvedRow, values: &MergeValues) -> Option<Reason> {
        let draft = &self.draft;
        let fallback = draft.fallback_language.as_deref();
        let version =
            match choose_version(&draft.contents, row.channel, &row.language, &draft.missing_language, fallback) {
                Version::Index(index) => index,
                Version::Lacking => {
                    *self.lacking.entry(row.language.clone()).or_default() += 1;
                    return Some(Reason::NoLanguageVersion);
                }
            };
        row.version = Some(version);
        if let Some(fields) = self.content.fields_of(version) {
            row.merge_values = values.only(fields);
        }
        match self.content.verify(version, &row.merge_values) {
            Ok(()) => None,
            Err(RenderFault::MissingValue(field)) => Some(Reason::MissingValue(field)),
            Err(RenderFault::TooLarge | RenderFault::Other(_)) => Some(Reason::MissingValue("content".to_owned())),
        }
    }

    /// Decides which message a row is part of: one of its own, an earlier row's, or that of its version.
    fn address(&mut self, row: &mut ResolvedRow, protected: bool) {
        let (Some(address), Some(version)) = (&row.address, row.version) else { return };
        let shares = self.draft.shares_message(row.addressed_as);
        // Many mail servers take no message at all that has such an address in its header.
        row.together = shares && !protected && address.is_ascii();
        let circle = match self.dedupe {
            Dedupe::Address if shares && protected => Some(Circle::Apart),
            Dedupe::Address => Some(Circle::Everyone),
            Dedupe::None => row.together.then_some(Circle::Together),
        };
        if let Some(circle) = circle {
            let first = *self.first_rows.entry((address.clone(), version, circle)).or_insert(self.rows);
            row.shared_with = (first != self.rows).then_some(first);
            row.together &= row.shared_with.is_none();
        }
        if row.together && row.addressed_as.is_visible() {
            *self.visible.entry(version).or_default() += 1;
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

/// The values of the fields that tell of a recipient and of the property by which it was found: of all such fields, or of those
/// that contents use.
pub fn recipient_values(recipient: &Recipient, used: Option<&TemplateFields>) -> MergeValues {
    let mut values = MergeValues::new();
    let mut set = |name, value: Option<&str>| {
        if used.is_none_or(|fields| fields.contains(name)) {
            values.set(name, value);
        }
    };
    set("recipient.name", Some(&recipient.name));
    set("recipient.first_name", recipient.first_name.as_deref());
    set("recipient.last_name", recipient.last_name.as_deref());
    set("recipient.party_id", Some(&recipient.party_id.to_string()));
    set("recipient.email", recipient.email_address.as_deref());
    set("recipient.street", recipient.street.as_deref());
    set("recipient.postal_code", recipient.postal_code.as_deref());
    set("recipient.city", recipient.city.as_deref());
    set("recipient.language", Some(&recipient.language.language));
    if let Some(property) = &recipient.property {
        set("property.name", Some(&property.name));
        set("property.code", property.code.as_deref());
        set("property.kind", Some(&property.kind));
        set("property.street", property.street.as_deref());
        set("property.postal_code", property.postal_code.as_deref());
        set("property.city", property.city.as_deref());
    }
    values
}

fn common_values(draft: &MailingDraft) -> MergeValues {
    let mut values = MergeValues::new();
    values.set("mailing.name", Some(&draft.name));
    values.set("sender.name", draft.sender.name.as_deref());
    values.set("sender.address", draft.sender.address.as_deref());
    values
}

#[cfg(test)]
mod tests;
